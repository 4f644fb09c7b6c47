"""A web page in the place of a feed: find the feeds that it names."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urljoin

from feed2book.feed.decode import decode
from feed2book.models import Response

_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
# Atomic: else n comments could be read in 2^n ways, and WordPress's export begins with twenty.
_PAGE = re.compile(
    r"^\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--.*?-->\s*)*)<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_START = 10_000  # bytes in which a page says that it is one
_HEAD_LENGTH = 300_000  # characters: pages put their links early, and the rest is not ours to read


def looks_like_page(response: Response) -> bool:
    """Whether what came is an HTML page rather than a feed (feeds are often served as ``text/html``)."""
    start = response.body[:_START]
    whole_tags = replace(response, body=start[: start.rfind(b">") + 1])  # and so no half characters
    return bool(_PAGE.match(decode(whole_tags)))


def find_feeds(response: Response) -> tuple[str, ...]:
    """Return the addresses that the page's ``<link rel=alternate>`` give for feeds, likeliest first.

    Feeds of comments come last: hardly anybody wants a book of them.
    """
    finder = _Links()
    finder.feed(decode(response)[:_HEAD_LENGTH])
    base = urljoin(response.url, finder.base)
    found = [(urljoin(base, href), title.lower()) for href, title in finder.found]
    found.sort(key=lambda pair: "comment" in pair[1] or "/comments/" in pair[0])
    return tuple(dict.fromkeys(url for url, _ in found if url.startswith(("http://", "https://", "file:"))))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = values.get("href", "")
        is_feed = values.get("type", "").split(";")[0].strip().lower() in _TYPES
        if tag == "link" and is_feed and "alternate" in values.get("rel", "").lower().split():
            self.found.append((values.get("href", "").strip(), values.get("title", "")))
