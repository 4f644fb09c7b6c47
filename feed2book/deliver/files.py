"""Finished files reach their place whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO

from feed2book.errors import DeliveryError
from feed2book.models import Blob

_PIECE = 1 << 20  # bytes copied at a time

_REASONS = {
    errno.ENOENT: ("there is no such directory", "make it first"),
    errno.ENOTDIR: ("there is no such directory", "make it first"),
    errno.EISDIR: ("this is a directory", "name a file in it"),
    errno.EACCES: ("writing here is not permitted", "choose another place"),
    errno.EPERM: ("writing here is not permitted", "choose another place"),
    errno.EROFS: ("this place is read-only", "choose another place"),
    errno.ENOSPC: ("the disk is full", "free some space or choose another place"),
    errno.EDQUOT: ("your quota of disk space is used up", "free some space or choose another place"),
    errno.EFBIG: ("the file is too large for this place", "choose another place"),
    errno.ENAMETOOLONG: ("the file name is too long", "choose a shorter one"),
}


def write_file(blob: Blob, path: Path) -> None:
    """Write a file so that its name never shows a half-written one, not even after a power cut.

    A temporary file beside it is written, synced and renamed; what was there before stays until
    then. A new file's mode is what the umask leaves of 0666; a file that is replaced keeps its mode.
    A symbolic link is followed. What is no regular file (``/dev/null``, a pipe) is written straight.

    Args:
        blob: the content; it is copied piece by piece.
        path: where it goes; its directory must exist.

    Raises:
        DeliveryError: it cannot be written; nothing is left behind.
    """
    try:
        target = path.resolve() if path.is_symlink() else path
        mode = _mode(target)
        if mode is not None and stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("wb", buffering=0) as stream:
                _copy(blob, stream)
        else:
            _replace(blob, target, _new_mode() if mode is None else stat.S_IMODE(mode))
    except (OSError, ValueError, RuntimeError) as error:
        raise failure(error, path) from error


def make_folder(path: Path) -> None:
    """Make a folder, empty and for its owner only, and those above it, so that all outlast a power cut.

    Raises:
        DeliveryError: it cannot be made, or what was in it cannot be deleted.
    """
    try:
        if path.exists():
            shutil.rmtree(path)
        missing = [path, *(folder for folder in path.parents if not folder.exists())]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700)
            sync_directory(folder.parent)
    except OSError as error:
        raise failure(error, path) from error


def write_stdout(blob: Blob, stream: BinaryIO) -> None:
    """Write everything to a stream (standard output) and flush it.

    Raises:
        DeliveryError: the reader went away, or the disk that it is sent to is full.
    """
    try:
        _copy(blob, stream)
        stream.flush()
    except BrokenPipeError as error:
        _silence(stream)
        raise DeliveryError("the reader closed the pipe", where="standard output") from error
    except OSError as error:
        raise failure(error, Path("standard output")) from error


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _new_mode() -> int:
    """The mode that a new file gets. The umask can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def _copy(blob: Blob, stream: BinaryIO | RawIOBase) -> None:
    """Copy all of it; a stream without a buffer may take only a part of a piece at a time."""
    with blob.open() as source:
        while view := memoryview(source.read(_PIECE)):
            while view:
                view = view[stream.write(view) or 0 :]


def _replace(blob: Blob, path: Path, mode: int) -> None:
    # No part of the name goes into the temporary one: it may be as long as a name can be.
    descriptor, name = tempfile.mkstemp(prefix=".feed2book-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            _copy(blob, stream)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:  # Ctrl-C leaves nothing behind either
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the new name last. Some file systems cannot do this, which is no failure: the file is there."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _silence(stream: BinaryIO) -> None:
    """Point a broken standard output at nothing, so that Python's last flush does not complain."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nothing, stream.fileno())
        finally:
            os.close(nothing)


def failure(error: Exception, path: Path) -> DeliveryError:
    """Return what it means that a file could not be written, and what to do."""
    code = error.errno if isinstance(error, OSError) else None
    reason = error.strerror if isinstance(error, OSError) else "not a file name"
    message, remedy = _REASONS.get(code or 0, (f"it cannot be written ({reason})", "choose another place"))
    return DeliveryError(message, where=str(path), remedy=remedy)
