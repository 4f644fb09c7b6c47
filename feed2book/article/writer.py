"""The tree written as XHTML whose content models hold, whatever the tree looked like.

The writer walks the tree once, in document order. It opens an element only when there is something to
put into it, so that nothing empty is written, and it moves no text:

* a block inside a paragraph or an inline element ends the paragraph; the inline elements go on inside
  the block and after it (``<b>a<ul><li>b</ul>c</b>`` gives a paragraph, a list and a paragraph, all bold);
* text that stands among blocks becomes a paragraph, two line breaks begin a new one;
* what lacks its list, table or row gets one; what stands in a list, a table or a row and may not gets
  the item or the cell that it lacks;
* blocks inside headings, terms, table captions and code lose their tags.

White space is as HTML shows it: single spaces, none at the ends of blocks, all of it in ``pre``.
"""

from __future__ import annotations

from collections.abc import Callable

from bs4.element import NavigableString, Tag

from feed2book.article.attributes import attributes_of, plain_span
from feed2book.article.frames import Frame, Inline, Kind
from feed2book.article.stack import MAX_BLOCKS, Stack
from feed2book.article.text import BLANK, spaces
from feed2book.article.tree import attribute
from feed2book.article.vocabulary import BLOCKS, DIVISIONS, INLINE
from feed2book.models import token

MAX_INLINES = 10

_MARKS = frozenset({"noteref", "backlink"})
_NESTING = frozenset({"blockquote", "aside", "ul", "ol", "dl", "table", "figure"})


class Writer(Stack):
    """Writes one tree.

    ``placed`` lists number, kind (``block`` or ``inline``) and whether it is linked of each image,
    ``formulas`` the numbers of the formulas, both in order.
    """

    def __init__(self, linked: frozenset[str]) -> None:
        super().__init__(linked)
        self.placed: list[tuple[int, str, bool]] = []
        self._marks = 0  # references to notes, and ways back, that are open: they are not part of the text
        self.formulas: list[int] = []

    def write(self, root: Tag) -> str:
        """Return the content of ``root`` as an XHTML fragment with tokens."""
        self._children(root)
        self._finish()
        if self._anchors:
            self._ready()
            self._finish()
        return "".join(self._out).strip("\n")

    # What comes along in the tree

    def _children(self, tag: Tag) -> None:
        for child in tag.contents:
            if isinstance(child, NavigableString):
                self._text(str(child))  # its own slices are slow
            elif isinstance(child, Tag):
                _WAYS.get(child.name, Writer._division)(self, child)

    def _text(self, text: str) -> None:
        raw = self._blocks[-1].name == "pre"
        if not raw:
            text = spaces(text)
        solid = text.strip(BLANK)
        if not solid:
            self._space += text
            return
        before, _, after = text.partition(solid)
        self._space += before
        html = solid.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self._leaf(html, "" if self._marks else solid)
        self._space = after

    def _inline(self, tag: Tag) -> None:
        ident = attribute(tag, "id")
        if plain_span(tag) or len(self._inlines) >= MAX_INLINES or self._repeats(tag.name):
            self._anchor(ident)
            self._children(tag)
            return
        frame = Inline(tag.name, attributes_of(tag), ident)
        mark = tag.name == "a" and attribute(tag, "class") in _MARKS
        self._inlines.append(frame)
        self._marks += mark
        self._children(tag)
        self._marks -= mark
        self._inlines.pop()
        if frame.open:
            self._out.append(f"</{frame.name}>")
        elif frame.ident and (frame.name in {"a", "span"} or frame.ident in self._linked):
            self._anchors.append(frame.ident)

    def _repeats(self, name: str) -> bool:
        return name != "span" and name in [frame.name for frame in self._inlines]

    def _division(self, tag: Tag) -> None:
        apart = tag.name in DIVISIONS
        if apart:
            self._boundary()
        self._anchor(attribute(tag, "id"))
        self._children(tag)
        if apart:
            self._boundary()

    def _anchor(self, ident: str) -> None:
        if ident in self._linked:
            self._anchors.append(ident)

    def _block(self, tag: Tag) -> None:
        name = tag.name
        deep = name in _NESTING and len(self._blocks) > MAX_BLOCKS
        if deep or self._blocks[-1].flat or not self._fit(name):
            self._boundary()
            self._anchor(attribute(tag, "id"))
            self._children(tag)
            self._boundary()
            return
        name = self._group_name(name)
        frame = Frame(name, attributes_of(tag), attribute(tag, "id"))
        self._push(frame)
        self._children(tag)
        self._leave(frame)

    def _line_break(self, _: Tag) -> None:
        if self._blocks[-1].name == "pre":
            self._space += "\n"
        else:
            self._breaks += 1
            self._space = ""

    def _rule(self, _: Tag) -> None:
        if self._blocks[-1].flat:
            self._boundary()
            return
        self._fit("hr")
        self._boundary()
        self._close_inlines()
        self._open_blocks(around_text=True)
        if self._out[-1:] == ["<hr/>\n"]:  # one break is enough
            return
        self._out.append("<hr/>\n")
        self._count("hr")
        self._rest()

    def _image(self, tag: Tag) -> None:
        mark = token("image", attribute(tag, "n"))
        self._fit("img")
        block = attribute(tag, "kind") == "block" and not self._blocks[-1].flat
        link = next((frame for frame in self._inlines if frame.name == "a"), None)
        linked = link is not None and "href=" in link.attributes
        self.placed.append((int(attribute(tag, "n")), "block" if block else "inline", linked))
        if not block or (self._blocks[-1].kind is Kind.BARE):
            self._leaf(mark, attribute(tag, "alt") if self._blocks[-1].flat else "")
            return
        self._boundary()
        self._open_blocks(around_text=True)
        self._count("figure")
        if link is not None and linked:
            mark = f"<a{link.attributes}>{mark}</a>"
        self._out.append(f"<figure>{mark}</figure>\n")
        self._rest()

    def _formula(self, tag: Tag) -> None:
        if "n" not in tag.attrs:  # a formula that no pass has taken: in code, or an empty one
            self._children(tag)
            return
        number, alt = attribute(tag, "n"), attribute(tag, "alt")
        mark = token("formula", number)
        self.formulas.append(int(number))
        self._fit("math")
        if attribute(tag, "kind") == "inline" or self._blocks[-1].flat or self._blocks[-1].kind is Kind.BARE:
            self._leaf(mark, alt)
            return
        self._boundary()
        self._open_blocks(around_text=True)
        self._count("p")
        self._out.append(f'<p class="formula">{self._waiting_anchors()}{mark}</p>\n')
        self.paragraphs.append(("p", alt))
        self._rest()


_WAYS: dict[str, Callable[[Writer, Tag], None]] = {
    **dict.fromkeys(INLINE, Writer._inline),
    **dict.fromkeys(BLOCKS | {"p"}, Writer._block),
    "br": Writer._line_break,
    "hr": Writer._rule,
    "img": Writer._image,
    "math": Writer._formula,
}
