"""The table of devices: whole, and within what each of them takes."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from factories import full_book, make_article, make_book, make_part
from lxml import etree

from feed2book import config
from feed2book.devices import DEVICES
from feed2book.errors import UsageError
from feed2book.models import Book, Device, Formula, Node, RenderOptions, token
from feed2book.render.epub import render_epub

XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.mark.parametrize("device", DEVICES.values(), ids=lambda device: device.name)
def test_each_row_is_sane(device: Device) -> None:
    assert {"image/jpeg", "image/png"} <= set(device.formats)
    assert min(device.box) >= 900
    assert device.cover[0] >= 625 and device.cover[1] >= 1000  # noqa: PT018 (the least that stores take)
    assert device.levels >= 2
    assert 100_000 <= device.chapter_bytes <= 10_000_000
    assert device.book_bytes is None or device.book_bytes > 20 * device.chapter_bytes


def test_the_first_row_is_what_nothing_said_means() -> None:
    assert next(iter(DEVICES.values())) == Device()


def test_a_name_is_found_in_any_case() -> None:
    assert config.device(" Kindle ") is DEVICES["kindle"]


def test_an_unknown_name_is_told_with_those_that_exist() -> None:
    with pytest.raises(UsageError, match=r"kindle-paperwhite.*kobo"):
        config.device("nook")


def test_only_kobo_wants_another_ending() -> None:
    assert [name for name, device in DEVICES.items() if device.ending != ".epub"] == ["kobo"]


def made(book: Book, device: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(render_epub(book, RenderOptions(device=DEVICES[device])).data))


def depth(element: etree._Element, name: str) -> int:
    """Return how deep elements of that name stand in one another."""
    below = (depth(child, name) for child in element)
    return max(below, default=0) + (element.tag == name)


@pytest.mark.parametrize("device", sorted(DEVICES))
@pytest.mark.parametrize("parts", [1, 2])
def test_contents_are_no_deeper_than_the_device_shows(device: str, parts: int) -> None:
    book = full_book()
    if parts == 1:  # then its posts stand at the top
        book = replace(book, parts=book.parts[:1], contents=book.contents[0].children)
    archive = made(book, device)
    nav, ncx = (etree.fromstring(archive.read(f"EPUB/{name}")) for name in ("nav.xhtml", "toc.ncx"))
    whole = max(map(levels, book.contents))
    assert whole > 2
    expected = min(whole, DEVICES[device].levels)
    assert depth(nav, f"{XHTML}ol") == expected
    assert depth(ncx, "{http://www.daisy.org/z3986/2005/ncx/}navPoint") == expected


def levels(node: Node) -> int:
    return 1 + max(map(levels, node.children), default=0)


MATHML = (
    '<math xmlns="http://www.w3.org/1998/Math/MathML" alttext="{}"><msup><mi>x</mi><mn>2</mn></msup></math>'
)


def test_formulas_are_pictures_where_there_is_no_mathml() -> None:
    formula = Formula("x^2", MATHML, "x²")
    post = replace(make_article("Sum", f"<p>So {token('formula', '0')}.</p>"), formulas=(formula,))
    book = make_book((make_part("Feed", post),))
    archive = made(book, "kindle")
    chapter = etree.fromstring(archive.read(f"EPUB/{post.key}.xhtml"))
    [shown] = chapter.iter(f"{XHTML}img")
    assert shown.get("alt") == "x²"
    assert b"<math" not in etree.tostring(chapter)
    from PIL import Image

    with Image.open(io.BytesIO(archive.read(f"EPUB/{shown.get('src')}"))) as picture:
        # opaque, so that it shows in the dark
        assert picture.convert("RGBA").getchannel("A").getextrema() == (
            255,
            255,
        )
        assert picture.height > 30
    assert f'href="{shown.get("src")}"'.encode() in archive.read("EPUB/content.opf")
    assert b"<math" in made(book, "generic").read(f"EPUB/{post.key}.xhtml")


def test_the_table_in_the_docs_is_that_of_the_program() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "using.md").read_text(encoding="utf-8")
    rows = [row.strip("| ").split(" | ") for row in text.splitlines() if row.startswith("| `")]
    shown = {cells[0].strip("`"): cells[1:] for cells in rows if cells[0].strip("`") in DEVICES}
    assert list(shown) == list(DEVICES)
    for name, (label, box, kinds, formulas, deep, chapter, size, paper) in shown.items():
        device = DEVICES[name]
        assert label == device.label
        assert box == "{}×{}".format(*device.box) + (", gray" if device.gray else "")
        assert ("GIF" in kinds) is ("image/gif" in device.formats)
        assert (formulas == "MathML") is device.mathml
        assert deep == (str(device.levels) if device.levels < 7 else "all") + (
            ", as one list" if device.flat else ""
        )
        assert chapter == f"{device.chapter_bytes // 1000:,} kB"
        assert size == (f"{device.book_bytes // 1_000_000:,} MB" if device.book_bytes else "any")
        assert paper == f"`{device.paper}`"
