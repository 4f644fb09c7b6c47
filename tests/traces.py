"""All that a run left behind, read through what packs it: ZIP files, and what is compressed in databases."""

from __future__ import annotations

import contextlib
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path


def left_behind(folder: Path) -> bytes:
    """Return the bytes of all files, as they are and unpacked."""
    return b"\0".join(part for path in folder.rglob("*") if path.is_file() for part in _parts(path))


def _parts(path: Path) -> Iterator[bytes]:
    yield str(path).encode()
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from map(archive.read, archive.namelist())
    if path.suffix == ".sqlite3":
        with contextlib.closing(sqlite3.connect(path)) as database:
            for (table,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    yield from (_unpacked(value) for value in row if isinstance(value, bytes))


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return data
