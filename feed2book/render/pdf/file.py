"""The outer form of a PDF: objects, streams, cross references (ISO 32000-1, 7.5), trees of names (7.9)."""

from __future__ import annotations

import hashlib
import sys
import zlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import BinaryIO

_HEADER = b"%PDF-1.7\n%\xf0\x9f\x93\x96\n"
_BUNCH = 200  # objects in an object stream: a reader unpacks all to see one
_LEVEL = 6
_LEAF = 64  # entries in a leaf of a tree


class PdfFile:
    """Writes the objects of a PDF 1.7 as they come, in object streams where they may be."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._at = 0
        self._hash = hashlib.sha256()
        self._kinds = bytearray([0])
        self._where = array("Q", [0])
        self._which = array("H", [65535])
        self._put(_HEADER)

    def reserve(self, count: int = 1) -> int:
        """Return the first of so many new object numbers."""
        first = len(self._kinds)
        self._kinds += bytes(count)
        self._where.extend([0] * count)
        self._which.extend([0] * count)
        return first

    def add(self, objects: Sequence[tuple[int, bytes]]) -> None:
        """Write dictionaries and arrays under their numbers."""
        for start in range(0, len(objects), _BUNCH):
            bunch = objects[start : start + _BUNCH]
            number = self.reserve()
            texts = [text for _, text in bunch]
            offsets = accumulate((len(text) + 1 for text in texts), initial=0)
            pairs = zip((number for number, _ in bunch), offsets, strict=False)
            head = b" ".join(b"%d %d" % pair for pair in pairs)
            for index, (one, _) in enumerate(bunch):
                self._kinds[one], self._where[one], self._which[one] = 2, number, index
            data = zlib.compress(b"\n".join((head, *texts)), _LEVEL)
            extra = b"<</Type /ObjStm/N %d/First %d/Filter /FlateDecode>>" % (len(bunch), len(head) + 1)
            self.add_stream(number, extra, data)

    def add_stream(self, number: int, extra: bytes, data: bytes) -> None:
        """Write a stream; ``extra`` is its dictionary without a length."""
        self._kinds[number], self._where[number] = 1, self._at
        self._put(b"%d 0 obj\n%b/Length %d>>\nstream\n" % (number, extra[:-2], len(data)))
        self._put(data)
        self._put(b"\nendstream\nendobj\n")

    def close(self, catalog: int, info: int, identifier: str) -> None:
        """Write the cross-reference stream, and the end."""
        number, at = self.reserve(), self._at
        self._kinds[number], self._where[number] = 1, at
        count = len(self._kinds)
        rows = bytearray(8 * count)
        rows[0::8] = self._kinds
        places, indexes = _big_endian(self._where), _big_endian(self._which)
        for byte in range(5):
            rows[1 + byte :: 8] = places[3 + byte :: 8]
        for byte in range(2):
            rows[6 + byte :: 8] = indexes[byte::2]
        names = string(identifier), string(self._hash.hexdigest()[:32])
        extra = b"<</Type /XRef/Size %d/W [1 5 2]/Root %d 0 R/Info %d 0 R" % (count, catalog, info)
        extra += b"/ID [%b %b]/Filter /FlateDecode>>" % names
        self.add_stream(number, extra, zlib.compress(bytes(rows), _LEVEL))
        self._put(b"startxref\n%d\n%%%%EOF\n" % at)

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self._hash.update(data)
        self._at += len(data)


def _big_endian(numbers: array[int]) -> bytes:
    if sys.byteorder == "little":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers.tobytes()


def string(text: str) -> bytes:
    """Return the text as a string object on one line."""
    if text.isascii() and text.isprintable():
        return b"(%b)" % text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode()
    return b"<%b>" % _raw(text).hex().encode()


def _raw(text: str) -> bytes:
    """Return the bytes that the string stands for: names are in their order."""
    return text.encode() if text.isascii() and text.isprintable() else b"\xfe\xff" + text.encode("utf-16-be")


def name_tree(entries: Sequence[tuple[str, bytes]], reserve: Callable[[], int]) -> list[tuple[int, bytes]]:
    """Return the objects of a name tree, its root first.

    Args:
        entries: names, each once, and what they stand for.
        reserve: returns a free object number.
    """
    ordered = sorted(entries, key=lambda entry: _raw(entry[0]))
    root = reserve()
    leaves: list[tuple[int, bytes]] = []
    for start in range(0, len(ordered), _LEAF):
        some = ordered[start : start + _LEAF]
        names = b" ".join(b"%b %b" % (string(name), value) for name, value in some)
        limits = b"%b %b" % (string(some[0][0]), string(some[-1][0]))
        leaves.append((reserve(), b"<</Limits [%b]/Names [%b]>>" % (limits, names)))
    return [(root, b"<</Kids [%b]>>" % references(number for number, _ in leaves)), *leaves]


def references(numbers: Iterable[int]) -> bytes:
    """Return references to these objects, as they stand in an array."""
    return b" ".join(b"%d 0 R" % number for number in numbers)
