"""Exports of whole blogs: a file that holds all posts, and much else that is none.

They are read from their bytes, one element after the other, so that only the posts stay in memory.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feed2book.errors import Code, FeedError
from feed2book.models import Feed, Notice, Response

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEAD = 8_000  # bytes in which an export says what it is
_WORDPRESS = re.compile(rb"xmlns:\w+\s*=\s*[\"']http://wordpress\.org/export/\d")
_BLOGGER = re.compile(
    rb"xmlns:\w+\s*=\s*[\"']http://schemas\.google\.com/blogger/2018|"
    rb"http://schemas\.google\.com/blogger/2008/kind#(?:template|settings|post|page)"
)


@dataclass(slots=True)
class Export:
    """An export that is read: iterate over it once, then ask for what stood around.

    Args:
        body: the export, as XML of any state.
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


def reader_of(body: bytes) -> Callable[[Response], Feed] | None:
    """Return what reads this export, or None when it is none."""
    head = body[:_HEAD]
    if _WORDPRESS.search(head):
        return _read_wordpress
    return _read_blogger if _BLOGGER.search(head) else None


def _read_wordpress(response: Response) -> Feed:
    from feed2book.feed.wordpress_export import TAGS, read

    export = Export(response.body, TAGS)
    return _checked(read(export, response.url), export)


def _read_blogger(response: Response) -> Feed:
    from feed2book.feed.blogger_export import TAGS, read

    export = Export(response.body, TAGS)
    return _checked(read(export, response.url), export)


def _checked(feed: Feed, export: Export) -> Feed:
    problem = export.problem.strip()
    if not feed.entries and problem:
        raise FeedError(f"no post of this export could be read ({problem})", where=feed.url)
    if not feed.entries:
        raise FeedError("the export holds no published posts", where=feed.url, remedy="export all posts")
    if not problem:
        return feed
    message = f"the export is malformed; what could be read was kept ({problem})"
    return replace(feed, notices=(Notice(Code.FEED_MALFORMED, message, feed.url), *feed.notices))
