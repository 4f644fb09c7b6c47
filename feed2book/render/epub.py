"""Book → EPUB 3.3, with an NCX for older devices, through EbookLib."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from feed2book.models import MEMORY, Article, Artifact, Book, Node, Part, RenderOptions, Shelf, Spool
from feed2book.render import templating
from feed2book.render.epub_body import address, body, document
from feed2book.render.formulas import picture_formulas
from feed2book.render.naming import filename
from feed2book.render.outside_links import treat_links
from feed2book.render.templating import language_tag
from feed2book.render.zipping import Packed

MEDIA_TYPE = "application/epub+zip"
SHEET = "css/book.css"
USER_SHEET = "css/user.css"


def render_epub(
    book: Book, options: RenderOptions, spool: Spool = MEMORY, known: Shelf[Packed] | None = None
) -> Artifact:
    """Return the book as an EPUB: title page, contents, posts (after a page for each feed), colophon.

    The same book and options give the same bytes, in any process. No post is parsed.

    Args:
        book: what to write.
        options: ``toc_depth``, ``links``, ``css`` and ``templates`` count here.
        spool: where the file is written.
        known: documents that were deflated before; new ones are put there.

    Raises:
        RenderError: a template is wrong, or a token stands for something that is not in the book.
    """
    from feed2book.render.epub_package import Content, write_package

    book = treat_links(book, options)
    if not options.device.mathml:
        book = picture_formulas(book)
    pages = _Pages(book, options)
    content = Content(
        documents=dict(pages.documents()),
        nav=pages.listing("nav.xhtml"),
        ncx=pages.ncx(),
        sheets=_sheets(options),
        assets={pages.assets[asset.id]: asset for asset in book.assets},
    )
    blob = spool.write(lambda stream: write_package(stream, book, content, known))
    return Artifact(filename(book, ".epub"), MEDIA_TYPE, blob)


def _sheets(options: RenderOptions) -> dict[str, str]:
    ours = (templating.render(f"css/{name}.css", {}, options.templates) for name in ("base", "epub"))
    sheets = {SHEET: "\n".join(ours)}
    if options.css:
        sheets[USER_SHEET] = options.css  # a sheet of its own, so that its faults stay there
    return sheets


class _Pages:
    """The documents of the book, rendered from the templates."""

    def __init__(self, book: Book, options: RenderOptions) -> None:
        self.book = book
        self.options = options
        self.assets = {asset.id: f"images/{asset.id}{asset.extension}" for asset in book.assets}
        self._articles = {article.key: article for article in book.articles}
        self._styles = [SHEET, USER_SHEET] if options.css else [SHEET]

    def render(self, name: str, *, language: str = "", direction: str = "", **values: Any) -> str:
        """Render a template of ``epub/``, in the book's language and direction unless told otherwise."""
        frame = {
            "book": self.book,
            "styles": self._styles,
            "language": language_tag(language, self.book.language),
            "direction": direction or self.book.direction,
        }
        return templating.render(f"epub/{name}", frame | values, self.options.templates)

    def documents(self) -> Iterator[tuple[str, str]]:
        """Yield file name and text of each document, in reading order."""
        yield "title.xhtml", self.render("title.xhtml", count=len(self._articles))
        yield "contents.xhtml", self.listing("contents.xhtml")
        for part in self.book.parts:
            if len(self.book.parts) > 1:
                yield document(part.key), self._part(part)
            for article in part.articles:
                yield document(article.key), self._article(article)
        yield "colophon.xhtml", self.render("colophon.xhtml")

    def listing(self, name: str, **values: Any) -> str:
        """Render a template that lists the contents."""
        depth = self.options.toc_depth
        return self.render(name, href=address, depth=depth, articles=self._articles, **values)

    def _part(self, part: Part) -> str:
        return self.render("part.xhtml", part=part)

    def _article(self, article: Article) -> str:
        return self.render(
            "article.xhtml",
            language=article.language,
            direction=article.direction,
            article=article,
            body=Markup(body(article, self.assets)),  # noqa: S704 (the article room has cleaned it)
        )

    def ncx(self) -> str:
        """Render the NCX; ``counter`` numbers its points in reading order, without a gap."""
        levels = _levels(self.book.contents, self.options.toc_depth)
        return self.listing("toc.ncx", levels=levels, counter=itertools.count(1).__next__)


def _levels(nodes: tuple[Node, ...], depth: int) -> int:
    """Return how many levels of the contents are shown when ``depth`` levels of sections are."""
    below = (
        _levels(node.children, depth if node.kind == "part" else depth - 1)
        for node in nodes
        if node.kind == "part" or depth > 0
    )
    return 1 + max(below, default=0) if nodes else 0
