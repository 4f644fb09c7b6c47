"""A folder for what is large and not needed at once: pictures before they are written, finished books."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from feed2book.models import Blob

_PREFIX = "run-"
_STALE = 2 * 86_400  # seconds after which a folder belongs to a run that was killed


class DiskSpool:
    """A spool in a folder of its own, which goes when no blob in it can be reached any more.

    Its methods may be called by several threads.

    Args:
        directory: where the folder is made, with the first file: the cache as a rule, since the usual
            place for temporary files may be memory. None, or one that cannot be written: the usual place.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._folder: _Folder | None = None
        self._lock = threading.Lock()
        self._numbers = itertools.count()

    def write(self, fill: Callable[[BinaryIO], None]) -> Blob:
        """Return what ``fill`` writes into the stream that it is given; it lies in a file."""
        with self._lock:
            folder = self._folder = self._folder or _Folder(self._directory)
        path = folder.path / str(next(self._numbers))
        with path.open("xb") as stream:
            fill(stream)
        return Blob(path=path, keeper=folder)

    def keep(self, blob: Blob) -> Blob:
        """Return the same bytes, lying in a file."""

        def fill(stream: BinaryIO) -> None:
            stream.write(blob.held)

        return blob if blob.path else self.write(fill)


class _Folder:
    """A temporary folder that lives as long as this object, or as the process."""

    def __init__(self, directory: Path | None) -> None:
        self.path = _made(directory)
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        if self.path.parent == directory:
            _sweep(self.path)


def _made(directory: Path | None) -> Path:
    if directory:
        with contextlib.suppress(OSError):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=directory))
    return Path(tempfile.mkdtemp(prefix="feed2book-"))


def _sweep(folder: Path) -> None:
    """Remove the folders beside this one whose runs were killed before they could."""
    with contextlib.suppress(OSError):
        now = folder.stat().st_mtime
        for other in folder.parent.glob(f"{_PREFIX}*"):
            if now - other.stat().st_mtime > _STALE:
                shutil.rmtree(other, ignore_errors=True)
