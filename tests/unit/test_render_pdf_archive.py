"""Grey pages, files for archives, and the fonts that a book misses."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from factories import full_book, img, make_article, make_book, make_part, picture
from PIL import Image
from runner import verdict

from feed2book.models import Artifact, Blob, Book, Notice, RenderOptions
from feed2book.render.pdf import render_pdf
from feed2book.render.pdf.glyphs import missing_fonts

GRADIENT = "blockquote { background: linear-gradient(#F00, #00F) }"


@cache
def colourful() -> Book:
    """A book with a coloured cover, coloured pictures of two kinds, and emoji."""
    image = Image.new("RGB", (40, 60), (200, 30, 60))
    stream = io.BytesIO()
    image.save(stream, "JPEG")
    cover = replace(picture("JPEG"), blob=Blob(stream.getvalue()), width=40, height=60)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    asset = replace(picture(), id="img-red", blob=Blob(stream.getvalue()), width=40, height=60)
    text = '<p><a href="https://a.example/">A link</a> 🎉</p><blockquote><p>Quote.</p></blockquote>'
    text += f"<figure>{img(asset, 'red')}</figure>"
    book = make_book((make_part("Notes", make_article("Colours", text)),), assets=(asset,))
    return replace(book, cover=cover)


@cache
def printed(grayscale: bool, archive: str = "") -> Artifact:
    return render_pdf(colourful(), RenderOptions(grayscale=grayscale, archive=archive, css=GRADIENT))


def colours(data: bytes) -> Iterator[str]:
    """Yield what in a PDF has a colour: operators, spaces of pictures, groups and gradients."""
    pdf = pikepdf.open(io.BytesIO(data))
    for one in pdf.objects:
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream) and one.get("/ColorSpace") == "/DeviceRGB":
            yield "space"
        if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Form":
            yield from _painted(one)
    for page in pdf.pages:
        yield from _painted(page)


def _painted(content: Any) -> Iterator[str]:
    for step in pikepdf.parse_content_stream(content):
        shown = [float(one) for one in step.operands] if str(step.operator) in {"rg", "RG"} else []
        if len(set(shown)) > 1:
            yield "text or rules"


def test_a_book_has_colours_unless_told_otherwise() -> None:
    assert set(colours(printed(False).data)) == {"space", "text or rules"}
    assert list(colours(printed(True).data)) == []


def test_grey_pictures_are_pictures() -> None:
    pdf = pikepdf.open(io.BytesIO(printed(True).data))
    images = [
        one for one in pdf.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image"
    ]
    shown = [pikepdf.PdfImage(one).as_pil_image() for one in images]
    assert len(shown) >= 2
    luma = 0.299 * 200 + 0.587 * 30 + 0.114 * 60
    reds = [image for image in shown if image.size == (40, 60)]
    assert len(reds) == 2
    for image in reds:
        level = image.convert("L").getpixel((20, 30))
        assert isinstance(level, int)
        assert level == pytest.approx(luma, abs=3)


@pytest.mark.parametrize("archive", ["2a", "3a"])
def test_a_file_for_archives_makes_both_claims(archive: str) -> None:
    pdf = pikepdf.open(io.BytesIO(printed(False, archive).data))
    with pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == archive[0]
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["pdfuaid:part"] == "1"
    assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
    blurred = [one for one in pdf.objects if isinstance(one, pikepdf.Stream) and one.get("/Interpolate")]
    assert blurred == []


@pytest.mark.validators
@pytest.mark.parametrize(
    "options", [{}, {"grayscale": True}, {"layout": "newspaper", "page": "a4"}, {"two_sided": True}]
)
def test_validators(validators: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    paths = []
    for number, book in enumerate((full_book(), colourful())):
        paths.append(tmp_path / f"{number}.pdf")
        paths[-1].write_bytes(render_pdf(book, RenderOptions(archive="2a", **options)).data)
    for flavour in ("2a", "ua1"):
        code, said = verdict(validators / "bin" / "verapdf", flavour, *paths)
        assert code == 0, said


@pytest.mark.parametrize(
    ("characters", "told"),
    [
        (
            "\u05d0\u05d1",
            "Hebrew (U+05D0 U+05D1), shown as boxes; install Noto Sans (Debian: fonts-noto-core)",
        ),
        ("\u4e00", "Chinese, Japanese or Korean (U+4E00), shown as boxes; install Noto Sans CJK"),
        ("\uac00", "install Noto Sans CJK (Debian: fonts-noto-cjk)"),
        ("\U0001f389", "emoji (U+1F389), shown as boxes; install Noto Color Emoji"),
        ("\u2a75", "symbols (U+2A75)"),
        ("\ue000", "private or unassigned characters (U+E000), shown as boxes"),
        ("\u0e01\u0e02\u0e03\u0e04\u0e05\u0e06", "Thai (U+0E01 U+0E02 U+0E03 U+0E04 U+0E05 …)"),
    ],
)
def test_a_missing_font_is_named(characters: str, told: str) -> None:
    (notice,) = missing_fonts(characters, "Notes")
    assert notice.code == "font-missing"
    assert told in notice.message
    assert "install" in notice.message or "private" in notice.message


def test_each_missing_font_is_told_once() -> None:
    assert len(missing_fonts("\u05d0\u05d1\u4e00\u3042", "Notes")) == 2
    assert missing_fonts("", "Notes") == ()


def test_a_book_tells_of_its_missing_fonts() -> None:
    book = make_book((make_part("Notes", make_article("One", "<p>a \U0010fff0 b</p>")),))
    said: list[Notice] = []
    render_pdf(book, RenderOptions(), tell=said.append)
    assert "U+10FFF0" in said[0].message
    assert len(said) == 1
    render_pdf(colourful(), RenderOptions(), tell=said.append)
    assert len(said) == 1
