"""Lists of a site's pages: sitemaps and the Wayback Machine's copies; which of the pages are posts."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from feed2book.errors import FeedError
from feed2book.feed import sitemaps
from feed2book.feed.permalinks import posts_like
from feed2book.feed.sitemaps import first_sitemap, further_sitemaps, read_sitemap
from feed2book.feed.wayback import list_of_copies, read_copies
from feed2book.models import Entry, Feed, Response

SITE = "https://e.example"
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def sitemap(body: str | bytes, path: str = "/sitemap.xml") -> Feed:
    data = body.encode() if isinstance(body, str) else body
    return read_sitemap(Response(SITE + path, 200, (), data, SITE + path))


def urls(feed: Feed) -> list[str]:
    return [entry.url.removeprefix(SITE) for entry in feed.entries]


def test_a_sitemap_lists_pages_of_which_little_else_is_said() -> None:
    feed = sitemap(
        f"<?xml version='1.0'?><urlset {XMLNS}>"
        f"<url><loc> {SITE}/a?x=1&amp;y=2 </loc><lastmod>2026-03-01T10:00:00+01:00</lastmod></url>"
        f"<url><loc>{SITE}/b</loc><news:news><news:publication_date>2026-03-02</news:publication_date>"
        "<news:title>News &amp; more</news:title></news:news></url><url><loc>ftp://e.example/c</loc></url></urlset>"
    )
    first, second = feed.entries
    assert (first.url, first.title, first.content, first.content_kind) == (
        f"{SITE}/a?x=1&y=2",
        "",
        "",
        "summary",
    )
    assert (first.published, first.updated) == (None, datetime(2026, 3, 1, 9, tzinfo=UTC))
    assert (second.title, second.published) == ("News & more", datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_sitemap_may_be_lines_and_packed(pack: type[bytes]) -> None:
    lines = f"\ufeff{SITE}/a\r\n{SITE}/b\n\nno address\n".encode()
    assert urls(sitemap(pack(lines), "/sitemap.txt")) == ["/a", "/b"]


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"{SITE}/{n}\n" for n in range(9)),
        f"<urlset {XMLNS}>{''.join(f'<url><loc>{SITE}/{n}</loc></url>' for n in range(9))}</urlset>",
    ],
    ids=["lines", "XML"],
)
def test_no_more_is_read_of_a_sitemap_than_it_may_list(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "_MOST_LISTED", 3)
    assert urls(sitemap(body)) == ["/0", "/1", "/2"]


def test_a_packed_sitemap_that_has_no_end_is_refused() -> None:
    with pytest.raises(FeedError, match="larger than 50,000,000 bytes"):
        sitemap(gzip.compress(b" " * 50_000_001))
    with pytest.raises(FeedError, match="damaged"):
        sitemap(b"\x1f\x8b\x08\x00damaged")


@pytest.mark.parametrize(
    ("listed", "kept"),
    [
        (["post-sitemap.xml", "post-sitemap2.xml", "page-sitemap.xml", "category-sitemap.xml",
          "post_tag-sitemap.xml"],
         ["post-sitemap.xml", "post-sitemap2.xml"]),
        (["wp-sitemap-posts-post-1.xml", "wp-sitemap-posts-page-1.xml",
          "wp-sitemap-taxonomies-category-1.xml", "wp-sitemap-users-1.xml"], ["wp-sitemap-posts-post-1.xml"]),
        (["sitemap-posts.xml", "sitemap-pages.xml", "sitemap-authors.xml", "sitemap-tags.xml"],
         ["sitemap-posts.xml"]),
        (["sitemap-page-1.xml", "sitemap-page-2.xml"], ["sitemap-page-1.xml", "sitemap-page-2.xml"]),
        (["sitemap.xml?page=1", "2026.xml.gz"], ["sitemap.xml?page=1", "2026.xml.gz"]),
    ],
)  # fmt: skip
def test_of_sitemaps_those_are_read_that_may_list_posts(listed: list[str], kept: list[str]) -> None:
    items = "".join(f"<sitemap><loc>{SITE}/{name}</loc></sitemap>" for name in listed)
    feed = sitemap(f"<sitemapindex {XMLNS}>{items}</sitemapindex>")
    assert further_sitemaps(feed, feed.url) == tuple(f"{SITE}/{name}" for name in kept)


def test_robots_txt_names_sitemaps_else_the_usual_places_are_tried_in_turn() -> None:
    robots = first_sitemap(f"{SITE}/blog/feed?x")
    assert robots == f"{SITE}/robots.txt"
    named = sitemap(
        f"User-agent: *\nDisallow: /wp-admin/\nSitemap: {SITE}/my.xml\nsitemap:/b.xml", "/robots.txt"
    )
    assert further_sitemaps(named, robots) == (f"{SITE}/my.xml", f"{SITE}/b.xml")
    tried, asked = [], robots
    while following := further_sitemaps(
        sitemap("<!doctype html><p>Not found", asked.removeprefix(SITE)), asked
    ):
        (asked,) = following
        tried.append(asked.removeprefix(SITE))
    assert tried == ["/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml"]


@pytest.mark.parametrize(
    ("known", "posts", "others"),
    [
        (["/2026/01/a/", "/2026/02/b/"], ["/2025/11/c/", "/2026/02/about/"],
         ["/2026/01/", "/about/", "/tag/2026/x/", "/category/a/b/", "/2026/01/02/"]),
        (["/a", "/b"], ["/c", "/c-2026"], ["/about", "/2026", "/tag", "/x/y"]),
        (["/blog/a", "/blog/b"], ["/blog/c"], ["/shop/c", "/blog/2026", "/blog/tag/c", "/c"]),
        (["/news/a", "/art/b"], ["/sport/c"], ["/tag/c", "/author/c", "/2026/c"]),
        (["/p/1", "/p/2"], ["/p/3", "/p/in-words"], ["/q/3"]),
        (["/2026/01/a.html", "/2026/02/b.html"], ["/2025/01/c.html"], ["/p/about.html", "/2025/01/c"]),
        (["/?p=1", "/?p=2"], ["/?p=3", "/?utm_source=x&p=4"], ["/?cat=3", "/", "/?p=3&replytocom=4"]),
        ([], ["/2026/01/a/", "/a", "/17"], ["/", "/tag/a", "/about", "/author/me"]),
    ],
)  # fmt: skip
def test_posts_are_known_by_how_their_addresses_are_built(
    known: list[str], posts: list[str], others: list[str]
) -> None:
    is_post = posts_like(Entry(path, SITE + path) for path in known)
    assert [path for path in (*posts, *others) if is_post(Entry(path, SITE + path))] == posts
    assert all(is_post(Entry(path, f"http://www.e.example{path}")) for path in known)
    assert not known or not is_post(Entry("x", f"https://other.example{known[0]}"))


def test_the_list_of_copies_is_that_of_the_blog() -> None:
    feed = Feed(f"{SITE}/blog/feed", home=f"{SITE}/blog")
    asked = list_of_copies(feed, Response(feed.url, 200, (), b""))
    assert asked == (
        "https://web.archive.org/cdx/search/cdx?url=e.example%2Fblog%2F&matchType=prefix&output=json"
        "&fl=timestamp%2Coriginal&collapse=urlkey&limit=5000&showResumeKey=true"
        "&filter=statuscode:200&filter=mimetype:text/html"
    )


def test_copies_are_pages_with_an_address_of_their_own() -> None:
    rows = [
        ["timestamp", "original"],
        ["20100102030405", "http://e.example:80/a"],
        ["2010", f"{SITE}/b"],
        [1, 2],
        [],
    ]
    asked = "https://web.archive.org/cdx/search/cdx?url=e.example&resumeKey=old"
    body = json.dumps([*rows, ["com,example)/a 2010"]]).encode()
    feed = read_copies(Response(asked, 200, (), body, asked))
    (entry,) = feed.entries
    assert (entry.url, entry.base) == ("http://e.example/a", "http://e.example/a")
    assert entry.page == "https://web.archive.org/web/20100102030405id_/http://e.example:80/a"
    assert feed.link("next") == (
        "https://web.archive.org/cdx/search/cdx?url=e.example&resumeKey=com%2Cexample%29%2Fa%202010"
    )
    assert read_copies(Response(asked, 200, (), b"", asked)).entries == ()
    with pytest.raises(FeedError, match="no list of copies"):
        read_copies(Response(asked, 200, (), b"<html>busy", asked))
