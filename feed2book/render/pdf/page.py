"""The printed page: layouts, and the style sheet made of their measures.

Lengths of paper are in millimetres, sizes of type in points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from feed2book.errors import UsageError
from feed2book.models import RenderOptions
from feed2book.papers import LETTER, POINT, Paper, paper_of
from feed2book.render import templating

LAYOUTS = ("book", "newspaper", "compact")


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
        return int((self.width - self.inner - self.outer) / POINT / (self.furniture * 0.52))


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
    paper = paper_of(options.page)
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


def _set_book(paper: Paper) -> Page:
    return Page(
        paper.width, paper.height, paper.top, paper.bottom, paper.side, paper.side,
        paper.type, paper.leading, 1, 0.0,
    )  # fmt: skip


def _set(paper: Paper, layout: _Layout) -> Page:
    """Set a paper in smaller type, with as many columns (at most three) as have room for their letters."""
    type_ = max(_SMALLEST, round(paper.type * layout.type, 1))
    # No wider than paper of that kind has where the measure alone decides (see papers).
    side = max(_LEAST_MARGIN, layout.margin * min(paper.side, 0.14 * paper.width))
    gap = 2 * type_ * POINT
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
    return int(measure / POINT / (type_ * LETTER))
