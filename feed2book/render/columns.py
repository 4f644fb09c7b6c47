"""Text in columns of a fixed-width screen: widths, wrapping, tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

_BETWEEN = "  "
_NARROWEST = 6
_WIDE = re.compile(
    "([\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f"
    "\uff01-\uff60\uffe0-\uffe6\U0001f300-\U0001faff\U00020000-\U0003fffd])"
)
_SPACES = re.compile(r"[ \t\r\n\f]+")


def width(text: str) -> int:
    """Return how many columns the text takes: two for East Asian letters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(char) else 2 if _WIDE.match(char) else 1 for char in text)


def collapse(text: str) -> str:
    """Return the text with each run of white space as one space (a no-break space is none)."""
    return _SPACES.sub(" ", text)


def wrap(text: str, columns: int) -> Iterator[str]:
    """Yield the text's lines of at most ``columns``; a longer word stands on a line of its own.

    A line break in the text is kept. East Asian text is broken between any two letters.
    """
    for paragraph in text.split("\n"):
        line: list[str] = []
        used = 0
        for gap, piece in _pieces(paragraph):
            size = width(piece)
            if line and used + gap + size > columns:
                yield "".join(line)
                line, used = [], 0
            if line and gap:
                line.append(" ")
                used += 1
            line.append(piece)
            used += size
        yield "".join(line)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield what no line break divides, each with the number of spaces before it."""
    for word in collapse(text).strip(" ").split(" "):
        gap = 1
        for piece in _WIDE.split(word):
            if piece:
                yield gap, piece
                gap = 0


def hanging(first: str, text: str, columns: int) -> str:
    """Return the text wrapped, ``first`` before its first line and as much space before the others."""
    lines = wrap(text, columns - width(first))
    return first + ("\n" + " " * width(first)).join(lines)


def underlined(text: str, mark: str, columns: int) -> list[str]:
    """Return the lines of a heading, the last of them made of ``mark``."""
    lines = list(wrap(text, columns))
    return [*lines, mark * min(columns, max(map(width, lines)))]


def table(rows: Sequence[Sequence[str]], heads: int, columns: int) -> Iterator[str]:
    """Yield the lines of a table, its cells aligned and wrapped to fit; a rule follows the ``heads`` rows.

    A table of too many columns becomes one paragraph a row, its cells apart by a bar.
    """
    count = max(map(len, rows), default=0)
    free = columns - len(_BETWEEN) * (count - 1)
    if free < count * _NARROWEST:
        for row in rows:
            yield from wrap(" | ".join(filter(None, row)), columns)
        return
    widths = _share(
        [max(width(cell) for cell in column) for column in zip_longest(*rows, fillvalue="")], free
    )
    for number, row in enumerate(rows, 1):
        cells = [list(wrap(cell, size)) for cell, size in zip(row, widths, strict=False)]
        for parts in zip_longest(*cells, fillvalue=""):
            padded = (part + " " * (size - width(part)) for part, size in zip(parts, widths, strict=False))
            yield _BETWEEN.join(padded).rstrip()
        if number == heads < len(rows):
            yield _BETWEEN.join("-" * size for size in widths)


def _share(wanted: Sequence[int], free: int) -> list[int]:
    """Give each column what it wants; where that is too much, the widest ones share what is left."""
    given = [0] * len(wanted)
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    for place, column in enumerate(order):
        given[column] = min(wanted[column], free // (len(order) - place))
        free -= given[column]
    return given
