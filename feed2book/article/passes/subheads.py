"""Bold lines that stand for headings: a quarter of blogs know no other."""

from __future__ import annotations

import re
from collections import Counter

from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.text import BLANK, collapse, count_words, normal
from feed2book.article.tree import attribute, elements, inside, shows, text_of
from feed2book.article.vocabulary import HEADINGS, names

_BOLD = frozenset({"b", "strong"})
_ASIDE = names(
    "table blockquote aside ul ol dl figure figcaption pre details td th li dt dd header footer nav"
)
_MOST_WORDS = 12
_LEAST_PROSE = 12  # words of the paragraph that follows
_MOST_TWINS = 2  # a line that comes more often is a label or a speaker's name
_ENDS = tuple(".:;,…。：；，、-–—*!")
_LABEL = re.compile(
    r"(?:by|photos?|images?|picture|fig(?:ure)?|table|source|credits?|via|updated?|edit|note|nb|ps|p\.s|tags?|posted"
    r"|published|written|filed|disclosure|disclaimer|sponsor\w*|advertisement|ad|tl;?dr|spoilers?|warning"
    r"|von|par|por|foto|bild|quelle)\b.{0,60}|https?:.*|\W*\d[\d\W]*|.*\b(?:19|20)\d\d",
    re.IGNORECASE,
)


def promote_bold_lines(draft: Draft) -> None:
    """Make headings of short bold paragraphs that stand alone before prose, if there are two or more."""
    headings = {id(tag): int(tag.name[1]) for tag in draft.elements(HEADINGS) if shows(tag)}
    blocks = draft.elements({"p", "div", *HEADINGS})
    lines = [tag for tag in blocks if tag.name in {"p", "div"} and _is_bold_line(tag)]
    twins = Counter(normal(text_of(tag)) for tag in lines)
    chosen = {id(tag) for tag in lines if twins[normal(text_of(tag))] < _MOST_TWINS and _heads_prose(tag)}
    if len(chosen) < 2:  # in real feeds, one by itself is as often a motto, a byline or a call
        return
    rank = min(headings.values(), default=2) - 1
    for tag in blocks:
        if id(tag) in headings:
            rank = headings[id(tag)]
        elif id(tag) in chosen:
            _promote(draft, tag, min(rank + 1, 6) if headings else 2)


def _is_bold_line(tag: Tag) -> bool:
    """Say whether a paragraph is one short bold line and no caption, date, byline or label."""
    if len(tag.contents) > 12 or inside(tag, _ASIDE) or "subhead" in attribute(tag, "class").split():
        return False
    if not _all_bold(tag):  # first, since most paragraphs end it at their first word
        return False
    text = collapse(text_of(tag))
    if not text or count_words(text) > _MOST_WORDS or len(text) > 120 or text.endswith(_ENDS):
        return False
    inner = elements(tag)
    if any(part.name in {"p", "div", "img", "hr", "sup", "code", *_ASIDE} for part in inner):
        return False
    if not any(character.isalpha() for character in text) or _LABEL.fullmatch(text) or not _is_one_line(tag):
        return False
    linked = sum(count_words(text_of(part)) for part in inner if part.name == "a")
    return linked * 2 < count_words(text)


def _is_one_line(tag: Tag) -> bool:
    """Say whether no break stands between words."""
    parts = []
    for node in tag.descendants:
        if isinstance(node, NavigableString):
            parts.append(" ".join(f".{node}.".split())[1:-1])
        elif isinstance(node, Tag) and node.name == "br":
            parts.append("\n")
    return "\n" not in "".join(parts).strip(BLANK)


def _all_bold(tag: Tag) -> bool:
    return all(
        not shows(node) or any(parent.name in _BOLD for parent in node.parents if parent is not tag.parent)
        for node in tag.descendants
        if isinstance(node, NavigableString)
    )


def _heads_prose(tag: Tag) -> bool:
    after = _shown_after(tag)
    if isinstance(after, NavigableString):
        return count_words(after) >= _LEAST_PROSE
    if not isinstance(after, Tag):
        return False
    if after.name in {"ul", "ol"}:
        return True
    return (
        after.name in {"p", "div"}
        and count_words(text_of(after)) >= _LEAST_PROSE
        and not _is_bold_line(after)
    )


def _shown_after(tag: Tag) -> PageElement | None:
    after = tag.next_sibling
    while after is not None and not shows(after):
        after = after.next_sibling
    return after


def _promote(draft: Draft, tag: Tag, rank: int) -> None:
    for part in elements(tag, _BOLD):
        draft.rename(part, "span")
    draft.rename(tag, f"h{rank}")
