r"""Formulas in text: ``\(…\)``, ``\[…\]``, ``$$…$$``, ``$latex …$``, environments, and careful ``$…$``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.passes.maths import VERBATIM, formula_element
from feed2book.article.tex import MAX_LENGTH, read_tex
from feed2book.models import Formula

_BREAK = "\ufdd2"  # stands for a <br> in a run of text; no text has it (see article/text.py)
_LONGEST_INLINE = 400  # characters between single dollars

_ENVIRONMENTS = "align|alignat|aligned|cases|displaymath|eqnarray|equation|flalign|gather|multline|split"
_OPENER = re.compile(
    rf"(?<!\\)(?:\\\(|\\\[|\\begin\{{((?:{_ENVIRONMENTS})\*?)\}}|\$\$|\$latex(?=[\s\\{{{_BREAK}])|\$)"
)
_CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$latex": "$"}

# TeX that nothing else is: a command, a braced script, or a script on a single letter.
_COMMAND = re.compile(r"\\[A-Za-z]{2,}|[_^]\{")
_SCRIPT = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][_^][A-Za-z0-9{\\(]|[)}\]][_^]")
_GROUPED = re.compile(
    r"\\(?:text|mathrm|mathit|mathbf|operatorname|mbox|textit|textbf|rm|label|begin|end)\s*\*?\s*\{+[^{}]*\}+"
)
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")
_SIGN = re.compile(r"[=<>+\-*/^_(){}\\|]|[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class _Found:
    """TeX in a run of text: where, what, how delimited."""

    start: int
    end: int
    tex: str
    opener: str

    @property
    def display(self) -> bool:
        return self.opener not in {"\\(", "$", "$latex"}


def read_delimited(draft: Draft) -> None:
    """Turn TeX between delimiters into formulas, never in code.

    Single dollars count only in an article that surely writes its formulas so, and only around what
    can be a formula: amounts of money are not.
    """
    parents = [tag for tag in draft.elements() if tag.name not in VERBATIM | {"math"} and _may_hold(tag)]
    parents = [tag for tag in [draft.root, *parents] if not any(up.name in VERBATIM for up in tag.parents)]
    runs = [(parent, run, _text(run)) for parent in parents for run in _runs(parent)]
    runs = [(parent, run, text) for parent, run, text in runs if "$" in text or "\\" in text]
    dollars = _uses_dollars(draft, [text for _, _, text in runs])
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
    return any(
        isinstance(child, NavigableString) and ("$" in child or "\\" in child) for child in tag.contents
    )


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
    return "".join(_BREAK if isinstance(node, Tag) else str(node) for node in run)


def _uses_dollars(draft: Draft, texts: list[str]) -> bool:
    """Say whether the article sets its formulas between single dollars."""
    inner = [found.tex for text in texts for found in _find(text, dollars=True) if found.opener == "$"]
    if any(_COMMAND.search(tex) for tex in inner):
        return True
    scripts = sum(bool(_SCRIPT.search(tex)) for tex in inner)
    return scripts > 1 or (bool(inner) and bool(draft.formulas))


def _find(text: str, *, dollars: bool) -> Iterator[_Found]:
    at = 0
    while match := _OPENER.search(text, at):
        found = _match(text, match, dollars=dollars)
        at = found.end if found else match.end()
        if found:
            yield found


def _match(text: str, match: re.Match[str], *, dollars: bool) -> _Found | None:
    opener, start = match[0], match.end()
    if match[1]:
        closer = f"\\end{{{match[1]}}}"
        end = text.find(closer, start, start + MAX_LENGTH)
        return (
            _Found(match.start(), end + len(closer), text[match.start() : end + len(closer)], "env")
            if end >= 0
            else None
        )
    if opener == "$":
        return _single(text, match.start()) if dollars else None
    closer = _CLOSERS[opener]
    end = text.find(closer, start, start + MAX_LENGTH)
    tex = text[start:end]
    if end < 0 or (opener == "$$" and not _may_be_maths(tex)):
        return None
    return _Found(match.start(), end + len(closer), tex, opener)


def _single(text: str, at: int) -> _Found | None:
    """Return what stands between single dollars, by the rule that nobody writes a formula's ends blank."""
    end = text.find("$", at + 1, at + _LONGEST_INLINE)
    tex = text[at + 1 : end]
    if end < 0 or not tex or tex[0].isspace() or tex[-1].isspace() or tex[-1] == "\\" or _BREAK in tex:
        return None
    if text[end + 1 : end + 2].isalnum() or text[at - 1 : at].isalnum() or not _may_be_maths(tex):
        return None
    return _Found(at, end + 1, tex, "$")


def _may_be_maths(tex: str) -> bool:
    """Say whether ``tex`` reads as a formula: a sign or a single letter, and no plain words."""
    bare = _GROUPED.sub("", tex)
    words = len(_PROSE.findall(bare))
    if _COMMAND.search(tex) or _SCRIPT.search(tex):
        return words <= 4
    return words == 0 and (
        bool(_SIGN.search(bare.strip())) or len(bare.strip()) == 1 or bare.strip().isdecimal()
    )


def _replaced(draft: Draft, text: str, *, dollars: bool) -> list[PageElement]:
    """Return the nodes that stand for a run with formulas in it; none where there is no formula."""
    pieces: list[PageElement] = []
    at = 0
    for found in _find(text, dollars=dollars):
        tex = found.tex.replace(_BREAK, "\n")
        formula = read_tex(tex, display=found.display)
        if formula is None and not _is_certain(found):
            continue
        pieces += [
            *_nodes(draft, text[at : found.start]),
            _element(draft, formula, tex, text[found.start : found.end], display=found.display),
        ]
        at = found.end
    return [*pieces, *_nodes(draft, text[at:])] if pieces else []


def _is_certain(found: _Found) -> bool:
    """Say whether what cannot be read is a formula nonetheless."""
    return found.opener != "$" and bool(_COMMAND.search(found.tex))


def _nodes(draft: Draft, text: str) -> Iterator[PageElement]:
    for number, line in enumerate(text.split(_BREAK)):
        if number:
            yield draft.new("br")
        if line:
            yield NavigableString(line)


def _element(draft: Draft, formula: Formula | None, tex: str, source: str, *, display: bool) -> Tag:
    element = draft.new("code")
    if formula is None:
        draft.unread_formula(tex)
        draft.change(element, "code", " ".join(tex.split()), **{"class": "formula"})
    else:
        formula_element(draft, element, formula, display=display, source=source)
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
