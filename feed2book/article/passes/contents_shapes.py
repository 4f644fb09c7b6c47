"""Contents lists that are no lists: plugins build them of divisions, authors of lines in a paragraph."""

from __future__ import annotations

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.passes.links import own_fragments
from feed2book.article.passes.structure import make_subhead
from feed2book.article.text import collapse, count_words, is_blank
from feed2book.article.tree import attached, attribute, elements, inside, shows, text_of, tokens
from feed2book.article.vocabulary import HEADINGS, names
from feed2book.models import Drop

CONTENTS = names(
    "toc toc_container toc-container ez-toc-container ez-toc-list lwptoc tableofcontents table-of-contents"
    " table_of_contents post-toc article-toc rank-math-toc wp-block-rank-math-toc-block simpletoc-list"
    " wp-block-yoast-seo-table-of-contents yoast-table-of-contents markdown-toc js-toc kg-toc-card"
    " wp-block-table-of-contents wp-block-aioseo-table-of-contents elementor-toc__list-wrapper"
    " elementor-widget-table-of-contents kb-table-of-content-wrap joli-toc luckywp-table-of-contents"
)
_TOGGLES = names(
    "ez-toc-title-toggle ez-toc-toggle ez-toc-btn lwptoc_toggle toc_toggle toc-toggle toctoggle"
    " elementor-toc__toggle-button kb-table-of-contents-toggle"
)
_NUMBERS = names("lwptoc_item_number toc_number ez-toc-number toc-section-number header-section-number")
_BOXES = frozenset({"div", "nav", "aside", "section"})
_LISTED = frozenset({"ul", "ol", "table"})
_FEWEST = 3  # lines of a contents list in a paragraph
_MOST_TITLE = 6  # words over it


def shape_contents(draft: Draft) -> None:
    """Make lists of the post's own contents where plugins or authors have built them of something else."""
    _drop_toggles(draft)
    own = {id(link) for link, _ in own_fragments(draft)}
    if not own:
        return
    for tag in draft.marked():
        found = tokens(tag)
        if not CONTENTS.isdisjoint(found) and tag.name in _BOXES and not elements(tag, _LISTED):
            _list_divisions(draft, tag, own)
        elif not _NUMBERS.isdisjoint(found):
            _set_apart(draft, tag)
    for paragraph in draft.elements({"p"}) if draft.elements({"br"}) else []:
        lines = (
            _lines(paragraph) if elements(paragraph, {"br"}) and not inside(paragraph, {"li", "td"}) else []
        )
        links = [_link_of(line) for line in lines]
        first = next((number for number, link in enumerate(links) if link is not None), 0)
        if len(lines) - first >= _FEWEST and first <= 1 and all(id(link) in own for link in links[first:]):
            _list_lines(draft, paragraph, lines, first)


def _set_apart(draft: Draft, number: Tag) -> None:
    """Put a space between a number and its words where only a style sheet has kept them apart."""
    after = number.next_sibling
    text = text_of(after) if after is not None else ""
    if text and not text[0].isspace() and not text_of(number)[-1:].isspace():
        number.append(" ")
        draft.drops.append(Drop("shape_contents", "a word spelled anew", 1, sample=text_of(number)))


def _drop_toggles(draft: Draft) -> None:
    for tag in draft.marked():
        if not _TOGGLES.isdisjoint(tokens(tag)) and attached(tag, draft.root):
            draft.drop_junk("shape_contents", "a control", tag)


def _list_divisions(draft: Draft, box: Tag, own: set[int]) -> None:
    """Call the division that holds a link an item, and the one that holds items a list."""
    items: list[Tag] = []
    for link in elements(box, {"a"}):
        item = link.parent
        while item is not None and item is not box and item.name not in {"div", "p"}:
            item = item.parent
        if id(link) in own and item is not None and item is not box and item.name in {"div", "p"}:
            items.append(item)
    known = {id(item) for item in items}
    lists = {id(item.parent): item.parent for item in items if item.parent is not None}
    for found in lists.values():
        shown = [child for child in found.contents if shows(child)]
        if id(found) not in known and all(id(child) in known for child in shown):
            draft.rename(found, "ul")
            for child in shown:
                draft.rename(child, "li")  # type: ignore[arg-type]  # known ones are elements


def _lines(paragraph: Tag) -> list[list[PageElement]]:
    """Return what stands between the breaks of a paragraph, blank lines apart."""
    lines: list[list[PageElement]] = [[]]
    for child in paragraph.contents:
        if isinstance(child, Tag) and child.name == "br":
            lines.append([])
        else:
            lines[-1].append(child)
    return [line for line in lines if any(shows(node) for node in line)]


def _link_of(line: list[PageElement]) -> Tag | None:
    """Return the link that a line consists of, a number or a bullet before it set aside."""
    links: list[Tag] = []
    for node in line:
        if isinstance(node, Tag):
            links += [node] if node.name == "a" else elements(node, {"a"})
    if len(links) != 1:
        return None
    around = collapse("".join(map(text_of, line))).replace(collapse(text_of(links[0])), "", 1)
    return links[0] if count_words(around) <= 1 and len(around) <= 5 else None


def _list_lines(draft: Draft, paragraph: Tag, lines: list[list[PageElement]], first: int) -> None:
    """Make a division of a paragraph, with a list in it, and the line over it as its title."""
    title = lines[0] if first else []
    contents = draft.new("ul", **{"class": "toc"})
    for line in lines[first:]:
        item = draft.new("li")
        item.extend(line)
        contents.append(item)
    draft.change(paragraph, "div", **_kept_id(paragraph))
    kept = list(paragraph.contents) if not title else []
    paragraph.clear()
    paragraph.extend([node for node in kept if isinstance(node, NavigableString) and not is_blank(node)])
    if title:
        head = draft.new("p")
        head.extend(title)
        paragraph.append(head)
    paragraph.append(contents)


def _kept_id(tag: Tag) -> dict[str, str]:
    return {"id": attribute(tag, "id")} if attribute(tag, "id") else {}


def name_contents(draft: Draft, contents: Tag) -> None:
    """Make a bold line, and no section, of the title that stands right over a contents list."""
    node: Tag | None = contents
    while node is not None and node.name != "body":
        before = node.previous_sibling
        while before is not None and not shows(before):
            before = before.previous_sibling
        if before is not None:
            _name_title(draft, before)
            return
        node = node.parent


def _name_title(draft: Draft, before: PageElement) -> None:
    if not isinstance(before, Tag) or count_words(text_of(before)) > _MOST_TITLE:
        return
    if before.name in {"div", "header", "summary", "label"}:
        inner = [tag for tag in elements(before) if tag.name in {"p", *HEADINGS}]
        if len(inner) == 1 and collapse(text_of(inner[0])) == collapse(text_of(before)):
            before = inner[0]
    if before.name not in {"p", *HEADINGS} or elements(before, {"a", "img"}):
        return
    bold = elements(before, {"b", "strong"})
    if bold or before.name != "p" or "title" in attribute(before, "class").lower():
        for tag in bold:
            draft.rename(tag, "span")
        make_subhead(draft, before)
