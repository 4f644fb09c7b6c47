"""The frozen types that pass between the rooms. Nothing of ours is imported here.

What a feed said (:class:`Feed`, :class:`Entry`) is kept apart from what we made of it
(:class:`Article`, :class:`Book`) and from what we know about it (the store).

Tokens
    Article HTML never spells a link inside the book, an id or an image address. It carries tokens
    instead, which each renderer replaces in its own way by plain substitution (:func:`substitute`).
    A token is ``U+FDD0 kind:value U+FDD1``. Both characters are Unicode noncharacters, and
    ``article`` removes them from whatever a feed sends, so that no feed can forge a token.

    ==================  ========================  =============================================
    kind                stands for                where
    ==================  ========================  =============================================
    ``id:FRAGMENT``     an id of this article     ``id``, ``for``, ``headers``, ``aria-*`` values
    ``post:KEY#FRAG``   a post of this book       ``href`` (``post:KEY`` is the top of the post)
    ``image:N``         ``Article.images[N]``     as text, in the place of the whole ``<img>``
    ``asset:ID``        an asset of the book      ``src`` (written by the binder, never before)
    ``formula:N``       ``Article.formulas[N]``   as text, in the place of the formula
    ==================  ========================  =============================================
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

T = TypeVar("T")

TOKEN_OPEN = "\ufdd0"  # noqa: S105 (not a password)
TOKEN_CLOSE = "\ufdd1"  # noqa: S105
_TOKEN = re.compile(f"{TOKEN_OPEN}([a-z]+):([^{TOKEN_OPEN}{TOKEN_CLOSE}]*){TOKEN_CLOSE}")


def token(kind: str, value: str) -> str:
    """Return the token of that ``kind`` (``id``, ``post``, ``image``, ``formula`` …) and ``value``."""
    return f"{TOKEN_OPEN}{kind}:{value}{TOKEN_CLOSE}"


def substitute(html: str, spell: Callable[[str, str], str]) -> str:
    """Replace each token of ``html`` by what ``spell(kind, value)`` returns, in one pass."""
    return _TOKEN.sub(lambda match: spell(match[1], match[2]), html)


@dataclass(frozen=True, slots=True)
class Response:
    """What a fetch brought, after redirects.

    ``url`` is the final address, ``requested`` the one asked for; ``headers`` have lower-case names;
    ``body`` is decompressed; ``unchanged`` says that it came from the cache (304, or still fresh).
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    requested: str = ""
    unchanged: bool = False

    def header(self, name: str) -> str:
        """Return the first header of that name (any case), or ``""``."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")


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
    ``aliases`` are other addresses that the feed gives for the same post (guid permalink, ``comments``
    without fragment, ``feedburner:origLink`` …). Times are aware and UTC. ``language`` is BCP 47 or
    ``""``.
    """

    id: str
    url: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    tags: tuple[str, ...] = ()
    content: str = ""
    summary: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    language: str = ""
    base: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def date(self) -> datetime | None:
        """When it was published, else when it was updated, else None."""
        return self.published or self.updated

    @property
    def digest(self) -> str:
        """A hash of what the feed says of it and a reader would see; a date alone makes no other post."""
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

    ``url`` is where it was fetched from, ``home`` the site that it belongs to.
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
class Counts:
    """What an article holds, counted."""

    words: int = 0
    headings: int = 0
    images: int = 0
    links: int = 0
    list_items: int = 0
    table_cells: int = 0
    code_lines: int = 0
    formulas: int = 0
    notes: int = 0
    embeds: int = 0


@dataclass(frozen=True, slots=True)
class Drop:
    """What one pass took out of an article: pass, reason, how many words and images, a short sample."""

    step: str
    reason: str
    words: int = 0
    images: int = 0
    sample: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the reason is one for which something may go (:data:`ALLOWED_REASONS`)."""
        return self.reason in ALLOWED_REASONS


#: Reasons for which a pass may take words and images out. Whatever else goes is lost: ``--strict`` minds.
ALLOWED_REASONS = frozenset(
    {
        # what the blog's tools wrote, not its author
        "a control",
        "a counter",
        "a form",
        "a rule",
        "advertisement",
        "asks for scripts",
        "asks for support",
        "author box",
        "comments and counters",
        "cookie notice",
        "feed footer",
        "filing",
        "hidden by its markup",
        "one pixel",
        "read more",
        "reading time",
        "related posts",
        "repeated in most posts",
        "sharing",
        "subscription",
        # what the book says already, or in another way
        "a break between scenes, now a rule",
        "a button",
        "a word spelled anew",
        "a label or button of a code block",
        "a placeholder",
        "defines macros",
        "heads the notes",
        "icons and thumbnails of a preview",
        "leads to another post",
        "leads to the top",
        "lines of code told apart",
        "marks of notes",
        "now a formula",
        "drawn from a formula's source",
        "repeats a note",
        "the double of a lazy frame",
        "words in place of a picture",
        "words in place of a player",
        "a file's name and size",
        "a player's controls",
        "buttons and repeats of a preview",
        "an embed without an address",
        "an image without an address",
        "an icon",
        "drawn by a script",
        "for a dark page",
        "lettering of a drawing",
        "line numbers",
        "not wanted",
        "now a character",
        "repeats the title",
        "the double of a lazy image",
        "what stands in for a player",
    }
)

#: The share of a post's words that may go without a reason before ``--strict`` minds.
MOST_LOST = 0.005


@dataclass(frozen=True, slots=True)
class Ledger:
    """What went into an article (``before``), what came out (``after``), and each drop between.

    ``lost_words`` and ``lost_images`` are gone though no drop tells of them. Words that passes add (the
    label of a video) make up for none that went.
    """

    before: Counts = Counts()
    after: Counts = Counts()
    drops: tuple[Drop, ...] = ()
    lost_words: int = 0
    lost_images: int = 0

    @property
    def unexplained_words(self) -> int:
        """Words that are gone for no allowed reason."""
        return self.lost_words + sum(drop.words for drop in self.drops if not drop.allowed)

    @property
    def unexplained_images(self) -> int:
        """Images that are gone for no allowed reason."""
        return self.lost_images + sum(drop.images for drop in self.drops if not drop.allowed)

    @property
    def kept(self) -> float:
        """The share (0 to 1) of the words, allowed drops apart, that came out."""
        wanted = self.before.words - sum(drop.words for drop in self.drops if drop.allowed)
        return max(0.0, 1 - self.unexplained_words / wanted) if wanted > 0 else 1.0

    @property
    def whole(self) -> bool:
        """Whether nothing was lost that ``--strict`` minds."""
        return self.kept >= 1 - MOST_LOST and not self.unexplained_images


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned entry: safe, valid XHTML (a body fragment, with tokens), its outline and its wants.

    ``key`` names the article in the book (``post-1a2b3c4d``) and is stable between builds.
    ``title`` is never empty. Sections in ``html`` start at ``<h2>``: the title is the ``<h1>`` that
    templates write. ``ids`` are the fragments that exist in ``html``. ``excerpt`` is the first line
    of its text. ``direction`` is ``ltr`` or ``rtl``. ``language`` is BCP 47 or ``""`` (then the book's).
    ``digest`` is a hash of the entry as the feed said it: another one means that the post has changed.

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
    ledger: Ledger = Ledger()
    notices: tuple[Notice, ...] = ()
    formulas: tuple[Formula, ...] = ()
    digest: str = ""

    @property
    def minutes(self) -> int:
        """Reading time in whole minutes at 230 words a minute, at least 1."""
        return max(1, round(self.ledger.after.words / 230))


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that are held, or lie in a file (``path``) until they are wanted.

    ``keeper`` is what the file lives as long as. It does not go along to another process: who sends a
    blob there keeps it for as long as the other works.
    """

    held: bytes = field(default=b"", repr=False)
    path: Path | None = None
    keeper: object = field(default=None, repr=False, compare=False)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size if self.path else len(self.held)

    def open(self) -> BinaryIO:
        """Return a stream to read from; close it."""
        return self.path.open("rb") if self.path else BytesIO(self.held)

    def read(self) -> bytes:
        """Return all bytes."""
        return self.path.read_bytes() if self.path else self.held

    def __reduce__(self) -> tuple[type[Blob], tuple[bytes, Path | None]]:
        return Blob, (self.held, self.path)


class Shelf(Protocol[T]):
    """What was made before, by a name for all that decides it. It may lose anything at any time."""

    def get(self, key: str) -> T | None:
        """Return what was put under the key, or None."""

    def put(self, key: str, value: T) -> None:
        """Keep the value under the key."""


class Spool(Protocol):
    """Where what is large lies while a run lasts."""

    def write(self, fill: Callable[[BinaryIO], None]) -> Blob:
        """Return what ``fill`` writes into the stream that it is given, which can seek."""


class Memory:
    """A spool that holds everything."""

    def write(self, fill: Callable[[BinaryIO], None]) -> Blob:
        """See :meth:`Spool.write`."""
        stream = BytesIO()
        fill(stream)
        return Blob(stream.getvalue())


MEMORY: Spool = Memory()


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
class FetchOptions:
    """Limits of the network edge. Times are in seconds, sizes in bytes after decompression.

    ``cache_dir`` None keeps no cache. ``offline`` answers from the cache alone. ``allow_private``
    lets addresses that come from a feed's content reach private and loopback hosts.
    """

    cache_dir: Path | None = None
    offline: bool = False
    allow_private: bool = False
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    total_timeout: float = 60.0
    max_feed_bytes: int = 50_000_000
    max_image_bytes: int = 15_000_000
    max_redirects: int = 10
    retries: int = 2
    concurrency: int = 5
    per_host: int = 2
    max_images: int = 2_000


@dataclass(frozen=True, slots=True)
class BookOptions:
    """What goes into a book. ``order`` is ``oldest`` or ``newest``; ``since`` and ``until`` are aware.

    ``limit`` counts posts (the newest ones are taken) and None means all. Empty strings mean "from
    the feed". ``series`` and ``number`` make the book an issue of a series (the number alone: of a series
    with the book's title).
    """

    title: str = ""
    author: str = ""
    language: str = ""
    limit: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    order: str = "oldest"
    cover: bool = True
    images: bool = True
    series: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """What an e-reader takes and shows. The defaults suit any of them; see :mod:`feed2book.devices`.

    Attributes:
        name: what ``--device`` calls it.
        label: what people call it.
        box: width and height in pixels that pictures shrink into.
        formats: the media types of pictures that it shows; others become PNG or JPEG.
        gray: its screen has no colours, so that pictures need none.
        levels: how deep its contents may be, the parts of a book with several feeds counted.
        flat: it shows the contents as one list, where only words can tell a post from a section.
        chapter_bytes: a chapter whose XHTML is longer is split into several files.
        book_bytes: a larger book is split into volumes; None takes any size.
        mathml: it shows MathML; else formulas are pictures.
        cover: width and height in pixels that the cover shrinks into.
        kepub: it wants Kobo's own spans in the text, and a file that ends in ``.kepub.epub``.
        paper: the paper of a PDF for it (``--page``).
    """

    name: str = "generic"
    label: str = "any e-reader"
    box: tuple[int, int] = (1600, 2560)
    formats: tuple[str, ...] = ("image/jpeg", "image/png", "image/gif")
    gray: bool = False
    levels: int = 7
    flat: bool = False
    chapter_bytes: int = 260_000
    book_bytes: int | None = None
    mathml: bool = True
    cover: tuple[int, int] = (1600, 2560)
    kepub: bool = False
    paper: str = "a5"

    @property
    def ending(self) -> str:
        """How its EPUB files end, with the dot."""
        return ".kepub.epub" if self.kepub else ".epub"


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How a book looks.

    For PDF only: ``page`` is the name of a paper (``a5``, ``remarkable`` …) or a size (``120x180mm``,
    ``6x9in``); ``layout`` is ``book``, ``newspaper`` or ``compact``; ``two_sided`` mirrors the margins and
    opens posts on right pages; ``grayscale`` leaves no colour; ``archive`` is ``2a`` or ``3a`` for a file
    that is PDF/A as well as PDF/UA, or ``""``.

    ``toc_depth`` counts the levels of sections shown under a post in the contents (0: posts only). ``links``
    says what becomes of links that lead out of the book: ``keep``, ``footnote`` (their addresses are listed
    as well) or ``strip``. ``css`` is the text of a user's sheet, put last. ``templates`` is a directory whose
    files replace ours of the same name.

    ``embed_fonts`` puts faces into an EPUB, which is else set in the reader's own.
    ``device`` is what an EPUB is made for; it says what the pictures and the cover of any book are like.
    ``qr`` puts a QR code into each card of a PDF.
    """

    page: str = "a5"
    layout: str = "book"
    two_sided: bool = False
    grayscale: bool = False
    archive: str = ""
    toc_depth: int = 3
    links: str = "keep"
    css: str = ""
    templates: Path | None = None
    embed_fonts: bool = False
    device: Device = Device()
    qr: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One wish of the user: which sources, read how, made into what.

    ``sources`` are addresses, paths or ``-``; ``base`` is the address that a file's relative links
    count from (``--url``). ``jobs`` is how many processes may work at once; 1 starts none, which is right
    for a program that did not ask (a script without a main guard would be run again by each).
    """

    sources: tuple[str, ...]
    base: str = ""
    fetch: FetchOptions = FetchOptions()
    book: BookOptions = BookOptions()
    render: RenderOptions = RenderOptions()
    jobs: int = 1


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
