"""Where older posts are, what lists of them say, and when two posts are the same: without any network."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feed2book.errors import FeedError
from feed2book.feed import STRATEGIES, Posts, Strategy, strategies, why_unknown
from feed2book.models import Entry, Feed, Response

WAYS = {way.name: way for way in STRATEGIES}
LONG = "<p>" + " ".join(f"word{number}" for number in range(60)) + "</p>"


def response(url: str, *headers: tuple[str, str], body: bytes = b"") -> Response:
    return Response(url, 200, headers, body, url)


def listed(way: str, data: object) -> Feed:
    read = WAYS[way].read
    assert read
    return read(response("https://example.org/list", body=json.dumps(data).encode()))


@pytest.mark.parametrize(
    ("generator", "url", "headers", "names"),
    [
        ("https://wordpress.org/?v=6.8", "https://a.example/feed/", (), ["wordpress", "wordpress-rest"]),
        ("", "https://a.example/?feed=rss2", (), ["wordpress", "wordpress-rest"]),
        ("", "https://a.example/feed/", ("https://api.w.org/",), ["wordpress", "wordpress-rest"]),
        ("https://wordpress.org/?v=6.8", "https://a.example/category/sea/feed/", (), ["wordpress"]),
        ("Blogger http://www.blogger.com", "https://a.example/feeds/posts/default", (), ["blogger"]),
        ("", "https://a.example/feeds/posts/default?alt=rss", (), ["blogger"]),
        ("Ghost 2.38", "https://a.example/rss/", (), ["ghost-rss", "ghost"]),
        ("Ghost 5.82", "https://a.example/rss/", (), ["ghost"]),
        ("", "https://a.substack.com/feed", (), ["substack"]),
        ("Substack", "https://letters.example/feed", (), ["substack"]),
        ("Tumblr (3.0; @a)", "https://a.example/rss", (), ["tumblr"]),
        ("Hugo", "https://a.example/index.xml", (), []),
    ],
)
def test_what_a_site_is_shows_in_its_feed(
    generator: str, url: str, headers: tuple[str, ...], names: list[str]
) -> None:
    feed = Feed(url, home="https://a.example/", generator=generator, entries=(Entry("1"),))
    links = [("link", f'<https://a.example/wp-json/>; rel="{relation}"') for relation in headers]
    assert [way.name for way in strategies("auto", feed, response(url, *links))] == [*names, "sitemap"]


@pytest.mark.parametrize(
    ("way", "url", "headers", "start"),
    [
        ("wordpress", "https://a.example/?feed=rss2&paged=1", (), "https://a.example/?feed=rss2&paged=2"),
        (
            "wordpress-rest",
            "https://a.example/blog/feed/",
            (),
            "https://a.example/blog/wp-json/wp/v2/posts?per_page=100&page=1&_embed=1",
        ),
        (
            "wordpress-rest",
            "https://a.example/blog/?feed=rss2",
            (("link", '<https://a.example/blog/index.php?rest_route=/>; rel="https://api.w.org/"'),),
            "https://a.example/blog/index.php?rest_route=/wp/v2/posts&per_page=100&page=1&_embed=1",
        ),
        (
            "blogger",
            "https://a.example/feeds/posts/default",
            (),
            "https://a.example/feeds/posts/default?start-index=3&max-results=100",
        ),
        ("ghost-rss", "https://a.example/tag/sea/rss/", (), "https://a.example/tag/sea/rss/2/"),
        (
            "squarespace",
            "https://a.example/blog?format=rss",
            (),
            "https://a.example/blog?format=json-pretty",
        ),
    ],
)
def test_where_the_next_page_is(way: str, url: str, headers: tuple[tuple[str, str], ...], start: str) -> None:
    feed = Feed(url, home="https://a.example/blog/", entries=(Entry("1"), Entry("2")))
    assert WAYS[way].start(feed, response(url, *headers)) == start


def test_medium_gives_no_older_posts() -> None:
    feed = Feed("https://medium.com/feed/@a", generator="Medium")
    assert why_unknown(feed).startswith("Medium shows programs the newest ten posts and no more")


READERS = [way for way in STRATEGIES if way.read]
JUNK: list[dict[str, object]] = [
    {},
    {"title": {"rendered": 5}, "_embedded": {"author": 7, "wp:term": [{}, [7]]}, "link": [], "guid": 5},
    {"unix-timestamp": 1e300, "tags": 5, "photos": [{}], "url": "javascript:alert(1)", "authors": [None]},
    {"publishOn": -1e300, "tags": None, "author": [], "fullUrl": "//[", "post_date": 7, "canonical_url": {}},
]


@pytest.mark.parametrize("way", READERS, ids=lambda way: way.name)
def test_fields_of_a_wrong_type_count_as_missing(way: Strategy) -> None:
    posts: list[object] = [None, 7, [], *JUNK]
    data = {"posts": posts, "items": posts, "pagination": [], "meta": 5, "posts-total": "many"}
    bare = way.name in ("wordpress-rest", "substack", "wayback")
    assert listed(way.name, posts if bare else data).entries == ()


NO_LISTS = (b"", b"<html>Please log in", b"7", b"{}", b"[" * 100_000)
NO_ERRORS = {"sitemap": NO_LISTS, "wayback": (b"",)}  # a sitemap may be any text; no copies, no answer


@pytest.mark.parametrize("way", READERS, ids=lambda way: way.name)
@pytest.mark.parametrize("body", NO_LISTS, ids=range(5))
def test_what_is_no_list_is_an_error(way: Strategy, body: bytes) -> None:
    assert way.read
    answer = response("https://example.org/list", body=body)
    if body in NO_ERRORS.get(way.name, ()):
        assert way.read(answer).entries == ()
    else:
        with pytest.raises(FeedError):
            way.read(answer)


def test_the_key_of_a_ghost_is_used_at_its_own_address_only() -> None:
    key, read = "0123456789abcdef01234567", WAYS["ghost"].read
    assert read
    page = f'<script data-ghost="https://a.example/" data-key="{key}" data-api="https://evil.example/api/">'
    with pytest.raises(FeedError, match="names no key"):
        read(response("https://a.example/", body=page.encode()))


def test_each_kind_of_tumblr_post_says_something() -> None:
    kinds: list[dict[str, object]] = [
        {"regular-title": "Tide", "regular-body": "<p>Ebb</p>"},
        {"photos": [{"photo-url-1280": "https://a.example/1.jpg"}], "photo-caption": "<p>A gate</p>"},
        {"quote-text": "Wait", "quote-source": "<p>Ada</p>"},
        {"link-text": "Look", "link-url": "https://b.example/?a=1&b=2", "link-description": "<p>There</p>"},
        {"conversation-title": "Two", "conversation-text": "A: ebb?\nB: flood"},
        {"video-player": "<iframe></iframe>", "video-caption": "<p>A lock</p>"},
        {"question": "When?", "answer": "<p>At six</p>"},
    ]
    posts = [{"url": f"https://a.example/post/{number}", **kind} for number, kind in enumerate(kinds)]
    feed = listed("tumblr", {"posts": posts})
    assert [entry.content for entry in feed.entries] == [
        "<p>Ebb</p>",
        '<p><img src="https://a.example/1.jpg" alt=""></p><p>A gate</p>',
        "<blockquote>Wait</blockquote><p>Ada</p>",
        '<p><a href="https://b.example/?a=1&amp;b=2">Look</a></p><p>There</p>',
        "<p>A: ebb?<br>B: flood</p>",
        "<iframe></iframe><p>A lock</p>",
        "<blockquote>When?</blockquote><p>At six</p>",
    ]


ONE = Entry("1", "https://a.example/ebb", "Ebb", content=LONG, published=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"url": "https://a.example/2026/ebb", "title": "Ebb, again", "content": "<p>Anew.</p>"}, True),
        ({"id": "2", "content": "<p>Anew.</p>"}, True),  # link and title
        ({"id": "2", "url": "https://a.example/2026/ebb"}, True),  # title and text
        ({"id": "2", "title": "Flood", "content": "<p>Anew.</p>"}, False),  # the link alone
        ({"id": "2", "title": "Flood", "url": "https://a.example/flood"}, False),  # the text alone
        ({"id": "2", "url": "https://a.example/flood", "content": "<p>Anew.</p>"}, False),  # the title alone
    ],
)
def test_what_makes_two_entries_one_post_of_an_archive(changes: dict[str, str], same: bool) -> None:
    posts = Posts(Feed("https://a.example/feed", home="https://a.example/"))
    other = replace(ONE, **changes)  # type: ignore[arg-type]  # all these fields are text
    assert posts.add(0, (ONE,)) == (0,)
    assert posts.add(1, (other,)) == ((0,) if same else (1,))
    assert posts[0] == (other if same else ONE)


def test_a_guid_that_all_posts_share_tells_nothing() -> None:
    entries = [replace(ONE, id="blog", url=f"https://a.example/{n}", title=f"Post {n}") for n in range(30)]
    entries = [replace(entry, content=f"<p>{entry.title}</p>") for entry in entries]
    posts = Posts(Feed("https://a.example/feed", home="https://a.example/"))
    for page in range(0, 30, 10):
        posts.add(page, tuple(entries[page : page + 10]))
    assert len({entry.id for entry in posts.named(range(len(posts)))}) == 30


def test_a_summary_replaces_no_content() -> None:
    summary = replace(ONE, content="<p>In short.</p>", content_kind="summary")
    posts = Posts(Feed("https://a.example/feed"))
    for page, entry in enumerate((summary, ONE, summary)):
        posts.add(page, (entry,))
    assert (posts[0], posts.pages) == (ONE, [{1}])
