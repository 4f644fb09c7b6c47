"""Bytes → text, whatever the server, the XML declaration and the author each believed."""

from __future__ import annotations

import codecs
import re
from email.message import Message

from feed2book.models import Response

# UTF-32 first: its little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<" (and "<?") without a mark, XML 1.0 appendix F.
_STARTS = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"Lo\xa7\x94", "cp037"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{2,40})["']""")
# Subsets that publishers name when they mean the superset (WHATWG Encoding Standard).
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
}


def decode(response: Response) -> str:
    """Return the text of a feed or page; bytes that fit nowhere never stop it.

    Order: byte-order mark; the pattern of the first bytes; UTF-8 if every byte agrees (no other
    encoding passes that test by accident); the ``charset`` of the header; the XML declaration;
    statistics (chardet). RFC 7303 would ask the header first, and servers' defaults are often wrong.
    """
    body = response.body
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    for start, name in _STARTS:
        if body.startswith(start):
            return body.decode(name, "replace")
    declared = [_charset(response), _declaration(body)]
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_odd(body, declared)
    # Seven-bit encodings with escapes (ISO-2022-JP) are valid UTF-8 too.
    if "\x1b$" in text and any(name.startswith("iso-2022") for name in declared):
        return _strict(body, declared) or text
    return text


def _decode_odd(body: bytes, declared: list[str]) -> str:
    if _mostly_utf8(body):
        return body.decode("utf-8", "feed2book_mixed")
    named = [name for name in declared if name not in ("", "utf-8", "utf8")]
    return _strict(body, named) or _guess(body)


def _mostly_utf8(body: bytes) -> bool:
    """Whether nine of ten bytes outside ASCII belong to valid UTF-8 sequences."""
    high = sum(byte > 0x7F for byte in body)
    bad = body.decode("utf-8", "replace").count("\ufffd")
    return bad * 10 < high


def _guess(body: bytes) -> str:
    import chardet

    found = chardet.detect(body[:200_000]).get("encoding") or "cp1252"
    return _strict(body, [found]) or body.decode("cp1252", "replace")


def _strict(body: bytes, names: list[str]) -> str | None:
    for name in names:
        try:
            return body.decode(_SUPERSETS.get(name, name))
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return None


def _charset(response: Response) -> str:
    message = Message()
    message["content-type"] = response.header("content-type")
    return str(message.get_content_charset("")).lower()


def _declaration(body: bytes) -> str:
    match = _DECLARED.match(body[:400])
    return match[1].decode("ascii").lower() if match else ""


def _mixed(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are not UTF-8 as Windows-1252, as they most often are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("feed2book_mixed", _mixed)
