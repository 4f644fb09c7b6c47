"""Mends the tag tree that WeasyPrint 70 writes, where PDF/UA-1 (ISO 14289-1) wants it otherwise.

Each rule is one short function, and its docstring says what WeasyPrint does and what is right. The
tree is made of pydyf's dictionaries (ISO 32000-1, 14.7); a kid of an element is a reference, as bytes,
or the number of a piece of marked content on the element's page (MCID).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import pydyf

from feed2book.render.pdf.addresses import GOTO
from feed2book.render.pdf.pack import Key
from feed2book.render.pdf.tag_tables import mend_table

# Elements that hold text themselves, so that a Span around it says nothing.
_HOLDS_TEXT = frozenset(
    {"/P", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/Lbl", "/LBody", "/TD", "/TH"}
    | {"/Caption", "/Link", "/Span", "/NonStruct"}
)
# Elements that mean nothing when there is nothing in them.
_MAY_GO = frozenset(
    {"/P", "/Span", "/NonStruct", "/Div", "/Sect", "/Art", "/Part", "/BlockQuote"}
    | {"/Lbl", "/LBody", "/LI", "/L"}
)
_INLINE = frozenset({"/Span", "/NonStruct"})


def mend_tags(pdf: Any, titles: Mapping[str, str], prefix: str) -> int:
    """Mend the tag tree of a ``pydyf.PDF`` in place.

    Links to :data:`GOTO` addresses become links to named destinations.

    Args:
        pdf: the document, complete but not yet written.
        titles: what each anchor is called.
        prefix: what ids of elements begin with, so that they are unique in the joined document.

    Returns:
        How many keys the ParentTree has. They are :class:`Key`, as are the numbers that lead to them.
    """
    tree = _Tree(pdf)
    _mark_notes(tree, prefix)
    _Mender(tree, titles).mend(tree.document, None)
    return tree.index()


def _mark_notes(tree: _Tree, prefix: str) -> None:
    """Make a Note, with the ID that it must have (7.9), of each note at the foot of a page.

    WeasyPrint writes the whole foot as a NonStruct right below the Document, and a Span for each note.
    """
    number = 0
    kids = pydyf.Array()
    for kid in tree.document["K"]:
        area = tree.get(kid)
        notes = tree.kids(area) if area["S"] == "/NonStruct" else []
        if not notes or any(note.get("S") != "/Span" for note in notes):
            kids.append(kid)
            continue
        for note in notes:
            number += 1
            note["S"], note["ID"], note["P"] = "/Note", pydyf.String(f"{prefix}-note-{number}"), area["P"]
            kids.append(note.reference)
    tree.document["K"] = kids


class _Tree:
    """The structure tree, its pages and its index from marked content to elements (ParentTree)."""

    def __init__(self, pdf: Any) -> None:
        self.pdf = pdf
        self.objects = pdf.objects
        root = self.get(pdf.catalog["StructTreeRoot"])
        self.document = self.get(root["K"][0])
        self.parents = self.get(root["ParentTree"])
        self.pages = [self.get(reference) for reference in pdf.page_references]
        self.number = {reference: index for index, reference in enumerate(pdf.page_references)}
        self.owners: dict[tuple[int, int], bytes] = {}
        self.links: dict[int, tuple[Any, bytes]] = {}  # by the number of the annotation

    def get(self, reference: bytes) -> Any:
        """Return the object that a reference (``b"12 0 R"``) names."""
        return self.objects[int(reference.split(b" ", 1)[0])]

    def kids(self, element: Any) -> list[Any]:
        """Return the elements (not the text) right below an element."""
        return [self.get(kid) for kid in element["K"] if isinstance(kid, bytes)]

    def add(self, kind: str, parent: Any, kids: list[Any]) -> bytes:
        """Return a reference to a new element below ``parent``, around these kids."""
        element = pydyf.Dictionary(
            {"Type": "/StructElem", "S": kind, "K": pydyf.Array(kids), "P": parent.reference}
        )
        if "Pg" in parent:
            element["Pg"] = parent["Pg"]
        self.pdf.add_object(element)
        for kid in self.kids(element):
            kid["P"] = element.reference
        return bytes(element.reference)

    def index(self) -> int:
        """Write the index anew, with what nobody owns as an artifact; return how many keys it has."""
        nums = pydyf.Array()
        for number, (page, (_, old)) in enumerate(zip(self.pages, self._old_index(), strict=False)):
            owned = [self.owners.get((number, mcid)) for mcid in range(len(old))]
            nums.extend((Key(number), pydyf.Array(owner or b"null" for owner in owned)))
            page["StructParents"] = Key(number)
            _to_artifacts(self.get(page["Contents"]), {mcid for mcid, owner in enumerate(owned) if not owner})
        for number, (annotation, owner) in enumerate(self.links.values(), start=len(self.pages)):
            annotation["StructParent"] = Key(number)
            nums.extend((Key(number), owner))
        self.parents["Nums"] = nums
        return len(self.pages) + len(self.links)

    def _old_index(self) -> Iterator[tuple[int, Any]]:
        nums = self.parents["Nums"]
        return zip(nums[0::2], nums[1::2], strict=True)


class _Mender:
    """Walks the tree once, and mends each element after what lies below it."""

    def __init__(self, tree: _Tree, titles: Mapping[str, str]) -> None:
        self.tree = tree
        self.titles = titles

    def mend(self, element: Any, link: Any) -> None:
        """Mend an element and all below it. ``link`` is the nearest Link above it, or None."""
        inside = element if element["S"] == "/Link" and link is None else link
        if element["S"] == "/Link" and link is not None:
            element["S"] = "/Span"
        kids: list[Any] = []
        for kid in element["K"]:
            kids += self._kid(kid, element, inside)
        element["K"] = pydyf.Array(kids)
        match element["S"]:
            case "/Link":
                self._name(element)
            case "/LI":
                self._wrap(element, {"/Lbl", "/LBody"}, "/LBody")
            case "/L":
                self._wrap(element, {"/LI", "/L", "/Caption"}, "/LI")
            case "/Table":
                mend_table(self.tree, element)
        self._own(element)

    def _kid(self, kid: Any, element: Any, link: Any) -> list[Any]:
        """Return what stands in the place of one kid: itself mended, what was in it, or nothing."""
        if isinstance(kid, int):
            return [kid]
        child = self.tree.get(kid)
        if child.get("Type") == "/OBJR":
            return self._annotation(kid, child, element, link)
        self.mend(child, link)
        if child["S"] == "/Figure":
            return self._figure(kid, child, link)
        if child["S"] == "/Link" and self._is_empty(child):
            return []
        if not child["K"] and child["S"] in _MAY_GO:
            return []
        if self._says_nothing(child, element):
            return list(child["K"])
        return [kid]

    @staticmethod
    def _says_nothing(child: Any, parent: Any) -> bool:
        """Whether the child is no more than a wrapper of text: WeasyPrint writes a Span for each line."""
        return (
            child["S"] in _INLINE
            and parent["S"] in _HOLDS_TEXT
            and child["Pg"] == parent["Pg"]
            and all(isinstance(kid, int) for kid in child["K"])
        )

    def _figure(self, kid: bytes, figure: Any, link: Any) -> list[Any]:
        """An image without a text alternative is decoration: an artifact (7.3), unless it is a link.

        WeasyPrint gives its place in pixels from the top of the page, not in points from the bottom.
        """
        if not figure.get("Alt"):
            if link is None:
                for mcid in figure["K"]:
                    del self.tree.owners[self.tree.number[figure["Pg"]], mcid]
                return []
            figure["Alt"] = pydyf.String("Linked picture")
        height = self.tree.get(figure["Pg"])["MediaBox"][3]
        left, top, right, bottom = (float(value) * 0.75 for value in figure["A"]["BBox"])
        figure["A"]["BBox"] = pydyf.Array((left, height - bottom, right, height - top))
        return [kid]

    def _is_empty(self, link: Any) -> bool:
        """Drop the annotation of a link without content: the end of a line where the link only begins."""
        kids = [self.tree.get(kid) if isinstance(kid, bytes) else None for kid in link["K"]]
        if any(kid is None or kid.get("Type") == "/StructElem" for kid in kids):
            return False
        for objr in kids:
            self._drop(objr)
        return True

    def _drop(self, objr: Any) -> None:
        """Take an annotation off its page; what is left of it and of its reference is empty."""
        if objr:
            annotation = self.tree.get(objr["Obj"])
            self.tree.get(objr["Pg"])["Annots"].remove(objr["Obj"])
            self.tree.links.pop(annotation.number, None)
            annotation.clear()
            objr.clear()

    def _name(self, link: Any) -> None:
        """A link that is no more than a picture is called what the picture is called."""
        figures = [kid for kid in self.tree.kids(link) if kid.get("S") == "/Figure"]
        if figures and not any(isinstance(kid, int) for kid in link["K"]):
            link["Alt"] = figures[0]["Alt"]

    def _annotation(self, kid: bytes, objr: Any, element: Any, link: Any) -> list[Any]:
        """One annotation for each Link, in the Link itself (7.18.5).

        WeasyPrint writes one more for each element inside the ``<a>``: grow the first one, drop these.
        """
        annotation = self.tree.get(objr["Obj"])
        if link is None:
            element["S"] = "/Link"
        elif link is not element:
            self._merge(annotation, link, objr)
            return []
        if target := _to_destination(annotation):
            annotation["Contents"] = pydyf.String(self.titles.get(target, target))
        self.tree.links[annotation.number] = annotation, element.reference
        return [kid]

    def _merge(self, annotation: Any, link: Any, objr: Any) -> None:
        for other in self.tree.kids(link):
            if other.get("Type") == "/OBJR":
                first = self.tree.get(other["Obj"])
                first["Rect"] = _union(first["Rect"], annotation["Rect"])
                self._drop(objr)
                return

    def _wrap(self, element: Any, allowed: set[str], wrapper: str) -> None:
        """Put each run of kids that may not stand here (7.2) in a new element of the right kind."""
        kids: list[Any] = []
        run: list[Any] = []
        for kid in (*element["K"], None):
            strange = kid is not None and (isinstance(kid, int) or self.tree.get(kid)["S"] not in allowed)
            if strange:
                run.append(kid)
                continue
            if run:
                kids.append(self._wrapper(element, wrapper, run))
                run = []
            if kid is not None:
                kids.append(kid)
        element["K"] = pydyf.Array(kids)

    def _wrapper(self, element: Any, kind: str, kids: list[Any]) -> bytes:
        """Return a new element of that kind around the kids; an LI gets an LBody as well."""
        reference = self.tree.add(kind, element, kids if kind == "/LBody" else [])
        wrapper = self.tree.get(reference)
        if kind == "/LI":
            body = self.tree.add("/LBody", wrapper, kids)
            wrapper["K"] = pydyf.Array([body])
            self._own(self.tree.get(body))
        else:
            self._own(wrapper)
        return reference

    def _own(self, element: Any) -> None:
        """Note whose text this is, and whose kids the elements below it are."""
        if "Pg" not in element:
            return
        page = self.tree.number[element["Pg"]]
        for kid in element["K"]:
            if isinstance(kid, int):
                self.tree.owners[page, kid] = element.reference
            else:
                child = self.tree.get(kid)
                if child.get("Type") == "/StructElem":
                    child["P"] = element.reference


def _to_destination(annotation: Any) -> str:
    """Let a link to a placeholder lead to the destination that it names; return that name, or ``""``."""
    uri = str(annotation["A"]["URI"].string) if "A" in annotation else ""
    if uri.startswith(GOTO):
        del annotation["A"]
        annotation["Dest"] = pydyf.String(unquote(uri.removeprefix(GOTO)))
    return str(annotation["Dest"].string) if "Dest" in annotation else ""


def _union(one: Any, other: Any) -> Any:
    """Return the smallest rectangle around both. WeasyPrint writes them top first."""
    left, right = min(one[0], one[2], other[0], other[2]), max(one[0], one[2], other[0], other[2])
    low, high = min(one[1], one[3], other[1], other[3]), max(one[1], one[3], other[1], other[3])
    return pydyf.Array([left, low, right, high])


def _to_artifacts(stream: Any, orphans: set[int]) -> None:
    """Make artifacts of these pieces of marked content: page furniture and decoration."""
    if not orphans:
        return
    items = stream.stream
    for position, item in enumerate(items):
        if item == b"BDC" and items[position - 1].get("MCID") in orphans:
            if items[position - 2] == "/Span":  # no text is left out of the tree but heads and feet
                items[position - 2 : position] = ["/Artifact", b"<</Type /Pagination>>"]
            else:
                items[position - 2 : position + 1] = ["/Artifact", b"BMC", b""]
