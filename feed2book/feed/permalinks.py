"""Which addresses of a site are posts, judged by those of posts that are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from urllib.parse import parse_qsl, urlsplit

from feed2book.models import Entry
from feed2book.models.addresses import canonical, is_root, without_tracking

_ENDING = re.compile(r"\.(?:x?html?|php|aspx?)$", re.IGNORECASE)
# What begins or is the path of lists and of pages that are no posts, in several languages.
_LISTS = frozenset({
    "about", "about-me", "about-us", "archive", "archives", "author", "authors", "autor", "categoria",
    "categorie", "category", "categories", "comments", "contact", "contact-us", "cookies",
    "datenschutz", "event", "events", "feed", "impressum", "imprint", "index", "kategorie", "kontakt",
    "label", "legal", "login", "p", "page", "pages", "people", "privacy", "privacy-policy", "product",
    "products", "schlagwort", "search", "series", "shop", "sitemap", "subscribe", "tag", "tagged",
    "tags", "terms", "topic", "topics", "user", "users",
})  # fmt: skip


def posts_like(entries: Iterable[Entry]) -> Callable[[Entry], bool]:
    """Return a judge of entries of which only the address is known.

    An address is a post's if it is built as that of a known one: as many parts of the path, numbers and the
    words that all known ones share in the same places, the same ending and parameters. Of a site of which no
    post is known, it is any but those of lists and of the usual pages.
    """
    known = [url for entry in entries if (url := entry.url) and not is_root(canonical(url))]
    forms = {canonical(url) for url in known}
    hosts = {_host(url) for url in known}
    patterns: dict[tuple[int, str, str], _Pattern] = {}
    for url in known:
        parts, kind = _cut(url)
        patterns.setdefault(kind, _Pattern()).add(parts)

    def is_post(entry: Entry) -> bool:
        form, (parts, kind) = canonical(entry.url), _cut(entry.url)
        if form in forms:
            return True
        if is_root(form) or (hosts and _host(entry.url) not in hosts):
            return False
        pattern = patterns.get(kind, _Pattern())
        return (kind in patterns or not patterns) and pattern.fits(parts)

    return is_post


class _Pattern:
    """What the addresses of posts have in common that have as many parts, the same ending and parameters."""

    def __init__(self) -> None:
        self._places: list[set[str]] = []

    def add(self, parts: tuple[str, ...]) -> None:
        """Note the address of a post."""
        if not self._places:
            self._places = [set() for _ in parts]
        for place, part in zip(self._places, parts, strict=True):
            place.add(part)

    def fits(self, parts: tuple[str, ...]) -> bool:
        """Say whether an address with as many parts may be a post's."""
        known = self._places or [set() for _ in parts]
        if not parts:
            return True  # its parameters say which one
        if parts[-1].isdecimal() and not all(map(str.isdecimal, known[-1])):
            return False
        if len(parts) == 1 and parts[0].lower() in _LISTS:
            return False
        return all(map(_may_be, parts[:-1], known[:-1]))


def _may_be(part: str, known: Collection[str]) -> bool:
    """Say whether a part of a path that leads to a post may be this one, from what it is elsewhere."""
    if part in known:
        return True
    if known and all(map(str.isdecimal, known)):
        return part.isdecimal()
    shared = len(known) == 1 or (known and part.isdecimal())
    return not shared and part.lower() not in _LISTS


def _cut(url: str) -> tuple[tuple[str, ...], tuple[int, str, str]]:
    """Return the parts of a path without its ending, and what kind of address it is."""
    place = urlsplit(url)
    path = place.path.strip("/")
    ending = match[0].lower() if (match := _ENDING.search(path)) else ""
    parts = tuple(path.removesuffix(match[0] if match else "").split("/")) if path else ()
    names = "&".join(sorted(name for name, _ in parse_qsl(without_tracking(f"?{place.query}")[1:])))
    return parts, (len(parts), ending, names)


def _host(url: str) -> str:
    return canonical(url).partition("/")[0].partition("?")[0]
