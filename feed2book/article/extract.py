"""A page → the article in it, and what the page says of it. Pure: the same page and rule give the same.

trafilatura and lxml are loaded when the first page is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from feed2book.article.text import count_words, normal
from feed2book.models import Enclosure, Entry, SiteRule

_TAG = re.compile(r"<[^<>]*>")
_AROUND = 20  # words of title, author and date that stand around the text in a page
_TELLING = 20  # letters of a text that no other page has by chance


@dataclass(frozen=True, slots=True)
class Page:
    """A web page, as it came from ``url`` with the ``charset`` that its server named, or ``""``.

    ``told`` is what the feed says of the post, its title and its text: a page that has nothing of either is
    not the post's (a wall, an error that calls itself a success); empty ones take any page. ``number`` says
    which page of the post it is, from 1, and ``first`` where the first one is, if this is another.
    """

    url: str
    body: bytes
    charset: str = ""
    told: tuple[str, ...] = ()
    rule: SiteRule = field(default_factory=SiteRule)
    number: int = 1
    first: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a page gives.

    ``html`` is the article's markup as it stands in the page, addresses absolute as far as links go; the
    others count from ``base``. ``words`` is its length. ``title``, ``authors``, ``published`` (a day, at
    midnight UTC), ``language`` and ``image`` are what the page says, or nothing. ``following`` is the address
    of the post's next page, ``single`` of the whole post on one page: then there is nothing else.
    ``walled`` says that the page calls its text not free. ``trouble`` is why there is no article.
    """

    html: str = ""
    words: int = 0
    base: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str = ""
    image: str = ""
    following: str = ""
    single: str = ""
    walled: bool = False
    trouble: str = ""


def extract(page: Page) -> Extract:
    """Return what a page gives. Never raises."""
    from feed2book.article.extract_page import extract_page

    try:
        return extract_page(page)
    except Exception as error:  # noqa: BLE001 (no page may stop a book; the notice says what happened)
        return Extract(trouble=f"its page could not be read ({type(error).__name__})")


def joined(pages: Sequence[Extract]) -> Extract:
    """Return the pages of one post as one."""
    html = "\n".join(f"<div>{page.html}</div>" for page in pages)
    return replace(pages[0], html=html, words=sum(page.words for page in pages))


def goes_on(pages: Sequence[Extract], page: Extract) -> bool:
    """Say whether a further page of a post says anything new: some sites count on for ever."""
    known = {block for one in pages for block in _blocks(one.html)}
    blocks = _blocks(page.html)
    return 2 * sum(block in known for block in blocks) < len(blocks)


def _blocks(markup: str) -> list[str]:
    return [block for block in map(normal, _TAG.split(markup)) if len(block) > _TELLING]


def completed(entry: Entry, found: Extract, *, language: str) -> Entry:
    """Return the entry with the article of its page; what the feed says of the post stays.

    Args:
        entry: what the feed says, or a whole page.
        found: the article.
        language: what the feed as a whole says.
    """
    pictured = any(part.preview or part.media_type.startswith("image/") for part in entry.enclosures)
    lead = (Enclosure(found.image, "image/*", preview=True),) if found.image and not pictured else ()
    return replace(
        entry,
        content=found.html,
        content_kind="content",
        base=found.base,
        title=entry.title or found.title,
        authors=entry.authors or found.authors,
        published=entry.published if entry.is_dated else found.published,
        language=entry.language or ("" if language else found.language),
        enclosures=(*entry.enclosures, *lead),
        aliases=tuple(dict.fromkeys((*entry.aliases, found.base))),
    )


def says_more(entry: Entry, found: Extract) -> bool:
    """Say whether the page gives more of a post than the feed: it may be a teaser, or just the same."""
    told = 0 if entry.content_kind == "page" else count_words(entry.text)
    return found.words > told + (_AROUND if told else 0)
