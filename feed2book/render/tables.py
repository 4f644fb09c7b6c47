"""Makes tables fit: smaller type if that is enough, else words broken no more than it takes.

CSS alone would either break every word anywhere, or let the table run off the paper.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN

_TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')
_TABLE_PART = re.compile(r"<(/?)(table|tr|td|th|pre)\b")
_TABLE = re.compile(r"<(/?)table\b[^<>]*>")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|cite|code|del|dfn|em|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|u|var)\b"
)
_SPAN = re.compile(r' colspan="(\d+)"')
_WORD = re.compile(f"{TOKEN_OPEN}[^{TOKEN_CLOSE}]*{TOKEN_CLOSE}|[^\\s\u200b{TOKEN_OPEN}]+")  # a token is one
_UNIT = re.compile(r"&[^;\s]*;|.", re.DOTALL)
_WIDE = re.compile(r"[A-Zmw%@—]")

# The sizes of print.css; how many characters of 0.54 em a line of each holds for one letter of text; and how
# many are lost to a column's padding.
_SIZES = (("plain", 1.02, 1.5), ("small", 1.23, 1.5), ("tiny", 1.44, 1.0))


@dataclass
class _Table:
    """A table that is being read: the longest word of each column, and where in it we are.

    ``around`` is the table in whose ``column_around`` this one stands.
    """

    around: _Table | None
    column_around: int = 0
    longest: list[float] = field(default_factory=list)
    column: int = 0
    span: int = 0
    text: str = ""
    size: str = "plain"
    limit: int = 1

    def start_cell(self, tag: str) -> None:
        match = _SPAN.search(tag)
        self.column += self.span
        self.span = min(int(match[1]), 1000) if match else 1
        self.longest += [1.0] * max(0, self.column + self.span - len(self.longest))

    def start_row(self) -> None:
        self.column = self.span = 0

    def end_cell(self) -> None:
        """Share the longest word of the cell among the columns that it spans."""
        words = _WORD.findall(html.unescape(self.text))
        self.text = ""
        share = max(map(_width, words), default=0.0) / max(1, self.span)
        for column in range(self.column, self.column + self.span):
            self.longest[column] = max(self.longest[column], share)

    def decide(self, letters: int) -> None:
        """Set the size of type, and the length from which words are broken, for lines of so many letters."""
        for size, factor, padding in _SIZES:
            self.size = size
            available = self._room(letters * factor) - padding * len(self.longest)
            if sum(self.longest) <= available:
                self.limit = 10**9
                return
        most = int(min(max(self.longest, default=1), available))
        lengths = range(most, 1, -1)
        fitting = (one for one in lengths if sum(min(word, one) for word in self.longest) <= available)
        self.limit = next(fitting, 1)

    def _room(self, measure: float) -> float:
        """Return the characters in a line: a table in a table has the room of its column."""
        if self.around is None or self.column_around >= len(self.around.longest):
            return measure
        return min(float(self.around.limit), self.around.longest[self.column_around])


def _width(word: str) -> float:
    return len(word) + 0.3 * len(_WIDE.findall(word))


def fit_tables(text: str, letters: int) -> str:
    """Return the HTML with ``data-fit`` on its tables, and break opportunities in words that are too long.

    ``letters`` is how many of them a line of text holds.
    """
    return each_table(text, partial(_fitted, letters=letters))


def each_table(text: str, treat: Callable[[str], str]) -> str:
    """Treat each table that stands in no other; the rest, most of a post, is not looked at tag by tag."""
    pieces: list[str] = []
    depth = start = 0
    for tag in _TABLE.finditer(text):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if not tag[1] and depth == 1:
            pieces.append(text[start : tag.start()])
            start = tag.start()
        elif tag[1] and depth == 0:
            pieces.append(treat(text[start : tag.end()]))
            start = tag.end()
    return "".join((*pieces, text[start:]))


def _fitted(text: str, letters: int) -> str:
    pieces = _TAG.split(text)
    found = _read(pieces)
    for table in found:
        table.decide(letters)
    tables = iter(found)
    inside: list[_Table] = []
    code = False
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            if inside and not code:
                pieces[number] = break_words(piece, inside[-1].limit)
        elif part := _TABLE_PART.match(piece):
            closing, name = part.groups()
            if name == "pre":
                code = not closing
            elif name == "table" and closing:
                inside = inside[:-1]
            elif name == "table":
                inside.append(next(tables))
                pieces[number] = f'<table data-fit="{inside[-1].size}"{piece.removeprefix("<table")}'
    return "".join(pieces)


def longest_words(pieces: list[str]) -> list[list[float]]:
    """Return the length of the longest word in each column of each table, tables by their start tags.

    Args:
        pieces: HTML, its tags at the odd places.
    """
    return [table.longest for table in _read(pieces)]


def _read(pieces: list[str]) -> list[_Table]:
    """Return the tables in the order of their start tags, each with what its columns need."""
    tables: list[_Table] = []
    stack: list[_Table] = []
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            for table in stack:
                table.text += piece
        elif part := _TABLE_PART.match(piece):
            _step(part[2], bool(part[1]), piece, tables, stack)
        elif stack and not _INLINE.match(piece):
            stack[-1].text += " "
    return tables


def _step(name: str, closing: bool, tag: str, tables: list[_Table], stack: list[_Table]) -> None:
    if name == "table" and not closing:
        around = stack[-1] if stack else None
        stack.append(_Table(around, around.column if around else 0))
        tables.append(stack[-1])
    elif name == "table" and stack:
        stack.pop()
    elif stack and closing and name in {"td", "th"}:
        stack[-1].end_cell()
    elif stack and name == "tr":
        stack[-1].start_row()
    elif stack and name in {"td", "th"}:
        stack[-1].start_cell(tag)


def break_words(text: str, limit: int) -> str:
    """Return the text with a break opportunity in each word of more than ``limit`` characters."""
    return _WORD.sub(lambda match: _break_word(match[0], limit), text)


def _break_word(word: str, limit: int) -> str:
    if len(word) <= limit or word.startswith(TOKEN_OPEN):
        return word
    units = _UNIT.findall(word)
    return "\u200b".join("".join(units[at : at + limit]) for at in range(0, len(units), limit))
