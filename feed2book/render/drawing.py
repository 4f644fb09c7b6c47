"""Formulas as pictures: MathML → SVG on a baseline (ziamath), and SVG → PNG (resvg), each once."""

from __future__ import annotations

import hashlib
import re
import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

from feed2book.models import Asset, Blob, Formula
from feed2book.render.formula_lines import break_lines

EM = 20.0
"""Units of a drawing for one em of the text."""

WIDEST = 28.0
"""Em of a line: a displayed formula that is wider is set in several lines. An A5 page is as wide."""

# ziamath takes twice the time for each row in a row. A thousand units take about a second.
_MOST_WORK = 1500
_ROWS = frozenset({"mrow", "mstyle", "mpadded", "mphantom", "msqrt", "menclose"})


@dataclass(frozen=True, slots=True)
class Drawing:
    """A formula drawn in black on nothing. Lengths are in em; ``depth`` is what hangs below the baseline."""

    name: str
    svg: bytes
    width: float
    height: float
    depth: float

    @property
    def style(self) -> str:
        """The declarations that set it on the baseline, as large as the text around it."""
        return f"width:{self.width:.3f}em;vertical-align:{-self.depth:.3f}em"


def in_words(formula: Formula) -> str:
    """Return what stands for a formula that cannot be drawn."""
    return f'<code class="formula">{escape(formula.alt)}</code>'


def draw(formula: Formula) -> Drawing | None:
    """Return the formula as a drawing, or None when it cannot be drawn."""
    return _draw(formula.mathml)


@cache
def _typesetter() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ziamath 0.13 finds its font in a way that Python 3.11 deprecates
        from ziamath.zmath import Math
    return Math


@lru_cache(maxsize=2**15)
def _draw(mathml: str) -> Drawing | None:
    root = ElementTree.fromstring(re.sub(r' xmlns="[^"]*"| alttext="[^"]*"', "", mathml, count=2))  # noqa: S314 (ours)
    if _work(root) > _MOST_WORK:
        return None
    _adapt(root, displayed=root.get("display") == "block")
    root.attrib.setdefault("display", "inline")
    whole = _set(root)
    if whole is None or whole.width <= WIDEST or root.get("display") != "block":
        return whole
    broken = break_lines(root, lambda part: drawn.width if (drawn := _set(part)) else 0.0, WIDEST)
    return (_set(broken) if broken is not None else None) or whole


def _set(root: Any) -> Drawing | None:
    """Return the formula as ziamath sets it."""
    typeset = _typesetter()
    # The last unit of the margin keeps round letters from being cut by a pixel's edge.
    try:
        drawn = typeset(root, size=EM, margin=0.5)
        box = drawn.node.bbox
        svg = ElementTree.tostring(drawn.svgxml())
    # Nobody knows what ziamath raises on odd MathML (KeyError, IndexError, ZeroDivisionError …).
    except Exception:  # noqa: BLE001
        return None
    width, height = box.xmax - box.xmin + 1.0, box.ymax - box.ymin + 1.0
    if not (1.0 < width < 2000 and 1.0 < height < 2000):
        return None
    name = "tex-" + hashlib.sha256(svg).hexdigest()[:16]
    return Drawing(name, svg, width / EM, height / EM, (0.5 - box.ymin) / EM)


_BESIDE = {"munder": "msub", "mover": "msup", "munderover": "msubsup"}
_SCRIPTED = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})


_LARGE = frozenset("∫∬∭∮∯∰∑∏∐")


def _adapt(element: Any, *, displayed: bool) -> None:
    """Spell what ziamath draws badly in another way.

    It takes fences around limits that may move to be immensely high, so they are placed here; it leaves
    the space of an operator before its script; it knows no ASCII hat; and it sets lines too close.
    """
    if element.get("displaystyle"):
        displayed = element.get("displaystyle") == "true"
    elif element.tag in {"mfrac", "mtable"}:
        displayed = False
    if element.tag in _BESIDE and element[0].get("movablelimits") == "true":
        element[0].set("movablelimits", "false")
        element.tag = element.tag if displayed else _BESIDE[element.tag]
    if element.tag in _BESIDE.values() and element[0].tag == "mo":
        element[0].set("movablelimits", "false")
        element[0].set("rspace", "0em")
    if element.tag == "mover" and element[1].text == "^":
        element[1].text = "\u02c6"
    if element.tag in {"mover", "munder"} and element[1].text in {"¯", "_", "‾"} and len(element[0]):
        element[1].text = "\u2015"
    if element.tag == "mo" and element.text in _LARGE and not displayed:
        element.set("stretchy", "false")
    if element.tag == "mtable":
        element.set("rowspacing", "0.5em")
    for number, child in enumerate(element):
        _adapt(child, displayed=displayed and (number == 0 or element.tag not in _SCRIPTED))


def _work(element: Any, weight: float = 1.0) -> float:
    """Return how much there is to do: elements, each as often as it is laid out."""
    inner = weight * 2 if element.tag in _ROWS else weight
    return weight + sum(_work(child, inner) for child in element)


def picture(drawing: Drawing, pixels: float) -> Asset:
    """Return the drawing as PNG on a white ground, ``pixels`` for one em."""
    import resvg_py

    scale = pixels / EM
    data = bytes(
        resvg_py.svg_to_bytes(
            svg_string=drawing.svg.decode(), zoom=scale, background="#FFFFFF", skip_system_fonts=True
        )
    )
    from PIL import Image

    with Image.open(BytesIO(data)) as image:
        width, height = image.size
    return Asset(drawing.name, "image/png", Blob(data), width, height)
