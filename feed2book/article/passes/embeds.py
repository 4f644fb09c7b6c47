"""Players and frames: nothing remote is left in an article, but the way to it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from bs4.element import Tag

from feed2book.article.cards import Card, put_card
from feed2book.article.draft import Draft
from feed2book.article.players import Player, recognise
from feed2book.article.source import MAX_TAGS
from feed2book.article.sources import is_image_file, is_placeholder
from feed2book.article.text import collapse, count_words, is_blank, shorten
from feed2book.article.tree import attached, attribute, elements, holds, inside, parse, text_of, tokens
from feed2book.article.urls import absolute, valid_image, valid_link
from feed2book.errors import Code
from feed2book.models import Drop

_EMBEDS = frozenset({"iframe", "frame", "object", "embed", "video", "audio", "portal"})
_SHOWN = _EMBEDS | {"img", "svg", "math"}
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
_LONGEST_WORDS = 300  # characters of the words of a picture
_MOST_FALLBACK = 40  # words; what holds more has swallowed some of the article
_BACKGROUND = re.compile(r"url\(\s*['\"]?([^'\")]{1,2000})['\"]?\s*\)")
_TITLE_PREFIX = re.compile(r"(?:Spotify Embed|Play|Watch|CodePen Embed)\s*[:-]\s+", re.IGNORECASE)
_GIST = re.compile(r"(?:https?:)?//gist\.github\.com/[\w/-]+\.js(?:\?.*)?", re.IGNORECASE)
_ASCIINEMA = re.compile(r"(?:https?:)?//asciinema\.org/a/\w+\.js", re.IGNORECASE)
_NAME = re.compile(r"[\w-]{1,80}")
_TELEGRAM = re.compile(r"\w{1,80}/\d{1,12}")
_WISTIA = re.compile(r"wistia_async_(\w{5,20})")
_BANDCAMP = re.compile(r"https?://(?:www\.)?bandcamp\.com/EmbeddedPlayer/", re.IGNORECASE)
_NATIVE = frozenset({"native-video-embed", "native-audio-embed"})
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
    for tag in draft.elements({"script", "div", *_LITE}):
        address, title = _loaded_later(tag)
        if address and count_words(text_of(tag)) <= _MOST_FALLBACK:
            _note_fallback(draft, tag)
            draft.change(tag, "iframe", "", src=address, title=title)
        elif tag.name == "div" and not _NATIVE.isdisjoint(tokens(tag)):
            _card_native(draft, tag)


def _card_native(draft: Draft, tag: Tag) -> None:
    """Make a card of a recording that Substack plays on the post's own page only."""
    kind = "Video" if "native-video-embed" in tokens(tag) else "Audio"
    page = valid_link(draft.entry.url)
    if page.startswith("http") and not text_of(tag).strip():
        said = data_of(tag).get("label")
        label = said if isinstance(said, str) and said else f"{kind} on the page of this post"
        put_card(draft, tag, Card(Player(kind, page), label))


def open_frames(draft: Draft) -> None:
    """Read what stands inside a frame, which parsers take for text: a link to what it would show.

    A frame that is never closed has swallowed the text behind it, which is put there again. A frame
    that carries its document in an attribute, and has no address, is that document.
    """
    left = MAX_TAGS  # an attribute holds more of them than the entry may have
    for tag in draft.elements({"iframe"}):
        if document := attribute(tag, "srcdoc"):
            left -= document.count("<")
            if left >= 0 and _player(tag, draft.base) is None:
                _open_document(draft, tag, document)
            continue
        text = tag.get_text()
        if "<" not in text:
            continue
        inside_ = parse(text).body
        draft.change(tag, "iframe", "", **{name: attribute(tag, name) for name in tag.attrs})
        if inside_ is None:
            continue
        swallowed = count_words(text_of(inside_)) > _MOST_FALLBACK
        for node in reversed(list(inside_.contents)):
            (tag.insert_after if swallowed else partial(tag.insert, 0))(node)


def _open_document(draft: Draft, frame: Tag, document: str) -> None:
    body = parse(document).body
    if body is None or (is_blank(text_of(body)) and not holds(body, _SHOWN)):
        return
    draft.added_images += len(elements(body, {"img"}))
    kept = {name: attribute(frame, name) for name in frame.attrs if name != "srcdoc"}
    draft.change(frame, "div", "", **kept)  # hidden ones, and those of tools, are known by the rest
    frame.extend(list(body.contents))


def _loaded_later(tag: Tag) -> tuple[str, str]:
    """Return address and title of the player that a script would put where ``tag`` is."""
    if tag.name == "script":
        return _scripted(tag), ""
    if tag.name in _LITE:
        video = attribute(tag, _LITE[tag.name])
        title = attribute(tag, "playlabel") or attribute(tag, "videotitle") or attribute(tag, "title")
        return _video(video, "vimeo" if tag.name == "lite-vimeo" else "youtube"), title
    if tag.name != "div":
        return "", ""
    found = next((match for name in tokens(tag) if (match := _WISTIA.fullmatch(name))), None)
    if found:
        return f"https://fast.wistia.net/embed/iframe/{found[1]}", ""
    if "flourish-embed" in tokens(tag) and not elements(tag, {"img"}):
        return f"https://public.flourish.studio/{attribute(tag, 'data-src')}", ""
    video = str(data_of(tag).get("videoId") or "")
    if not video and any("youtube" in name for name in tokens(tag)):
        video = next(filter(None, (attribute(tag, name) for name in _LITE_CLASSES)), "")
    if not video or elements(tag, _EMBEDS):
        return "", ""
    return _video(video, "vimeo" if "vimeo-wrap" in tokens(tag) else "youtube"), ""


def _scripted(script: Tag) -> str:
    """Return the address of what a script shows in its place."""
    source = attribute(script, "src").strip()
    if _GIST.fullmatch(source) or _ASCIINEMA.fullmatch(source):
        return source
    slides, post = attribute(script, "data-id"), attribute(script, "data-telegram-post")
    if "speakerdeck-embed" in tokens(script) and _NAME.fullmatch(slides):
        return f"https://speakerdeck.com/player/{slides}"
    return f"https://t.me/{post}" if _TELEGRAM.fullmatch(post) else ""


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
        if picture := _picture(tag, draft.base):
            _show_picture(draft, tag, picture)
            continue
        player = _player(tag, draft.base)
        if player is None:
            told = len(draft.drops)
            draft.drop("replace_embeds", "an embed without an address", tag)
            if len(draft.drops) == told:
                draft.drops.append(Drop("replace_embeds", "an embed without an address", sample=_title(tag)))
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


def _show_picture(draft: Draft, tag: Tag, address: str) -> None:
    """Make an image of an ``object`` that shows one; what it holds for other browsers are its words."""
    inner = elements(tag, {"img"})
    spoken = collapse(text_of(tag))
    words = (
        _title(tag) or next((attribute(img, "alt") for img in inner if attribute(img, "alt")), "") or spoken
    )
    others = tuple(filter(None, (valid_image(absolute(attribute(img, "src"), draft.base)) for img in inner)))
    if spoken or inner:
        reason = "words in place of a picture"
        draft.drops.append(
            Drop("replace_embeds", reason, count_words(spoken), len(inner), shorten(spoken, 60))
        )
    places = dict(zip(("data-src", "data-original"), (address, *others), strict=False))
    width = attribute(tag, "width")
    draft.change(tag, "img", "", **places, alt=shorten(words, _LONGEST_WORDS), width=width)


def _player(tag: Tag, base: str) -> Player | None:
    for address in _addresses(tag, base):
        player = recognise(address)
        return Player(_KINDS.get(tag.name, player.kind), player.address, player.thumbnail)
    return None


def _addresses(tag: Tag, base: str) -> Iterator[str]:
    if _BANDCAMP.match(attribute(tag, "src")):  # which holds the link to the page, as nothing else does
        yield from _links_in(tag, base)
    for place in (tag, *elements(tag, {"source", "embed", "iframe", "param"})):
        values = [attribute(place, name) for name in _ADDRESSES]
        if attribute(place, "name").lower() in {"movie", "src", "url"}:
            values.append(attribute(place, "value"))
        for value in values:
            address = valid_link(absolute(value, base))
            if address.startswith(("http:", "https:")):
                yield address
    # Medium writes an empty frame, and in it the link to what it would show.
    yield from _links_in(tag, base)


def _links_in(tag: Tag, base: str) -> Iterator[str]:
    for link in elements(tag, {"a"}):
        address = valid_link(absolute(attribute(link, "href"), base))
        if address.startswith(("http:", "https:")):
            yield address


def _picture(tag: Tag, base: str) -> str:
    """Return the address of the picture that an ``object``, ``embed`` or frame shows, if it is one."""
    if tag.name not in {"object", "embed", "iframe"}:
        return ""
    address = valid_image(absolute(attribute(tag, "data") or attribute(tag, "src"), base))
    declared = attribute(tag, "type").lower().startswith("image/")
    return address if address and (declared or is_image_file(address)) else ""


def _previews(tag: Tag, player: Player, base: str) -> tuple[str, ...]:
    styled = _BACKGROUND.search(attribute(tag, "style"))
    said = data_of(tag).get("image")
    offers = (
        attribute(tag, "poster"),
        attribute(tag, "data-poster"),
        styled[1] if styled else "",
        said if isinstance(said, str) else "",
    )
    posters = (valid_image(absolute(offer, base)) for offer in offers if not is_placeholder(offer))
    return tuple(filter(None, (*posters, player.thumbnail)))


def _title(tag: Tag) -> str:
    said = data_of(tag).get("title")
    offers = [attribute(tag, name) for name in ("title", "data-title", "aria-label")]
    offers += [said] if isinstance(said, str) else []
    if _BANDCAMP.match(attribute(tag, "src")):
        offers += [link.get_text() for link in elements(tag, {"a"})[:1]]
    for offer in offers:
        title = _TITLE_PREFIX.sub("", collapse(offer), count=1)
        if title and not _NO_TITLE.fullmatch(title):
            return title
    return ""


def _note_fallback(draft: Draft, tag: Tag) -> None:
    """Tell the ledger of words for browsers without the player; many words are not that, and are lost."""
    text = collapse(text_of(tag))
    words, images = count_words(text), len(elements(tag, {"img"}))
    if (words or images) and words <= _MOST_FALLBACK:
        sample = shorten(text, 60)
        draft.drops.append(Drop("replace_embeds", "what stands in for a player", words, images, sample))
