"""The tag tree: every piece of content is reached once, in the order of the page, or is an artifact."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from itertools import pairwise
from typing import Any

import pikepdf
import pytest
from factories import full_book, ident, make_article, make_book, make_part

from feed2book.models import RenderOptions
from feed2book.render.pdf import render_pdf

TABLES = {
    "ragged": "<tr><th>a</th><th>b</th><th>c</th></tr><tr><td>1</td></tr><tr><td>1</td><td>2</td></tr>",
    "spans over the edge": '<tr><th rowspan="9" colspan="2">a</th><th>b</th></tr>'
    '<tr><td colspan="4">1</td></tr>',
    "spans that meet": '<tr><th>a</th><td rowspan="3">x</td></tr><tr><td colspan="3">1</td></tr>'
    "<tr><td>2</td></tr>",
    "no heads": "<tr><td>1</td><td>2</td></tr>",
    "row heads": '<tr><th scope="row">a</th><td>1</td></tr><tr><th scope="row">b</th><td>2</td></tr>',
    "an empty row": "<tr><th>a</th><th>b</th></tr><tr></tr><tr><td>1</td><td>2</td></tr>",
}

BODY = f"""
<p>A <a href="https://x.example/"><em>link</em> with <code>code</code>, over a line that is as long as it
must be so that it breaks somewhere in the middle of the link, which gives two of them</a>.</p>
<ul><li><p>one</p><ul><li>deep<ol><li>deeper</li></ol></li></ul></li><li></li></ul>
<dl><dt>term</dt><dd><p>meaning</p><p>more</p></dd></dl>
<p><u>under</u> <del>struck</del> <mark>marked</mark> H<sub>2</sub>O</p>
<h2 id="{ident("two")}">Two</h2><blockquote><p>said</p><ol><li>x</li></ol></blockquote>
<aside class="embed"><p>Card</p></aside>
""" + "".join(
    f"<table><caption>{name}</caption><tbody>{rows}</tbody></table>" for name, rows in TABLES.items()
)
LONG_TABLE = (
    "<table><thead><tr><th>n</th><th>text</th></tr></thead><tbody>"
    + "".join(f"<tr><td>{n}</td><td>row {n}</td></tr>" for n in range(120))
    + "</tbody></table>"
)


@cache
def pdf(name: str) -> pikepdf.Pdf:
    books = {
        "full": full_book(),
        "odd": make_book((make_part("Odd", make_article("Odd things", BODY + LONG_TABLE, words=900)),)),
    }
    return pikepdf.open(BytesIO(render_pdf(books[name], RenderOptions()).data))


BOTH = pytest.mark.parametrize("name", ["full", "odd"])


def kids(element: Any) -> list[Any]:
    found = element.get("/K", [])
    return list(found) if isinstance(found, pikepdf.Array) else [found]


def walk(element: Any, parent: Any = None) -> Any:
    """Yield each structure element with its parent, in order."""
    yield element, parent
    for kid in kids(element):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from walk(kid, element)


def tree(document: pikepdf.Pdf) -> list[tuple[Any, Any]]:
    return list(walk(document.Root.StructTreeRoot.K[0]))


def parent_tree(document: pikepdf.Pdf) -> dict[int, Any]:
    """Return what each page and annotation leads to."""
    return dict(pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree).items())


def marked(page: Any) -> tuple[list[int], list[str]]:
    """Return the MCIDs of a page in the order of drawing, and the kinds of its artifacts."""
    numbers, artifacts, depth = [], [], 0
    for instruction in pikepdf.parse_content_stream(page):
        operands: list[Any] = list(instruction.operands)
        operator = instruction.operator
        if str(operator) in {"BDC", "BMC"}:
            properties: Any = operands[1] if len(operands) > 1 else {}
            if str(operands[0]) == "/Artifact":
                artifacts.append(str(properties.get("/Type", "")))
            else:
                assert depth == 0 or "/MCID" not in properties, "marked content in marked content"
                numbers.append(int(properties["/MCID"]))
            depth += 1
        elif str(operator) == "EMC":
            depth -= 1
        elif str(operator) in {"TJ", "Tj", "Do"}:
            assert depth, "content that is neither marked nor an artifact"
    return numbers, artifacts


@BOTH
def test_each_piece_of_content_is_reached_once_and_indexed(name: str) -> None:
    document = pdf(name)
    page_of = {page.objgen: number for number, page in enumerate(document.pages)}
    reached: dict[int, list[int]] = {number: [] for number in page_of.values()}
    owner: dict[tuple[int, int], Any] = {}
    for element, _ in tree(document):
        for kid in kids(element):
            if not isinstance(kid, pikepdf.Dictionary):
                number = page_of[element.Pg.objgen]
                reached[number].append(int(kid))
                owner[number, int(kid)] = element.objgen
    index = parent_tree(document)
    for number, page in enumerate(document.pages):
        drawn, _ = marked(page)
        assert sorted(reached[number]) == sorted(drawn), f"page {number + 1}"
        told = {
            mcid: one.objgen for mcid, one in enumerate(index[int(page.StructParents)]) if one is not None
        }
        assert told == {mcid: owner[number, mcid] for mcid in drawn}


@BOTH
def test_each_element_knows_its_parent(name: str) -> None:
    for element, parent in tree(pdf(name)):
        if parent is not None:
            assert element.P.objgen == parent.objgen


@BOTH
def test_each_link_has_one_annotation_of_its_own(name: str) -> None:
    document = pdf(name)
    index = parent_tree(document)
    referred = {}
    for element, _ in tree(document):
        for kid in kids(element):
            if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/OBJR":
                assert element.S == "/Link"
                referred[kid.Obj.objgen] = element.objgen
    found = [annotation for page in document.pages for annotation in page.get("/Annots", [])]
    assert len(found) == len(referred) > 3
    for annotation in found:
        assert index[int(annotation.StructParent)].objgen == referred[annotation.objgen]
        assert str(annotation.Contents)


def test_a_link_over_two_lines_has_two_places_and_inner_elements_none() -> None:
    outer = [a for page in pdf("odd").pages for a in page.get("/Annots", []) if "/A" in a]
    assert len([a for a in outer if str(a.A.URI) == "https://x.example/"]) in {2, 3}


def test_links_into_the_book_say_where_they_lead() -> None:
    told = {str(a.Contents) for page in pdf("full").pages for a in page.get("/Annots", []) if "/Dest" in a}
    assert {"Tools for a small harbour", "The sums"} <= told


ALLOWED = {
    "/L": {"/LI", "/L", "/Caption"},
    "/LI": {"/Lbl", "/LBody"},
    "/Table": {"/THead", "/TBody", "/TFoot", "/TR", "/Caption"},
    "/THead": {"/TR"},
    "/TBody": {"/TR"},
    "/TFoot": {"/TR"},
    "/TR": {"/TH", "/TD"},
}


@BOTH
def test_lists_and_tables_hold_what_they_may(name: str) -> None:
    for element, parent in tree(pdf(name)):
        kind = str(element.S)
        if kind in ALLOWED:
            assert {str(kid.get("/S", "text")) for kid in kids(element)} <= ALLOWED[kind]
        if parent is not None and kind in {"/LI", "/LBody", "/TR", "/TD", "/TH"}:
            assert kind in ALLOWED.get(str(parent.S), ())


def grid(table: Any) -> list[int]:
    """Return how many columns each row fills."""
    rows = [element for element, _ in walk(table) if element.S == "/TR"]
    taken: list[set[int]] = [set() for _ in rows]
    for number, row in enumerate(rows):
        column = 0
        for cell in kids(row):
            attributes = cell.get("/A", {})
            while column in taken[number]:
                column += 1
            wide, high = int(attributes.get("/ColSpan", 1)), int(attributes.get("/RowSpan", 1))
            assert number + high <= len(rows), "a cell reaches below the table"
            for below in taken[number : number + high]:
                assert not below & set(range(column, column + wide)), "two cells in one place"
                below |= set(range(column, column + wide))
            column += wide
    return [len(columns) for columns in taken]


@BOTH
def test_tables_are_regular_and_their_heads_say_of_what(name: str) -> None:
    found = [element for element, _ in tree(pdf(name)) if element.S == "/Table"]
    assert found
    for table in found:
        assert len(set(grid(table))) == 1
        heads = [element for element, _ in walk(table) if element.S == "/TH"]
        assert heads
        assert {str(head.A.Scope) for head in heads} <= {"/Row", "/Column"}


def test_a_table_without_heads_is_none() -> None:
    captions = [
        element for element, parent in tree(pdf("odd")) if parent is not None and element.S == "/Caption"
    ]
    assert len(captions) == len(TABLES) - 1


def test_a_table_over_pages_repeats_its_head() -> None:
    tables = [element for element, _ in tree(pdf("odd")) if element.S == "/Table"]
    long = [table for table in tables if len(grid(table)) > 15]
    assert len(long) >= 3
    assert all(str(kids(table)[0].S) == "/THead" for table in long)


@BOTH
def test_heads_and_feet_are_pagination(name: str) -> None:
    kinds = [marked(page)[1] for page in pdf(name).pages]
    assert len([one for one in kinds if "/Pagination" in one]) > len(kinds) / 2


def test_headings_begin_with_the_first_level_and_skip_none() -> None:
    levels = [
        int(str(element.S)[2])
        for element, _ in tree(pdf("full"))
        if str(element.S)[1:] in {f"H{n}" for n in range(1, 7)}
    ]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert max(levels) == 4
