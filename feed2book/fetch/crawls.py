"""The record of crawls: which pages of an archive came, in which order, and what they said.

One SQLite file beside the HTTP cache. A page is written down, for good, before the next one is asked for: a
crawl that was killed goes on where it was, a finished one is only brought up to date, and ``--offline`` needs
no request. It is a cache all the same: what is lost is asked for again.

An archive is read in passes. The first one leads from the newest page to the oldest; when the feed has
changed, a further one begins at its newest page and leads to what is known. Pages are numbered as they come,
in all passes together; a pass has the number of its first page, which is the feed.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from feed2book.disposable import close, give_up, open_file
from feed2book.models import Response

_FILE = "crawls.sqlite3"
_MAX_BYTES = 2_000_000_000
_WAIT = 5.0  # seconds for another run to be done writing
_SETUP = (
    "PRAGMA foreign_keys = ON",
    # What is committed outlives a process that is killed; only a power cut may take the last pages.
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "CREATE TABLE IF NOT EXISTS crawls (crawl BLOB PRIMARY KEY, used INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS passes (crawl BLOB REFERENCES crawls ON DELETE CASCADE, pass INTEGER,
    closed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (crawl, pass))""",
    """CREATE TABLE IF NOT EXISTS pages (crawl BLOB, pass INTEGER, number INTEGER, data BLOB NOT NULL,
    PRIMARY KEY (crawl, pass, number), FOREIGN KEY (crawl, pass) REFERENCES passes ON DELETE CASCADE)""",
)


class Crawls:
    """The record. Safe to use from several threads.

    Nothing here raises: a record that cannot be used remembers nothing.

    Args:
        directory: where the file lies; made if need be, for its owner only. None keeps nothing.
        limit: bytes beyond which the crawls go that have not been used for the longest.
    """

    def __init__(self, directory: Path | None, limit: int = _MAX_BYTES) -> None:
        self._file = directory / _FILE if directory else None
        self._limit = limit
        self._lock = threading.Lock()
        self._database = open_file(self._file, _WAIT, self._prepare) if self._file else None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            database, self._database = self._database, None
            close(database)

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Run one statement, for good, and return what it found."""
        with self._lock:
            if self._file is None or self._database is None:
                return []
            try:
                return self._database.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                give_up(self._file, self._database, error)
                self._database = None
                return []

    def _prepare(self, database: sqlite3.Connection) -> None:
        for statement in _SETUP:
            database.execute(statement)
        self._shrink(database)

    def _shrink(self, database: sqlite3.Connection) -> None:
        """Forget the crawls that lie furthest back, until what is left fits."""
        sizes = database.execute(
            """SELECT crawl, SUM(LENGTH(data)) FROM pages JOIN crawls USING (crawl)
            GROUP BY crawl ORDER BY used"""
        ).fetchall()
        total = sum(size for _, size in sizes)
        for crawl, size in sizes:
            if total <= self._limit:
                break
            database.execute("DELETE FROM crawls WHERE crawl = ?", (crawl,))
            total -= size


@dataclass(frozen=True, slots=True)
class Crawl:
    """The record of one archive, and the means to go on.

    Attributes:
        crawls: the record of all.
        key: what tells the archive, the way to it and its reader's login apart from others.
        get: fetches a page.
    """

    crawls: Crawls
    key: str
    get: Callable[[str], Response]

    @property
    def passes(self) -> tuple[tuple[int, bool], ...]:
        """The numbers of the passes, the first one first, and whether each reached its end."""
        self.crawls.rows(
            """INSERT INTO crawls VALUES (?, (SELECT 1 + COALESCE(MAX(used), 0) FROM crawls))
            ON CONFLICT DO UPDATE SET used = excluded.used""",
            self._name,
        )
        found = self.crawls.rows("SELECT pass, closed FROM passes WHERE crawl = ? ORDER BY pass", self._name)
        return tuple((int(str(number)), bool(closed)) for number, closed in found)

    def pages(self, number: int) -> Iterator[tuple[int, Response]]:
        """Yield the pages of a pass in order, with their numbers; not from a damaged one on."""
        import msgspec

        statement = "SELECT number FROM pages WHERE crawl = ? AND pass = ? ORDER BY number"
        for (page,) in self.crawls.rows(statement, self._name, number):
            statement = "SELECT data FROM pages WHERE crawl = ? AND pass = ? AND number = ?"
            found = self.crawls.rows(statement, self._name, number, page)
            try:
                data = zlib.decompress(bytes(found[0][0]))  # type: ignore[call-overload]
                yield int(str(page)), msgspec.msgpack.decode(data, type=Response)
            except (IndexError, zlib.error, msgspec.MsgspecError):
                return

    def begin(self, number: int, response: Response) -> None:
        """Write down a new pass with its first page."""
        self.crawls.rows("INSERT OR IGNORE INTO passes (crawl, pass) VALUES (?, ?)", self._name, number)
        self._put(number, number, response)

    def fetch(self, number: int, page: int, url: str) -> Response:
        """Fetch a page and write it down before it is looked at.

        Raises:
            FetchError: it could not be had.
        """
        response = self.get(url)
        self._put(number, page, response)
        return response

    def drop(self, number: int, page: int) -> None:
        """Forget a page, and the pass if it has no other."""
        self.crawls.rows(
            "DELETE FROM pages WHERE crawl = ? AND pass = ? AND number = ?", self._name, number, page
        )
        self.crawls.rows(
            """DELETE FROM passes WHERE crawl = ?1 AND pass = ?2
            AND NOT EXISTS (SELECT 1 FROM pages WHERE crawl = ?1 AND pass = ?2)""",
            self._name,
            number,
        )

    def end(self, number: int) -> None:
        """Write down that a pass reached its end."""
        self.crawls.rows("UPDATE passes SET closed = 1 WHERE crawl = ? AND pass = ?", self._name, number)

    @property
    def _name(self) -> bytes:
        return hashlib.blake2b(self.key.encode(), digest_size=20).digest()

    def _put(self, number: int, page: int, response: Response) -> None:
        import msgspec

        data = zlib.compress(msgspec.msgpack.encode(response))
        statement = "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)"
        self.crawls.rows(statement, self._name, number, page, data)
