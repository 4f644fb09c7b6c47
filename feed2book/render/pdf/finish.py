"""From the document that WeasyPrint has drawn to a part for the joiner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pydyf

from feed2book.render.pdf.archive import VARIANTS, make_archive
from feed2book.render.pdf.fonts import mergeable
from feed2book.render.pdf.grey import to_grey
from feed2book.render.pdf.layout import Leaf
from feed2book.render.pdf.pack import Key, Outer, Packer, PdfPart
from feed2book.render.pdf.page_numbers import Stamp, cut_number
from feed2book.render.pdf.tags import mend_tags

_OWN = ("Type", "Pages", "Names", "Outlines", "StructTreeRoot")  # of the catalog: the joiner writes them anew


def pack(document: Any, pdf: Any, leaf: Leaf, missing: frozenset[str]) -> PdfPart:
    """Return the part, its tags mended.

    Args:
        document: WeasyPrint's document.
        pdf: the ``pydyf.PDF`` that is drawn and not yet written.
        leaf: what it was made of.
        missing: characters that no font has.
    """
    if leaf.grey:
        to_grey(pdf)
    if leaf.variant != VARIANTS[""]:
        make_archive(pdf)
    keys = mend_tags(pdf, dict(leaf.titles), leaf.prefix)
    root = _get(pdf, pdf.catalog["StructTreeRoot"])
    top, tree = _get(pdf, root["K"][0]), _get(pdf, root["ParentTree"])
    tree["Limits"] = pydyf.Array((Key(0), Key(keys - 1)))
    fonts = mergeable(document.fonts)
    outer = {pdf.pages.number: "parent", top.number: "document"}
    outer |= {_number(one): f"font {name}" for name, one in _fonts(pdf).items() if name in fonts}
    stamps = _stamps(document, pdf) if leaf.numbered else {}
    packer = Packer(pdf.objects, outer)
    groups = {
        "pages": [_number(reference) for reference in pdf.page_references],
        "top": [_number(reference) for reference in top["K"]],
        "tree": [tree.number],
        "whole": _whole(pdf) if leaf.whole else [],
    }
    for numbers in groups.values():
        for number in numbers:
            packer.add(number)
    places = packer.places(keys)
    about = {
        **{name: [places[number] for number in numbers] for name, numbers in groups.items()},
        "box": [float(side) for side in _get(pdf, pdf.page_references[-1])["MediaBox"]],
        "dests": _destinations(pdf, groups["pages"]),
        "fonts": [[name, facts] for name, (facts, _) in fonts.items()],
        "ids": [[str(element["ID"].string), places[element.number]] for element in _with_id(pdf, places)],
        "missing": "".join(sorted(missing)),
        "stamps": [[page, stamp.to_json()] for page, stamp in stamps.items()],
    }
    return packer.part(keys, about, tuple(data for _, data in fonts.values()))


def _get(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[_number(reference)]


def _number(reference: bytes) -> int:
    return int(reference.split(b" ", 1)[0])


def _fonts(pdf: Any) -> Mapping[str, bytes]:
    """Return the fonts that all pages share, by name."""
    if not pdf.page_references:
        return {}
    resources = _get(pdf, _get(pdf, pdf.page_references[0])["Resources"])
    fonts: Mapping[str, bytes] = _get(pdf, resources["Font"])
    return fonts


def _with_id(pdf: Any, places: Mapping[int | str, int]) -> Iterator[Any]:
    """Yield the elements of the tag tree that have an ID."""
    for number in places:
        element = pdf.objects[number] if isinstance(number, int) else None
        if isinstance(element, dict) and element.get("Type") == "/StructElem" and "ID" in element:
            yield element


def _stamps(document: Any, pdf: Any) -> dict[int, Stamp]:
    """Part the content of each page where its number stands; return the numbers by page, from 0."""
    stamps: dict[int, Stamp] = {}
    for number, (page, reference) in enumerate(zip(document.pages, pdf.page_references, strict=True)):
        leaf = _get(pdf, reference)
        content = _get(pdf, leaf["Contents"])
        cut = cut_number(content, page, document.fonts)
        if cut:
            stamps[number], rest = cut
            after = pydyf.Stream(rest, compress=content.compress)
            pdf.add_object(after)
            leaf["Contents"] = pydyf.Array((content.reference, Outer(f"stamp {number}"), after.reference))
    return stamps


def _destinations(pdf: Any, pages: list[int]) -> list[tuple[str, int, float, float]]:
    """Return each named destination with its page, from 0, and its place on it."""
    names = pdf.catalog.get("Names", {}).get("Dests", {}).get("Names", ())
    order = {number: place for place, number in enumerate(pages)}
    return [
        (str(name.string), order[_number(place[0])], round(place[2], 2), round(place[3], 2))
        for name, place in zip(names[::2], names[1::2], strict=True)
    ]


def _whole(pdf: Any) -> list[int]:
    """Return the numbers of what the joined file takes over: the catalog's own entries, and the metadata."""
    catalog = pydyf.Dictionary({key: value for key, value in pdf.catalog.items() if key not in _OWN})
    for one in (catalog, pdf.info):
        pdf.add_object(one)
    return [catalog.number, pdf.info.number]
