"""An article's body as EPUB spells it: every token replaced, nothing parsed."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from feed2book.errors import RenderError
from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Article, substitute
from feed2book.render.code import fit_code, split_code
from feed2book.render.epub_tables import fit_tables
from feed2book.render.formulas import size_formulas


def prepared(html: str) -> str:
    """Return an article's HTML as EPUB has it, with its tokens: anchors, sizes, long lines."""
    text = _empty_anchors(_focusable(size_formulas(html)))
    pieces = split_code(fit_tables(text))
    pieces[1::2] = (fit_code(piece, _CODE_LINE) for piece in pieces[1::2])
    return "".join(pieces)


def spelled(
    text: str, article: Article, assets: Mapping[str, str], files: Mapping[tuple[str, str], str]
) -> str:
    """Return the text with every token replaced.

    Args:
        text: prepared HTML of the article, or a piece of it.
        article: a bound article: its tokens stand for what is there.
        assets: asset id → file name, relative to the package.
        files: as for :func:`address`.

    Raises:
        RenderError: a token stands for something that is not in the book.
    """

    def spell(kind: str, value: str) -> str:
        match kind:
            case "id":
                return ncname(html.unescape(value))
            case "post":
                key, _, fragment = value.partition("#")
                return address(files, key, html.unescape(fragment))
            case "formula":
                return article.formulas[int(value)].mathml
            case "asset" if value in assets:
                return assets[value]
        raise RenderError(f"nothing in the book answers to {kind} {value!r}", where=article.title)

    return substitute(text, spell)


_CODE_LINE = 32  # characters that fit on a telephone


def _focusable(html: str) -> str:
    """Let a formula that is wider than the screen be reached, and so be moved, by keyboard (WCAG 2.1.1)."""
    return html.replace('<p class="formula">', '<p class="formula" tabindex="0">')


_TOKEN_ID = f' id="({TOKEN_OPEN}id:[^{TOKEN_OPEN}{TOKEN_CLOSE}]*{TOKEN_CLOSE})"'
_NO_NOTE = '(?! class="(?:noteref|backlink)")'
_ANCHORED = re.compile(
    "<(h[1-6]|p|li|d[dt]|t[dh]|div|section|blockquote|details|summary|caption|figcaption|span|a|abbr|b|bdi|bdo"
    "|cite|code|del|dfn|em|i|ins|kbd|mark|q|s|samp|small|strong|sub|sup|time|u|var)"
    rf"\b{_NO_NOTE}([^<>]*?){_TOKEN_ID}{_NO_NOTE}([^<>]*)>(?!</)"
)
_AFTER = re.compile(rf"<(ul|ol|dl|pre|table|figure)\b([^<>]*?){_TOKEN_ID}([^<>]*)>")
_ROW = re.compile(rf"<tr\b([^<>]*?){_TOKEN_ID}([^<>]*)>(\s*<t[dh]\b[^<>]*>)")


def _empty_anchors(html: str) -> str:
    """Move the id of each heading, paragraph, list and the like to an empty element at its start.

    Kobo opens an untyped link to a later node of 9 to 5,000 characters as a pop-up. A heading is such
    a node, an empty anchor is not; it stands at the same place, so that every link still works.
    """
    html = _ROW.sub(r'<tr\1\3>\4<span id="\2"></span>', html)
    html = _AFTER.sub(r'<span id="\3"></span><\1\2\4>', html)
    return _ANCHORED.sub(r'<\1\2\4><span id="\3"></span>', html)


_NOTES = re.compile('<aside[^<>]* class="note"')


def typed_notes(html: str) -> str:
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


def address(files: Mapping[tuple[str, str], str], key: str, fragment: str = "") -> str:
    """Return the address of a post, or of an id in it, relative to the package.

    Args:
        files: key and id → file, for what does not stand in the first file of its post.
        key: the post.
        fragment: the id; ``""`` for the top of the post.
    """
    if not fragment:
        return document(key)
    return f"{files.get((key, fragment)) or document(key)}#{ncname(fragment)}"


def document(key: str, number: int = 1) -> str:
    """Return the file name of an article's or a part's document, the first or a later one."""
    return f"{key}.xhtml" if number == 1 else f"{key}-{number}.xhtml"
