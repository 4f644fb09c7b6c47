"""Paragraphs for text that has none: WordPress keeps them as blank lines until a page is shown (``wpautop``).

What it does is described at https://developer.wordpress.org/reference/functions/wpautop/: a blank line parts
paragraphs, a single line end breaks the line, and neither counts beside the tags of blocks or where line
ends have their own meaning (``pre``, ``script`` …).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "caption", "center", "col", "colgroup", "dd",
    "details", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li", "main", "map", "menu",
    "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "ul",
})  # fmt: skip
_LINE_ENDS_COUNT = frozenset({
    "audio", "iframe", "math", "object", "pre", "script", "select", "style", "svg", "textarea", "video",
})  # fmt: skip
_PARAGRAPHS_INSIDE = frozenset({"", "blockquote"})  # "": the post itself
_NO_PARAGRAPHS_INSIDE = frozenset({
    "caption", "dt", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "legend", "summary",
})  # fmt: skip
_VOID = frozenset({"col", "hr"})
_DEEPEST = 100  # blocks in one another that an end tag is looked for in
_TOKEN = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([A-Za-z][\w:-]*+)[^<>]*>", re.DOTALL)
_GAP = re.compile(r"\n\s*\n|<br\s*/?>(?:\s*<br\s*/?>)+", re.IGNORECASE)
_BREAK_AT_END = re.compile(r"<br\s*/?>\Z", re.IGNORECASE)
_KEPT_LINE_END = "\0"  # which no XML has


def with_paragraphs(text: str) -> str:
    """Return the HTML of a post with its paragraphs and line breaks as tags; comments are left out."""
    return "".join(_pieces(text.replace("\r\n", "\n").replace("\r", "\n")))


def _pieces(text: str) -> Iterator[str]:
    inside = [""]  # names of the blocks that are open
    run: list[str] = []  # text and tags of lines since the last block
    place = 0
    while match := _TOKEN.search(text, place):
        run.append(text[place : match.start()])
        closing, name = match[1], (match[2] or "").lower()
        kept = not closing and name in _LINE_ENDS_COUNT
        place = _end_of(name, text, match.end()) if kept else match.end()
        markup = text[match.start() : place] if name else ""
        if name not in _BLOCKS:
            run.append(markup.replace("\n", _KEPT_LINE_END if kept else " "))
            continue
        yield _laid_out("".join(run), inside[-1])
        yield markup
        run.clear()
        if not (kept or name in _VOID):
            _step(inside, closing, name)
    run.append(text[place:])
    yield _laid_out("".join(run), inside[-1])


def _end_of(name: str, text: str, start: int) -> int:
    """Return where an element ends that is kept as it is; one that is never closed goes to the end."""
    end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, start)
    return end.end() if end else len(text)


def _step(inside: list[str], closing: str, name: str) -> None:
    """Go into a block, or out of it. A paragraph ends where any other block begins or ends."""
    if inside[-1] == "p":
        inside.pop()
    if not closing:
        inside.append(name)
    elif name in inside[-_DEEPEST:]:
        while inside.pop() != name:
            pass


def _laid_out(run: str, container: str) -> str:
    paragraphs = [_lines(part) for part in _GAP.split(run) if part.strip()]
    if not paragraphs:
        return run
    if container == "p":
        return "</p>\n<p>".join(paragraphs)
    if container in _NO_PARAGRAPHS_INSIDE:
        return "<br>\n<br>\n".join(paragraphs)
    if container in _PARAGRAPHS_INSIDE or len(paragraphs) > 1:
        return "".join(f"\n<p>{paragraph}</p>\n" for paragraph in paragraphs)
    return paragraphs[0]


def _lines(paragraph: str) -> str:
    """Return a paragraph with a break at the end of each line but the last."""
    lines = [line.strip() for line in paragraph.strip().split("\n")]
    broken = (line if _BREAK_AT_END.search(line) else f"{line}<br>" for line in lines[:-1])
    return "\n".join((*broken, lines[-1])).replace(_KEPT_LINE_END, "\n")
