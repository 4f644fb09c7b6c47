"""What an EPUB says about itself to a later feed2book: ``META-INF/feed2book.json``.

It holds all that contents, covers and metadata are made of, so that a book can be brought up to date without
parsing a chapter (docs/living-books.md describes it). Writing is here, reading as well; the file may have
been edited by anybody, so that every value is checked for kind, size and shape.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from feed2book import __version__
from feed2book.models import (
    Article,
    Asset,
    Blob,
    Book,
    Chapter,
    Counts,
    Entry,
    Ledger,
    Part,
    Record,
    RenderOptions,
    Section,
)
from feed2book.render import templating
from feed2book.render.epub_typeset import Typeset
from feed2book.render.record_values import Values, WrongValueError

RECORD = "META-INF/feed2book.json"
VERSION = 1

_MOST_LEVELS = 12  # of sections in sections
_PART_KEY = re.compile(r"part-[0-9]{1,6}")
_POST_KEY = re.compile(r"post-[0-9a-f]{8,64}")
_PLACE = re.compile(r"post-[0-9a-f]{8,64}#[^\s\"<>&#]{1,200}")
_ASSET = re.compile(r"(?:img|tex)-[0-9a-f]{4,64}")
_HASH = re.compile(r"[0-9a-f]{64}")
_IDENTIFIER = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}|")
_MEDIA_TYPE = re.compile(r"image/(?:jpeg|png|gif)")


def look(options: RenderOptions) -> str:
    """Return a hash of what shapes a chapter besides its post: our version, the templates, the options."""
    sources = (templating.source(f"epub/{name}.xhtml", options.templates) for name in ("page", "article"))
    macros = templating.source("base/macros.html", options.templates)
    switches = f"{bool(options.css)} {options.embed_fonts}"
    said = (__version__, options.links, switches, macros, *sources)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def chapter_of(article: Article, made: Typeset, places: tuple[int, ...]) -> Chapter:
    """Return what there is to know of a chapter.

    Args:
        article: the bound article.
        made: what came of it.
        places: for each of its ids the number of its document; empty where there is one.
    """
    return Chapter(
        article=replace(article, html="", images=(), formulas=()),
        sha256=made.sha256,
        places=places,
        assets=made.assets,
        links=made.links,
        undescribed=made.undescribed,
        missing=made.missing,
        maths=any(made.maths),
    )


def write_record(
    book: Book, chapters: Mapping[str, Chapter], assets: Mapping[str, Asset], options: RenderOptions
) -> str:
    """Return the record as JSON.

    A thousand posts have a megabyte of it, for which ``json`` takes ten times as long.

    Args:
        book: the bound book.
        chapters: each article's chapter, by key.
        assets: each picture of the book, by id.
        options: how the book looks.
    """
    import msgspec

    record = {
        "format": "feed2book",
        "version": VERSION,
        "identifier": book.identifier,
        "title": book.title,
        "language": book.language,
        "series": book.series,
        "number": book.number,
        "volume": book.volume,
        "look": look(options),
        "device": options.device.name,
        "parts": [_part(part, chapters) for part in book.parts],
        "assets": {name: [one.media_type, one.width, one.height] for name, one in sorted(assets.items())},
    }
    return msgspec.json.encode(record).decode() + "\n"


def _part(part: Part, chapters: Mapping[str, Chapter]) -> dict[str, Any]:
    said = {name: getattr(part, name) for name in ("key", "title", "subtitle", "url", "home")}
    return {**said, "chapters": [_chapter(chapters[article.key]) for article in part.articles]}


def _chapter(chapter: Chapter) -> dict[str, Any]:
    """Return a chapter as JSON has it; what is empty is left out."""
    article, entry = chapter.article, chapter.article.entry
    said = {
        "key": article.key,
        "digest": article.digest,
        "sha256": list(chapter.sha256),
        "places": list(chapter.places),
        "title": article.title,
        "language": article.language,
        "direction": article.direction,
        "excerpt": article.excerpt,
        "words": article.ledger.after.words,
        "sections": [_section(section) for section in article.sections],
        "ids": list(article.ids),
        "id": entry.id,
        "url": entry.url,
        "said": entry.title,
        "authors": list(entry.authors),
        "published": entry.published.isoformat() if entry.published else "",
        "updated": entry.updated.isoformat() if entry.updated else "",
        "aliases": list(entry.aliases),
        "assets": list(chapter.assets),
        "links": list(chapter.links),
        "undescribed": chapter.undescribed,
        "missing": chapter.missing,
        "maths": chapter.maths,
    }
    return {name: value for name, value in said.items() if value}


def _section(section: Section) -> list[Any]:
    return [section.id, section.level, section.title, [_section(child) for child in section.children]]


def read_record(data: bytes) -> Record:
    """Read the record of an older build.

    Raises:
        WrongValueError: it is none of ours, or somebody changed it; the message says what is wrong.
    """
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WrongValueError("its record cannot be read") from error
    said = Values(parsed)
    if said.text("format", 20) != "feed2book" or said.number("version") < 1:
        raise WrongValueError("its record is not one of feed2book's")
    if said.number("version") > VERSION:
        raise WrongValueError("a newer feed2book made it")
    if said.number("volume"):
        raise WrongValueError("it is one volume of several, and posts of the others would come again")
    assets = {name: _read_asset(name, value) for name, value in said.inner("assets").items()}
    found = [_read_part(part) for part in said.inners("parts")]
    chapters = {one.article.key: one for _, ones in found for one in ones}
    if len(chapters) != sum(len(ones) for _, ones in found) or not chapters:
        raise WrongValueError("its record names a post twice, or none")
    wanted = {name for chapter in chapters.values() for name in chapter.assets}
    if wanted - assets.keys():
        raise WrongValueError("its record names a picture that it does not describe")
    return Record(
        identifier=said.shaped("identifier", _IDENTIFIER),
        title=said.text("title"),
        language=said.shaped("language", _TAG),
        series=said.text("series"),
        number=said.number("number") or None,
        look=said.shaped("look", _HASH),
        device=said.text("device", 40),
        parts=tuple(part for part, _ in found),
        chapters=chapters,
        assets=assets,
    )


def _read_part(said: Values) -> tuple[Part, tuple[Chapter, ...]]:
    chapters = tuple(_read_chapter(chapter) for chapter in said.inners("chapters"))
    part = Part(
        key=said.shaped("key", _PART_KEY),
        title=said.text("title"),
        subtitle=said.text("subtitle"),
        url=said.text("url"),
        home=said.text("home"),
        articles=tuple(chapter.article for chapter in chapters),
    )
    return part, chapters


def _read_chapter(said: Values) -> Chapter:
    entry = Entry(
        id=said.text("id"),
        url=said.text("url"),
        title=said.text("said"),
        authors=said.texts("authors"),
        published=said.moment("published"),
        updated=said.moment("updated"),
        aliases=said.texts("aliases"),
    )
    article = Article(
        key=said.shaped("key", _POST_KEY),
        entry=entry,
        title=said.text("title"),
        html="",
        sections=tuple(_read_section(section, 1) for section in said.list("sections")),
        ids=said.texts("ids"),
        excerpt=said.text("excerpt"),
        language=said.shaped("language", _TAG),
        direction="rtl" if said.text("direction") == "rtl" else "ltr",
        ledger=Ledger(after=Counts(words=said.number("words"))),
        digest=said.text("digest", 64),
    )
    return Chapter(
        article=article,
        sha256=said.all_shaped("sha256", _HASH),
        places=_read_places(said, article),
        assets=said.all_shaped("assets", _ASSET),
        links=said.all_shaped("links", _PLACE),
        undescribed=said.number("undescribed"),
        missing=said.number("missing"),
        maths=bool(said.number("maths")),
    )


def _read_places(said: Values, article: Article) -> tuple[int, ...]:
    """Return in which file each id is, if there are several."""
    files = len(said.all_shaped("sha256", _HASH))
    places = said.list("places")
    fit = all(type(place) is int and 1 <= place <= files for place in places)
    if not files or not fit or len(places) != (len(article.ids) if files > 1 else 0):
        raise WrongValueError("its record has chapters in pieces that do not fit")
    return tuple(int(place) for place in places)


def _read_section(value: object, level: int) -> Section:
    if not isinstance(value, list) or len(value) != 4 or level > _MOST_LEVELS:
        raise WrongValueError("its record has sections that are none")
    said = Values(dict(zip(("id", "level", "title", "children"), value, strict=True)))
    children = tuple(_read_section(child, level + 1) for child in said.list("children"))
    return Section(said.text("id", 500), max(1, min(said.number("level"), 6)), said.text("title"), children)


def _read_asset(name: str, value: object) -> Asset:
    if not isinstance(value, list) or len(value) != 3 or not _ASSET.fullmatch(name):
        raise WrongValueError("its record has pictures that are none")
    said = Values(dict(zip(("media_type", "width", "height"), value, strict=True)))
    media_type = said.shaped("media_type", _MEDIA_TYPE)
    return Asset(name, media_type, Blob(), said.number("width"), said.number("height"))
