"""The cover of a finished EPUB of ours, and a small picture of it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

_COVER = "EPUB/images/cover.jpg"
_LARGEST = 20_000_000  # bytes; a cover of ours has a hundredth of it
_BOX = (300, 480)  # pixels; twice of what lists show
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small JPEG; ``width`` and ``height`` are in pixels."""

    data: bytes
    width: int
    height: int


def cover_of(book: Path) -> bytes | None:
    """Return the cover (JPEG) of an EPUB, None if it has none or is no EPUB."""
    try:
        with zipfile.ZipFile(book) as archive, archive.open(_COVER) as cover:
            data = cover.read(_LARGEST)
    except (zipfile.BadZipFile, KeyError):
        return None
    return data


def thumbnail_of(cover: bytes) -> Thumbnail:
    """Return the cover as small as lists show it."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(cover), formats=["JPEG"]) as image:
        image.thumbnail(_BOX, reducing_gap=2.0)
        image.save(out, "JPEG", quality=_QUALITY)
        return Thumbnail(out.getvalue(), *image.size)
