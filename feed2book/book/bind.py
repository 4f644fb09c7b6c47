"""Bind articles into a book: pictures into their places, dead fragments off, contents, metadata."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from urllib.parse import unquote, urlsplit

from feed2book.book.pictures import Missing
from feed2book.errors import Code
from feed2book.models import (
    Article,
    Asset,
    Book,
    BookOptions,
    Chapter,
    Feed,
    Image,
    Node,
    Notice,
    Part,
    Section,
    substitute,
    token,
    token_values,
)

Bound = tuple[Feed, tuple[Article, ...]]
Pictures = Mapping[tuple[str, ...], Asset | Missing]

_RTL = {"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"}
_NAMES_SHOWN = 3
_EMPTY_FIGURE = re.compile(r"<figure>(?:<a [^>]*></a>)?</figure>\n?")  # where a tracking pixel stood


def bind(
    feeds: Sequence[Bound],
    pictures: Pictures,
    options: BookOptions,
    issued: datetime,
    language: str = "",
    chapters: Mapping[str, Chapter] | None = None,
) -> tuple[Book, tuple[Notice, ...]]:
    """Make the book that every renderer reads.

    Args:
        feeds: each feed with its cleaned articles, in reading order; at least one article in all.
        pictures: for each ``Image.urls`` what came of it; what is absent counts as missing.
        options: what the user asked for.
        issued: when the book was made, UTC.
        language: the text's language where neither the user, a feed nor an article says one.
        chapters: those that stay as an older build has them, by key.

    Returns:
        The book, without its cover; and a notice for each picture that is missing.
    """
    kept = chapters or {}
    binder = _Binder(
        {article.key: frozenset(article.ids) for _, found in feeds for article in found}, pictures
    )
    parts = tuple(
        Part(
            key=f"part-{number}",
            title=part_title(feed),
            subtitle=feed.subtitle,
            url=_public(feed.url),
            home=feed.home,
            articles=tuple(map(binder.bind, articles)),
        )
        for number, (feed, articles) in enumerate(feeds, 1)
    )
    articles = [article for part in parts for article in part.articles]
    tongue = _language(feeds, options, articles) or language or "und"
    return (
        Book(
            identifier=_identifier([feed for feed, _ in feeds], options),
            title=_numbered(options.title or _title(parts), options.number),
            subtitle=parts[0].subtitle if len(parts) == 1 else "",
            authors=_authors(feeds, options, articles),
            language=tongue,
            direction=_direction(tongue, articles),
            issued=issued,
            parts=parts,
            contents=_contents(parts),
            assets=tuple(sorted(binder.assets.values(), key=lambda asset: asset.id)),
            description=parts[0].subtitle if len(parts) == 1 else ", ".join(part.title for part in parts),
            remarks=_remarks(len(binder.notices) + sum(chapter.missing for chapter in kept.values())),
            series=options.series or (options.title or _title(parts) if options.number else ""),
            number=options.number,
            living=not (options.number or options.since or options.until),
            chapters=kept,
        ),
        tuple(binder.notices),
    )


@dataclass
class _Binder:
    """Replaces the tokens that need the whole book; collects what is used and what is missing."""

    ids: Mapping[str, frozenset[str]]
    pictures: Pictures

    def __post_init__(self) -> None:
        self.assets: dict[str, Asset] = {}
        self.notices: list[Notice] = []

    def bind(self, article: Article) -> Article:
        if not article.images and all(map(self._alive, token_values(article.html, "post"))):
            return article

        def spell(kind: str, value: str) -> str:
            if kind == "image":
                return self._image(article, article.images[int(value)])
            if kind == "post":
                return token("post", value if self._alive(value) else value.partition("#")[0])
            return token(kind, value)

        return replace(article, html=_EMPTY_FIGURE.sub("", substitute(article.html, spell)))

    def _alive(self, place: str) -> bool:
        key, mark, fragment = place.partition("#")
        return not mark or fragment in self.ids.get(key, ())

    def _image(self, article: Article, image: Image) -> str:
        found = self.pictures.get(image.urls, Missing("it was not fetched"))
        if isinstance(found, Asset):
            self.assets[found.id] = found
            return _img(image, found)
        if (found.silent and not image.alt) or image.kind == "preview":
            return ""
        where = _shown(image) or article.title
        self.notices.append(Notice(Code.IMAGE_MISSING, f"a picture is missing: {found.reason}", where))
        return _fallback(image)


def _img(image: Image, asset: Asset) -> str:
    width, height = _size(image, asset)
    kind = {"block": "picture", "preview": "picture"}.get(image.kind, image.kind)
    title = f' title="{escape(image.title)}"' if image.title and image.title != image.alt else ""
    return (
        f'<img class="{kind}" src="{token("asset", asset.id)}" alt="{escape(image.alt)}"{title}'
        f' width="{width}" height="{height}"/>'
    )


def _size(image: Image, asset: Asset) -> tuple[int, int]:
    """The size to show at, in CSS pixels: the author's width, if it is one; the picture's own proportions."""
    own = round(asset.width / asset.scale)
    width = image.width or (round(image.height * asset.width / asset.height) if image.height else own)
    width = min(max(1, width), asset.width if image.kind in {"block", "preview"} else 4 * asset.width)
    return width, max(1, round(width * asset.height / asset.width))


def _fallback(image: Image) -> str:
    """What stands where a picture cannot be had: its words, and the way to it."""
    if image.kind == "formula":
        return f'<code class="formula">{escape(image.alt)}</code>'
    url = _shown(image)
    words = image.alt or image.title or unquote(urlsplit(url).path.rpartition("/")[2]) or "picture"
    if image.linked or not url:
        return f'<span class="missing">{escape(words)}</span>'
    return f'<span class="missing"><a href="{escape(url)}">{escape(words)}</a></span>'


def _shown(image: Image) -> str:
    return next((url for url in image.urls if url.startswith(("http://", "https://"))), "")


def _contents(parts: Sequence[Part]) -> tuple[Node, ...]:
    numbers = iter(range(1, 1 + sum(len(part.articles) for part in parts)))
    lists = [tuple(_article_node(article, next(numbers)) for article in part.articles) for part in parts]
    if len(parts) == 1:
        return lists[0]
    return tuple(
        Node("part", part.title, part.key, children=nodes) for part, nodes in zip(parts, lists, strict=True)
    )


def _article_node(article: Article, number: int) -> Node:
    children = tuple(_section_node(article.key, section) for section in article.sections)
    return Node("article", article.title, article.key, number=number, children=children)


def _section_node(key: str, section: Section) -> Node:
    children = tuple(_section_node(key, child) for child in section.children)
    return Node("section", section.title, key, section.id, children=children)


def _public(url: str) -> str:
    """An address that may stand in a book: never one of this machine's files."""
    return url if url.startswith(("http://", "https://")) else ""


def part_title(feed: Feed) -> str:
    """Return what the part of a feed is called."""
    return feed.title or _host(feed) or "Untitled feed"


def _host(feed: Feed) -> str:
    return (urlsplit(feed.home or _public(feed.url)).hostname or "").removeprefix("www.")


def _identifier(feeds: Sequence[Feed], options: BookOptions) -> str:
    """A UUIDv5 of what the book is: its sources and its title, not the posts of today nor a file's place.

    An issue of a series is a book of its own: its number counts too.
    """
    sources = sorted(_public(feed.url) or feed.home or feed.title for feed in feeds)
    issue = [options.series, str(options.number)] if options.number else []
    name = "\n".join(["feed2book", *sources, options.title, *issue])
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def _numbered(title: str, number: int | None) -> str:
    """The title with the number of the issue, unless it says so: e-readers list titles only."""
    if number is None or re.search(rf"(?<!\d){number}(?!\d)", title):
        return title
    return f"{title}, no. {number}"


def _title(parts: Sequence[Part]) -> str:
    names = list(dict.fromkeys(part.title for part in parts))
    if len(names) <= _NAMES_SHOWN:
        return " · ".join(names)
    return f"{' · '.join(names[: _NAMES_SHOWN - 1])} and {len(names) - _NAMES_SHOWN + 1} more"


def _authors(feeds: Sequence[Bound], options: BookOptions, articles: Sequence[Article]) -> tuple[str, ...]:
    if options.author:
        return (options.author,)
    named = dict.fromkeys(name for article in articles for name in article.entry.authors)
    said = dict.fromkeys(name for feed, _ in feeds for name in feed.authors)
    found = tuple(named) if 0 < len(named) <= _NAMES_SHOWN else tuple(said)
    return found or tuple(dict.fromkeys(feed.title for feed, _ in feeds if feed.title))[:_NAMES_SHOWN]


def _language(feeds: Sequence[Bound], options: BookOptions, articles: Sequence[Article]) -> str:
    """The user's word, else the language in which most of the text is, else the feed's."""
    if options.language:
        return options.language
    words: dict[str, int] = {}
    for article in articles:
        words[article.language] = words.get(article.language, 0) + 1 + article.ledger.after.words
    words.pop("", None)
    said = next((feed.language for feed, _ in feeds if feed.language), "")
    return max(words, key=lambda name: words[name]) if words else said


def _direction(language: str, articles: Sequence[Article]) -> str:
    if language != "und":
        return "rtl" if language.split("-")[0] in _RTL else "ltr"
    turned = sum(article.direction == "rtl" for article in articles)
    return "rtl" if turned * 2 > len(articles) else "ltr"


def _remarks(missing: int) -> tuple[tuple[str, int], ...]:
    return (("missing-pictures", missing),) if missing else ()
