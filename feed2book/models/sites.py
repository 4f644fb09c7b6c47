"""What a reader knows of the pages of a site: where its articles stand, and what in them is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class SiteRule:
    """How the article is found in the pages of a site. All expressions are XPath 1.0.

    ``body`` is tried in turn; all that the first one with a match finds is the article. What ``strip`` finds
    goes. ``title``, ``author`` and ``date`` find texts, in turn. ``next_page`` finds the link to the post's
    next page, ``single_page`` the one to the whole post on one page. ``replace`` has pairs of what is
    replaced in the page's markup before it is read. ``fallback`` False: where ``body`` finds nothing, there
    is no article.
    """

    body: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    next_page: tuple[str, ...] = ()
    single_page: tuple[str, ...] = ()
    replace: tuple[tuple[str, str], ...] = ()
    fallback: bool = True


@dataclass(frozen=True, slots=True)
class Sites:
    """The user's own rules.

    ``rules`` are by host (``example.org``; ``.example.org`` for all hosts under it, too), ``folder`` has
    files as FiveFilters' collection of site configurations has them (``example.org.txt``).
    """

    rules: Mapping[str, SiteRule] = field(default_factory=dict)
    folder: Path | None = None


def site_names(address: str) -> tuple[str, ...]:
    """Return the names under which rules for an address are looked for, the nearest first.

    ``www.`` makes no difference: ``https://www.blog.example.org/a`` → ``blog.example.org``,
    ``.blog.example.org``, ``.example.org``.
    """
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    labels = host.split(".")
    above = ("." + ".".join(labels[at:]) for at in range(len(labels) - 1))
    return (host, *above) if host else ()
