"""One run at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feed2book.errors import StateError
from feed2book.state.database import made, troubles

_FILE = "run.lock"


@contextmanager
def locked(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Keep all other runs out for as long as the context lasts.

    The kernel lets go of the lock when this process ends, however it ends; a process that is forked from
    it does not hold it.

    Args:
        folder: the data folder; made if need be.
        wait: until another run is done; else that is an error.

    Raises:
        StateError: another run is under way, or the folder cannot be written.
    """
    with _opened(made(folder) / _FILE) as stream:
        try:
            fcntl.lockf(stream, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            remedy = "wait until it is done, or say --wait"
            raise StateError("another run is under way", where=str(folder), remedy=remedy) from error
        yield


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    with troubles(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
