"""A book that is too large for its device → volumes, each a book of its own."""

from __future__ import annotations

import re
import uuid
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Article, Asset, Book, Node, token_values

_BASE = 350_000  # bytes: sheets, faces, title page, colophon
_COVER = 1.3  # each volume has a cover of its own, about as large as the book's
_LINE = 1_000  # bytes: what a post takes in the package and in three lists of contents
_SECTION = 150
_PICTURE = 3_000  # bytes: a formula as a picture, at most
_GROWTH = 1.5  # what the templates and a device's own marks add to the text
_LINK = re.compile(
    f'<a([^<>]*?) href="{TOKEN_OPEN}post:([^#{TOKEN_OPEN}{TOKEN_CLOSE}]*)'
    f'(#[^{TOKEN_OPEN}{TOKEN_CLOSE}]*)?{TOKEN_CLOSE}"([^<>]*)>(.*?)</a>',
    re.DOTALL,
)


def _place(number: int, count: int) -> str:
    return f"{number} of {count}"


def volumes(book: Book, budget: int | None, place: Callable[[int, int], str] = _place) -> tuple[Book, ...]:
    """Cut the book into volumes that fit.

    Posts keep their order and are never torn. A link to a post of another volume leads to the post on the
    web, or becomes its text. Each volume has a title, an identifier (stable as long as its number is) and a
    place in a series of its own, if the book is in none; its cover is that of the whole book.

    Args:
        book: a bound book.
        budget: the most bytes that a file may have; None for no limit.
        place: says in words which volume of how many it is, for the title.

    Returns:
        The volumes, or the book itself, if it fits. A single post that does not fit has its own volume.
    """
    if budget is None or _at_most(book) <= budget:
        return (book,)
    groups = tuple(_groups(book, budget))
    if len(groups) == 1:
        return (book,)
    homes = {article.key: article.entry.url for article in book.articles}
    return tuple(
        _volume(book, group, number, f"{book.title} ({place(number, len(groups))})", homes)
        for number, group in enumerate(groups, 1)
    )


def _at_most(book: Book) -> int:
    """Return, without much work, what the file cannot exceed."""
    posts = (
        len(article.html.encode("utf-8", "replace")) * _GROWTH
        + sum(max(_PICTURE, len(formula.mathml)) for formula in article.formulas)
        + _lines(article)
        for article in book.articles
    )
    return int(_base(book) + sum(posts) + sum(asset.blob.size for asset in book.assets))


def _base(book: Book) -> float:
    return _BASE + (_COVER * book.cover.blob.size if book.cover else 0)


def _groups(book: Book, budget: int) -> Iterator[frozenset[str]]:
    """Yield the keys of the articles of each volume: as many as fit, in their order."""
    sizes = {asset.id: asset.blob.size for asset in book.assets}
    keys: list[str] = []
    shown: set[str] = set()
    base = weight = _base(book)
    for article in book.articles:
        wanted = set(token_values(article.html, "asset"))
        text = _packed(article)
        added = text + sum(sizes.get(name, 0) for name in wanted - shown)
        if keys and weight + added > budget:
            yield frozenset(keys)
            keys, shown, weight = [], set(), base
            added = text + sum(sizes.get(name, 0) for name in wanted)
        keys.append(article.key)
        shown |= wanted
        weight += added
    yield frozenset(keys)


def _packed(article: Article) -> float:
    """Return about how much of the file the article takes, rather too much than too little."""
    text = len(zlib.compress(article.html.encode("utf-8", "replace"), 1)) * _GROWTH
    return text + _PICTURE * len(article.formulas) + _lines(article)


def _lines(article: Article) -> int:
    return _LINE + _SECTION * article.html.count("</h")


def _volume(book: Book, keys: Collection[str], number: int, title: str, homes: Mapping[str, str]) -> Book:
    parts = tuple(
        replace(part, articles=tuple(_alone(one, keys, homes) for one in part.articles if one.key in keys))
        for part in book.parts
        if any(one.key in keys for one in part.articles)
    )
    shown = {name for part in parts for one in part.articles for name in token_values(one.html, "asset")}
    contents = tuple(_nodes(book.contents, keys))
    if len(parts) == 1 and contents[0].kind == "part":
        contents = contents[0].children
    series, place = (book.series, book.number) if book.series else (book.title, number)
    return replace(
        book,
        identifier=f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{book.identifier}#{number}')}",
        title=title,
        parts=parts,
        contents=contents,
        assets=_only(book.assets, shown),
        series=series,
        number=place,
        volume=number,
    )


def _alone(article: Article, keys: Collection[str], homes: Mapping[str, str]) -> Article:
    """Return the article with links to posts of other volumes led to the web."""

    def lead(match: re.Match[str]) -> str:
        before, key, _, after, text = match.groups()
        if key in keys:
            return match[0]
        home = homes.get(key, "")
        if home.startswith(("http://", "https://")):
            return f'<a{before} href="{escape(home)}"{after}>{text}</a>'
        return f"<span{before}{after}>{text}</span>" if before or after else text

    return replace(article, html=_LINK.sub(lead, article.html))


def _nodes(nodes: Sequence[Node], keys: Collection[str]) -> Iterator[Node]:
    for node in nodes:
        if node.kind == "article" and node.key in keys:
            yield node
        elif node.kind == "part":
            children = tuple(_nodes(node.children, keys))
            if children:
                yield replace(node, children=children)


def _only(assets: Sequence[Asset], names: Collection[str]) -> tuple[Asset, ...]:
    return tuple(asset for asset in assets if asset.id in names)
