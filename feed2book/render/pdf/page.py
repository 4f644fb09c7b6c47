"""The printed page: papers, layouts, and the style sheet made of their measures.

Lengths of paper are in millimetres, sizes of type in points.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from feed2book.errors import UsageError
from feed2book.models import RenderOptions
from feed2book.render import templating

LAYOUTS = ("book", "newspaper", "compact")

_POINT = 25.4 / 72
_LETTER = 0.46  # em: what a letter of Source Serif takes in running text
_UNITS = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": _POINT}
_CUSTOM = re.compile(
    r"(\d{1,5}(?:\.\d{1,4})?)\s*(mm|cm|in|pt)?\s*[x×]\s*(\d{1,5}(?:\.\d{1,4})?)\s*(mm|cm|in|pt)"
)
_NARROWEST, _WIDEST = (70.0, 90.0), (420.0, 594.0)


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet, and how a book is set on it: margins above, at the sides, below; type on leading."""

    width: float
    height: float
    top: float
    side: float
    bottom: float
    type: float
    leading: float


# Paper has margins for thumbs and binding; e-ink tablets bring a frame of their own.
PAPERS = {
    "a4": Paper(210, 297, 30, 34, 30, 12, 16.5),
    "a5": Paper(148, 210, 21, 17, 20, 10.5, 14.5),
    "a6": Paper(105, 148, 14, 10, 13, 8.8, 12),
    "b5": Paper(176, 250, 25, 22, 24, 11.5, 15.8),
    "b6": Paper(125, 176, 17, 13, 16, 9.6, 13.2),
    "letter": Paper(215.9, 279.4, 28, 37, 27, 12, 16.5),
    "legal": Paper(215.9, 355.6, 32, 37, 32, 12, 16.5),
    "remarkable": Paper(157, 209.3, 16, 13, 15, 11.5, 15.8),
    "remarkable-pro": Paper(179.8, 239.8, 18, 15, 17, 12.8, 17.6),
    "remarkable-move": Paper(90.9, 161.5, 12, 6.5, 11, 9, 12.2),
    "kindle-scribe": Paper(157.5, 210, 16, 13, 15, 11.5, 15.8),
    "boox-note": Paper(157.2, 209.7, 16, 13, 15, 11.5, 15.8),
    "boox-tab": Paper(202.5, 270, 21, 25, 20, 13, 17.8),
    "ereader": Paper(107, 142.2, 12, 7, 11, 9.6, 13),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is made of. ``inner`` and ``outer`` are equal unless it is printed on both sides.

    ``gap`` lies between ``columns``.
    """

    width: float
    height: float
    top: float
    bottom: float
    inner: float
    outer: float
    type: float
    leading: float
    columns: int
    gap: float

    @property
    def measure(self) -> float:
        """The width of a column."""
        return (self.width - self.inner - self.outer + self.gap) / self.columns - self.gap

    @property
    def letters(self) -> int:
        """About how many letters a line of text holds."""
        return _letters(self.measure, self.type)

    @property
    def room(self) -> float:
        """The height of the text."""
        return self.height - self.top - self.bottom

    @property
    def furniture(self) -> float:
        """The size of type of running heads and page numbers."""
        return max(6.5, round(self.type * 0.71, 1))

    @property
    def head_letters(self) -> int:
        """About how many letters the line of the running heads holds."""
        return int((self.width - self.inner - self.outer) / _POINT / (self.furniture * 0.52))


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a layout differs from a book: factors of type and margins, leading in em, letters in a column.

    ``least`` letters are the fewest that a line may have for the text to be set in one more column.
    """

    type: float
    leading: float
    margin: float
    least: int


_LAYOUTS = {
    "newspaper": _Layout(0.83, 1.32, 0.55, 42),
    "compact": _Layout(0.86, 1.3, 0.72, 44),
}
_SMALLEST = 8.0
_LEAST_MARGIN = 6.0


def page_of(options: RenderOptions) -> Page:
    """Return the page that the options ask for.

    Args:
        options: ``page``, ``layout`` and ``two_sided`` count here.

    Raises:
        UsageError: no such paper or layout, or a size beyond the limits.
    """
    paper = _paper(options.page)
    if options.layout not in LAYOUTS:
        raise UsageError(
            f"unknown layout {options.layout!r}", where="--layout", remedy=f"use {', '.join(LAYOUTS)}"
        )
    page = _set_book(paper) if options.layout == "book" else _set(paper, _LAYOUTS[options.layout])
    return _mirrored(page) if options.two_sided else page


def style_sheet(options: RenderOptions, direction: str) -> str:
    """Return the whole style sheet of a printed book.

    Args:
        options: ``css`` and ``templates`` count besides what :func:`page_of` looks at.
        direction: the book's, ``ltr`` or ``rtl``.

    Raises:
        UsageError: see :func:`page_of`.
        RenderError: a sheet of the user's templates is wrong.
    """
    values: dict[str, Any] = {
        "page": page_of(options),
        "layout": options.layout,
        "two_sided": options.two_sided,
        "start": "right" if direction == "rtl" else "left",
        "end": "left" if direction == "rtl" else "right",
    }
    names = ["base", "print", "print-page"]
    if options.layout != "book":
        names.append(f"print-{options.layout}")
    ours = [templating.render(f"css/{name}.css", values, options.templates) for name in names]
    return "\n".join((*ours, options.css))


def _paper(name: str) -> Paper:
    """Return a paper by its name, or one of that size: ``120x180mm``, ``6x9in``."""
    found = PAPERS.get(name.strip().lower())
    if found:
        return found
    match = _CUSTOM.fullmatch(name.strip().lower())
    if not match:
        remedy = f"use {', '.join(PAPERS)}, or a size as 120x180mm or 6x9in"
        raise UsageError(f"unknown page {name!r}", where="--page", remedy=remedy)
    width = float(match[1]) * _UNITS[match[2] or match[4]]
    height = float(match[3]) * _UNITS[match[4]]
    for side, least, most, what in zip(
        (width, height), _NARROWEST, _WIDEST, ("width", "height"), strict=True
    ):
        if not least <= side <= most:
            raise UsageError(
                f"a page of {name.strip()} is beyond what can be set",
                where="--page",
                remedy=f"choose a {what} from {least:.0f} to {most:.0f} mm",
            )
    return _custom(width, height)


@cache
def _custom(width: float, height: float) -> Paper:
    """Set a paper of any size: type that gives about 66 letters, within what is good to read."""
    side = max(7.0, 0.115 * width)
    type_ = min(12.0, max(8.5, (width - 2 * side) / _POINT / (66 * _LETTER)))
    side = max(side, (width - 75 * _LETTER * type_ * _POINT) / 2)
    type_ = round(type_, 1)
    return Paper(
        width, height, round(0.1 * height, 1), round(side, 1), round(0.095 * height, 1),
        type_, round(1.38 * type_, 1),
    )  # fmt: skip


def _set_book(paper: Paper) -> Page:
    return Page(
        paper.width, paper.height, paper.top, paper.bottom, paper.side, paper.side,
        paper.type, paper.leading, 1, 0.0,
    )  # fmt: skip


def _set(paper: Paper, layout: _Layout) -> Page:
    """Set a paper in smaller type, with as many columns (at most three) as have room for their letters."""
    type_ = max(_SMALLEST, round(paper.type * layout.type, 1))
    # No wider than paper of that kind has where the measure alone decides (see _custom).
    side = max(_LEAST_MARGIN, layout.margin * min(paper.side, 0.14 * paper.width))
    gap = 2 * type_ * _POINT
    width = paper.width - 2 * side
    fitting = [n for n in (3, 2) if _letters((width + gap) / n - gap, type_) >= layout.least]
    columns = fitting[0] if fitting else 1
    top, bottom = (max(11.0, layout.margin * 1.1 * margin) for margin in (paper.top, paper.bottom))
    return Page(
        paper.width, paper.height, round(top, 1), round(bottom, 1), round(side, 1), round(side, 1),
        type_, round(layout.leading * type_, 1), columns, round(gap, 1) if columns > 1 else 0.0,
    )  # fmt: skip


def _mirrored(page: Page) -> Page:
    """Move the text towards the binding, as books do: two inner margins make one white column."""
    shift = min(0.12 * page.inner, max(0.0, page.inner - 9))
    return replace(page, inner=round(page.inner - shift, 1), outer=round(page.outer + shift, 1))


def _letters(measure: float, type_: float) -> int:
    return int(measure / _POINT / (type_ * _LETTER))
