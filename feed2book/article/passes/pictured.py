"""Formulas that come as pictures of a TeX server: their source is in the address or the ``alt``."""

from __future__ import annotations

import re
from urllib.parse import unquote, unquote_plus

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.passes.maths import VERBATIM, formula_element, stands_alone
from feed2book.article.sources import image_urls
from feed2book.article.tex import read_tex
from feed2book.article.tree import attribute, inside, tokens

_CLASSES = frozenset(
    {
        "latex",
        "math",
        "org-latex",
        "tex",
        "texrender",
        "mwe-math-fallback-image-inline",
        "mwe-math-fallback-image-display",
        "ql-img-inline-formula",
        "ql-img-displayed-equation",
    }
)
# The server and where its addresses carry the TeX: after a parameter's name (form-encoded, a plus is a
# space), or as all that follows.
_PARAMETER = re.compile(
    r"(?:latex\.php|zhihu\.com/equation|math\.now|render\.githubusercontent\.com|chart\.googleapis\.com/chart"
    r"|latex2png|quicklatex)[^?]{0,99}\?(?:[^#]*&)?(?:latex|tex|from|math|chl)=([^&#]+)",
    re.IGNORECASE,
)
_REST = re.compile(
    r"(?:codecogs\.com/[\w.]{3,12}\?|(?:mimetex|mathtex)\.cgi\?|(?:i\.upmath\.me|tex\.s2cms\.ru)/(?:svg|png)/)(.+)",
    re.IGNORECASE | re.DOTALL,
)
# What tells CodeCogs how to draw, not what
_LEAD = re.compile(
    r"^\s*(?:\\(?:dpi|bg|fn|fg|inline|tiny|small|large|Large|LARGE|huge|Huge|color)"
    r"(?:_[A-Za-z]+|\s*\{[^{}]*\}|(?![A-Za-z]))\s*)+"
)
_DISPLAYED = frozenset({"ql-img-displayed-equation", "mwe-math-fallback-image-display"})
_NOT_TEX = re.compile(r"(?i)(?:latex|tex|equation|formula|image|math)?(?: formula| equation)?\d*(?:\.\w{3})?")


def read_pictured(draft: Draft) -> None:
    """Turn a picture of a formula into the formula; one whose source cannot be read stays a picture."""
    for img in draft.elements({"img"}):
        candidates = _sources(img, draft.base)
        if not candidates or inside(img, VERBATIM):
            continue
        display = not _DISPLAYED.isdisjoint(tokens(img)) or stands_alone(img)
        formula = next(
            filter(None, (read_tex(tex, display=display, macros=draft.macros) for tex in candidates)), None
        )
        if formula is None:
            draft.unread_formula(candidates[0])
        else:
            formula_element(draft, img, formula, display=display)


def is_pictured(tag: Tag) -> bool:
    """Say whether ``tag`` is the picture of a formula; the double of a lazy one is not."""
    if tag.name != "img" or inside(tag, {"noscript"}):
        return False
    if not _CLASSES.isdisjoint(tokens(tag)):
        return True
    return any(_in_address(attribute(tag, name)) for name in ("src", "data-src", "data-lazy-src"))


def _sources(img: Tag, base: str) -> list[str]:
    """Return what may be the TeX of a picture, most trusted first; nothing if it is no formula."""
    urls = image_urls(img, base)
    found = [tex for url in urls if (tex := _in_address(url))]
    if found or not _CLASSES.isdisjoint(tokens(img)):
        found.append(attribute(img, "alt"))
    return [tex for tex in dict.fromkeys(found) if tex.strip() and not _NOT_TEX.fullmatch(tex.strip())]


def _in_address(url: str) -> str:
    if match := _PARAMETER.search(url[:6000]):
        return unquote_plus(match[1])
    if match := _REST.search(url[:6000]):
        return _LEAD.sub("", unquote(match[1]).replace("&space;", " ").replace("&plus;", "+"))
    return ""
