"""Bytes → text: whatever the server, the declaration and the author each believed."""

from __future__ import annotations

import codecs

import pytest

from feed2book.feed.decode import decode
from feed2book.models import Response

RUSSIAN = "Заметки о погоде и о том, как сохнет бельё на балконе в ноябре"


def _response(body: bytes, content_type: str = "") -> Response:
    headers = (("content-type", content_type),) if content_type else ()
    return Response(url="https://example.org/feed", status=200, headers=headers, body=body)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_decides(mark: bytes, encoding: str) -> None:
    body = mark + f"<rss>{RUSSIAN}</rss>".encode(encoding)
    assert decode(_response(body, "text/xml; charset=iso-8859-1")) == f"<rss>{RUSSIAN}</rss>"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_without_a_mark(encoding: str) -> None:
    assert decode(_response(f"<?xml?>{RUSSIAN}".encode(encoding))) == f"<?xml?>{RUSSIAN}"


def test_utf8_wins_over_a_wrong_header_and_a_wrong_declaration() -> None:
    text = f'<?xml version="1.0" encoding="windows-1251"?><rss>{RUSSIAN}</rss>'
    assert decode(_response(text.encode(), "text/xml; charset=iso-8859-1")) == text


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r"])
def test_the_declaration_is_believed_when_it_is_not_utf8(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><rss>{RUSSIAN}</rss>'
    assert decode(_response(text.encode(encoding))) == text


def test_the_header_comes_before_the_declaration() -> None:
    text = f'<?xml version="1.0" encoding="koi8-r"?><rss>{RUSSIAN}</rss>'
    assert decode(_response(text.encode("windows-1251"), "text/xml; charset=windows-1251")) == text


def test_japanese_with_escape_sequences_is_not_taken_for_ascii() -> None:
    text = '<?xml version="1.0" encoding="iso-2022-jp"?><rss>夜の散歩と猫</rss>'
    assert decode(_response(text.encode("iso-2022-jp"))) == text


def test_undeclared_cyrillic_is_guessed() -> None:
    text = f"<rss>{RUSSIAN}. {RUSSIAN}. {RUSSIAN}.</rss>"
    assert decode(_response(text.encode("windows-1251"))) == text


def test_a_few_stray_windows_bytes_do_not_spoil_a_utf8_feed() -> None:
    body = ("é" * 200).encode() + b"\x93quoted\x94" + ("é" * 200).encode()
    assert decode(_response(body)) == "é" * 200 + "“quoted”" + "é" * 200


def test_a_feed_cut_off_in_the_middle_of_a_character_is_read() -> None:
    body = f"<rss>{RUSSIAN}".encode()[:-1]
    assert decode(_response(body)).startswith(f"<rss>{RUSSIAN[:-1]}")


@pytest.mark.parametrize("name", ["unknown-8bit", "x\x00y", "a" * 39, "hex"])
def test_an_encoding_that_does_not_exist_stops_nothing(name: str) -> None:
    body = f'<?xml version="1.0" encoding="{name}"?><rss>caf\xe9</rss>'.encode("latin-1")
    assert "caf" in decode(_response(body))
