"""Inline drawings: charts and diagrams become pictures, icons go."""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.drawings import as_address, draws, shown_width, size, words_of
from feed2book.article.text import collapse, count_words, normal, shorten
from feed2book.article.tree import ancestor, attached, attribute, hidden, text_of, tokens
from feed2book.article.vocabulary import HEADINGS
from feed2book.models import Drop

_ICON = 48  # CSS pixels; no larger is a sign, not a drawing
_LARGE = 120  # what is larger is a drawing wherever it stands
_LONGEST = 300  # characters of a drawing's words
_CONTROLS = frozenset({"button", "summary", "label", "nav", "option", "a", *HEADINGS})
_ICON_CLASS = re.compile(r"(?:^|[-_])(?:icon|icons|svg-inline--fa|fa|feather|lucide|octicon|logo)(?:$|[-_])")


def picture_drawings(draft: Draft) -> None:
    """Make a picture of each inline drawing, with what it says of itself as its words; icons go.

    An icon that is all there is in a link or a line leaves its words.
    """
    said: dict[int, str] = {}
    for tag in draft.elements({"svg", "canvas"}):
        if not attached(tag, draft.root):
            continue  # a drawing in a drawing
        address = as_address(tag) if tag.name == "svg" and draws(tag) and not _is_icon(tag) else ""
        if not address:
            _drop(draft, tag, said)
            continue
        words, spoken = words_of(tag), count_words(text_of(tag))
        if spoken:
            sample = shorten(words, 60)
            draft.drops.append(Drop("picture_drawings", "lettering of a drawing", spoken, sample=sample))
        draft.change(tag, "img", "", src=address, alt=shorten(words, _LONGEST), width=str(shown_width(tag)))


def _is_icon(tag: Tag) -> bool:
    width, height = size(tag)
    if 0 < width <= _ICON and height <= _ICON:
        return True
    if max(width, height) >= _LARGE and ancestor(tag, _CONTROLS - {"a"}) is None:
        return False
    controls = ancestor(tag, _CONTROLS) is not None
    return controls or _is_quiet(tag) or any(map(_ICON_CLASS.search, tokens(tag)))


def _drop(draft: Draft, tag: Tag, said: dict[int, str]) -> None:
    """Take out what draws nothing, or only a sign; its words stay where there are no others.

    ``said`` remembers what links and buttons say, by their ``id()``.
    """
    words = shorten(words_of(tag) if tag.name == "svg" else collapse(text_of(tag)), _LONGEST)
    spoken = count_words(text_of(tag))
    holder = ancestor(tag, _CONTROLS)
    if holder is not None and id(holder) not in said:
        said[id(holder)] = normal(text_of(holder))
    beside = holder is not None and said[id(holder)] != normal(text_of(tag))
    if words and not beside and not _is_quiet(tag) and not hidden(tag):
        draft.change(tag, "span", f"[{words}]")
        return
    if spoken or tag.name == "canvas" or draws(tag):
        reason = "an icon" if tag.name == "svg" else "drawn by a script"
        draft.drops.append(Drop("picture_drawings", reason, spoken, sample=shorten(words, 60)))
    draft.vanish(tag)


def _is_quiet(tag: Tag) -> bool:
    return attribute(tag, "aria-hidden").lower() == "true" or attribute(tag, "role") == "presentation"
