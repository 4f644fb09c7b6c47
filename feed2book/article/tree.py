"""The tree of one entry: parsed once, read and changed with a few functions that are all linear.

Beautiful Soup finds an element among its siblings by counting them, so that taking many elements out
of one parent is quadratic. Passes therefore change elements in place (a new name, new attributes, new
content) and never take them out one by one: an element without content and name is one that the writer
does not write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from bs4 import BeautifulSoup
from bs4.builder._lxml import LXMLTreeBuilder
from bs4.element import NavigableString, PageElement, Tag
from lxml import etree

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
    """Beautiful Soup's builder with a loop of our own, at a third of the time."""

    def __init__(self, *, references: bool) -> None:
        # Classes stay strings; Beautiful Soup would rather make lists of them.
        super().__init__(multi_valued_attributes=None, attribute_dict_class=dict)
        self._references = references

    def set_up_substitutions(self, tag: Tag) -> bool:  # noqa: ARG002
        """Leave every tag as it is: nothing is written with another charset."""
        return False

    def feed(self, markup: str | bytes) -> None:
        """Build the tree of ``markup``."""
        if self.soup is None:
            raise TypeError("a builder is fed by the soup that it builds")
        target = _Target(self.soup, self.string_containers, references=self._references)
        # lxml's stubs ask for a method for comments as well, and for bytes
        parser = etree.HTMLParser(target=target, huge_tree=True)  # type: ignore[arg-type]
        parser.feed(markup)
        parser.close()


class _Element(Tag):
    """Beautiful Soup's element without its constructor, which gives each the same twenty attributes.

    They are the class's: an element of its own has its name, attributes, content and relations.
    """


for _name, _value in vars(Tag(builder=_Builder(references=False), name="p")).items():
    setattr(_Element, _name, _value)


class _Target:
    """Puts what lxml reads into the tree: no comments and instructions, a bounded depth, all white space.

    Beautiful Soup shrinks runs of white space, and with them the indentation of code in tables.
    """

    def __init__(
        self, soup: BeautifulSoup, kinds: Mapping[str, type[NavigableString]], *, references: bool
    ) -> None:
        self._kinds = kinds  # of the text in elements of some names
        self._references = references  # only these can bring back characters that may not be
        self._open: list[Tag] = [soup]
        self._last: PageElement = soup
        self._text: list[str] = []
        self._strings: list[type[NavigableString]] = [NavigableString]  # the kind of text, by open elements
        self._depth = 0
        self._drawings = 0  # that are open: an image in one is a part of it

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Open an element, unless it lies too deep."""
        self._drawings += name == "svg"
        void = name in _VOID
        if name == "image" and not self._drawings:
            name = "img"
        self._depth += not void
        if self._depth > MAX_DEPTH:
            return
        self._flush()
        tag = _Element.__new__(_Element)
        tag.name, tag.contents = name, []
        given = attributes.items() if attributes else ()  # most have none
        tag.attrs = {key: legible(value) for key, value in given} if self._references else dict(given)
        self._hang(tag)
        kind = self._kinds.get(name)
        if kind:
            tag.interesting_string_types = {kind}
        if not void:
            self._open.append(tag)
            self._strings.append(kind or self._strings[-1])

    def end(self, name: str) -> None:
        """Close an element."""
        self._drawings -= name == "svg"
        if name in _VOID:
            return
        self._depth -= 1
        if self._depth < MAX_DEPTH:
            self._flush()
            self._open.pop()
            self._strings.pop()

    def data(self, text: str) -> None:
        """Take a piece of text; more of it may follow."""
        self._text.append(text)

    def close(self) -> None:
        """End the text that is still open."""
        self._flush()

    def _flush(self) -> None:
        if not self._text:
            return
        text = "".join(self._text)
        # not through its own constructor, which sets up the same relations first, to nothing
        self._hang(str.__new__(self._strings[-1], legible(text) if self._references else text))
        self._text = []

    def _hang(self, node: PageElement) -> None:
        """Put ``node`` at the end of the innermost element that is open."""
        parent, last = self._open[-1], self._last
        before = parent.contents[-1] if parent.contents else None
        node.parent, node.previous_element, node.previous_sibling = parent, last, before
        node.next_element = node.next_sibling = None
        last.next_element = self._last = node
        if before is not None:
            before.next_sibling = node
        parent.contents.append(node)


def parse(markup: str) -> BeautifulSoup:
    """Return the tree of ``markup``, which must be :func:`legible`.

    The wrapper tells Beautiful Soup that this is neither XML nor a URL.
    """
    return BeautifulSoup(f"<html><body>{markup}</body></html>", builder=_Builder(references="&#" in markup))


def elements(root: Tag, names: Collection[str] = ()) -> list[Tag]:
    """Return the elements below ``root`` in document order, all or those with one of ``names``."""
    found: list[Tag] = []
    _list(root, found)
    return [tag for tag in found if tag.name in names] if names and found else found


def _list(tag: Tag, found: list[Tag]) -> None:
    for child in tag.contents:
        if isinstance(child, Tag):
            found.append(child)
            if child.contents:
                _list(child, found)


def holds(root: Tag, names: Collection[str]) -> bool:
    """Say whether there is an element with one of ``names`` below ``root``."""
    return any(
        isinstance(child, Tag) and (child.name in names or holds(child, names)) for child in root.contents
    )


def attribute(tag: Tag, name: str) -> str:
    """Return the value of an attribute, or ``""``."""
    value = tag.attrs.get(name)
    return value if isinstance(value, str) else ""


def tokens(tag: Tag) -> list[str]:
    """Return the classes of ``tag`` and its id, in lower case."""
    attributes = tag.attrs
    if not attributes or ("class" not in attributes and "id" not in attributes):  # most, and most passes ask
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
    if not isinstance(node, Tag):
        return str(node)
    parts: list[str] = []
    _gather(node, parts)
    return "".join(parts)


def _gather(tag: Tag, parts: list[str]) -> None:
    if tag.name in _UNREAD:
        return
    apart = tag.name in APART
    if apart:
        parts.append(" ")
    for child in tag.contents:
        if isinstance(child, NavigableString):
            parts.append(child)
        elif isinstance(child, Tag):
            _gather(child, parts)
    if apart:
        parts.append(" ")


def shows(node: PageElement) -> bool:
    """Say whether there is anything to see in ``node``: text, a picture, a rule or a player."""
    if isinstance(node, NavigableString):
        return not is_blank(node)
    return isinstance(node, Tag) and (node.name in _VISIBLE or any(map(shows, node.contents)))


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
