"""What was worked out before, kept between runs: bytes by key, in one SQLite file under the cache directory.

A cache and nothing more: whatever is lost here is made again. The keys say all that decides the bytes, the
version of our code (:func:`version`) among it. Only data is kept (JSON, deflated text, parts of a PDF), never
pickles or code, each entry with a hash of itself, in a folder that nobody else may write; what does not match
its hash is as good as absent.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from feed2book.disposable import close, give_up, open_file

A = TypeVar("A")
T = TypeVar("T")

_FILE = "store.sqlite3"
_MAX_BYTES = 500_000_000
_BATCH = 8_000_000  # bytes that wait to be written together
_WAIT = 1.0  # seconds for another run to be done writing
# Each run writes when an entry was used: apart from the entry, since SQLite writes a row as a whole.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS made (key BLOB PRIMARY KEY, hash BLOB NOT NULL, data BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS used (key BLOB PRIMARY KEY, run INTEGER NOT NULL, size INTEGER NOT NULL)
    WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS used_run ON used (run, size)",
)


class Store:
    """Bytes by key. Use it as a context manager; its methods may run in several threads.

    Nothing here raises: a store that cannot be used remembers nothing.

    Args:
        directory: where the file lies; made if need be, for its owner only. None keeps nothing.
        limit: bytes beyond which the entries go that have not been used for the most runs.
    """

    def __init__(self, directory: Path | None, limit: int = _MAX_BYTES) -> None:
        self._limit = limit
        self._file = directory / _FILE if directory else None
        self._waiting: dict[bytes, bytes] = {}
        self._size = 0
        self._used: list[bytes] = []
        self._run = 0
        self._lock = threading.Lock()
        self._database = self._opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get(self, key: str) -> bytes | None:
        """Return what was put under the key, in this run or an earlier one, or None."""
        with self._lock:
            return self._found(_name(key))

    def _found(self, name: bytes) -> bytes | None:
        if name in self._waiting:
            return self._waiting[name]
        if self._database is None:
            return None
        try:
            row = self._database.execute("SELECT hash, data FROM made WHERE key = ?", (name,)).fetchone()
        except sqlite3.Error as error:
            self._give_up(error)
            return None
        if row is None or row[0] != _hash(name, row[1]):
            return None
        self._used.append(name)
        return bytes(row[1])

    def put(self, key: str, data: bytes) -> None:
        """Remember the bytes under the key."""
        with self._lock:
            if self._database is None:
                return
            self._waiting[_name(key)] = data
            self._size += len(data)
            if self._size > _BATCH:
                self._flush()

    def close(self) -> None:
        """Write what waits, forget what is too much, and close."""
        with self._lock:
            self._flush()
            close(self._database)
            self._database = None

    def _opened(self) -> sqlite3.Connection | None:
        if self._file is None or not _ours(self._file.parent):
            return None
        return open_file(self._file, _WAIT, self._prepare)

    def _prepare(self, database: sqlite3.Connection) -> None:
        # A power cut may damage the file; the hashes find out, and it is only a cache.
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA page_size = 16384")  # bytes: most entries have 20 kB
        for table in _TABLES:
            database.execute(table)
        self._run = 1 + database.execute("SELECT COALESCE(MAX(run), 0) FROM used").fetchone()[0]

    def _flush(self) -> None:
        waiting, used = self._waiting, self._used
        self._waiting, self._used, self._size = {}, [], 0
        if self._database is None or not (waiting or used):
            return
        rows = ((name, _hash(name, data), data) for name, data in waiting.items())
        sizes = ((name, self._run, len(data)) for name, data in waiting.items())
        try:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("INSERT OR REPLACE INTO made VALUES (?, ?, ?)", rows)
            self._database.executemany("INSERT OR REPLACE INTO used VALUES (?, ?, ?)", sizes)
            stamps = ((self._run, name) for name in used)
            self._database.executemany("UPDATE used SET run = ? WHERE key = ?", stamps)
            self._shrink(self._database)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(error)

    def _shrink(self, database: sqlite3.Connection) -> None:
        """Take out the runs that lie furthest back, until what is left fits."""
        sizes: Sequence[tuple[int, int]] = database.execute(
            "SELECT run, SUM(size) FROM used GROUP BY run ORDER BY run"
        ).fetchall()
        total = sum(size for _, size in sizes)
        for run, size in sizes:
            if total <= self._limit:
                return
            database.execute("DELETE FROM made WHERE key IN (SELECT key FROM used WHERE run = ?)", (run,))
            database.execute("DELETE FROM used WHERE run = ?", (run,))
            total -= size

    def _give_up(self, error: sqlite3.Error) -> None:
        """Do without for the rest of the run; a damaged file goes, one that is busy or full stays."""
        database, self._database = self._database, None
        if self._file and database is not None:
            give_up(self._file, database, error)


class Shelf(Generic[T]):
    """The values of one type (a frozen dataclass) in a store, as MessagePack."""

    def __init__(self, store: Store, kind: type[T]) -> None:
        import msgspec

        self._store = store
        self._place = f"{version()} {kind.__name__} "
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._misfit = msgspec.MsgspecError

    def get(self, key: str) -> T | None:
        """Return the value that was put under the key, or None."""
        data = self._store.get(self._place + key)
        try:
            return None if data is None else self._decoder.decode(data)
        except self._misfit:
            return None

    def name(self, *parts: object) -> str:
        """Return a key for all that decides a value: data classes, sequences, strings, numbers."""
        return hashlib.blake2b(self._encoder.encode(parts)).hexdigest()

    def made(self, wanted: Mapping[str, A], make: Callable[[Sequence[A]], Iterable[T]]) -> dict[str, T]:
        """Return the value that each of many has.

        Args:
            wanted: of what values are wanted, each by a key for all of it that counts.
            make: makes the values that are not here, in order; these are put here.
        """
        found = {key: self.get(key) for key in wanted}
        missing = [key for key, value in found.items() if value is None]
        new = make([wanted[key] for key in missing])
        for key, value in zip(missing, new, strict=True):
            self.put(key, value)
            found[key] = value
        return {key: value for key, value in found.items() if value is not None}

    def put(self, key: str, value: T) -> None:
        """Keep the value under the key."""
        self._store.put(self._place + key, self._encoder.encode(value))


def _name(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=20).digest()


def _hash(name: bytes, data: bytes) -> bytes:
    found = hashlib.sha256(name)  # for which processors have instructions: a quarter of BLAKE2's time
    found.update(data)
    return found.digest()


def _ours(directory: Path) -> bool:
    """Whether nobody else may put something into the directory, as far as POSIX rights tell."""
    if not hasattr(os, "getuid"):
        return True
    try:
        found = directory.stat()
    except OSError:
        return True  # it is not there yet, or nothing can be written
    return found.st_uid == os.getuid() and not found.st_mode & 0o022


@cache
def version() -> str:
    """Return a name for this very program: our source and templates, Python, and all installed libraries."""
    found = hashlib.blake2b(sys.version.encode(), digest_size=16)
    package = Path(__file__).parent
    for folder in (package, package.parent / "templates"):  # the second in a checkout only
        for path in sorted(folder.rglob("*.*")):
            if path.suffix != ".pyc" and path.is_file():
                found.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    # lxml-6.1.1.dist-info: the folder's name says it, and reading it would take 200 ms
    for place in filter(None, sys.path):
        libraries = sorted(path.name for path in Path(place).glob("*-info"))
        found.update("\0".join(libraries).encode())
    return found.hexdigest()
