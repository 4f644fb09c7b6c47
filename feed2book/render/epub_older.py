"""An EPUB of ours that is to be brought up to date: its record, and its files as they are.

Whoever had the file may have changed it. So nothing of it is believed: sizes are limited, no name of it ever
becomes a path, each chapter has the hash that the record says, and holds nothing but text and pictures.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from feed2book.errors import UsageError
from feed2book.models import Asset, Record
from feed2book.render.epub_harm import harm
from feed2book.render.epub_record import RECORD, read_record
from feed2book.render.record_values import WrongValueError
from feed2book.render.zipping import Packed

_FOLDER = "EPUB"
_MOST_MEMBERS = 60_000
_LARGEST_RECORD = 64_000_000  # bytes, and so on
_LARGEST_CHAPTER = 64_000_000
_LARGEST_PICTURE = 64_000_000
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_STARTS = {"image/jpeg": b"\xff\xd8", "image/png": b"\x89PNG\r\n\x1a\n", "image/gif": b"GIF8"}
_REMEDY = "make the book anew without --update"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


@contextmanager
def open_older(path: Path) -> Iterator[Older]:
    """Open the EPUB at ``path``; closed at the end of the context.

    Raises:
        UsageError: it cannot be read, is not an EPUB of ours, or is damaged.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        reason = error.strerror or "no such file"
        raise UsageError(f"this book cannot be read: {reason}", where=str(path)) from error
    with stream:
        yield Older(stream, str(path))


_HREF = re.compile(rb'href="([^"]*)"')


def _moved(link: re.Match[bytes], moved: Mapping[str, str]) -> bytes:
    address = link[1].decode("utf-8", "replace")
    return b'href="%s"' % moved[address].encode() if address in moved else link[0]


class Older:
    """The older build, open for reading. Close the stream when the new one is written.

    Args:
        stream: the EPUB, seekable.
        name: what to call it in messages.

    Raises:
        UsageError: it is not an EPUB of ours, or it is damaged.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        try:
            self._zip = zipfile.ZipFile(stream)
            self._members = {member.filename: member for member in self._zip.infolist()}
        except _BROKEN as error:
            raise self._refused("this is not an EPUB, or it is damaged") from error
        if len(self._members) != len(self._zip.infolist()) or len(self._members) > _MOST_MEMBERS:
            raise self._refused("this EPUB is damaged: it holds a file twice, or too many")
        if RECORD not in self._members:
            raise self._refused("this EPUB holds no record of feed2book's, so nothing can be added to it")
        try:
            self.record: Record = read_record(self._read(RECORD, _LARGEST_RECORD))
        except WrongValueError as error:
            raise self._refused(f"this EPUB cannot be brought up to date: {error}") from error

    def chapter(
        self, file: str, sha256: str, moved: Mapping[str, str]
    ) -> tuple[bytes | Callable[[], Packed], bool]:
        """Return a file of a chapter: as it lies there, or its bytes where links have to change.

        Args:
            file: its name in the package.
            sha256: the hash that the record says.
            moved: addresses that lead elsewhere now (``post-1a2b3c4d.xhtml#id``), and where to.

        Returns:
            The file, and whether there is MathML in it.

        Raises:
            UsageError: the chapter is not what feed2book wrote.
        """
        name = f"{_FOLDER}/{file}"
        data = self._read(name, _LARGEST_CHAPTER)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise self._refused(f"{file} was changed after feed2book wrote it")
        found = harm(data)
        if found:
            raise self._refused(f"{file} holds what feed2book never writes ({found})")
        maths = b"<math " in data
        changed = _HREF.sub(lambda link: _moved(link, moved), data) if moved else data
        return (self._packed(name) if changed == data else changed), maths

    def holds(self, name: str) -> bool:
        """Say whether there is a file of that name in the package."""
        return f"{_FOLDER}/{name}" in self._members

    def picture(self, asset: Asset) -> Callable[[], Packed]:
        """Return what reads a picture as it lies there.

        Raises:
            UsageError: it is missing, or, when it is read, damaged or of another kind than the record says.
        """
        name = f"{_FOLDER}/images/{asset.id}{asset.extension}"
        packed = self._packed(name)

        def read() -> Packed:
            if not self._read(name, _LARGEST_PICTURE).startswith(_STARTS[asset.media_type]):
                raise self._refused(f"{name} is no picture")
            return packed()

        return read

    def sheet(self, name: str) -> str:
        """Return a style sheet that chapters of it link to, ``""`` where there is none.

        Raises:
            UsageError: it is damaged, or loads something from elsewhere.
        """
        member = f"{_FOLDER}/{name}"
        if member not in self._members:
            return ""
        text = self._read(member, _LARGEST_CHAPTER).decode("utf-8", "replace")
        if "@import" in text or "url(" in text:
            raise self._refused(f"{name} loads other files")
        return text

    def _read(self, name: str, limit: int) -> bytes:
        try:
            with self._zip.open(self._members[name]) as member:
                data = member.read(limit + 1)
                rest = member.read(1)  # reads on to the checksum
        except (KeyError, *_BROKEN) as error:
            raise self._refused(f"this EPUB is damaged: {name} cannot be read") from error
        if len(data) > limit or rest:
            raise self._refused(f"this EPUB is damaged: {name} is too large")
        return data

    def _packed(self, name: str) -> Callable[[], Packed]:
        """Return what reads a file as it lies there; it must have been read whole before."""
        if name not in self._members:
            raise self._refused(f"this EPUB is damaged: {name} cannot be read")
        member = self._members[name]
        if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise self._refused(f"this EPUB is damaged: {name} is packed in a way that no reader knows")
        return lambda: Packed(self._raw(member), member.compress_type, member.CRC, member.file_size)

    def _raw(self, member: zipfile.ZipInfo) -> bytes:
        self._stream.seek(member.header_offset)
        _, name_length, extra_length = _LOCAL_HEADER.unpack(self._stream.read(_LOCAL_HEADER.size))
        self._stream.seek(name_length + extra_length, 1)
        return self._stream.read(member.compress_size)

    def _refused(self, message: str) -> UsageError:
        return UsageError(message, where=self._name, remedy=_REMEDY)
