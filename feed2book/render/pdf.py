"""Book → PDF: one tagged document (PDF/UA-1, ISO 14289-1), laid out by WeasyPrint.

WeasyPrint, and Pango under it, are loaded when the first PDF is made, never before: EPUB and digest
need neither.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import logging
from collections.abc import Iterator
from html import escape
from typing import Any

from markupsafe import Markup

from feed2book import __version__
from feed2book.errors import RenderError, UsageError
from feed2book.models import Article, Artifact, Asset, Blob, Book, Formula, Node, RenderOptions, substitute
from feed2book.render import templating
from feed2book.render.drawing import draw, in_words
from feed2book.render.formulas import size_formulas
from feed2book.render.naming import filename
from feed2book.render.outside_links import treat_links
from feed2book.render.pdf_fit import fit
from feed2book.render.pdf_notes import set_notes
from feed2book.render.qr import add_codes

PAGES = ("a4", "a5", "letter")
PANGO_COMMAND = "apt install libpango-1.0-0 libpangoft2-1.0-0"

# A post of fewer words does not start a new page after another such post.
_BRIEF = 150


def render_pdf(book: Book, options: RenderOptions) -> Artifact:
    """Return the book as a PDF: cover, title page, printed contents, posts, colophon.

    The same book and options give the same bytes, in any process and directory. Nothing is loaded
    but the book's own assets and our fonts; what a feed or a style sheet names besides is refused.

    Args:
        book: what to print.
        options: ``page``, ``toc_depth``, ``links``, ``css`` and ``templates`` count here.

    Raises:
        UsageError: ``options.page`` is not one of :data:`PAGES`.
        RenderError: Pango is missing, or a template is wrong.
    """
    if options.page not in PAGES:
        raise UsageError(f"unknown page {options.page!r}", where="--page", remedy=f"use {', '.join(PAGES)}")
    weasyprint = _weasyprint()
    book = treat_links(add_codes(book) if options.qr else book, options, cards=False)
    document = _document(book, options)
    with _collector_off():
        data, pages = _print(weasyprint, book, document, _sheet(options))
    return Artifact(filename(book, ".pdf"), "application/pdf", Blob(data), pages)


def _weasyprint() -> Any:
    """Import WeasyPrint, which prints advice of its own on stdout when a library is missing."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import weasyprint
    except (ImportError, OSError) as error:
        raise RenderError(
            "PDF needs the Pango library, which is not there", remedy=f"install it: {PANGO_COMMAND}"
        ) from error
    # Its warnings are about the markup of strangers; once any library has set up logging, they would show.
    logging.getLogger("weasyprint").propagate = False
    return weasyprint


def _document(book: Book, options: RenderOptions) -> str:
    """Return the whole book as one HTML document."""
    from feed2book.render.pdf_fetcher import ASSET, SHEET

    return templating.render(
        "print/book.html",
        {
            "book": book,
            "depth": options.toc_depth,
            "articles": {article.key: article for article in book.articles},
            "bodies": {article.key: Markup(_body(article)) for article in book.articles},  # noqa: S704 (nh3's output)
            "brief": {article.key for article in book.articles if _is_brief(article)},
            "cover": f"{ASSET}cover",
            "href": _href,
            "generator": f"feed2book {__version__}",
            "sheet": SHEET,
            "stamp": book.issued.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        options.templates,
    )


def _is_brief(article: Article) -> bool:
    return article.ledger.after.words < _BRIEF and not article.images


def _href(node: Node) -> str:
    return f"#{node.key}-{node.fragment}" if node.fragment else f"#{node.key}"


def _body(article: Article) -> str:
    """Return the article's HTML, each token spelt for one single document."""
    from feed2book.render.pdf_fetcher import ASSET

    def spell(kind: str, value: str) -> str:
        match kind:
            case "id":
                return f"{article.key}-{value}"
            case "post":
                return "#" + value.replace("#", "-", 1)
            case "asset":
                return f"{ASSET}{value}"
            case "formula":
                return _formula(article.formulas[int(value)], ASSET)
        return ""

    return fit(size_formulas(substitute(set_notes(article.html), spell)))


def _formula(formula: Formula, assets: str) -> str:
    drawing = draw(formula)
    if drawing is None:
        return in_words(formula)
    source, alt = f"{assets}{drawing.name}", escape(formula.alt)
    return f'<img class="maths" src="{source}" alt="{alt}" style="{drawing.style}"/>'


def _sheet(options: RenderOptions) -> str:
    names = ("base", "print", f"print-{options.page}")
    ours = [templating.render(f"css/{name}.css", {}, options.templates) for name in names]
    return "\n".join((*ours, options.css))


def _print(weasyprint: Any, book: Book, document: str, sheet: str) -> tuple[bytes, int]:
    """Return the PDF and its number of pages."""
    from weasyprint.text.fonts import FontConfiguration

    from feed2book.render.pdf_fetcher import BookFetcher
    from feed2book.render.pdf_finish import finisher
    from feed2book.render.pdf_glyphs import box_missing

    fetcher = BookFetcher(_assets(book), sheet)
    fonts = FontConfiguration()

    def lay_out(html: str) -> Any:
        # Hints are the attributes start and value of lists, width and height of images.
        page = weasyprint.HTML(string=html, url_fetcher=fetcher)
        return page.render(font_config=fonts, presentational_hints=True)

    head, start, body = document.partition("<body")
    body = box_missing(body, lambda text: lay_out(f"{head}<body>{text}").write_pdf())
    laid_out = lay_out(head + start + body)
    data = laid_out.write_pdf(
        finisher=finisher(_titles(book)), pdf_variant="pdf/ua-1", pdf_identifier=_identifier(book)
    )
    return data, len(laid_out.pages)


def _assets(book: Book) -> Iterator[tuple[str, Asset]]:
    yield from ((asset.id, asset) for asset in book.assets)
    if book.cover:
        yield "cover", book.cover
    for article in book.articles:
        for drawing in filter(None, map(draw, article.formulas)):
            yield drawing.name, Asset(drawing.name, "image/svg+xml", Blob(drawing.svg), 0, 0)


def _titles(book: Book) -> dict[str, str]:
    """Return what each place that the contents name is called."""
    nodes = (node for top in book.contents for node in top.walk())
    return {_href(node).removeprefix("#"): node.title for node in nodes}


def _identifier(book: Book) -> bytes:
    """Return what names this issue of the book in the file's ``/ID``."""
    return hashlib.sha256(f"{book.identifier} {book.issued.isoformat()}".encode()).hexdigest()[:32].encode()


@contextlib.contextmanager
def _collector_off() -> Iterator[None]:
    """Keep the garbage collector out of the layout: it finds little and walks every box again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
