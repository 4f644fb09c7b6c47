"""Lines of type: where text breaks, how large it may be, how it is balanced or cut short."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from feed2book.book.lettering import JOINERS, UNIT, Typeface

LEADING = 1.16
"""From one baseline to the next, in sizes."""

_IDEOGRAPH = (
    "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
)
_OPENING = "\u3008\u300a\u300c\u300e\u3010\u3014\uff08\u2018\u201c("
_CLOSING = "\u3001\u3002\u3005\u3009\u300b\u300d\u300f\u3011\u3015\u30fb\u30fc\u3041\u3043\u3045\u3047\u3049"
_CLOSING += "\u3063\u3083\u3085\u3087\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\uff01\uff09"
_CLOSING += "\uff0c\uff0e\uff1a\uff1b\uff1f\u2019\u201d\u2026)!?,.:;"
# A piece of text that no line break divides: an ideograph with its punctuation, or a word.
_PIECE = re.compile(
    f"[{_OPENING}]*[{_IDEOGRAPH}][{re.escape(_CLOSING)}]*\\s*"
    f"|[^\\s{_IDEOGRAPH}-]+(?:-+(?=\\w)|-*\\s*)|-+\\s*|\\s+|."
)


@dataclass(frozen=True, slots=True)
class Block:
    """Text broken into lines, and its size in pixels."""

    lines: tuple[str, ...]
    size: int

    @property
    def height(self) -> int:
        """The height of all lines, in pixels."""
        return round(len(self.lines) * self.size * LEADING)


def fit(face: Typeface, text: str, width: int, height: int, sizes: Sequence[int]) -> Block:
    """Set ``text`` as large as it goes into ``width`` × ``height`` pixels, its lines balanced.

    ``sizes`` are in pixels, largest first. Words are broken only when the smallest size does not take
    them whole, and then the text is cut with an ellipsis if it still does not fit.
    """
    pieces = _PIECE.findall(text)
    for size in sizes:
        limit = width * UNIT / size
        if all(face.width(piece.rstrip()) <= limit for piece in pieces):
            lines = _wrap(face, pieces, limit)
            if len(lines) * size * LEADING <= height:
                return Block(tuple(_balance(face, pieces, limit, len(lines))), size)
    size = sizes[-1]
    limit = width * UNIT / size
    most = max(1, int(height / (size * LEADING)))
    lines = _wrap(face, list(_breakable(face, pieces, limit)), limit)
    if len(lines) > most:
        lines = [*lines[: most - 1], _shorten(face, lines[most - 1], limit)]
    return Block(tuple(lines), size)


def _wrap(face: Typeface, pieces: Iterable[str], limit: float) -> list[str]:
    lines: list[str] = []
    line, used = "", 0.0
    for piece in pieces:
        if line and used + face.width(piece.rstrip()) > limit:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line += piece
        used += face.width(piece)
    return [*lines, line.rstrip()] if line.strip() else lines


def _balance(face: Typeface, pieces: Sequence[str], limit: float, count: int) -> list[str]:
    """Return the lines of the narrowest measure that still needs no more than ``count`` of them."""
    low, high = limit / max(count, 1) / 2, limit
    for _ in range(8):
        middle = (low + high) / 2
        if len(_wrap(face, pieces, middle)) > count:
            low = middle
        else:
            high = middle
    return _wrap(face, pieces, high)


def _breakable(face: Typeface, pieces: Iterable[str], limit: float) -> Iterator[str]:
    """Yield the pieces, those that are too wide letter by letter (a mark stays with its letter)."""
    for piece in pieces:
        if face.width(piece.rstrip()) <= limit:
            yield piece
            continue
        cluster = ""
        for char in piece:
            if cluster and unicodedata.category(char)[0] != "M" and char not in JOINERS:
                yield cluster
                cluster = ""
            cluster += char
        yield cluster


def _shorten(face: Typeface, line: str, limit: float) -> str:
    while line and face.width(line + "…") > limit:
        line = line[:-1]
    head, gap, tail = line.rpartition(" ")
    return (head if gap and len(tail) < len(head) else line).rstrip(" -–—:|·,.;") + "…"
