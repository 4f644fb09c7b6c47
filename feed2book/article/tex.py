"""TeX → :class:`~feed2book.models.Formula`, and MathML → the same, for what can be read."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from html import escape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.formula_text import is_linear, linear
from feed2book.article.mathml import MAX_DEPTH, NAMESPACE, TooLargeError, sanitise, spell
from feed2book.article.tex_macros import DEFINES, Macros, expand, read_definitions
from feed2book.article.tex_source import prepare
from feed2book.article.tex_tree import mend, resolve
from feed2book.article.text import collapse, legible
from feed2book.models import Formula

MAX_LENGTH = 2000  # characters of one formula

_WRAPPED = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))


def tidy(tex: str) -> str:
    """Return TeX on one line without its delimiters and its comments."""
    tex = legible(tex).strip()
    if "%" in tex:
        tex = _COMMENT.sub("\n", _CDATA.sub("", tex))
    tex = collapse(tex)
    if tex in _EMPTY:
        return ""
    for start, end in _WRAPPED:
        if tex.startswith(start) and tex.endswith(end) and len(tex) > len(start + end):
            return tex[len(start) : -len(end)].strip()
    return tex


_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n")
_CDATA = re.compile(r"^%\s*(?:<!\[CDATA\[)?|(?<!\\)%\s*(?:\]\]>)?$")  # how kramdown hides TeX from XML
_EMPTY = frozenset({"$$", "$$$$", "\\(\\)", "\\[\\]"})


def read_tex(tex: str, *, display: bool, macros: Macros | None = None) -> Formula | None:
    """Return the formula that TeX stands for, or None when it cannot be read.

    Args:
        tex: with or without its delimiters.
        display: whether it stands on a line of its own.
        macros: what the article defines; a formula can define more for itself.
    """
    if len(tex) > MAX_LENGTH:
        return None
    known = dict(macros or {})
    if DEFINES.search(tex):
        own, tex = read_definitions(tex)
        known |= own
    whole = expand(tidy(tex), known)
    return _read(whole, display=display) if whole and len(whole) <= MAX_LENGTH else None


def only_defines(tex: str) -> bool:
    """Say whether there is nothing in TeX but definitions of macros."""
    return bool(DEFINES.search(tex)) and not tidy(read_definitions(tex)[1])


@lru_cache(maxsize=4096)
def _read(tex: str, *, display: bool) -> Formula | None:
    from latex2mathml.converter import Converter

    try:
        tree = Converter(display="block" if display else "inline").convert_to_element(prepare(tex))
        resolve(tree)
        clean = sanitise(tree)
        mend(clean)
    # The converter raises almost anything on odd input (IndexError, AssertionError, its own errors …).
    except Exception:  # noqa: BLE001
        return None
    if any((element.text or "").startswith("\\") and len(element.text or "") > 1 for element in clean.iter()):
        return None  # a command that the converter does not know
    return _formula(clean, tex, display=display)


def read_mathml(math: Tag, *, display: bool) -> Formula | None:
    """Return the formula of a ``math`` element, or None when there is nothing in it that can be shown."""
    tex = tidy(_annotated(math) or str(math.attrs.get("alttext") or ""))[:MAX_LENGTH]
    try:
        clean = sanitise(_element(math, 0))
    except (TooLargeError, RecursionError):
        return read_tex(tex, display=display) if tex else None
    if not linear(clean):
        return read_tex(tex, display=display) if tex else None
    return _formula(clean, tex, display=display)


def _formula(math: Element, tex: str, *, display: bool) -> Formula:
    alt = linear(math) if is_linear(math) or not tex else tex
    return Formula(tex, spell(math, alt or tex, display=display), alt or tex, display)


def in_a_line(formula: Formula) -> str:
    """Return the formula in signs and letters, as a title says it."""
    return linear(ElementTree.fromstring(formula.mathml.replace(f' xmlns="{NAMESPACE}"', "", 1)))  # noqa: S314 (ours)


def numbered(formula: Formula, number: str) -> Formula:
    """Return the formula with its number in the text behind it."""
    inner = formula.mathml.partition(">")[2].removesuffix("</math>")
    label = f'<mspace width="2em"/><mtext>({escape(number)})</mtext>'
    return replace(
        formula,
        tex=f"{formula.tex} \\tag{{{number}}}" if formula.tex else "",
        mathml=f"{formula.mathml[: -len(inner) - len('</math>')]}<mrow>{inner}{label}</mrow></math>",
        alt=f"{formula.alt} ({number})",
    )


def _annotated(math: Tag) -> str:
    for note in math.find_all("annotation"):
        if "tex" in str(note.attrs.get("encoding", "")).lower():
            return str(note.get_text())
    return ""


def _element(node: Tag, depth: int) -> Element:
    """Return a tree of our own for the parser's, which knows no namespaces."""
    if depth > MAX_DEPTH:
        raise TooLargeError
    element = Element(node.name.rpartition(":")[2], {name: str(value) for name, value in node.attrs.items()})
    last: Element | None = None
    for child in node.contents:
        last = _append(element, last, child, depth)
    return element


def _append(element: Element, last: Element | None, child: PageElement, depth: int) -> Element | None:
    if isinstance(child, Tag):
        last = _element(child, depth + 1)
        element.append(last)
    elif isinstance(child, NavigableString):
        if last is None:
            element.text = (element.text or "") + str(child)
        else:
            last.tail = (last.tail or "") + str(child)
    return last
