"""A laid out part of a PDF, as bytes that can be sent, kept, and joined with others.

WeasyPrint hands over a document as pydyf objects. They are written here as they will stand in the joined
file, except that each reference is a mark, because object numbers are given only there.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pydyf

MARK = b"\xff"
_FORMAT = b"feed2book part 1\n"
_LEVEL = 6  # level 9 takes twice the time and saves one byte in a hundred
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


class Key(int):
    """A key of the document's ParentTree, counted from the first of its part."""


class Outer(str):
    """A reference to an object that the joined file has, by its name in :attr:`PdfPart.outer`."""


@dataclass(frozen=True, slots=True)
class PdfPart:
    """A part of a PDF.

    Objects have local numbers: first those in ``text`` (a line each), then the streams, whose dictionaries
    follow in ``text``, then the ``outer`` ones, that the joined file has, then ``keys`` keys of the
    ParentTree. Each mark in ``text`` stands for the number that is next in ``numbers``.

    ``streams`` has for each stream its data and its digest (``""``: this stream can not be shared);
    ``about`` is what the joiner must know, as JSON has it; ``blobs`` are what ``about`` refers to.
    """

    text: bytes
    numbers: array[int]
    plain: int
    streams: tuple[tuple[bytes, str], ...]
    outer: tuple[str, ...]
    keys: int
    about: Mapping[str, Any]
    blobs: tuple[bytes, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the part as bytes, with a checksum."""
        pieces = [zlib.compress(self.text, 1), zlib.compress(_swapped(self.numbers).tobytes(), 1)]
        pieces += [data for data, _ in self.streams]
        pieces += self.blobs
        head = {
            "plain": self.plain,
            "digests": [digest for _, digest in self.streams],
            "outer": self.outer,
            "keys": self.keys,
            "about": self.about,
            "sizes": [len(piece) for piece in pieces],
        }
        line = json.dumps(head, separators=(",", ":")).encode() + b"\n"
        body = b"".join((line, *pieces))
        return b"".join((_FORMAT, hashlib.sha256(body).digest(), body))

    @staticmethod
    def from_bytes(data: bytes) -> PdfPart:
        """Return the part that these bytes hold.

        Raises:
            ValueError: they are damaged, or of another version.
        """
        start = len(_FORMAT) + 32
        view = memoryview(data)
        if (
            data[: len(_FORMAT)] != _FORMAT
            or hashlib.sha256(view[start:]).digest() != data[start - 32 : start]
        ):
            raise ValueError("not a part, or a damaged one")
        at = data.index(b"\n", start) + 1
        head = json.loads(data[start:at])
        pieces: list[bytes] = []
        for size in head["sizes"]:
            pieces.append(bytes(view[at : at + size]))
            at += size
        numbers = _swapped(array("I", zlib.decompress(pieces[1])))
        digests = head["digests"]
        return PdfPart(
            zlib.decompress(pieces[0]),
            numbers,
            head["plain"],
            tuple(zip(pieces[2:], digests, strict=False)),
            tuple(head["outer"]),
            head["keys"],
            head["about"],
            tuple(pieces[2 + len(digests) :]),
        )


def _swapped(numbers: array[int]) -> array[int]:
    """Return the numbers in little-endian order, or back from it."""
    if sys.byteorder == "big":
        numbers = array("I", numbers)
        numbers.byteswap()
    return numbers


class Packer:
    """Writes the objects of a ``pydyf.PDF`` that are reached from others, with marks for references.

    Args:
        objects: all objects of the document, by number.
        outer: what objects (by number) the joined file has already, and their names there.
    """

    def __init__(self, objects: list[Any], outer: Mapping[int, str]) -> None:
        self._objects = objects
        self._outer: dict[int | str, str] = dict(outer.items())
        self._plain: dict[int, bytes] = {}
        self._streams: dict[int, bytes] = {}
        self._data: dict[int, bytes] = {}
        self._found: dict[int, list[int | str]] = {}  # what an object refers to, in order; keys as strings
        self._waiting: list[int] = []

    def add(self, number: int) -> None:
        """Write an object, and all that it refers to."""
        self._waiting.append(number)
        while self._waiting:
            current = self._waiting.pop()
            if current not in self._found and current not in self._outer:
                self._write(current)

    def _write(self, number: int) -> None:
        target = self._objects[number]
        pieces: list[bytes] = []
        found = self._found[number] = []
        if isinstance(target, pydyf.Stream):
            extra, self._data[number] = _deflated(target)
            self._dump(extra, pieces, found)
            self._streams[number] = b"".join(pieces)
        else:
            self._dump(target, pieces, found)
            self._plain[number] = b"".join(pieces)
        self._waiting += [one for one in reversed(found) if isinstance(one, int)]

    def _dump(self, value: Any, pieces: list[bytes], found: list[int | str]) -> None:
        """Write a value as pydyf would, with a mark in the place of each reference and key."""
        if isinstance(value, bytes):
            self._dump_bytes(value, pieces, found)
        elif isinstance(value, dict):
            pieces.append(b"<<")
            for key, one in value.items():
                pieces.append(b"/%b " % key.encode())
                self._dump(one, pieces, found)
            pieces.append(b">>")
        elif isinstance(value, list):
            pieces.append(b"[")
            for one in value:
                self._dump(one, pieces, found)
                pieces.append(b" ")
            pieces.append(b"]")
        elif isinstance(value, Outer):
            self._outer.setdefault(value, value)
            found.append(str(value))
            pieces.append(MARK)
        elif isinstance(value, Key):
            found.append(f"key {int(value)}")
            pieces.append(MARK)
        else:
            pieces.append(_spell(value))

    def _dump_bytes(self, value: bytes, pieces: list[bytes], found: list[int | str]) -> None:
        if not value.endswith(b" 0 R"):
            pieces.append(value)
            return
        number = int(value[:-4])
        target = self._objects[number]
        if (
            isinstance(target, dict) and target.get("Type") == "/OBJR"
        ):  # one for each link: no object of its own
            self._dump(target, pieces, found)
        else:
            found.append(number)
            pieces.append(MARK)

    def places(self, keys: int) -> dict[int | str, int]:
        """Return the local number of each object that was written, once no more are added."""
        order: list[int | str] = [*self._plain, *self._streams, *self._outer]
        places = {number: place for place, number in enumerate(order)}
        places.update({f"key {key}": len(order) + key for key in range(keys)})
        return places

    def part(self, keys: int, about: Mapping[str, Any], blobs: tuple[bytes, ...] = ()) -> PdfPart:
        """Return all that was written; ``keys`` of the ParentTree are in it."""
        places = self.places(keys)
        written = (*self._plain, *self._streams)
        return PdfPart(
            b"\n".join((*self._plain.values(), *self._streams.values())),
            array("I", [places[one] for number in written for one in self._found[number]]),
            len(self._plain),
            tuple(self._digested()),
            tuple(self._outer.values()),
            keys,
            about,
            blobs,
        )

    def _digested(self) -> Iterator[tuple[bytes, str]]:
        """Yield the data of each stream with its digest: of itself, and of the streams that it refers to."""
        digests: dict[int | str, str] = {}

        def digest(number: int | str) -> str:
            if number not in digests:
                digests[number] = ""  # a ring is not shared
                if isinstance(number, int) and number in self._streams:
                    below = [digest(one) for one in self._found[number]]
                    whole = (self._streams[number], *(one.encode() for one in below), self._data[number])
                    digests[number] = hashlib.sha256(b"\0".join(whole)).hexdigest() if all(below) else ""
            return digests[number]

        for number in self._streams:
            yield self._data[number], digest(number)


def _deflated(stream: Any) -> tuple[dict[str, Any], bytes]:
    """Return the dictionary and the data of a stream, compressed if it may be."""
    data = b"\n".join(pydyf._to_bytes(item) for item in stream.stream)
    if not stream.compress:
        return stream.extra, data
    return {**stream.extra, "Filter": "/FlateDecode"}, zlib.compress(data, _LEVEL)


def _spell(value: Any) -> bytes:
    """Return a number, a name or a string on one line, in ASCII."""
    data: bytes = pydyf._to_bytes(value)
    if isinstance(value, pydyf.String):
        data = data.replace(b"\r", b"\\r").replace(b"\n", b"\\n")
        if not data.isascii():
            data = _NOT_ASCII.sub(lambda match: b"\\%03o" % match[0][0], data)
    elif b"\n" in data or not data.isascii():
        raise ValueError(f"cannot be part of a PDF: {data!r}")
    return data
