"""What a feed says, and what brought it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Literal

from feed2book.models.polling import Pace

#: How the address of a picture begins that lies in a folder which the user named; see :class:`Folder`.
SAVED = "saved:"

_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Response:
    """What a fetch brought, after redirects.

    ``url`` is the final address, ``requested`` the one asked for; ``headers`` have lower-case names;
    ``body`` is decompressed; ``unchanged`` says that it came from the cache (304, or still fresh), ``fresh``
    that nobody was asked; ``moved`` that all redirects on the way were for good, and there were some;
    ``partial`` that it broke off.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    requested: str = ""
    unchanged: bool = False
    partial: bool = False
    moved: bool = False
    fresh: bool = False

    def header(self, name: str) -> str:
        """Return the first header of that name (any case), or ``""``."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of saved pages, which ``url`` (``file:``) names.

    ``pages`` are in the order of their names, each with its path in the folder as ``requested``; they can be
    gone through once. ``pictures`` are the paths of all other files. Behind ``prefix``, with percent codes,
    such a path is an address by which a picture can be asked for; it does not tell where the folder is.
    """

    name: str
    url: str
    pages: Iterable[Response]
    pictures: frozenset[str]
    prefix: str


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A media file that an entry names (RSS ``enclosure``, Atom ``rel=enclosure``, ``media:content``).

    ``length`` is in bytes, ``width`` in pixels and ``seconds`` the duration, each as the feed claims, or
    None. ``description`` says what a picture shows. ``preview`` tells a ``media:thumbnail`` from the thing
    itself.
    """

    url: str
    media_type: str = ""
    length: int | None = None
    title: str = ""
    description: str = ""
    width: int | None = None
    seconds: int | None = None
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as the feed says it.

    ``id`` never collides within a feed: guid, else link, else a hash of what it says. ``url`` is the
    permalink (absolute, ``""`` when there is none). ``title`` and ``authors`` are plain text.
    ``content`` is the best body as HTML, not yet cleaned; relative addresses in it count from ``base``.
    ``content_kind`` says what it is: what the feed calls the content; a ``summary`` or description, where the
    feed has nothing else; or a whole web ``page``, whose article is still to be found.
    ``aliases`` are other addresses that the feed gives for the same post (guid permalink, ``comments``
    without fragment, ``feedburner:origLink`` …). ``page`` is where its page is to be had, if not at
    its ``url``. Times are aware and UTC. ``language`` is BCP 47 or ``""``.
    """

    id: str
    url: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    tags: tuple[str, ...] = ()
    content: str = ""
    content_kind: Literal["content", "summary", "page"] = "content"
    summary: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    language: str = ""
    base: str = ""
    aliases: tuple[str, ...] = ()
    page: str = ""
    _digest: str = field(default="", init=False, repr=False, compare=False)  # once it was asked for

    @property
    def guid(self) -> str:
        """The guid as the feed says it (else what stands for it), also where several posts share it."""
        return self.id.partition(f"|{self.url}")[0] if self.url else self.id

    @property
    def date(self) -> datetime | None:
        """When it was published, else when it was updated, else None."""
        return self.published or self.updated

    @property
    def is_dated(self) -> bool:
        """Whether its feed says when it was published, or what was updated then; else its page may tell."""
        return bool(self.published or (self.updated and self.content))

    @property
    def text(self) -> str:
        """What it says, all markup left out: good enough to compare and to search, not to read."""
        return unescape(_TAG.sub(" ", self.content or self.summary))

    @property
    def digest(self) -> str:
        """A hash of what the feed says of it and a reader would see; a date alone makes no other post.

        It is worked out once, and goes along where an entry is stored or sent, but not to one made from it.
        """
        if not self._digest:
            object.__setattr__(self, "_digest", self._hash())
        return self._digest

    def _hash(self) -> str:
        media = (f"{one.url} {one.media_type} {one.title} {one.description}" for one in self.enclosures)
        said = (self.url, self.title, *self.authors, self.content, self.summary, self.language, *media)
        return hashlib.sha256("\0".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that went less than well and did not stop the work.

    ``code`` is one of :class:`feed2book.errors.Code`; ``where`` a URL, a file or an entry's title.
    """

    code: str
    message: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says, in Unicode, its addresses absolute.

    ``url`` is where it was fetched from, ``home`` the site that it belongs to, ``source`` what the user
    called it. ``generator`` is the program that wrote it, as it says itself; ``links`` are other parts of it
    by their relation (RFC 8288: ``next``, ``prev-archive`` …). ``pace`` says how often to ask for it.
    """

    url: str
    title: str = ""
    subtitle: str = ""
    home: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    icon: str = ""
    updated: datetime | None = None
    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()
    source: str = ""
    generator: str = ""
    links: tuple[tuple[str, str], ...] = ()
    pace: Pace = Pace()

    def link(self, relation: str) -> str:
        """Return the first address of that relation, or ``""``."""
        return next((url for name, url in self.links if name == relation), "")
