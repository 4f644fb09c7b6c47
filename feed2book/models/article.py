"""A cleaned entry, its outline and its wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from feed2book.models.feed import Entry, Notice
from feed2book.models.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of an article and what lies under it. ``level`` 1 is right below the post's title."""

    id: str
    level: int
    title: str
    children: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """An image that an article wants, one for each place where it stands.

    ``urls`` are absolute (or ``data:``) addresses, best first; none where markup gives none that can be
    used. ``width`` and ``height`` are what the markup claims, in CSS pixels. ``kind`` is ``block`` (a
    picture on its own), ``inline`` (in a line of text), ``formula`` or ``preview`` (of a video; nothing is
    said where it is missing). ``linked`` says that it stands inside a link.
    """

    urls: tuple[str, ...]
    alt: str = ""
    title: str = ""
    width: int | None = None
    height: int | None = None
    kind: str = "block"
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that could be read.

    ``tex`` is its source, ``""`` where only MathML came; ``mathml`` a whole ``<math>`` element, safe and
    valid in XHTML; ``alt`` the formula as one line of text. ``display`` says that it stands on a line
    of its own.
    """

    tex: str
    mathml: str
    alt: str
    display: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned entry: safe, valid XHTML (a body fragment, with tokens), its outline and its wants.

    ``key`` names the article in the book (``post-1a2b3c4d``) and is stable between builds.
    ``title`` is never empty. Sections in ``html`` start at ``<h2>``: the title is the ``<h1>`` that
    templates write. ``ids`` are the fragments that exist in ``html``. ``excerpt`` is the first line
    of its text. ``direction`` is ``ltr`` or ``rtl``. ``language`` is BCP 47 or ``""`` (then the book's).
    ``digest`` is a hash of the entry as the feed said it: another one means that the post has changed; none
    means that the text of its page is still to be had.

    Notes have one spelling: ``<sup><a class="noteref">1</a></sup>`` in the text, and as the last things of
    ``html`` an ``<aside class="note">`` each, opening with ``<a class="backlink">1</a>`` for every place
    that refers to it. A contents list of the author's own is ``ul.post-toc`` or ``ol.post-toc``.
    """

    key: str
    entry: Entry
    title: str
    html: str
    sections: tuple[Section, ...] = ()
    images: tuple[Image, ...] = ()
    ids: tuple[str, ...] = ()
    excerpt: str = ""
    language: str = ""
    direction: str = "ltr"
    ledger: Ledger = field(default_factory=Ledger)
    notices: tuple[Notice, ...] = ()
    formulas: tuple[Formula, ...] = ()
    digest: str = ""

    @property
    def date(self) -> datetime | None:
        """The date of its entry; see :attr:`Entry.date`."""
        return self.entry.date

    @property
    def minutes(self) -> int:
        """Reading time in whole minutes at 230 words a minute, at least 1."""
        return max(1, round(self.ledger.after.words / 230))
