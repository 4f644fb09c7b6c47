"""Metadata out of pictures: where a photograph was taken, by whom, with what. The pixels are not touched.

JPEG, PNG and GIF are chains of segments. Those that say something about the picture, and nothing about how
to draw it, are left out; all others are copied as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # what ends a run of coded pixels
_JPEG_KEPT = {0xE0, 0xEE}  # JFIF's density, Adobe's colour transform; ICC profiles (APP2) by their name
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_DROPPED = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}
_GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")  # loops and colours


def without_metadata(data: bytes) -> bytes | None:
    """Return a JPEG, PNG or GIF without EXIF, XMP, IPTC, comments and whatever follows its end.

    Returns:
        The picture with the very same pixels and colours; None where its segments cannot be followed.
    """
    walks = ((b"\xff\xd8", _jpeg), (_PNG_START, _png), (b"GIF8", _gif))
    walk = next((walk for start, walk in walks if data.startswith(start)), None)
    if walk is None:
        return None
    try:
        return b"".join(walk(memoryview(data)))
    except (IndexError, ValueError):
        return None


def _jpeg(data: memoryview) -> Iterator[bytes | memoryview]:
    yield data[:2]
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            raise ValueError("no marker where one must be")
        kind = data[at + 1]
        if kind == 0xFF:  # fill
            at += 1
            continue
        if kind == 0xD9:
            yield data[at : at + 2]
            return
        end = at + 2 + _number(data, at + 2, 2)
        if _in_jpeg(kind, data[at + 4 : at + 16]):
            yield data[at:end]
        if kind == 0xDA:
            found = _MARKER.search(data, end)
            yield data[end : found.start() if found else len(data)]
            end = found.start() if found else len(data)
        at = end


def _in_jpeg(kind: int, head: memoryview) -> bool:
    """Say whether a segment stays: everything but comments and applications' own."""
    if kind == 0xE2:
        return bytes(head) == b"ICC_PROFILE\x00"
    return kind in _JPEG_KEPT or not (0xE0 <= kind <= 0xEF or kind == 0xFE)


def _png(data: memoryview) -> Iterator[memoryview]:
    yield data[:8]
    at = 8
    while at < len(data):
        kind = bytes(data[at + 4 : at + 8])
        end = at + 12 + _number(data, at, 4)
        if kind not in _PNG_DROPPED:
            yield data[at:end]
        if kind == b"IEND":
            return
        at = end


def _gif(data: memoryview) -> Iterator[memoryview]:
    at = 13 + _colours(data[10])
    yield data[:at]
    while at < len(data) and data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:  # a frame: its place, its colours, the size of its codes
            at = _blocks(data, at + 11 + _colours(data[at + 9]))
            yield data[start:at]
        elif data[at] == 0x21:
            at = _blocks(data, start + 2)
            if _in_gif(data[start + 1], bytes(data[start + 3 : start + 14])):
                yield data[start:at]
        else:
            raise ValueError("no block where one must be")
    yield data[at : at + 1]


def _in_gif(label: int, name: bytes) -> bool:
    return name in _GIF_KEPT if label == 0xFF else label != 0xFE


def _colours(flags: int) -> int:
    """Return the bytes of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: memoryview, at: int) -> int:
    """Return where the chain of blocks that begins at ``at`` ends."""
    while data[at]:
        at += data[at] + 1
    return at + 1


def _number(data: memoryview, at: int, size: int) -> int:
    if at + size > len(data):
        raise ValueError("the picture ends too early")
    return int.from_bytes(data[at : at + size], "big")
