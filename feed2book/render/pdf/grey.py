"""Turns all that a PDF draws to grey: colours of text and rules, gradients, pictures, emoji."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pydyf

_COLOUR = re.compile(rb"([0-9.]+) ([0-9.]+) ([0-9.]+) (rg|RG)")
_OPERATOR = {b"rg": b"g", b"RG": b"G"}
_QUALITY = 85
_PNG = b"\x89PNG\r\n\x1a\n"


def to_grey(pdf: Any) -> None:
    """Turn a ``pydyf.PDF`` that is drawn and not yet written to grey, in place."""
    for one in pdf.objects:
        if not isinstance(one, pydyf.Stream):
            _shade(one)
        elif one.extra.get("Subtype") == "/Image":
            _picture(one)
        else:
            one.stream = [_operator(item) for item in one.stream]
            _shade(one.extra)


def _operator(item: Any) -> Any:
    match = _COLOUR.fullmatch(item) if isinstance(item, bytes) else None
    return b"%g %b" % (_luma(map(float, match.groups()[:3])), _OPERATOR[match[4]]) if match else item


def _luma(colour: Any) -> float:
    """Return how light a colour looks (ITU-R BT.601), from 0 to 1."""
    red, green, blue = colour
    return float(round(0.299 * red + 0.587 * green + 0.114 * blue, 4))


def _shade(value: Any) -> None:
    """Turn the colours of gradients, and the spaces that they are mixed in, to grey."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key in {"C0", "C1"} and len(one) == 3:
                value[key] = pydyf.Array([_luma(map(float, one))])
            elif key in {"ColorSpace", "CS"} and one == "/DeviceRGB":
                value[key] = "/DeviceGray"
            else:
                _shade(one)
    elif isinstance(value, list):
        for one in value:
            _shade(one)


def _picture(stream: Any) -> None:
    """Turn the samples of a picture to grey: JPEG stays JPEG, all else is deflated."""
    from PIL import Image

    if stream.extra.get("ColorSpace") == "/DeviceGray":
        return
    data = b"".join(pydyf._to_bytes(item) for item in stream.stream)
    jpeg = stream.extra.get("Filter") == "/DCTDecode"
    with Image.open(io.BytesIO(data if jpeg else _as_png(data, stream.extra))) as image:
        grey = image.convert("L")
    out = io.BytesIO()
    if jpeg:
        grey.save(out, "JPEG", quality=_QUALITY, optimize=True)
        stream.stream = [out.getvalue()]
        stream.extra.pop("Decode", None)  # inverted inks
    else:
        grey.save(out, "PNG", optimize=True)
        stream.stream = [b"".join(_samples(out.getvalue()))]
        stream.extra["DecodeParms"] = pydyf.Dictionary({"Predictor": 15, "Columns": grey.width})
    stream.extra["ColorSpace"] = "/DeviceGray"
    stream.extra["BitsPerComponent"] = 8


def _as_png(data: bytes, about: Any) -> bytes:
    """Return the file around deflated samples of red, green and blue, as WeasyPrint takes them out of one."""
    head = struct.pack(">IIBBBBB", about["Width"], about["Height"], about["BitsPerComponent"], 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return _PNG + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def _samples(png: bytes) -> Iterator[bytes]:
    """Yield the deflated samples of a PNG."""
    at = len(_PNG)
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            yield png[at + 8 : at + 8 + size]
        at += size + 12
