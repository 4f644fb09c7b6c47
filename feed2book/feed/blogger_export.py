"""Blogger's exports: the backup of old (``kind#post`` among comments, settings, the theme) and Takeout's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from feed2book.feed.elements import Elements, text_in
from feed2book.feed.identity import identify
from feed2book.feed.text import address, iso_moment, markup_of, plain
from feed2book.models import Entry, Feed

if TYPE_CHECKING:
    from lxml.etree import _Element

_ATOM = "{http://www.w3.org/2005/Atom}"
_KIND = "http://schemas.google.com/g/2005#kind"
TAGS = (f"{_ATOM}entry",)


def read(export: Elements, url: str) -> Feed:
    """Return the published posts of a Blogger export; pages and comments stay out.

    Args:
        export: has the entries.
        url: where it came from. Takeout gives only the paths of posts: they count from here if it is a web
            address (``--url``).
    """
    kept, notices = identify(_entries(export, url))
    root = export.root
    return Feed(
        url=url,
        title=plain(root.findtext(f"{_ATOM}title")) if root is not None else "",
        subtitle=plain(root.findtext(f"{_ATOM}subtitle")) if root is not None else "",
        home=(_link(root) if root is not None else "") or address("/", url),
        entries=kept,
        notices=notices,
    )


def _entries(export: Elements, url: str) -> Iterator[Entry]:
    for element in export:
        if _is_post(element):
            yield _entry(element, url)


def _is_post(entry: _Element) -> bool:
    kind = entry.findtext("{*}type")
    if kind is not None:
        return kind == "POST" and entry.findtext("{*}status", "LIVE") == "LIVE"
    kinds = [
        category.get("term", "")
        for category in entry.iterchildren(f"{_ATOM}category")
        if category.get("scheme") == _KIND
    ]
    return kinds[:1] == ["http://schemas.google.com/blogger/2008/kind#post"] and (
        entry.findtext("{*}control/{*}draft") != "yes"
    )


def _entry(entry: _Element, base: str) -> Entry:
    content = entry.find(f"{_ATOM}content")
    html = text_in(content)
    if content is not None and content.get("type") == "text":
        html = markup_of(html)
    url = _link(entry) or address(entry.findtext("{*}filename"), base)
    categories = entry.iterchildren(f"{_ATOM}category")
    labels = (plain(category.get("term")) for category in categories if category.get("scheme") != _KIND)
    return Entry(
        id=plain(entry.findtext(f"{_ATOM}id")),
        url=url,
        title=plain(text_in(entry.find(f"{_ATOM}title")), markup=True),
        authors=tuple(filter(None, (plain(entry.findtext(f"{_ATOM}author/{_ATOM}name")),))),
        published=iso_moment(entry.findtext(f"{_ATOM}published")),
        updated=iso_moment(entry.findtext(f"{_ATOM}updated")),
        tags=tuple(dict.fromkeys(filter(None, labels))),
        content=html,
        base=url or address(base),
    )


def _link(element: _Element) -> str:
    links = element.iterchildren(f"{_ATOM}link")
    return next((address(link.get("href")) for link in links if link.get("rel") == "alternate"), "")
