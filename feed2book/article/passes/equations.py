"""Equations with a number beside them: the number becomes part of the formula, and links to it go on."""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.tex import numbered
from feed2book.article.text import collapse
from feed2book.article.tree import attached, attribute, elements, text_of, tokens
from feed2book.article.vocabulary import names

# LaTeXML sets equations as tables; QuickLaTeX, Sphinx and LaTeXML name the number.
_TABLES = names("ltx_equation ltx_equationgroup ltx_eqn_table eqnarray")
_NUMBERS = names("ql-right-eqno ql-left-eqno eqno ltx_tag_equation ltx_tag_equationgroup equation-number")
_NUMBER = re.compile(r"\(?\s*([\w.\-*†]{1,12})\s*\)?\s*¶?")
_FAR = 5  # levels up: in LaTeXML a row of a table is between


def open_equation_tables(draft: Draft) -> None:
    """Make lines of the tables that only set equations."""
    for table in draft.elements({"table"}):
        if _TABLES.isdisjoint(tokens(table)):
            continue
        for tag in elements(table, {"tbody", "thead", "tr", "td", "th"}):
            draft.rename(tag, "div" if tag.name in {"tbody", "thead", "tr"} else "span")
        draft.rename(table, "div")


def number_equations(draft: Draft) -> None:
    """Put the number that stands beside a displayed formula into it."""
    if not draft.formulas:
        return
    holders = _holders(draft)
    for tag in draft.elements({"span", "td", "div"}):
        if "class" not in tag.attrs or _NUMBERS.isdisjoint(tokens(tag)) or not attached(tag, draft.root):
            continue
        said = _NUMBER.fullmatch(collapse(text_of(tag)))
        formula = _formula_beside(tag, holders) if said else None
        if said and formula is not None:
            place = int(attribute(formula, "n"))
            draft.formulas[place] = numbered(draft.formulas[place], said[1])
            formula.attrs["alt"] = draft.formulas[place].alt
            draft.vanish(tag)
            draft.rename(tag, "span")  # no line of its own is left behind


def _holders(draft: Draft) -> dict[int, list[Tag]]:
    """Return the displayed formulas in each element that is near around them, by the element's ``id()``."""
    holders: dict[int, list[Tag]] = {}
    for math in draft.elements({"math"}):
        if attribute(math, "kind") == "block":
            for parent, _ in zip(math.parents, range(_FAR), strict=False):
                holders.setdefault(id(parent), []).append(math)
    return holders


def _formula_beside(tag: Tag, holders: dict[int, list[Tag]]) -> Tag | None:
    """Return the one displayed formula in what is around ``tag``."""
    for parent, _ in zip(tag.parents, range(_FAR), strict=False):
        if parent.name in {"body", "html"}:
            return None
        found = holders.get(id(parent), [])
        if found:
            return found[0] if len(found) == 1 else None
    return None
