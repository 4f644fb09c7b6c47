"""What stands around the posts of a printed book: cover, title page, contents, colophon, bookmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from feed2book import __version__
from feed2book.models import Book, Node, RenderOptions
from feed2book.render import templating
from feed2book.render.contents import depth_within
from feed2book.render.dates import iso_moment
from feed2book.render.pdf.addresses import ASSET, SHEET, anchor, href
from feed2book.render.pdf.archive import VARIANTS
from feed2book.render.pdf.join import Mark
from feed2book.render.pdf.layout import Leaf
from feed2book.render.pdf.parts import titles_of

_CONTENTS = "contents"
_MOST_LINES = 500  # some twenty pages of A5
_MANY = 300  # posts beyond which the contents have neither first lines nor authors


def front(book: Book, options: RenderOptions, sheet: str, page_of: Callable[[str], int]) -> Leaf:
    """Return what stands before the posts, with the metadata of the whole.

    Args:
        book: a bound book.
        options: how it looks.
        sheet: the style sheet.
        page_of: the number of the page where a place is.
    """
    html = templating.render(
        "print/front.html",
        {
            "book": book,
            "depth": depth_within(book.contents, options.toc_depth, _MOST_LINES),
            "dense": len(book.articles) > _MANY,
            "articles": {article.key: article for article in book.articles},
            "cover": f"{ASSET}cover",
            "href": href,
            "lines": sum(1 for top in book.contents for _ in top.walk()),
            "page": lambda node: page_of(anchor(node.key, node.fragment)),
            "generator": f"feed2book {__version__}",
            "sheet": SHEET,
            "stamp": iso_moment(book.issued),
        },
        options.templates,
    )
    assets = (("cover", book.cover),) if book.cover else ()
    return Leaf(
        html,
        sheet,
        assets,
        tuple(titles_of(book).items()),
        "front",
        numbered=False,
        whole=True,
        variant=VARIANTS[options.archive],
        grey=options.grayscale,
    )


def back(book: Book, options: RenderOptions, sheet: str) -> Leaf:
    """Return what stands after the posts."""
    html = templating.render("print/back.html", {"book": book, "sheet": SHEET}, options.templates)
    return Leaf(html, sheet, prefix="back", variant=VARIANTS[options.archive], grey=options.grayscale)


def bookmarks(book: Book, options: RenderOptions) -> tuple[Mark, ...]:
    """Return the bookmarks: the contents, and all that is in them; what is in a post is folded."""
    title = templating.words_of(book.language, options.templates).say("contents")
    return (Mark(title, _CONTENTS), *_marks(book.contents, options.toc_depth))


def _marks(nodes: Iterable[Node], depth: int) -> tuple[Mark, ...]:
    return tuple(
        Mark(
            node.title,
            anchor(node.key, node.fragment),
            _marks(node.children, depth if node.kind == "part" else depth - 1)
            if node.kind == "part" or depth > 0
            else (),
            opened=node.kind != "article",
        )
        for node in nodes
    )
