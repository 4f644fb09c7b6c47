"""A card: what stands for something that a book cannot hold. Title, a few words, kind and host, the link."""

from __future__ import annotations

from dataclasses import dataclass

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.players import PAGE, Player
from feed2book.article.text import collapse, normal, shorten
from feed2book.article.tree import ancestor, elements

_LONGEST_TITLE = 160  # characters


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says. ``details`` stand before the host; ``pictures`` are addresses, best first."""

    player: Player
    title: str = ""
    text: str = ""
    details: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The words of the link."""
        return shorten(collapse(self.title), _LONGEST_TITLE) or f"{self.player.kind} on {self.player.host}"

    @property
    def foot(self) -> str:
        """The line below: kind, details, host."""
        kind = "" if self.player.kind == PAGE else self.player.kind
        said = {normal(self.label), normal(self.text)}
        parts = [
            part for part in (kind, *self.details, self.player.host) if part and normal(part) not in said
        ]
        return " · ".join(parts) if self.title else " · ".join(self.details)


def put_card(draft: Draft, tag: Tag, card: Card) -> None:
    """Make ``tag`` the card. A figure around it that holds no caption is then no figure."""
    figure = ancestor(tag, {"figure"})
    if figure is not None and not elements(figure, {"figcaption"}):
        draft.rename(figure, "div")
    draft.change(tag, "aside", "", **{"class": "embed"})
    if card.pictures:
        frame = draft.new("figure")
        frame.append(new_picture(draft, card.pictures, preview=True))
        tag.append(frame)
    lines = draft.new("p")
    link = draft.new("a", href=card.player.address)
    strong = draft.new("strong")
    strong.append(card.label)
    link.append(strong)
    lines.append(link)
    if card.text:
        lines.extend([draft.new("br"), card.text])
    if card.foot:
        small = draft.new("small")
        small.append(card.foot)
        lines.extend([draft.new("br"), small])
    tag.append(lines)


def new_picture(draft: Draft, urls: tuple[str, ...], alt: str = "", *, preview: bool) -> Tag:
    """Return an image that the feed had in another form; a ``preview`` may be missing without a word."""
    # the attributes in the order in which sources.py trusts them
    places = dict(zip(("data-src", "data-original", "src"), urls, strict=False))
    img = draft.new("img", alt=alt, **places)
    if preview:
        draft.previews.add(id(img))
    return img
