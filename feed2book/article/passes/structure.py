"""Old names for new ones, code with its language, tables that are tables."""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.language import direction
from feed2book.article.text import is_blank
from feed2book.article.tree import attribute, elements, inside, shows, text_of, tokens
from feed2book.article.vocabulary import DIVISIONS

_RENAMED = {
    "acronym": "abbr",
    "dir": "ul",
    "listing": "pre",
    "menu": "ul",
    "plaintext": "pre",
    "strike": "s",
    "tt": "code",
    "xmp": "pre",
}
_GUTTERS = frozenset(
    {
        "lineno",
        "linenos",
        "linenumber",
        "gutter",
        "rouge-gutter",
        "line-numbers-rows",
        "lnt",
        "ln",
        "blob-num",
    }
)
_CODE_CLASS = re.compile(r"(?:language|lang|highlight-source|sourcecode|brush:?)[-: ]+([a-z0-9+#._-]{1,30})")
_NO_LANGUAGE = frozenset(
    {"none", "plain", "plaintext", "text", "txt", "fallback", "nohighlight", "undefined"}
)
_RUBY_CHILDREN = frozenset({"rt", "rp"})
_TABLE_PARTS = frozenset({"thead", "tbody", "tr", "td", "th"})
_MOST_SPAN = 100


def rename_obsolete(draft: Draft) -> None:
    """Give obsolete elements the names of today; unwrapping the rest is the writer's work."""
    for tag in draft.elements():
        if tag.name in _RENAMED:
            tag.name = _RENAMED[tag.name]
        elif tag.name == "summary":
            make_subhead(draft, tag)
        elif tag.name == "ruby" and not _is_ruby(tag):
            for child in [tag, *elements(tag, _RUBY_CHILDREN)]:
                child.name = "span"
        elif tag.name in _RUBY_CHILDREN and not inside(tag, {"ruby"}):
            tag.name = "span"


def name_captions(draft: Draft) -> None:
    """Make figures of what WordPress and Blogger build of divisions and tables around a picture."""
    for tag in draft.elements():
        names = tokens(tag)
        if "wp-caption" in names and tag.name in {"div", "dl"}:
            tag.name = "figure"
        elif "wp-caption-text" in names and inside(tag, {"figure"}):
            tag.name = "figcaption"
        elif "tr-caption-container" in names and tag.name == "table":
            for part in elements(tag, _TABLE_PARTS):
                part.name = "figcaption" if "tr-caption" in tokens(part) else "div"
            tag.name = "figure"


def make_subhead(draft: Draft, tag: Tag) -> None:
    """Turn a heading that is no section into a bold paragraph."""
    ident = attribute(tag, "id")
    strong = draft.new("strong")
    strong.extend(list(tag.contents))
    draft.change(tag, "p", **{"class": "subhead"}, **({"id": ident} if ident else {}))
    tag.append(strong)


def _is_ruby(tag: Tag) -> bool:
    """Say whether base texts and annotations take turns, each with something in it."""
    expected, last = False, ""
    for child in tag.contents:
        if isinstance(child, Tag):
            if child.name in _RUBY_CHILDREN:
                if elements(child) or is_blank(text_of(child)) or not expected:
                    return False
                last = "rt" if child.name == "rt" else last
                continue
            if elements(child) or child.name not in {"span", "b", "i", "em", "strong", "rb"}:
                return False
        if not is_blank(text_of(child)):
            expected, last = True, ""
    return last == "rt"


def hand_down_language(draft: Draft) -> None:
    """Give the language and direction of a division to its children: the division is not written."""
    for tag in draft.elements(DIVISIONS):
        given = {name: tag.attrs[name] for name in ("lang", "xml:lang", "dir") if name in tag.attrs}
        if given:
            for child in tag.contents:
                if isinstance(child, Tag):
                    for name, value in given.items():
                        child.attrs.setdefault(name, value)


def turn_code(draft: Draft) -> None:
    """Let code run from left to right in an article that runs the other way."""
    tags = draft.elements({"pre", "code", "kbd", "samp"})
    if tags and direction(text_of(draft.root), "") == "rtl":
        for tag in tags:
            if not inside(tag, {"pre"}):
                tag.attrs.setdefault("dir", "ltr")


def mark_code(draft: Draft) -> None:
    """Note the language of each code block on a ``code`` in its ``pre``; line numbers go."""
    for tag in draft.elements():
        if not _GUTTERS.isdisjoint(tokens(tag)) and not re.search(r"[^\d\s]", text_of(tag)[:2000]):
            draft.drop("mark_code", "line numbers", tag)
    for pre in draft.elements({"pre"}):
        language = _language(pre)
        codes = elements(pre, {"code"})
        if not language:
            continue
        if not codes:
            code = draft.new("code")
            code.extend(list(pre.contents))
            pre.append(code)
            codes = [code]
        codes[0].attrs["class"] = f"language-{language}"


def _language(pre: Tag) -> str:
    places = [*elements(pre, {"code"})[:1], pre, *list(pre.parents)[:2]]
    for place in places:
        said = attribute(place, "data-lang") or attribute(place, "data-language")
        match = _CODE_CLASS.search(
            f"{attribute(place, 'class')} lang-{said}".lower() if said else attribute(place, "class").lower()
        )
        if match:
            return "" if match[1] in _NO_LANGUAGE else match[1]
    return ""


def repair_tables(draft: Draft) -> None:
    """Unwrap tables that only lay out, drop empty ones, make spans fit the rows that there are."""
    for table in draft.elements({"table"}):
        groups: list[list[Tag]] = [[]]
        _collect_rows(table, groups)
        rows = [row for group in groups for row in group]
        if not shows(table):
            draft.vanish(table)
        elif _lays_out(table, rows):
            for part in [table, *rows, *(cell for row in rows for cell in _cells(row))]:
                part.name = "div"
        else:
            for group in groups:
                _trim_spans(group)


def _collect_rows(tag: Tag, groups: list[list[Tag]]) -> None:
    """Gather the rows of one table (not of tables in it) that have cells, a list for each row group."""
    for child in tag.contents:
        if not isinstance(child, Tag) or child.name in {"table", "td", "th", "caption"}:
            continue
        if child.name == "tr":
            if _cells(child):
                groups[-1].append(child)
            continue
        if child.name in {"thead", "tbody", "tfoot"}:
            groups.append([])
        _collect_rows(child, groups)


def _cells(row: Tag) -> list[Tag]:
    return [child for child in row.contents if isinstance(child, Tag) and child.name in {"td", "th"}]


def _lays_out(table: Tag, rows: list[Tag]) -> bool:
    """Say whether a table has no columns to speak of, or says itself that it is none."""
    if attribute(table, "role") in {"presentation", "none"}:
        return True
    return all(sum(shows(cell) for cell in _cells(row)) <= 1 for row in rows) and not elements(table, {"th"})


def _trim_spans(group: list[Tag]) -> None:
    for number, row in enumerate(group):
        for cell in _cells(row):
            for name, most in (("colspan", _MOST_SPAN), ("rowspan", len(group) - number)):
                value = attribute(cell, name).strip()
                span = min(int(value), most) if re.fullmatch(r"\d{1,5}", value) else 1
                cell.attrs.pop(name, None)
                if span > 1:
                    cell.attrs[name] = str(span)
