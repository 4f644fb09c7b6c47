"""Formulas in text, between delimiters (see tex_delimiters.py)."""

from __future__ import annotations

from collections.abc import Iterator

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.passes.maths import VERBATIM, place_formula
from feed2book.article.tex import read_tex
from feed2book.article.tex_delimiters import BREAK, find, may_hold_tex, uses_dollars
from feed2book.article.tree import text_of
from feed2book.models import Formula

_UNREAD = VERBATIM | {"math"}


def read_delimited(draft: Draft) -> None:
    """Turn TeX between delimiters into formulas, never in code.

    Single dollars count only in an article that surely writes its formulas so, and only around what
    can be a formula: amounts of money are not.
    """
    if not may_hold_tex(text_of(draft.root)):
        return
    parents = [tag for tag in draft.elements() if tag.name not in _UNREAD and _may_hold(tag)]
    parents = [tag for tag in [draft.root, *parents] if not any(up.name in VERBATIM for up in tag.parents)]
    runs = [(parent, run, _text(run)) for parent in parents for run in _runs(parent)]
    runs = [(parent, run, text) for parent, run, text in runs if may_hold_tex(text)]
    dollars = uses_dollars([text for _, _, text in runs], formulas=bool(draft.formulas))
    changed: dict[int, tuple[Tag, dict[int, list[PageElement]], set[int]]] = {}
    for parent, run, text in runs:
        pieces = _replaced(draft, text, dollars=dollars)
        if pieces:
            _, firsts, gone = changed.setdefault(id(parent), (parent, {}, set()))
            firsts[id(run[0])] = pieces
            gone |= {id(node) for node in run}
    for parent, firsts, gone in changed.values():
        _rebuild(parent, firsts, gone)


def _may_hold(tag: Tag) -> bool:
    return any(isinstance(child, NavigableString) and may_hold_tex(child) for child in tag.contents)


def _runs(parent: Tag) -> Iterator[list[PageElement]]:
    """Yield what stands side by side below ``parent`` and is text or a line break."""
    run: list[PageElement] = []
    for child in parent.contents:
        if isinstance(child, NavigableString) or (isinstance(child, Tag) and child.name == "br"):
            run.append(child)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _text(run: list[PageElement]) -> str:
    return "".join(BREAK if isinstance(node, Tag) else str(node) for node in run)


def _replaced(draft: Draft, text: str, *, dollars: bool) -> list[PageElement]:
    """Return the nodes that stand for a run with formulas in it; none where there is no formula."""
    pieces: list[PageElement] = []
    at = 0
    for found in find(text, dollars=dollars):
        tex = found.tex.replace(BREAK, "\n")
        formula = read_tex(tex, display=found.display, macros=draft.macros)
        if formula is None and not found.certain:
            continue
        pieces += [
            *_nodes(draft, text[at : found.start]),
            _element(draft, formula, tex, text[found.start : found.end], display=found.display),
        ]
        at = found.end
    return [*pieces, *_nodes(draft, text[at:])] if pieces else []


def _nodes(draft: Draft, text: str) -> Iterator[PageElement]:
    for number, line in enumerate(text.split(BREAK)):
        if number:
            yield draft.new("br")
        if line:
            yield NavigableString(line)


def _element(draft: Draft, formula: Formula | None, tex: str, source: str, *, display: bool) -> Tag:
    element = draft.new("span")
    place_formula(draft, element, formula, tex, display=display, words=source)
    return element


def _rebuild(parent: Tag, firsts: dict[int, list[PageElement]], gone: set[int]) -> None:
    """Put the new nodes in the places of the old ones, all of the parent at once (see tree.py)."""
    kept: list[PageElement] = []
    for child in parent.contents:
        if id(child) in firsts:
            kept += firsts[id(child)]
        elif id(child) not in gone:
            kept.append(child)
    parent.clear()
    parent.extend(kept)
