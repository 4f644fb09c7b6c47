"""Whole archives behind each scheme of paging: every post, in order, once; cut off and gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from archives import KilledError, dying_at_the_next_page, numbers, read, said, serving
from runner import feed2book
from server.blog import SCHEMES, Blog, make_posts

from feed2book import config
from feed2book.errors import FeedError
from feed2book.feed import STRATEGIES
from feed2book.models import BookOptions, Edition, FetchOptions, Reach, RenderOptions, Source
from feed2book.pipeline import draft_edition

COUNT = 250
ALL = list(range(COUNT, 0, -1))
WAYS = {"rss-next": "next", "json": "next"}  # where the scheme of the blog is not called as the way to it
PAGED = [scheme for scheme in SCHEMES if scheme != "plain"]


def test_each_way_has_its_word() -> None:
    assert get_args(config.Strategy) == ("auto", "none", *(way.name for way in STRATEGIES))


@pytest.mark.parametrize("scheme", PAGED)
def test_every_post_is_there_once_and_in_order(scheme: str, tmp_path: Path) -> None:
    blog = Blog(scheme, make_posts(COUNT))
    with serving(blog) as url:
        feed = read(url, tmp_path)
    assert numbers(feed) == ALL
    assert feed.title == "Blog"
    assert len(blog.sent) == len(set(blog.sent)), "no page comes twice"
    label = next(way.label for way in STRATEGIES if way.name == WAYS.get(scheme, scheme))
    assert said(feed, "archive-read")[0].startswith(f"250 posts by {label}, ")
    assert said(feed, "archive-incomplete") == []


@pytest.mark.parametrize("scheme", PAGED)
def test_killed_at_every_page_it_goes_on_where_it_was(scheme: str, tmp_path: Path) -> None:
    blog, kills, feed = Blog(scheme, make_posts(COUNT), size=50), 0, None
    with serving(blog) as url:
        while feed is None:
            try:
                with dying_at_the_next_page():
                    feed = read(url, tmp_path)
            except KilledError:
                kills += 1
        sent = list(blog.sent)
        assert blog.log[-1] == (blog.feed, 304), "what has not changed costs one conditional request"
        offline = read(url, tmp_path, offline=True)
    assert numbers(feed) == ALL
    unseen = scheme == "sitemap"  # robots.txt, which the blog does not count
    assert kills >= 2
    assert len(sent) == len(set(sent)) == kills + 1 - unseen, (
        "each page but the feed was a kill, and came once"
    )
    assert offline.entries == feed.entries
    assert blog.sent == sent


def test_a_killed_process_leaves_what_came(tmp_path: Path) -> None:
    process: subprocess.Popen[bytes] | None = None
    deadly = {"/feed/?paged=3", "/feed/?paged=11"}  # the last one is past the end

    def kill(_blog: Blog, path: str) -> None:
        if path in deadly:
            deadly.remove(path)
            assert process
            process.kill()

    blog = Blog("wordpress", make_posts(COUNT), size=25, before=kill)
    with serving(blog) as url:
        codes: list[int] = []
        while deadly or not codes or codes[-1] != 0:
            process = subprocess.Popen(
                [sys.executable, "-m", "feed2book", "list", "--all", url],
                env={**os.environ, "FEED2BOOK_CACHE": str(tmp_path)},
                stdout=subprocess.PIPE,
            )
            listed = process.communicate(timeout=60)[0]
            codes.append(process.returncode)
    assert codes == [-signal.SIGKILL] * 2 + [0]
    assert listed.count(b"Post ") == COUNT
    # What was asked for when the process died was answered to nobody; all else came once.
    pages = [f"/feed/?paged={page}" for page in (2, 3, 3, 4, 5, 6, 7, 8, 9, 10)]
    assert blog.sent == [blog.feed, *pages]


@pytest.mark.parametrize(
    ("wanted", "pages"),
    [
        ({"limit": 10}, 0),
        ({"limit": 11}, 1),
        ({"limit": 40}, 3),
        ({"since": datetime(2026, 1, 2, 16, tzinfo=UTC)}, 2),  # from post 40 on; page 3 begins with 30
        ({"since": datetime(2026, 1, 2, 18, tzinfo=UTC)}, 0),  # from post 42 on; page 1 ends with 41
        ({"limit": 15, "until": datetime(2026, 1, 2, 10, tzinfo=UTC)}, 3),  # up to 33: on pages 2, 3 and 4
    ],
)
def test_no_more_is_asked_than_is_wanted(wanted: dict[str, Any], pages: int, tmp_path: Path) -> None:
    blog = Blog("wordpress", make_posts(50))
    with serving(blog) as url:
        read(url, tmp_path, **wanted)
        assert blog.sent == [blog.feed, *(f"/feed/?paged={page + 2}" for page in range(pages))]
        whole = read(url, tmp_path)
    assert len(whole.entries) == 50
    assert len(blog.sent) == len(set(blog.sent)) == 5


def test_a_way_can_be_forced(tmp_path: Path) -> None:
    blog = Blog("wordpress", make_posts(COUNT))
    with serving(blog) as url:
        assert numbers(read(url, tmp_path, "wordpress-rest")) == ALL
        assert len(blog.sent) == 4


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("rfc5005", "older posts cannot be had by archived feeds: the feed does not say where"),
        ("tumblr", "older posts cannot be had by Tumblr's API: there is nothing at this address (404)"),
        ("ghost", "older posts cannot be had by Ghost's content API: there is nothing at this address (404)"),
    ],
)
def test_a_way_that_leads_nowhere_is_an_error(way: str, reason: str, tmp_path: Path) -> None:
    with serving(Blog("wordpress", make_posts(COUNT))) as url, pytest.raises(FeedError) as caught:
        read(url, tmp_path, way)
    assert caught.value.message == reason
    assert caught.value.remedy == "leave --archive out, or name another way"


def test_where_no_way_is_known_it_says_so(tmp_path: Path) -> None:
    with serving(Blog("plain", make_posts(COUNT))) as url:
        feed = read(url, tmp_path)
    assert len(feed.entries) == 10
    assert said(feed, "archive-unknown") == [
        "no way to its older posts is known: here is what the feed shows"
    ]


def test_a_rest_post_has_its_authors_terms_and_lead_picture(tmp_path: Path) -> None:
    with serving(Blog("wordpress-rest", make_posts(30))) as url:
        entry = read(url, tmp_path).entries[-1]
    assert entry.title == "Post – 1"
    assert entry.authors == ("Ada & Tom",)
    assert entry.tags == ("Water", "Tides & wind")
    assert entry.content == "<p>The text of post 1.</p>"
    assert [(one.url.rpartition("/")[2], one.description) for one in entry.enclosures] == [
        ("1.png", "A gate")
    ]
    assert entry.guid.endswith("/?p=1")


@pytest.mark.parametrize(
    ("words", "posts", "code", "said"),
    [
        ((), 10, 0, ""),
        (("--limit", "10"), 10, 0, ""),
        (("--limit", "15"), 15, 0, "feed2book: {url}: 20 posts by WordPress paging, 2 pages\n"),
        (("--since", "2026-01-01T18:00"), 13, 0, "feed2book: {url}: 30 posts by WordPress paging, 3 pages\n"),
        (("--limit", "15", "--archive", "none"), 10, 0, ""),
        (("--all",), 30, 0, "feed2book: {url}: 30 posts by WordPress paging, 3 pages\n"),
        (("--all", "-q"), 30, 0, ""),
        (("--all", "--archive", "none"), 0, 2, "feed2book: --archive none: --all asks for older posts"),
        (("--archive", "next"), 0, 1, "feed2book: {url}: older posts cannot be had by the feed's own pages"),
    ],
)
def test_how_older_posts_are_asked_for(
    words: tuple[str, ...], posts: int, code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED2BOOK_CACHE", str(tmp_path))
    with serving(Blog("wordpress", make_posts(30))) as url:
        done = feed2book("list", url, *words)
    assert done.code == code, done.said
    assert done.said.count(" words ") == posts
    assert said.format(url=url) in done.said
    assert ("WordPress paging" in done.said) == ("paging" in said)


def test_a_book_that_lacks_posts_says_so_and_ends_with_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED2BOOK_CACHE", str(tmp_path))
    with serving(Blog("wordpress", make_posts(30), failing={"/feed/?paged=3"})) as url:
        done = feed2book("list", url, "--all")
    assert (done.code, done.said.count(" words ")) == (3, 20)
    assert f"feed2book: {url}?paged=3: older posts are missing: the server failed (500)\n" in done.said


def test_an_edition_reads_on_to_the_beginning_of_its_period(tmp_path: Path) -> None:
    """It shows ten posts of a week in which one came every hour."""
    blog = Blog("wordpress", make_posts(400))
    now = blog.posts[0].date
    with serving(blog) as url:
        edition = Edition(
            name="weekly",
            sources=(Source(url),),
            fetch=FetchOptions(cache_dir=tmp_path / "cache"),
            book=BookOptions(limit=150),
            render=RenderOptions(),
            reach=Reach("auto"),
        )

        def run(moment: datetime) -> int:
            report = draft_edition(edition, tmp_path / "data", moment, reveal=str)
            return len(report.issue.posts) if report.issue else 0

        assert run(now) == 150, "the newest ones of the period"
        assert len(blog.sent) == 18, "the last page is older as a whole"
        asked = len(blog.log)
        assert run(now) == 150
        assert len(blog.log) == asked + 1
