"""Joins parts into one PDF, a part at a time, each written as it comes.

What parts share (fonts, images, colour profiles) is written once. The tag tree, the index from content to
tags, named destinations and ids become one of each. What is known only at the end (page numbers, fonts,
the catalog) is written there, under object numbers that were given before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

from feed2book.render.pdf.file import PdfFile, name_tree, references, string
from feed2book.render.pdf.fonts import FontShelf, font_objects
from feed2book.render.pdf.pack import MARK, PdfPart
from feed2book.render.pdf.page_numbers import Stamp


@dataclass(frozen=True, slots=True)
class Mark:
    """A bookmark: its title, the destination that it leads to, what lies below it, whether that shows."""

    title: str
    name: str
    children: tuple[Mark, ...] = ()
    opened: bool = True


@dataclass(slots=True)
class _Run:
    """The pages of a part: their node in the page tree, their objects, the elements right below the Document.

    ``before`` counts the numbered pages before it.
    """

    node: int
    before: int = 0
    pages: list[int] = field(default_factory=list)
    top: list[bytes] = field(default_factory=list)
    stamps: list[tuple[int, int, Stamp]] = field(default_factory=list)  # page, from 0; object; what it shows


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a destination is: on which page of a run, and where there."""

    run: _Run
    page: int
    left: float
    top: float

    @property
    def spelled(self) -> bytes:
        return b"[%d 0 R /XYZ %g %g 0]" % (self.run.pages[self.page], self.left, self.top)


class Joiner:
    """Joins parts into a file: the posts and what follows them in their order, what stands before them last.

    Args:
        out: where the file goes.
        paired: whether each part begins on a right-hand page, so that one with an odd number of pages gets
            a blank one.
    """

    def __init__(self, out: BinaryIO, *, paired: bool = False) -> None:
        self._file = PdfFile(out)
        self._paired = paired
        self._shared: dict[str, int] = {}
        self._fonts = FontShelf()
        self._document, self._pages = self._file.reserve(), self._file.reserve()
        self._runs: list[_Run] = []
        self._leaves: list[int] = []
        self._ids: list[tuple[str, bytes]] = []
        self._places: dict[str, _Place] = {}
        self.missing: set[str] = set()  # characters that no font has
        self._keys = 0
        self._count = 0

    def add(self, part: PdfPart) -> None:
        """Write a part of the body, whose pages are counted from 1."""
        run = _Run(self._file.reserve(), self._count)
        self._runs.append(run)
        self._add(part, run)
        self._count += len(run.pages)

    def alias(self, name: str, other: str) -> None:
        """Let a name that no part has lead where another leads."""
        if name not in self._places and other in self._places:
            self._places[name] = self._places[other]

    def page_of(self, name: str) -> int:
        """Return the number of the page where a destination of the body is, 0 if there is none."""
        place = self._places.get(name)
        return place.run.before + place.page + 1 if place else 0

    def finish(self, front: PdfPart, marks: Sequence[Mark], identifier: str) -> int:
        """Write the part that stands before all others, whose pages have roman numbers, and the rest.

        Args:
            front: the part, with the metadata of the whole.
            marks: the bookmarks.
            identifier: what names this issue of the book in the file's ``/ID``.

        Returns:
            How many pages the file has.
        """
        run = _Run(self._file.reserve())
        catalog, info = self._add(front, run)
        runs = [run, *self._runs]
        self._stamp()
        for one in self._fonts:
            plain, streams = font_objects(one, self._file.reserve(4))
            self._file.add(plain)
            for number, extra, data in streams:
                self._file.add_stream(number, extra, data)
        root, number = self._file.reserve(), self._file.reserve()
        entries = {
            b"Type": b"/Catalog",
            b"Pages": b"%d 0 R" % self._pages,
            b"StructTreeRoot": b"%d 0 R" % root,
            b"PageLabels": b"<</Nums [0 <</S /r>> %d <</S /D>>]>>" % len(run.pages),
            b"Names": b"<</Dests %b>>" % self._tree((name, at.spelled) for name, at in self._places.items()),
            **self._outline(marks),
        }
        own = b"".join(b"/%b %b" % entry for entry in entries.items())
        objects = [*self._page_tree(runs), *self._tag_tree(root, runs), (number, catalog[:-2] + own + b">>")]
        self._file.add(objects)
        self._file.close(number, info, identifier)
        return sum(len(run.pages) for run in runs)

    def _add(self, part: PdfPart, run: _Run) -> tuple[bytes, int]:
        """Write a part; return its catalog, and the number of its metadata, if they are in it."""
        first = self._file.reserve(part.plain)
        streams, new = self._streams(part)
        numbers = (*range(first, first + part.plain), *streams, *self._outer(part, run))
        names = [b"%d 0 R" % number for number in numbers]
        names += [b"%d" % key for key in range(self._keys, self._keys + part.keys)]
        lines = _relocate(part, names)
        self._file.add([(first + place, text) for place, text in enumerate(lines[: part.plain])])
        for number, extra, (data, _) in zip(new, lines[part.plain :], part.streams, strict=True):
            if number:
                self._file.add_stream(number, extra, data)
        about = part.about
        self.missing |= set(about["missing"])
        self._keys += part.keys
        self._leaves += [numbers[place] for place in about["tree"]]
        self._ids += [(name, names[place]) for name, place in about["ids"]]
        run.top += [names[place] for place in about["top"]]
        run.pages += [numbers[place] for place in about["pages"]]
        for name, page, left, top in about["dests"]:
            self._places.setdefault(name, _Place(run, page, left, top))
        if self._paired and len(run.pages) % 2:
            self._blank(run, about["box"])
        whole = about["whole"]
        return (lines[whole[0]], numbers[whole[1]]) if whole else (b"<<>>", 0)

    def _streams(self, part: PdfPart) -> tuple[list[int], list[int]]:
        """Return the number of each stream, and the same again with 0 for those that are written already."""
        numbers, new = [], []
        for _, digest in part.streams:
            number = self._shared.get(digest, 0)
            new.append(0 if number else self._file.reserve())
            numbers.append(number or new[-1])
            if digest:
                self._shared[digest] = numbers[-1]
        return numbers, new

    def _outer(self, part: PdfPart, run: _Run) -> Iterator[int]:
        """Yield the numbers of what the file has already, or gets at its end."""
        pairs = zip(part.about["fonts"], part.blobs, strict=True)
        fonts = {name: (facts, data) for (name, facts), data in pairs}
        stamps = {page: Stamp.from_json(stamp) for page, stamp in part.about["stamps"]}
        for name in part.outer:
            kind, _, which = name.partition(" ")
            match kind:
                case "document":
                    yield self._document
                case "parent":
                    yield run.node
                case "font":
                    yield self._fonts.add(*fonts[which], self._file.reserve)
                case "stamp":
                    number = self._file.reserve()
                    run.stamps.append((int(which), number, stamps[int(which)]))
                    yield number

    def _blank(self, run: _Run, box: Sequence[float]) -> None:
        number = self._file.reserve()
        sides = b" ".join(b"%g" % side for side in box)
        text = b"<</Type /Page/Parent %d 0 R/MediaBox [%b]/Resources <<>>/Tabs /S>>" % (run.node, sides)
        self._file.add([(number, text)])
        run.pages.append(number)

    def _stamp(self) -> None:
        """Write the page numbers."""
        for run in self._runs:
            for page, number, stamp in run.stamps:
                data = stamp.fill({"page": run.before + page + 1, "pages": self._count})
                self._file.add_stream(number, b"<<>>", data)

    def _page_tree(self, runs: Sequence[_Run]) -> Iterator[tuple[int, bytes]]:
        count = sum(len(run.pages) for run in runs)
        kids = references(run.node for run in runs)
        yield self._pages, b"<</Type /Pages/Count %d/Kids [%b]>>" % (count, kids)
        for run in runs:
            count, kids = len(run.pages), references(run.pages)
            yield run.node, b"<</Type /Pages/Parent %d 0 R/Count %d/Kids [%b]>>" % (self._pages, count, kids)

    def _tag_tree(self, root: int, runs: Sequence[_Run]) -> Iterator[tuple[int, bytes]]:
        index = self._file.reserve()
        ids = b"/IDTree %b" % self._tree(self._ids) if self._ids else b""
        yield (
            root,
            b"<</Type /StructTreeRoot/K [%d 0 R]/ParentTree %d 0 R/ParentTreeNextKey %d%b>>"
            % (
                self._document,
                index,
                self._keys,
                ids,
            ),
        )
        yield index, b"<</Kids [%b]>>" % references(self._leaves)
        kids = b" ".join(chain.from_iterable(run.top for run in runs))
        yield self._document, b"<</Type /StructElem/S /Document/P %d 0 R/K [%b]>>" % (root, kids)

    def _tree(self, entries: Iterable[tuple[str, bytes]]) -> bytes:
        """Write a name tree; return the reference to it."""
        objects = name_tree(list(entries), self._file.reserve)
        self._file.add(objects)
        return b"%d 0 R" % objects[0][0]

    def _outline(self, marks: Sequence[Mark]) -> Mapping[bytes, bytes]:
        """Write the bookmarks; return the catalog's entry for them."""
        marks = [mark for mark in marks if mark.name in self._places]
        if not marks:
            return {}
        root = self._file.reserve()
        objects: list[tuple[int, bytes]] = []
        ends, shown = self._below(marks, root, objects)
        self._file.add([(root, b"<</Type /Outlines/Count %d%b>>" % (shown, ends)), *objects])
        return {b"Outlines": b"%d 0 R" % root}

    def _below(
        self, marks: Sequence[Mark], parent: int, objects: list[tuple[int, bytes]]
    ) -> tuple[bytes, int]:
        """Add the bookmarks below another; return its links to them, and how many show when it is open."""
        marks = [mark for mark in marks if mark.name in self._places]
        if not marks:
            return b"", 0
        first = self._file.reserve(len(marks))
        last = first + len(marks) - 1
        shown = len(marks)
        for number, mark in enumerate(marks, start=first):
            ends, below = self._below(mark.children, number, objects)
            shown += below if mark.opened else 0
            text = b"<</Title %b/Parent %d 0 R/Dest %b" % (
                string(mark.title),
                parent,
                self._places[mark.name].spelled,
            )
            text += b"/Prev %d 0 R" % (number - 1) if number > first else b""
            text += b"/Next %d 0 R" % (number + 1) if number < last else b""
            text += b"/Count %d" % (below if mark.opened else -below) if below else b""
            objects.append((number, text + ends + b">>"))
        return b"/First %d 0 R/Last %d 0 R" % (first, last), shown


def _relocate(part: PdfPart, names: Sequence[bytes]) -> list[bytes]:
    """Return the lines of a part, each mark replaced by the name of what it stands for."""
    pieces = part.text.split(MARK)
    filled = chain.from_iterable(zip(pieces, map(names.__getitem__, part.numbers), strict=False))
    return b"".join((*filled, pieces[-1])).split(b"\n")
