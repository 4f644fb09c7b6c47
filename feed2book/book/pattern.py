"""The field of a cover: a tiling that derives from the book's identifier, so that it is known again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import shake_256
from math import cos, pi, sin
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_EDGE = 48  # straight pieces in a leaf's edge
_SCALE = 2  # drawn twice as large and reduced: Pillow's shapes have no smooth edges of their own


class Chance:
    """A stream of small numbers that is the same for the same seed, everywhere."""

    def __init__(self, seed: str) -> None:
        self._bytes = iter(shake_256(seed.encode("utf-8", "replace")).digest(4096))

    def below(self, limit: int) -> int:
        """Return the next number from 0 to ``limit`` - 1; ``limit`` is at most 256."""
        return next(self._bytes) % limit


Cell = tuple[int, int, int]  # left, top, side
Draw = Callable[["ImageDraw.ImageDraw", Cell, Sequence[str], Chance], None]


def field(identifier: str, width: int, height: int, tones: Sequence[str]) -> Image.Image:
    """Draw a field of ``width`` × ``height`` pixels; ``tones`` are colours, the ground first.

    The identifier chooses the figure, its size and every turn. Whole cells fill the width, and the
    last row is the one at the bottom.
    """
    from PIL import Image, ImageDraw

    chance = Chance(identifier)
    figure = _FIGURES[chance.below(len(_FIGURES))]
    columns = (4, 5)[chance.below(2)]
    side = width * _SCALE // columns
    image = Image.new("RGB", (side * columns, height * _SCALE), tones[0])
    canvas = ImageDraw.Draw(image)
    for cell in _cells(columns, side, height * _SCALE):
        figure(canvas, cell, tones, chance)
    return image.reduce(_SCALE)


def _cells(columns: int, side: int, height: int) -> Iterator[Cell]:
    for top in range(height - side, -side, -side):
        for column in range(columns):
            yield column * side, top, side


def _square(canvas: ImageDraw.ImageDraw, cell: Cell, fill: str) -> None:
    left, top, side = cell
    canvas.rectangle((left, top, left + side - 1, top + side - 1), fill=fill)


def _corner(cell: Cell, corner: int) -> tuple[int, int, int]:
    """Return a corner's x and y and the angle at which the cell lies as seen from it."""
    left, top, side = cell
    return (
        (left, top, 0),
        (left + side, top, 90),
        (left + side, top + side, 180),
        (left, top + side, 270),
    )[corner]


def _pie(canvas: ImageDraw.ImageDraw, cell: Cell, corner: int, radius: int, fill: str) -> None:
    x, y, angle = _corner(cell, corner)
    canvas.pieslice((x - radius, y - radius, x + radius, y + radius), angle, angle + 90, fill=fill)


def _quarters(canvas: ImageDraw.ImageDraw, cell: Cell, tones: Sequence[str], chance: Chance) -> None:
    """A quarter disc in one corner of each square."""
    ground, figure = _two(tones, chance)
    _square(canvas, cell, ground)
    _pie(canvas, cell, chance.below(4), cell[2], figure)


def _rings(canvas: ImageDraw.ImageDraw, cell: Cell, tones: Sequence[str], chance: Chance) -> None:
    """Rings around two opposite corners; their tones mirror, so that they join from cell to cell."""
    _square(canvas, cell, tones[1])
    first = chance.below(2)
    for corner in (first, first + 2):
        for step, tone in ((6, 0), (5, 2), (4, 3), (3, 2), (2, 0), (1, 1)):
            _pie(canvas, cell, corner, cell[2] * step // 7, tones[tone])


def _leaves(canvas: ImageDraw.ImageDraw, cell: Cell, tones: Sequence[str], chance: Chance) -> None:
    """A leaf between two opposite corners: a quarter disc, less what lies outside of another."""
    ground, figure = _two(tones, chance)
    left, top, side = cell
    _square(canvas, cell, ground)
    falling = bool(chance.below(2))
    edge = []
    for step in range(_EDGE + 1):
        angle = pi / 2 * step / _EDGE
        edge.append((side * sin(angle), side - side * cos(angle)))
    back = [(y, x) for x, y in reversed(edge)]
    outline = [(left + x, top + (y if falling else side - y)) for x, y in edge + back]
    canvas.polygon(outline, fill=figure)


def _halves(canvas: ImageDraw.ImageDraw, cell: Cell, tones: Sequence[str], chance: Chance) -> None:
    """Two half discs, one above the other or side by side, bulging the same way."""
    ground, figure = _two(tones, chance)
    left, top, side = cell
    _square(canvas, cell, ground)
    half = side // 2
    turn = chance.below(4)
    for shift in (0, half):
        # The centre of each half's flat side, then the half circle that starts at that angle.
        x, y = (
            (left + half, top + shift),
            (left + half - shift + half, top + half),
            (left + half, top + shift + half),
            (left + shift, top + half),
        )[turn]
        angle = (0, 90, 180, 270)[turn]
        canvas.pieslice((x - half, y - half, x + half, y + half), angle, angle + 180, fill=figure)


def _steps(canvas: ImageDraw.ImageDraw, cell: Cell, tones: Sequence[str], chance: Chance) -> None:
    """Quarter discs within each other, like the rings of a tree."""
    corner = chance.below(4)
    order = (0, 1, 2, 3, 1) if chance.below(2) else (3, 2, 1, 0, 2)
    _square(canvas, cell, tones[order[0]])
    for step, tone in zip((4, 3, 2, 1), order[1:], strict=True):
        _pie(canvas, cell, corner, cell[2] * step // 4, tones[tone])


def _two(tones: Sequence[str], chance: Chance) -> tuple[str, str]:
    ground = chance.below(len(tones))
    return tones[ground], tones[(ground + 1 + chance.below(len(tones) - 1)) % len(tones)]


_FIGURES: tuple[Draw, ...] = (_quarters, _rings, _leaves, _halves, _steps)
