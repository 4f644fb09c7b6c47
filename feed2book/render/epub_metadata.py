"""What the package document says about the book, and nothing that is not true of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed2book.models import Book
from feed2book.render.characters import xml_text
from feed2book.render.dates import iso_date
from feed2book.render.templating import language_tag, web_url

if TYPE_CHECKING:
    from ebooklib import epub


@dataclass(frozen=True, slots=True)
class Traits:
    """What the accessibility metadata depends on.

    ``pictures`` says that the text shows some, ``described`` that all of them have a description, ``moving``
    that one may move (only a GIF can, and nobody has looked whether it flashes), ``maths`` that there is
    MathML, ``own_sheet`` that a sheet of the user's may fix what ours leaves to the reader.
    """

    pictures: bool = False
    described: bool = True
    moving: bool = False
    maths: bool = False
    own_sheet: bool = False


def describe(package: epub.EpubBook, book: Book, traits: Traits) -> None:
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
    if book.series:
        _place_in_series(package, book)
    for name, value in _accessibility(traits):
        package.add_metadata(None, "meta", value, {"property": f"schema:{name}"})


def _place_in_series(package: epub.EpubBook, book: Book) -> None:
    """Write the series in both spellings: EPUB 3 collections (Kobo, Apple) and calibre's own."""
    name = xml_text(book.series)
    number = [] if book.number is None else [str(book.number)]
    package.add_metadata(None, "meta", name, {"property": "belongs-to-collection", "id": "series"})
    for prop, value in (("collection-type", "series"), *(("group-position", text) for text in number)):
        package.add_metadata(None, "meta", value, {"property": prop, "refines": "#series"})
    for prop, value in (("series", name), *(("series_index", text) for text in number)):
        package.add_metadata("OPF", "meta", "", {"name": f"calibre:{prop}", "content": value})


def _accessibility(traits: Traits) -> Iterator[tuple[str, str]]:
    """Yield the schema.org properties that hold for this book."""
    yield "accessMode", "textual"
    if traits.pictures:
        yield "accessMode", "visual"
    yield "accessModeSufficient", "textual" if traits.described else "textual,visual"
    yield "accessibilityFeature", "structuralNavigation"
    yield "accessibilityFeature", "tableOfContents"
    yield "accessibilityFeature", "readingOrder"
    if not traits.own_sheet:
        yield "accessibilityFeature", "displayTransformability"
    if traits.maths:
        yield "accessibilityFeature", "MathML"
    if traits.pictures and traits.described:
        yield "accessibilityFeature", "alternativeText"
    # "unknown" for all hazards: Ace spells one of the finer values differently from the vocabulary.
    yield "accessibilityHazard", "unknown" if traits.moving else "none"
    yield "accessibilitySummary", _summary(traits.pictures, traits.described)


def _summary(pictures: bool, described: bool) -> str:
    opening = (
        "Text in reading order with headings and a linked table of contents; it takes the reader's settings."
    )
    if not pictures:
        return f"{opening} There are no pictures in the text."
    if described:
        return f"{opening} All pictures carry the descriptions that their authors gave them."
    return f"{opening} Some pictures have no description: their authors gave none."
