"""What a page says of its post besides the text: title, author, day, language, picture."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TypedDict

from lxml import html
from lxml.html import builder

from feed2book.article.attributes import language_tag
from feed2book.article.extract_rules import first_text
from feed2book.article.text import collapse
from feed2book.article.urls import absolute, valid_image
from feed2book.models import SiteRule

_DATES = {"original_date": True, "extensive_search": False, "max_date": "2999-12-31"}  # no clock in here
_MOST_AUTHORS = 5
_LONGEST = 300  # characters of a title or of a name
_AND = re.compile(r"\s*;\s*")


class Facts(TypedDict):
    """The fields of an extract that are no text."""

    title: str
    authors: tuple[str, ...]
    published: datetime | None
    language: str
    image: str


def facts(root: html.HtmlElement, url: str, base: str, rule: SiteRule) -> Facts:
    """Return what the page says in its metadata (JSON-LD, OpenGraph, Dublin Core …) or its site's places.

    Args:
        root: the tree of the whole page; it is changed.
        url: its address.
        base: what its addresses count from.
        rule: what is known of the site.
    """
    from trafilatura.metadata import extract_metadata

    head = root.find("head")
    if head is not None and (date := first_text(root, rule.date)):
        head.insert(0, builder.META(property="article:published_time", content=date))
    told = extract_metadata(root, url, _DATES, extensive=False)
    author = first_text(root, rule.author)
    return {
        "title": collapse(first_text(root, rule.title) or told.title or "")[:_LONGEST],
        "authors": (author[:_LONGEST],) if author else _authors(told.author or ""),
        "published": _day(told.date or ""),
        "language": language_tag(root.get("lang") or ""),
        "image": valid_image(absolute(told.image, base)) if told.image else "",
    }


def _authors(said: str) -> tuple[str, ...]:
    names = (collapse(name) for name in _AND.split(said))
    return tuple(dict.fromkeys(name for name in names if 0 < len(name) <= _LONGEST))[:_MOST_AUTHORS]


def _day(said: str) -> datetime | None:
    try:
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    except ValueError:
        return None
