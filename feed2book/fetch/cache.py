"""The HTTP cache (RFC 9111): hishel's rules and its SQLite storage, kept fit for our use.

Around hishel, four things of our own:

* Secrets stay out of it: what a source is given is added below it and is part of the key, as a hash;
  the cookies that come are taken out below it.
* Temporary redirects are kept (they are revalidated each time), so that ``--offline`` can follow
  them; errors are not.
* Only the newest answer of an address is kept: hishel compares dates, which have whole seconds only.
* A damaged database is dropped, and the run goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sqlite3
import threading
from collections.abc import Iterator
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import hishel
import httpx2
from hishel.httpx2 import CacheTransport

from feed2book.disposable import delete
from feed2book.errors import FetchError
from feed2book.fetch.guard import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from feed2book.fetch.identities import Identity

_FILE = "http.sqlite3"
_MAX_BYTES = 1_000_000_000
_TEMPORARY = (302, 303, 307)
_KEPT = (200, 203, 301, 308, 304, *_TEMPORARY)


def _key(request: httpx2.Request) -> str:
    """Return the name of an answer in the cache; different identities see different answers."""
    identity = _identity(request).name
    return hashlib.sha256(f"{request.url}\0{identity}".encode(errors="replace")).hexdigest()


def _identity(request: httpx2.Request) -> Identity:
    found: Identity = request.extensions["identity"]
    return found


class Cache(httpx2.BaseTransport):
    """Answers from the cache where it may, and asks ``below`` where it must.

    A request carries ``extensions["identity"]`` (who we are to its host) and ``["good_for"]`` (seconds for
    which an answer will do, however stale) beside what hishel and ``below`` read.

    Args:
        directory: where the database lies; None keeps no cache. It is made if need be, for its owner only.
        below: the network.
        offline: ask the cache alone; what is stale will do.
        now: the time, in seconds since 1970.
    """

    def __init__(
        self, directory: Path | None, below: httpx2.BaseTransport, *, offline: bool, now: Callable[[], float]
    ) -> None:
        self._wire = _Wire(below, now)
        self._now = now
        self._offline = offline
        self._lock = threading.Lock()
        self._watch = _Watch()
        self._file = directory / _FILE if directory else None
        self.problem = ""
        self._storage = self._open()

    def _open(self) -> hishel.SqliteStorage | None:
        if self._file is None:
            return None
        logging.getLogger("hishel").addHandler(self._watch)
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                _probe(self._file)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                delete(self._file)
                self.problem = "the cache was damaged and starts anew"
        except (OSError, sqlite3.Error) as error:
            self.problem = f"the cache cannot be used ({error})"
            return None
        return hishel.SqliteStorage(database_path=self._file, max_size=_MAX_BYTES)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request; see :class:`httpx2.BaseTransport`.

        Raises:
            FetchError: it is offline, and the answer is not in the cache.
        """
        storage = self._storage
        name = _key(request)
        entries = storage.get_entries(name) if storage else []
        if self._offline and not entries:
            where, remedy = shown(str(request.url)), "run once without --offline"
            raise FetchError("it is not in the cache", where=where, remedy=remedy)
        if entries and (self._offline or self._young(entries[-1], request.extensions.get("good_for", 0.0))):
            return _remembered(entries[-1])
        if storage is None:
            return self._wire.handle_request(request)
        for entry in entries[:-1]:
            storage.remove_entry(entry.id)
        request.extensions["caching"] = {"key": name}
        rules = hishel.CacheOptions(shared=False)
        return CacheTransport(self._wire, storage, rfc=rules).handle_request(request)

    def _young(self, entry: hishel.Entry, seconds: float) -> bool:
        """Whether an answer is not older than so many seconds; the server's clock may be before ours."""
        try:
            dated = parsedate_to_datetime(entry.response.headers["date"]).timestamp()
        except (ValueError, OverflowError):
            return False
        return abs(self._now() - dated) < seconds

    def drop(self) -> None:
        """Give the cache up for this run and delete it: it could not be read."""
        with self._lock:
            if self._storage is None or self._file is None:
                return
            storage, self._storage = self._storage, None
            storage.close()
            delete(self._file)
            self.problem = "the cache was damaged and starts anew"

    def close(self) -> None:
        """Close the cache and the network below it."""
        if self._watch.damaged:
            self.drop()
        with self._lock:  # a request that still runs in another thread must not take this for damage
            storage, self._storage = self._storage, None
        if storage is not None:
            storage.close()
        logging.getLogger("hishel").removeHandler(self._watch)
        self._wire.close()


class _Wire(httpx2.BaseTransport):
    """What lies between the cache and the network, so that neither sees what is for the other only."""

    def __init__(self, below: httpx2.BaseTransport, now: Callable[[], float]) -> None:
        self._below = below
        self._now = now

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        headers = request.headers.copy()
        headers.pop("cache-control", None)  # a word to our own cache, not to those on the way
        onward = httpx2.Request(request.method, request.url, headers=headers, extensions=request.extensions)
        identity = _identity(request)
        identity.sign(onward)
        response = self._below.handle_request(onward)
        response.request = onward
        identity.cookies.extract_cookies(response)
        response.headers.pop("set-cookie", None)
        if response.headers.get("content-encoding", "").lower() == "x-gzip":
            response.headers["content-encoding"] = "gzip"  # the same (RFC 9110, section 8.4.1.3)
        if "date" not in response.headers:  # RFC 9110, section 6.6.1
            response.headers["date"] = formatdate(self._now(), usegmt=True)
        if response.status_code not in _KEPT:
            response.headers["cache-control"] = "no-store"
        elif response.status_code in _TEMPORARY and "cache-control" not in response.headers:
            response.headers["cache-control"] = "private, max-age=0"
        return response

    def close(self) -> None:
        self._below.close()


class _Watch(logging.Handler):
    """Hears what hishel only logs: that the database is damaged. Keeps it off the terminal, too."""

    def __init__(self) -> None:
        super().__init__()
        self.damaged = False

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        # An operational error is a full disk or a busy database: no damage.
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            self.damaged = True


class _Stored(httpx2.SyncByteStream):
    def __init__(self, answer: hishel.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        stream = self._answer.stream
        if isinstance(stream, Iterator):
            yield from stream


def _remembered(entry: hishel.Entry) -> httpx2.Response:
    answer = entry.response
    pairs = [(name.encode(), value.encode()) for name in answer.headers for value in _all(answer, name)]
    return httpx2.Response(
        answer.status_code,
        headers=pairs,
        stream=_Stored(answer),
        extensions={"caching": {"from_cache": True}},
    )


def _all(answer: hishel.Response, name: str) -> list[str]:
    return answer.headers.get_list(name) or []


def _probe(file: Path) -> None:
    """Read the schema; fails if the file is no database."""
    with contextlib.closing(sqlite3.connect(file, timeout=5.0)) as connection:
        connection.execute("SELECT name FROM sqlite_master").fetchall()
