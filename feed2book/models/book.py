"""A book, what it is made of, and what is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feed2book.models.article import Article
from feed2book.models.blobs import Blob
from feed2book.models.feed import Notice


@dataclass(frozen=True, slots=True)
class Asset:
    """An image ready to embed. ``id`` derives from its bytes; ``width`` and ``height`` are in pixels.

    ``scale`` is how many of its pixels make one CSS pixel of the original: more than 1 for a drawing
    that was made into pixels finer than it says it is.
    """

    id: str
    media_type: str
    blob: Blob = field(repr=False, compare=False)
    width: int
    height: int
    source: str = ""
    scale: float = 1.0

    @property
    def data(self) -> bytes:
        """Its bytes, loaded if they lie in a file: take them one asset at a time."""
        return self.blob.read()

    @property
    def extension(self) -> str:
        """The file name's ending for its media type, with the dot."""
        return {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif"}[self.media_type]


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the book's contents.

    ``kind`` is ``part``, ``article`` or ``section``; ``key`` names the part or article, ``fragment``
    the section's id in it. ``number`` counts the articles through the whole book, from 1.
    """

    kind: str
    title: str
    key: str
    fragment: str = ""
    number: int = 0
    children: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Part:
    """The articles of one feed. A book of one feed has one part, which is then not shown."""

    key: str
    title: str
    subtitle: str
    url: str
    home: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The one thing that every renderer reads.

    Ids are unique in it, every internal link resolves, every image token stands for an asset that is
    there, and its contents are never empty. ``identifier`` is a ``urn:uuid:`` (UUIDv5) of what the
    book is, so that a rebuild replaces it. ``issued`` is the clock that was passed in, UTC.
    ``cover`` is a JPEG or None. ``remarks`` tell what fell short: a key of the books' words, and how many.
    ``series`` and ``number`` (from 1) place an issue among its like. A ``living`` book is replaced by each
    later build, so that its file name says no date. ``volume`` is its number where a book was cut into
    several, else 0. ``chapters`` are those of an older build that stay as they are, by key: their articles
    here have no ``html``. ``news`` marks articles by key, as ``new`` or ``updated``, in a book that was
    brought up to date.
    """

    identifier: str
    title: str
    subtitle: str
    authors: tuple[str, ...]
    language: str
    direction: str
    issued: datetime
    parts: tuple[Part, ...]
    contents: tuple[Node, ...]
    assets: tuple[Asset, ...] = ()
    cover: Asset | None = None
    description: str = ""
    remarks: tuple[tuple[str, int], ...] = ()
    series: str = ""
    number: int | None = None
    living: bool = False
    volume: int = 0
    chapters: Mapping[str, Chapter] = field(default_factory=dict)
    news: Mapping[str, str] = field(default_factory=dict)

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles in reading order."""
        return tuple(article for part in self.parts for article in part.articles)


@dataclass(frozen=True, slots=True)
class Chapter:
    """What an older build says of one of its articles, whose file may stay as it is.

    ``article`` has no ``html``. ``sha256`` has the hash of each file's bytes: a large post fills several, and
    ``places`` says for each of ``article.ids`` in which one it is (from 1; empty where there is one file).
    ``assets`` are ids of the pictures it shows; ``links`` are the places that it leads to
    (``post-1a2b3c4d#id``). ``undescribed`` and ``missing`` count pictures without a description and pictures
    that could not be had; ``maths`` says that there is MathML in it.
    """

    article: Article
    sha256: tuple[str, ...]
    places: tuple[int, ...] = ()
    assets: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    undescribed: int = 0
    missing: int = 0
    maths: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What an EPUB of ours says about itself, so that it can be brought up to date.

    ``parts`` hold the articles of the chapters, without ``html``; ``chapters`` are by key, ``assets``
    (without ``data``) by id. ``look`` is a hash of what made the chapters: version, templates, options;
    ``device`` is the name of the device that they are for.
    """

    identifier: str
    title: str
    language: str
    series: str
    number: int | None
    look: str
    device: str
    parts: tuple[Part, ...]
    chapters: Mapping[str, Chapter]
    assets: Mapping[str, Asset]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A finished file. ``pages`` is None where the format has none.

    ``volume`` is its number (from 1) among the volumes of a book, 0 where there is one file.
    """

    filename: str
    media_type: str
    blob: Blob = field(repr=False)
    pages: int | None = None
    volume: int = 0

    @property
    def data(self) -> bytes:
        """Its bytes, loaded if they lie in a file."""
        return self.blob.read()


@dataclass(frozen=True, slots=True)
class Failure:
    """A source or a delivery that failed: where, and the one line that says why and what to do."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a run made and what went less than well."""

    artifacts: tuple[Artifact, ...] = ()
    notices: tuple[Notice, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. ``severity`` is ``error``, ``warning`` or ``note``; ``code`` is stable.

    ``where`` names the place in the file, ``fix`` says what to do.
    """

    code: str
    severity: str
    where: str
    message: str
    fix: str = ""
