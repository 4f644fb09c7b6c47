"""Which attributes an element keeps, each checked and spelled as XHTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from bs4.element import Tag

from feed2book.article.text import collapse, is_blank
from feed2book.article.tree import attribute
from feed2book.article.vocabulary import CLASSES

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_WHOLE = re.compile(r"-?\d{1,6}")
_CODE_CLASS = re.compile(r"language-[a-z0-9+#._-]{1,30}")
_COMMON = ("class", "lang", "xml:lang", "dir")
_LIST_TYPES = frozenset("1aAiI")
_SCOPES = frozenset({"row", "col", "rowgroup", "colgroup"})
_DATETIME = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?(Z|[+-](0\d|1[0-4]):?[0-5]\d)?)?"
)


def language_tag(value: str) -> str:
    """Return ``value`` as a BCP 47 tag, ``_`` taken for ``-``, or ``""``."""
    value = value.strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(value):
        return ""
    first, *rest = value.split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def markup_language(root: Tag) -> str:
    """Return the language that the markup itself gives to the whole text, or ``""``."""
    node, found = root, ""
    while True:
        shown = [child for child in node.contents if isinstance(child, Tag) or not is_blank(str(child))]
        if len(shown) != 1 or not isinstance(shown[0], Tag):
            tongues = {_tongue(child) if isinstance(child, Tag) else "" for child in shown}
            return (tongues.pop() if len(tongues) == 1 else "") or found
        node = shown[0]
        found = _tongue(node) or found


def _tongue(tag: Tag) -> str:
    said = attribute(tag, "lang") or attribute(tag, "xml:lang")
    return language_tag(said) if said else ""


def attributes_of(tag: Tag) -> str:
    """Return the attributes that ``tag`` keeps (its id apart), each with a space before it."""
    if not tag.attrs:
        return ""
    return _common(tag) + "".join(_spelled(name, value) for name, value in _own(tag))


def plain_span(tag: Tag) -> bool:
    """Say whether an inline element does nothing: its content then stands for it."""
    name = tag.name
    if name == "span":
        return not (attribute(tag, "id") or _common(tag))
    if name == "a":
        return not (attribute(tag, "id") or attribute(tag, "href"))
    return (name == "bdo" and not _direction(tag)) or (name == "time" and not any(_own(tag)))


def _common(tag: Tag) -> str:
    if tag.attrs.keys().isdisjoint(_COMMON):
        return ""
    written = _spelled("class", _classes(tag))
    language = _tongue(tag)
    if language:
        written += f' lang="{language}" xml:lang="{language}"'
    return written + _spelled("dir", _direction(tag))


def _direction(tag: Tag) -> str:
    value = attribute(tag, "dir").lower()
    return value if value in {"ltr", "rtl"} or (value == "auto" and tag.name != "bdo") else ""


def _classes(tag: Tag) -> str:
    kept = [
        name
        for name in attribute(tag, "class").split()
        if name in CLASSES or (tag.name == "code" and _CODE_CLASS.fullmatch(name))
    ]
    return " ".join(dict.fromkeys(kept))


def _own(tag: Tag) -> list[tuple[str, str]]:
    """Return the attributes that only some elements have, in the order in which they are written."""
    check = _CHECKS.get(tag.name)
    return [pair for pair in check(tag) if pair[1]] if check else []


def _link(tag: Tag) -> list[tuple[str, str]]:
    return [("href", attribute(tag, "href"))]  # made valid by the passes on links


def _titled(tag: Tag) -> list[tuple[str, str]]:
    return [("title", collapse(attribute(tag, "title")))]


def _item(tag: Tag) -> list[tuple[str, str]]:
    numbered = tag.parent is not None and tag.parent.name == "ol"
    return [("value", _number(tag, "value") if numbered else "")]


def _ordered(tag: Tag) -> list[tuple[str, str]]:
    kind = attribute(tag, "type")
    return [
        ("start", _number(tag, "start")),
        ("reversed", "reversed" if "reversed" in tag.attrs else ""),
        ("type", kind if kind in _LIST_TYPES else ""),
    ]


def _cell(tag: Tag) -> list[tuple[str, str]]:
    scope = attribute(tag, "scope").lower()
    return [
        ("colspan", attribute(tag, "colspan")),  # made sane by the pass on tables
        ("rowspan", attribute(tag, "rowspan")),
        ("scope", scope if tag.name == "th" and scope in _SCOPES else ""),
    ]


def _moment(tag: Tag) -> list[tuple[str, str]]:
    value = attribute(tag, "datetime").strip()
    if not _DATETIME.fullmatch(value):
        return []
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return []
    return [("datetime", value)]


def _aside(tag: Tag) -> list[tuple[str, str]]:
    # Many cards would be many landmarks without a name, a maze to screen readers.
    return [("role", "note" if "embed" in attribute(tag, "class").split() else "")]


_CHECKS: dict[str, Callable[[Tag], list[tuple[str, str]]]] = {
    "a": _link,
    "abbr": _titled,
    "aside": _aside,
    "dfn": _titled,
    "li": _item,
    "ol": _ordered,
    "td": _cell,
    "th": _cell,
    "time": _moment,
}


def _number(tag: Tag, name: str) -> str:
    value = attribute(tag, name).strip()
    return str(int(value)) if _WHOLE.fullmatch(value) else ""


def _spelled(name: str, value: str) -> str:
    return f' {name}="{escape(value)}"' if value else ""


def escape(value: str) -> str:
    """Return ``value`` as it stands between double quotes."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
