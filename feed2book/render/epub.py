"""Book → EPUB 3.3, with an NCX for older devices, through EbookLib."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from feed2book.models import MEMORY, Artifact, Book, Each, RenderOptions, Shelf, Spool
from feed2book.render import templating
from feed2book.render.contents import depth_within, parted
from feed2book.render.epub_body import document
from feed2book.render.epub_chapters import Chapters, File
from feed2book.render.epub_kobo import with_spans
from feed2book.render.epub_layout import Layout
from feed2book.render.epub_nav import Navigation
from feed2book.render.epub_typeset import Frame, Typeset
from feed2book.render.formulas import picture_formulas
from feed2book.render.naming import filename
from feed2book.render.outside_links import treat_links
from feed2book.render.zipping import Data, pack, text_of

if TYPE_CHECKING:
    from feed2book.render.epub_metadata import Traits
    from feed2book.render.epub_older import Older
    from feed2book.render.epub_package import Content

_SHEET = "css/book.css"
_FONTS_SHEET = "css/fonts.css"
_USER_SHEET = "css/user.css"

_MOST_LINES = 1_500  # of contents with sections, in all their documents
_CONTENTS_LINES = 1_000  # a document: some 150 kB, in any script less than the limit for a chapter


def render_epub(
    book: Book,
    options: RenderOptions,
    spool: Spool = MEMORY,
    older: Older | None = None,
    known: Shelf[Typeset] | None = None,
    each: Each | None = None,
) -> Artifact:
    """Return the book as an EPUB: title page, contents, posts (after a page for each feed), colophon.

    The same book and options give the same bytes, in any process. No post is parsed.

    Args:
        book: what to write.
        options: ``toc_depth``, ``links``, ``css``, ``templates``, ``embed_fonts`` and ``device`` count here.
        spool: where the file is written.
        older: the build that has ``book.chapters``; if it has faces, so has this one.
        known: chapters that were typeset before; new ones are put there.
        each: spreads the others over processes.

    Raises:
        RenderError: a template is wrong, or a token stands for something that is not in the book.
        UsageError: the older build is damaged.
    """
    from feed2book.render.epub_package import write_package

    book = treat_links(book, options)
    if not options.device.mathml:
        book = picture_formulas(book)
    if older is not None and older.holds(_FONTS_SHEET):
        options = replace(options, embed_fonts=True)
    layout = Layout(book, options.device)
    chapters = Chapters(book, older, layout)
    chapters.keep()
    pages = _Pages(book, options, layout)
    chapters.typeset(pages.frame, each, known)
    content = _content(pages, chapters, options)
    blob = spool.write(lambda stream: write_package(stream, book, content))
    return Artifact(filename(book, options.device.ending), "application/epub+zip", blob)


def _content(pages: _Pages, chapters: Chapters, options: RenderOptions) -> Content:
    """Return all that goes into the container."""
    from feed2book.render.epub_package import Content

    with ThreadPoolExecutor() as pool:  # zlib lets go of the GIL: what is long is deflated beside the rest

        def packed(text: str) -> File:
            return pool.submit(pack, text).result

        nav, ncx = map(packed, pages.navigation())
        record = packed(chapters.record(options))
        documents = {
            name: packed(data) if isinstance(data, str) else data for name, data in pages.documents(chapters)
        }
    sheets = chapters.sheets(_USER_SHEET) | _sheets(options)
    pictures = chapters.pictures()
    return Content(
        documents=documents,
        maths=chapters.maths,
        nav=nav,
        ncx=ncx,
        sheets=sheets,
        pictures=pictures,
        fonts=_fonts(documents.values()) if options.embed_fonts else {},
        record=record,
        traits=_traits(chapters, pictures, sheets),
    )


def _traits(chapters: Chapters, pictures: Mapping[str, tuple[str, Data]], sheets: Container[str]) -> Traits:
    from feed2book.render.epub_metadata import Traits

    return Traits(
        pictures=any(chapter.assets for chapter in chapters.all.values()),
        described=not any(chapter.undescribed for chapter in chapters.all.values()),
        moving=any(media_type == "image/gif" for media_type, _ in pictures.values()),
        maths=bool(chapters.maths),
        own_sheet=_USER_SHEET in sheets,
    )


def _fonts(documents: Iterable[File]) -> dict[str, bytes]:
    from feed2book.render.epub_fonts import embedded

    return embedded(map(text_of, documents))


def _sheets(options: RenderOptions) -> dict[str, str]:
    ours = (templating.render(f"css/{name}.css", {}, options.templates) for name in ("base", "epub"))
    sheets = {_SHEET: "\n".join(ours)}
    if options.embed_fonts:
        sheets[_FONTS_SHEET] = templating.render("css/epub-fonts.css", {}, options.templates)
    if options.css:
        sheets[_USER_SHEET] = options.css  # a sheet of its own, so that its faults stay there
    return sheets


class _Pages:
    """The documents of the book, rendered from the templates."""

    def __init__(self, book: Book, options: RenderOptions, layout: Layout) -> None:
        self.book = book
        self.options = options
        self.layout = layout
        self._articles = {article.key: article for article in book.articles}
        styles = (
            _SHEET,
            *([_FONTS_SHEET] if options.embed_fonts else ()),
            *([_USER_SHEET] if options.css else ()),
        )
        self.frame = Frame.of(book, styles, options.templates, kepub=options.device.kepub)

    def render(self, name: str, **values: Any) -> str:
        """Render a template of ``epub/``."""
        given = {**self.frame.values(), "book": self.book, **values}
        return templating.render(f"epub/{name}", given, self.options.templates)

    def documents(self, chapters: Chapters) -> Iterator[tuple[str, str | File]]:
        """Yield file name and content of each document, in reading order."""
        yield "title.xhtml", self._page("title.xhtml", count=len(self._articles))
        yield from self._contents()
        for part in self.book.parts:
            if len(self.book.parts) > 1:
                yield document(part.key), self._page("part.xhtml", part=part)
            for article in part.articles:
                yield from ((name, chapters.files[name]) for name in chapters.names(article.key))
        yield "colophon.xhtml", self._page("colophon.xhtml")

    def _page(self, name: str, **values: Any) -> str:
        return self._marked(self.render(name, **values))

    def _marked(self, text: str) -> str:
        return with_spans(text) if self.frame.kepub else text

    def _contents(self) -> Iterator[tuple[str, str]]:
        """Yield the contents that are pages of the book."""
        depth = depth_within(self.book.contents, self.options.toc_depth, _MOST_LINES)
        pieces = parted(self.book.contents, depth, _CONTENTS_LINES)
        for number, nodes in enumerate(pieces, 1):
            page = self._page(
                "contents.xhtml",
                nodes=nodes,
                depth=depth,
                href=self.layout.of_node,
                articles=self._articles,
                number=number,
                count=len(pieces),
            )
            yield document("contents", number), page

    def navigation(self) -> tuple[str, str]:
        """Return ``nav.xhtml`` and ``toc.ncx``."""
        found = Navigation(
            self.book,
            self.options.device,
            self.options.toc_depth,
            self.layout.of_node,
            lambda language: templating.words_of(language, self.options.templates),
        )
        nav = self.render("nav.xhtml", lines=found.lines, start=self.layout.of_node(self.book.contents[0]))
        return nav, self.render("toc.ncx", points=found.points, levels=found.levels, count=found.count)
