"""The pictures of a message, small enough for it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from feed2book.models import Asset, Blob

WIDEST = 536
"""The column's 600 pixels less its margins, in CSS pixels."""

_HEAD = 400  # bytes of a part beside its content
_FINE, _COARSE = (2 * WIDEST, 85), (WIDEST, 60)  # pixels, and quality of JPEG


def fit_images(images: Sequence[Asset], limit: int) -> tuple[Asset, ...]:
    """Return the pictures as they go along, and not those for which there is no room.

    All are as wide as a sharp screen shows them, at most. Where that is too much, the largest become coarser,
    one by one, until they fit; after that the largest go.

    Args:
        images: all that the HTML shows.
        limit: bytes that they may take in the message, encoded.
    """
    kept = [_scaled(image, *_FINE) if image.width > _FINE[0] else image for image in images]
    total = sum(map(encoded_size, kept))
    for at in _largest(kept):
        if total <= limit:
            return tuple(kept)
        total -= encoded_size(kept[at])
        kept[at] = _scaled(kept[at], *_COARSE, flat=True)
        total += encoded_size(kept[at])
    dropped = set()
    for at in _largest(kept):
        if total <= limit:
            break
        total -= encoded_size(kept[at])
        dropped.add(at)
    return tuple(image for at, image in enumerate(kept) if at not in dropped)


def encoded_size(image: Asset) -> int:
    """Return how many bytes a picture takes in a message: base64 in lines of 76, and its head."""
    return in_base64(image.blob.size) + _HEAD


def in_base64(size: int) -> int:
    """Return how many bytes so many become in a message."""
    encoded = 4 * -(-size // 3)
    return encoded + 2 * -(-encoded // 76)


def _largest(images: Sequence[Asset]) -> list[int]:
    return sorted(range(len(images)), key=lambda at: (-images[at].blob.size, at))


def _scaled(asset: Asset, widest: int, quality: int, *, flat: bool = False) -> Asset:
    """Return the picture no wider than that, if it becomes smaller.

    A ``flat`` one becomes a JPEG unless one can see through it, and stops moving.
    """
    from PIL import Image

    with Image.open(io.BytesIO(asset.data), formats=["JPEG", "PNG", "GIF"]) as picture:
        if getattr(picture, "is_animated", False) and not flat:
            return asset
        clear = picture.has_transparency_data
        photo = picture.format == "JPEG" or (flat and not clear)
        image = picture.convert("RGBA" if clear else "L" if picture.mode == "L" else "RGB")
        image.thumbnail((widest, image.height), reducing_gap=2.0)
        out = io.BytesIO()
        image.info.clear()
        if photo:
            image.save(out, "JPEG", quality=quality)
        else:
            image.save(out, "PNG")
    if len(out.getvalue()) >= asset.blob.size:
        return asset
    kind = "image/jpeg" if photo else "image/png"
    width, height = image.size
    return replace(asset, media_type=kind, blob=Blob(out.getvalue()), width=width, height=height)
