"""What the user wants, frozen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from feed2book.models.sites import Sites


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """Limits of the network edge. Times are in seconds, sizes in bytes after decompression.

    ``cache_dir`` None keeps no cache. ``offline`` answers from the cache alone. ``allow_private``
    lets addresses that come from a feed's content reach private and loopback hosts; ``ignore_robots``
    fetches pages whatever robots.txt says. ``netrc`` is a file of logins. ``proxy`` is the address of one
    for all requests; ``""`` is what the environment says. ``ports`` are those that addresses in a feed's
    content may have. ``max_file_bytes`` is for files that the user
    named: an export of a whole blog is larger than any feed. ``max_images``, ``max_pages`` and
    ``max_total_bytes`` (of both) count for a whole run.
    """

    cache_dir: Path | None = None
    offline: bool = False
    allow_private: bool = False
    ignore_robots: bool = False
    netrc: Path | None = None
    proxy: str = field(default="", repr=False)
    ports: Collection[int] = (80, 443, 8000, 8080, 8443)
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    total_timeout: float = 45.0
    max_feed_bytes: int = 50_000_000
    max_file_bytes: int = 250_000_000
    max_page_bytes: int = 10_000_000
    max_image_bytes: int = 15_000_000
    max_redirects: int = 10
    retries: int = 2
    concurrency: int = 24
    per_host: int = 2
    max_images: int = 2_000
    max_post_images: int = 500
    max_pages: int = 10_000
    max_total_bytes: int = 2_000_000_000


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
class Reach:
    """How much of a source is read, beyond what its feed shows.

    ``archive`` is the name of a way to its older posts, ``auto`` for the first one that it has, or ``""`` for
    what the feed shows alone. ``full_text`` is ``auto`` (the page is fetched of an entry that is a summary),
    ``always`` or ``never``.
    """

    archive: str = ""
    full_text: str = "auto"


@dataclass(frozen=True, slots=True)
class Job:
    """One wish of the user: which sources, read how, made into what.

    ``sources`` are addresses, paths or ``-``; ``base`` is the address that a file's relative links
    count from (``--url``). ``reach`` counts for every source but those that have their own in ``reaches``;
    ``orders`` has the order of the sources that have their own.
    ``sites`` are the user's rules for the pages of posts.
    ``jobs`` is how many processes may work at once; 1 starts none, which is right for a program that did not
    ask (a script without a main guard would be run again by each).
    """

    sources: tuple[str, ...]
    base: str = ""
    fetch: FetchOptions = FetchOptions()
    book: BookOptions = BookOptions()
    render: RenderOptions = RenderOptions()
    jobs: int = 1
    reach: Reach = Reach()
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)
    sites: Sites = field(default_factory=Sites)

    def reach_of(self, source: str) -> Reach:
        """Return how much of that source is read."""
        return self.reaches.get(source, self.reach)

    def order_of(self, source: str) -> str:
        """Return the order in which that source's posts are read, ``oldest`` or ``newest`` first."""
        return self.orders.get(source, self.book.order)
