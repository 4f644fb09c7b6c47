"""The network edge as the pipeline sees it. Nothing heavy is imported before the first request."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, TypeVar

from feed2book.errors import Code, FetchError
from feed2book.fetch import local
from feed2book.fetch.bulk import Bulk
from feed2book.fetch.feeds import Feeds
from feed2book.fetch.guard import Trust
from feed2book.fetch.hosts import Hosts
from feed2book.fetch.netrc import Netrc
from feed2book.models import FetchOptions, Folder, Grant, Notice, Response

if TYPE_CHECKING:
    import httpx2

    from feed2book.fetch.client import Client
    from feed2book.fetch.crawls import Crawl
    from feed2book.fetch.many import Progress

_UNAUTHORIZED = 401
_NOTHING = Grant()
_THREADS = 3  # for each request that may run: those that wait for a host's patience send none

T = TypeVar("T")


class Fetcher:
    """Fetches sources and pictures. Use it as a context manager; its methods may run in several threads.

    One fetcher is one run: what it learns about hosts (dead, slow, asking for patience) holds until it
    is closed.

    Args:
        options: limits, cache, offline.
        now: the time, in seconds since 1970.
        monotonic: a clock in seconds.
        sleep: waits so many seconds.
        transport: takes the place of the network (the cache, the limits and the retries stay).
        hosts: what other fetchers at work know of hosts, and their turns there; its limits count then.
    """

    def __init__(
        self,
        options: FetchOptions,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx2.BaseTransport | None = None,
        hosts: Hosts | None = None,
    ) -> None:
        self._options = options
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._transport = transport
        self._hosts = hosts or Hosts(options, monotonic, sleep)
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._closed = False
        self._typed: set[str] = set()
        self._folders: dict[str, tuple[Path, frozenset[str]]] = {}
        self._netrc = Netrc(options.netrc)
        self._bulk = Bulk(options, self._connected, self._folders, monotonic, sleep)
        self._feeds = Feeds(options, self._connected, self._bulk.permitted)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close connections and the cache; requests that still run in other threads end with an error."""
        with self._lock:
            self._closed = True
            if self._client:
                self._client.close()
            self._feeds.close()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What went less than well so far: feeds that moved for good, or broke off; a bad cache or netrc."""
        with self._lock:
            problem = self._client.problem if self._client else ""
        found = sorted(self._feeds.notices, key=lambda notice: (notice.where, notice.code))
        if problem:
            found.append(Notice(Code.CACHE_FAILED, problem, str(self._options.cache_dir)))
        if self._netrc.problem:
            found.append(Notice(Code.LOGIN_UNUSED, self._netrc.problem, str(self._options.netrc)))
        return tuple(found)

    def each(
        self, sources: Iterable[str], read: Callable[[str], T], progress: Progress
    ) -> list[T | FetchError]:
        """Read many sources at once, the hosts in turn, so that a slow one holds up none of the others.

        Args:
            sources: what the user named, each once.
            read: reads one of them, by :meth:`source`; runs in several threads.
            progress: see :meth:`images`.

        Returns:
            For each source what ``read`` returned, or the error that it raised.
        """
        from feed2book.fetch.many import fetch_all, host_of

        wanted = [(source,) for source in sources]
        threads = _THREADS * self._options.concurrency
        found = fetch_all(
            wanted,
            read,
            host=host_of,
            concurrency=threads,
            per_host=self._options.per_host,
            progress=progress,
        )
        return list(found.values())

    def source(
        self,
        source: str,
        *,
        base: str = "",
        stdin: BinaryIO | None = None,
        grant: Grant = _NOTHING,
        start: str = "",
        kept: bool = False,
    ) -> Response:
        """Fetch what the user named: an address, a file, or ``-``.

        A web source is asked for each time, with the validators of the cached answer, so that an
        unchanged feed costs one 304. It may be on a private address, and its own host may redirect
        within itself; elsewhere, redirects reach public addresses only.

        Args:
            source: ``https://…``, ``http://…``, ``feed://…``, a path, ``file://…``, ``-``; without
                a scheme and when there is no such file, a host name means https.
            base: the address to report for a file or standard input; ``""``: the file's own.
            stdin: read for ``-``; None is the process's standard input.
            grant: what the source's own place (scheme, host and port) gets, here and later.
            start: where the address is known to have moved for good; that is asked in its place.
            kept: the answer in the cache will do, whatever its age; nobody is asked if there is one.

        Raises:
            UsageError: there is no such file, or it is none; the grant cannot be understood.
            FetchError: it could not be had. A feed that broke off half-way is kept and noted.
        """
        limit = self._options.max_file_bytes
        if source.strip() == "-":
            return local.read_stdin(stdin or sys.stdin.buffer, limit, base)
        url = local.address_of(source)
        if not url:
            return local.read_file(source, limit, base)
        trust = Trust([f"[{self.admit(url, grant)}]"], any_port=True)
        try:
            return self._feeds.fetch(url, trust, url, start=start, kept=kept)
        except FetchError as error:
            if error.status == _UNAUTHORIZED and self._netrc.problem:
                error.remedy = f"{self._options.netrc}: {self._netrc.problem}"
            raise

    def admit(self, url: str, grant: Grant = _NOTHING) -> str:
        """Take note of a web address that the user named, as :meth:`source` does, without asking there.

        Args:
            url: the address.
            grant: see :meth:`source`.

        Returns:
            Its host.

        Raises:
            FetchError: it is not a valid address of the web.
            UsageError: what was given for it cannot be understood.
        """
        host, port = self._connected().admit(url, grant)
        self._typed.add(f"[{host}]:{port}")
        return host

    def folder(self, source: str, *, base: str = "") -> Folder | None:
        """Open a folder of saved pages that the user named; None if the source is something else.

        Args:
            source: a path, or ``file://…``.
            base: the web address that it stands for, or ``""``.

        Raises:
            UsageError: there is no page in it, or it may not be read.
            FetchError: there is too much in it; also while its pages are read.
        """
        path = local.path_of(source)
        if path is None or not path.is_dir():
            return None
        from feed2book.fetch.folder import open_folder

        folder = open_folder(path, base, self._options.max_file_bytes)
        self._folders[folder.prefix] = (path, folder.pictures)
        return folder

    def page(
        self, url: str, *, trusted: Collection[str] = (), source: str = "", kept: bool = False
    ) -> Response:
        """Fetch a feed or page that another page named; see :meth:`source` and, for trust, :meth:`images`.

        Args:
            url: its address.
            trusted: see :meth:`images`.
            source: the source that it belongs to, as :meth:`source` was given it. At that source's own place
                it gets what the source gets, whatever neighbours there got.
            kept: see :meth:`source`.

        Raises:
            FetchError: it could not be had; BlockedError: it is on a private address.
        """
        trust = Trust([*trusted, *self._typed])
        return self._feeds.fetch(url, trust, local.address_of(source), kept=kept)

    def crawl(
        self,
        way: str,
        feed: Response,
        source: str,
        *,
        beside: bool,
        trusted: Collection[str] = (),
        progress: Progress | None = None,
    ) -> Crawl:
        """Return the record of a source's older posts, as they were read one way; it fetches what is missing.

        Args:
            way: the name of the way.
            feed: the feed that they belong to.
            source: what the user named. Others, who get something else there, have records of their own.
            beside: pages are no parts of the feed, so that robots.txt counts for them.
            trusted: see :meth:`images`.
            progress: is told how many pages of all archives came in this run; of how many, nobody knows (0).
        """
        trust, typed = Trust([*trusted, *self._typed]), local.address_of(source)
        return self._feeds.crawl(way, feed, trust, typed, beside=beside, progress=progress)

    def identity(self, url: str, source: str) -> str:
        """Return what tells what we get at an address from what others get there; ``""`` if anybody gets it.

        It is no secret: it may be part of the name of what is kept. For ``source`` see :meth:`page`.
        """
        with self._lock:
            client = self._client  # without one, no source was given anything
        try:
            return client.name(url, local.address_of(source)) if client else ""
        except FetchError:
            return ""

    def images(
        self,
        wanted: Sequence[tuple[str, ...]],
        take: Callable[[Response], T],
        *,
        trusted: Collection[str],
        fresh: Container[str] | None = None,
        progress: Progress | None = None,
    ) -> dict[tuple[str, ...], T | FetchError]:
        """Fetch pictures, several at once, each address once.

        Args:
            wanted: for each picture its addresses, best first: http, https, ``data:``, or in a
                :meth:`folder`.
            take: makes of each answer what is to be kept, so that answers do not pile up; runs in the
                threads that fetch.
            trusted: ``host:port`` (or ``host``, for the usual ports) of sources that the user named:
                these may be private. What :meth:`source` fetched is trusted anyway.
            fresh: addresses that are asked for as HTTP has it; for others, what the cache holds will do,
                whatever its age. None asks for all.
            progress: is told how many are settled, of how many, in the caller's thread.

        Returns:
            For each picture what ``take`` made of it, or why its best address failed.
        """
        trust = Trust([*trusted, *self._typed])
        return self._bulk.images(wanted, take, trust, progress, fresh)

    def pages(
        self,
        wanted: Iterable[tuple[str, str]],
        take: Callable[[Response], T],
        *,
        trusted: Collection[str],
        progress: Progress | None = None,
    ) -> dict[tuple[str, str], T | FetchError]:
        """Fetch the pages of posts, several at once, each once, as far as their hosts' robots.txt lets us.

        Args:
            wanted: for each its address and the source that it belongs to; see :meth:`page`.
            take: makes of each answer what is to be kept; runs in the threads that fetch. What it refuses
                with a :class:`FetchError` counts as not had.
            trusted: see :meth:`images`.
            progress: see :meth:`images`.

        Returns:
            For each what ``take`` made of the page, or why it could not be had.
        """
        first: dict[tuple[str, str], tuple[str, str]] = {}  # of those that get the same at an address
        same = {page: first.setdefault((page[0], self.identity(*page)), page) for page in wanted}
        found = self._bulk.pages(first.values(), take, Trust([*trusted, *self._typed]), progress)
        return {page: found[one] for page, one in same.items()}

    def _connected(self) -> Client:
        with self._lock:
            if self._closed:
                raise FetchError("the work was broken off")
            if self._client is None:
                from feed2book.fetch.client import Client

                self._client = Client(
                    self._options,
                    self._hosts,
                    self._netrc,
                    self._transport,
                    now=self._now,
                    monotonic=self._monotonic,
                    sleep=self._sleep,
                )
            return self._client
