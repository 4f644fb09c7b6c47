"""Pictures that the markup has elsewhere than in an ``img``: as a background, as a map to click on."""

from __future__ import annotations

import re
from itertools import islice

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.sources import is_placeholder
from feed2book.article.text import collapse
from feed2book.article.tree import attribute, elements, inside, shows, text_of, tokens
from feed2book.article.urls import absolute, valid_image, valid_link

_HOLDERS = frozenset({"figure", "div", "span", "a", "section", "i", "header", "li"})
_BACKGROUND = re.compile(r"background(?:-image)?\s*:[^;]{0,200}?url\(\s*(['\"]?)([^'\")]{1,2000})\1\s*\)")
_LAZY = ("data-bg", "data-background", "data-background-image", "data-bg-image", "data-bgset", "data-bg-url")
_GIVES = frozenset({"style", *_LAZY})
_SMALL = re.compile(r"(?<![\w-])(?:width|height)\s*:\s*(?:\d|[1-4]\d)px", re.IGNORECASE)
_SHARP = frozenset({"img", "picture", "video", "iframe"})
_WITH_TEXT = frozenset({"wp-block-cover", "wp-block-cover-image"})  # the author's words stand on the picture


def rescue_backgrounds(draft: Draft) -> None:
    """Make an image of a background that is all an element shows, or on which WordPress sets text."""
    for tag in draft.marked(_HOLDERS):
        source = _background(tag)
        if not source or (shows(tag) and _WITH_TEXT.isdisjoint(tokens(tag))) or inside(tag, {"noscript"}):
            continue
        address = valid_image(absolute(source, draft.base))
        if not address.startswith("http") or is_placeholder(address) or _is_double(tag):
            continue
        words = collapse(
            attribute(tag, "aria-label") or attribute(tag, "title") or attribute(tag, "data-alt")
        )
        tag.insert(0, draft.new("img", src=address, alt=words))


def _is_double(tag: Tag) -> bool:
    """Say whether ``tag`` holds or stands beside an image or a player: the sharp one of the two."""
    beside = (*islice(tag.previous_siblings, 3), *islice(tag.next_siblings, 3))
    return bool(elements(tag, _SHARP)) or any(
        isinstance(node, Tag) and node.name in _SHARP for node in beside
    )


def _background(tag: Tag) -> str:
    if tag.attrs.keys().isdisjoint(_GIVES):
        return ""
    style = attribute(tag, "style")
    match = _BACKGROUND.search(style) if "url(" in style else None
    if match and not _SMALL.search(style):
        return match[2]
    return next((attribute(tag, name).split(" ")[0] for name in _LAZY if attribute(tag, name)), "")


def list_areas(draft: Draft) -> None:
    """Make a list of the links that a picture carries as a map: what was clicked on there."""
    for tag in draft.elements({"map"}):
        areas = []
        for area in elements(tag, {"area"}):
            words = collapse(attribute(area, "alt") or attribute(area, "title"))
            if words and valid_link(absolute(attribute(area, "href"), draft.base)):
                areas.append((attribute(area, "href"), words))
        if not areas or text_of(tag).strip():
            continue
        draft.change(tag, "ul", "")
        for address, words in areas:
            item, link = draft.new("li"), draft.new("a", href=address)
            link.append(words)
            item.append(link)
            tag.append(item)
