"""Previews of other pages (bookmark cards, oneboxes, embedded posts) become compact cards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from bs4.element import Tag

from feed2book.article.cards import Card, put_card
from feed2book.article.draft import Draft
from feed2book.article.players import PAGE, Player
from feed2book.article.text import collapse, count_words, lost_words, normal, shorten
from feed2book.article.tree import attached, attribute, elements, text_of, tokens
from feed2book.article.urls import absolute, valid_link
from feed2book.article.vocabulary import HEADINGS
from feed2book.models import Drop

_MOST_WORDS = 120  # a preview that says more is a text of its own, and stays as it is


@dataclass(frozen=True, slots=True)
class _Maker:
    """How one tool writes previews: the classes of the whole, title, description, and of no content."""

    box: str
    title: str = ""
    text: str = ""
    noise: frozenset[str] = frozenset()


_MAKERS = (
    _Maker(
        "kg-bookmark-card", "kg-bookmark-title", "kg-bookmark-description", frozenset({"kg-bookmark-icon"})
    ),
    _Maker("onebox", noise=frozenset({"site-icon", "source"})),
    _Maker(
        "embedded-post-wrap", "embedded-post-title", "embedded-post-body", frozenset({"embedded-post-cta"})
    ),
    _Maker("bookmark", "bookmark-title", "bookmark-description", frozenset({"bookmark-icon"})),
    _Maker("kg-file-card", "kg-file-card-title", "kg-file-card-caption", frozenset({"kg-file-card-icon"})),
    _Maker("digest-post-embed"),
    _Maker("graf--mixtapeembed", "markup--mixtapeembed-strong"),
    _Maker("wp-block-jetpack-link-preview"),
    _Maker("link-preview"),
)
_BOXES = {maker.box: maker for maker in _MAKERS}
_LINES = frozenset({"p", "a", "span", "h1", "h2", "h3", "h4"})
_PARTS = frozenset({"div", "strong", "em", "p", "h3", "h4", "header"})
_WORDPRESS = frozenset({"wp-embedded-content"})
_BARE = re.compile(r"https?://\S+")


def card_previews(draft: Draft) -> None:
    """Make cards of previews: title, description, host and link, without icons."""
    boxes: set[int] = set()
    for tag in draft.marked({"figure", "div", "aside", "article", "blockquote", "a"}):
        maker = next((_BOXES[name] for name in tokens(tag) if name in _BOXES), None)
        if tag.name == "a" and "href" not in tag.attrs:
            continue
        if maker is not None:
            if attached(tag, draft.root) and boxes.isdisjoint(map(id, tag.parents)):
                boxes.add(id(tag))
                _card(draft, tag, maker)
        elif tag.name == "blockquote" and not _WORDPRESS.isdisjoint(tokens(tag)):
            _card_wordpress(draft, tag)
        elif "wp-block-embed__wrapper" in tokens(tag):
            _card_bare(draft, tag)


def _card(draft: Draft, tag: Tag, maker: _Maker) -> None:
    links = [tag, *elements(tag, {"a"})]
    said = (attribute(link, name) for name in ("data-onebox-src", "data-url", "href") for link in links)
    found = (valid_link(absolute(value, draft.base)) for value in said if value and value[0] != "#")
    address = next((url for url in found if url.startswith(("http:", "https:"))), "")
    if not address or count_words(text_of(tag)) > _MOST_WORDS or elements(tag, {"pre", "table", "iframe"}):
        return
    pieces = _pieces(tag, maker.noise)
    title = _text_of_class(tag, maker.title) or _heading(tag) or (pieces[0] if pieces else "")
    player = Player(PAGE, address)
    known = {normal(title), normal(player.host)}
    rest = [piece for piece in dict.fromkeys(pieces) if normal(piece) not in known]
    text = _text_of_class(tag, maker.text) or max(rest, key=len, default="")
    _note_pictures(draft, tag)
    card = Card(player, title, text, tuple(piece for piece in rest if piece != text))
    _note_rest(draft, tag, card)
    put_card(draft, tag, card)


def _text_of_class(tag: Tag, name: str) -> str:
    part = next((part for part in elements(tag) if name in tokens(part)), None) if name else None
    return collapse(text_of(part)) if part is not None else ""


def _heading(tag: Tag) -> str:
    part = next(iter(elements(tag, {*HEADINGS, "strong"}) or elements(tag, {"a"})), None)
    return collapse(text_of(part)) if part is not None else ""


def _pieces(tag: Tag, noise: frozenset[str]) -> list[str]:
    """Return the texts of the innermost parts of ``tag``, in order."""
    pieces = []
    pending: list[Tag] = [tag]
    while pending:
        part = pending.pop()
        if not noise.isdisjoint(tokens(part)):
            continue
        inner = [child for child in part.contents if isinstance(child, Tag) and collapse(text_of(child))]
        if not inner or (part.name in _LINES and not any(child.name in _PARTS for child in inner)):
            pieces.append(collapse(text_of(part)))
        else:
            pending += reversed(inner)
    return [piece for piece in pieces if piece]


def _note_pictures(draft: Draft, tag: Tag) -> None:
    pictures = len(elements(tag, {"img"}))
    if pictures:
        draft.drops.append(Drop("card_previews", "icons and thumbnails of a preview", images=pictures))


def _note_rest(draft: Draft, tag: Tag, card: Card) -> None:
    """Tell the ledger of the words that a card does not say: buttons, and what it says once."""
    spoken = collapse(text_of(tag))
    words = lost_words(spoken, f"{card.label} {card.text} {card.foot}")
    if words:
        reason = "buttons and repeats of a preview"
        draft.drops.append(Drop("card_previews", reason, words, sample=shorten(spoken, 60)))


def _card_wordpress(draft: Draft, tag: Tag) -> None:
    """Make a card of WordPress's quote of another post; the frame that would show it goes."""
    link = next(iter(elements(tag, {"a"})), None)
    address = valid_link(absolute(attribute(link, "href"), draft.base)) if link is not None else ""
    if link is None or not address.startswith("http") or count_words(text_of(tag)) > _MOST_WORDS:
        return
    title = collapse(text_of(link))
    rest = collapse(text_of(tag)).removeprefix(title).strip()
    # The frame stands right behind it, or in the paragraph that WordPress put around it.
    beside = [node for node in islice(tag.next_siblings, 4) if isinstance(node, Tag)]
    for frame in [found for node in beside[:1] for found in (node, *elements(node, {"iframe"}))]:
        if frame.name == "iframe" and not _WORDPRESS.isdisjoint(tokens(frame)):
            draft.vanish(frame)
    put_card(draft, tag, Card(Player(PAGE, address), title, rest))


def _card_bare(draft: Draft, tag: Tag) -> None:
    """Make a frame of an address that WordPress could not embed when it wrote the feed."""
    text = collapse(text_of(tag))
    if _BARE.fullmatch(text) and not elements(tag):
        draft.change(tag, "iframe", "", src=text)
