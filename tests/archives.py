"""Read a blog on loopback as a command would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from server.app import serve
from server.blog import Blog

from feed2book.fetch import Fetcher
from feed2book.fetch.crawls import Crawl
from feed2book.models import BookOptions, Feed, FetchOptions, Job, Reach, Response
from feed2book.pipeline.reading import read_sources
from feed2book.pipeline.run import started


@contextmanager
def serving(blog: Blog) -> Iterator[str]:
    """Serve it; yields the address of its feed."""
    with serve({"*": blog.answer}) as server:
        yield server.url + blog.feed


def read(url: str, cache: Path, archive: str = "auto", *, offline: bool = False, **wanted: Any) -> Feed:
    """Read one source, with its older posts."""
    job = Job(
        (url,),
        fetch=FetchOptions(cache_dir=cache, offline=offline, retries=0),
        book=BookOptions(**wanted),
        reach=Reach(archive=archive),
    )
    with started(job) as run, Fetcher(job.fetch) as fetcher:
        (feed,), _ = read_sources(run, fetcher, whole=False)
    return feed


def numbers(feed: Feed) -> list[int]:
    """Return the numbers of its posts, in order."""
    return [int("".join(filter(str.isdecimal, entry.title))) for entry in feed.entries]


def said(feed: Feed, code: str) -> list[str]:
    """Return the notices of a code."""
    return [notice.message for notice in feed.notices if notice.code == code]


class KilledError(Exception):
    """Nothing knows it, so that nothing tidies up after it."""


@contextmanager
def dying_at_the_next_page() -> Iterator[None]:
    """Let the run die as soon as a page is written down."""
    fetch = Crawl.fetch

    def dying(crawl: Crawl, number: int, page: int, url: str) -> Response:
        fetch(crawl, number, page, url)
        raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Crawl, "fetch", dying)
        yield
