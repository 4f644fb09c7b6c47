"""A real WordPress on loopback: what its feed, its interface and its export give are the same posts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from server.wordpress import Blog, missing, wordpress

from feed2book.models import BookOptions, Entry, FetchOptions, Job, Reach
from feed2book.pipeline import outline

POSTS = 120


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


def posts(source: str | Path, archive: str = "") -> dict[str, tuple[object, ...]]:
    """Return what a source says of each post, by its address."""
    job = Job(
        (str(source),), fetch=FetchOptions(), book=BookOptions(images=False), reach=Reach(archive, "never")
    )
    gathered = outline(job)
    entries = [article.entry for article in gathered.articles]
    found: dict[str, tuple[object, ...]] = {
        entry.url: (entry.title, entry.authors, entry.published, set(entry.tags), words(entry))
        for entry in entries
    }
    assert len(found) == len(entries)
    return found


def words(entry: Entry) -> str:
    return " ".join(entry.text.split())


@pytest.fixture(scope="session")
def by_feed(blog: Blog) -> dict[str, tuple[object, ...]]:
    """Return the posts that the pages of the feed give."""
    return posts(f"{blog.url}/feed/", "wordpress")


def test_the_pages_of_the_feed_give_every_post(blog: Blog, by_feed: dict[str, tuple[object, ...]]) -> None:
    days = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(1, POSTS + 1)]
    assert list(by_feed) == [f"{blog.url}/{day:%Y/%m}/day-{number}/" for number, day in enumerate(days, 1)]


def test_the_rest_interface_gives_the_same_posts(blog: Blog, by_feed: dict[str, tuple[object, ...]]) -> None:
    assert posts(f"{blog.url}/feed/", "wordpress-rest") == by_feed


def test_the_export_gives_the_same_posts(
    blog: Blog, by_feed: dict[str, tuple[object, ...]], tmp_path: Path
) -> None:
    (tmp_path / "export.xml").write_bytes(blog.export())
    assert posts(tmp_path / "export.xml") == by_feed


def test_the_sitemap_names_the_same_posts(blog: Blog, by_feed: dict[str, tuple[object, ...]]) -> None:
    assert posts(f"{blog.url}/feed/", "sitemap").keys() == by_feed.keys()
