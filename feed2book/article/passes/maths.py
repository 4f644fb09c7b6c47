"""Formulas in markup: their TeX source is kept as code, once."""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.text import collapse, shorten
from feed2book.article.tree import attached, attribute, elements, text_of, tokens
from feed2book.models import Drop

_RENDERED = frozenset(
    {"katex-html", "mathjax", "mathjax_preview", "mathjax_display", "mathjax_svg", "mathjax_chtml"}
)


def keep_maths(draft: Draft) -> None:
    """Put the TeX of MathML and of MathJax's scripts as code where the formula stands.

    What a renderer drew from that source would say it twice, and goes.
    """
    scripts = [tag for tag in draft.elements({"script"}) if attribute(tag, "type").startswith("math/")]
    formulas = draft.elements({"math"})
    for tag in scripts:
        draft.change(tag, "code", collapse(tag.get_text()))
    for tag in formulas:
        if attached(tag, draft.root):
            source = _source(tag)
            draft.drops.append(
                Drop("keep_maths", "MathML, its source is kept", sample=shorten(source[0], 60))
            )
            draft.change(tag, "code" if source[0] else "span", source[0] or source[1])
    if scripts or formulas:
        for tag in draft.elements():
            if not _RENDERED.isdisjoint(tokens(tag)) and not elements(tag, {"code"}):
                draft.vanish(tag)


def _source(tag: Tag) -> tuple[str, str]:
    """Return the TeX of a MathML element, and its bare text."""
    for note in elements(tag, {"annotation"}):
        if re.search("tex", attribute(note, "encoding"), re.IGNORECASE):
            return collapse(note.get_text()), ""
    return collapse(attribute(tag, "alttext")), collapse(text_of(tag))
