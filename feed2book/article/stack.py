"""Open elements, and the rules by which they are opened, closed, completed and left."""

from __future__ import annotations

from collections import Counter

from feed2book.article.frames import EAGER, INNER, OUTER, Frame, Inline, Kind
from feed2book.article.text import spaces
from feed2book.models import token

MAX_BLOCKS = 30  # open blocks, beyond which quotes, lists and tables are not nested any deeper

_NO_BREAK = "\u00a0"
_TOC = ' class="post-toc"'
_LEVELS = {f"h{rank}": rank - 1 for rank in range(2, 7)}


class Stack:
    """The path from the root to where the writer stands, and what was written so far.

    ``headings`` are level (1 is ``h2``), id and text of each heading; ``paragraphs`` name and text of
    each block that holds text (a paragraph in an ``aside`` counts as that); ``ids`` the ids in order;
    ``seen`` counts the start tags by name.
    """

    def __init__(self, linked: frozenset[str]) -> None:
        self.headings: list[tuple[int, str, str]] = []
        self.paragraphs: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.seen: Counter[str] = Counter()
        self._linked = linked
        self._out: list[str] = []
        self._blocks = [Frame("", open=True)]
        self._inlines: list[Inline] = []
        self._anchors: list[str] = []  # ids of what was not written, waiting for the next text
        self._space = ""  # white space that is written if text follows in the same run
        self._breaks = 0  # line breaks, likewise
        self._fresh = True  # nothing is written yet in this run of text
        self._closed_item: tuple[int, Frame] | None = None

    # Finding a place

    def _fit(self, name: str) -> bool:
        """Make the innermost block one that takes ``name``; say whether there can be one."""
        wanted = OUTER.get(name)
        if wanted is None:
            self._make_room(name)
            return True
        depth = len(self._blocks) - 1
        while self._blocks[depth].name not in wanted:
            if not (self._blocks[depth].implicit or self._blocks[depth].name == "p"):
                return self._stray(name)
            depth -= 1
        target = self._blocks[depth]
        if name == "figcaption" and target.caption:
            return self._stray(name)
        if name == "caption" and target.open:
            return self._stray(name)
        if depth + 1 < len(self._blocks):
            self._leave(self._blocks[depth + 1])
        self._fill_in(name)
        return True

    def _stray(self, name: str) -> bool:
        """Give a list to an item that has none. Other strays become plain text blocks."""
        self._make_room(name)
        if name != "li" or len(self._blocks) > MAX_BLOCKS:
            return False
        self._push(Frame("ul", implicit=True))
        return True

    def _fill_in(self, name: str) -> None:
        """Add the row group and the row that a cell or a row lacks."""
        if name in {"tr", "td", "th"} and self._blocks[-1].name == "table":
            self._push(Frame("tbody", implicit=True))
        if name in {"td", "th"} and self._blocks[-1].name in {"thead", "tbody"}:
            self._push(Frame("tr", implicit=True))

    def _make_room(self, name: str) -> None:
        """Leave or complete what takes neither text nor blocks."""
        top = self._blocks[-1]
        if top.name == "figure" and top.caption == "last":
            self._leave(top)
        elif top.name in {"ul", "ol"} and name in {"ul", "ol"} and self._reopen_item():
            return
        while self._blocks[-1].kind is Kind.STRUCT:
            top = self._blocks[-1]
            if top.implicit and top.name == "ul":
                self._leave(top)
            else:
                self._push(Frame(INNER[top.name], implicit=True))

    def _reopen_item(self) -> bool:
        """Let a list that stands between two items belong to the first of them."""
        if self._blocks[-1].implicit or not self._closed_item or self._closed_item[0] != len(self._out):
            return False
        frame = self._closed_item[1]
        self._out.pop()
        frame.open = frame.implicit = True
        self._blocks.append(frame)
        return True

    def _group_name(self, name: str) -> str:
        """A table's head comes first; elsewhere it is a body."""
        return "tbody" if name == "thead" and self._blocks[-1].last not in {"", "caption"} else name

    # Text

    def _leaf(self, html: str, text: str) -> None:
        lead = self._ready()
        self._out.append(html)
        self._blocks[-1].text.append(lead + text)

    def _ready(self) -> str:
        """Open all that the next text stands in, and write the white space before it; return that."""
        top = self._blocks[-1]
        if self._fresh or self._breaks or top.kind is not Kind.TEXT:  # else it goes on where it is
            self._settle()
        lead = self._lead()
        if self._anchors:
            self._out.append(self._waiting_anchors())
        for frame in self._inlines:
            if not frame.open and not frame.spent:
                self._open_inline(frame)
        self._fresh, self._breaks, self._space = False, 0, ""
        return lead

    def _settle(self) -> None:
        """Make the innermost block one that is open for text."""
        self._make_room("")
        top = self._blocks[-1]
        if top.kind is Kind.FLOW:
            self._push(Frame("p", implicit=True))
        elif top.name == "p" and self._breaks > 1 and not self._fresh:
            self._close(top)
        self._open_blocks()
        if top.name == "pre" and self._fresh and self._inlines and self._inlines[0].name == "code":
            self._open_inline(self._inlines[0])  # the first line's indentation is code as well

    def _waiting_anchors(self) -> str:
        """Return the ids of what was not written as empty elements, once."""
        anchors = "".join(f'<span id="{token("id", ident)}"></span>' for ident in self._anchors)
        self.ids += self._anchors
        self._anchors = []
        return anchors

    def _lead(self) -> str:
        if self._blocks[-1].name == "pre":
            lead = self._space[self._space.rfind("\n") + 1 :] if self._fresh else self._space
        elif self._fresh:
            return " " if self._blocks[-1].text else ""
        elif self._breaks:
            indent = self._space.count(_NO_BREAK)  # of a line in a poem; one is a slip of the editor
            self._out.append("<br/>" * min(self._breaks, 2) + (_NO_BREAK * indent if indent > 1 else ""))
            return "\n"
        elif not self._space:
            return ""
        else:
            lead = spaces(self._space)
        self._out.append(lead)
        return lead

    def _open_inline(self, frame: Inline) -> None:
        ident = f' id="{token("id", frame.ident)}"' if frame.ident else ""
        if frame.ident:
            self.ids.append(frame.ident)
            frame.ident = ""  # one that is split carries it once
        self._out.append(f"<{frame.name}{ident}{frame.attributes}>")
        self._count(frame.name)
        frame.open = True

    # Opening and closing

    def _push(self, frame: Frame) -> None:
        self._boundary()
        self._blocks.append(frame)
        if frame.name in EAGER:
            self._open_blocks()

    def _leave(self, frame: Frame) -> None:
        if frame not in self._blocks:  # it was left early, for something that could not stand in it
            return
        self._close_inlines()
        while True:
            top = self._blocks.pop()
            self._close(top)
            if top.ident in self._linked:
                self._anchors.append(top.ident)
            if top is frame:
                break

    def _finish(self) -> None:
        if len(self._blocks) > 1:
            self._leave(self._blocks[1])

    def _boundary(self) -> None:
        """End the run of text: what follows stands on a line of its own."""
        top = self._blocks[-1]
        if top.flat:
            self._space += "\n" if top.name == "pre" and not self._space.endswith("\n") else " "
        elif top.kind is Kind.BARE:
            self._breaks = max(self._breaks, 0 if self._fresh else 1)
            self._space = ""
        else:
            self._close_inlines()
            self._space, self._breaks = "", 0
            if top.name == "p":
                self._close(top)
                if top.implicit:
                    self._blocks.pop()
            self._fresh = True

    def _open_blocks(self, *, around_text: bool = False) -> None:
        """Write the start tags that are due. A paragraph that holds blocks stays closed meanwhile."""
        parent = self._blocks[0]
        for frame in self._blocks[1:]:
            if frame.name == "p" and (around_text or frame is not self._blocks[-1]):
                continue
            if not frame.open:
                self._open(frame, parent)
            parent = frame

    def _open(self, frame: Frame, parent: Frame) -> None:
        self._close_inlines()
        if frame.name == "dd" and parent.last not in {"dt", "dd"}:
            self._out.append("<dt></dt>\n")
        if frame.name == "figcaption":
            parent.caption = "last" if parent.text or parent.last else "first"
        parent.last = frame.name
        ident = f' id="{token("id", frame.ident)}"' if frame.ident else ""
        if frame.ident:
            self.ids.append(frame.ident)
            frame.written, frame.ident = frame.ident, ""  # a paragraph that is split carries it once
        self._out.append(f"<{frame.name}{ident}{frame.attributes}>")
        self._count(frame.name)
        frame.open = True
        self._fresh, self._breaks = True, 0

    def _close(self, frame: Frame) -> None:
        if not frame.open:
            return
        self._close_inlines()
        if frame.name == "dl" and frame.last == "dt":
            self._out.append("<dd></dd>")
        self._out.append(f"</{frame.name}>\n")
        frame.open = False
        self._record(frame)
        self._rest()
        if frame.name == "li":
            self._closed_item = (len(self._out), frame)

    def _record(self, frame: Frame) -> None:
        text = "".join(frame.text)
        frame.text = []
        if text.strip():
            self.paragraphs.append((self._place(frame), text))
        if frame.name in _LEVELS:
            self.headings.append((_LEVELS[frame.name], frame.written, " ".join(text.split())))

    def _place(self, frame: Frame) -> str:
        """Name a block by what it is, or by what it stands in if that is no prose of the author."""
        listed = frame.name in {"li", "p"} and any(block.attributes == _TOC for block in self._blocks)
        beside = frame.name == "p" and any(block.name == "aside" for block in self._blocks)
        return "toc" if listed else "aside" if beside else frame.name

    def _count(self, name: str) -> None:
        self.seen[name] += 1

    def _rest(self) -> None:
        self._fresh, self._breaks, self._space = True, 0, ""

    def _close_inlines(self) -> None:
        for frame in reversed(self._inlines):
            if frame.open:
                self._out.append(f"</{frame.name}>")
                frame.open = False
