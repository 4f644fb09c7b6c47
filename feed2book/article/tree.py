"""The tree of one entry: parsed once, read and changed with a few functions that are all linear.

Beautiful Soup finds an element among its siblings by counting them, so that taking many elements out
of one parent is quadratic. Passes therefore change elements in place (a new name, new attributes, new
content) and never take them out one by one: an element without content and name is one that the writer
does not write.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bs4 import BeautifulSoup
from bs4.builder._lxml import LXMLTreeBuilder
from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.text import is_blank, legible
from feed2book.article.vocabulary import BLOCKS, DIVISIONS, HEADINGS

MAX_DEPTH = 120  # levels; elements deeper than that lose their tags and keep their text

_UNREAD = frozenset(
    {"script", "style", "template", "iframe"}
)  # in a frame: what no browser has shown for ages
_VISIBLE = frozenset({"img", "hr", "iframe", "object", "embed", "video", "audio", "svg", "math", "input"})
#: Elements that stand on lines of their own.
APART = BLOCKS | DIVISIONS | {"p", "br", "hr", *HEADINGS}


# Void elements that libxml2 does not know as such: it would put all that follows inside them.
_VOID = frozenset({"bgsound", "command", "embed", "image", "keygen", "nextid", "source", "track", "wbr"})


class _Builder(LXMLTreeBuilder):
    """Beautiful Soup's builder without comments, instructions and namespaces, and with a bounded depth."""

    def __init__(self, *, references: bool) -> None:
        # Else runs of white space would shrink to one, and with them the indentation of code in tables.
        super().__init__(multi_valued_attributes=None, huge_tree=True, preserve_whitespace_tags={"body"})
        self._depth = 0
        self._drawings = 0  # that are open: an image in one is a part of it
        self._references = references  # only these can bring back characters that may not be

    def start(
        self,
        tag: str | bytes,
        attrib: dict[str | bytes, str | bytes],
        nsmap: object = None,  # noqa: ARG002 (the builder's signature)
    ) -> None:
        self._drawings += tag == "svg"
        name = "img" if tag == "image" and not self._drawings else str(tag)
        void = name in _VOID or tag == "image"
        self._depth += not void
        if self._depth <= MAX_DEPTH and self.soup is not None:
            given = {str(key): str(value) for key, value in attrib.items()}
            if self._references:
                given = {key: legible(value) for key, value in given.items()}
            self.soup.handle_starttag(name, None, None, given)
            if void:
                self.soup.handle_endtag(name)

    def end(self, tag: str | bytes) -> None:
        self._drawings -= tag == "svg"
        if tag not in _VOID:
            self._depth -= 1
            if self._depth < MAX_DEPTH and self.soup is not None:
                self.soup.handle_endtag(str(tag))

    def data(self, data: str | bytes) -> None:
        if self.soup is not None:
            self.soup.handle_data(legible(str(data)) if self._references else str(data))

    def comment(self, text: str | bytes) -> None:
        """Leave comments out."""

    def pi(self, target: str, data: str) -> None:
        """Leave processing instructions out."""

    def doctype(self, name: str, pubid: str, system: str) -> None:
        """Leave document types out."""


def parse(markup: str) -> BeautifulSoup:
    """Return the tree of ``markup``, which must be :func:`legible`.

    The wrapper tells Beautiful Soup that this is neither XML nor a URL.
    """
    return BeautifulSoup(f"<html><body>{markup}</body></html>", builder=_Builder(references="&#" in markup))


def elements(root: Tag, names: Collection[str] = ()) -> list[Tag]:
    """Return the elements below ``root`` in document order, all or those with one of ``names``."""
    return [node for node in root.descendants if isinstance(node, Tag) and (not names or node.name in names)]


def attribute(tag: Tag, name: str) -> str:
    """Return the value of an attribute, or ``""``."""
    value = tag.attrs.get(name)
    return value if isinstance(value, str) else ""


def tokens(tag: Tag) -> list[str]:
    """Return the classes of ``tag`` and its id, in lower case."""
    if not tag.attrs:  # most elements, and most passes ask
        return []
    return f"{attribute(tag, 'class')} {attribute(tag, 'id')}".lower().split()


def attached(tag: Tag, root: Tag) -> bool:
    """Say whether ``tag`` still hangs on ``root``."""
    node: Tag | None = tag
    while node is not None and node is not root:
        node = node.parent
    return node is root


def text_of(node: PageElement) -> str:
    """Return the text of ``node``, a space where a block begins or ends."""
    parts: list[str] = []
    _gather(node, parts)
    return "".join(parts)


def _gather(node: PageElement, parts: list[str]) -> None:
    if isinstance(node, NavigableString):
        parts.append(str(node))
    elif isinstance(node, Tag) and node.name not in _UNREAD:
        apart = node.name in APART
        if apart:
            parts.append(" ")
        for child in node.contents:
            _gather(child, parts)
        if apart:
            parts.append(" ")


def shows(node: PageElement) -> bool:
    """Say whether there is anything to see in ``node``: text, a picture, a rule or a player."""
    if isinstance(node, NavigableString):
        return not is_blank(node)
    return isinstance(node, Tag) and (
        node.name in _VISIBLE
        or any(
            child.name in _VISIBLE if isinstance(child, Tag) else not is_blank(str(child))
            for child in node.descendants
        )
    )


def ancestor(tag: PageElement, names: Collection[str]) -> Tag | None:
    """Return the nearest ancestor of ``tag`` with one of ``names``, or None."""
    node = tag.parent
    while node is not None and node.name not in names:
        node = node.parent
    return node


def inside(tag: PageElement, names: Collection[str]) -> bool:
    """Say whether an ancestor of ``tag`` has one of ``names``."""
    return ancestor(tag, names) is not None


_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def hidden(tag: Tag) -> bool:
    """Say whether the markup hides ``tag`` from sight."""
    return "hidden" in tag.attrs or bool(_HIDDEN.search(attribute(tag, "style")))
