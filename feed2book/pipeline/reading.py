"""Fetch the sources and read them: feeds, or the feeds that a site names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feed2book.errors import Feed2BookError, FeedError, FetchError, SourcesError
from feed2book.models import Entry, Failure, Feed, Grant, Job, Response, without_login
from feed2book.pipeline.archive import with_archive
from feed2book.pipeline.finding import Choice, Found, find_feed
from feed2book.pipeline.run import PACE, Run
from feed2book.store import Shelf

if TYPE_CHECKING:
    from feed2book.feed import Strategy
    from feed2book.fetch import Fetcher
    from feed2book.fetch.crawls import Crawl
    from feed2book.pipeline.polling import Way

_PARSED = 2  # feeds at a time, which takes memory; the others come meanwhile


def read_sources(run: Run, fetcher: Fetcher, *, whole: bool) -> tuple[tuple[Feed, ...], tuple[Failure, ...]]:
    """Read all sources at once, keeping their order; one that fails does not stop the others."""
    known, sources = Shelf(run.store, Entry), tuple(dict.fromkeys(run.job.sources))
    desk = BoundedSemaphore(_PARSED)

    def read(source: str) -> Feed | Feed2BookError:
        if refusal := run.polling.refusal(source):
            return refusal
        try:
            reader = _Reader(source, run, fetcher, known, desk, whole)
            return replace(reader.read(), source=source)
        except Feed2BookError as error:
            return run.polling.failed(source, error)

    outcomes = fetcher.each(sources, read, lambda done, total: run.progress("feeds", done, total))
    feeds = tuple(outcome for outcome in outcomes if isinstance(outcome, Feed))
    errors = [
        (source, error)
        for source, error in zip(sources, outcomes, strict=True)
        if isinstance(error, Feed2BookError)
    ]
    if not feeds:
        causes = tuple(error for _, error in errors)
        raise causes[0] if len(causes) == 1 else SourcesError(causes)
    return feeds, tuple(Failure(without_login(source), str(error)) for source, error in errors)


@dataclass(frozen=True, slots=True)
class _Reader:
    """What reads one source: its feed, wherever that is, and as many of its older posts as are wanted.

    ``known`` are entries that were read before; ``desk`` has room for the feeds that are parsed at once.
    ``whole`` says that half a post at the end of a feed that broke off does not count.
    """

    source: str
    run: Run
    fetcher: Fetcher
    known: Shelf[Entry]
    desk: BoundedSemaphore
    whole: bool

    def read(self) -> Feed:
        """Return the source's feed, or the pages of a folder.

        Raises:
            Feed2BookError: it could not be had or read.
        """
        from feed2book.feed import parse_saved

        if folder := self.fetcher.folder(self.source, base=self.run.job.base):
            return parse_saved(folder)
        try:
            found = self._found()
            feed, response = found.feed, found.response
            self.run.polling.read(self.source, feed, response, found.moved)
            # What is not due has no pages that are.
            ask = not (self.run.job.fetch.offline or (self._way.kept and response.fresh))
            wanted, crawl = self.run.job.book, partial(self._crawl, response)
            return with_archive(feed, response, self._archive, wanted, crawl, self.known, ask=ask)
        except FeedError as error:  # in the words that the user typed, not as file:///…
            where = error.where if error.where.startswith("http") else without_login(self.source)
            raise FeedError(error.message, where=where, remedy=error.remedy) from error

    @property
    def _way(self) -> Way:
        return self.run.polling.way(self.source)

    @property
    def _archive(self) -> str:
        return self.run.job.reach_of(self.source).archive

    @property
    def _grant(self) -> Grant:
        return self.run.grants.get(self.source, Grant())

    def _found(self) -> Found:
        """Find the feed, at a web address where an earlier run found it, and remember where it is."""
        from feed2book.fetch.local import address_of

        address = address_of(self.source)
        start = "" if self._way.start else address
        look = partial(find_feed, self.source, start, self._ask, self._follow, self._parse)
        if not address:
            return look(Choice())
        self.fetcher.admit(address, self._grant)
        choices = Shelf(self.run.store, Choice)
        place = choices.name(without_login(address), self.fetcher.identity(address, address))
        before = choices.get(place) or Choice()
        found = look(before)
        if found.choice != before:
            choices.put(place, found.choice)
        return found

    def _ask(self) -> Response:
        asked = partial(
            self.fetcher.source,
            self.source,
            base=self.run.job.base,
            stdin=BytesIO(self.run.stdin),
            grant=self._grant,
            start=self._way.start,
            kept=self._way.kept,
        )
        return self._or_copy(asked, self.source)

    def _follow(self, url: str) -> Response:
        trusted = trusted_hosts(self.run.job)
        named = partial(self.fetcher.page, url, trusted=trusted, source=self.source, kept=self._way.kept)
        return self._or_copy(named, url)

    def _or_copy(self, fetch: Callable[[], Response], url: str) -> Response:
        """Take the last copy of what is gone, if the user wants the posts from the Wayback Machine."""
        from feed2book.feed import archived_copy

        try:
            return fetch()
        except FetchError:
            if self._archive != "wayback":
                raise
            return replace(self.fetcher.page(archived_copy(url)), url=url)

    def _parse(self, response: Response) -> Feed:
        from feed2book.feed import parse_feed, whole_entries

        workers = self.run.workers
        workers.begin(PACE * len(response.body))
        with self.desk:
            return parse_feed(whole_entries(response) if self.whole else response, self.known, workers.map)

    def _crawl(self, response: Response, strategy: Strategy) -> Crawl:
        return self.fetcher.crawl(
            strategy.name,
            response,
            self.source,
            beside=bool(strategy.read),
            trusted=trusted_hosts(self.run.job),
            progress=partial(self.run.progress, "archive"),
        )


def trusted_hosts(job: Job) -> frozenset[str]:
    """The hosts (with port) that the user typed: these may be private ones."""
    places = (urlsplit(source) for source in (*job.sources, job.base) if "://" in source)
    return frozenset(place.netloc.rpartition("@")[2].lower() for place in places)
