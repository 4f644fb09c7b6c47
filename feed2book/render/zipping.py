"""ZIP files whose bytes depend on nothing but what is put in."""

from __future__ import annotations

import zipfile
from datetime import datetime
from typing import BinaryIO

# Deflating these again costs time and saves nothing.
_PACKED = (".jpg", ".jpeg", ".png", ".gif")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_LATEST = (2107, 12, 31, 23, 59, 58)
_MODE = 0o644 << 16


class FixedZip:
    """A ZIP file that is written once, entry by entry, each with the same date and rights.

    Args:
        stream: where it goes.
        moment: the date of every entry, brought into the years that ZIP knows (1980–2107).
    """

    def __init__(self, stream: BinaryIO, moment: datetime) -> None:
        self._zip = zipfile.ZipFile(stream, "w")
        self._date = min(max(moment.timetuple()[:6], _EARLIEST), _LATEST)

    def writestr(self, name: str, data: bytes | str, *, stored: bool = False) -> None:
        """Add an entry. Pictures, which are packed already, are stored; the rest is deflated unless told."""
        entry = zipfile.ZipInfo(name, self._date)
        entry.create_system = 3  # Unix wherever it is made: it is part of the bytes
        entry.external_attr = _MODE
        stored = stored or name.lower().endswith(_PACKED)
        self._zip.writestr(entry, data, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED, 6)

    def close(self) -> None:
        """Write the directory. The stream stays open."""
        self._zip.close()
