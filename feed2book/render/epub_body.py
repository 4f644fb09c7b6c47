"""An article's body as EPUB spells it: every token replaced, nothing parsed."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from feed2book.errors import RenderError
from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Article, Node, substitute
from feed2book.render.formulas import size_formulas


def document(key: str) -> str:
    """Return the file name of an article's or a part's document."""
    return f"{key}.xhtml"


def address(node: Node) -> str:
    """Return the address of a line of the contents, relative to the package."""
    return f"{document(node.key)}#{ncname(node.fragment)}" if node.fragment else document(node.key)


def body(article: Article, assets: Mapping[str, str]) -> str:
    """Return the article's HTML for its own XHTML document.

    Args:
        article: a bound article: its tokens stand for what is there.
        assets: asset id → file name, relative to the package.

    Raises:
        RenderError: a token stands for something that is not in the book.
    """

    def spell(kind: str, value: str) -> str:
        match kind:
            case "id":
                return ncname(html.unescape(value))
            case "post":
                key, hash_, fragment = value.partition("#")
                return document(key) + hash_ + ncname(html.unescape(fragment))
            case "formula":
                return article.formulas[int(value)].mathml
            case "asset" if value in assets:
                return assets[value]
        raise RenderError(f"nothing in the book answers to {kind} {value!r}", where=article.title)

    return substitute(_anchor_headings(_focusable(size_formulas(article.html))), spell)


def _focusable(html: str) -> str:
    """Let a formula that is wider than the screen be reached, and so be moved, by keyboard (WCAG 2.1.1)."""
    return html.replace('<p class="formula">', '<p class="formula" tabindex="0">')


_HEADING_ID = re.compile(
    f'<(h[1-6])([^<>]*?) id="({TOKEN_OPEN}id:[^{TOKEN_OPEN}{TOKEN_CLOSE}]*{TOKEN_CLOSE})"([^<>]*)>'
)


def _anchor_headings(html: str) -> str:
    """Move each heading's id to an empty element at its start.

    Kobo opens an untyped link to a later node of 9 to 5,000 characters as a pop-up. A heading is such
    a node, an empty anchor is not; it stands at the same place, so that every link still works.
    """
    return _HEADING_ID.sub(r'<\1\2\4><span id="\3"></span>', html)


_NCNAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_.-]|^[^A-Za-z_]")


def ncname(fragment: str) -> str:
    """Return the fragment as an XML id in ASCII, which every reading system finds; ``""`` stays empty.

    XHTML wants an NCName (Namespaces in XML 1.0, 4): no colon, no digit first. What is not allowed is
    spelt by its number (``fn:1`` → ``fn-3a-1``), so that different fragments stay different.
    """
    if not fragment or _NCNAME.fullmatch(fragment):
        return fragment
    spelt = _NOT_IN_NAME.sub(lambda match: f"-{ord(match[0]):x}-", fragment)
    return f"_{spelt}" if spelt.startswith("-") else spelt
