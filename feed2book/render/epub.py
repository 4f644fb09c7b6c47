"""Book → EPUB 3.3, with an NCX for older devices, through EbookLib."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from feed2book.models import MEMORY, Article, Artifact, Book, Node, Part, RenderOptions, Shelf, Spool
from feed2book.render import templating
from feed2book.render.epub_body import spelled
from feed2book.render.epub_chapters import Chapters, Data
from feed2book.render.epub_kobo import with_spans
from feed2book.render.epub_layout import Layout, document
from feed2book.render.formulas import picture_formulas
from feed2book.render.naming import filename
from feed2book.render.outside_links import treat_links
from feed2book.render.templating import language_tag
from feed2book.render.zipping import Packed

if TYPE_CHECKING:
    from feed2book.render.epub_older import Older

MEDIA_TYPE = "application/epub+zip"
SHEET = "css/book.css"
FONTS_SHEET = "css/fonts.css"
USER_SHEET = "css/user.css"


def render_epub(
    book: Book,
    options: RenderOptions,
    spool: Spool = MEMORY,
    older: Older | None = None,
    known: Shelf[Packed] | None = None,
) -> Artifact:
    """Return the book as an EPUB: title page, contents, posts (after a page for each feed), colophon.

    The same book and options give the same bytes, in any process. No post is parsed.

    Args:
        book: what to write.
        options: ``toc_depth``, ``links``, ``css``, ``templates``, ``embed_fonts`` and ``device`` count here.
        spool: where the file is written.
        older: the build that has ``book.chapters``; if it has faces, so has this one.
        known: documents that were deflated before; new ones are put there.

    Raises:
        RenderError: a template is wrong, or a token stands for something that is not in the book.
        UsageError: the older build is damaged.
    """
    from feed2book.render.epub_metadata import Traits
    from feed2book.render.epub_package import Content, write_package

    book = treat_links(book, options)
    if not options.device.mathml:
        book = picture_formulas(book)
    if older is not None and older.holds(FONTS_SHEET):
        options = replace(options, embed_fonts=True)
    pages = _Pages(book, options)
    chapters = Chapters(book, older, pages.layout)
    documents: dict[str, Data] = {**dict(pages.documents()), **chapters.kept()}
    chapters.add(documents)
    sheets = chapters.sheets(USER_SHEET) | _sheets(options)
    pictures = chapters.pictures()
    content = Content(
        documents=documents,
        maths=chapters.maths,
        nav=pages.navigation("nav.xhtml"),
        ncx=pages.ncx(),
        sheets=sheets,
        pictures=pictures,
        fonts=_fonts(documents, chapters) if options.embed_fonts else {},
        record=chapters.record(options),
        traits=Traits(
            pictures=any(chapter.assets for chapter in chapters.all.values()),
            described=not any(chapter.undescribed for chapter in chapters.all.values()),
            moving=any(media_type == "image/gif" for media_type, _ in pictures.values()),
            maths=bool(chapters.maths),
            own_sheet=USER_SHEET in sheets,
        ),
    )
    blob = spool.write(lambda stream: write_package(stream, book, content, known))
    return Artifact(filename(book, options.device.ending), MEDIA_TYPE, blob)


def _fonts(documents: Mapping[str, Data], chapters: Chapters) -> dict[str, bytes]:
    from feed2book.render.epub_fonts import embedded

    made = [text for text in documents.values() if isinstance(text, str)]
    return embedded([*made, *chapters.kept_texts()])


def _sheets(options: RenderOptions) -> dict[str, str]:
    ours = (templating.render(f"css/{name}.css", {}, options.templates) for name in ("base", "epub"))
    sheets = {SHEET: "\n".join(ours)}
    if options.embed_fonts:
        sheets[FONTS_SHEET] = templating.render("css/epub-fonts.css", {}, options.templates)
    if options.css:
        sheets[USER_SHEET] = options.css  # a sheet of its own, so that its faults stay there
    return sheets


class _Pages:
    """The documents of the book, rendered from the templates."""

    def __init__(self, book: Book, options: RenderOptions) -> None:
        self.book = book
        self.options = options
        self.layout = Layout(book, options.device)
        self.assets = {asset.id: f"images/{asset.id}{asset.extension}" for asset in book.assets}
        self._articles = {article.key: article for article in book.articles}
        self._styles = [SHEET]
        self._styles += [FONTS_SHEET] if options.embed_fonts else []
        self._styles += [USER_SHEET] if options.css else []

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
        for name, text in self._documents():
            yield name, with_spans(text) if self.options.device.kepub else text

    def _documents(self) -> Iterator[tuple[str, str]]:
        yield "title.xhtml", self.render("title.xhtml", count=len(self._articles))
        yield "contents.xhtml", self.listing("contents.xhtml")
        for part in self.book.parts:
            if len(self.book.parts) > 1:
                yield document(part.key), self._part(part)
            for article in part.articles:
                if article.key in self.book.chapters:
                    files = range(1, len(self.book.chapters[article.key].sha256) + 1)
                    yield from ((document(article.key, number), "") for number in files)
                else:
                    yield from self._article(article)
        yield "colophon.xhtml", self.render("colophon.xhtml")

    def listing(self, name: str, depth: int | None = None, **values: Any) -> str:
        """Render a template that lists the contents."""
        depth = self.options.toc_depth if depth is None else depth
        return self.render(name, href=self.layout.of_node, depth=depth, articles=self._articles, **values)

    def navigation(self, name: str, **values: Any) -> str:
        """Render a template of the contents that the device shows by itself, no deeper than it can."""
        return self.listing(name, self._depth, flat=self.options.device.flat, **values)

    @property
    def _depth(self) -> int:
        above = 2 if self.book.contents[0].kind == "part" else 1
        return min(self.options.toc_depth, self.options.device.levels - above)

    def _part(self, part: Part) -> str:
        return self.render("part.xhtml", part=part)

    def _article(self, article: Article) -> Iterator[tuple[str, str]]:
        pieces = self.layout.pieces(article)
        for number, piece in enumerate(pieces, 1):
            body = spelled(piece, article, self.assets, self.layout.address)
            text = self.render(
                "article.xhtml",
                language=article.language,
                direction=article.direction,
                article=article,
                number=number,
                count=len(pieces),
                body=Markup(body),  # noqa: S704 (the article room has cleaned it)
            )
            yield document(article.key, number), text

    def ncx(self) -> str:
        """Render the NCX; ``counter`` numbers its points in reading order, without a gap."""
        levels = _levels(self.book.contents, self._depth)
        return self.navigation("toc.ncx", levels=levels, counter=itertools.count(1).__next__)


def _levels(nodes: tuple[Node, ...], depth: int) -> int:
    """Return how many levels of the contents are shown when ``depth`` levels of sections are."""
    below = (
        _levels(node.children, depth if node.kind == "part" else depth - 1)
        for node in nodes
        if node.kind == "part" or depth > 0
    )
    return 1 + max(below, default=0) if nodes else 0
