"""Feeds that are nearly XML: what is mended before the strict parser reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import name2codepoint

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # XML 1.0, 2.2 Characters
_DECLARED = "<?xml version='1.0' encoding='utf-8'?>\n"
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF in UTF-8
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>\s*")
_TAG = re.compile(r"<(/?)([A-Za-z][\w.:-]*+)[^<>]*?(/?)>")
# An end that never comes is the end of the text: looking for it from each start would be quadratic.
_OPAQUE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_BARE_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z]\w{0,30};)")
_DEEPEST = 100  # levels that are closed at the end of a feed that broke off
_HEAD = 2_000  # characters in which the declaration and the root must begin
_ROOT_END = re.compile(r"</(?:[A-Za-z]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_ROOT_START = re.compile(r"<(?:\?xml|!doctype|!--|[a-z]+:?(?:rss|feed|rdf|channel|entry)?\b)", re.IGNORECASE)


def repaired(text: str) -> str:
    """Mend what needs no judgement, so that the strict parser reads feeds that are nearly XML.

    Characters that XML forbids, HTML's named entities without a DTD, white space or stray text before
    the declaration, and junk after the root. The strict parser is faster and loses less.
    """
    text = from_root(_without_forbidden(text))
    if "<!ENTITY" not in text:
        text = "".join(map(_legal, _cdata_apart(text)))
    text = _without_tail(text)
    return _DECLARED + _closed(text)


def from_root(text: str) -> str:
    """Cut off what stands before the root, the declaration too."""
    text = text.lstrip("\ufeff \t\r\n")
    root = _ROOT_START.search(text, 0, _HEAD)
    start = root.start() if root else 0
    declared = _DECLARATION.search(text, start, start + _HEAD)
    return text[start : declared.start()] + text[declared.end() :] if declared else text[start:]


def _without_forbidden(text: str) -> str:
    """Take out what XML forbids. To look for it in bytes takes a tenth of the time; most feeds have none."""
    try:
        octets = text.encode("utf-8")
    except UnicodeEncodeError:  # a surrogate
        return _FORBIDDEN.sub("", text)
    dirty = len(octets.translate(None, _CONTROLS)) < len(octets) or any(map(octets.count, _NONCHARACTERS))
    return _FORBIDDEN.sub("", text) if dirty else text


def _cdata_apart(text: str) -> Iterator[str]:
    """Yield the pieces outside and inside CDATA in turn; one that never ends goes to the end of the text."""
    place = 0
    while (start := text.find("<![CDATA[", place)) >= 0:
        yield text[place:start]
        end = text.find("]]>", start)
        place = end + 3 if end >= 0 else len(text)
        yield text[start:place]
    yield text[place:]


def _without_tail(text: str) -> str:
    """Cut off text after the last end tag of the root (PHP warnings, counters), if it is not markup."""
    ends = [match.end() for match in _ROOT_END.finditer(text, max(0, len(text) - 20_000))]
    return text[: ends[-1]] if ends and "<" not in text[ends[-1] :] else text


def _closed(text: str) -> str:
    """Close what is open at the end of a feed that broke off, so that what came of the last post counts."""
    if _ROOT_END.search(text, max(0, len(text) - 20_000)):
        return text
    if text.rfind("<![CDATA[") > text.rfind("]]>"):
        text += "]]>"
    elif text.rfind("<") > text.rfind(">"):
        text = text[: text.rfind("<")]
    last = max(text.rfind("</item>"), text.rfind("</entry>"), 0)
    open_tags: list[str] = []
    for closing, name, empty in _TAG.findall(_OPAQUE.sub("", text[last:])):
        if not closing and not empty:
            open_tags.append(name)
        elif closing and name in open_tags:
            del open_tags[len(open_tags) - 1 - open_tags[::-1].index(name) :]
    return text + "".join(f"</{name}>" for name in reversed(open_tags[:_DEEPEST]))


def _legal(piece: str) -> str:
    """Spell out HTML's entities and escape bare ampersands, except in CDATA, where they are text."""
    if piece.startswith("<![CDATA["):
        return piece
    return _BARE_AMPERSAND.sub("&amp;", _ENTITY.sub(_number, piece))


def _number(match: re.Match[str]) -> str:
    name = match[1]
    known = name2codepoint.get(name) if name not in _XML_ENTITIES else None
    return f"&#{known};" if known else match[0]
