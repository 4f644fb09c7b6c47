"""A real WordPress on loopback: what its feed, its interface and its export give are the same posts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from server.wordpress import Blog, missing, wordpress

from feed2book.feed import parse_feed
from feed2book.models import Entry, Response

POSTS = 120
A_PAGE = 10


@pytest.fixture(scope="session")
def blog() -> Iterator[Blog]:
    """Return a blog of 120 posts."""
    if lacking := missing():
        if os.environ.get("CI"):
            pytest.fail(f"not installed: {lacking} (scripts/setup test)")
        pytest.skip(f"not installed: {lacking}")
    # Not pytest's own folder: the path of a socket may have a hundred characters.
    with tempfile.TemporaryDirectory(prefix="blog-") as folder, wordpress(Path(folder), POSTS) as running:
        yield running


def read(url: str) -> tuple[Entry, ...]:
    with urlopen(url) as answer:
        return parse_feed(Response(url, 200, (), answer.read())).entries


def words(entry: Entry) -> str:
    return " ".join(entry.text.split())


def test_the_export_of_a_blog_holds_the_posts_that_its_feed_shows(blog: Blog) -> None:
    shown = [
        entry for page in range(1, POSTS // A_PAGE + 1) for entry in read(f"{blog.url}/feed/?paged={page}")
    ]
    feed = parse_feed(Response("file:///export.xml", 200, (), blog.export()))
    assert len(feed.entries) == POSTS
    assert feed.notices == ()

    def said(entry: Entry) -> tuple[object, ...]:
        return entry.id, entry.url, entry.title, entry.authors, entry.published, set(entry.tags), words(entry)

    assert sorted(map(said, feed.entries)) == sorted(map(said, shown))
