"""Papers by their names, and papers of any size.

Lengths are in millimetres, sizes of type in points.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from feed2book.errors import UsageError

POINT = 25.4 / 72
LETTER = 0.46  # em: what a letter of Source Serif takes in running text

_UNITS = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": POINT}
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


def paper_of(name: str) -> Paper:
    """Return a paper by its name, or one of that size: ``120x180mm``, ``6x9in``.

    Raises:
        UsageError: no such paper, or a size beyond the limits.
    """
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
    type_ = min(12.0, max(8.5, (width - 2 * side) / POINT / (66 * LETTER)))
    side = max(side, (width - 75 * LETTER * type_ * POINT) / 2)
    type_ = round(type_, 1)
    return Paper(
        width, height, round(0.1 * height, 1), round(side, 1), round(0.095 * height, 1),
        type_, round(1.38 * type_, 1),
    )  # fmt: skip
