"""Prepares the HTML of an article for the narrow lines of a page: tables, code, text before a link."""

from __future__ import annotations

import re

from feed2book.render.code import fit_code, split_code
from feed2book.render.pdf_columns import fit_tables

# WeasyPrint 70 measures a text that ends just before the margin with the space after it, finds it too
# wide, and sets its first word alone on the line. So such a space goes into the element that follows.
_SPACE = re.compile(
    r"(?<=[^\s>])\s(<(?:a|abbr|b|cite|code|del|dfn|em|i|ins|kbd|s|samp|small|strong|sub|sup|time|u|var)"
    r'(?:\s(?:[^<>"]|"[^"]*")*)?>)'
)
_SPACE_IMAGE = re.compile(r"(?<=[^\s>])\s(?=<img\b)")

# A line of code with more characters than this share of a line's may not fit, at least not in a list.
_CODE_LINE = 0.68
_SHORT = 16  # lines of code that stay together


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
        pieces[number] = _fit_code(piece, int(letters * _CODE_LINE)) if number % 2 else _move_spaces(piece)
    return "".join(pieces)


def _fit_code(code: str, longest: int) -> str:
    """Break the long lines of a ``pre``, and keep a short one on one page."""
    fitted = fit_code(code, longest)
    return fitted.replace("<pre", '<pre data-fit="short"', 1) if code.count("\n") < _SHORT else fitted


def _move_spaces(html: str) -> str:
    return _SPACE_IMAGE.sub("<span> </span>", _SPACE.sub(r"\1 ", html))
