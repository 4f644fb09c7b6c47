"""Players and frames: nothing remote is left in an article, but the way to it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bs4.element import Tag

from feed2book.article.cards import Card, put_card
from feed2book.article.draft import Draft
from feed2book.article.players import Player, recognise
from feed2book.article.sources import is_image_file
from feed2book.article.text import collapse, count_words, shorten
from feed2book.article.tree import attached, attribute, elements, inside, text_of, tokens
from feed2book.article.urls import absolute, valid_image, valid_link
from feed2book.errors import Code
from feed2book.models import Drop

_EMBEDS = frozenset({"iframe", "frame", "object", "embed", "video", "audio", "portal"})
_KINDS = {"video": "Video", "audio": "Audio"}
_ADDRESSES = (
    "data-src",
    "data-lazy-src",
    "data-litespeed-src",
    "data-cmp-src",
    "data-cookieblock-src",
    "src",
    "data",
)
_NO_TITLE = re.compile(
    r"(?:\w+ ){0,2}(?:video|audio|embed(?:ded)?|media|map) ?(?:player|content|post|frame)?|i?frame|embed\w*|"
    r"(?:youtube|vimeo|spotify|soundcloud|twitter|instagram|codepen)\.?|untitled.*",
    re.IGNORECASE,
)
_MOST_FALLBACK = 40  # words; what holds more has swallowed some of the article
_TITLE_PREFIX = re.compile(r"(?:Spotify Embed|Play|Watch|CodePen Embed)\s*[:-]\s+", re.IGNORECASE)
_GIST = re.compile(r"(?:https?:)?//gist\.github\.com/[\w/-]+\.js(?:\?.*)?", re.IGNORECASE)
_YOUTUBE_ID = re.compile(r"[\w-]{6,20}")
#: Elements and classes whose attribute names a YouTube video that a script loads when it is clicked.
_LITE = {
    "lite-youtube": "videoid",
    "lite-vimeo": "videoid",
    "youtube-embed": "video-id",
    "amp-youtube": "data-videoid",
}
_LITE_CLASSES = ("data-youtube-id", "data-yt-id", "data-video-id", "data-embed-id")


def find_players(draft: Draft) -> None:
    """Make frames of what scripts would put a player in place of: gists, lite players, Substack's boxes."""
    for tag in draft.elements():
        address, title = _loaded_later(tag)
        if address:
            draft.change(tag, "iframe", "", src=address, title=title)


def _loaded_later(tag: Tag) -> tuple[str, str]:
    """Return address and title of the player that a script would put where ``tag`` is."""
    if tag.name == "script":
        source = attribute(tag, "src").strip()
        return (source, "") if _GIST.fullmatch(source) else ("", "")
    if tag.name in _LITE:
        video = attribute(tag, _LITE[tag.name])
        title = attribute(tag, "playlabel") or attribute(tag, "videotitle") or attribute(tag, "title")
        return _video(video, "vimeo" if tag.name == "lite-vimeo" else "youtube"), title
    if tag.name != "div":
        return "", ""
    video = str(data_of(tag).get("videoId") or "")
    if not video and any("youtube" in name for name in tokens(tag)):
        video = next(filter(None, (attribute(tag, name) for name in _LITE_CLASSES)), "")
    if not video or elements(tag, _EMBEDS):
        return "", ""
    return _video(video, "vimeo" if "vimeo-wrap" in tokens(tag) else "youtube"), ""


def _video(ident: str, host: str) -> str:
    if not _YOUTUBE_ID.fullmatch(ident):
        return ""
    return f"https://vimeo.com/{ident}" if host == "vimeo" else f"https://www.youtube.com/watch?v={ident}"


def data_of(tag: Tag) -> dict[str, Any]:
    """Return what Substack writes into ``data-attrs`` as JSON, or nothing."""
    said = attribute(tag, "data-attrs")
    if not said:
        return {}
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def replace_embeds(draft: Draft) -> None:
    """Put a card in the place of each player or frame; one without an address goes."""
    cards: list[str] = []
    last: tuple[str, Tag | None] = ("", None)
    for tag in draft.elements(_EMBEDS):
        if not attached(tag, draft.root):
            continue  # an embed inside an object
        picture = _picture(tag, draft.base)
        if picture:
            draft.change(tag, "img", "", src=picture, alt=_title(tag))
            continue
        player = _player(tag, draft.base)
        if player is None:
            draft.drop("replace_embeds", "an embed without an address", tag)
            continue
        if last[0] == player.address and inside(tag, {"noscript"}):
            draft.drops.append(Drop("replace_embeds", "the double of a lazy frame"))
            draft.vanish(tag)
            continue
        _note_fallback(draft, tag)
        put_card(draft, tag, Card(player, _title(tag), pictures=_previews(tag, player, draft.base)))
        cards.append(player.kind)
        last = (player.address, tag)
    if cards:
        what = "1 embed became a card" if len(cards) == 1 else f"{len(cards)} embeds became cards"
        draft.notice(Code.EMBED_DROPPED, f"{what} with a link ({', '.join(dict.fromkeys(cards))})")


def _player(tag: Tag, base: str) -> Player | None:
    for address in _addresses(tag, base):
        player = recognise(address)
        return Player(_KINDS.get(tag.name, player.kind), player.address, player.thumbnail)
    return None


def _addresses(tag: Tag, base: str) -> Iterator[str]:
    for place in (tag, *elements(tag, {"source", "embed", "iframe", "param"})):
        values = [attribute(place, name) for name in _ADDRESSES]
        if attribute(place, "name").lower() in {"movie", "src", "url"}:
            values.append(attribute(place, "value"))
        for value in values:
            address = valid_link(absolute(value, base))
            if address.startswith(("http:", "https:")):
                yield address
    # Medium writes an empty frame, and in it the link to what it would show.
    for link in elements(tag, {"a"}):
        address = valid_link(absolute(attribute(link, "href"), base))
        if address.startswith(("http:", "https:")):
            yield address


def _picture(tag: Tag, base: str) -> str:
    """Return the address of the picture that an ``object`` or ``embed`` shows, if it is one."""
    if tag.name not in {"object", "embed"}:
        return ""
    address = valid_image(absolute(attribute(tag, "data") or attribute(tag, "src"), base))
    declared = attribute(tag, "type").lower().startswith("image/")
    return address if address and (declared or is_image_file(address)) else ""


def _previews(tag: Tag, player: Player, base: str) -> tuple[str, ...]:
    poster = valid_image(absolute(attribute(tag, "poster") or attribute(tag, "data-poster"), base))
    return tuple(filter(None, (poster, player.thumbnail)))


def _title(tag: Tag) -> str:
    for name in ("title", "data-title", "aria-label"):
        title = _TITLE_PREFIX.sub("", collapse(attribute(tag, name)), count=1)
        if title and not _NO_TITLE.fullmatch(title):
            return title
    return ""


def _note_fallback(draft: Draft, tag: Tag) -> None:
    """Tell the ledger of words for browsers without the player; many words are not that, and are lost."""
    text = collapse(text_of(tag))
    words = count_words(text)
    if 0 < words <= _MOST_FALLBACK:
        sample = shorten(text, 60)
        draft.drops.append(Drop("replace_embeds", "what stands in for a player", words, 0, sample))


def replace_drawings(draft: Draft) -> None:
    """Keep what an inline drawing says in words; the drawing itself is dropped."""
    for tag in draft.elements({"svg", "canvas"}):
        if not attached(tag, draft.root):
            continue
        words = collapse(attribute(tag, "aria-label") or _drawn_title(tag) or text_of(tag))
        if attribute(tag, "aria-hidden") == "true" and not words:
            draft.vanish(tag)
            continue
        draft.drops.append(Drop("replace_drawings", "an inline drawing", sample=shorten(words, 60)))
        draft.change(tag, "span", f"[{words}]" if words else "")


def _drawn_title(tag: Tag) -> str:
    return next((title.get_text() for title in elements(tag, {"title"})), "")
