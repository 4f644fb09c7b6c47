"""Fetch the sources and read them: feeds, or the feeds that a site names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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


_PARSED = 2  # feeds at a time, which takes memory; the others come meanwhile


def read_sources(run: Run, fetcher: Fetcher, *, whole: bool) -> tuple[tuple[Feed, ...], tuple[Failure, ...]]:
    """Read all sources at once, keeping their order; one that fails does not stop the others."""
    known, sources = Shelf(run.store, Entry), tuple(dict.fromkeys(run.job.sources))
    desk = BoundedSemaphore(_PARSED)

    def read(source: str) -> Feed | Feed2BookError:
        if refusal := run.polling.refusal(source):
            return refusal
        try:
            return replace(_read(source, run, fetcher, known, desk, whole=whole), source=source)
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


def _read(
    source: str, run: Run, fetcher: Fetcher, known: Shelf[Entry], desk: BoundedSemaphore, *, whole: bool
) -> Feed:
    from feed2book.feed import archived_copy, parse_feed, parse_saved, whole_entries
    from feed2book.fetch.local import address_of

    def crawl(strategy: Strategy) -> Crawl:
        return fetcher.crawl(
            strategy.name,
            response,
            source,
            beside=bool(strategy.read),
            trusted=trusted,
            progress=partial(run.progress, "archive"),
        )

    if folder := fetcher.folder(source, base=run.job.base):
        return parse_saved(folder)
    trusted, way = trusted_hosts(run.job), run.polling.way(source)
    archive, wanted = run.job.reach_of(source).archive, run.job.book
    grant = run.grants.get(source, Grant())

    def or_copy(fetch: Callable[[], Response], url: str) -> Response:
        """Take the last copy of what is gone, if the user wants the posts from the Wayback Machine."""
        try:
            return fetch()
        except FetchError:
            if archive != "wayback":
                raise
            return replace(fetcher.page(archived_copy(url)), url=url)

    def ask() -> Response:
        asked = partial(
            fetcher.source,
            source,
            base=run.job.base,
            stdin=BytesIO(run.stdin),
            grant=grant,
            start=way.start,
            kept=way.kept,
        )
        return or_copy(asked, source)

    def follow(url: str) -> Response:
        named = partial(fetcher.page, url, trusted=trusted, source=source, kept=way.kept)
        return or_copy(named, url)

    def parse(response: Response) -> Feed:
        run.workers.begin(PACE * len(response.body))
        with desk:
            return parse_feed(whole_entries(response) if whole else response, known, run.workers.map)

    address = "" if source.strip() == "-" else address_of(source)
    try:
        look = partial(find_feed, source, "" if way.start else address, ask, follow, parse)
        found = _found_again(look, address, grant, run, fetcher)
        feed, response = found.feed, found.response
        run.polling.read(source, feed, response, found.moved)
        is_due = not (run.job.fetch.offline or (way.kept and response.fresh))  # else its pages are not, too
        return with_archive(feed, response, archive, wanted, crawl, known, ask=is_due)
    except FeedError as error:  # in the words that the user typed, not as file:///…
        where = error.where if error.where.startswith("http") else without_login(source)
        raise FeedError(error.message, where=where, remedy=error.remedy) from error


def _found_again(
    look: Callable[[Choice], Found], address: str, grant: Grant, run: Run, fetcher: Fetcher
) -> Found:
    """Find the feed of a web address where an earlier run found it, and remember where it is."""
    if not address:
        return look(Choice())
    fetcher.admit(address, grant)
    choices = Shelf(run.store, Choice)
    place = choices.name(without_login(address), fetcher.identity(address, address))
    known = choices.get(place) or Choice()
    found = look(known)
    if found.choice != known:
        choices.put(place, found.choice)
    return found


def trusted_hosts(job: Job) -> frozenset[str]:
    """The hosts (with port) that the user typed: these may be private ones."""
    places = (urlsplit(source) for source in (*job.sources, job.base) if "://" in source)
    return frozenset(place.netloc.rpartition("@")[2].lower() for place in places)
