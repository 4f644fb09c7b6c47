"""Blocks of code: exactly what the author wrote, and in which language, without what a page hangs on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.languages import language_of, named_language
from feed2book.article.text import count_words, is_blank, lost_words
from feed2book.article.tree import attached, attribute, elements, inside, text_of, tokens
from feed2book.article.vocabulary import INLINE, names
from feed2book.models import Drop

_GUTTERS = names(
    "lineno linenos linenumber linenumbers line-number line-numbers line-numbers-rows gutter rouge-gutter "
    "lnt ln blob-num js-line-number hljs-ln-numbers crayon-nums crayon-num code-line-number lineno-col"
)
_FURNITURE = names(
    "toolbar toolbar-item copy copybtn copy-btn copy-button copy-code copy-code-button code-copy "
    "code-copy-button btn-copy copy-to-clipboard copy-to-clipboard-button clipboard-copy btn-clipboard "
    "zeroclipboard-container code-lang code-language code-block-language lang-label language-label "
    "crayon-toolbar crayon-info crayon-plain-wrap gatsby-code-button-container gatsby-highlight-language "
    "hljs-copy-button highlight__panel code-block-pro-copy-button lang"
)
_MOST_FURNITURE = 6  # words of a label or button
# What SyntaxHighlighter, Crayon and gists build instead of a ``pre``: the element that holds the lines.
_LINES_OF = {
    "syntaxhighlighter": frozenset({"container", "lines"}),
    "crayon-syntax": frozenset({"crayon-pre"}),
    "js-file-line-container": frozenset(),
}
_MAY_BE_CODE = frozenset({"code", "div", "p", "pre"})  # without a class
_LINE_CLASSES = names("line code-line crayon-line ec-line view-line cm-line blob-code react-code-line")
_HOLD_LINES = names("table thead tbody tr ul ol dl")
_LINE_NAMES = names("div p li tr dd")
# What an author puts into code by hand and no highlighter does.
_WRAPPERS = names("div figure table tbody tr td code span dl dt dd")
_TABLED = frozenset({"pre", "table"})
# WordPress's short codes, where a feed has them as they were typed, and what VS Code puts on the clipboard
_SHORT_CODE = re.compile(r"\s*\[(?:code|sourcecode)[ \]]")
_SHORT_CODES = re.compile(
    r"""\s*\[(code|sourcecode)(?: (?:lang(?:uage)?=)?["'\u201c]?([\w+#-]{1,20})[^\]\n]*)?\](.*)\[/\1\]\s*""",
    re.DOTALL,
)
_PASTED = re.compile(
    r"(?=.*font-family\s*:[^;]*(?:mono|courier|menlo|consolas))(?=.*white-space\s*:\s*pre)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_STYLE = 500  # characters
_FEW = 20  # children that are looked at
_FAR = 9  # levels up: Rouge and SyntaxHighlighter put tables around each block


def find_code(draft: Draft) -> None:
    """Make a ``pre`` of what is a block of code only by its classes or by the breaks in it."""
    for tag in draft.elements():
        if not tag.attrs and tag.name not in _MAY_BE_CODE:
            continue
        found = _LINES_OF.keys() & tokens(tag)
        if found and not inside(tag, {"pre"}):
            language = language_of(tag) or next(map(named_language, map(text_of, _labels(tag))), "")
            marks = _LINES_OF[found.pop()]
            boxes = [box for box in elements(tag) if not marks.isdisjoint(tokens(box))] if marks else [tag]
            for box in boxes[:1]:
                draft.rename(box, "pre")
                box.attrs.update({"data-lang": language or "none", "data-lines": ""})
        elif tag.name == "code" and elements(tag, {"br"}) and _alone(tag):
            draft.rename(tag, "pre")
        elif (
            tag.name in {"div", "p"}
            and _PASTED.match(attribute(tag, "style")[:_LONGEST_STYLE])
            and not inside(tag, {"pre"})
        ):
            draft.rename(tag, "pre")  # pasted from an editor
            tag.attrs.update({"data-lines": ""})
        elif tag.name in {"p", "pre", "div"} and (code := _short_code(tag)) is not None:
            words = lost_words(text_of(tag), code[1])
            draft.drops.append(Drop("find_code", "a label or button of a code block", words))
            draft.change(tag, "pre", code[1], **{"data-lang": code[0] or "none"})


def _labels(tag: Tag) -> Iterator[Tag]:
    """Yield what names the language of one of Crayon's blocks."""
    return (part for part in elements(tag, {"span"}) if "crayon-language" in tokens(part))


def _short_code(tag: Tag) -> tuple[str, str] | None:
    """Return the language and the text of what stands between ``[code]`` and ``[/code]``, if that is all."""
    if not any(isinstance(child, NavigableString) and _SHORT_CODE.match(child) for child in tag.contents[:2]):
        return None
    text = _Reader(codes_are_lines=False).text_of(tag)
    if tag.name != "pre" and elements(tag, {"br"}):  # there the line ends of the source are none
        nodes = [node for node in tag.descendants if isinstance(node, NavigableString) or _is_break(node)]
        text = "".join("\n" if isinstance(node, Tag) else str(node).replace("\n", "") for node in nodes)
    match = _SHORT_CODES.fullmatch(text)
    return (match[2] or "", match[3].strip("\n")) if match else None


def _is_break(node: PageElement) -> bool:
    return isinstance(node, Tag) and node.name == "br"


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
        if not tag.attrs and tag.name not in _GUTTERS and tag.name not in _FURNITURE:
            continue
        marks = {*tokens(tag), tag.name}
        cell = tag.name == "td" and "number" in marks and inside(tag, {"pre"})  # of SyntaxHighlighter 2
        numbers = cell or not _GUTTERS.isdisjoint(marks)
        if numbers and not re.search(r"[^\d\s]", text_of(tag)[:2000]):
            if tag.name not in {"pre", "code"} or "line-numbers" not in marks:  # Prism's mark of a block
                draft.drop("drop_code_furniture", "line numbers", tag)
                draft.change(tag, "span", "")  # not a division: the code beside it goes on in its line
        elif _FURNITURE.isdisjoint(marks) or not attached(tag, draft.root) or not _beside_code(tag):
            continue
        elif count_words(text_of(tag)) <= _MOST_FURNITURE:
            _keep_language(tag)
            draft.drop("drop_code_furniture", "a label or button of a code block", tag)


def _keep_language(label: Tag) -> None:
    """Let a block that names no language itself have the one that its label names."""
    for node in islice(label.next_siblings, _FEW):
        if isinstance(node, Tag) and node.name == "pre":
            language = named_language(text_of(label))
            if language and not attribute(node, "data-lang"):
                node.attrs["data-lang"] = language
            return


def _beside_code(tag: Tag) -> bool:
    """Say whether ``tag`` stands in a block of code, next to one, or in the box around one."""
    if tag.name in {"p", "pre", "code"}:
        return False
    near = (_neighbour(tag, "previous_sibling"), _neighbour(tag, "next_sibling"))
    return (
        inside(tag, {"pre"})
        or any(node is not None and node.name == "pre" for node in near)
        or any(
            "highlight" in name or "code-block" in name or name.startswith(("code", "crayon"))
            for name in tokens(tag.parent or tag)
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
    links = draft.elements({"a"}) if blocks else []
    linked = {attribute(link, "href")[1:] for link in links if _leads_somewhere(link)}
    found = [(pre, _language(pre)) for pre in blocks]
    for code in draft.elements({"code"}):
        if elements(code, {"pre"}):
            draft.rename(code, "div")
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
    split = lost_words(text_of(pre), text)
    if split:
        draft.drops.append(Drop("mark_code", "lines of code told apart", split))
    draft.change(pre, "pre", "", **kept, **({"id": ident} if ident else {}))
    if language or code is not None:
        code = draft.new("code", **({"class": f"language-{language}"} if language else {}))
        pre.append(code)
    (code or pre).append(text)


def _leads_somewhere(link: Tag) -> bool:
    return bool(attribute(link, "href")) and not is_blank(text_of(link))


def _is_rich(tag: Tag, linked: set[str]) -> bool:
    """Say whether ``tag`` is more than a highlighter's."""
    if tag.name in {"a", "span"} and "id" in tag.attrs and not text_of(tag):
        return True  # an anchor
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
    return _Reader(codes_are_lines=_codes_are_lines(pre)).text_of(pre).replace("\u00a0", " ").strip("\n")


def count_lines(pre: Tag) -> int:
    """Count the lines of a block of code, without those of line numbers beside one."""
    if elements(pre, {"pre"}):
        return 0  # those in it are counted
    text = code_text(pre)
    numbers = not _GUTTERS.isdisjoint(tokens(pre)) or inside(pre, {"table"})
    return 0 if numbers and not re.search(r"[^\d\s]", text[:2000]) else text.count("\n") + 1


def _codes_are_lines(pre: Tag) -> bool:
    """Say whether each ``code`` is a line: there are several, and nothing else tells where a line ends."""
    if "\n" in pre.get_text() or len(elements(pre, {"code"})) < 2:
        return False
    return not elements(pre, _LINE_NAMES | {"br"})


class _Reader:
    """Collects the text; ``due`` says that a line has ended, and that a line end is still to be written."""

    def __init__(self, *, codes_are_lines: bool) -> None:
        self.parts: list[str] = []
        self._codes_are_lines = codes_are_lines
        self._due = False
        self._after_block = False  # a break after a division is an empty line, one after a span ends the line

    def text_of(self, tag: Tag) -> str:
        """Return the text of ``tag``, its breaks as line ends."""
        self.read(tag)
        return "".join(self.parts)

    def read(self, tag: Tag) -> None:
        between = tag.name in _HOLD_LINES or "data-lines" in tag.attrs
        for child in tag.contents:
            if isinstance(child, Tag):
                if child.name == "br":
                    self._text("\n\n" if self._due and self._after_block else "\n")
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
        self._after_block = tag.name in _LINE_NAMES

    def _is_line(self, tag: Tag) -> bool:
        if tag.name in _LINE_NAMES:
            return True
        if tag.name == "code":
            return self._codes_are_lines
        return tag.name in {"span", "td"} and not _LINE_CLASSES.isdisjoint(tokens(tag))
