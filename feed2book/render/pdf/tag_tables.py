"""Makes tables of the tag tree regular (ISO 14289-1, 7.2 and 7.5), or no tables at all."""

from __future__ import annotations

from typing import Any, Protocol

import pydyf


class Tree(Protocol):
    """What is needed of the tag tree."""

    def get(self, reference: bytes) -> Any:
        """Return the object that a reference names."""

    def kids(self, element: Any) -> list[Any]:
        """Return the elements right below an element."""

    def add(self, kind: str, parent: Any, kids: list[Any]) -> bytes:
        """Return a reference to a new element."""


_GROUPS = frozenset({"/THead", "/TBody", "/TFoot"})
_CELLS = frozenset({"/TH", "/TD"})
_PARTS = _GROUPS | _CELLS | {"/TR", "/Table", "/Caption"}


def mend_table(tree: Tree, table: Any) -> None:
    """Mend one table, whose cells are mended already.

    A header says whether it is one of a column or of a row; WeasyPrint lists the headers of each
    cell instead, under ids that repeat in the next document. Rows end where the longest one does.
    A table without any header is a way to lay things out, and is not tagged as a table.
    """
    rows = _rows(tree, table)
    if rows is None or not any(cell["S"] == "/TH" for _, row in rows for cell in tree.kids(row)):
        _untable(tree, table)
        return
    for group, row in rows:
        cells = tree.kids(row)
        heads_columns = group == "/THead" or all(cell["S"] == "/TH" for cell in cells)
        for cell in cells:
            _attributes(cell, "/Column" if heads_columns else "/Row")
    _square(tree, [row for _, row in rows])


def _rows(tree: Tree, table: Any) -> list[tuple[str, Any]] | None:
    """Return each row with the kind of its group, or None when other things stand among them."""
    rows: list[tuple[str, Any]] = []
    for child in tree.kids(table):
        if child["S"] in _GROUPS:
            rows += [(child["S"], row) for row in tree.kids(child)]
        elif child["S"] != "/Caption":
            rows.append(("", child))
    for _, row in rows:
        if row["S"] != "/TR" or any(cell["S"] not in _CELLS for cell in tree.kids(row)):
            return None
    return rows


def _attributes(cell: Any, scope: str) -> None:
    spans = {key: cell.get("A", {}).get(key, 1) for key in ("ColSpan", "RowSpan")}
    attributes: dict[str, Any] = {key: span for key, span in spans.items() if span != 1}
    if cell["S"] == "/TH":
        attributes["Scope"] = scope
    cell.pop("ID", None)
    cell["A"] = pydyf.Dictionary({"O": "/Table", **attributes})


def _square(tree: Tree, rows: list[Any]) -> None:
    """Let no span reach below the table or over another cell, and fill each row to the longest one's end."""
    taken: list[set[int]] = [set() for _ in rows]
    for number, row in enumerate(rows):
        column = 0
        for cell in tree.kids(row):
            while column in taken[number]:
                column += 1
            wide, high = _fit(cell["A"], taken[number], column, len(rows) - number)
            for below in taken[number : number + high]:
                below.update(range(column, column + wide))
            column += wide
    width = max((max(columns) + 1 for columns in taken if columns), default=0)
    for row, columns in zip(rows, taken, strict=True):
        for gap in _gaps(columns, width):
            reference = tree.add("/TD", row, [])
            tree.get(reference)["A"] = pydyf.Dictionary({"O": "/Table", "ColSpan": gap})
            row["K"].append(reference)


def _fit(attributes: Any, taken: set[int], column: int, rows_left: int) -> tuple[int, int]:
    """Return how many columns and rows a cell spans, after cutting it to the room that it has."""
    wide, high = attributes.get("ColSpan", 1), attributes.get("RowSpan", 1)
    room = next((n for n in range(1, wide) if column + n in taken), wide)
    if room != wide:
        attributes["ColSpan"] = room
    if high > rows_left:
        attributes["RowSpan"] = high = rows_left
    return room, high


def _gaps(taken: set[int], width: int) -> list[int]:
    """Return the lengths of the runs of free columns."""
    gaps: list[int] = []
    run = 0
    for column in range(width + 1):
        if column < width and column not in taken:
            run += 1
        elif run:
            gaps.append(run)
            run = 0
    return gaps


def _untable(tree: Tree, table: Any) -> None:
    """Tag a table and its parts as plain divisions."""
    for child in tree.kids(table):
        for row in (*tree.kids(child), child) if child["S"] in _GROUPS else (child,):
            for cell in tree.kids(row) if row["S"] == "/TR" else ():
                _divide(cell)
            _divide(row)
    _divide(table)


def _divide(element: Any) -> None:
    if element["S"] in _PARTS:
        element["S"] = "/Div"
        element.pop("A", None)
        element.pop("ID", None)
