"""Page numbers, which are known only when all parts are joined.

The sheet of a part has digits in their place (each digit, so that the font's subset holds all ten). Where
they are drawn, the page's content is parted, and the joiner writes the number between: in the font, size,
colour and place that the sheet chose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pydyf

_SHARES = (("left", 0.0), ("right", 1.0), ("start", 0.0), ("end", 1.0), ("center", 0.5))
_HOLES = {"1023456789": "page", "9876543210": "pages"}
_DIGITS = {hole: text for text, hole in _HOLES.items()}
_COUNTER = re.compile(r"\bcounter\(\s*(pages?)\s*(?:,[^()]*)?\)")
_AT_PAGE = re.compile(r"@page\b[^{};]*\{")
_BRACE = re.compile(r'[{}]|"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|/\*.*?\*/', re.DOTALL)
_TOKEN = re.compile(r"<([0-9a-f]*)>|(-?[0-9.]+)")


def hold_places(sheet: str) -> str:
    """Return the style sheet with digits in the place of the counters ``page`` and ``pages`` of its pages."""
    pieces: list[str] = []
    at = 0
    while match := _AT_PAGE.search(sheet, at):
        end = _end(sheet, match.end())
        pieces += [
            sheet[at : match.end()],
            _COUNTER.sub(lambda one: f'"{_DIGITS[one[1]]}"', sheet[match.end() : end]),
        ]
        at = end
    return "".join((*pieces, sheet[at:]))


def _end(sheet: str, start: int) -> int:
    """Return where the block ends that is open at ``start``."""
    depth = 1
    for match in _BRACE.finditer(sheet, start):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return len(sheet)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A page number that is still to be written.

    ``pieces`` are parts of a content stream, with the names of counters between them; ``digits`` what shows
    each digit and ``widths`` how wide it is, in units of the text; ``x`` is where the text with all
    digits in its holes begins, and ``share`` how much of what it is shorter goes before it.
    """

    head: str
    matrix: str
    x: float
    y: str
    pieces: tuple[str, ...]
    digits: tuple[str, ...]
    widths: tuple[float, ...]
    share: float

    def fill(self, numbers: Mapping[str, int]) -> bytes:
        """Return the content with these values of the counters ``page`` and ``pages``."""
        saved = 0.0
        pieces: list[str] = []
        for piece in self.pieces:
            if piece not in _DIGITS:
                pieces.append(piece)
                continue
            shown = [int(digit) for digit in str(numbers[piece])]
            pieces += [self.digits[digit] for digit in shown]
            saved += sum(self.widths) - sum(self.widths[digit] for digit in shown)
        x = f"{self.x + saved * self.share:.3f}"
        return f"{self.head}\n{self.matrix} {x} {self.y} Tm\n{''.join(pieces)}\n".encode()

    def to_json(self) -> list[Any]:
        """Return the stamp as JSON has it."""
        return [self.head, self.matrix, self.x, self.y, self.pieces, self.digits, self.widths, self.share]

    @staticmethod
    def from_json(value: list[Any]) -> Stamp:
        """Return the stamp that :meth:`to_json` gave."""
        head, matrix, x, y, pieces, digits, widths, share = value
        return Stamp(head, matrix, x, y, tuple(pieces), tuple(digits), tuple(widths), share)


def cut_number(stream: Any, page: Any, fonts: Mapping[Any, Any]) -> tuple[Stamp, list[Any]] | None:
    """Take the page number out of a page's content.

    Args:
        stream: the content, its furniture already marked; what comes after the number is taken off it.
        page: WeasyPrint's page.
        fonts: WeasyPrint's fonts.

    Returns:
        The number as a stamp, and the rest of the content; None where no number is shown.
    """
    items = stream.stream
    for start, end in _artifacts(items):
        stamp = _read([_text(item) for item in items[start:end]], page, fonts)
        if stamp:
            rest = items[end:]
            del items[start:]
            return stamp, rest
    return None


def _artifacts(items: list[Any]) -> Iterator[tuple[int, int]]:
    """Yield where each piece of page furniture starts and ends."""
    start = 0
    while True:
        try:
            start = items.index("/Artifact", start)
        except ValueError:
            return
        end = items.index(b"EMC", start) + 1
        if items[start + 1] == b"<</Type /Pagination>>":
            yield start, end
        start = end


def _text(item: Any) -> str:
    text: str = pydyf._to_bytes(item).decode()
    return text


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A glyph of a line of text: its code, how wide it is, by how much the next one is nearer, what it shows.

    Both lengths are in thousandths of the size.
    """

    code: str
    wide: float
    after: float
    size: float
    shows: str

    @property
    def spelled(self) -> str:
        """The glyph as an operand of ``TJ``."""
        return f"<{self.code}>{self.after:g}"

    @property
    def width(self) -> float:
        """Its advance, in units of the text."""
        return (self.wide - self.after) * self.size / 1000


def _read(items: list[str], page: Any, fonts: Mapping[Any, Any]) -> Stamp | None:
    """Return the page number that these operators draw, or None."""
    place = next((at for at, item in enumerate(items) if item.endswith(" Tm")), None)
    if place is None:
        return None
    pieces: list[str] = []
    digits: dict[str, _Glyph] = {}
    font = ""
    for item in items[place + 1 :]:
        if item.endswith(" Tf"):
            font = item
        if item.endswith("] TJ"):
            glyphs = _glyphs(item, font, fonts)
            pieces += ["[", *_with_holes(glyphs, digits), "] TJ\n"]
        else:
            pieces.append(item + "\n")
    if not digits:
        return None
    *matrix, x, y, _ = items[place].split()
    shown = [digits[str(digit)] for digit in range(10)]
    return Stamp(
        "\n".join(items[:place]),
        " ".join(matrix),
        float(x),
        y,
        tuple(pieces),
        tuple(glyph.spelled for glyph in shown),
        tuple(round(glyph.width, 4) for glyph in shown),
        _share(page, float(x), float(y)),
    )


def _glyphs(item: str, font: str, fonts: Mapping[Any, Any]) -> list[_Glyph]:
    """Return the glyphs of a ``TJ`` operator."""
    name, size = font.split()[:2]
    known = [one for one in fonts.values() if f"/{one.hash}" == name]
    glyphs: list[_Glyph] = []
    for token in _TOKEN.finditer(item):
        codes = token[1] or ""
        for at in range(0, len(codes), 4):
            glyph = int(codes[at : at + 4], 16)
            width = next((one.widths[glyph] for one in known if glyph in one.widths), 0)
            shows = next((one.to_unicode[glyph] for one in known if glyph in one.to_unicode), "")
            glyphs.append(_Glyph(codes[at : at + 4], width, 0.0, float(size), shows))
        if token[2] and glyphs:
            glyphs[-1] = replace(glyphs[-1], after=glyphs[-1].after + float(token[2]))
    return glyphs


def _with_holes(glyphs: list[_Glyph], digits: dict[str, _Glyph]) -> Iterator[str]:
    """Yield the glyphs as the stream has them, with the names of counters in the place of their digits."""
    at = 0
    while at < len(glyphs):
        ten = glyphs[at : at + 10]
        hole = _HOLES.get("".join(glyph.shows for glyph in ten))
        if hole:
            digits.update({glyph.shows: glyph for glyph in _evenly(ten)})
            yield hole
        else:
            yield glyphs[at].spelled
        at += 10 if hole else 1


def _evenly(glyphs: list[_Glyph]) -> Iterator[_Glyph]:
    """Yield the glyphs with the space that most of them have after them: the rest is kerning of pairs."""
    usual = Counter(glyph.after for glyph in glyphs).most_common(1)[0][0]
    for glyph in glyphs:
        yield replace(glyph, after=usual)


def _share(page: Any, x: float, y: float) -> float:
    """Return which share of free room goes before the text that begins there: 0 if it stands at the left."""
    for box in page._page_box.children:
        keyword = getattr(box, "at_keyword", "")
        inside = keyword and 0 <= x - box.position_x <= box.margin_width()
        if inside and 0 <= y - box.position_y <= box.margin_height():
            side = box.style["text_align_all"] if box.style["width"] != "auto" else keyword
            return next((share for word, share in _SHARES if word in side), 0.5)
    return 0.5
