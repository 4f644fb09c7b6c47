"""Headings: which of them are sections, and on which level."""

from __future__ import annotations

from bs4.element import NavigableString, Tag

from feed2book.article.draft import Draft
from feed2book.article.passes.structure import make_subhead
from feed2book.article.text import collapse, count_words, normal
from feed2book.article.tree import attribute, elements, inside, shows, text_of
from feed2book.article.vocabulary import HEADINGS, names

_MOST_WORDS = 40  # a heading with more text than this is a paragraph in disguise
_MOST_BEFORE = 30  # words that may stand before a heading that repeats the title (a byline)
_DEEPEST = 5  # levels, h2 to h6

_ASIDE = names("table blockquote aside ul ol dl figure figcaption pre details caption td th li dt dd button")
_INSIDE = names("p table ul ol dl pre blockquote figure")
_PERMALINK_MARKS = frozenset({"", "#", "##", "¶", "§", "🔗", "⚓", "∞", "link", "permalink", "anchor"})


def name_headings(draft: Draft) -> None:
    """Make headings of elements that only a role calls so (WAI-ARIA 1.2, ``heading``)."""
    for tag in draft.marked({"div", "p", "span"}):
        if attribute(tag, "role").strip().lower() == "heading" and not elements(tag, _INSIDE):
            level = attribute(tag, "aria-level").strip()
            draft.rename(tag, f"h{level}" if level in set("123456") else "h2")


def drop_permalink_marks(draft: Draft) -> None:
    """Take out the "#" and "¶" that blogs hang on headings as links to themselves."""
    for heading in draft.elements(HEADINGS):
        for link in elements(heading, {"a"}):
            local = "#" in attribute(link, "href") and not elements(link, {"img"})
            if local and normal(text_of(link)) in {normal(mark) for mark in _PERMALINK_MARKS}:
                ident = attribute(link, "id") or attribute(link, "name")
                draft.vanish(link)
                if ident and "id" not in heading.attrs:
                    heading.attrs["id"] = ident


def sort_headings(draft: Draft) -> None:
    """Tell sections from what only looks like one.

    Empty headings go. Those in quotes, lists, tables and asides, and those that hold a whole paragraph,
    become bold or plain paragraphs.
    """
    for heading in draft.elements(HEADINGS):
        if not shows(heading):
            draft.change(heading, "span", "", **_kept_id(heading))
        elif inside(heading, HEADINGS):
            draft.rename(heading, "span")
        elif count_words(text_of(heading)) > _MOST_WORDS or elements(heading, _INSIDE):
            draft.rename(heading, "div")
        elif inside(heading, _ASIDE) or not collapse(text_of(heading)):
            make_subhead(draft, heading)


def _kept_id(tag: Tag) -> dict[str, str]:
    return {"id": attribute(tag, "id")} if attribute(tag, "id") else {}


def drop_repeated_title(draft: Draft) -> None:
    """Take out first headings that say again what the title says; links to them lead to their place.

    An article without a title that opens with a heading has that for its title.
    """
    headings = draft.elements(HEADINGS)
    if not draft.title and headings and not _words_before(headings[0], draft.root):
        draft.title = collapse(text_of(headings[0]))
    title = normal(draft.title)
    for heading in headings:
        if (
            not title
            or normal(text_of(heading)) != title
            or _words_before(heading, draft.root) > _MOST_BEFORE
        ):
            return
        ident = _kept_id(heading)
        draft.drop("drop_repeated_title", "repeats the title", heading)
        draft.change(heading, "span", **ident)


def _words_before(heading: Tag, root: Tag) -> int:
    words = 0
    for node in root.descendants:
        if node is heading or words > _MOST_BEFORE:
            break
        if isinstance(node, NavigableString):
            words += count_words(node)
    return words


def level_headings(draft: Draft) -> None:
    """Give the headings levels from 1 (``h2``) on, without gaps, whatever ranks the author chose."""
    above: list[int] = []
    for heading in draft.elements(HEADINGS):
        rank = int(heading.name[1])
        while above and above[-1] >= rank:
            above.pop()
        above.append(rank)
        draft.rename(heading, f"h{min(len(above), _DEEPEST) + 1}")
