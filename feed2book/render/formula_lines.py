"""A formula that is wider than the page, in several lines, broken where a printer would break it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from xml.etree.ElementTree import Element

# Before a relation, or before a sign that adds
_RELATIONS = frozenset("=≠≈≡≤≥<>∼≃≅⟹⇒⇔⟺→↦≔∝⊆⊂") | {":="}
_SIGNS = frozenset("+−±∓∪∩∧∨⊕")
_MOST_PARTS = 40
_INDENT = "2em"
_AROUND_SIGN = 0.56  # em around a sign between two terms; before a first term it has none


def break_lines(math: Element, width: Callable[[Element], float], widest: float) -> Element | None:
    """Return the formula as a table of lines, or None when there is no place to break it.

    Args:
        math: the ``math`` element.
        width: tells how wide a ``math`` element would be, in em.
        widest: how wide a line may be, in em.
    """
    parts = _parts(list(_row(math)))
    if not 1 < len(parts) <= _MOST_PARTS:
        return None
    lines: list[list[Element]] = []
    used = 0.0
    for part in parts:
        size = width(_math(part)) + _AROUND_SIGN
        if lines and used + size <= widest - (2.0 if len(lines) > 1 else 0.0):
            lines[-1] += part
            used += size
        else:
            lines.append(list(part))
            used = size
    return _table(lines) if len(lines) > 1 else None


def _row(math: Element) -> Element:
    """Return what holds the signs of the formula: rows and styles around everything are no parts."""
    row = math
    while len(row) == 1 and row[0].tag in {"mrow", "mstyle"}:
        row = row[0]
    return row


def _parts(children: list[Element]) -> list[list[Element]]:
    """Return the formula in parts, each but the first with the sign before it."""
    parts: list[list[Element]] = [[]]
    for child in children:
        sign = child.tag == "mo" and (child.text in _RELATIONS or child.text in _SIGNS)
        if sign and parts[-1] and parts[-1][-1].tag != "mo":
            parts.append([])
        parts[-1].append(child)
    return parts


def _math(children: list[Element]) -> Element:
    math = Element("math", display="block")
    row = Element("mrow")
    row.extend(copy.deepcopy(children))
    math.append(row)
    return math


def _table(lines: list[list[Element]]) -> Element:
    table = Element("mtable", displaystyle="true", rowspacing="0.5em")
    for number, line in enumerate(lines):
        row, cell = Element("mtr"), Element("mtd", columnalign="left")
        if number:
            cell.append(Element("mspace", width=_INDENT))
        cell.extend(line)
        row.append(cell)
        table.append(row)
    math = Element("math", display="block")
    math.append(table)
    return math
