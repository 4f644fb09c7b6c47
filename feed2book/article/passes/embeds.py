"""Players and frames: nothing remote is left in an article, but the way to it is."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.text import collapse, count_words, shorten
from feed2book.article.tree import attached, attribute, elements, text_of
from feed2book.article.urls import absolute, valid_link
from feed2book.errors import Code
from feed2book.models import Drop

_EMBEDS = frozenset({"iframe", "frame", "object", "embed", "video", "audio", "portal"})
_KINDS = {"video": "Video", "audio": "Audio"}
_VIDEO_HOSTS = re.compile(
    r"(?:^|\.)(?:youtube(?:-nocookie)?\.com|youtu\.be|vimeo\.com|ted\.com|dailymotion\.com)$"
)
_AUDIO_HOSTS = re.compile(r"(?:^|\.)(?:spotify\.com|soundcloud\.com|bandcamp\.com|podcasts\.apple\.com)$")
_NO_TITLE = re.compile(
    r"(?:\w+ )?(?:video|audio|embed(?:ded)?) ?(?:player|content|post)?|iframe", re.IGNORECASE
)
_MOST_FALLBACK = 40  # words; what holds more has swallowed some of the article
_YOUTUBE = re.compile(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{6,20})(?:[?#].*)?")
_VIMEO = re.compile(r"https?://player\.vimeo\.com/video/(\d+)(?:[?#].*)?")


def replace_embeds(draft: Draft) -> None:
    """Put a labelled link in the place of each player or frame; one without an address goes."""
    for tag in draft.elements(_EMBEDS):
        if not attached(tag, draft.root):
            continue  # an embed inside an object
        address = _address(tag, draft.base)
        if not address:
            draft.drop("replace_embeds", "an embed without an address", tag)
            continue
        label = _label(tag, address)
        words = count_words(text_of(tag))
        if 0 < words <= _MOST_FALLBACK:
            draft.drops.append(Drop("replace_embeds", "what stands in for a player", words))
        draft.change(tag, "p", "", **{"class": "embed"})
        link = draft.new("a", href=address)
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
    if _NO_TITLE.fullmatch(title):
        title = ""
    return f"{kind}: {title} ({host})" if title else f"{kind} ({host})"


def replace_drawings(draft: Draft) -> None:
    """Keep what an inline drawing says in words; the drawing itself is dropped."""
    for tag in draft.elements({"svg", "canvas"}):
        if not attached(tag, draft.root):
            continue
        words = collapse(attribute(tag, "aria-label") or _title(tag) or text_of(tag))
        if attribute(tag, "aria-hidden") == "true" and not words:
            draft.vanish(tag)
            continue
        draft.drops.append(Drop("replace_drawings", "an inline drawing", sample=shorten(words, 60)))
        draft.change(tag, "span", f"[{words}]" if words else "")


def _title(tag: Tag) -> str:
    return next((title.get_text() for title in elements(tag, {"title"})), "")
