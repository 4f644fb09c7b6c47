"""A formula as one line of text: for a voice, for a heading in the contents, for mail."""

from __future__ import annotations

import unicodedata
from xml.etree.ElementTree import Element

from feed2book.article.mathml import ARITY, TOKENS
from feed2book.article.text import collapse

_PLAIN = TOKENS | {"math", "mrow", "mspace", "mstyle", "mpadded"}
_RELATIONS = frozenset("=<>≤≥≠≈≡∼∝∈→←⇒⇔↦:")


def is_linear(math: Element) -> bool:
    """Say whether the formula is a mere line of letters and signs."""
    return all(element.tag in _PLAIN for element in math.iter())


def linear(element: Element) -> str:
    """Return the formula as one line of text, fractions, scripts and roots written with signs."""
    return collapse(_plain_letters(_line(element)))


def _plain_letters(text: str) -> str:
    """Return ``text`` without mathematical alphabets of the astral plane: few fonts of text have them."""
    return "".join(
        unicodedata.normalize("NFKC", sign) if "\U0001d400" <= sign <= "\U0001d7ff" else sign for sign in text
    )


def _line(element: Element) -> str:
    name, parts = str(element.tag), [_line(child) for child in element]
    text = element.text or ""
    if name == "mo":
        return f" {text} " if text in _RELATIONS else "" if text in _INVISIBLE else text
    if name in TOKENS:
        return text
    if name == "mspace":
        return " " if not (element.get("width") or "-").startswith("-") else ""
    if name in {"mtr", "mtable"}:
        return ("; " if name == "mtable" else " ").join(parts)
    if name in {"mover", "munder"} and len(parts) == 2 and len(parts[1]) == 1 and not parts[1].isalnum():
        return "".join(parts)  # an accent
    if name in _SIGNS and len(parts) == ARITY.get(name, 1):
        return parts[0] + "".join(
            sign + _grouped(part) for sign, part in zip(_SIGNS[name], parts[1:], strict=True) if part
        )
    if name == "mfrac":
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    return f"√{_grouped(''.join(parts))}" if name == "msqrt" else "".join(parts)


_INVISIBLE = frozenset("\u2061\u2062\u2063\u2064")
_SIGNS = {
    "msub": "_",
    "msup": "^",
    "msubsup": "_^",
    "munder": "_",
    "mover": "^",
    "munderover": "_^",
}


def _grouped(text: str) -> str:
    text = text.strip()
    return text if len(text) < 2 or text.isalnum() else f"({text})"
