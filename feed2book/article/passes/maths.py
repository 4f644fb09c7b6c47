"""Formulas in markup (MathML, KaTeX, MathJax, Substack): each becomes one ``math`` with its number.

The source wins over what a renderer drew from it, which goes.
"""

from __future__ import annotations

import json
import re

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.tex import only_defines, read_mathml, read_tex
from feed2book.article.tex_delimiters import is_tex, may_be_maths
from feed2book.article.tex_macros import DEFINES, Macro, read_definitions
from feed2book.article.text import collapse, count_words, is_blank, lost_words, shorten
from feed2book.article.tree import attached, attribute, elements, inside, parse, shows, text_of, tokens
from feed2book.article.vocabulary import DIVISIONS, names
from feed2book.models import Drop, Formula

#: Where TeX is a thing to read, not to set.
VERBATIM = names("code pre kbd samp textarea script style tt listing xmp")

# What stands for a formula as a whole, and what MathJax 2 drew beside a formula's script.
_WHOLES = names(
    "katex katex-error mwe-math-element mathjax mathjax_svg mathjax_chtml latex-rendered ql-formula"
    " ztext-math"
)
_SOURCES = ("data-latex", "data-tex", "data-katex", "data-formula", "data-equation", "data-expr")
_DRAWN = names(
    "mathjax_preview mathjax mathjax_display mathjax_svg mathjax_svg_display mathjax_chtml mjx-chtml"
    " mjxc-display"
)
_DISPLAYED = names("katex-display mathjax_display mathjax_svg_display mjxc-display mwe-math-mathml-display")
# TeX without delimiters: remark-math, GitLab, GitHub, pymdown, Pandoc, Discourse
_MARKED = names("math math-inline math-display language-math js-render-math lang-math")
_MARKABLE = names("span div code pre")
_MARKED_DISPLAY = names("math-display display")
_PROSE = names("p li pre blockquote h1 h2 h3 h4 h5 h6")
_NEAR = 20  # siblings to look at for something beside a formula
_LINES = DIVISIONS | {"p", "figure"}
_SERVER = re.compile(
    r"(?:https?:)?//[\w.-]*(?:codecogs\.com|quicklatex\.com|wp\.com/latex|wordpress\.com/latex)",
    re.IGNORECASE,
)
_LONGEST = 20_000  # characters of a source that is read


def keep_maths(draft: Draft) -> None:
    """Take formulas out of markup, with their source; what was drawn from it goes."""
    scripts = [tag for tag in draft.elements({"script"}) if attribute(tag, "type").startswith("math/")]
    draft.macros.update(_definitions(draft, scripts))
    for tag in scripts:
        _drop_drawn(draft, tag)
    for tag in [tag for tag in draft.elements() if is_whole(tag)]:
        if attached(tag, draft.root) and not inside(tag, VERBATIM):
            _take_whole(draft, tag)
    for tag in scripts:
        _take_script(draft, tag)
    for tag in draft.marked(_MARKABLE):
        if is_marked(tag) and attached(tag, draft.root):
            _take_marked(draft, tag)


def is_marked(tag: Tag) -> bool:
    """Say whether a class alone tells that the text of ``tag`` is TeX."""
    if "class" not in tag.attrs or tag.name not in _MARKABLE or _MARKED.isdisjoint(tokens(tag)):
        return False
    tex = tag.get_text().strip()
    bare = all(part.name == "code" for part in elements(tag))
    return bare and bool(tex) and not tex.startswith(("\\(", "\\[", "$")) and may_be_maths(tex)


def _definitions(draft: Draft, scripts: list[Tag]) -> dict[str, Macro]:
    """Return the macros that the article defines, wherever it does."""
    sources = [script.get_text() for script in scripts]
    for tag in [draft.root, *draft.elements()] if DEFINES.search(draft.source) else []:
        if tag.name in VERBATIM:
            continue
        if any(isinstance(child, NavigableString) and DEFINES.search(child) for child in tag.contents):
            sources.append("\n".join(child for child in tag.contents if isinstance(child, NavigableString)))
    return {
        name: macro
        for source in sources
        if DEFINES.search(source)
        for name, macro in read_definitions(source[:_LONGEST])[0].items()
    }


def _drop_drawn(draft: Draft, script: Tag) -> None:
    """Take out what MathJax 2 wrote before a script: a preview, and what it drew."""
    node: PageElement | None = script.previous_sibling
    for _ in range(_NEAR):
        if isinstance(node, Tag):
            if not is_drawn(node):
                return
            draft.drop("keep_maths", "drawn from a formula's source", node)
        elif node is None or not is_blank(str(node)):
            return
        node = node.previous_sibling


def is_drawn(tag: Tag) -> bool:
    """Say whether MathJax 2 drew ``tag``, or writes its previews so."""
    return "class" in tag.attrs and not _DRAWN.isdisjoint(tokens(tag))


def is_whole(tag: Tag) -> bool:
    """Say whether ``tag`` may stand for one formula as a whole."""
    if tag.name in {"math", "mjx-container", "d-math", "math-renderer"} or tag.name.endswith(":math"):
        return True
    return bool(tag.attrs) and (
        not tag.attrs.keys().isdisjoint(_SOURCES)
        or not _WHOLES.isdisjoint(attribute(tag, "class").lower().split())
    )


def _take_whole(draft: Draft, tag: Tag) -> None:
    """Replace an element that stands for one formula, if its source is in it."""
    maths = [tag] if tag.name == "math" else elements(tag, {"math"})
    if len(maths) > 1 or elements(tag, _PROSE):
        return  # a class of the whole text, not of a formula
    display = _displayed(tag)
    if not maths and attribute(tag, "data-mathml"):
        maths = elements(parse(attribute(tag, "data-mathml")[:_LONGEST]), {"math"})[:1]
    if maths:
        formula = read_mathml(maths[0], display=display)
        place_formula(draft, tag, formula, collapse(text_of(maths[0])), display=display)
        return
    tex = _tex_of(tag)
    if tex:
        formula = read_tex(tex, display=display, macros=draft.macros)
        place_formula(draft, tag, formula, tex, display=display)
    elif _WHOLES.isdisjoint(tokens(tag)) and tag.name != "mjx-container":
        return
    elif collapse(text_of(tag)):  # only what was drawn: its letters, in a line
        drawn = next((part for part in elements(tag) if "katex-html" in tokens(part)), tag)
        place_formula(draft, tag, None, text_of(drawn), display=display)
    else:
        said = attribute(tag, "aria-label") or next(map(text_of, elements(tag, {"title"})), "")
        place_formula(draft, tag, None, said, display=display)
        if not said and elements(tag, {"svg"}):
            draft.unread_formula("a drawing without its source")


def _tex_of(tag: Tag) -> str:
    """Return the TeX that an element without MathML carries, or ``""``."""
    marks = tokens(tag)
    if "latex-rendered" in marks:  # Substack: {"persistentExpression": "E = mc^2", "id": …}
        try:
            said = json.loads(attribute(tag, "data-attrs"))
        except ValueError:
            return ""
        return str(said.get("persistentExpression", "")) if isinstance(said, dict) else ""
    if tag.name in {"d-math", "math-renderer"} or "katex-error" in marks:
        return tag.get_text()
    holders = [tag, *elements(tag)[:4]] if tag.name == "mjx-container" else [tag]
    said = [attribute(holder, name) for holder in holders for name in _SOURCES]
    said.append(attribute(tag, "data-value") if "ql-formula" in marks else "")
    return next(filter(may_be_maths, said), "")


def _displayed(tag: Tag) -> bool:
    """Say whether a formula stands on a line of its own, as it says itself or as what holds it does."""
    math = [tag, *elements(tag, {"math"})][-1] if tag.name != "math" else tag
    if attribute(math, "display") == "block" or attribute(math, "mode") == "display":
        return True
    if (
        attribute(tag, "display") in {"true", "block"}
        or "block" in tag.attrs
        or not {"latex-rendered", "js-display-math"}.isdisjoint(tokens(tag))
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
        formula = read_tex(source, display=display, macros=draft.macros)
        place_formula(draft, tag, formula, source, display=display)
    elif kind.startswith("math/mml"):
        math = next(iter(elements(parse(source), {"math"})), None)
        formula = read_mathml(math, display=display) if math is not None else None
        place_formula(draft, tag, formula, collapse(source), display=display)
    else:
        draft.change(tag, "code", collapse(source))


def _take_marked(draft: Draft, tag: Tag) -> None:
    """Read TeX that only a class tells from text; what stands between delimiters is read later."""
    holder = tag.parent
    if tag.name == "code" and holder is not None and holder.name == "pre" and len(elements(holder)) == 1:
        tag = holder
    if inside(tag, VERBATIM):
        return
    tex = tag.get_text().strip()
    marks = {*tokens(tag), *(name for part in elements(tag) for name in tokens(part))}
    display = tag.name in {"div", "pre"} or not _MARKED_DISPLAY.isdisjoint(marks)
    if attribute(tag, "data-math-style"):
        display = attribute(tag, "data-math-style") == "display"
    formula = read_tex(tex, display=display, macros=draft.macros)
    if formula is not None or is_tex(tex):
        place_formula(draft, tag, formula, tex, display=display)


def place_formula(
    draft: Draft, tag: Tag, formula: Formula | None, source: str, *, display: bool, words: str = ""
) -> None:
    """Make ``tag`` the formula, or its source as code where the formula cannot be read.

    ``words`` is the text of the article that it stands for, if that is not the element's own.
    """
    if formula is not None:
        formula_element(draft, tag, formula, display=display, source=words)
    elif only_defines(source):
        draft.drops.append(Drop("keep_maths", "defines macros", count_words(words or text_of(tag))))
        draft.vanish(tag)
    elif source.strip():
        draft.unread_formula(source)
        draft.change(tag, "code", collapse(source), **{"class": "formula"})


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
    link = tag.parent
    if link is not None and link.name == "a" and _SERVER.match(attribute(link, "href")):
        draft.change(link, "span")


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
