"""Fetch the sources and read them: feeds, or the feeds that a site names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feed2book.errors import Feed2BookError, FeedError, SourcesError
from feed2book.models import Entry, Failure, Feed, Grant, Job, Response, without_login
from feed2book.pipeline.archive import with_archive
from feed2book.pipeline.run import Run
from feed2book.store import Shelf

if TYPE_CHECKING:
    from feed2book.fetch import Fetcher


def read_sources(run: Run, fetcher: Fetcher, *, whole: bool) -> tuple[tuple[Feed, ...], tuple[Failure, ...]]:
    """Read all sources at once, keeping their order; one that fails does not stop the others."""
    job, known = run.job, Shelf(run.store, Entry)

    def read(source: str) -> Feed | Feed2BookError:
        try:
            return replace(_read(source, run, fetcher, known, whole=whole), source=source)
        except Feed2BookError as error:
            return error

    run.progress("feeds", 0, len(job.sources))
    outcomes: list[Feed | Feed2BookError] = []
    with ThreadPoolExecutor(max_workers=job.fetch.concurrency) as pool:
        try:
            for outcome in pool.map(read, job.sources):
                outcomes.append(outcome)
                run.progress("feeds", len(outcomes), len(job.sources))
        except BaseException:
            fetcher.close()  # wakes threads that wait on a host, so that Ctrl-C ends at once
            raise
    feeds = tuple(outcome for outcome in outcomes if isinstance(outcome, Feed))
    errors = [
        (source, error)
        for source, error in zip(job.sources, outcomes, strict=True)
        if isinstance(error, Feed2BookError)
    ]
    if not feeds:
        causes = tuple(error for _, error in errors)
        raise causes[0] if len(causes) == 1 else SourcesError(causes)
    return feeds, tuple(Failure(without_login(source), str(error)) for source, error in errors)


def _read(source: str, run: Run, fetcher: Fetcher, known: Shelf[Entry], *, whole: bool) -> Feed:
    from feed2book.feed import find_feeds, looks_like_page, parse_feed, parse_saved, whole_entries

    def read(response: Response) -> Feed:
        feed = parse_feed(whole_entries(response) if whole else response, known)
        return with_archive(feed, response, source, run, fetcher, trusted)

    trusted = trusted_hosts(run.job)
    if folder := fetcher.folder(source, base=run.job.base):
        return parse_saved(folder)
    response = fetcher.source(
        source, base=run.job.base, stdin=BytesIO(run.stdin), grant=run.grants.get(source, Grant())
    )
    if not looks_like_page(response):
        try:
            return read(response)
        except FeedError as error:  # in the words that the user typed, not as file:///…
            raise FeedError(error.message, where=without_login(source), remedy=error.remedy) from error
    candidates = find_feeds(response)
    if not candidates:
        raise FeedError(
            "this is a web page, and it names no feed",
            where=without_login(source),
            remedy="give the address of the feed itself",
        )
    return read(fetcher.page(candidates[0], trusted=trusted, source=source))


def trusted_hosts(job: Job) -> frozenset[str]:
    """The hosts (with port) that the user typed: these may be private ones."""
    places = (urlsplit(source) for source in (*job.sources, job.base) if "://" in source)
    return frozenset(place.netloc.rpartition("@")[2].lower() for place in places)
