"""OPML lists of feeds ↔ sources. See http://opml.org/spec2.opml, "Subscription lists"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from feed2book.errors import FeedError
from feed2book.feed.decode import decode
from feed2book.feed.text import address, plain
from feed2book.models import Response, Source

if TYPE_CHECKING:
    from lxml.etree import _Element

_BETWEEN = " / "  # the names of folders in a group

_FEED_SCHEME = re.compile(r"feed:(?://)?(?=\w)", re.IGNORECASE)


def parse_opml(response: Response) -> tuple[Source, ...]:
    """Return the feeds of a list, each address once, as sources; folders become their groups.

    Args:
        response: the list's bytes. It may be damaged, and is not trusted.

    Raises:
        FeedError: it is no OPML, or it names no feeds.
    """
    from lxml import etree

    # libxml2's own limits stay on: 256 levels, no entity expansion.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=True
    )
    try:
        root = etree.fromstring(decode(response).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # not one element
        root = None
    if root is None or _name(root) != "opml":
        raise FeedError(
            "this is not an OPML list of feeds", where=response.url, remedy="export one from your feed reader"
        )
    found: dict[str, Source] = {}
    for source in _sources(root):
        found.setdefault(source.address, source)
    if not found:
        raise FeedError("the list names no feeds", where=response.url, remedy="a feed has an xmlUrl")
    return tuple(found.values())


def _sources(root: _Element) -> Iterator[Source]:
    """Yield each feed in the order of the list, which is walked without recursion."""
    waiting: list[tuple[_Element, str]] = [(root, "")]
    while waiting:
        element, group = waiting.pop()
        said = {str(key).lower(): str(value) for key, value in element.attrib.items()}
        title = plain(said.get("title")) or plain(said.get("text"))
        url = _web_address(said.get("xmlurl", ""))
        if url:
            yield Source(url, name="" if title == url else title, group=group)
        elif title and _name(element) == "outline":
            group = plain(f"{group}{_BETWEEN}{title}" if group else title)  # no longer than a title may be
        waiting.extend((child, group) for child in reversed(element) if isinstance(child.tag, str))


def _web_address(value: str) -> str:
    return address(_FEED_SCHEME.sub("http://", value.strip()))


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def write_opml(title: str, sources: Iterable[Source]) -> bytes:
    """Return a list (OPML 2.0) of the sources that are on the web, their groups as folders.

    Args:
        title: the list's.
        sources: in their order.
    """
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = plain(title)
    folders = {"": etree.SubElement(root, "body")}
    for source in sources:
        if url := _web_address(source.address):
            folder = _folder(source.group, folders)
            etree.SubElement(folder, "outline", type="rss", text=plain(source.name) or url, xmlUrl=url)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8") + b"\n"


def _folder(group: str, folders: dict[str, _Element]) -> _Element:
    """Return the folder of a group; it and those around it are made where they are not there yet."""
    if group not in folders:
        from lxml import etree

        around, _, name = group.rpartition(_BETWEEN)
        folders[group] = etree.SubElement(_folder(around, folders), "outline", text=plain(name))
    return folders[group]
