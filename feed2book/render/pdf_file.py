"""The outer form of a PDF: objects, object streams, cross references (ISO 32000-1, 7.5)."""

from __future__ import annotations

import hashlib
import sys
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import BinaryIO

from feed2book.render.pdf_text import string

_HEADER = b"%PDF-1.7\n%\xf0\x9f\x93\x96\n"
_BUNCH = 200  # objects in an object stream: a reader unpacks all to see one
_LEVEL = 6


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
