"""Tables for a screen as narrow as a telephone's, without scrolling, which paged readers cannot do.

A table stays as it is if its words fit, else it is set in smaller type, else its longest words may break.
Where they would have to break into scraps, each row becomes a record whose cells say what they are.
"""

from __future__ import annotations

import html
import re

from feed2book.models import TOKEN_OPEN
from feed2book.render.tables import break_words, each_table, longest_words

_TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')
_ROOM, _PADDING = 42, 1.5  # characters in a line of a telephone, and those that a column loses
_SMALL_ROOM, _SMALL_PADDING = 54, 1.0  # in smaller type
_SHORTEST = 9  # characters; shorter pieces of a word are scraps
_WHOLE = 10**9
_FEWEST = 3  # columns of a table whose rows can be records
_HEAD = re.compile(r"<thead\b[^<>]*>(.*?)</thead>", re.DOTALL)
_ROW = re.compile(r"<tr\b[^<>]*>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"(<t[dh]\b[^<>]*>)(.*?)</t[dh]>", re.DOTALL)
_MARKUP = re.compile(r"<[^<>]*>")


def fit_tables(text: str) -> str:
    """Return the HTML of an article with tables that fit on a telephone."""
    return each_table(text, _fitted)


def _fitted(table: str) -> str:
    """Return one table so that it fits; tables in it have no room of their own."""
    pieces = _TAG.split(table)
    longest = longest_words(pieces)[0]
    if sum(longest) + _PADDING * len(longest) <= _ROOM:
        return table
    limit = _limit(longest)
    records = _records(table) if limit < _SHORTEST and table.count("<table") == 1 else ""
    if records:
        return records
    pieces[1] = f'<table class="wide"{pieces[1].removeprefix("<table")}'
    if limit < _WHOLE:
        _break(pieces, limit)
    return "".join(pieces)


def _break(pieces: list[str], limit: int) -> None:
    """Let the longest words break, but none in a block of code: nobody must copy a break from there."""
    code = False
    for number, piece in enumerate(pieces):
        if number % 2 == 0 and not code:
            pieces[number] = break_words(piece, limit)
        elif piece.startswith(("<pre", "</pre")):
            code = piece.startswith("<pre")


def _limit(longest: list[float]) -> int:
    """Return from which length words must break for the columns to fit in small type."""
    room = _SMALL_ROOM - _SMALL_PADDING * len(longest)
    if sum(longest) <= room:
        return _WHOLE
    lengths = range(int(min(max(longest), max(room, 2))), 1, -1)
    return next((one for one in lengths if sum(min(word, one) for word in longest) <= room), 1)


def _records(table: str) -> str:
    """Return a table whose cells name their columns, or ``""`` for one that is not that simple."""
    head = _HEAD.search(table)
    rows = _ROW.findall(head[1]) if head else []
    if head is None or len(rows) != 1 or "span=" in table or TOKEN_OPEN in _MARKUP.sub("", head[0]):
        return ""
    names = [_MARKUP.sub("", cell).strip() for _, cell in _CELL.findall(rows[0])]
    if len(names) < _FEWEST:
        return ""
    body = _ROW.sub(lambda row: _record(row[0], names), table[head.end() :])
    return f'<table class="records"{table[len("<table") : head.end()]}{body}'


def _record(row: str, names: list[str]) -> str:
    number = -1

    def named(cell: re.Match[str]) -> str:
        nonlocal number
        number += 1
        name = names[number] if number < len(names) else ""
        heads = cell[1].startswith("<th") or not name or not html.unescape(cell[2]).strip()
        return cell[0] if heads else f"{cell[1]}<b>{name}:</b> {cell[0][len(cell[1]) :]}"

    return _CELL.sub(named, row)
