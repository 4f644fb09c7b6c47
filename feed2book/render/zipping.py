"""ZIP files whose bytes depend on nothing but what is put in."""

from __future__ import annotations

import shutil
import zipfile
from datetime import datetime
from typing import BinaryIO

from feed2book.models import Blob

# Deflating these again costs time and saves nothing.
_PACKED = (".jpg", ".jpeg", ".png", ".gif")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_LATEST = (2107, 12, 31, 23, 59, 58)
_MODE = 0o644 << 16
_LEVEL = 6


class FixedZip:
    """A ZIP file that is written once, entry by entry, each with the same date and rights.

    Args:
        stream: where it goes.
        moment: the date of every entry, brought into the years that ZIP knows (1980–2107).
    """

    def __init__(self, stream: BinaryIO, moment: datetime) -> None:
        self._zip = zipfile.ZipFile(stream, "w")
        self._date = min(max(moment.timetuple()[:6], _EARLIEST), _LATEST)

    def writestr(self, name: str, data: bytes | str | Blob, *, stored: bool = False) -> None:
        """Add an entry. Pictures, which are packed already, are stored; the rest is deflated unless told.

        A blob is copied through, piece by piece.
        """
        entry = zipfile.ZipInfo(name, self._date)
        entry.create_system = 3  # Unix wherever it is made: it is part of the bytes
        entry.external_attr = _MODE
        stored = stored or name.lower().endswith(_PACKED)
        method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        if not isinstance(data, Blob):
            self._zip.writestr(entry, data, method, _LEVEL)
            return
        entry.file_size, entry.compress_type, entry._compresslevel = data.size, method, _LEVEL  # type: ignore[attr-defined]
        with data.open() as source, self._zip.open(entry, "w") as target:
            shutil.copyfileobj(source, target)

    def close(self) -> None:
        """Write the directory. The stream stays open."""
        self._zip.close()
