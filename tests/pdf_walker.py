"""A walker over a tagged PDF that finds what validators let pass.

veraPDF is content with dead destinations, with links that no tag leads to, and with half a tag tree cut off.
:func:`faults` names these, and page numbers that are wrong, in the words of someone who has to find them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO
from typing import Any

import pikepdf

_BFCHAR = re.compile(rb"<([0-9a-f]+)> <([0-9a-f]*)>")
_NUMBER = re.compile(r"\d+ / \d+|[ivxlcdm]+")
# Elements that stand elsewhere on a page than in the text: what is drawn when says nothing of their place.
_LINE = 30.0  # CSS pixels that text may go up and still be in the same line
_APART = frozenset({"/Note", "/Figure", "/Lbl", "/Caption", "/Link", "/Table", "/Code"})


def faults(data: bytes) -> list[str]:
    """Return what is wrong with a document, nothing if all is well."""
    with pikepdf.open(BytesIO(data)) as pdf:
        return list(_Walker(pdf).faults())


def kids(element: Any) -> list[Any]:
    """Return what stands right below an element of the tag tree."""
    found = element.get("/K", [])
    return list(found) if isinstance(found, pikepdf.Array) else [found]


def is_element(kid: Any) -> bool:
    return isinstance(kid, pikepdf.Dictionary) and "/S" in kid


class _Walker:
    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.root: Any = pdf.Root.StructTreeRoot
        self.pages = list(pdf.pages)
        self.number = {page.objgen: number for number, page in enumerate(self.pages)}
        self.labels = [page.label for page in self.pages]
        self.elements: list[tuple[Any, Any]] = []  # with the parent of each
        self.owner: dict[tuple[int, int], list[Any]] = defaultdict(list)
        self.order: list[tuple[int, int, bool]] = []  # page, MCID, whether it stands apart
        self.referred: dict[Any, list[Any]] = defaultdict(list)

    def faults(self) -> Iterator[str]:
        yield from self.pdf.check_pdf_syntax()
        yield from self._tree()
        yield from self._content()
        yield from self._index()
        yield from self._links()
        yield from self._names(self.pdf.Root.Names.Dests, "Dests")
        yield from self._bookmarks()
        yield from self._numbers()
        yield from self._contents()
        yield from self._ids()

    # The tag tree: one Document, each element below the one that it names as its parent, once.

    def _tree(self) -> Iterator[str]:
        tops = kids(self.root)
        if [str(top.S) for top in tops] != ["/Document"]:
            yield f"the tree has {len(tops)} tops, not one Document"
        seen: set[Any] = set()
        waiting: list[tuple[Any, Any, bool]] = [(top, self.root, False) for top in reversed(tops)]
        while waiting:
            element, parent, apart = waiting.pop()
            if element.objgen in seen:
                yield f"element {element.objgen} is reached twice"
                continue
            seen.add(element.objgen)
            self.elements.append((element, parent))
            if element.get("/P") is None or element.P.objgen != parent.objgen:
                yield f"element {element.objgen} ({element.S}) has another parent than the one above it"
            apart = apart or str(element.S) in _APART
            below = kids(element)
            waiting += [(kid, element, apart) for kid in reversed(below) if is_element(kid)]
            for kid in below:
                yield from self._leaf(kid, element, apart)

    def _leaf(self, kid: Any, element: Any, apart: bool) -> Iterator[str]:
        if is_element(kid):
            return
        page = self.number.get(element.Pg.objgen) if "/Pg" in element else None
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/OBJR":
            self.referred[kid.Obj.objgen].append(element)
        elif page is None:
            yield f"element {element.objgen} ({element.S}) has content on no page of the document"
        else:
            self.owner[page, int(kid)].append(element)
            self.order.append((page, int(kid), apart))

    # Content: each piece is reached once, in reading order, or is an artifact.

    @cached_property
    def drawn(self) -> list[_Content]:
        return [_Content(page) for page in self.pages]

    def _content(self) -> Iterator[str]:
        for number, content in enumerate(self.drawn):
            where = f"page {number + 1}"
            yield from (f"{where}: {fault}" for fault in content.faults)
            twice = [mcid for mcid, count in Counter(content.order).items() if count > 1]
            if twice:
                yield f"{where}: the numbers {twice} mark several pieces of content"
            for mcid in content.order:
                reached = len(self.owner.get((number, mcid), ()))
                if reached != 1:
                    yield f"{where}: content {mcid} is reached {reached} times"
        for number, mcid in self.owner:
            if mcid not in self.drawn[number].order:
                yield f"page {number + 1}: content {mcid} is in the tree and not on the page"
        yield from self._reading_order()

    def _reading_order(self) -> Iterator[str]:
        """Reading goes from page to page, and down each page: columns are not foreseen here."""
        page_before, down_before = 0, 0.0
        for page, mcid, apart in self.order:
            down = self.drawn[page].down.get(mcid)
            if apart or down is None:
                continue
            if (page, down) < (page_before, down_before - _LINE):
                yield f"page {page + 1}: content {mcid} is read after what stands below, or later"
            page_before, down_before = page, down

    # The ParentTree: from content and annotations back to elements.

    def _index(self) -> Iterator[str]:
        index = dict(pikepdf.NumberTree(self.root.ParentTree).items())
        if list(index) != sorted(index) or int(self.root.ParentTreeNextKey) != max(index) + 1:
            yield "the keys of the ParentTree are out of order"
        used: list[int] = []
        for number, page in enumerate(self.pages):
            if "/StructParents" not in page:
                if self.drawn[number].order:
                    yield f"page {number + 1} has content and no StructParents"
                continue
            used.append(int(page.StructParents))
            told = {mcid: one.objgen for mcid, one in enumerate(index.get(used[-1], ())) if one is not None}
            right = {
                mcid: self.owner[number, mcid][0].objgen
                for mcid in self.drawn[number].order
                if self.owner[number, mcid]
            }
            if told != right:
                yield f"page {number + 1}: the ParentTree does not lead to the owners of its content"
        for annotation in self._annotations():
            used.append(int(annotation.get("/StructParent", -1)))
            owners = [one.objgen for one in self.referred.get(annotation.objgen, ())]
            if used[-1] not in index or [index[used[-1]].objgen] != owners:
                yield f"annotation {annotation.objgen}: the ParentTree does not lead to its element"
        if sorted(used) != sorted(index):
            yield "keys of the ParentTree are used twice, or not at all"

    def _annotations(self) -> Iterator[Any]:
        for page in self.pages:
            yield from page.get("/Annots", [])

    # Links: each has one element, words that say where it leads, and a place that is there.

    def _links(self) -> Iterator[str]:
        for annotation in self._annotations():
            where = f"annotation {annotation.objgen}"
            owners = self.referred.get(annotation.objgen, [])
            if [str(one.S) for one in owners] != ["/Link"]:
                yield f"{where} belongs to {len(owners)} elements, not to one Link"
            if not str(annotation.get("/Contents", "")):
                yield f"{where} does not say where it leads"
            if "/Dest" in annotation:
                name = str(annotation.Dest)
                if name not in self.places:
                    yield f"{where} leads to {name!r}, which is nowhere"
            elif str(annotation.A.get("/URI", "")).partition(":")[0] not in {
                "http",
                "https",
                "mailto",
                "ftp",
            }:
                yield f"{where} leads to {annotation.A.get('/URI')}"
        for name in pikepdf.NameTree(self.pdf.Root.Names.Dests):
            if str(name) not in self.places:
                yield f"the destination {str(name)!r} is on no page"
        alive = {annotation.objgen for annotation in self._annotations()}
        for gone in self.referred.keys() - alive:
            yield f"the tree refers to annotation {gone}, which is on no page"

    @cached_property
    def places(self) -> dict[str, int]:
        """The page, from 0, of each named destination that is on one."""
        tree = pikepdf.NameTree(self.pdf.Root.Names.Dests)
        pages: Iterator[tuple[str, Any]] = ((str(name), place[0].objgen) for name, place in tree.items())
        return {name: self.number[page] for name, page in pages if page in self.number}

    def _names(self, root: Any, what: str) -> Iterator[str]:
        """Find names that readers, which search by halves, will not find."""
        names: list[bytes] = []
        for leaf in root.get("/Kids", [root]):
            found = [bytes(name) for name in list(leaf.Names)[::2]]
            if "/Limits" in leaf and [bytes(limit) for limit in leaf.Limits] != [found[0], found[-1]]:
                yield f"{what}: the limits of a leaf are not its first and last name"
            names += found
        if names != sorted(set(names)):
            yield f"{what}: the names are not in order, or not unique"

    # Bookmarks: linked both ways, counted, leading to pages.

    def _bookmarks(self) -> Iterator[str]:
        if "/Outlines" in self.pdf.Root:
            yield from self._below(self.pdf.Root.Outlines)

    def _below(self, parent: Any) -> Iterator[str]:
        before = None
        current = parent.get("/First")
        count = 0
        while current is not None:
            count += 1
            if (current.get("/Prev") is None) != (before is None) or current.Parent.objgen != parent.objgen:
                yield f"bookmark {current.Title}: it is linked wrongly"
            if current.Dest[0].objgen not in self.number:
                yield f"bookmark {current.Title}: it leads nowhere"
            yield from self._below(current)
            if int(current.get("/Count", 0)) > 0:
                count += int(current.Count)
            before, current = current, current.get("/Next")
        if before is not None and parent.Last.objgen != before.objgen:
            yield f"bookmarks: the last below {parent.objgen} is another one"
        if abs(int(parent.get("/Count", 0))) != count:
            yield f"bookmarks: {parent.objgen} counts {parent.get('/Count', 0)} below it, there are {count}"

    # Page numbers: as printed, as labelled, as the contents have them.

    def _numbers(self) -> Iterator[str]:
        body = [label for label in self.labels if label.isdigit()]
        if body != [str(number) for number in range(1, len(body) + 1)]:
            yield "the labels of the body are not 1, 2, 3 …"
        for number, (label, content) in enumerate(zip(self.labels, self.drawn, strict=True)):
            told = [text for text in content.artifacts if _NUMBER.fullmatch(text)]
            right = f"{label} / {len(body)}" if label.isdigit() else label
            if told not in ([], [right]):
                yield f"page {number + 1}: {told} is printed on {right}"

    def _contents(self) -> Iterator[str]:
        """Look for the number after each line of the contents."""
        for element, _ in self.elements:
            if element.S != "/Link" or "/Pg" not in element:
                continue
            page = self.number[element.Pg.objgen]
            objrs = [kid for kid in kids(element) if isinstance(kid, pikepdf.Dictionary) and "/Obj" in kid]
            if self.labels[page].isdigit() or not objrs or "/Dest" not in objrs[0].Obj:
                continue
            lands = self.places.get(str(objrs[0].Obj.Dest))
            texts = list(self._texts(element, page))
            if lands is not None and texts[-1:] != [self.labels[lands]]:
                yield f"contents: {texts} leads to page {self.labels[lands]}"

    def _texts(self, element: Any, page: int) -> Iterator[str]:
        """Yield the pieces of text below an element."""
        for kid in kids(element):
            if is_element(kid):
                yield from self._texts(kid, page)
            elif not isinstance(kid, pikepdf.Dictionary) and (
                text := self.drawn[page].text[int(kid)].strip()
            ):
                yield text

    # Ids of elements: unique, and all in the IDTree.

    def _ids(self) -> Iterator[str]:
        found = {str(element.ID): element.objgen for element, _ in self.elements if "/ID" in element}
        count = sum("/ID" in element for element, _ in self.elements)
        if len(found) != count:
            yield "ids of elements are not unique"
        if "/IDTree" in self.root:
            yield from self._names(self.root.IDTree, "IDTree")
        tree = pikepdf.NameTree(self.root.IDTree).items() if "/IDTree" in self.root else ()
        if {str(name): element.objgen for name, element in tree} != found:
            yield "the IDTree does not lead to the elements with ids"


class _Content:
    """What is drawn on a page: marked content by its number, page furniture, and what is neither."""

    def __init__(self, page: Any) -> None:
        self.order: list[int] = []
        self.text: dict[int, str] = defaultdict(str)
        self.down: dict[int, float] = {}  # how far from the top of the page text begins
        self.artifacts: list[str] = []
        self.faults: list[str] = []
        self._maps: dict[str, dict[int, str]] = {}
        self._fonts = page.get("/Resources", {}).get("/Font", {})
        self._read(page)

    def _read(self, page: Any) -> None:
        inside: list[int | None] = []  # the MCIDs that are open, None for artifacts
        font = ""
        for instruction in pikepdf.parse_content_stream(page) if "/Contents" in page else ():
            operands: list[Any] = list(instruction.operands)
            match str(instruction.operator):
                case "BDC" | "BMC":
                    self._open(operands, inside)
                case "EMC":
                    inside.pop()
                case "Tm":
                    if inside and inside[-1] is not None:
                        self.down.setdefault(inside[-1], float(operands[5]))
                case "Tf":
                    font = str(operands[0])
                case "Tj" | "TJ":
                    self._show(self._decode(font, operands[0]), inside)
                case "Do" | "f" | "S" | "sh":
                    if not inside and str(instruction.operator) == "Do":
                        self.faults.append("something is drawn that is neither marked nor an artifact")

    def _open(self, operands: list[Any], inside: list[int | None]) -> None:
        if str(operands[0]) == "/Artifact":
            inside.append(None)
            self.artifacts.append("")
            return
        mcid = int(operands[1].get("/MCID", -1))
        if any(one is not None for one in inside):
            self.faults.append(f"content {mcid} is marked inside other content")
        inside.append(mcid)
        self.order.append(mcid)

    def _show(self, text: str, inside: list[int | None]) -> None:
        if not inside:
            self.faults.append(f"{text!r} is neither marked nor an artifact")
        elif inside[-1] is None:
            self.artifacts[-1] += text
        else:
            self.text[inside[-1]] += text

    def _decode(self, font: str, shown: Any) -> str:
        if font not in self._maps:
            cmap = self._fonts[font].ToUnicode.read_bytes()
            pairs = (match.groups() for match in _BFCHAR.finditer(cmap))
            self._maps[font] = {
                int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs
            }
        strings = (
            [shown]
            if isinstance(shown, pikepdf.String)
            else [one for one in shown if isinstance(one, pikepdf.String)]
        )
        data = b"".join(bytes(one) for one in strings)
        codes = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
        missing = [code for code in codes if code not in self._maps[font]]
        if missing:
            self.faults.append(f"font {font} does not tell what the glyphs {missing} mean")
        return "".join(self._maps[font].get(code, "") for code in codes)


def furniture(data: bytes) -> list[list[str]]:
    """Return the texts that stand on each page as artifacts: heads and page numbers."""
    with pikepdf.open(BytesIO(data)) as pdf:
        return [[text for text in _Content(page).artifacts if text] for page in pdf.pages]
