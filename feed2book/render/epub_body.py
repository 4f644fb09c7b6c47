"""An article's body as EPUB spells it: every token replaced, nothing parsed."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from feed2book.errors import RenderError
from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Article, Node, substitute
from feed2book.render.code import fit_code, split_code
from feed2book.render.epub_tables import fit_tables
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

    text = _type_notes(_empty_anchors(_focusable(size_formulas(article.html))))
    pieces = split_code(fit_tables(text))
    pieces[1::2] = (fit_code(piece, _CODE_LINE) for piece in pieces[1::2])
    return substitute("".join(pieces), spell)


_CODE_LINE = 32  # characters that fit on a telephone


def _focusable(html: str) -> str:
    """Let a formula that is wider than the screen be reached, and so be moved, by keyboard (WCAG 2.1.1)."""
    return html.replace('<p class="formula">', '<p class="formula" tabindex="0">')


_ANCHORED = re.compile(
    "<(h[1-6]|p|li|d[dt]|t[dh]|blockquote|figure|figcaption|span)([^<>]*?)"
    f' id="({TOKEN_OPEN}id:[^{TOKEN_OPEN}{TOKEN_CLOSE}]*{TOKEN_CLOSE})"([^<>]*)>(?!</)'
)


def _empty_anchors(html: str) -> str:
    """Move the id of each heading, paragraph and the like to an empty element at its start.

    Kobo opens an untyped link to a later node of 9 to 5,000 characters as a pop-up. A heading is such
    a node, an empty anchor is not; it stands at the same place, so that every link still works.
    """
    return _ANCHORED.sub(r'<\1\2\4><span id="\3"></span>', html)


_NOTES = re.compile('<aside[^<>]* class="note"')


def _type_notes(html: str) -> str:
    """Say of references, notes and ways back what they are: readers open such notes as pop-ups."""
    first = _NOTES.search(html)
    if not first:
        return html
    start, end = first.start(), html.rindex("</aside>") + len("</aside>")
    html = (
        f'{html[:start]}<div class="notes" epub:type="footnotes" role="doc-endnotes">\n'
        f"{html[start:end]}\n</div>{html[end:]}"
    )
    return _TYPED.sub(lambda tag: f"{tag[1]} {_TYPES[tag[2]]}", html)


_TYPED = re.compile('(<(?:a|aside)(?: id="[^"]*")? class="(noteref|note|backlink)")')
_TYPES = {
    "noteref": 'epub:type="noteref" role="doc-noteref"',
    "note": 'epub:type="footnote" role="doc-footnote"',
    "backlink": 'epub:type="backlink" role="doc-backlink"',
}


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
