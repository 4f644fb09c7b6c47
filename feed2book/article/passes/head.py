"""What a feed gives beside the text of a post, and the text does not show: its picture, its recording."""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.cards import Card, new_picture, put_card
from feed2book.article.draft import Draft
from feed2book.article.players import Player, recognise
from feed2book.article.sources import image_urls, is_image_file, picture_key
from feed2book.article.text import collapse, normal
from feed2book.article.tree import attribute, elements, text_of
from feed2book.article.urls import absolute, valid_image, valid_link
from feed2book.models import Enclosure
from feed2book.models.addresses import canonical

_MOST_PICTURES = 12
_AVATAR = re.compile(
    r"https?://(?:\w+\.)?gravatar\.com/|//avatars?\d?\.|/avatars?/|/s2/favicons|favicon", re.IGNORECASE
)
_KINDS = (("audio/", "Audio"), ("video/", "Video"))
_LABELS = {"Audio": "Listen to the recording", "Video": "Watch the video"}
_MEDIA_FILE = re.compile(r"\.(mp3|m4a|ogg|oga|opus|wav|aac|flac|mp4|m4v|webm|mov)$", re.IGNORECASE)
_VIDEO_FILES = frozenset({"mp4", "m4v", "webm", "mov"})


def show_pictures(draft: Draft) -> None:
    """Show at the head the pictures that only the feed's fields have; a preview if there is no other."""
    offered = [(part, url) for part in draft.entry.enclosures if (url := _picture(part, draft.base))]
    if not offered or not draft.with_images:
        return
    shown = {
        picture_key(url)
        for img in draft.elements({"img"})
        for url in (*image_urls(img, draft.base), *_linked(img, draft.base))
    }
    whole = [pair for pair in offered if not pair[0].preview]
    chosen = _missing(whole, shown)
    if not whole and not shown:
        chosen = _missing(offered, shown)[:1]
    for urls, alt, preview in reversed(chosen[:_MOST_PICTURES]):
        figure = draft.new("figure")
        figure.append(new_picture(draft, urls, alt, preview=preview))
        _put_first(draft, figure)


def _picture(part: Enclosure, base: str) -> str:
    kind = part.media_type.lower()
    if not (kind.startswith("image") or part.preview or (not kind and is_image_file(part.url))):
        return ""
    url = valid_image(absolute(part.url, base))
    return "" if _AVATAR.search(url) else url


def _linked(img: Tag, base: str) -> tuple[str, ...]:
    link = img.parent if img.parent is not None and img.parent.name == "a" else None
    return (absolute(attribute(link, "href"), base),) if link is not None else ()


def _missing(
    offered: list[tuple[Enclosure, str]], shown: set[str]
) -> list[tuple[tuple[str, ...], str, bool]]:
    """Return each picture not shown yet: addresses of its sizes (widest first), words, preview or not."""
    sizes: dict[str, list[tuple[Enclosure, str]]] = {}
    for part, url in offered:
        key = picture_key(url)
        if key not in shown:
            sizes.setdefault(key, []).append((part, url))
    found = []
    for parts in sizes.values():
        parts.sort(key=lambda pair: -(pair[0].width or 0))
        words = next(
            (part.description or part.title for part, _ in parts if part.description or part.title), ""
        )
        found.append((tuple(dict.fromkeys(url for _, url in parts)), collapse(words), parts[0][0].preview))
    return found


def card_recordings(draft: Draft) -> None:
    """Put cards at the head for the recordings that come with a post: podcasts, videos of a channel."""
    page = recognise(valid_link(draft.entry.url)) if draft.entry.url else None
    is_video = page is not None and page.kind == "Video" and bool(page.thumbnail)
    if not (draft.entry.enclosures or is_video):
        return
    present = _present(draft)
    cards = []
    for part in draft.entry.enclosures:
        player = _recording(part, draft.base)
        if player is not None and canonical(player.address) not in present:
            present.add(canonical(player.address))
            cards.append(Card(player, _label(part, player, draft.title), details=_details(part)))
    if page is not None and is_video and canonical(page.address) not in present:
        previews = [part.url for part in draft.entry.enclosures if part.preview]
        pictures = tuple(filter(None, (valid_image(url) for url in (*previews[:1], page.thumbnail))))
        cards.insert(0, Card(page, _LABELS["Video"], pictures=tuple(dict.fromkeys(pictures))))
    for card in reversed(cards):
        tag = draft.new("div")
        _put_first(draft, tag)
        put_card(draft, tag, card)


def _present(draft: Draft) -> set[str]:
    """Return where the text itself leads, in canonical form."""
    links = (attribute(link, "href") for link in draft.elements({"a"}))
    return {canonical(valid_link(absolute(link, draft.base))) for link in links if link}


def _recording(part: Enclosure, base: str) -> Player | None:
    address = valid_link(absolute(part.url, base))
    if part.preview or not address.startswith(("http:", "https:")):
        return None
    kind = next((kind for start, kind in _KINDS if part.media_type.lower().startswith(start)), "")
    file = _MEDIA_FILE.search(address.partition("?")[0])
    if not kind and not part.media_type and file:
        kind = "Video" if file[1].lower() in _VIDEO_FILES else "Audio"
    return Player(kind, address) if kind else None


def _label(part: Enclosure, player: Player, title: str) -> str:
    said = collapse(part.title)
    return said if said and normal(said) != normal(title) else _LABELS[player.kind]


def _details(part: Enclosure) -> tuple[str, ...]:
    found = []
    if part.seconds:
        hours, minutes = divmod(max(1, round(part.seconds / 60)), 60)
        found.append(f"{hours} h {minutes} min" if hours else f"{minutes} min")
    if part.length and part.length >= 100_000:
        found.append(f"{part.length / 1_000_000:.1f} MB")
    return tuple(found)


def _put_first(draft: Draft, tag: Tag) -> None:
    body = draft.root.body or draft.root
    body.insert(0, tag)


def rescue_galleries(draft: Draft) -> None:
    """Write the pictures that Substack keeps as JSON in the empty division of a gallery."""
    from feed2book.article.passes.embeds import data_of

    for tag in draft.elements({"div"}):
        gallery = data_of(tag).get("gallery") if "data-attrs" in tag.attrs else None
        if (
            not isinstance(gallery, dict)
            or elements(tag, {"img"})
            or not isinstance(gallery.get("images"), list)
        ):
            continue
        for image in gallery["images"][:_MOST_PICTURES]:
            source = image.get("src") if isinstance(image, dict) else None
            if isinstance(source, str) and valid_image(source):
                figure = draft.new("figure")
                figure.append(draft.new("img", src=source, alt=collapse(str(gallery.get("alt") or ""))))
                tag.append(figure)
        caption = gallery.get("caption")
        if isinstance(caption, str) and caption and not text_of(tag).strip():
            line = draft.new("p")
            line.append(caption)
            tag.append(line)
