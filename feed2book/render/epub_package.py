"""The container of an EPUB: package document, manifest, spine, ZIP. What EbookLib is used for.

EbookLib writes the package document. It does not touch what is ours: documents go in as they are (it
would parse and rewrite them), nav and NCX come from our templates (its own lack a heading and the depth),
and each ZIP entry has the date of the book (it would take the clock's).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from ebooklib import epub

from feed2book.models import Book
from feed2book.render.epub_metadata import Traits, describe
from feed2book.render.epub_record import RECORD
from feed2book.render.templating import language_tag
from feed2book.render.zipping import Data, FixedZip

_COVER = "cover-image"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into the container by file name: ``documents`` in order, ``maths`` those with MathML.

    ``record`` is for a later build, and in no manifest.
    """

    documents: Mapping[str, Data]
    maths: Collection[str]
    nav: Data
    ncx: Data
    sheets: Mapping[str, str]
    pictures: Mapping[str, tuple[str, Data]]
    fonts: Mapping[str, bytes]
    record: Data
    traits: Traits


def write_package(stream: BinaryIO, book: Book, content: Content) -> None:
    """Write the EPUB of the book into the stream."""
    package = epub.EpubBook()
    describe(package, book, content.traits)
    if book.direction == "rtl":
        package.set_direction("rtl")
    package.spine = [
        package.add_item(_document(name, data, name in content.maths))
        for name, data in content.documents.items()
    ]
    _add_navigation(package, book, content)
    for name, text in content.sheets.items():
        package.add_item(epub.EpubItem(_id(name), name, "text/css", text))
    for name, data in content.fonts.items():
        package.add_item(epub.EpubItem(_id(name), name, "font/ttf", data))
    _add_images(package, book, content)
    options = {"mtime": book.issued, "package_direction": True, "record": content.record}
    _Writer(stream, package, options).write()


def _document(name: str, data: Data, maths: bool) -> epub.EpubItem:
    item = epub.EpubItem(_id(name), name, "application/xhtml+xml", data)
    if maths:  # EPUB 3.3, 5.3.2: the manifest says which documents hold MathML
        item.properties = ["mathml"]
    return item


def _id(name: str) -> str:
    """Return a manifest id for a file: its name without folder and ending."""
    return name.rpartition("/")[2].partition(".")[0]


def _add_navigation(package: epub.EpubBook, book: Book, content: Content) -> None:
    nav = epub.EpubNav("nav", "nav.xhtml")
    nav.content = content.nav
    ncx = epub.EpubNcx("ncx", "toc.ncx")
    ncx.content = content.ncx
    package.add_item(nav)
    package.add_item(ncx)
    first = book.contents[0]
    package.guide = [
        {"type": "title-page", "title": "Title page", "href": "title.xhtml"},
        {"type": "toc", "title": "Contents", "href": "contents.xhtml"},
        {"type": "text", "title": "Start of the text", "href": f"{first.key}.xhtml"},
    ]


def _add_images(package: epub.EpubBook, book: Book, content: Content) -> None:
    """Add the cover in both forms (EPUB 3 property, EPUB 2 meta), and the pictures of the posts."""
    if book.cover:
        cover = epub.EpubCover(_COVER, f"images/cover{book.cover.extension}")
        cover.media_type = book.cover.media_type
        cover.content = book.cover.blob
        package.add_item(cover)
        package.add_metadata("OPF", "cover", "", {"name": "cover", "content": _COVER})
    for name, (media_type, data) in content.pictures.items():
        package.add_item(epub.EpubItem(_id(name), name, media_type, data))


class _Writer(epub.EpubWriter):  # type: ignore[misc]  # EbookLib has no types
    """EbookLib's writer, with our nav and NCX, ``xml:lang`` on the package, and a ZIP with fixed dates."""

    def write(self) -> None:
        with FixedZip(self.file_name, self.options["mtime"]) as self.out:
            self.out.writestr("mimetype", "application/epub+zip", stored=True)
            self._write_container()
            self.out.writestr(RECORD, self.options["record"])
            self._write_opf()
            self._write_items()

    def _write_opf_file(self, root: Any) -> None:
        root.set(_XML_LANG, language_tag(self.book.language))
        super()._write_opf_file(root)

    def _get_nav(self, item: epub.EpubNav) -> Any:
        return item.content

    def _get_ncx(self) -> Any:
        return self.book.get_item_with_id("ncx").content
