"""The cover of a finished EPUB of ours, and a small picture of it."""

from __future__ import annotations

import io
import zipfile

from feed2book.models import Blob

_COVER = "EPUB/images/cover.jpg"
_LARGEST = 20_000_000  # bytes; a cover of ours has a hundredth of it
_BOX = (300, 480)  # pixels; twice of what lists show
_QUALITY = 80


def cover_of(book: Blob) -> bytes | None:
    """Return the cover (JPEG) of an EPUB, None if it has none or is no EPUB."""
    try:
        with book.open() as stream, zipfile.ZipFile(stream) as archive, archive.open(_COVER) as cover:
            return cover.read(_LARGEST)
    except (zipfile.BadZipFile, KeyError):
        return None


def thumbnail_of(cover: bytes) -> bytes:
    """Return the cover (JPEG) as small as lists show it."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(cover), formats=["JPEG"]) as image:
        image.thumbnail(_BOX, reducing_gap=2.0)
        image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG in pixels."""
    from PIL import Image

    with Image.open(io.BytesIO(picture), formats=["JPEG"]) as image:
        return image.size
