"""Faces for an EPUB, on request: Source Serif and Source Sans (OFL), cut to the letters of the book."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.resources import files
from io import BytesIO

# File in the book → package and file of the face; templates/css/epub-fonts.css says where each is used.
_FACES = {
    "fonts/serif.ttf": ("font_source_serif_pro", "SourceSerifPro-Regular.ttf"),
    "fonts/serif-italic.ttf": ("font_source_serif_pro", "SourceSerifPro-It.ttf"),
    "fonts/serif-bold.ttf": ("font_source_serif_pro", "SourceSerifPro-Semibold.ttf"),
    "fonts/serif-bold-italic.ttf": ("font_source_serif_pro", "SourceSerifPro-SemiboldIt.ttf"),
    "fonts/sans.ttf": ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    "fonts/sans-bold.ttf": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
}


def embedded(texts: Iterable[str]) -> dict[str, bytes]:
    """Return the faces as TrueType, each with the characters of the texts that it has.

    Args:
        texts: the documents of the book.

    Returns:
        File name in the package → font; the same bytes for the same characters.
    """
    from html import unescape

    wanted = {ord(char) for text in texts for char in set(unescape(text))} | set(range(0x20, 0x7F))
    return {name: _subset(*face, wanted) for name, face in _FACES.items()}


def _subset(package: str, file: str, wanted: set[int]) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(name_IDs=["*"], notdef_outline=True, hinting=False)
    data = (files(import_module(package)) / "files" / file).read_bytes()
    font = TTFont(BytesIO(data), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    out = BytesIO()
    font.save(out)
    return out.getvalue()
