"""How notes are spelled, once they are found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.text import BLANK, collapse, count_words, normal
from feed2book.article.tree import ancestor, attribute, elements, inside, shows, text_of
from feed2book.article.vocabulary import DIVISIONS, HEADINGS, names
from feed2book.models import Drop

_MARKS_ONLY = re.compile(r"[\s^↑↩\[\](){}.,;:|\u00a0\ufe0e\ufe0f]*")
_HEADS = names(
    "footnote footnotes notes note endnotes references fußnoten fussnoten anmerkungen notesdebasdepage"
    " notasalpie notas note voetnoten przypisy сноски примечания 脚注 注釈"
)
_NUMBER = re.compile(r"[\[({]?(\w{1,4}|[*†‡§¶]{1,5})[\])}]?[.:)]?\s*")
_PUNCTUATION = re.compile(r"\A[\].):]{1,2}\s+")  # after a number that was a way back
_WRAPS = frozenset({"sup", "b", "strong", "span"})
_LONGEST = 10  # characters of a raised mark with its brackets
_HEAD_NAMES = frozenset({*HEADINGS, "p", "div", "summary"})
_BLANKS = 8  # siblings that show nothing
_STEPS = 6  # siblings and parents that are looked at for what heads the notes


@dataclass(slots=True)
class Note:
    """A note: the item that holds it, the id that leads there, who refers to it, its ways back."""

    ident: str
    item: Tag
    refs: list[Tag] = field(default_factory=list)
    backs: list[Tag] = field(default_factory=list)


def body_of(item: Tag) -> Tag:
    """Return what holds the text of a note: of a term, the definition that follows."""
    if item.name == "dt":
        following = item.find_next_sibling(True)
        if isinstance(following, Tag) and following.name == "dd":
            return following
    return item


def spell_notes(draft: Draft, notes: Sequence[Note], taken: set[str]) -> None:
    """Number the notes from 1, and move them to the end of the article in that order."""
    marks = [text_of(tag) for note in notes for tag in (*note.refs, *note.backs)]
    marks += [text_of(note.refs[0]) for note in notes if note.ident]  # before the note, once more
    if marks:
        draft.drops.append(Drop("unify_notes", "marks of notes", count_words(" ".join(marks))))
    body = next(iter(draft.elements({"body"})), draft.root)
    for number, note in enumerate(notes, 1):
        label = collapse(text_of(note.refs[0])) if note.ident else ""
        ident = note.ident or _free(f"sidenote-{number}", taken)
        aside = draft.new("aside", **{"class": "note", "id": ident}, **_language(note.item))
        _fill(draft, note, aside, label)
        back = [_refer(draft, ref, number, ident, taken) for ref in note.refs]
        _lead_back(draft, aside, number, back)
        body.append(aside)
    lists = {id(note.item.parent): note.item for note in reversed(notes) if note.ident}
    for item in lists.values():
        _drop_head(draft, item)


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free


def _language(item: Tag) -> dict[str, str]:
    return {name: attribute(item, name) for name in ("lang", "dir") if attribute(item, name)}


def _fill(draft: Draft, note: Note, aside: Tag, label: str) -> None:
    """Move what the note says into ``aside``, without its old number and its old ways back."""
    for link in note.backs:
        _drop_back(draft, link)
    item, source = note.item, body_of(note.item)
    if source is not item:
        draft.vanish(item)
        draft.rename(source, "div")
    for tag in elements(source):
        if attribute(tag, "id") == note.ident or attribute(tag, "name") == note.ident:
            tag.attrs.pop("id", None)
            tag.attrs.pop("name", None)
            if tag.name == "a" and attribute(tag, "href").startswith("#") and len(text_of(tag)) <= _LONGEST:
                _drop_back(draft, tag)  # the note begins with a way back that is its own anchor
                continue
        if tag.name in {"td", "th", "aside"}:
            draft.rename(tag, "div")
    item.attrs.pop("id", None)
    aside.extend(list(source.contents))
    _drop_number(aside, label)


def _drop_back(draft: Draft, link: Tag) -> None:
    """Take out a way back, and the mark around it."""
    parent = link.parent
    draft.vanish(link)
    while parent is not None and parent.name in {"sup", "span", "b", "strong", "small", "p", "th", "em"}:
        if elements(parent, {"img"}) or not _MARKS_ONLY.fullmatch(text_of(parent)):
            break
        up = parent.parent
        draft.vanish(parent)
        parent = up


def _drop_number(aside: Tag, label: str) -> None:
    """Take out the number that the author wrote before the note, if it is the one of the reference."""
    strings = (node for node in aside.descendants if isinstance(node, NavigableString))
    first = next(filter(shows, strings), None)
    if first is None or inside(first, {"pre"}):
        return
    text = _PUNCTUATION.sub("", str(first).lstrip(BLANK))
    number = _NUMBER.match(text)
    if number and number[1] == label.strip("[](){}.: "):
        alone = first.parent is not None and first.parent.name in _WRAPS and number.end() == len(text)
        if alone or number[0][-1].isspace():
            text = text[number.end() :]
    first.replace_with(NavigableString(text))


def _refer(draft: Draft, ref: Tag, number: int, ident: str, taken: set[str]) -> str:
    """Make ``ref`` a reference to the note; return its id."""
    sup = ancestor(ref, {"sup"})
    own = attribute(ref, "id") or attribute(ref, "name") or (attribute(sup, "id") if sup is not None else "")
    own = own or _free(f"noteref-{number}", taken)
    if sup is not None and attribute(sup, "id") == own:
        del sup.attrs["id"]
    _drop_brackets(sup if sup is not None else ref)
    if sup is not None and len(collapse(text_of(sup))) <= _LONGEST and len(elements(sup, {"a"})) == 1:
        ref = sup
        sup = None
    link = draft.new("a", **{"class": "noteref", "id": own, "href": f"#{ident}"})
    link.append(str(number))
    draft.change(ref, "sup" if sup is None else "span", "")
    ref.append(link)
    return own


def _drop_brackets(ref: Tag) -> None:
    """Take out brackets that stand around the reference."""
    before, after = ref.previous_sibling, ref.next_sibling
    if isinstance(before, NavigableString) and isinstance(after, NavigableString):
        left, right = str(before), str(after)
        if left.endswith("[") and right.startswith("]"):
            before.replace_with(NavigableString(left[:-1]))
            after.replace_with(NavigableString(right[1:]))


def _lead_back(draft: Draft, aside: Tag, number: int, idents: Sequence[str]) -> None:
    """Open the note with its number, which leads back; and once more for each further reference."""
    links: list[PageElement] = []
    for place, ident in enumerate(idents, 1):
        link = draft.new("a", **{"class": "backlink", "href": f"#{ident}"})
        link.append(str(number) if place == 1 else f"{number}.{place}")
        links += [link, NavigableString(" ")]
    holder = aside
    while True:
        first = next((child for child in holder.contents if shows(child)), None)
        if not isinstance(first, Tag) or not (first.name == "p" or first.name in DIVISIONS):
            break
        holder = first
    for offset, node in enumerate(links):
        holder.insert(offset, node)


def _drop_head(draft: Draft, item: Tag) -> None:
    """Take out what headed a list of notes that are gone from there: a rule, a line that says "Notes"."""
    node: Tag = item
    for _ in range(_STEPS):
        before = _shown_before(node)
        if before is node:  # nothing: look before what it stands in
            if node.parent is None or node.parent.name == "body" or shows(node.parent):
                return
            node = node.parent
        elif isinstance(before, Tag) and before.name == "hr":
            draft.vanish(before)
        else:
            heads = (
                isinstance(before, Tag) and before.name in _HEAD_NAMES and not inside(before, {"li", "td"})
            )
            if heads and isinstance(before, Tag) and normal(text_of(before)) in _HEADS:
                draft.drop("unify_notes", "heads the notes", before)
            return


def _says_notes(tag: Tag) -> bool:
    return tag.name in _HEAD_NAMES and not inside(tag, {"li", "td"}) and normal(text_of(tag)) in _HEADS


def _shown_before(node: Tag) -> PageElement | None:
    """Return the nearest sibling before ``node`` that shows something, ``node`` itself if there is none.

    None says that it is too far away to look for: emptied notes of a long list stand between.
    """
    before = node.previous_sibling
    for _ in range(_BLANKS):
        if before is None:
            return node
        if shows(before):
            return before
        before = before.previous_sibling
    return None
