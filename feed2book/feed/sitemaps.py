"""Sitemaps (https://www.sitemaps.org/protocol.html).

A sitemap is XML or plain text with an address a line, perhaps packed with gzip; it lists pages, or further
sitemaps. robots.txt may say where the first one is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feed2book.errors import FeedError
from feed2book.feed.addresses import with_path
from feed2book.feed.decode import decode
from feed2book.feed.elements import Elements, text_in
from feed2book.feed.identity import identify
from feed2book.feed.text import address, iso_moment, plain
from feed2book.models import Entry, Feed, Response

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROBOTS = "/robots.txt"
# Where a sitemap is looked for that robots.txt does not name, one after the other.
_USUAL = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")
_NAMED = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
# What WordPress, its plugins, Ghost and others call the sitemaps that list no posts.
_OF_OTHERS = re.compile(
    r"(?<![a-z])(?:pages?|categor(?:y|ies)|tags?|taxonom(?:y|ies)|authors?|users?|products?|attachments?|images?|"
    r"videos?)(?![a-z])",
    re.IGNORECASE,
)
_LINES = re.compile(r"^[ \t\ufeff]*(https?://\S{1,2000})[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_MOST_BYTES = 50_000_000  # unpacked: what the protocol allows
_MOST_LISTED = 50_000  # addresses: what it allows; the rest is not read
_LINK = "sitemap"


def first_sitemap(url: str) -> str:
    """Return the address of the site's robots.txt, which may name its sitemaps."""
    return with_path(url, _ROBOTS)


def further_sitemaps(page: Feed, asked: str) -> tuple[str, ...]:
    """Return the sitemaps that a page leads to; the next usual place, where it leads nowhere."""
    found = tuple(url for relation, url in page.links if relation == _LINK)
    return found if found or page.entries else other_sitemap(asked)


def other_sitemap(asked: str) -> tuple[str, ...]:
    """Return where to look when no sitemap is at the address."""
    places = (_ROBOTS, *_USUAL)
    path = urlsplit(asked).path
    following = places[places.index(path) + 1 :][:1] if path in places else ()
    return tuple(with_path(asked, place) for place in following)


def read_sitemap(response: Response) -> Feed:
    """Read a sitemap or robots.txt.

    Returns:
        An entry for each page, which says no more than its address, and perhaps a day and a title; as links
        of relation ``sitemap`` the further sitemaps that may list posts. Neither, if it is something else.

    Raises:
        FeedError: it is packed, and damaged or too large.
    """
    body = _unpacked(response)
    if b"<" in body[:1_000] and urlsplit(response.url).path != _ROBOTS:
        return _read_xml(body, response)
    text = decode(Response(response.url, 200, response.headers, body))
    named = (address(found[1], response.url) for found in _NAMED.finditer(text))
    lines = (found[1] for found in _LINES.finditer(text))
    listed = (Entry(url, url, content_kind="summary", base=url) for url in map(address, lines))
    return _feed(response, islice(listed, _MOST_LISTED), islice(filter(None, named), _MOST_LISTED))


def _unpacked(response: Response) -> bytes:
    if not response.body.startswith(b"\x1f\x8b"):
        return response.body
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        body = unpacker.decompress(response.body, _MOST_BYTES)
    except zlib.error as error:
        raise FeedError("the sitemap is damaged", where=response.url) from error
    if unpacker.unconsumed_tail:
        raise FeedError(f"the sitemap is larger than {_MOST_BYTES:,} bytes", where=response.url)
    if not unpacker.eof:
        raise FeedError("the sitemap is damaged", where=response.url)
    return body


def _read_xml(body: bytes, response: Response) -> Feed:
    entries: list[Entry] = []
    sitemaps: list[str] = []
    for element in islice(Elements(body, ("{*}url", "{*}sitemap")), _MOST_LISTED):
        url = address(text_in(element.find("{*}loc")), response.url)
        if url and str(element.tag).rpartition("}")[2] == "sitemap":
            sitemaps.append(url)
        elif url:
            entries.append(_entry(url, element))
    return _feed(response, entries, [url for url in sitemaps if not _lists_others(url)] or sitemaps)


def _lists_others(url: str) -> bool:
    name = urlsplit(url).path.rpartition("/")[2].removeprefix("wp-sitemap-posts-")
    return bool(_OF_OTHERS.search(name))


def _entry(url: str, said: _Element) -> Entry:
    news = said.find("{*}news")
    return Entry(
        id=url,
        url=url,
        title="" if news is None else plain(text_in(news.find("{*}title"))),
        published=None if news is None else iso_moment(text_in(news.find("{*}publication_date"))),
        updated=iso_moment(text_in(said.find("{*}lastmod"))),
        content_kind="summary",
        base=url,
    )


def _feed(response: Response, entries: Iterable[Entry], sitemaps: Iterable[str]) -> Feed:
    links = tuple((_LINK, url) for url in dict.fromkeys(sitemaps))
    return Feed(response.url, entries=identify(entries)[0], links=links)
