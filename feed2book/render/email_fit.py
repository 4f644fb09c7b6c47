"""How much of each post a digest shows, so that it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

LEVELS = ("full", "excerpt", "title", "bare", "none")
"""How much of a post is shown, from all of it to nothing.

``full`` and ``excerpt`` stand below the contents, which have a line for each; a ``title`` is a line in the
contents that leads to the web; ``bare`` is its words alone. ``none`` is counted in the last line.
"""

_SHRINK = 2  # our HTML, as the digest writes it, may have half of its length, and never less


def affordable(lengths: Sequence[int], limit: int) -> set[int]:
    """Return which of these may all stand together in ``limit``: the shortest. The others need not be made.

    Args:
        lengths: characters of each.
        limit: bytes.
    """
    left = _SHRINK * limit
    found = set()
    for at in sorted(range(len(lengths)), key=lambda at: (lengths[at], at)):
        left -= lengths[at]
        if left < 0:
            break
        found.add(at)
    return found


def fit(sizes: Sequence[Mapping[str, int]], lengths: Sequence[int], fixed: int, limit: int) -> list[str]:
    """Return the level of each post with which the whole is no larger than ``limit``.

    All posts begin at the highest level that they have. The longest go from full to excerpt, one by one,
    until it fits, then from excerpt to title; after that the last titles lose their links, then their place.

    Args:
        sizes: for each post, in reading order, the bytes that it takes at each level that it has; all have
            ``none``.
        lengths: for each post, how long it is.
        fixed: bytes of all that is always there.
        limit: bytes.
    """
    levels = [next(level for level in LEVELS if level in own) for own in sizes]
    total = fixed + sum(own[level] for own, level in zip(sizes, levels, strict=True))
    longest = sorted(range(len(sizes)), key=lambda at: (lengths[at], at), reverse=True)
    last = range(len(sizes) - 1, -1, -1)
    for level, lower in pairwise(LEVELS):
        for at in longest if lower in ("excerpt", "title") else last:
            if total <= limit:
                return levels
            if levels[at] == level:
                levels[at] = next(name for name in LEVELS[LEVELS.index(lower) :] if name in sizes[at])
                total += sizes[at][levels[at]] - sizes[at][level]
    return levels
