"""A blog behind each scheme of paging that real sites have, to be served on loopback."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from server.app import Exchange

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Post:
    """A post of a few words; ``number`` counts from the oldest, 1."""

    number: int
    title: str = ""
    slug: str = ""

    @property
    def name(self) -> str:
        """Its title."""
        return self.title or f"Post {self.number}"

    @property
    def date(self) -> datetime:
        """When it was published."""
        return _FIRST + timedelta(hours=self.number)

    @property
    def path(self) -> str:
        """Its page."""
        return f"/p/{self.slug or self.number}"

    @property
    def html(self) -> str:
        """What it says."""
        return f"<p>The text of post {self.number}.</p>"


@dataclass
class Blog:
    """A site.

    ``posts`` are the newest first, ``scheme`` is one of :data:`SCHEMES`; ``size`` is how many posts a page
    has where the scheme lets sites choose; with ``summaries``, a feed of WordPress has no more of them.
    ``failing`` are paths that are answered with 500; ``before`` is called before each answer. ``log`` has the
    paths and statuses.
    """

    scheme: str
    posts: list[Post]
    size: int = 10
    tagged: bool = True
    summaries: bool = False
    robots: str = ""
    failing: set[str] = field(default_factory=set)
    before: Callable[[Blog, str], None] = lambda _blog, _path: None
    log: list[tuple[str, int]] = field(default_factory=list)

    @property
    def feed(self) -> str:
        """The path of its feed."""
        return SCHEMES[self.scheme][0]

    @property
    def sent(self) -> list[str]:
        """The paths whose pages were sent (200), in order."""
        return [path for path, status in self.log if status == 200]

    def answer(self, exchange: Exchange) -> None:
        """Answer a request, with an ETag."""
        if exchange.path == "/robots.txt":
            exchange.send(200, self.robots.encode())
            return
        self.before(self, exchange.path)
        parts = urlsplit(exchange.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        site = f"http://{exchange.headers['host']}"
        status, content, headers = SCHEMES[self.scheme][1](self, site, parts.path, query)
        if exchange.path in self.failing:
            status = 500
        tag = f'"{sha256(content).hexdigest()[:16]}"'
        if self.tagged and status == 200 and exchange.headers.get("if-none-match") == tag:
            status, content = 304, b""
        self.log.append((exchange.path, status))
        exchange.send(status, content, **headers, **({"etag": tag} if self.tagged else {}))

    def page(self, start: int, size: int | None = None) -> list[Post]:
        """Return the posts from a place on."""
        return self.posts[start : start + (size or self.size)]


Answer = tuple[int, bytes, dict[str, str]]
Query = dict[str, str]


def make_posts(count: int) -> list[Post]:
    """Return so many posts, the newest first."""
    return [Post(number) for number in range(count, 0, -1)]


def rss(
    site: str,
    posts: Sequence[Post],
    generator: str = "",
    links: str = "",
    title: str = "Blog",
    *,
    summaries: bool = False,
) -> bytes:
    """Return an RSS feed."""
    body = "description" if summaries else "content:encoded"
    items = "".join(
        f"<item><title>{escape(post.name)}</title><link>{site}{post.path}</link>"
        f'<guid isPermaLink="false">{site}/?p={post.number}</guid>'
        f"<pubDate>{format_datetime(post.date)}</pubDate>"
        f"<{body}><![CDATA[{post.html}]]></{body}></item>"
        for post in posts
    )
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{title}</title><link>{site}/</link><generator>{generator}</generator>{links}{items}"
        "</channel></rss>"
    ).encode()


def atom(site: str, posts: Sequence[Post], links: str = "", generator: str = "") -> bytes:
    """Return an Atom feed."""
    entries = "".join(
        f"<entry><id>tag:blog,2026:{post.number}</id><title>{escape(post.name)}</title>"
        f'<link rel="alternate" href="{site}{post.path}"/><published>{post.date.isoformat()}</published>'
        f'<content type="html">{escape(post.html)}</content></entry>'
        for post in posts
    )
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>tag:blog</id>{generator}{links}'
        f'<link rel="alternate" href="{site}/"/>{entries}</feed>'
    ).encode()


def _archived(blog: Blog, site: str, path: str, _query: Query) -> Answer:
    """RFC 5005: archive documents that do not change, the oldest one is number 1."""
    full = len(blog.posts) // blog.size
    number = int(match[1]) if (match := re.fullmatch(r"/archive/(\d+)", path)) else full + 1
    oldest_first = blog.posts[::-1]
    shown = (
        oldest_first[(number - 1) * blog.size :][: blog.size] if number <= full else blog.posts[: blog.size]
    )
    link = f'<link rel="prev-archive" href="/archive/{number - 1}"/>' if number > 1 else ""
    posts = shown[::-1] if number <= full else shown
    return 200, atom(site, posts, link), {}


def _next(blog: Blog, site: str, _path: str, query: Query) -> Answer:
    page = int(query.get("page", "1"))
    more = f'<link rel="next" href="?page={page + 1}"/>' if page * blog.size < len(blog.posts) else ""
    return 200, atom(site, blog.page((page - 1) * blog.size), more), {}


def _rss_next(blog: Blog, site: str, _path: str, query: Query) -> Answer:
    page = int(query.get("page", "1"))
    more = (
        f'<atom:link rel="next" href="/feed?page={page + 1}"/>' if page * blog.size < len(blog.posts) else ""
    )
    return 200, rss(site, blog.page((page - 1) * blog.size), links=more), {}


def _json_feed(blog: Blog, site: str, _path: str, query: Query) -> Answer:
    page = int(query.get("page", "1"))
    items = [
        {"id": str(post.number), "url": site + post.path, "title": post.name, "content_html": post.html,
         "date_published": post.date.isoformat()}
        for post in blog.page((page - 1) * blog.size)
    ]  # fmt: skip
    data = {"version": "https://jsonfeed.org/version/1.1", "title": "Blog", "items": items}
    if page * blog.size < len(blog.posts):
        data["next_url"] = f"{site}/feed.json?page={page + 1}"
    return 200, json.dumps(data).encode(), {"content_type": "application/feed+json"}


def _wordpress(blog: Blog, site: str, path: str, query: Query) -> Answer:
    """WordPress: a page past the end is 404 with a feed in it; later pages have another title."""
    headers = {"link": f'<{site}/wp-json/>; rel="https://api.w.org/"'}
    if path == "/wp-json/wp/v2/posts":
        return _wordpress_rest(blog, site, query)
    if path != "/feed/":
        return 404, b"", {}
    page = int(query.get("paged", "1"))
    posts = blog.page((page - 1) * blog.size)
    title = "Blog" if page == 1 else f"Page {page} &#8211; Blog"
    feed = rss(site, posts, "https://wordpress.org/?v=6.8", title=title, summaries=blog.summaries)
    return 200 if posts else 404, feed, headers


def _wordpress_rest(blog: Blog, site: str, query: Query) -> Answer:
    page, size = int(query["page"]), int(query["per_page"])
    posts = [
        {
            "id": post.number,
            "date_gmt": post.date.isoformat()[:19],
            "guid": {"rendered": f"{site}/?p={post.number}"},
            "link": site + post.path,
            "title": {"rendered": f"Post &#8211;&nbsp;{post.number}"},
            "content": {"rendered": post.html, "protected": False},
            "excerpt": {"rendered": "<p>The text.</p>"},
            "_embedded": {
                "author": [{"name": "Ada &amp; Tom"}],
                "wp:term": [[{"name": "Water"}], [{"name": "Tides &amp; wind"}]],
                "wp:featuredmedia": [{"source_url": f"{site}/{post.number}.png", "alt_text": "A gate"}],
            },
        }
        for post in blog.page((page - 1) * size, size)
    ]
    total = -(-len(blog.posts) // size)
    if page > total:
        return 400, b'{"code": "rest_post_invalid_page_number"}', {}
    headers = {"x_wp_total": str(len(blog.posts)), "x_wp_totalpages": str(total)}
    return 200, json.dumps(posts).encode(), {**headers, "content_type": "application/json"}


def _wordpress_rest_only(blog: Blog, site: str, path: str, query: Query) -> Answer:
    """A cache before WordPress that knows no queries: each page of the feed is the first one."""
    return _wordpress(blog, site, path, {} if path == "/feed/" else query)


def _blogger(blog: Blog, site: str, _path: str, query: Query) -> Answer:
    """Blogger's RSS, which names no next page; it gives fewer posts than were asked for."""
    start, size = int(query.get("start-index", "1")), int(query.get("max-results", str(blog.size)))
    return 200, rss(site, blog.page(start - 1, min(size, 60)), "Blogger http://www.blogger.com"), {}


def _ghost_rss(blog: Blog, site: str, path: str, _query: Query) -> Answer:
    """Ghost 2: a page past the end is the last one."""
    found = re.fullmatch(r"/rss/(?:(\d+)/)?", path)
    if not found:
        return 404, b"", {}
    page = min(int(found[1] or 1), -(-len(blog.posts) // blog.size))
    return 200, rss(site, blog.page((page - 1) * blog.size), "Ghost 2.38"), {}


def _ghost(blog: Blog, site: str, path: str, query: Query) -> Answer:
    """Ghost 5: the page of the site hands out the key of its content API."""
    key, api = "0123456789abcdef01234567", "/ghost/api/content/"
    if path == "/":
        script = f'<script defer data-ghost="{site}/" data-key="{key}" data-api="{site}{api}">'
        return 200, f"<!doctype html>{script}".encode(), {"content_type": "text/html"}
    if path == "/rss/":
        return 200, rss(site, blog.page(0), "Ghost 5.82"), {}
    if path != f"{api}posts/" or query["key"] != key:
        return 403, b"{}", {}
    page, size = int(query["page"]), int(query["limit"])
    posts = [
        {"id": f"g{post.number}", "title": post.name, "url": site + post.path, "html": post.html,
         "published_at": post.date.isoformat(timespec="milliseconds"), "authors": [{"name": "Ada"}]}
        for post in blog.page((page - 1) * size, size)
    ]  # fmt: skip
    following = page + 1 if page * size < len(blog.posts) else None
    data = {"posts": posts, "meta": {"pagination": {"page": page, "next": following}}}
    return 200, json.dumps(data).encode(), {"content_type": "application/json"}


def _substack(blog: Blog, site: str, path: str, query: Query) -> Answer:
    """Substack: the archive gives fewer posts than were asked for, and not their texts."""
    if path == "/feed":
        return 200, rss(site, blog.page(0, 20), "Substack"), {}
    posts = [
        {"id": post.number, "title": post.name, "subtitle": "In short", "slug": str(post.number),
         "canonical_url": site + post.path, "post_date": post.date.isoformat(timespec="milliseconds")}
        for post in blog.page(int(query["offset"]), min(11, int(query["limit"])))
    ]  # fmt: skip
    return 200, json.dumps(posts).encode(), {"content_type": "application/json"}


def _tumblr(blog: Blog, site: str, path: str, query: Query) -> Answer:
    if path == "/rss":
        return 200, rss(site, blog.page(0, 20), "Tumblr (3.0; @blog)"), {}
    start, size = int(query["start"]), min(50, int(query["num"]))
    posts = [
        {"url": site + post.path, "url-with-slug": f"{site}{post.path}/in-words", "type": "regular",
         "unix-timestamp": int(post.date.timestamp()), "regular-title": post.name, "regular-body": post.html}
        for post in blog.page(start, size)
    ]  # fmt: skip
    data = {"posts-start": start, "posts-total": len(blog.posts), "posts": posts}
    return 200, f"var tumblr_api_read = {json.dumps(data)};\n".encode(), {"content_type": "text/javascript"}


def _squarespace(blog: Blog, site: str, _path: str, query: Query) -> Answer:
    """Squarespace: the next page is named by the time of the last post."""
    if query["format"] == "rss":
        return 200, rss(site, blog.page(0, 20), "Site-Server v6 (http://www.squarespace.com)"), {}

    def millis(post: Post) -> int:
        return int(post.date.timestamp() * 1000)

    offset = int(query.get("offset", "9999999999999"))
    older = [post for post in blog.posts if millis(post) < offset]
    items = [
        {"id": f"s{post.number}", "title": post.name, "body": post.html, "fullUrl": post.path,
         "publishOn": millis(post), "author": {"displayName": "Ada"}}
        for post in older[:20]
    ]  # fmt: skip
    more = {"nextPage": True, "nextPageOffset": millis(older[19])} if len(older) > 20 else {}
    data = {"items": items, "pagination": more}
    return 200, json.dumps(data).encode(), {"content_type": "application/json"}


def _discourse(blog: Blog, site: str, _path: str, query: Query) -> Answer:
    """Discourse: pages count from 0, and one past the end is an empty feed."""
    page = int(query.get("page", "0"))
    return 200, rss(site, blog.page(page * 30, 30)), {"x_discourse_route": "list/latest"}


def _sitemap(blog: Blog, site: str, path: str, _query: Query) -> Answer:
    """A site that lists its pages, posts among others, for search engines: the oldest first."""
    xmlns = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    if path == "/feed":
        return 200, rss(site, blog.page(0)), {}
    if path == "/sitemap.xml":
        names = [*range(1, -(-len(blog.posts) // 100) + 1), "tags", "authors"]
        listed = "".join(f"<sitemap><loc>{site}/list-{name}.xml</loc></sitemap>" for name in names)
        return 200, f"<sitemapindex {xmlns}>{listed}</sitemapindex>".encode(), {}
    if not (found := re.fullmatch(r"/list-(\d+)\.xml", path)):
        return 404, b"", {}
    start = (int(found[1]) - 1) * 100
    pages = "".join(f"<url><loc>{site}/{path}</loc></url>" for path in ("", "about", "tag/1", "p/1/comments"))
    posts = "".join(
        f"<url><loc>{site}{post.path}</loc><n:news><n:publication_date>{post.date.isoformat()}</n:publication_date>"
        f"<n:title>{escape(post.name)}</n:title></n:news></url>"
        for post in blog.posts[::-1][start : start + 100]
    )
    return 200, f"<urlset {xmlns}>{pages}{posts}</urlset>".encode(), {}


def _plain(blog: Blog, site: str, _path: str, _query: Query) -> Answer:
    """A site of which nothing is known."""
    return 200, rss(site, blog.page(0)), {}


SCHEMES: dict[str, tuple[str, Callable[[Blog, str, str, Query], Answer]]] = {
    "rfc5005": ("/feed", _archived),
    "next": ("/feed", _next),
    "rss-next": ("/feed", _rss_next),
    "json": ("/feed.json", _json_feed),
    "wordpress": ("/feed/", _wordpress),
    "wordpress-rest": ("/feed/", _wordpress_rest_only),
    "blogger": ("/feeds/posts/default?alt=rss", _blogger),
    "ghost-rss": ("/rss/", _ghost_rss),
    "ghost": ("/rss/", _ghost),
    "substack": ("/feed", _substack),
    "tumblr": ("/rss", _tumblr),
    "squarespace": ("/blog?format=rss", _squarespace),
    "discourse": ("/latest.rss", _discourse),
    "sitemap": ("/feed", _sitemap),
    "plain": ("/feed", _plain),
}
"""The path of the feed and what answers all requests, by the scheme's name."""
