"""The HTML of an article as it is printed: its tokens spelt, fitted to the narrow lines of a page."""

from __future__ import annotations

import re
from html import escape, unescape

from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Article, Formula, substitute
from feed2book.render.code import fit_code, split_code
from feed2book.render.drawing import draw, in_words
from feed2book.render.formulas import size_formulas
from feed2book.render.pdf.addresses import ASSET, address, anchor
from feed2book.render.pdf.notes import set_notes
from feed2book.render.tables import fit_tables

# WeasyPrint 70 measures a text that ends just before the margin with the space after it, finds it too
# wide, and sets its first word alone on the line. So such a space goes into the element that follows, or
# where that has spaces of another width, into one of its own: also before a link that opens with code, for
# a link's part on the line before would be the space alone, which readers of tags stumble over.
_OPENED = r'<(?:a|abbr|b|cite|del|dfn|em|i|ins|s|small|strong|sub|sup|time|u|var)(?:\s(?:[^<>"]|"[^"]*")*)?>'
_WIDE = r"<(?:img|code|kbd|samp)\b"
_SPACE = re.compile(rf"(?<=[^\s>])\s({_OPENED})(?!{_WIDE})")
_SPACE_ALONE = re.compile(rf"(?<=[^\s>])\s(?=(?:{_OPENED})?{_WIDE})")

# Code in a sentence, in one style. A word in it of more than this share of a line breaks anywhere: in a
# line of its own it would leave the one before spread out, with a few words in it.
_INLINE_CODE = re.compile(r'(<(?:code|kbd|samp)\b(?:[^<>"]|"[^"]*")*)>([^<>]*)(?=<)')
_CODE_BREAK = re.compile(r"[\s/-]+")  # a line may end here in any case
_CODE_WORD = 0.4

# A line of code with more characters than this share of a line's may not fit, at least not in a list.
_CODE_LINE = 0.68
_SHORT = 16  # lines of code that stay together

_BLOCK_END = re.compile(r"</(?:p|h[1-6]|li|dt|dd|tr|pre|blockquote|figcaption|caption|aside)>|<br\b[^<>]*>")
_TAG = re.compile(r"<[^<>]*>")
_ANY_TOKEN = re.compile(f"{TOKEN_OPEN}[^{TOKEN_CLOSE}]*{TOKEN_CLOSE}")


def body_of(article: Article, letters: int) -> str:
    """Return the article's HTML, each token spelt for print in lines of so many letters."""

    def spell(kind: str, value: str) -> str:
        match kind:
            case "id":
                return anchor(article.key, value)
            case "post":
                return address(value.replace("#", "-", 1))
            case "asset":
                return f"{ASSET}{value}"
            case "formula":
                return _formula(article.formulas[int(value)])
        return ""

    return fit(size_formulas(substitute(set_notes(article.html), spell)), letters)


def plain_text(html: str) -> str:
    """Return the words of an article as paragraphs, without its form."""
    words = unescape(_TAG.sub("", _ANY_TOKEN.sub("", _BLOCK_END.sub("\0", html))))
    blocks = (" ".join(block.split()) for block in words.split("\0"))
    return "".join(f"<p>{escape(block)}</p>\n" for block in blocks if block)


def _formula(formula: Formula) -> str:
    drawing = draw(formula)
    if drawing is None:
        return in_words(formula)
    source, alt = f"{ASSET}{drawing.name}", escape(formula.alt)
    return f'<img class="maths" src="{source}" alt="{alt}" style="{drawing.style}"/>'


def fit(html: str, letters: int) -> str:
    """Return the HTML of an article with breaks where its tables and its code need them.

    Args:
        html: the article's.
        letters: about how many letters of text a line holds.
    """
    if "<table" in html:
        html = fit_tables(html, letters)
    pieces = split_code(html)
    for number, piece in enumerate(pieces):
        pieces[number] = (
            _fit_code(piece, int(letters * _CODE_LINE))
            if number % 2
            else _fit_words(_move_spaces(piece), int(letters * _CODE_WORD))
        )
    return "".join(pieces)


def _fit_code(code: str, longest: int) -> str:
    """Break the long lines of a ``pre``, and keep a short one on one page."""
    fitted = fit_code(code, longest)
    return fitted.replace("<pre", '<pre data-fit="short"', 1) if code.count("\n") < _SHORT else fitted


def _fit_words(text: str, longest: int) -> str:
    """Let long words of code in sentences break."""

    def fit_word(match: re.Match[str]) -> str:
        words = _CODE_BREAK.split(unescape(match[2]))
        return f'{match[1]} data-fit="long">{match[2]}' if max(map(len, words)) > longest else match[0]

    return _INLINE_CODE.sub(fit_word, text)


def _move_spaces(html: str) -> str:
    return _SPACE_ALONE.sub("<span> </span>", _SPACE.sub(r"\1 ", html))
