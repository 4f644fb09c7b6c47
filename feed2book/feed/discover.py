"""A web page in the place of a feed: find the feeds that it names, or where one may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

from feed2book.feed.addresses import header_links
from feed2book.feed.decode import decode
from feed2book.feed.text import address, plain
from feed2book.models import Response

_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
# Atomic: else n comments could be read in 2^n ways, and WordPress's export begins with twenty.
_PAGE = re.compile(
    r"^\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--.*?-->\s*)*)<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_START = 10_000  # bytes in which a page says that it is one
_HEAD_LENGTH = 300_000  # characters: pages put their links early, and the rest is not ours to read
_MOST = 30  # feeds of a page

#: Where feeds are as a rule, from the root of a site; what most sites have comes first.
COMMON_PATHS = ("feed", "rss.xml", "feed.xml", "atom.xml", "index.xml", "rss", "feed.json", "?feed=rss2")

_KINDS = ("posts", "podcast", "category", "comments")
_COMMENTS = re.compile(r"comment|kommentar|comentari", re.IGNORECASE)
_PODCAST = re.compile(r"podcast", re.IGNORECASE)
_CATEGORY = re.compile(r"/(?:categor(?:y|ies)|tags?|authors?|topics?|labels?|search)/", re.IGNORECASE)
_CATEGORY_KEYS = {"cat", "tag", "author", "s"}
_FEED_PATH = re.compile(
    r"/(?:feed|rss2?|atom|rdf)/?$|(?:feed|rss|atom|index)\.(?:xml|rdf|json)$|\.(?:rss|atom)$"
)
_FORMAT = re.compile(r"(?:feed|rss2?|atom|rdf|index|json|xml|[./_-])+")
_LONGEST = 2_000  # characters of an address: longer ones lead nowhere


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feed that a page names. ``kind`` is ``posts``, ``podcast``, ``category`` or ``comments``."""

    url: str
    title: str = ""
    kind: str = "posts"


def looks_like_page(response: Response) -> bool:
    """Whether what came is an HTML page rather than a feed (feeds are often served as ``text/html``)."""
    start = response.body[:_START]
    whole_tags = replace(response, body=start[: start.rfind(b">") + 1])  # and so no half characters
    return bool(_PAGE.match(decode(whole_tags)))


def find_feeds(response: Response) -> tuple[Candidate, ...]:
    """Return the feeds that a page names, likeliest first: those of posts before all others.

    They are in its ``Link`` fields (RFC 8288), its ``<link rel=alternate>``, and last in links of its text
    that lead to what looks like a feed at the same host.
    """
    finder = _Links()
    finder.feed(decode(response)[:_HEAD_LENGTH])
    base = _absolute(response.url, finder.base) or response.url
    named = [*_in_fields(response), *finder.named]
    found = [(_absolute(base, href), title) for href, title in named]
    own = urlsplit(response.url)
    for url in (_absolute(base, href) for href in finder.links):
        place = urlsplit(url)
        if place.netloc == own.netloc and _FEED_PATH.search(place.path):
            found.append((url, ""))
    page = own.path.rstrip("/")
    made: dict[str, Candidate] = {}
    for url, title in found:
        if url:
            made.setdefault(url, Candidate(url, title, _kind(url, title, page)))
    return tuple(sorted(made.values(), key=lambda one: _KINDS.index(one.kind)))[:_MOST]


def several(candidates: Sequence[Candidate]) -> bool:
    """Whether there is a choice: more than one feed of posts, and not just one in several formats."""
    places = (urlsplit(one.url) for one in candidates if one.kind == "posts")
    return len({(place.netloc, _FORMAT.sub("", place.path.lower())) for place in places}) > 1


def common_places(url: str) -> tuple[str, ...]:
    """Return where the feed of the site may be that has a page at this address: at its own host alone."""
    return tuple(urljoin(url, f"/{path}") for path in COMMON_PATHS) if url.startswith("http") else ()


def _kind(url: str, title: str, page: str) -> str:
    """Return what a feed is of, as far as address and title tell; ``page`` is the path of who names it."""
    place = urlsplit(url)
    if _COMMENTS.search(f"{title} {place.path}"):
        return "comments"
    if page and place.path.startswith(f"{page}/"):  # who names a category's page wants the category
        return "posts"
    if _CATEGORY.search(place.path) or not _CATEGORY_KEYS.isdisjoint(parse_qs(place.query)):
        return "category"
    return "podcast" if _PODCAST.search(f"{title} {place.path}") else "posts"


def _absolute(base: str, href: str) -> str:
    return address(href, base) if len(href) <= _LONGEST else ""


def _in_fields(response: Response) -> Iterator[tuple[str, str]]:
    for href, said in header_links(response):
        if "alternate" in said and any(kind in said.lower() for kind in _TYPES):
            yield href, ""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.named: list[tuple[str, str]] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        href = values.get("href", "").strip()
        if tag == "base" and not self.base:
            self.base = href
        elif tag == "a" and href:
            self.links.append(href)
        is_feed = values.get("type", "").split(";")[0].strip().lower() in _TYPES
        if tag == "link" and is_feed and "alternate" in values.get("rel", "").lower().split():
            self.named.append((href, plain(values.get("title"))))
