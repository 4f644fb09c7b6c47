"""An article as plain text for mail: wrapped, its links numbered, its tables aligned.

It reads what the article room writes, XHTML whose content models hold, in one pass over its tags.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from feed2book.models import Article, substitute
from feed2book.render.columns import collapse, table, underlined, width, wrap

WIDTH = 72
"""Columns of a line."""

_DEEPEST_MARGIN = 40
_NOTE_MARKS = frozenset({"noteref", "backlink"})
_NOTE_RULE = 20  # columns of the line above the notes
_HEADINGS = {"h2": "-", "h3": ".", "h4": "", "h5": "", "h6": ""}
# A picture whose words are those of its caption, which would be said twice.
_CAPTIONED = re.compile(r'<img [^<>]*alt="([^"]+)"[^<>]*/>((?:</a>)?\s*<figcaption>)\1(?=</figcaption>)')
_MARKS = {"em": "_", "i": "_", "strong": "*", "b": "*", "code": "`", "q": '"', "del": "~", "s": "~"}


def article_text(article: Article) -> str:
    """Return the article's body as lines of :data:`WIDTH` columns, and below them its links."""
    writer = _Writer()

    def spell(kind: str, value: str) -> str:
        if kind == "formula":
            return escape(article.formulas[int(value)].alt)
        return "#" if kind == "post" else ""

    writer.feed(substitute(_CAPTIONED.sub(r"\2\1", article.html), spell))
    writer.close()
    return writer.finish()


@dataclass(slots=True)
class _Margin:
    """What stands before the lines of a block: ``first`` once, then ``rest``."""

    first: str
    rest: str
    used: bool = False

    def take(self) -> str:
        text = self.rest if self.used else self.first
        self.used = True
        return text


class _Writer(HTMLParser):
    """Collects the text of a block and writes it, with its margins, when the block ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._text: list[str] = []
        self._margins: list[_Margin] = []
        self._fresh = True  # nothing stands in the current list item, quote or document yet
        self._counters: list[int | None] = []
        self._marks: list[tuple[int, str]] = []
        self._links: dict[str, int] = {}
        self._targets: list[tuple[int, str, str]] = []
        self._notes = False  # whether the notes have begun
        self._pre = False
        self._tables = 0
        self._rows: list[list[str]] = []
        self._heads = 0

    def finish(self) -> str:
        """Return the text."""
        self._flush()
        if self._links:
            self._gap()
            self._lines += [f"[{number}] {address}" for address, number in self._links.items()]
        return "\n".join(self._lines)

    # What the parser finds

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _MARKS or tag in ("span", "sup"):
            self._marks.append((len(self._text), values.get("class", "")))
        elif tag == "a":
            self._targets.append((len(self._text), values.get("href", ""), values.get("class", "")))
        elif tag == "img":
            self._image(values)
        elif tag == "br":
            self._text.append(" " if self._tables else "\n")
        elif self._tables or tag == "table":
            self._table_start(tag)
        elif tag in _STARTS:
            _STARTS[tag](self, values)
        elif tag in _HEADINGS or tag in _BLOCKS:
            self._block()

    def handle_endtag(self, tag: str) -> None:
        if tag in _MARKS or tag in ("span", "sup"):
            self._mark(tag)
        elif tag == "a":
            self._link()
        elif self._tables:
            self._table_end(tag)
        elif tag in _ENDS:
            _ENDS[tag](self)
        elif tag in _HEADINGS:
            self._heading(_HEADINGS[tag])
        elif tag in _BLOCKS:
            self._flush()

    def handle_data(self, data: str) -> None:
        self._text.append(data if self._pre else collapse(data))

    # Blocks

    def _block(self, _: object = None) -> None:
        self._flush()
        self._gap()

    def _gap(self) -> None:
        """Leave an empty line, unless something has just begun or there is one already."""
        if self._lines and not self._fresh:
            empty = "".join(margin.rest for margin in self._margins).rstrip()
            if self._lines[-1] != empty:
                self._lines.append(empty)

    def _flush(self) -> None:
        text = "".join(self._text).strip()
        self._text.clear()
        if text:
            self._write(list(wrap(text, self._columns())))

    def _columns(self) -> int:
        return WIDTH - sum(width(margin.rest) for margin in self._margins)

    def _write(self, lines: list[str]) -> None:
        for line in lines:
            self._lines.append(("".join(margin.take() for margin in self._margins) + line).rstrip())
        self._fresh = False

    def _heading(self, mark: str) -> None:
        text = "".join(self._text).strip()
        if text and mark:
            self._text.clear()
            self._write(underlined(text, mark, self._columns()))
        self._flush()

    def _enter(self, first: str, rest: str) -> None:
        deep = self._columns() - len(rest) < WIDTH - _DEEPEST_MARGIN
        self._margins.append(_Margin("", "") if deep else _Margin(first, rest))
        self._fresh = True

    def _leave(self) -> None:
        self._flush()
        if self._margins:
            self._margins.pop()
        self._fresh = False

    def _quote(self, _: object) -> None:
        self._block()
        self._enter("> ", "> ")

    def _term(self, _: object) -> None:
        self._flush()

    def _definition(self, _: object) -> None:
        self._flush()
        self._enter("    ", "    ")

    def _list(self, values: dict[str, str]) -> None:
        self._flush()
        if not self._counters:
            self._gap()
        start = values.get("start", "1")
        self._counters.append(int(start) if start.lstrip("-").isdecimal() else 1)

    def _bullets(self, _: object) -> None:
        self._list({})
        self._counters[-1] = None

    def _end_list(self) -> None:
        self._flush()
        if self._counters:
            self._counters.pop()

    def _item(self, _: object) -> None:
        self._flush()
        number = self._counters[-1] if self._counters else None
        if number is None:
            self._enter("  * ", "    ")
            return
        self._counters[-1] = number + 1
        label = f"{number:3d}. "
        self._enter(label, " " * len(label))

    def _aside(self, values: dict[str, str]) -> None:
        self._block()
        if values.get("class") == "note" and not self._notes:
            self._notes = True
            self._write(["-" * _NOTE_RULE])
            self._gap()

    def _code(self, _: object) -> None:
        self._block()
        self._pre = True

    def _end_code(self) -> None:
        text = "".join(self._text).expandtabs(4).strip("\n")
        self._text.clear()
        self._pre = False
        self._write(["    " + line for line in text.split("\n")])

    def _rule(self, _: object) -> None:
        self._block()
        self._write(["* * *".center(self._columns()).rstrip()])

    # Inline

    def _mark(self, tag: str) -> None:
        """Close an inline element: put its marks around what it holds, if anything."""
        start, kind = self._marks.pop()
        held = "".join(self._text[start:])
        if self._pre or not held.strip():
            return
        if tag == "sup":
            self._text.insert(start, "^" if held.strip().isdecimal() else "")
        elif tag == "span":
            self._text[start:] = [f"[{held}]"] if kind == "missing" else [held]
        elif kind != "formula":
            self._text[start:] = [_MARKS[tag], held, _MARKS[tag]]

    def _link(self) -> None:
        start, address, kind = self._targets.pop()
        label = "".join(self._text[start:]).strip()
        if kind in _NOTE_MARKS:  # [^1], for [1] is a link; of several ways back the first is enough
            self._text[start:] = [f"[^{label}]" if label.isdecimal() else ""]
            return
        if not label or not address or address.startswith("#") or label == address:
            return
        number = self._links.setdefault(address, len(self._links) + 1)
        self._text.append(f" [{number}]")

    def _image(self, values: dict[str, str]) -> None:
        alt = collapse(values.get("alt", "")).strip()
        if alt:
            self._text.append(alt if values.get("class") in ("formula", "inline") else f"[{alt}]")

    # Tables

    def _table_start(self, tag: str) -> None:
        if tag == "table":
            self._tables += 1
            if self._tables == 1:
                self._block()
                self._rows, self._heads = [], 0
        elif tag == "tr" and self._tables == 1:
            self._rows.append([])
        else:
            self._text.append(" ")

    def _table_end(self, tag: str) -> None:
        if tag == "table":
            self._tables -= 1
            if not self._tables:
                self._write(list(table([row for row in self._rows if row], self._heads, self._columns())))
                return
        if self._tables > 1 or tag not in ("caption", "thead", "td", "th"):
            self._text.append(" ")
        elif tag == "caption":
            self._flush()
        elif tag == "thead":
            self._heads = len(self._rows)
        elif self._rows:
            self._rows[-1].append(collapse("".join(self._text)).strip())
            self._text.clear()


_BLOCKS = frozenset({"p", "figure", "figcaption", "dl"})
_STARTS: dict[str, Callable[[_Writer, dict[str, str]], None]] = {
    "aside": _Writer._aside,
    "blockquote": _Writer._quote,
    "dd": _Writer._definition,
    "dt": _Writer._term,
    "hr": _Writer._rule,
    "li": _Writer._item,
    "ol": _Writer._list,
    "pre": _Writer._code,
    "ul": _Writer._bullets,
}
_ENDS: dict[str, Callable[[_Writer], None]] = {
    "aside": _Writer._flush,
    "blockquote": _Writer._leave,
    "dd": _Writer._leave,
    "dt": _Writer._flush,
    "li": _Writer._leave,
    "ol": _Writer._end_list,
    "pre": _Writer._end_code,
    "ul": _Writer._end_list,
}
