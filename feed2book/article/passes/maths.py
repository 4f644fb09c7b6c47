"""Formulas in markup (MathML, KaTeX, MathJax, Substack): each becomes one ``math`` with its number.

The source wins over what a renderer drew from it, which goes.
"""

from __future__ import annotations

import json
import re

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.tex import read_mathml, read_tex
from feed2book.article.text import collapse, is_blank, lost_words, shorten
from feed2book.article.tree import attached, attribute, elements, inside, parse, shows, text_of, tokens
from feed2book.article.vocabulary import DIVISIONS
from feed2book.models import Drop, Formula

#: Where TeX is a thing to read, not to set.
VERBATIM = frozenset({"code", "pre", "kbd", "samp", "textarea", "script", "style", "tt", "listing", "xmp"})

# What stands for a formula as a whole, and what a renderer left beside a formula's script.
_WHOLES = frozenset(
    {"katex", "mwe-math-element", "mathjax", "mathjax_svg", "mathjax_chtml", "latex-rendered"}
)
_DRAWN = frozenset(
    {"mathjax_preview", "mathjax", "mathjax_display", "mathjax_svg", "mathjax_svg_display", "mathjax_chtml"}
)
_DISPLAYED = frozenset(
    {"katex-display", "mathjax_display", "mathjax_svg_display", "mjxc-display", "mwe-math-mathml-display"}
)
_PROSE = frozenset({"p", "li", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_NEAR = 20  # siblings to look at for something beside a formula
_LINES = DIVISIONS | {"p", "figure"}


def keep_maths(draft: Draft) -> None:
    """Take formulas out of markup, with their source; what was drawn from it goes."""
    wholes = [tag for tag in draft.elements() if _is_whole(tag)]
    for tag in wholes:
        if attached(tag, draft.root) and not inside(tag, VERBATIM):
            _take_whole(draft, tag)
    scripts = [tag for tag in draft.elements({"script"}) if attribute(tag, "type").startswith("math/")]
    for tag in scripts:
        _take_script(draft, tag)
    if scripts:
        for tag in draft.elements():
            if not _DRAWN.isdisjoint(tokens(tag)) and not elements(tag, {"math", "code", *_PROSE}):
                draft.drop("keep_maths", "drawn from a formula's source", tag)


def _is_whole(tag: Tag) -> bool:
    return (
        tag.name in {"math", "mjx-container", "d-math"}
        or tag.name.endswith(":math")
        or ("class" in tag.attrs and not _WHOLES.isdisjoint(attribute(tag, "class").lower().split()))
    )


def _take_whole(draft: Draft, tag: Tag) -> None:
    """Replace an element that stands for one formula, if its source is in it."""
    maths = elements(tag, {"math"})
    if len(maths) > 1 or elements(tag, _PROSE):
        return  # a class of the whole text, not of a formula
    display = _displayed(tag)
    source = tag if tag.name == "math" else next(iter(maths), None)
    if source is not None:
        place_formula(
            draft, tag, read_mathml(source, display=display), collapse(text_of(source)), display=display
        )
        return
    if attribute(tag, "data-mathml"):
        source = next(iter(elements(parse(attribute(tag, "data-mathml")[:20_000]), {"math"})), None)
        if source is not None:
            place_formula(draft, tag, read_mathml(source, display=display), "", display=display)
            return
    tex = _tex_of(tag)
    if tex:
        place_formula(draft, tag, read_tex(tex, display=display), tex, display=display)


def _tex_of(tag: Tag) -> str:
    """Return the TeX that an element without MathML carries, or ``""``."""
    if "latex-rendered" in tokens(tag):  # Substack: {"persistentExpression": "E = mc^2", "id": …}
        try:
            said = json.loads(attribute(tag, "data-attrs"))
        except ValueError:
            return ""
        return str(said.get("persistentExpression", "")) if isinstance(said, dict) else ""
    return tag.get_text() if tag.name == "d-math" else ""


def _displayed(tag: Tag) -> bool:
    """Say whether a formula stands on a line of its own, as it says itself or as what holds it does."""
    math = [tag, *elements(tag, {"math"})][-1] if tag.name != "math" else tag
    if attribute(math, "display") == "block" or attribute(math, "mode") == "display":
        return True
    if (
        attribute(tag, "display") in {"true", "block"}
        or "block" in tag.attrs
        or "latex-rendered" in tokens(tag)
    ):
        return True
    near = [
        tag,
        *(parent for parent, _ in zip(tag.parents, range(2), strict=False) if isinstance(parent, Tag)),
    ]
    return any(not _DISPLAYED.isdisjoint(tokens(place)) for place in near)


def _take_script(draft: Draft, tag: Tag) -> None:
    kind = attribute(tag, "type").lower()
    source = tag.get_text()
    display = bool(re.search(r"mode\s*=\s*display", kind))
    if kind.startswith("math/tex"):
        place_formula(draft, tag, read_tex(source, display=display), source, display=display)
    elif kind.startswith("math/mml"):
        math = next(iter(elements(parse(source), {"math"})), None)
        formula = read_mathml(math, display=display) if math is not None else None
        place_formula(draft, tag, formula, collapse(source), display=display)
    else:
        draft.change(tag, "code", collapse(source))


def place_formula(draft: Draft, tag: Tag, formula: Formula | None, source: str, *, display: bool) -> None:
    """Make ``tag`` the formula, or its source as code where the formula cannot be read."""
    if formula is None and not source.strip():
        return
    if formula is None:
        draft.unread_formula(source)
        draft.change(tag, "code", collapse(source), **{"class": "formula"})
        return
    formula_element(draft, tag, formula, display=display)


def formula_element(draft: Draft, tag: Tag, formula: Formula, *, display: bool, source: str = "") -> None:
    """Make ``tag`` the element that the writer writes as the formula's token.

    ``source`` is the text of the article that it stands for, if that is not the element's own.
    """
    words = lost_words(source or text_of(tag), formula.alt)
    if words:
        draft.drops.append(Drop("keep_maths", "now a formula", words, sample=shorten(formula.alt, 60)))
    kind = "block" if display else "inline"
    draft.added_images -= (tag.name == "img") + len(elements(tag, {"img"}))
    draft.change(tag, "math", "", n=str(len(draft.formulas)), kind=kind, alt=formula.alt)
    draft.formulas.append(formula)


def stands_alone(tag: Tag) -> bool:
    """Say whether nothing but ``tag`` is in the paragraph or the division that holds it."""
    node = tag
    while node.parent is not None and node.parent.name not in _CELLS:
        beside = node.parent.contents
        if len(beside) > _NEAR or any(_seen(child) for child in beside if child is not node):
            return False
        if node.parent.name in _LINES:
            return True
        node = node.parent
    return False


def _seen(node: PageElement) -> bool:
    return not is_blank(node) if isinstance(node, NavigableString) else shows(node)


_CELLS = frozenset({"td", "th", "li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption"})
