"""TeX → :class:`~feed2book.models.Formula`, and MathML → the same, for what can be read."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.formula_text import is_linear, linear
from feed2book.article.mathml import MAX_DEPTH, TooLargeError, sanitise, spell
from feed2book.article.text import collapse, legible
from feed2book.article.vocabulary import names
from feed2book.models import Formula

MAX_LENGTH = 2000  # characters of one formula

_WRAPPED = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_UNWANTED = re.compile(r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])|(?<!\\)%[^\n]*\n")
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")
_ROWS = re.compile(
    r"\\(begin|end)\s*\{(?:align|aligned|alignat|alignedat|eqnarray|flalign|multline|gather|gathered)\*?\}"
)
_ALIGNAT = re.compile(r"(\\begin\s*\{aligne?d?at\*?\})\s*\{\d+\}")
_ALONE = re.compile(r"\\(?:begin|end)\s*\{(?:equation|displaymath|math)\*?\}")
_DEFINES = re.compile(r"\\(?:re|provide)?(?:newcommand|def|gdef|edef|let|DeclareMathOperator)(?![A-Za-z])")


def tidy(tex: str) -> str:
    """Return TeX on one line without its delimiters."""
    tex = collapse(legible(_COMMENT.sub("\n", tex)))
    for start, end in _WRAPPED:
        if tex.startswith(start) and tex.endswith(end) and len(tex) > len(start + end):
            return tex[len(start) : -len(end)].strip()
    return tex


_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n")


@lru_cache(maxsize=4096)
def read_tex(tex: str, *, display: bool) -> Formula | None:
    """Return the formula that TeX stands for, or None when it cannot be read.

    Macros that a formula defines are not read: they can grow without end.
    """
    tex = tidy(tex)
    if not tex or len(tex) > MAX_LENGTH or _DEFINES.search(tex):
        return None
    from latex2mathml.converter import Converter

    try:
        tree = Converter(display="block" if display else "inline").convert_to_element(_prepared(tex))
        _resolve(tree)
        clean = sanitise(tree)
    # The converter raises almost anything on odd input (IndexError, AssertionError, its own errors …).
    except Exception:  # noqa: BLE001
        return None
    if any((element.text or "").startswith("\\") and len(element.text or "") > 1 for element in clean.iter()):
        return None  # a command that the converter does not know
    _set_limits(clean)
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


def _prepared(tex: str) -> str:
    """Return TeX in the words that the converter knows."""
    tags = _TAG.findall(tex)
    tex = _TAG.sub("", _UNWANTED.sub("", tex))
    tex = _ALONE.sub("", _ROWS.sub(r"\\\1{align*}", _ALIGNAT.sub(r"\1", tex)))
    tex = re.sub(r"\\operatorname\s*\*", r"\\operatorname", tex)
    tex = re.sub(r"\\(?:mathop|mathrel|mathbin|mathord)\s*(?=\{)", "", tex)
    tex = re.sub(r"\\(?:text|math)rm\s*\{", r"\\mathrm {", tex) if "\\text" not in tex else tex
    return tex + "".join(rf"\qquad\text{{({tag})}}" for tag in tags[:1])


def _resolve(tree: Element) -> None:
    """Spell the characters that the converter writes as references."""
    for element in tree.iter():
        element.text = html.unescape(element.text) if element.text else element.text


_LIMITED = names("∑ ∏ ∐ ⋀ ⋁ ⋂ ⋃ ⨀ ⨁ ⨂ ⨄ ⨆ lim max min sup inf det gcd Pr plim") | {
    "arg\u2009max",
    "arg\u2009min",
    "lim\u2006sup",
    "lim\u2006inf",
}
_AROUND = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}


def _set_limits(math: Element) -> None:
    """Let the limits of sums and the like stand below and above, where the formula is displayed.

    The converter writes them as scripts, which never move.
    """
    for element in math.iter():
        if element.tag in _AROUND and element[0].text in _LIMITED:
            element.tag = _AROUND[str(element.tag)]
            element[0].tag = "mo"
            element[0].set("movablelimits", "true")


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
