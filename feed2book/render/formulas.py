"""Formulas as pictures: those that came so, and those of a book for readers that show no MathML."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

from feed2book.models import Article, Asset, Book, Formula, substitute, token
from feed2book.render.drawing import draw, in_words, picture

_SHARP = 64
"""Pixels for one em: three for each of a telephone's, and enough for paper-like screens."""

# Such pictures (WordPress's latex.php above all) are set in 10 pt on a 96 dpi screen: 13.3 px an em.
_PIXELS_PER_EM = 13.3
_FORMULA = re.compile(r'<img class="formula"([^<>]*? width="(\d+)"[^<>]*)>')


def size_formulas(html: str) -> str:
    """Return the HTML with each ``img.formula`` as wide, in em, as its text is beside the text around it.

    A width in pixels would make formulas tiny or huge on devices whose text is not 16 px.
    """
    return _FORMULA.sub(_sized, html) if 'class="formula"' in html else html


def _sized(match: re.Match[str]) -> str:
    width = int(match[2]) / _PIXELS_PER_EM
    return f'<img class="formula" style="width:{width:.2f}em"{match[1]}>'


def picture_formulas(book: Book) -> Book:
    """Return the book with a picture (PNG on white) in the place of each formula, on the line's baseline."""
    drawn: dict[str, Asset] = {}
    parts = tuple(
        replace(part, articles=tuple(_pictured(article, drawn) for article in part.articles))
        for part in book.parts
    )
    return replace(book, parts=parts, assets=(*book.assets, *drawn.values()))


def _pictured(article: Article, drawn: dict[str, Asset]) -> Article:
    if not article.formulas:
        return article

    def spell(kind: str, value: str) -> str:
        return _picture(article.formulas[int(value)], drawn) if kind == "formula" else token(kind, value)

    return replace(article, html=substitute(article.html, spell), formulas=())


def _picture(formula: Formula, drawn: dict[str, Asset]) -> str:
    drawing = draw(formula)
    if drawing is None:
        return in_words(formula)
    if drawing.name not in drawn:
        drawn[drawing.name] = picture(drawing, _SHARP)
    asset, alt = drawn[drawing.name], escape(formula.alt)
    size = f'width="{asset.width}" height="{asset.height}"'
    return f'<img class="maths" src="{token("asset", asset.id)}" alt="{alt}" {size} style="{drawing.style}"/>'
