"""What the package document says about the book, and nothing that is not true of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from feed2book.models import Book
from feed2book.render.characters import xml_text
from feed2book.render.dates import iso_date
from feed2book.render.templating import language_tag, web_url

if TYPE_CHECKING:
    from ebooklib import epub

_IMAGE_WITHOUT_ALT = re.compile(r'<img\b(?![^<>]*?\salt="[^"])')


def describe(package: epub.EpubBook, book: Book) -> None:
    """Write the book's metadata into the package: Dublin Core, then accessibility (EPUB A11y 1.1, 2)."""
    package.set_unique_metadata("OPF", "generator", "", {"name": "generator", "content": "feed2book"})
    package.set_identifier(book.identifier)
    package.set_title(xml_text(book.title))
    package.set_language(language_tag(book.language))
    package.add_metadata("DC", "date", iso_date(book.issued))
    for number, author in enumerate(book.authors, 1):
        package.add_author(xml_text(author), role="aut", uid=f"creator-{number}")
    if book.description:
        package.add_metadata("DC", "description", xml_text(book.description))
    for source in dict.fromkeys(web_url(part.url) or web_url(part.home) for part in book.parts):
        if source:
            package.add_metadata("DC", "source", source)
    for name, value in _accessibility(book):
        package.add_metadata(None, "meta", value, {"property": f"schema:{name}"})


def _accessibility(book: Book) -> Iterator[tuple[str, str]]:
    """Yield the schema.org properties that hold for this book."""
    pictures = any("<img" in article.html for article in book.articles)
    described = not any(_IMAGE_WITHOUT_ALT.search(article.html) for article in book.articles)
    yield "accessMode", "textual"
    if pictures:
        yield "accessMode", "visual"
    yield "accessModeSufficient", "textual" if described else "textual,visual"
    yield "accessibilityFeature", "structuralNavigation"
    yield "accessibilityFeature", "tableOfContents"
    yield "accessibilityFeature", "readingOrder"
    if pictures and described:
        yield "accessibilityFeature", "alternativeText"
    yield from _hazards(book)
    yield "accessibilitySummary", _summary(pictures, described)


def _hazards(book: Book) -> Iterator[tuple[str, str]]:
    """Yield what may harm: only a GIF can move, and nobody has looked whether it flashes."""
    # "unknown" for all of them: Ace spells one of the finer values differently from the vocabulary.
    moving = any(asset.media_type == "image/gif" for asset in book.assets)
    yield "accessibilityHazard", "unknown" if moving else "none"


def _summary(pictures: bool, described: bool) -> str:
    opening = (
        "Text in reading order with headings and a linked table of contents; it takes the reader's settings."
    )
    if not pictures:
        return f"{opening} There are no pictures in the text."
    if described:
        return f"{opening} All pictures carry the descriptions that their authors gave them."
    return f"{opening} Some pictures have no description: their authors gave none."
