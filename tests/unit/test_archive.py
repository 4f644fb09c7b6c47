"""Whole archives behind each scheme of paging: every post, in order, once; interrupted and gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
from server.app import serve
from server.blog import SCHEMES, Blog, make_posts

from feed2book import config
from feed2book.feed import STRATEGIES
from feed2book.fetch import Fetcher
from feed2book.models import BookOptions, Feed, FetchOptions, Job, Reach
from feed2book.pipeline.reading import read_sources
from feed2book.pipeline.run import started

COUNT = 250
WAYS = {"rss-next": "next", "json": "next"}  # where the scheme of the blog is not called as the way to it
PAGED = [scheme for scheme in SCHEMES if scheme != "plain"]


def numbers(feed: Feed) -> list[int]:
    return [int("".join(filter(str.isdecimal, entry.title))) for entry in feed.entries]


def all_of(count: int = COUNT) -> list[int]:
    return list(range(count, 0, -1))


@contextmanager
def serving(blog: Blog) -> Iterator[str]:
    with serve({"*": blog.answer}) as server:
        yield server.url + blog.feed


def read(url: str, cache: Path, archive: str = "auto", *, offline: bool = False, **wanted: Any) -> Feed:
    """Read one source as a command does."""
    job = Job(
        (url,),
        fetch=FetchOptions(cache_dir=cache, offline=offline, retries=0),
        book=BookOptions(**wanted),
        reach=Reach(archive=archive),
    )
    with started(job) as run, Fetcher(job.fetch) as fetcher:
        (feed,), _ = read_sources(run, fetcher, whole=False)
    return feed


def test_each_way_has_its_word() -> None:
    assert get_args(config.Strategy) == ("auto", "none", *(way.name for way in STRATEGIES))


@pytest.mark.parametrize("scheme", PAGED)
def test_every_post_is_there_once_and_in_order(scheme: str, tmp_path: Path) -> None:
    blog = Blog(scheme, make_posts(COUNT))
    with serving(blog) as url:
        feed = read(url, tmp_path)
        sent = list(blog.sent)
        again, offline = read(url, tmp_path), read(url, tmp_path, offline=True)
    assert numbers(feed) == all_of()
    assert feed.title == "Blog"
    assert len(sent) == len(set(sent)), "no page comes twice"
    assert blog.log[-1] == (blog.feed, 304), "what has not changed costs one conditional request"
    assert blog.sent == sent
    assert feed.entries == again.entries == offline.entries
    (notice,) = [notice for notice in feed.notices if notice.code == "archive-read"]
    label = next(way.label for way in STRATEGIES if way.name == WAYS.get(scheme, scheme))
    assert notice.message.startswith(f"250 posts by {label}, ")
