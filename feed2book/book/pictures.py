"""Fetched bytes → an :class:`~feed2book.models.Asset` that every e-reader, printer and mail program shows."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feed2book.book.metadata import without_metadata
from feed2book.book.svg import rasterise, svg_in
from feed2book.errors import Feed2BookError
from feed2book.models import Asset, Blob, Device

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PIXELS = 50_000_000  # a larger picture is a decompression bomb, or a poster
_QUALITY = 85  # JPEG
_KEPT = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}
_READ = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "ICO")
_GRAY = ("1", "L", "LA")
_ORIENTATION = 0x0112  # EXIF tag
_HEIF = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_PAGE = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Missing:
    """A picture that the book goes without, and why. A ``silent`` one (a tracking pixel) leaves nothing."""

    reason: str
    silent: bool = False


def make_asset(data: bytes, source: str = "", device: Device = Device()) -> Asset | Missing:  # noqa: B008 (frozen)
    """Make a picture ready to embed.

    JPEG, PNG and GIF of a sane size lose their metadata and keep every pixel, if the device shows them. All
    others, WebP, AVIF, BMP, TIFF, ICO and SVG too, become PNG (with transparency, or few colours) or JPEG,
    because many e-readers show no other; a picture that moves keeps its first frame then. Pictures larger
    than the device's box shrink into it; a turned photograph is turned upright; colours turn gray where the
    device has none.

    Args:
        data: the file, of whatever kind (told by its content, never by its name or header).
        source: where it came from.
        device: what the picture will be seen on.

    Returns:
        The asset, or a :class:`Missing` with the reason. Never raises on bad pictures.
    """
    try:
        if drawing := svg_in(data):
            drawn = rasterise(drawing)
            made = _open_and_make(drawn.png, source, device)
            return replace(made, scale=drawn.scale * made.width / drawn.width)
        return _open_and_make(data, source, device)
    except _RefusedError as refused:
        return refused.missing
    except Feed2BookError as error:
        return Missing(error.message)
    # Pillow's decoders raise almost anything on damaged input (struct.error, IndexError, SyntaxError …).
    except Exception as error:  # noqa: BLE001
        return Missing(_told(data) or f"not a picture that can be read ({type(error).__name__})")


def _told(data: bytes) -> str:
    """Name what was sent in the place of a picture, where its first bytes say so."""
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        return "a HEIC picture, which e-readers and printers cannot show"
    return "a web page, not a picture" if _PAGE.match(data[:1000]) else ""


class _RefusedError(Exception):
    def __init__(self, reason: str, *, silent: bool = False) -> None:
        super().__init__(reason)
        self.missing = Missing(reason, silent)


def _open_and_make(data: bytes, source: str, device: Device) -> Asset:
    import warnings

    from PIL import Image, ImageFile

    # WeasyPrint turns this on for the whole process when it is imported.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata; our own limits are stricter
        with Image.open(io.BytesIO(data), formats=_READ) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise _RefusedError(f"too large to decode safely ({width}×{height} pixels)")
            if width <= 2 and height <= 2:
                raise _RefusedError("a tracking pixel", silent=True)
            media_type = _KEPT.get(str(picture.format), "")
            # Asking a PNG for its EXIF decodes it; no camera turns a PNG.
            upright = picture.format == "PNG" or picture.getexif().get(_ORIENTATION, 1) == 1
            fits = width <= device.box[0] and height <= device.box[1]
            shown = media_type in device.formats and not (device.gray and picture.mode not in _GRAY)
            bare = without_metadata(data) if shown and upright and fits else None
            if bare is not None and picture.mode != "CMYK":
                _verify(picture)
                return _asset(bare, media_type, width, height, source)
            return _convert(picture, source, device)


def _verify(picture: Picture) -> None:
    """Read the picture through, so that a damaged one is found here and not on the reader's screen."""
    if picture.format == "PNG":
        picture.verify()
    else:
        # An eighth of the size costs a fraction of the decoding and still reads every byte.
        picture.draft(None, (picture.width // 8, picture.height // 8))
        picture.load()


def _convert(picture: Picture, source: str, device: Device) -> Asset:
    from PIL import ImageOps

    few_colours = picture.mode in ("1", "P") or picture.format in ("ICO", "BMP")
    upright = _in_eight_bits(ImageOps.exif_transpose(picture))
    has_alpha = upright.has_transparency_data and _shows_through(upright)
    colours = "L" if device.gray else "RGB"
    image = upright.convert("RGBA" if has_alpha else colours)
    if has_alpha and device.gray:
        image = image.convert("LA")
    image.thumbnail(device.box, reducing_gap=2.0)
    out = io.BytesIO()
    # Colours keep their meaning (a profile of CMYK has none in RGB); nothing else that the file said stays.
    coloured = picture.mode in ("RGB", "RGBA") and not device.gray
    profile = image.info.get("icc_profile") if coloured else None
    image.info.clear()
    if has_alpha or few_colours:
        image.save(out, "PNG", optimize=False, icc_profile=profile)
        return _asset(out.getvalue(), "image/png", *image.size, source)
    image.save(out, "JPEG", quality=_QUALITY, icc_profile=profile)
    return _asset(out.getvalue(), "image/jpeg", *image.size, source)


def _in_eight_bits(picture: Picture) -> Picture:
    """Return a picture of finer shades (16 bits of scanners, numbers of scientists) in 256 of them."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    if picture.mode.startswith("I;16"):
        lowest, highest = 0.0, 65535.0
    else:
        low, high = picture.getextrema()
        lowest, highest = float(low), float(high)  # type: ignore[arg-type]  # of one channel: numbers
    scale = 255 / ((highest - lowest) or 1)
    return picture.point(lambda shade: shade * scale - lowest * scale).convert("L")


def _shows_through(picture: Picture) -> bool:
    """Whether any pixel is really transparent: many PNG and WebP carry an alpha channel for nothing."""
    lowest, _ = picture.convert("RGBA").getchannel("A").getextrema()
    return bool(lowest < 255)  # type: ignore[operator]  # of one channel it is a number


def _asset(data: bytes, media_type: str, width: int, height: int, source: str) -> Asset:
    name = "img-" + hashlib.sha256(data).hexdigest()[:16]
    return Asset(id=name, media_type=media_type, blob=Blob(data), width=width, height=height, source=source)
