"""Blocks of code: exactly what the author wrote, and in which language, without what a page hangs on it."""

from __future__ import annotations

import re

from bs4.element import NavigableString, Tag

from feed2book.article.draft import Draft
from feed2book.article.languages import language_of
from feed2book.article.text import count_words, is_blank
from feed2book.article.tree import attached, attribute, elements, inside, text_of, tokens
from feed2book.article.vocabulary import INLINE, names

_GUTTERS = names(
    "lineno linenos linenumber linenumbers line-number line-numbers line-numbers-rows gutter rouge-gutter "
    "lnt ln blob-num js-line-number hljs-ln-numbers crayon-nums crayon-num code-line-number lineno-col"
)
_FURNITURE = names(
    "toolbar toolbar-item copy copybtn copy-btn copy-button copy-code copy-code-button code-copy "
    "code-copy-button btn-copy copy-to-clipboard copy-to-clipboard-button clipboard-copy btn-clipboard "
    "zeroclipboard-container code-lang code-language code-block-language lang-label language-label "
    "crayon-toolbar crayon-info crayon-plain-wrap gatsby-code-button-container gatsby-highlight-language "
    "hljs-copy-button"
)
_MOST_FURNITURE = 6  # words of a label or button
# What SyntaxHighlighter, Crayon and gists build instead of a ``pre``: the element that holds the lines.
_LINES_OF = {
    "syntaxhighlighter": frozenset({"container"}),
    "crayon-syntax": frozenset({"crayon-pre"}),
    "js-file-line-container": frozenset(),
}
_LINE_CLASSES = names("line code-line crayon-line ec-line view-line cm-line blob-code react-code-line")
_HOLD_LINES = names("table thead tbody tr ul ol dl")
_LINE_NAMES = names("div p li tr dd")
# What an author puts into code by hand and no highlighter does.
_WRAPPERS = names("div figure table tbody tr td code span dl dt dd")
_TABLED = frozenset({"pre", "table"})
_FEW = 20  # children that are looked at
_FAR = 9  # levels up: Rouge and SyntaxHighlighter put tables around each block


def find_code(draft: Draft) -> None:
    """Make a ``pre`` of what is a block of code only by its classes or by the breaks in it."""
    for tag in draft.elements():
        found = _LINES_OF.keys() & set(tokens(tag))
        if found and not inside(tag, {"pre"}):
            language = language_of(tag)
            marks = _LINES_OF[found.pop()]
            boxes = [box for box in elements(tag) if not marks.isdisjoint(tokens(box))] if marks else [tag]
            for box in boxes[:1]:
                box.name = "pre"
                box.attrs.update({"data-lang": language or "none", "data-lines": ""})
        elif tag.name == "code" and elements(tag, {"br"}) and _alone(tag):
            tag.name = "pre"


def _alone(code: Tag) -> bool:
    parent = code.parent
    if (
        parent is None
        or parent.name not in {"p", "div"}
        or len(parent.contents) > _FEW
        or inside(code, _TABLED)
    ):
        return False
    return all(child is code or not text_of(child).strip() for child in parent.contents)


def drop_code_furniture(draft: Draft) -> None:
    """Take out line numbers, copy buttons and labels that tell the language."""
    for tag in draft.elements():
        marks = {*tokens(tag), tag.name}
        if not _GUTTERS.isdisjoint(marks) and not re.search(r"[^\d\s]", text_of(tag)[:2000]):
            if tag.name not in {"pre", "code"} or "line-numbers" not in marks:  # Prism's mark of a block
                draft.drop("drop_code_furniture", "line numbers", tag)
                draft.change(tag, "span", "")  # not a division: the code beside it goes on in its line
        elif _FURNITURE.isdisjoint(marks) or not attached(tag, draft.root) or not _beside_code(tag):
            continue
        elif count_words(text_of(tag)) <= _MOST_FURNITURE:
            draft.drop("drop_code_furniture", "a label or button of a code block", tag)


def _beside_code(tag: Tag) -> bool:
    """Say whether ``tag`` stands in a block of code, next to one, or in the box around one."""
    if tag.name in {"p", "pre", "code"}:
        return False
    near = (_neighbour(tag, "previous_sibling"), _neighbour(tag, "next_sibling"))
    return (
        inside(tag, {"pre"})
        or any(node is not None and node.name == "pre" for node in near)
        or any(
            "highlight" in name or name.startswith(("code", "crayon")) for name in tokens(tag.parent or tag)
        )
    )


def _neighbour(tag: Tag, direction: str) -> Tag | None:
    node = getattr(tag, direction)
    while isinstance(node, NavigableString) and is_blank(node):
        node = getattr(node, direction)
    return node if isinstance(node, Tag) else None


def mark_code(draft: Draft) -> None:
    """Reduce each block to its text, in a ``code`` that names its language.

    A block in which the author has linked or marked something keeps its elements.
    """
    blocks = [pre for pre in draft.elements({"pre"}) if not inside(pre, {"pre"})]
    linked = {attribute(link, "href")[1:] for link in draft.elements({"a"}) if _leads_somewhere(link)}
    found = [(pre, _language(pre)) for pre in blocks]
    for code in draft.elements({"code"}):
        if elements(code, {"pre"}):
            code.name = "div"
        elif not inside(code, {"pre"}) and attribute(code, "class") != "formula":
            code.attrs.pop("class", None)
    for pre, language in found:
        _reduce(draft, pre, language, linked)


def _reduce(draft: Draft, pre: Tag, language: str, linked: set[str]) -> None:
    inner = elements(pre)
    code = next((tag for tag in inner if tag.name == "code"), None)
    if any(_is_rich(tag, linked) for tag in inner):
        for tag in inner:
            tag.attrs.pop("class", None)
        if code is not None and language:
            code.attrs["class"] = f"language-{language}"
        return
    kept = {name: attribute(pre, name) for name in ("lang", "dir") if name in pre.attrs}
    ident = next((found for tag in (pre, code) if tag and (found := attribute(tag, "id"))), "")
    text = code_text(pre)
    draft.change(pre, "pre", "", **kept, **({"id": ident} if ident else {}))
    if language or code is not None:
        code = draft.new("code", **({"class": f"language-{language}"} if language else {}))
        pre.append(code)
    (code or pre).append(text)


def _leads_somewhere(link: Tag) -> bool:
    return bool(attribute(link, "href")) and not is_blank(text_of(link))


def _is_rich(tag: Tag, linked: set[str]) -> bool:
    """Say whether ``tag`` is more than a highlighter's."""
    if tag.name in {"a", "span"} and "id" in tag.attrs and tag.parent and tag.parent.name == "pre":
        return True
    if tag.name == "a":
        return _leads_somewhere(tag) or attribute(tag, "id") in linked
    if tag.name in {"span", "code"}:
        return attribute(tag, "id") in linked or bool({"lang", "dir"} & tag.attrs.keys())
    return tag.name in INLINE or tag.name == "img"


def _language(pre: Tag) -> str:
    """Return what the block says of its language, or what the wrappers around it say."""
    places = [*elements(pre, {"code"})[:1], pre]
    for parent in list(pre.parents)[:_FAR]:
        if parent.name not in _WRAPPERS:
            break
        places.append(parent)
    return next((said for place in places if (said := language_of(place)) is not None), "")


def code_text(pre: Tag) -> str:
    """Return the text of a block of code, each of its lines on a line.

    Breaks end lines; so do elements that stand for lines. No-break spaces become spaces.
    """
    reader = _Reader(_codes_are_lines(pre))
    reader.read(pre)
    return "".join(reader.parts).replace("\u00a0", " ").strip("\n")


def _codes_are_lines(pre: Tag) -> bool:
    return "\n" not in pre.get_text() and len(elements(pre, {"code"})) > 1


class _Reader:
    """Collects the text; ``due`` says that a line has ended, and that a line end is still to be written."""

    def __init__(self, codes_are_lines: bool) -> None:
        self.parts: list[str] = []
        self._codes_are_lines = codes_are_lines
        self._due = False

    def read(self, tag: Tag) -> None:
        between = tag.name in _HOLD_LINES or "data-lines" in tag.attrs
        for child in tag.contents:
            if isinstance(child, Tag):
                if child.name == "br":
                    self._text("\n")
                elif self._is_line(child):
                    self._line(child)
                else:
                    self.read(child)
            elif isinstance(child, NavigableString) and not (between and not child.strip()):
                self._text(str(child))

    def _text(self, text: str) -> None:
        if self._due and text.isspace():
            text = "\n" * text.count("\n")  # what stands between lines is no indentation
        elif self._due and not text.startswith("\n"):
            self.parts.append("\n")
        if text:
            self._due = False
            self.parts.append(text)

    def _line(self, tag: Tag) -> None:
        if self._due or (self.parts and not self.parts[-1].endswith("\n")):
            self.parts.append("\n")
        self._due = False
        before = len(self.parts)
        self.read(tag)
        self._due = self._due or len(self.parts) == before or not self.parts[-1].endswith("\n")

    def _is_line(self, tag: Tag) -> bool:
        if tag.name in _LINE_NAMES:
            return True
        if tag.name == "code":
            return self._codes_are_lines
        return tag.name in {"span", "td"} and not _LINE_CLASSES.isdisjoint(tokens(tag))
