"""Tables that are tables: with headers, in rows of one length. Those that only lay out are unwrapped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.text import collapse, is_blank
from feed2book.article.tree import attribute, elements, holds, shows, text_of
from feed2book.article.vocabulary import HEADINGS

_MOST_SPAN = 100
_MOST_AREA = 10  # fields of the grid for each cell, beyond which the spans of a table are absurd
_ALWAYS = 1_000  # fields that any table may have
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_CELLS = frozenset({"td", "th"})
_IN_TABLE = _GROUPS | {"tr", "caption", "colgroup", "col"}
_COMPLETED = _GROUPS | {"tr"}
_BOLD = frozenset({"b", "strong"})
_SECTIONS = frozenset({"table", *HEADINGS})
_WHOLE = re.compile(r"\d{1,5}")
_SHOWN = frozenset({"img", "figure", "iframe", "video", "audio", "blockquote", "ul", "ol", "pre", *HEADINGS})


@dataclass(slots=True)
class _Cell:
    """A cell in the grid: where it begins, and how far it reaches."""

    tag: Tag
    column: int
    wide: int
    high: int


def repair_tables(draft: Draft) -> None:
    """Unwrap tables that only lay out, drop empty ones, give the others headers and rows of one length."""
    for table in draft.elements({"table"}):
        groups: list[list[Tag]] = [[]]
        _complete(draft, table)
        _collect_rows(table, groups)
        rows = [row for group in groups for row in group]
        if not shows(table):
            draft.vanish(table)
        elif _lays_out(table, rows):
            for part in [table, *rows, *(cell for row in rows for cell in _cells(row))]:
                draft.rename(part, "div")
        else:
            _square(draft, [group for group in groups if group])
            _name_headers(draft, table, rows)


def _complete(draft: Draft, tag: Tag) -> None:
    """Give what stands in a table, a row group or a row and may not the row and the cell that it lacks."""
    fitting = _CELLS if tag.name == "tr" else _IN_TABLE
    children: list[PageElement] = []
    strays: Tag | None = None
    for child in list(tag.contents):
        if isinstance(child, Tag) and (child.name in fitting or elements(child, {"tr"})):
            strays = None
        elif shows(child) or (isinstance(child, Tag) and child.name in _CELLS):
            if strays is None:
                strays = draft.new("td" if tag.name == "tr" else "tr")
                children.append(strays)
            strays.append(child)
            continue
        children.append(child)
    if len(children) != len(tag.contents) or strays is not None:
        tag.clear()
        tag.extend(children)
    for child in children:
        if isinstance(child, Tag) and child.name in _COMPLETED:
            _complete(draft, child)


def _collect_rows(tag: Tag, groups: list[list[Tag]]) -> None:
    """Gather the rows of one table (not of tables in it) that have cells, a list for each row group."""
    for child in tag.contents:
        if not isinstance(child, Tag) or child.name in {"table", "td", "th", "caption"}:
            continue
        if child.name == "tr":
            if _cells(child):
                groups[-1].append(child)
            continue
        if child.name in _GROUPS:
            groups.append([])
        _collect_rows(child, groups)


def _cells(row: Tag) -> list[Tag]:
    return [child for child in row.contents if isinstance(child, Tag) and child.name in {"td", "th"}]


# Layout


def _lays_out(table: Tag, rows: list[Tag]) -> bool:
    """Say whether a table has no columns to speak of, holds only pictures or whole sections, or says so."""
    if attribute(table, "role") in {"presentation", "none"}:
        return True
    if any(shows(part) and _owner(part) is table for part in elements(table, {"th", "caption"})):
        return False
    shown = [[cell for cell in _cells(row) if shows(cell)] for row in rows]
    if all(len(cells) <= 1 for cells in shown):
        return True
    cells = [cell for row in shown for cell in row]
    if holds(table, _SECTIONS) and any(holds(cell, {"table"}) or _holds_section(cell) for cell in cells):
        return True
    if len(rows) == 1:
        return any(_holds_block(cell) for cell in cells)
    return all(is_blank(text_of(cell)) and elements(cell, {"img"}) for cell in cells)


def _holds_section(cell: Tag) -> bool:
    """Say whether there is a heading in a cell and something below it; alone, it is a name for the cell."""
    headings = elements(cell, HEADINGS)
    return bool(headings) and collapse("".join(map(text_of, headings))) != collapse(text_of(cell))


def _holds_block(cell: Tag) -> bool:
    return bool(elements(cell, _SHOWN)) or len(elements(cell, {"p"})) > 1


# Rows of one length


def _square(draft: Draft, groups: list[list[Tag]]) -> None:
    """Make each row as long as the longest, and each span as wide as the columns that there are."""
    grid = [_place(rows) for rows in groups]
    cells = [cell for placed in grid for row in placed for cell in row]
    starts = sorted({cell.column for cell in cells})
    width = len(starts)
    number = {column: index for index, column in enumerate(starts)}
    starts.append(max((cell.column + cell.wide for cell in cells), default=0))
    for rows, placed in zip(groups, grid, strict=True):
        for row in placed:
            for cell in row:
                _write_spans(cell, number, starts)
        _fill(draft, rows, placed, width)


def _place(rows: list[Tag]) -> list[list[_Cell]]:
    """Put the cells of a row group into a grid: each into the first column that is free."""
    sensible = _area(rows) <= max(_ALWAYS, _MOST_AREA * sum(len(_cells(row)) for row in rows))
    held: dict[int, int] = {}  # column → rows from here on that a cell above still fills
    grid = []
    for index, row in enumerate(rows):
        placed = []
        column = 0
        for tag in _cells(row):
            while held.get(column):
                column += 1
            wide, high = (
                (_span(tag, "colspan"), _span(tag, "rowspan", len(rows) - index)) if sensible else (1, 1)
            )
            wide = next((room for room in range(1, wide) if held.get(column + room)), wide)
            placed.append(_Cell(tag, column, wide, high))
            column += wide
        held = {place: left - 1 for place, left in held.items() if left > 1}
        for cell in placed:
            if cell.high > 1:
                held |= dict.fromkeys(range(cell.column, cell.column + cell.wide), cell.high - 1)
        grid.append(placed)
    return grid


def _area(rows: list[Tag]) -> int:
    return sum(
        _span(cell, "colspan") * _span(cell, "rowspan", len(rows) - index)
        for index, row in enumerate(rows)
        for cell in _cells(row)
    )


def _span(cell: Tag, name: str, most: int = _MOST_SPAN) -> int:
    if name not in cell.attrs:
        return 1
    value = attribute(cell, name).strip()
    if not _WHOLE.fullmatch(value):
        return 1
    if name == "rowspan" and int(value) == 0:
        return most  # to the end of the group (HTML Standard, 4.9.11)
    return max(1, min(int(value), most))


def _write_spans(cell: _Cell, number: dict[int, int], starts: list[int]) -> None:
    """Count of the columns that a cell spans those in which any cell begins."""
    cell.tag.attrs.pop("colspan", None)
    cell.tag.attrs.pop("rowspan", None)
    first = last = number[cell.column]
    while last + 1 < len(number) and starts[last + 1] < cell.column + cell.wide:
        last += 1
    cell.column, cell.wide = first, last - first + 1
    if cell.wide > 1:
        cell.tag.attrs["colspan"] = str(cell.wide)
    if cell.high > 1:
        cell.tag.attrs["rowspan"] = str(cell.high)


def _fill(draft: Draft, rows: list[Tag], placed: list[list[_Cell]], width: int) -> None:
    """Add the cells that short rows lack."""
    held: dict[int, int] = {}
    for row, cells in zip(rows, placed, strict=True):
        taken = set(held)
        for cell in cells:
            taken.update(range(cell.column, cell.column + cell.wide))
        for gap in _gaps(taken, width):
            row.append(draft.new("td", **({"colspan": str(gap)} if gap > 1 else {})))
        held = {place: left - 1 for place, left in held.items() if left > 1}
        for cell in cells:
            if cell.high > 1:
                held |= dict.fromkeys(range(cell.column, cell.column + cell.wide), cell.high - 1)


def _gaps(taken: set[int], width: int) -> list[int]:
    """Return the lengths of the runs of free columns."""
    edges = [-1, *sorted(taken), width]
    return [after - before - 1 for before, after in pairwise(edges) if after - before > 1]


# Headers


def _name_headers(draft: Draft, table: Tag, rows: list[Tag]) -> None:
    """Make the first row a head if it clearly is one, and say of each header what it heads."""
    head = next((tag for tag in elements(table, {"thead"}) if _owner(tag) is table), None)
    if head is None and len(rows) > 1 and _heads(rows[0]) and not _heads(rows[1]):
        head = draft.new("thead")
        table.insert(_after_caption(table), head)
        head.append(rows[0].extract())
    if _heads_rows(rows, head):
        for row in rows:
            if row.parent is not head:
                _name_bold(draft, _cells(row)[0])
    heads = [row for row in rows if head is not None and row.parent is head]
    if len(heads) < len(rows) and heads and not any(shows(cell) for row in heads for cell in _cells(row)):
        for row in heads:  # Markdown needs a head even where the author wants none
            draft.vanish(row)
    for row in rows:
        cells = _cells(row)
        for number, cell in enumerate(cells):
            _name_header(draft, cell, row.parent is head, number, alone=len(cells) == 1)


def _owner(tag: Tag) -> Tag | None:
    parent = tag.parent
    while parent is not None and parent.name != "table":
        parent = parent.parent
    return parent


def _heads(row: Tag) -> bool:
    """Say whether all that a row shows is in headers, or bold."""
    cells = [cell for cell in _cells(row) if shows(cell)]
    flat = not any("rowspan" in cell.attrs for cell in cells)
    return flat and len(cells) > 1 and all(cell.name == "th" or _is_bold(cell) for cell in cells)


def _heads_rows(rows: list[Tag], head: Tag | None) -> bool:
    """Say whether the first cell of each row, and no other, is bold."""
    below = [_cells(row) for row in rows if row.parent is not head]
    if len(below) < 2 or any(len(cells) < 2 or cells[0].name == "th" for cells in below):
        return False
    flat = not any("rowspan" in cell.attrs for cells in below for cell in cells)
    return flat and all(
        _is_bold(cells[0]) and not any(_is_bold(cell) for cell in cells[1:]) for cells in below
    )


def _name_bold(draft: Draft, cell: Tag) -> None:
    draft.rename(cell, "th")
    for tag in elements(cell, _BOLD):
        draft.rename(tag, "span")


def _is_bold(cell: Tag) -> bool:
    strings = [node for node in cell.descendants if isinstance(node, NavigableString) and not is_blank(node)]
    return bool(strings) and all(
        any(parent.name in _BOLD for parent in _up_to(string, cell)) for string in strings
    )


def _up_to(node: NavigableString, cell: Tag) -> list[Tag]:
    found = []
    parent = node.parent
    while parent is not None and parent is not cell:
        found.append(parent)
        parent = parent.parent
    return found


def _after_caption(table: Tag) -> int:
    places = [
        index
        for index, child in enumerate(table.contents[:20])
        if isinstance(child, Tag) and child.name in {"caption", "colgroup"}
    ]
    return places[-1] + 1 if places else 0


def _name_header(draft: Draft, cell: Tag, in_head: bool, number: int, *, alone: bool) -> None:
    if in_head and shows(cell):
        _name_bold(draft, cell)  # headers are bold anyway
    if cell.name == "th" and not shows(cell):
        draft.rename(cell, "td")
    if cell.name == "th" and attribute(cell, "scope").lower() not in {"row", "col", "rowgroup", "colgroup"}:
        wide = "colspan" in cell.attrs
        across = in_head or (wide and alone)  # in a body, a row of one header heads what comes below
        cell.attrs["scope"] = ("colgroup" if wide else "col") if across else "row" if number == 0 else "col"
