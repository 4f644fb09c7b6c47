"""A chapter that is too large for its reader, cut into pieces: before headings, else between blocks.

Works on the HTML that the article room writes (each tag closed, ``<`` and ``>`` escaped in attributes), in
one walk over its tags. What is open at a cut is closed before it and opened again behind it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^<>]*?)(/?)>")
_ID = re.compile(r' id="[^"]*"')
_START = re.compile(r' start="(-?\d+)"')
_HEADING = re.compile("h[2-6]")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\s\"”’»)]+|(?<=[。！？])|\s+")

_PLAIN = frozenset({"div", "section"})
_OPENED_AGAIN = _PLAIN | {"blockquote", "code", "ol", "p", "pre", "span", "table", "tbody", "ul"}
_BLOCKS = frozenset(
    (
        *("aside", "blockquote", "details", "div", "dl", "figure", "h2", "h3", "h4", "h5", "h6"),
        *("hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"),
    )
)

# How good a place is: a heading's level, between blocks, in a list or quote, in code or a table, in words.
_BETWEEN, _NESTED, _INSIDE, _IN_TEXT = 7, 8, 9, 10


@dataclass
class _Open:
    """An element that is open: its name, its start tag, and how many items of a list it has had."""

    name: str
    tag: str
    items: int = 0
    spans_rows: bool = False
    large: bool = False

    def again(self) -> str:
        """Return the tag that goes on with it: without its id, counting on."""
        tag = _ID.sub("", self.tag)
        if self.name != "ol" or not self.items or " reversed" in tag:
            return tag
        start = _START.search(tag)
        first = int(start[1]) if start else 1
        return f'{_START.sub("", tag)[:-1]} start="{first + self.items}">'


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place where the text may be cut. ``weight`` is that of all before it."""

    position: int
    weight: int
    rank: int
    closing: str
    opening: str


def split(text: str, limit: int, weigh: Callable[[str], int]) -> list[str]:
    """Cut the text so that no piece weighs more than ``limit``, where it can be cut.

    Args:
        text: an article's HTML.
        limit: the most that a piece may weigh.
        weigh: gives the weight of a tag or a run of text; called once for each, in order.

    Returns:
        The pieces, each with its elements closed. Only an element that cannot be cut (a row of a table, a
        line of code) makes a piece too heavy.
    """
    scan = _Scan(text, limit, weigh)
    scan.run()
    weights = [cut.weight for cut in scan.cuts]
    pieces, position, opening, weight = [], 0, "", 0
    while scan.weight - weight > limit:
        first = bisect_right(weights, weight)
        last = bisect_right(weights, weight + limit)
        if first == len(weights):
            break
        window = scan.cuts[first:last] or scan.cuts[first : first + 1]
        half = weight + limit // 2
        cut = min(window, key=lambda one: (one.rank >= _BETWEEN, one.weight < half, one.rank, -one.weight))
        pieces.append(opening + text[position : cut.position] + cut.closing)
        position, opening, weight = cut.position, cut.opening, cut.weight
    return [*pieces, opening + text[position:]]


@dataclass
class _Scan:
    """One walk over the text, which finds the places where it may be cut."""

    text: str
    limit: int
    weigh: Callable[[str], int]
    weight: int = 0
    cuts: list[_Cut] = field(default_factory=list)
    _stack: list[_Open] = field(default_factory=list)
    _fixed: int = 0  # how many open elements cannot be closed and opened again
    _after_heading: bool = False

    def run(self) -> None:
        """Walk over the whole text."""
        end = 0
        for match in _TAG.finditer(self.text):
            self._words(end, match.start())
            end = match.end()
            closes, name, _, empty = match.groups()
            if closes:
                self.weight += self.weigh(match[0])
                self._close(name, end)
                continue
            if name in _BLOCKS:
                self._block(name, match.start())
            self.weight += self.weigh(match[0])
            if not empty:
                self._open(name, match[0], end)
        self._words(end, len(self.text))

    def _open(self, name: str, tag: str, end: int) -> None:
        large = name == "p" and self.text.find("</p>", end, end + self.limit // 4) < 0
        self._stack.append(_Open(name, tag, large=large))
        self._fixed += not self._can_open_again(name)
        if " rowspan=" in tag:
            for one in self._stack:
                one.spans_rows = True

    def _can_open_again(self, name: str) -> bool:
        if name in {"code", "span"}:  # as the parts of a block of code; elsewhere they are words
            return any(one.name == "pre" for one in self._stack)
        return name in _OPENED_AGAIN

    def _close(self, name: str, position: int) -> None:
        closed = self._stack.pop()
        self._fixed -= not self._can_open_again(name)
        if _HEADING.fullmatch(name):
            self._after_heading = True
        elif name == "span" and 'class="line"' in closed.tag:
            self._cut(position, _INSIDE)

    def _block(self, name: str, position: int) -> None:
        around = self._stack[-1] if self._stack else None
        if not self._after_heading and not (around and self._unfit(around, name)):
            self._cut(position, self._rank(name))
        if around and name in {"li", "tr"}:
            around.items += 1
        self._after_heading = False

    def _unfit(self, around: _Open, name: str) -> bool:
        """Say whether a list or table cannot end before the element: it has only begun, or cells span."""
        return name in {"li", "tr"} and (not around.items or around.spans_rows)

    def _rank(self, name: str) -> int:
        if all(one.name in _PLAIN for one in self._stack):
            return int(name[1]) if _HEADING.fullmatch(name) else _BETWEEN
        return _INSIDE if name == "tr" else _NESTED

    def _cut(self, position: int, rank: int) -> None:
        if self._fixed or not self.weight:
            return
        closing = "".join(f"</{one.name}>" for one in reversed(self._stack))
        opening = "".join(one.again() for one in self._stack)
        self.cuts.append(_Cut(position, self.weight, rank, closing, opening))

    def _words(self, start: int, end: int) -> None:
        """Walk over a run of text, which may be cut in code, or in a paragraph that is too large itself."""
        if start == end:
            return
        inside = self._stack[-1] if self._stack else None
        places: list[int] = []
        if inside and not self._fixed and 'class="line"' not in inside.tag:
            places = self._places(inside, start, end)
        for place in places:
            self.weight += self.weigh(self.text[start:place])
            self._cut(place, _INSIDE if inside and inside.name != "p" else _IN_TEXT)
            start = place
        self.weight += self.weigh(self.text[start:end])
        self._after_heading = self._after_heading and self.text[start:end].isspace()

    def _places(self, inside: _Open, start: int, end: int) -> list[int]:
        text = self.text
        if inside.name == "p":
            return [match.end() for match in _SENTENCE.finditer(text, start, end)] if inside.large else []
        if any(one.name == "pre" for one in self._stack):
            return [place + 1 for place in range(start, end) if text[place] == "\n"]
        return []
