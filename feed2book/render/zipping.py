"""ZIP files whose bytes depend on nothing but what is put in."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Self

from feed2book.models import Blob

# Deflating these again costs time and saves nothing.
_PACKED = (".jpg", ".jpeg", ".png", ".gif")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_LATEST = (2107, 12, 31, 23, 59, 58)
_MODE = 0o644 << 16
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Packed:
    """A file as it lies in a ZIP: what ``method`` (0 stored, 8 deflated) made of ``size`` bytes."""

    data: bytes = field(repr=False)
    method: int
    crc: int
    size: int


Data = str | bytes | Packed | Blob | Callable[[], Packed]
"""What a file of a ZIP can be given as; a function is called when the file is written."""


def pack(text: str) -> Packed:
    """Return the text deflated: the bytes that :class:`FixedZip` would write."""
    data = text.encode("utf-8")
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    packed = deflater.compress(data) + deflater.flush()
    return Packed(packed, zipfile.ZIP_DEFLATED, zlib.crc32(data), len(data))


def text_of(data: str | bytes | Packed | Callable[[], Packed]) -> str:
    """Return the text of a file, however it is given."""
    if callable(data):
        data = data()
    if isinstance(data, Packed):
        data = data.data if data.method == zipfile.ZIP_STORED else zlib.decompress(data.data, -15)
    return data if isinstance(data, str) else data.decode("utf-8", "replace")


class FixedZip:
    """A ZIP file that is written once, entry by entry, each with the same date and rights.

    Args:
        stream: where it goes.
        moment: the date of every entry, brought into the years that ZIP knows (1980–2107).
    """

    def __init__(self, stream: BinaryIO, moment: datetime) -> None:
        self._zip = zipfile.ZipFile(stream, "w")
        self._date = min(max(moment.timetuple()[:6], _EARLIEST), _LATEST)

    def writestr(self, name: str, data: Data, *, stored: bool = False) -> None:
        """Add an entry. Pictures, which are packed already, are stored; the rest is deflated unless told.

        A blob is copied through, piece by piece; what is packed stays as it is.
        """
        stored = stored or name.lower().endswith(_PACKED)
        method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        if callable(data):
            data = data()
        if isinstance(data, Packed):
            self._write_packed(name, data)
        elif isinstance(data, Blob):
            self._copy(name, data, method)
        else:
            self._zip.writestr(self._entry(name), data, method, _LEVEL)

    def _copy(self, name: str, blob: Blob, method: int) -> None:
        entry = self._entry(name)
        entry.file_size, entry.compress_type, entry._compresslevel = blob.size, method, _LEVEL  # type: ignore[attr-defined]
        with blob.open() as source, self._zip.open(entry, "w") as target:
            shutil.copyfileobj(source, target)

    def _write_packed(self, name: str, packed: Packed) -> None:
        """Add an entry that is packed already."""
        entry = self._entry(name)
        entry.compress_type, entry.CRC = packed.method, packed.crc
        entry.compress_size, entry.file_size = len(packed.data), packed.size
        # What ZipFile.mkdir does: the library has no public way to add what is packed.
        out, stream = self._zip, self._zip.fp
        if stream is None:
            raise ValueError("this ZIP is closed")
        stream.seek(out.start_dir)
        entry.header_offset = stream.tell()
        out._didModify = True  # type: ignore[attr-defined]
        stream.write(entry.FileHeader())
        stream.write(packed.data)
        out.filelist.append(entry)
        out.NameToInfo[name] = entry
        out.start_dir = stream.tell()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._date)
        entry.create_system = 3  # Unix wherever it is made: it is part of the bytes
        entry.external_attr = _MODE
        return entry

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write the directory, or, after an error, leave the file as it is. The stream stays open."""
        if kind is not None:
            self._zip._didModify = False  # type: ignore[attr-defined]  # else it is written all the same
        self._zip.close()
