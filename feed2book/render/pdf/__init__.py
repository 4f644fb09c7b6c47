"""Book → PDF: one tagged document (PDF/UA-1, ISO 14289-1), laid out in parts by WeasyPrint and joined."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING, BinaryIO

from feed2book.models import MEMORY, Artifact, Book, Notice, RenderOptions, Shelf, Spool
from feed2book.render import templating
from feed2book.render.naming import filename
from feed2book.render.pdf.addresses import anchor
from feed2book.render.pdf.glyphs import missing_fonts
from feed2book.render.pdf.layout import weasyprint
from feed2book.render.pdf.page import page_of, style_sheet
from feed2book.render.pdf.parts import cut

if TYPE_CHECKING:
    from feed2book.render.pdf.maker import Maker


def _untold(notice: Notice) -> None:
    """Tell nobody."""


def _unseen(done: int, total: int) -> None:
    """Show no progress."""


def render_pdf(
    book: Book,
    options: RenderOptions,
    spool: Spool = MEMORY,
    *,
    executor: Executor | None = None,
    eager: bool = False,
    shelf: Shelf[bytes] | None = None,
    tell: Callable[[Notice], None] = _untold,
    progress: Callable[[int, int], None] = _unseen,
) -> Artifact:
    """Return the book as a PDF: cover, title page, printed contents, posts, colophon.

    The same book and options give the same bytes, in any process and directory, however many of them lay
    parts out. Nothing is loaded but the book's own assets and our fonts; what a feed or a style sheet names
    besides is refused.

    Args:
        book: what to print.
        options: all of them count here.
        spool: where the file is written.
        executor: where parts are laid out; None does it here.
        eager: it gets also what is done as soon here: a lone part, the pages before and after the posts.
        shelf: keeps parts from one build to the next.
        tell: told what went less than well.
        progress: told how many posts are laid out, and of how many.

    Raises:
        UsageError: there is no such page or layout.
        RenderError: Pango is missing, or a template is wrong.
    """
    page_of(options)  # what is wrong with the options is told before all work
    weasyprint()
    from feed2book.render.pdf.glyphs import fonts_at_hand
    from feed2book.render.pdf.maker import Maker, Nothing

    stamp = f"{fonts_at_hand()} {templating.fingerprint(options.templates)}"
    maker = Maker(executor, shelf or Nothing(), stamp, tell, eager=eager)
    pages = 0

    def fill(out: BinaryIO) -> None:
        nonlocal pages
        pages, missing = _write(book, options, out, maker, progress)
        for notice in missing_fonts(missing, book.title):
            tell(notice)

    blob = spool.write(fill)
    return Artifact(filename(book, ".pdf"), "application/pdf", blob, pages)


def _write(
    book: Book, options: RenderOptions, out: BinaryIO, maker: Maker, progress: Callable[[int, int], None]
) -> tuple[int, frozenset[str]]:
    """Write the book; return how many pages it has, and the characters that no font has."""
    from feed2book.render.pdf.frame import back, bookmarks, front
    from feed2book.render.pdf.join import Joiner
    from feed2book.render.pdf.pack import PdfPart

    sheet = style_sheet(options, book.direction)
    joiner = Joiner(out, paired=options.two_sided)
    done, total = 0, len(book.articles)
    progress(done, total)
    for part, posts in maker.parts(cut(book, options, sheet)):
        joiner.add(part)
        done += posts
        progress(done, total)
    joiner.add(PdfPart.from_bytes(maker.lay_out(back(book, options, sheet))))
    for article in book.articles:
        for name in article.ids:
            joiner.alias(anchor(article.key, name), article.key)
    first = PdfPart.from_bytes(maker.lay_out(front(book, options, sheet, joiner.page_of)))
    pages = joiner.finish(first, bookmarks(book, options), _identifier(book))
    return pages, frozenset(joiner.missing)


def _identifier(book: Book) -> str:
    """Return what names this issue of the book in the file's ``/ID``."""
    return hashlib.sha256(f"{book.identifier} {book.issued.isoformat()}".encode()).hexdigest()[:32]
