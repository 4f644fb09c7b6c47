"""What a browser never shows, and what it shows only where scripts do not run."""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.text import count_words
from feed2book.article.tree import (
    attached,
    attribute,
    elements,
    hidden,
    inside,
    shows,
    text_of,
    tokens,
)
from feed2book.article.vocabulary import names

_NEVER_SHOWN = names(
    "applet base basefont bgsound command datalist link meta noembed param script source style "
    "template title track"
)
_FOR_SCREEN_READERS = frozenset({"screen-reader-text", "sr-only", "visually-hidden", "visuallyhidden"})
_NEEDS_SCRIPT = re.compile(r"java ?script", re.IGNORECASE)
_FOLDED = re.compile(r"spoiler|toggle|collaps|accordion|expand|reveal|folded|answer|solution|hint")
_QUOTED = re.compile(r"['\"]#?([\w:.-]{1,80})['\"]")
_TICKED = {True: "☑ ", False: "☐ "}


def drop_unseen(draft: Draft) -> None:
    """Take out scripts, styles and metadata: they are no text, so the ledger says nothing of them."""
    for tag in draft.elements(_NEVER_SHOWN):
        if tag.name in {"source", "title"} and inside(tag, {"picture", "audio", "video", "svg"}):
            continue  # read by the passes on images and embeds
        draft.vanish(tag)


def drop_hidden(draft: Draft) -> None:
    """Take out what the markup hides: preheaders of mails, labels that only screen readers speak.

    What a click shows (spoilers, answers, folded parts) is the author's and stays.
    """
    marked = draft.marked()
    shown = _shown_by_clicks(draft) if any(map(hidden, marked)) else frozenset()
    for tag in marked:
        found = tokens(tag)
        if hidden(tag) and not (_opens(tag, found) or attribute(tag, "id") in shown):
            unseen = True
        else:
            unseen = not _FOR_SCREEN_READERS.isdisjoint(found)
        if unseen and attached(tag, draft.root):
            draft.drop_junk("drop_hidden", "hidden by its markup", tag)


def _opens(tag: Tag, found: list[str]) -> bool:
    return attribute(tag, "hidden") == "until-found" or any(_FOLDED.search(name) for name in found)


def _shown_by_clicks(draft: Draft) -> frozenset[str]:
    """Return the ids that links, buttons and handlers name."""
    named: set[str] = set()
    for tag in draft.marked():
        for name in ("aria-controls", "data-target", "data-bs-target", "href"):
            value = attribute(tag, name)
            if value and (name != "href" or value.startswith("#")):
                named.add(value.removeprefix("#"))
        for name in ("onclick", "href"):
            value = attribute(tag, name)
            if value and (name == "onclick" or value.lower().startswith("javascript:")):
                named.update(_QUOTED.findall(value[:500]))
    return frozenset(named - {""})


def open_noscript(draft: Draft) -> None:
    """Keep what a page shows without scripts, apart from its plea to turn them on."""
    for tag in draft.elements({"noscript"}):
        text = text_of(tag)
        if not elements(tag, {"img"}) and count_words(text) <= 40 and _NEEDS_SCRIPT.search(text):
            draft.drop("open_noscript", "asks for scripts", tag)


def drop_controls(draft: Draft) -> None:
    """Take out forms and their controls; a ticked box of a task list becomes a character.

    A form that holds prose (some sites wrap the whole page in one) loses its controls only.
    """
    for tag in draft.elements({"input"}):
        task = attribute(tag, "type").lower() == "checkbox" and tag.parent is not None and inside(tag, {"li"})
        if task and not inside(tag, {"form"}):
            draft.change(tag, "span", _TICKED["checked" in tag.attrs])
        else:
            draft.vanish(tag)
    for tag in draft.elements({"form"}):
        draft.drop_junk("drop_controls", "a form", tag)
    for tag in draft.elements({"button", "option", "textarea", "meter", "progress"}):
        if attached(tag, draft.root):
            draft.drop_junk("drop_controls", "a control", tag)


def drop_empty_anchors(draft: Draft) -> None:
    """Take out links that show nothing."""
    for tag in draft.elements({"a"}):
        if "href" in tag.attrs and not shows(tag):
            del tag.attrs["href"]
