"""MathML that is safe and valid, whatever came: an allow-list of elements, attributes and values.

What a converter wrote and what stood in a feed go the same way. Elements and attributes that only some
reading systems know are spelled as MathML Core has them (``mathvariant`` as the letters themselves,
``mfenced`` as its brackets).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from html import escape
from xml.etree.ElementTree import Element

from feed2book.article.text import collapse, legible
from feed2book.article.vocabulary import names

MAX_ELEMENTS = 3000
MAX_DEPTH = 60
NAMESPACE = "http://www.w3.org/1998/Math/MathML"

TOKENS = names("mi mn mo mtext ms")
_GROUPS = names("mstyle mpadded mphantom msqrt menclose mtd merror")
ARITY = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "msubsup": 3,
    "munderover": 3,
}
_EMPTY_GROUPS = names("mstyle mpadded menclose")  # which are nothing without an attribute
_UNSEEN = names("annotation annotation-xml mprescripts none maligngroup malignmark mglyph script style")
_HOLDS = {"mtable": "mtr", "mtr": "mtd", "mlabeledtr": "mtd"}
_FIRST_ONLY = names("semantics maction")

_LENGTH = re.compile(r"[+-]?(\d{1,4}(?:\.\d{1,6})?|\.\d{1,6})(em|ex|px|pt|%|cm|mm|in|pc)?")
_MOST = {
    "em": 20.0,
    "ex": 40.0,
    "px": 300.0,
    "pt": 300.0,
    "%": 500.0,
    "cm": 8.0,
    "mm": 80.0,
    "in": 3.0,
    "pc": 20.0,
    "": 20.0,
}
_NAMED = {
    "veryverythin": 1,
    "verythin": 2,
    "thin": 3,
    "medium": 4,
    "thick": 5,
    "verythick": 6,
    "veryverythick": 7,
}
_SIDES = re.compile(r"(?:left|center|right)(?: (?:left|center|right)){0,49}")
_LINES = re.compile(r"(?:none|solid|dashed)(?: (?:none|solid|dashed)){0,49}")
_NOTATION = (
    r"(?:box|roundedbox|circle|left|right|top|bottom|updiagonalstrike|downdiagonalstrike|verticalstrike"
    r"|horizontalstrike|actuarial|madruwb|radical|longdiv)"
)
_NOTATIONS = re.compile(rf"{_NOTATION}(?: {_NOTATION}){{0,5}}")


def _one_of(pattern: str) -> Callable[[str], str]:
    expected = re.compile(pattern)
    return lambda value: value if expected.fullmatch(value) else ""


def _length(value: str) -> str:
    sign, name = ("-", value[8:]) if value.startswith("negative") else ("", value)
    if name.endswith("mathspace") and name[:-9] in _NAMED:
        return f"{sign}{_NAMED[name[:-9]] / 18:.3f}em"
    match = _LENGTH.fullmatch(value)
    return value if match and float(match[1]) <= _MOST[match[2] or ""] else ""


def _lengths(value: str) -> str:
    parts = [_length(part) for part in value.split()[:50]]
    return " ".join(parts) if all(parts) else ""


_flag, _count = _one_of("true|false"), _one_of("[1-9][0-9]?")
_CHECKS: dict[str, dict[str, Callable[[str], str]]] = {
    "mo": {
        **dict.fromkeys(("fence", "largeop", "movablelimits", "separator", "stretchy", "symmetric"), _flag),
        **dict.fromkeys(("lspace", "rspace", "minsize", "maxsize"), _length),
        "form": _one_of("prefix|infix|postfix"),
    },
    "mspace": dict.fromkeys(("width", "height", "depth"), _length),
    "mpadded": dict.fromkeys(("width", "height", "depth", "lspace", "voffset"), _length),
    "mfrac": {"linethickness": _length, "bevelled": _flag},
    "mstyle": {"displaystyle": _flag, "scriptlevel": _one_of(r"[+-]?\d")},
    "mover": {"accent": _flag},
    "munder": {"accentunder": _flag},
    "munderover": {"accent": _flag, "accentunder": _flag},
    "menclose": {"notation": lambda value: value if _NOTATIONS.fullmatch(value) else ""},
    "mtable": {
        "columnalign": lambda value: value if _SIDES.fullmatch(value) else "",
        "columnlines": lambda value: value if _LINES.fullmatch(value) else "",
        "rowlines": lambda value: value if _LINES.fullmatch(value) else "",
        "columnspacing": _lengths,
        "rowspacing": _lengths,
        "displaystyle": _flag,
    },
    "mtd": {"columnalign": _one_of("left|center|right"), "columnspan": _count, "rowspan": _count},
}


class TooLargeError(ValueError):
    """A formula that is too large or too deep to be one."""


def sanitise(math: Element) -> Element:
    """Return what ``math`` holds as valid MathML without anything that is not on the list.

    Raises:
        TooLargeError: it has too many elements, or they are nested too deeply.
    """
    if sum(1 for _ in math.iter()) > MAX_ELEMENTS:
        raise TooLargeError
    clean = Element("math")
    clean.append(_row(_children(math, 0)))
    return clean


def _children(source: Element, depth: int) -> list[Element]:
    """Return the clean children of an element; text that stands among them becomes ``mtext``."""
    if depth > MAX_DEPTH:
        raise TooLargeError
    found = _loose(source.text)
    for child in source:
        element = _clean(child, depth + 1)
        found += [] if element is None else [element]
        found += _loose(child.tail)
    return found


def _loose(text: str | None) -> list[Element]:
    return [_token("mtext", collapse(text))] if text and collapse(text) else []


def _token(name: str, text: str) -> Element:
    element = Element(name)
    element.text = text
    return element


def _row(children: Sequence[Element]) -> Element:
    """Return the one child, or a row of all."""
    if len(children) == 1:
        return children[0]
    row = Element("mrow")
    row.extend(children)
    return row


def _clean(source: Element, depth: int) -> Element | None:
    name = str(source.tag).rpartition("}")[2].lower()
    if name in _UNSEEN:
        return None
    if name in TOKENS:
        return _clean_token(source, name)
    if name in _FIRST_ONLY:
        first = next(iter(source), None)
        return None if first is None else _clean(first, depth + 1)
    children = _children(source, depth)
    if name in _REBUILT:
        return _REBUILT[name](source, children)
    element = Element("mtr" if name == "mlabeledtr" else name)
    if name in _HOLDS:
        element.extend(_held(child, _HOLDS[name]) for child in children)
    elif name in _GROUPS or ARITY.get(name) == len(children):
        element.extend(children)
    elif name != "mspace":
        return _row(children)
    element = _attributed(source, element)
    return _row(children) if name in _EMPTY_GROUPS and not element.attrib else element


def _held(child: Element, name: str) -> Element:
    """Return ``child`` as the ``name`` that its parent must hold."""
    if child.tag == name:
        return child
    holder = Element(name)
    holder.append(_held(child, "mtd") if name == "mtr" else child)
    return holder


def _attributed(source: Element, element: Element) -> Element:
    for name, check in _CHECKS.get(str(element.tag), {}).items():
        value = check((source.get(name) or "").strip().lower())
        if value:
            element.set(name, value)
    return element


def _clean_token(source: Element, name: str) -> Element | None:
    text = "".join(source.itertext())
    text = legible(text).replace("\n", " ") if name == "mtext" else collapse(legible(text))
    if not text:
        return None if name == "mtext" else _attributed(source, Element(name))
    variant = (source.get("mathvariant") or "").strip().lower()
    element = _token(name, text)
    if variant == "normal":
        if name == "mi" and len(text) == 1:
            element.set("mathvariant", "normal")
    elif variant and name != "mtext":
        element.text = "".join(_styled(letter, variant) for letter in text)
    return _attributed(source, element)


def _styled(letter: str, variant: str) -> str:
    """Return the mathematical letter that ``mathvariant`` makes of a plain one."""
    try:
        kind, size, name = _LETTER.match(unicodedata.name(letter)).groups()  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        return letter
    what = f"DIGIT {name}" if kind == "DIGIT" else f"{size} {name}"
    style = (
        variant.replace("-", " ")
        .upper()
        .replace("DOUBLE STRUCK", "DOUBLE-STRUCK")
        .replace("SANS SERIF", "SANS-SERIF")
    )
    for candidate in (f"MATHEMATICAL {style} {what}", f"{style.replace('FRAKTUR', 'BLACK-LETTER')} {what}"):
        try:
            return unicodedata.lookup(candidate)
        except KeyError:
            continue
    return letter


_LETTER = re.compile(r"(LATIN|GREEK|DIGIT) (?:(SMALL|CAPITAL) LETTER )?(\w+)$")


def _fenced(source: Element, children: Sequence[Element]) -> Element:
    row = Element("mrow")
    row.append(_token("mo", source.get("open") or "("))
    separators = collapse(source.get("separators") or ",")
    for number, child in enumerate(children):
        if number:
            row.append(_token("mo", separators[min(number, len(separators)) - 1]))
        row.append(child)
    row.append(_token("mo", source.get("close") or ")"))
    return row


def _scripted(source: Element, children: Sequence[Element]) -> Element:
    """Return ``mmultiscripts`` as a base with its scripts, those before it on an empty base."""
    marks = [str(child.tag).rpartition("}")[2].lower() for child in source]
    rest = iter(children)
    shown = [None if mark in _UNSEEN else next(rest, None) for mark in marks]
    at = marks.index("mprescripts") if "mprescripts" in marks else len(marks)
    row = Element("mrow")
    row.extend(_pairs(Element("mrow"), shown[at + 1 :]))
    row.extend(_pairs(shown[0] if shown and shown[0] is not None else Element("mrow"), shown[1:at]))
    return row


def _pairs(base: Element, scripts: Sequence[Element | None]) -> Iterable[Element]:
    if not scripts:
        return [base] if len(base) or base.text else []
    found = []
    for number in range(0, len(scripts), 2):
        pair = [script if script is not None else Element("mrow") for script in scripts[number : number + 2]]
        element = Element("msubsup" if len(pair) == 2 else "msub")
        element.extend([base, *pair])
        found.append(element)
        base = Element("mrow")
    return found


_REBUILT: dict[str, Callable[[Element, Sequence[Element]], Element]] = {
    "mrow": lambda _, children: _row(children),
    "mfenced": _fenced,
    "mmultiscripts": _scripted,
}


def spell(math: Element, alt: str, *, display: bool) -> str:
    """Return the element as markup, with its namespace and what a voice says for it."""
    style = ' display="block"' if display else ""
    inner = "".join(map(_spelled, math))
    return f'<math xmlns="{NAMESPACE}"{style} alttext="{escape(alt)}">{inner}</math>'


def _spelled(element: Element) -> str:
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in sorted(element.attrib.items()))
    inner = escape(element.text or "", quote=False) + "".join(map(_spelled, element))
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>" if inner else f"<{element.tag}{attributes}/>"
