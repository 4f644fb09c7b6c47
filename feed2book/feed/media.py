"""Media RSS (https://www.rssboard.org/media-rss): which words belong to which picture.

feedparser takes ``media:description`` and ``media:title`` for the entry's own, so that the caption of a
picture can replace a post. They are hidden from it and read here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

Media = dict[str, str]
"""Attributes of a ``media:content`` or ``media:thumbnail`` (then ``preview`` is set), with its words."""

# The literal start, in the case that XML wants, lets the search run at the speed of memory.
_PREFIX = re.compile(r"xmlns:([\w.-]+)\s*=\s*[\"'](?i:https?://search\.yahoo\.com/mrss/?)[\"']")
_MRSS = re.compile(r"\{https?://search\.yahoo\.com/mrss/?\}(\w+)", re.IGNORECASE)
_ENTRIES = frozenset({"item", "entry"})
_WORDS = ("title", "description")


def hide_words(text: str) -> str:
    """Return the feed with ``media:title`` and ``media:description`` under names that mean nothing."""
    match = _PREFIX.search(text)
    if not match:
        return text
    prefix = re.escape(match[1])
    return re.sub(rf"(</?{prefix}:)(title|description)\b", r"\1words-\2", text)


def read_media(text: str, entries: int) -> list[tuple[list[Media], str]]:
    """Return the media of each entry, and the words that describe the entry's media as a whole.

    Args:
        text: the feed, as XML.
        entries: how many entries others found in it; if there are not as many, nothing is returned.
    """
    if not _PREFIX.search(text):
        return []
    from lxml import etree

    # libxml2's own limits stay on: depth, and no entity expansion.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(text.encode("utf-8"), parser)
    if root is None:
        return []
    found = [_media(node) for node in root.iter(etree.Element) if _plain_name(node) in _ENTRIES]
    return found if len(found) == entries else []


def _plain_name(node: _Element) -> str:
    return str(node.tag).rpartition("}")[2].lower()


def _name(node: _Element) -> str:
    match = _MRSS.fullmatch(node.tag) if isinstance(node.tag, str) else None
    return match[1].lower() if match else ""


def _media(entry: _Element) -> tuple[list[Media], str]:
    """Read an entry's media: directly in it, and in groups (which are one thing in several forms)."""
    found: list[Media] = []
    own = _words(entry)
    for child in entry:
        if _name(child) == "group":
            own = {**_words(child), **own}
            for part in child:
                found += _part(part, _words(child))
        else:
            found += _part(child, {})
    things = [part for part in found if not part.get("preview")]
    if len(things) == 1:
        things[0].update({name: value for name, value in own.items() if name not in things[0]})
    return found, own.get("description", "")


def _part(node: _Element, words: Media) -> list[Media]:
    name = _name(node)
    attributes = {str(key): str(value) for key, value in node.attrib.items()}
    if name == "thumbnail":
        return [{**attributes, "preview": "yes"}]
    if name != "content":
        return []
    inner = [{**child.attrib, "preview": "yes"} for child in node if _name(child) == "thumbnail"]
    return [{**words, **attributes, **_words(node)}, *[{str(k): str(v) for k, v in i.items()} for i in inner]]


def _words(node: _Element) -> Media:
    found = {}
    for child in node:
        if _name(child) in _WORDS and child.text and child.text.strip():
            found[_name(child)] = child.text.strip()
    return found
