"""The next page of a post that stands on several, told from the next post by its address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html

from feed2book.article.urls import absolute
from feed2book.models.addresses import canonical

_ENDING = re.compile(r"\.(?:x?html?|php|aspx?)$", re.IGNORECASE)
_FIRST = re.compile(r"(?:/page/1|[?&]page=1)$")


def following(root: html.HtmlElement, first: str, number: int, base: str) -> str:
    """Return the address of a post's next page, or ``""``.

    Any link counts, whatever it says, but only to the address of the first page with the next number in one
    of the usual places: ``rel="next"`` means the next post as often as the next page.

    Args:
        root: the tree of this page.
        first: the address of the post's first page.
        number: which page this is, from 1.
        base: what addresses count from.
    """
    wanted = frozenset(_addresses(_FIRST.sub("", canonical(first)), number + 1))
    for tag in root.iter("a", "link"):
        href = (tag.get("href") or "").strip()
        if str(number + 1) not in href:
            continue
        address = absolute(href, base).partition("#")[0]
        if canonical(address) in wanted:
            return address
    return ""


def _addresses(first: str, number: int) -> Iterator[str]:
    """Yield the canonical forms that the page of that number may have."""
    path, question, query = first.partition("?")
    ending = _ENDING.search(path)
    stem, end = (path[: ending.start()], ending[0]) if ending else (path, "")
    rest = question + query
    if "/" in path:  # a front page that goes on is no post
        for form in ("/", "/page/", "/page-", "/page", "/seite/"):
            yield f"{stem}{form}{number}{rest}"
        for form in ("-page-", "-page", "_", ",", "-p"):
            yield f"{stem}{form}{number}{end}{rest}"
        if end:  # page-2.html belongs to page.html, but a-post-2 is a post of the same title
            yield f"{stem}-{number}{end}{rest}"
            yield f"{stem}/{number}{end}{rest}"
    for name in ("page", "pg", "seite", "pagina"):
        pairs = sorted([*filter(None, query.split("&")), f"{name}={number}"])
        yield f"{path}?{'&'.join(pairs)}"
