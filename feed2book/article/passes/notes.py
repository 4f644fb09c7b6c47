"""Notes: footnotes, endnotes and side notes of any make become one kind, linked both ways.

They are known by how they are built, not by who built them: a short mark links forward to an item, and the
item links back; an item that does not is a note if something about it says so. A side note stands where
its mark would.

What comes out: ``<sup><a class="noteref" …>1</a></sup>`` in the text, and at the very end of the article
one ``<aside class="note" id="…">`` for each note, which opens with ``<a class="backlink" …>1</a>``, one
for each place that refers to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.passes.links import own_fragments
from feed2book.article.passes.notes_spelling import Note, body_of, spell_notes
from feed2book.article.text import collapse, count_words, normal
from feed2book.article.tree import ancestor, attribute, elements, inside, shows, text_of, tokens
from feed2book.article.vocabulary import HEADINGS, names

#: What a reference may read: ``1``, ``[1]``, ``note 2``, ``*``, ``b``, ``²``.
MARK = re.compile(
    r"[\[({]?\s*(?:note|nb|fn|n)?\.?\s*"
    r"(?:\d{1,4}(?::\d{1,3})?|[a-z]{1,2}|[ivxl]{1,6}|[*†‡§¶+]{1,5}|[⁰¹²³⁴-⁹]{1,4})\s*[\])}]?[.:]?",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"[\s\[\]()^↩↪⤴⏎↵⬆⇧↑⤶⮐⏪«\ufe0e\ufe0f]*|back|return|jump up|.{0,3}\d{1,4}.{0,3}|[a-z]", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:foot|end|side)-?_?note|^fn(?:ref)?[-:_.]?\w*\d|noteref|cite_note|ftnt|^references$"
    r"|^doc-(?:foot|end)note"
)
_ASIDES = names(
    "sidenote marginnote side-note margin-note modern-footnotes-footnote__note inline-footnote"
    " footnote_tooltip"
)
_LABELS = names("margin-toggle modern-footnotes-footnote sidenote-number sidenote-toggle")
_ITEMS = names("li p dd dt tr div aside section blockquote")
_GROWN = names("div aside section")
_OURS = frozenset({"note", "noteref", "backlink"})
_TOOLTIP, _REFERENCE = "footnote_plugin_tooltip", "footnote_plugin_reference"
_FEW = 5  # references to one note; where there are more, side notes are not compared with it
_MOST_WORDS = 200  # an item of more words is a note only if the article is much longer


def unify_notes(draft: Draft) -> None:
    """Spell all notes in the one way that renderers know, at the end of the article, numbered anew."""
    for tag in draft.elements({"caption"}):
        if tag.parent is not None and "footnotes_table" in tokens(tag.parent):
            draft.drop("unify_notes", "heads the notes", tag)
    for tag in draft.elements({"table", "a"}):
        _open_docutils_table(draft, tag)
        _link_plugin(tag)
    tags = draft.elements()
    place = {id(tag): number for number, tag in enumerate(tags)}
    ids = ids_of(draft)
    notes = _linked_notes(draft, ids, place)
    notes += _side_notes(draft, tags, notes)
    for tag in draft.marked():
        _strip_ours(tag)
    notes.sort(key=lambda note: min(place[id(ref)] for ref in note.refs))
    spell_notes(draft, notes, set(ids))


def _open_docutils_table(draft: Draft, table: Tag) -> None:
    """Make lines of the table that older docutils set a note in; its id is the table's."""
    if table.name == "table" and {"docutils", "footnote"} <= set(tokens(table)):
        for tag in elements(table, {"tbody", "tr", "td"}):
            draft.rename(tag, "span")
        draft.rename(table, "div")


def _link_plugin(link: Tag) -> None:
    """Give references of the plugin "Footnotes", and ways back, the address that its script goes to."""
    if link.name == "a" and "href" not in link.attrs and attribute(link, "role") == "button":
        mark = next((attribute(sup, "id") for sup in elements(link, {"sup"}) if "id" in sup.attrs), "")
        if mark.startswith(_TOOLTIP):
            link.attrs["href"] = f"#{_REFERENCE}{mark.removeprefix(_TOOLTIP)}"
        head = ancestor(link, {"th"})
        if head is not None and attribute(head, "id").startswith(_REFERENCE):
            link.attrs["href"] = f"#{_TOOLTIP}{attribute(head, 'id').removeprefix(_REFERENCE)}"


def ids_of(draft: Draft) -> dict[str, Tag]:
    """Return which element each id of the source stands on."""
    ids: dict[str, Tag] = {}
    for tag in draft.marked():
        for name in ("id", "name") if tag.name in {"a", "img"} else ("id",):
            if given := attribute(tag, name):
                ids.setdefault(given, tag)
    return ids


def _strip_ours(tag: Tag) -> None:
    """Take our own class names from what the author wrote: they are ours to give."""
    given = attribute(tag, "class")
    if given and not _OURS.isdisjoint(given.split()):
        tag.attrs["class"] = " ".join(name for name in given.split() if name not in _OURS)


# Notes that are linked


def _linked_notes(draft: Draft, ids: dict[str, Tag], place: dict[int, int]) -> list[Note]:
    links = [(link, ids[name], name) for link, name in own_fragments(draft, ids)]
    found: dict[int, Note] = {}
    for link, target, name in links:
        if place[id(link)] < place[id(target)] and _is_mark(link):
            item = _item(target)
            if item is not None and place[id(item)] > place[id(link)]:
                found.setdefault(id(item), Note(name, item)).refs.append(link)
    notes = _grown(draft, list(found.values()))
    inner = {id(node) for note in notes for node in note.item.parents}
    leads = {id(link): target for link, target, _ in links}
    return [note for note in notes if id(note.item) not in inner and _is_note(note, leads)]


def _is_mark(link: Tag) -> bool:
    text = collapse(text_of(link))
    heading = ancestor(link, HEADINGS)
    if heading is not None and normal(text_of(heading)) == normal(text):
        return False
    return bool(MARK.fullmatch(text)) or (not text and not elements(link, {"img"}) and _named(link))


def _item(target: Tag) -> Tag | None:
    """Return the block that a link to ``target`` leads to, if it can be a note."""
    node: Tag | None = target
    while node is not None and node.name not in _ITEMS:
        if node.name in HEADINGS or node.name in {"body", "table"}:
            return None
        node = node.parent
    if (
        node is not None
        and node.name in {"p", "div"}
        and node.parent is not None
        and node.parent.name == "li"
    ):
        node = node.parent
    return node


def _grown(draft: Draft, notes: list[Note]) -> list[Note]:
    """Let a note of several paragraphs be what is around its first one, if that is around no other."""
    mates: dict[int, int] = {}
    for note in notes:
        mates[id(note.item.parent)] = mates.get(id(note.item.parent), 0) + 1
    around = {id(node) for note in notes for ref in note.refs for node in ref.parents}
    for note in notes:
        parent = note.item.parent
        if (
            note.item.name == "p"
            and parent is not None
            and parent.name in _GROWN
            and mates[id(parent)] == 1
            and id(parent) not in around
            and not elements(parent, HEADINGS)
        ):
            note.item = parent
    return [note for note in notes if id(note.item) not in around and _is_small(draft, note.item)]


def _is_small(draft: Draft, item: Tag) -> bool:
    words = count_words(text_of(item))
    return words <= _MOST_WORDS or words * 2 < draft.words


def _is_note(note: Note, leads: dict[int, Tag]) -> bool:
    """Say whether the item links back to a reference, or is called a note; find its ways back."""
    blocks = {id(_block(ref)) for ref in note.refs}
    returns = False
    for link in elements(body_of(note.item), {"a"}):
        target = leads.get(id(link))
        if not _BACK.fullmatch(collapse(text_of(link))):
            continue
        if target is not None and id(_block(target)) in blocks:
            returns = True
            note.backs.append(link)
        elif _own(link) and (target is None or not _item_holds(note.item, target)):
            note.backs.append(link)  # a way back to a place that was lost on the way
    if not (returns or any(_named(tag) for tag in _kin(note.item)) or _opens_with_mark(note)):
        return False
    return _holds_more(body_of(note.item), note.backs)


def _opens_with_mark(note: Note) -> bool:
    """Say whether the item opens with the raised mark that refers to it."""
    mark = collapse(text_of(note.refs[0]))
    raised = inside(note.refs[0], {"sup"}) or bool(elements(note.refs[0], {"sup"}))
    return raised and collapse(text_of(note.item)).startswith(f"{mark} ")


def _item_holds(item: Tag, tag: Tag) -> bool:
    return any(node is item for node in (tag, *tag.parents))


def _own(link: Tag) -> bool:
    return attribute(link, "href").startswith("#")


def _kin(item: Tag) -> Iterator[Tag]:
    """Yield an item, what names it inside, and the list that it stands in."""
    yield item
    yield from elements(item, {"a", "span", "sup"})[:2]
    yield from list(item.parents)[:2]


def _named(tag: Tag) -> bool:
    said = [*tokens(tag), attribute(tag, "role"), attribute(tag, "rel"), attribute(tag, "name").lower()]
    return any(_NAMED.search(name) for name in said)


def _block(tag: Tag) -> Tag | None:
    node: Tag | None = tag
    while node is not None and node.name not in _ITEMS | {"body", "td", "th", "figcaption", *HEADINGS}:
        node = node.parent
    return node


def _holds_more(item: Tag, backs: list[Tag]) -> bool:
    """Say whether there is anything in a note but the ways back."""
    ways = {id(link) for link in backs}
    return any(
        shows(node)
        and normal(str(node))
        and not any(id(parent) in ways for parent in node.parents)
        and not MARK.fullmatch(collapse(str(node)))
        for node in item.descendants
        if isinstance(node, NavigableString)
    ) or bool(elements(item, {"img"}))


# Notes in the margin


def _side_notes(draft: Draft, tags: list[Tag], linked: list[Note]) -> list[Note]:
    refs = {id(ref): note for note in linked for ref in note.refs}
    notes = []
    for tag in tags:
        if tag.name not in {"span", "small"} or _ASIDES.isdisjoint(tokens(tag)) or inside(tag, {"pre", "a"}):
            continue
        for part in elements(tag, {"span", "sup", "label"}):
            if not _LABELS.isdisjoint(tokens(part)):
                draft.vanish(part)
        note = _drop_mark(draft, tag, refs)
        if note is not None and len(note.refs) < _FEW and normal(text_of(tag)) in normal(text_of(note.item)):
            draft.drop("unify_notes", "repeats a note", tag)
        elif shows(tag):
            notes.append(Note("", tag, [tag]))
    return notes


def _drop_mark(draft: Draft, tag: Tag, refs: dict[int, Note]) -> Note | None:
    """Take out the mark that stands before a side note; return the note that it is the mark of, if any."""
    for before in _before(tag):
        links = [refs[id(node)] for node in (before, *elements(before, {"a"})) if id(node) in refs]
        if links:
            return links[-1]
        text = collapse(text_of(before))
        label = not _LABELS.isdisjoint(tokens(before)) or before.name == "label"
        if label or (before.name == "sup" and MARK.fullmatch(text)):
            draft.vanish(before)
            return None
        if text:
            return None
    return None


def _before(tag: Tag) -> Iterator[Tag]:
    """Yield the elements right before ``tag``, the nearest first, up to the next text."""
    node: PageElement | None = tag.previous_sibling
    for _ in range(6):
        if node is None or (isinstance(node, NavigableString) and shows(node)):
            return
        if isinstance(node, Tag):
            yield node
        node = node.previous_sibling
