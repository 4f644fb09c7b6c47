"""What the converter makes of TeX, mended: operators as such, limits where they belong, accents, names."""

from __future__ import annotations

import html
import unicodedata
from xml.etree.ElementTree import Element

from feed2book.article.vocabulary import names

_LIMITED = names("∑ ∏ ∐ ⋀ ⋁ ⋂ ⋃ ⨀ ⨁ ⨂ ⨄ ⨆ lim max min sup inf det gcd Pr plim") | {
    "arg\u2009max",
    "arg\u2009min",
    "lim\u2006sup",
    "lim\u2006inf",
    "inj\u2006lim",
    "proj\u2006lim",
}
_AROUND = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_SCRIPTED = names("msub msup msubsup munder mover munderover")

_ORDINARY = frozenset("∞∅⊤⊥∎ℵ")  # signs that are things, and have no space around them
_SIGNS = frozenset("%$#&_\\′″‴°")  # what is no operator though no letter
_FENCES = frozenset("()[]{}|‖⟨⟩⌈⌉⌊⌋")
_OPENING = frozenset("([{⟨⌈⌊|‖")
_RESPELT = {"~": "∼", "’": "′"}
_ACCENTS = frozenset("^~_¯˙¨ˇ˘´`˚→←↔⃛⃜‾ˆ˜")
# After \big and its like the converter leaves these as they are.
_DELIMITERS = {
    "\\{": "{",
    "\\}": "}",
    "\\lbrace": "{",
    "\\rbrace": "}",
    "\\lbrack": "[",
    "\\rbrack": "]",
    "\\vert": "|",
    "\\lvert": "|",
    "\\rvert": "|",
    "\\|": "‖",
    "\\Vert": "‖",
    "\\lVert": "‖",
    "\\rVert": "‖",
    "\\langle": "⟨",
    "\\rangle": "⟩",
    "\\lfloor": "⌊",
    "\\rfloor": "⌋",
    "\\lceil": "⌈",
    "\\rceil": "⌉",
    "\\backslash": "\\",
}
_THIN = "0.167em"


def resolve(tree: Element) -> None:
    """Spell the characters that the converter writes as references."""
    for element in tree.iter():
        text = html.unescape(element.text or "")
        element.text = _DELIMITERS.get(text, text) if text else element.text


def mend(math: Element) -> None:
    """Mend what the converter made, in place, after it was sanitised."""
    for element in list(math.iter()):
        _set_limits(element)
        _mend_sign(element)
        _mend_accent(element)
    for element in list(math.iter()):
        if len(element):
            _mend_row(element)


def _set_limits(element: Element) -> None:
    """Let the limits of sums and the like stand below and above, where the formula is displayed.

    The converter writes them as scripts, which never move.
    """
    if element.tag in _AROUND and element[0].text in _LIMITED:
        element.tag = _AROUND[str(element.tag)]
        element[0].tag = "mo"
        element[0].set("movablelimits", "true")


def _mend_sign(element: Element) -> None:
    text = element.text or ""
    if element.tag == "mo" and text in _ORDINARY:
        element.tag = "mi"
    elif element.tag == "mi" and len(text) == 1 and text not in _ORDINARY | _SIGNS and _is_sign(text):
        element.tag = "mo"
        element.text = _RESPELT.get(text, text)
        if text in _FENCES:
            element.set("stretchy", "false")


def _is_sign(text: str) -> bool:
    return unicodedata.category(text) in {"Sm", "Po", "Pd", "Ps", "Pe", "Sk"} or "\u2190" <= text <= "\u2bff"


def _mend_accent(element: Element) -> None:
    if element.tag not in {"mover", "munder"} or len(element) != 2:
        return
    sign = element[1]
    if sign.text == "―":  # which no browser stretches
        sign.text = "¯" if element.tag == "mover" else "_"
    if sign.tag == "mo" and sign.text in _ACCENTS and element[0].tag != "mo":
        element.set("accent" if element.tag == "mover" else "accentunder", "true")


def _mend_row(row: Element) -> None:
    """Mend what stands side by side in ``row``."""
    if row.tag in _SCRIPTED or row.tag in {"mfrac", "mroot"}:
        return
    children = list(row)
    made: list[Element] = []
    for number, child in enumerate(children):
        before = made[-1] if made else None
        if before is not None and _joined(before, child):
            continue
        following = children[number + 1] if number + 1 < len(children) else None
        if _is_name(_core(child)):
            _set_name(made, child, following)
        else:
            made.append(child)
    row[:] = [_one_name(made)] if _is_upright(row, made) else _fenced(made)


def _joined(before: Element, child: Element) -> bool:
    """Put ``child`` into the sign before it where both make one: ``:`` ``=``, a stroke and its relation."""
    if before.tag == child.tag == "mo" and (before.text, child.text) == (":", "="):
        before.text = ":="
        return True
    if (
        before.tag == "mpadded"
        and len(before)
        and before[0].text == "⧸"
        and child.tag in {"mo", "mi"}
        and child.text
    ):
        before.tag, before.text = "mo", unicodedata.normalize("NFC", child.text + "\u0338")
        before[:] = []
        before.attrib.clear()
        return True
    return False


def _core(element: Element) -> Element:
    while element.tag in _SCRIPTED:
        element = element[0]
    return element


def _is_name(core: Element) -> bool:
    """Say whether it is the name of a function: ``sin``, ``lim sup``, ``Var``."""
    text = core.text or ""
    return core.tag in {"mi", "mo"} and len(text) > 1 and text[0].isalpha() and text.isprintable()


def _set_name(made: list[Element], child: Element, following: Element | None) -> None:
    """Add a function's name with the thin spaces that TeX has around it."""
    core = _core(child)
    if (
        core.tag == "mo"
        and core.get("movablelimits") != "true"
        and child.tag not in {"munder", "mover", "munderover"}
    ):
        core.tag = "mi"
    if core.tag == "mo":
        core.attrib.update(lspace="0em", rspace="0em")
    if made and (
        _core(made[-1]).tag in {"mi", "mn", "mfrac", "mrow", "msqrt"} or made[-1].text in {")", "]", "}"}
    ):
        made.append(Element("mspace", width=_THIN))
    made.append(child)
    if following is not None and not _begins_with_sign(following):
        made.append(Element("mspace", width=_THIN))


def _begins_with_sign(element: Element) -> bool:
    """Say whether no space is due before ``element``: a sign, a bracket, a space."""
    while element.tag == "mrow" and len(element):
        element = element[0]
    core = _core(element)
    return core.tag == "mspace" or (core.tag == "mo" and not _is_name(core)) or element.text in _OPENING


def _is_upright(row: Element, made: list[Element]) -> bool:
    return (
        row.tag == "mrow"
        and len(made) > 1
        and all(child.tag == "mi" and child.get("mathvariant") == "normal" for child in made)
    )


def _fenced(made: list[Element]) -> list[Element]:
    """Give each matrix and each binomial coefficient a row with its brackets, which grow with it alone."""
    found: list[Element] = []
    at = 0
    while at < len(made):
        three = made[at : at + 3]
        if len(three) == 3 and _is_bracketed(*three):
            row = Element("mrow")
            for bracket, form in ((three[0], "prefix"), (three[2], "postfix")):
                bracket.attrib.clear()
                bracket.attrib.update(fence="true", form=form, stretchy="true")
            row.extend(three)
            found.append(row)
            at += 3
        else:
            found.append(made[at])
            at += 1
    return found if len(found) > 1 or len(made) != 3 else list(found[0])


def _is_bracketed(left: Element, inner: Element, right: Element) -> bool:
    return (
        left.tag == right.tag == "mo"
        and left.text in _FENCES
        and right.text in _FENCES
        and (inner.tag == "mtable" or (inner.tag == "mfrac" and inner.get("linethickness") == "0"))
    )


def _one_name(made: list[Element]) -> Element:
    """Return letters that were set upright one by one as the word that they are."""
    word = Element("mi")
    word.text = "".join(child.text or "" for child in made)
    return word
