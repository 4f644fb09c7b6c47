"""An independent reading of the HTML Standard's content models, as far as articles use them (§4)."""

from __future__ import annotations

import re

from lxml import etree


def _names(text: str) -> set[str]:
    return set(text.split())


PHRASING = _names(
    "a abbr b bdi bdo br cite code del dfn em i img ins kbd mark q ruby rp rt s samp small span strong sub "
    "sup time u var"
)
FLOW = PHRASING | _names("aside blockquote dl figure h2 h3 h4 h5 h6 hr ol p pre table ul")
ONLY: dict[str, set[str]] = {
    "section": FLOW,
    "aside": FLOW,
    "blockquote": FLOW,
    "li": FLOW,
    "dd": FLOW,
    "td": FLOW,
    "th": FLOW,
    "figure": FLOW | {"figcaption"},
    "figcaption": FLOW,
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"dt", "dd"},
    "table": {"caption", "thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"td", "th"},
}
NO_TEXT = {
    "ul",
    "ol",
    "dl",
    "table",
    "thead",
    "tbody",
    "tr",
    "br",
    "hr",
    "img",
    "section",
    "blockquote",
    "aside",
}
NOT_EMPTY = {
    "ul",
    "ol",
    "dl",
    "table",
    "thead",
    "tbody",
    "tr",
    "p",
    "li",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "figure",
}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
ATTRIBUTES = _names(
    "id class lang dir href title value start reversed type colspan rowspan scope datetime src alt width "
    "height"
) | {"{http://www.w3.org/XML/1998/namespace}lang"}


def faults(root: etree._Element) -> list[str]:
    """Return what breaks a content model, one line each."""
    found = [fault for element in root.iter() for fault in _element_faults(element)]
    ids = [value for element in root.iter() if (value := element.get("id"))]
    found += [f"id {name!r} twice" for name in set(ids) if ids.count(name) > 1]
    found += [f"id {name!r} is no name" for name in ids if not NAME.fullmatch(name)]
    for link in root.iter("a"):
        href = link.get("href") or ""
        if href.startswith("#") and href[1:] not in ids:
            found.append(f"dead link {href}")
    return found


def _element_faults(element: etree._Element) -> list[str]:
    name = str(element.tag)
    found = []
    if name not in ONLY and name not in PHRASING and name not in FLOW | {"dt", "caption"}:
        found.append(f"<{name}> is not in the vocabulary")
    allowed = ONLY.get(name, PHRASING)
    found += [f"<{child.tag}> in <{name}>" for child in element if child.tag not in allowed]
    strings = [element.text, *(child.tail for child in element)]
    if name in NO_TEXT and any(string and string.strip() for string in strings):
        found.append(f"text in <{name}>")
    if name in NOT_EMPTY and len(element) == 0 and not (element.text or "").strip():
        found.append(f"<{name}> is empty")
    if name == "a" and any(True for _ in element.iter("a")) and len(list(element.iter("a"))) > 1:
        found.append("<a> in <a>")
    roles = {"role"} if name == "aside" and element.get("role") == "note" else set()  # a card
    found += [
        f"{attribute} on <{name}>"
        for attribute in map(str, element.attrib)
        if attribute not in ATTRIBUTES | roles
    ]
    return found + _order_faults(name, [str(child.tag) for child in element])


def _order_faults(name: str, children: list[str]) -> list[str]:
    found = []
    if name == "dl" and (children[:1] != ["dt"] or children[-1:] != ["dd"]):
        found.append(f"<dl> of {children}")
    if name == "table" and (
        "caption" in children[1:] or "thead" in children[children[:1] == ["caption"] :][1:]
    ):
        found.append(f"<table> of {children}")
    if name == "figure" and "figcaption" in children:
        if children.count("figcaption") > 1:
            found.append("two captions")
        elif "figcaption" not in {children[0], children[-1]}:
            found.append("a caption in the middle")
    return found
