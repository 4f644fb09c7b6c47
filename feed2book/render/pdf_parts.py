"""Cuts a book into parts that are laid out by themselves, and lays one out.

A part depends on nothing but what :class:`Chapters` says, so it can be made in any process, and kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from html import escape, unescape
from urllib.parse import quote

from markupsafe import Markup

from feed2book.models import (
    TOKEN_CLOSE,
    TOKEN_OPEN,
    Article,
    Asset,
    Blob,
    Book,
    Formula,
    Node,
    Part,
    RenderOptions,
    substitute,
)
from feed2book.render import templating
from feed2book.render.drawing import draw, in_words
from feed2book.render.formulas import size_formulas
from feed2book.render.outside_links import treat_links
from feed2book.render.pdf_archive import VARIANTS
from feed2book.render.pdf_fit import fit
from feed2book.render.pdf_heads import (
    name_sections,
    room_for_post,
    room_for_section,
    shorten,
    words_of_post,
)
from feed2book.render.pdf_layout import Leaf, lay_out
from feed2book.render.pdf_notes import set_notes
from feed2book.render.pdf_page import page_of
from feed2book.render.qr import add_codes

# A post of fewer words does not start a new page after another such post.
_BRIEF = 150
# Words in a part: some 170 pages of A5. Much longer ones are slow, since WeasyPrint's time grows faster than
# the document, and a rebuild waits for one; much shorter ones are slow as well: each reads the sheet anew.
_MOST = 36_000
_POST, _IMAGE = 60, 120  # words that a post's head and a picture stand for

_NEVER = datetime.fromtimestamp(0, UTC)
_LINKED = re.compile(rf"{TOKEN_OPEN}post:([^#{TOKEN_CLOSE}]*)(?:#([^{TOKEN_CLOSE}]*))?{TOKEN_CLOSE}")
_SHOWN = re.compile(rf"{TOKEN_OPEN}asset:([^{TOKEN_CLOSE}]*){TOKEN_CLOSE}")


@dataclass(frozen=True, slots=True)
class Chapters:
    """Some posts of a book, that follow each other, and all that is needed to lay them out.

    ``book`` has only these posts, and no contents. ``openings`` are the keys of the feeds that begin here
    with a page of their own. ``titles`` say what the places are called that links lead to. ``plain`` are
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
                openings = self.openings if article is part.articles[0] else ()
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
                "sheet": _sheet_address(),
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
    begins = (
        {part.articles[0].key: part.key for part in book.parts if part.articles}
        if len(book.parts) > 1
        else {}
    )
    shell = replace(
        book, contents=(), assets=(), cover=None, remarks=(), subtitle="", description="", authors=()
    )
    for articles in _groups(book.articles):
        wanted = list(dict.fromkeys(link for one in articles for link in _LINKED.findall(one.html)))
        pictures = dict.fromkeys(name for one in articles for name in _SHOWN.findall(one.html))
        yield Chapters(
            replace(
                shell,
                parts=tuple(_only(feed_of, articles)),
                assets=tuple(assets[name] for name in pictures if name in assets),
            ),
            tuple(begins[one.key] for one in articles if one.key in begins),
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


def _groups(articles: tuple[Article, ...]) -> Iterator[tuple[Article, ...]]:
    """Yield runs of posts that are laid out together.

    What is too long is parted before the post whose key has the lowest hash, and so on: where to part
    depends on the posts themselves, not on how many stand before them. Posts that share a page are parted
    last.
    """
    weights = [_weight(article) for article in articles]
    order = [
        (is_brief(article) and is_brief(before), hashlib.sha256(article.key.encode()).digest())
        for before, article in zip(articles[:1] + articles[:-1], articles, strict=True)
    ]
    waiting = [(0, len(articles))]
    while waiting:
        start, end = waiting.pop()
        if end - start > 1 and sum(weights[start:end]) > _MOST:
            middle = min(range(start + 1, end), key=order.__getitem__)
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


def anchor(key: str, fragment: str = "") -> str:
    """Return the name of a place in the document: a post, or an id in it."""
    return f"{key}-{fragment}" if fragment else key


def href(node: Node) -> str:
    """Return the address of what a line of the contents names."""
    return address(anchor(node.key, node.fragment))


def address(name: str) -> str:
    """Return the address of a place in the document, which may be in another part."""
    from feed2book.render.pdf_fetcher import GOTO

    return GOTO + quote(name, safe="")


def _sheet_address() -> str:
    from feed2book.render.pdf_fetcher import SHEET

    return SHEET


def body_of(article: Article, letters: int) -> str:
    """Return the article's HTML, each token spelt for print in lines of so many letters."""
    from feed2book.render.pdf_fetcher import ASSET

    def spell(kind: str, value: str) -> str:
        match kind:
            case "id":
                return anchor(article.key, value)
            case "post":
                return address(value.replace("#", "-", 1))
            case "asset":
                return f"{ASSET}{value}"
            case "formula":
                return _formula(article.formulas[int(value)], ASSET)
        return ""

    return fit(size_formulas(substitute(set_notes(article.html), spell)), letters)


_BLOCK_END = re.compile(r"</(?:p|h[1-6]|li|dt|dd|tr|pre|blockquote|figcaption|caption|aside)>|<br\b[^<>]*>")
_TAG = re.compile(r"<[^<>]*>")
_ANY_TOKEN = re.compile(f"{TOKEN_OPEN}[^{TOKEN_CLOSE}]*{TOKEN_CLOSE}")


def plain_text(html: str) -> str:
    """Return the words of an article as paragraphs, without its form."""
    words = unescape(_TAG.sub("", _ANY_TOKEN.sub("", _BLOCK_END.sub("\0", html))))
    blocks = (" ".join(block.split()) for block in words.split("\0"))
    return "".join(f"<p>{escape(block)}</p>\n" for block in blocks if block)


def _formula(formula: Formula, assets: str) -> str:
    drawing = draw(formula)
    if drawing is None:
        return in_words(formula)
    source, alt = f"{assets}{drawing.name}", escape(formula.alt)
    return f'<img class="maths" src="{source}" alt="{alt}" style="{drawing.style}"/>'


def _drawings(articles: Iterable[Article]) -> Iterator[tuple[str, Asset]]:
    for article in articles:
        for drawing in filter(None, map(draw, article.formulas)):
            yield drawing.name, Asset(drawing.name, "image/svg+xml", Blob(drawing.svg), 0, 0)
