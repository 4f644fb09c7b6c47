"""Inline SVG spelled as a document of its own: only what draws, in the case that SVG wants.

HTML has no case, SVG has; and what stands in a post may hold scripts, pages and addresses. So a drawing is
written anew from lists of what may be in one. It is then drawn like any SVG that was fetched.
"""

from __future__ import annotations

import base64
import re
from html import escape
from itertools import islice

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.text import collapse
from feed2book.article.tree import attribute, elements, hidden, text_of
from feed2book.article.vocabulary import names

MAX_CHARACTERS = 2_000_000

_SHAPES = names("path rect circle ellipse line polyline polygon text use image foreignobject")
_PARTS = _SHAPES | names(
    "svg g defs symbol tspan textpath lineargradient radialgradient stop clippath mask pattern marker filter "
    "switch a style feblend fecolormatrix fecomponenttransfer fecomposite feflood fefunca fefuncb fefuncg "
    "fefuncr fegaussianblur femerge femergenode femorphology feoffset fetile fedropshadow"
)
# HTML Standard, §13.2.6.1 and §13.2.6.5: the names that are not all in lower case.
_NAMES = {
    name.lower(): name
    for name in names(
        """clipPath linearGradient radialGradient textPath feBlend feColorMatrix feComponentTransfer
        feComposite feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode
        feMorphology feOffset feTile clipPathUnits filterUnits gradientTransform gradientUnits lengthAdjust
        markerHeight markerUnits markerWidth maskContentUnits maskUnits pathLength patternContentUnits
        patternTransform patternUnits preserveAspectRatio primitiveUnits refX refY spreadMethod startOffset
        stdDeviation tableValues textLength viewBox xChannelSelector yChannelSelector"""
    )
}
_ATTRIBUTE = re.compile(r"(?!on|xmlns)[a-z][a-z0-9-]*")
_LENGTH = re.compile(r"\s*(\d{1,5}(?:\.\d+)?)\s*(px|pt|in|cm|mm)?\s*")
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "in": 96.0, "cm": 37.8, "mm": 3.78}
_MAX_WIDTH = re.compile(r"max-width\s*:\s*(\d{1,5}(?:\.\d+)?)px", re.IGNORECASE)
_INSIDE = re.compile(r"#|data:image/(?:png|jpe?g|gif|webp)[;,]", re.IGNORECASE)
_FAR = re.compile(r"url\(\s*['\"]?(?!\s*#)[^)]*\)|@import[^;]*;?", re.IGNORECASE)
_NEAR = 4  # nodes
_CSS_WIDTH = 640  # pixels: what fills a column of text, for a drawing that is as wide as its place


def draws(svg: Tag) -> bool:
    """Say whether there is anything to see in an ``svg``: not in a store of symbols, nor in a hidden one."""
    if hidden(svg) or attribute(svg, "width").strip() in {"0", "0px"}:
        return False
    own = {attribute(part, "id") for part in elements(svg)}
    pending: list[Tag] = [svg]
    while pending:
        for part in pending.pop().contents:
            if not isinstance(part, Tag) or part.name in {"defs", "symbol"}:
                continue
            if part.name in _SHAPES and (part.name != "use" or _href(part).removeprefix("#") in own):
                return True
            pending.append(part)
    return False


def size(svg: Tag) -> tuple[float, float]:
    """Return the width and height that an ``svg`` claims in CSS pixels, else its own units, else 0."""
    box = attribute(svg, "viewbox").replace(",", " ").split()
    sides = []
    for name, at in (("width", 2), ("height", 3)):
        match = _LENGTH.fullmatch(attribute(svg, name))
        if match:
            sides.append(float(match[1]) * _UNITS[match[2] or ""])
        elif attribute(svg, name).strip().endswith(("em", "ex")):
            sides.append(16.0)
        else:
            own = _LENGTH.fullmatch(box[at]) if len(box) == 4 else None
            sides.append(float(own[1]) if own else 0.0)
    return sides[0], sides[1]


def shown_width(svg: Tag) -> int:
    """Return how wide a page would show an ``svg``, in CSS pixels; without a width it fills the column."""
    width = round(size(svg)[0])
    if _LENGTH.fullmatch(attribute(svg, "width")):
        return width
    most = _MAX_WIDTH.search(attribute(svg, "style"))
    return min(_CSS_WIDTH, round(float(most[1]))) if most else max(_CSS_WIDTH, width)


def words_of(svg: Tag) -> str:
    """Return what a drawing says it shows: its label, its title and description, else its lettering."""
    label = collapse(attribute(svg, "aria-label"))
    told = [_text_in(svg, name) for name in ("title", "desc")]
    lettering = (collapse(text_of(part)) for part in elements(svg, {"text", "foreignobject"}))
    return label or ". ".join(filter(None, told)) or " ".join(filter(None, lettering))


def _text_in(svg: Tag, name: str) -> str:
    return next((collapse(part.get_text()) for part in svg.find_all(name, recursive=False)), "").rstrip(".")


def as_address(svg: Tag) -> str:
    """Return an ``svg`` as a ``data:`` address, ``""`` when it is too large."""
    written: list[str] = []
    _write(svg, written, top=True)
    text = "".join(written)
    if len(text) > MAX_CHARACTERS:
        return ""
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode("ascii")


def _write(node: PageElement, written: list[str], *, top: bool = False) -> None:
    if isinstance(node, NavigableString):
        written.append(escape(str(node), quote=False))
        return
    if not isinstance(node, Tag) or node.name not in _PARTS:
        return  # scripts, titles, animations, metadata: nothing of them is in a still picture
    if node.name == "foreignobject":
        _write_lettering(node, written)
        return
    name = _NAMES.get(node.name, node.name)
    root = ' xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"' if top else ""
    written.append(f"<{name}{root}{_attributes(node)}>")
    if node.name == "style":
        written.append(escape(_FAR.sub("", node.get_text()), quote=False))
    else:
        for child in node.contents:
            _write(child, written)
    written.append(f"</{name}>")


def _attributes(tag: Tag) -> str:
    kept = []
    for name, value in tag.attrs.items():
        if name in {"href", "xlink:href"}:
            if _INSIDE.match(_href(tag)) and tag.name != "a":
                kept.append(("xlink:href", _href(tag)))
        elif isinstance(value, str) and _ATTRIBUTE.fullmatch(name):
            kept.append((_NAMES.get(name, name), _FAR.sub("none", value)))
        elif name == "xml:space":
            kept.append((name, "preserve"))
    return "".join(f' {name}="{escape(value)}"' for name, value in dict(kept).items())


def _href(tag: Tag) -> str:
    return (attribute(tag, "href") or attribute(tag, "xlink:href")).strip()


def _write_lettering(tag: Tag, written: list[str]) -> None:
    """Write the text of a page in a drawing (Mermaid's labels) in the middle of its place."""
    text = collapse(text_of(tag))
    near = islice(tag.next_siblings, _NEAR)  # what draw.io has for programs that show no pages in drawings
    drawn_twice = any(isinstance(node, Tag) and node.name == "text" for node in near)
    if not text or drawn_twice:
        return
    at = {}
    for name in ("x", "y", "width", "height"):
        match = re.fullmatch(r"\s*(-?\d{1,6}(?:\.\d+)?)(?:px)?\s*", attribute(tag, name))
        at[name] = float(match[1]) if match else 0.0
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    written.append(
        f'<text x="{x:g}" y="{y:g}" text-anchor="middle" dominant-baseline="central" font-size="14">'
        f"{escape(text, quote=False)}</text>"
    )
