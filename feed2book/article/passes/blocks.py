"""The innermost blocks of an article, from one of its ends inwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from bs4.element import PageElement, Tag

from feed2book.article.text import collapse, count_words
from feed2book.article.tree import APART, elements, holds, shows, text_of
from feed2book.article.vocabulary import HEADINGS

PICTURE = 30  # words that a picture counts as
PLAYERS = frozenset({"iframe", "object", "embed", "video", "audio", "svg", "math", "input"})
_EDGES = APART - {"br"}


class Run(NamedTuple):
    """Neighbours that make up one block, all that their parent shows or a part of it."""

    nodes: list[PageElement]
    text: str

    def tags(self, names: Collection[str]) -> list[Tag]:
        """Return the elements with one of these names among the nodes and in them."""
        return [
            tag
            for node in self.nodes
            if isinstance(node, Tag)
            for tag in ([node] if node.name in names else elements(node, names))
        ]

    @property
    def images(self) -> list[Tag]:
        """The images in it."""
        return self.tags({"img"})

    @property
    def weight(self) -> int:
        """Its words, a picture counting as many."""
        return count_words(self.text) + PICTURE * len(self.images)

    @property
    def heads(self) -> bool:
        """Whether it is a heading: one without anything below it."""
        parent = self.nodes[0].parent
        return parent is not None and parent.name in HEADINGS

    def plays(self) -> bool:
        """Say whether there is more in it than text and images."""
        return bool(self.tags(PLAYERS))

    def links(self) -> list[Tag]:
        """Return the links in it that lead somewhere."""
        return [link for link in self.tags({"a"}) if link.attrs.get("href")]


def runs(node: Tag, *, at_end: bool) -> Iterator[Run]:
    """Yield the blocks that show something, the innermost ones, from one end inwards."""
    run: list[PageElement] = []
    for child in list(reversed(node.contents) if at_end else node.contents):
        edge = isinstance(child, Tag) and (child.name in _EDGES or holds(child, _EDGES))
        if edge and run:
            yield _run(run, at_end=at_end)
            run = []
        if not shows(child):
            if run and not isinstance(child, Tag):  # the space between two words
                run.append(child)
            continue
        if not edge:
            run.append(child)
        elif isinstance(child, Tag) and child.name != "hr":
            yield from runs(child, at_end=at_end)
        else:
            yield Run([child], "")
    if run:
        yield _run(run, at_end=at_end)


def _run(nodes: list[PageElement], *, at_end: bool) -> Run:
    nodes = nodes[::-1] if at_end else nodes
    return Run(nodes, collapse("".join(map(text_of, nodes))))
