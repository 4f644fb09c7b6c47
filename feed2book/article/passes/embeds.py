"""Players and frames: nothing remote is left in an article, but the way to it is."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.text import collapse, shorten
from feed2book.article.tree import attached, attribute, change, elements, vanish
from feed2book.article.urls import absolute, valid_link
from feed2book.errors import Code

_EMBEDS = frozenset({"iframe", "frame", "object", "embed", "video", "audio", "portal"})
_KINDS = {"video": "Video", "audio": "Audio"}
_VIDEO_HOSTS = re.compile(
    r"(?:^|\.)(?:youtube(?:-nocookie)?\.com|youtu\.be|vimeo\.com|ted\.com|dailymotion\.com)$"
)
_AUDIO_HOSTS = re.compile(r"(?:^|\.)(?:spotify\.com|soundcloud\.com|bandcamp\.com|podcasts\.apple\.com)$")
_YOUTUBE = re.compile(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{6,20})(?:[?#].*)?")
_VIMEO = re.compile(r"https?://player\.vimeo\.com/video/(\d+)(?:[?#].*)?")


def replace_embeds(draft: Draft) -> None:
    """Put a labelled link in the place of each player or frame; one without an address goes."""
    for tag in elements(draft.root, _EMBEDS):
        if not attached(tag, draft.root):
            continue  # an embed inside an object
        address = _address(tag, draft.base)
        if not address:
            draft.drop("replace_embeds", "an embed without an address", tag)
            continue
        label = _label(tag, address)
        change(tag, "p", "", **{"class": "embed"})
        link = draft.root.new_tag("a", href=address)
        link.append(label)
        tag.append(link)
        draft.notice(Code.EMBED_DROPPED, f"{label} became a link")


def _address(tag: Tag, base: str) -> str:
    places = [tag, *elements(tag, {"source", "embed", "iframe", "param"})]
    for place in places:
        for name in ("src", "data-src", "data-lazy-src", "data"):
            address = valid_link(absolute(attribute(place, name), base))
            if address.startswith(("http:", "https:")):
                return _page(address)
    return ""


def _page(address: str) -> str:
    """Return the page that people watch on instead of the player's frame."""
    if match := _YOUTUBE.fullmatch(address):
        return f"https://www.youtube.com/watch?v={match[1]}"
    if match := _VIMEO.fullmatch(address):
        return f"https://vimeo.com/{match[1]}"
    return address


def _label(tag: Tag, address: str) -> str:
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    kind = _KINDS.get(tag.name, "Embedded page")
    if _VIDEO_HOSTS.search(host):
        kind = "Video"
    elif _AUDIO_HOSTS.search(host):
        kind = "Audio"
    title = shorten(collapse(attribute(tag, "title")), 100)
    return f"{kind}: {title} ({host})" if title else f"{kind} ({host})"


def replace_drawings(draft: Draft) -> None:
    """Keep what an inline drawing says in words; the drawing itself is dropped."""
    for tag in elements(draft.root, {"svg", "canvas"}):
        if not attached(tag, draft.root):
            continue
        words = collapse(attribute(tag, "aria-label")) or collapse(" ".join(_titles(tag)))
        if attribute(tag, "aria-hidden") == "true" and not words:
            vanish(tag)
            continue
        draft.drop("replace_drawings", "an inline drawing", tag)
        if words:
            tag.append(f"[{words}]")


def _titles(tag: Tag) -> list[str]:
    return [title.get_text() for title in elements(tag, {"title"})[:1]]
