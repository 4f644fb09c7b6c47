"""Cuts a book into parts that are laid out by themselves, and lays one out.

A part depends on nothing but what :class:`Chapters` says, so it can be made in any process, and kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from markupsafe import Markup

from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Article, Asset, Blob, Book, Part, RenderOptions
from feed2book.render import templating
from feed2book.render.drawing import draw
from feed2book.render.outside_links import treat_links
from feed2book.render.pdf.addresses import SHEET, anchor
from feed2book.render.pdf.archive import VARIANTS
from feed2book.render.pdf.body import body_of, plain_text
from feed2book.render.pdf.heads import (
    name_sections,
    room_for_post,
    room_for_section,
    shorten,
    words_of_post,
)
from feed2book.render.pdf.layout import Leaf, lay_out
from feed2book.render.pdf.page import page_of
from feed2book.render.qr import add_codes

# A post of fewer words does not start a new page after another such post.
_BRIEF = 150
# Words in a part: some 80 pages of A5. Longer ones are slow, since WeasyPrint's time grows faster than the
# document, and a rebuild waits for one; those of two posts take 15 % more: each reads the sheet anew.
_MOST = 18_000
_MOST_TOGETHER = 36_000  # of posts that share pages: parting them leaves a page half empty
_POST, _IMAGE = 60, 120  # words that a post's head and a picture stand for

_NEVER = datetime.fromtimestamp(0, UTC)
_LINKED = re.compile(rf"{TOKEN_OPEN}post:([^#{TOKEN_CLOSE}]*)(?:#([^{TOKEN_CLOSE}]*))?{TOKEN_CLOSE}")
_SHOWN = re.compile(rf"{TOKEN_OPEN}asset:([^{TOKEN_CLOSE}]*){TOKEN_CLOSE}")


@dataclass(frozen=True, slots=True)
class Chapters:
    """Some posts of a book, that follow each other, and all that is needed to lay them out.

    ``book`` has only these posts, and no contents. ``openings`` are the keys of the posts before which their
    feed has a page of its own. ``titles`` say what the places are called that links lead to. ``plain`` are
    the keys of posts whose text is set without its form.
    """

    book: Book
    openings: tuple[str, ...]
    titles: tuple[tuple[str, str], ...]
    options: RenderOptions
    sheet: str
    plain: frozenset[str] = frozenset()

    @property
    def prefix(self) -> str:
        """What no other part of the book begins its ids with."""
        return self.book.articles[0].key

    def name(self, stamp: str) -> str:
        """Return a name for all that decides the part; ``stamp`` is what lies outside of it."""
        book = replace(self.book, identifier="", issued=_NEVER)
        facts = (
            stamp,
            self.openings,
            self.titles,
            sorted(self.plain),
            self.sheet,
            repr(self.options),
            repr(book),
        )
        return hashlib.sha256("\0".join(map(str, facts)).encode("utf-8", "surrogatepass")).hexdigest()

    def singly(self) -> Iterator[Chapters]:
        """Yield each post as chapters of its own."""
        for part in self.book.parts:
            for article in part.articles:
                book = replace(self.book, parts=(replace(part, articles=(article,)),))
                openings = tuple(key for key in self.openings if key == article.key)
                yield replace(self, book=book, openings=openings)

    def lay_out(self) -> bytes:
        """Return the packed part: a pure function, the same bytes in any process."""
        return lay_out(self.leaf())

    def leaf(self) -> Leaf:
        """Return the part as HTML, and what goes with it."""
        book = add_codes(self.book) if self.options.qr else self.book
        book = treat_links(book, self.options, cards=False)
        page = page_of(self.options)
        alone = self.options.two_sided
        room = room_for_section(page.head_letters, alone=alone)
        bodies = {
            article.key: name_sections(self._body(article, page.letters), room, alone=alone)
            for article in book.articles
        }
        html = templating.render(
            "print/posts.html",
            {
                "book": book,
                "bodies": {key: Markup(body) for key, body in bodies.items()},  # noqa: S704 (nh3's output)
                "brief": {article.key for article in book.articles if is_brief(article)},
                "columns": page.columns,
                "head": partial(
                    shorten,
                    room=room_for_post(page.head_letters, alone=alone),
                    most=words_of_post(alone=alone),
                ),
                "openings": self.openings,
                "sheet": SHEET,
            },
            self.options.templates,
        )
        assets = ((asset.id, asset) for asset in book.assets)
        return Leaf(
            html,
            self.sheet,
            (*assets, *_drawings(book.articles)),
            self.titles,
            self.prefix,
            variant=VARIANTS[self.options.archive],
            grey=self.options.grayscale,
        )

    def _body(self, article: Article, letters: int) -> str:
        return plain_text(article.html) if article.key in self.plain else body_of(article, letters)


def cut(book: Book, options: RenderOptions, sheet: str) -> Iterator[Chapters]:
    """Yield the parts of a book, in order; a small book has one.

    Where one ends depends on the posts around, by their keys and lengths: a new post at either end of the
    book changes one part.

    Args:
        book: a bound book.
        options: how it looks.
        sheet: the style sheet, which depends on the options.
    """
    titles = titles_of(book)
    assets = {asset.id: asset for asset in book.assets}
    feed_of = {article.key: part for part in book.parts for article in part.articles}
    openings = {part.articles[0].key for part in book.parts if part.articles} if len(book.parts) > 1 else ()
    fresh = _fresh(book.articles, openings, run_on=options.layout != "book")
    shell = replace(
        book, contents=(), assets=(), cover=None, remarks=(), subtitle="", description="", authors=()
    )
    for articles in _groups(book.articles, fresh):
        wanted = list(dict.fromkeys(link for one in articles for link in _LINKED.findall(one.html)))
        pictures = dict.fromkeys(name for one in articles for name in _SHOWN.findall(one.html))
        yield Chapters(
            replace(
                shell,
                parts=tuple(_only(feed_of, articles)),
                assets=tuple(assets[name] for name in pictures if name in assets),
            ),
            tuple(one.key for one in articles if one.key in openings),
            tuple((anchor(*link), titles.get(anchor(*link)) or titles.get(link[0], "")) for link in wanted),
            options,
            sheet,
        )


def _only(feed_of: Mapping[str, Part], articles: Sequence[Article]) -> Iterator[Part]:
    """Yield the feeds of these articles, with no others in them, and without what a page never shows."""
    some: dict[str, list[Article]] = {}
    for article in articles:
        entry = article.entry
        slim = replace(entry, content="", summary="", enclosures=(), aliases=())
        some.setdefault(feed_of[article.key].key, []).append(replace(article, entry=slim))
    for found in some.values():
        yield replace(feed_of[found[0].key], articles=tuple(found))


def _fresh(articles: Sequence[Article], openings: Collection[str], *, run_on: bool) -> frozenset[str]:
    """Return the keys of posts that begin a page in any case: to part before them shows nowhere."""
    briefs = [is_brief(article) for article in articles]
    return frozenset(
        article.key
        for article, brief, after_brief in zip(articles, briefs, [False, *briefs], strict=False)
        if article.key in openings or not (run_on or (brief and after_brief))
    )


def _groups(articles: tuple[Article, ...], fresh: Collection[str]) -> Iterator[tuple[Article, ...]]:
    """Yield runs of posts that are laid out together.

    What is too long is parted before the post whose key has the lowest hash, and so on: where to part
    depends on the posts themselves, not on how many stand before them. One is parted from another that it
    shares a page with only where none of them is ``fresh``, and later.
    """
    weights = [_weight(article) for article in articles]
    order = [
        (article.key not in fresh, hashlib.sha256(article.key.encode()).digest()) for article in articles
    ]
    waiting = [(0, len(articles))]
    while waiting:
        start, end = waiting.pop()
        middle = min(range(start + 1, end), key=order.__getitem__, default=end)
        most = _MOST if middle < end and articles[middle].key in fresh else _MOST_TOGETHER
        if middle < end and sum(weights[start:end]) > most:
            waiting += [(middle, end), (start, middle)]
        else:
            yield articles[start:end]


def _weight(article: Article) -> int:
    return article.ledger.after.words + _POST + _IMAGE * len(article.images)


def is_brief(article: Article) -> bool:
    """Whether a post is so short that it may share a page with others."""
    return article.ledger.after.words < _BRIEF and not article.images


def titles_of(book: Book) -> dict[str, str]:
    """Return what each place that the contents name is called, and each post."""
    titles = {article.key: article.title for article in book.articles}
    for top in book.contents:
        titles.update({anchor(node.key, node.fragment): node.title for node in top.walk()})
    return titles


def _drawings(articles: Iterable[Article]) -> Iterator[tuple[str, Asset]]:
    for article in articles:
        for drawing in filter(None, map(draw, article.formulas)):
            yield drawing.name, Asset(drawing.name, "image/svg+xml", Blob(drawing.svg), 0, 0)
