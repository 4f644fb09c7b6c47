"""Contents that are leafed through: how deep they go in a long book, and where they part."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from feed2book.models import Node

_ARTICLE = 5  # lines that an article takes: title, author and date, first line


def depth_within(contents: Sequence[Node], levels: int, lines: int) -> int:
    """Return how many levels of sections to show: fewer where the contents would be too long to leaf through.

    Bookmarks, and the contents that a device shows by itself, have them all.

    Args:
        contents: of the book.
        levels: the most levels of sections.
        lines: the most lines with sections; articles are listed all the same.
    """
    sections = [(node, 1) for article in _articles(contents) for node in article.children]
    at_level: Counter[int] = Counter()
    room = lines - sum(1 for _ in _articles(contents))
    while sections:
        node, level = sections.pop()
        at_level[level] += 1
        sections += [(child, level + 1) for child in node.children]
    for level in range(1, levels + 1):
        room -= at_level[level]
        if room < 0:
            return level - 1
    return levels


def parted(contents: Sequence[Node], depth: int, most: int) -> tuple[tuple[Node, ...], ...]:
    """Cut contents between articles; a part that is cut stands at the head of each piece.

    Args:
        contents: of the book.
        depth: how many levels of sections are shown.
        most: lines after which a piece ends, with the article that it is at.
    """
    pieces: defaultdict[int, list[Node]] = defaultdict(list)
    places: dict[str, int] = {}
    lines = 0
    for article in _articles(contents):
        places[article.key] = lines // most
        lines += _ARTICLE + _sections(article, depth)
    for top in contents:
        if top.kind == "article":
            pieces[places[top.key]].append(top)
        for number, articles in groupby(_articles(top.children), lambda article: places[article.key]):
            pieces[number].append(replace(top, children=tuple(articles)))
    return tuple(map(tuple, pieces.values()))


def _articles(contents: Sequence[Node]) -> Iterator[Node]:
    for node in contents:
        if node.kind == "part":
            yield from node.children
        elif node.kind == "article":
            yield node


def _sections(node: Node, depth: int) -> int:
    return sum(1 + _sections(child, depth - 1) for child in node.children) if depth > 0 else 0
