"""XML read from its bytes, one element after the other, so that only what is wanted stays in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element


@dataclass(slots=True)
class Elements:
    """A document that is read: iterate over it once, then ask for what stood around.

    Args:
        body: XML of any state.
        names: of the elements to yield, each when it is whole; ``{*}`` stands for any namespace.

    Attributes:
        root: the root, without what was yielded, after the end.
        problem: what was wrong with it, or ``""``, after the end.
    """

    body: bytes
    names: tuple[str, ...]
    root: _Element | None = None
    problem: str = ""

    def __iter__(self) -> Iterator[_Element]:
        from lxml import etree

        # libxml2's own limits stay on: depth, length of a text, and no entity is expanded.
        parser = etree.iterparse(
            io.BytesIO(self.body),
            events=("end",),
            tag=self.names,
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
        )
        done: _Element | None = None
        for _, element in parser:
            yield element
            element.clear()
            # The one before: lxml still needs the element that it is at.
            if done is not None and (parent := done.getparent()) is not None:
                parent.remove(done)
            done = element
        self.root = parser.root
        self.problem = next((entry.message for entry in parser.error_log), "")


def text_in(element: _Element | None) -> str:
    """Return all text in an element; an entity that XML does not know stays as it is written (``&nbsp;``)."""
    return "" if element is None else "".join(map(str, element.itertext()))
