"""Ids and links: what a link inside the book leads to, and the ids that it needs."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from urllib.parse import unquote

from bs4.element import PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.ids import slug, xml_id
from feed2book.article.text import normal
from feed2book.article.tree import ancestor, attribute, elements, text_of
from feed2book.article.urls import absolute, valid_link
from feed2book.article.vocabulary import HEADINGS
from feed2book.models import token

_TO_TOP = re.compile(
    r"[\W_]*(?:(?:back|return|go|jump)? ?(?:to )?(?:the )?(?:top|table of contents|contents)|zurück nach oben"
    r"|nach oben|haut de page|retour en haut|volver arriba|наверх|トップへ戻る)?(?: of (?:the )?page)?[\W_]*",
    re.IGNORECASE,
)


def own_fragments(draft: Draft, ids: Container[str] | None = None) -> Iterator[tuple[Tag, str]]:
    """Yield the links to places of this article, each with the id that it names.

    Args:
        draft: the article.
        ids: which ids there are; without, links to places that are not there count too.
    """
    for link in draft.elements({"a"}):
        href = attribute(link, "href").strip()
        if "#" in href and href not in draft.own:  # several passes ask
            draft.own[href] = _own_fragment(draft, href)
        if fragment := draft.own.get(href, ""):
            names = _spellings(fragment)
            found = next((name for name in names if ids is not None and name in ids), "")
            if found or ids is None:
                yield link, found or fragment


def _own_fragment(draft: Draft, href: str) -> str:
    if href.startswith("#"):
        return href[1:]
    address = valid_link(absolute(href, draft.base))
    return address.partition("#")[2] if address and draft.addresses.find(address) == draft.key else ""


def _spellings(fragment: str) -> tuple[str, ...]:
    return fragment, unquote(fragment), f"user-content-{fragment}"


def drop_ways_up(draft: Draft) -> None:
    """Take out "back to top" links: a book has its own ways."""
    for link in draft.elements({"a"}):
        href = attribute(link, "href").strip()
        if href.startswith("#") and elements(link, {"img"}) == []:
            text = text_of(link).strip()
            if text and _TO_TOP.fullmatch(text) and (normal(text) or href[1:].lower() in {"", "top", "page"}):
                draft.drop_junk("drop_ways_up", "leads to the top", link)


def name_ids(draft: Draft) -> None:
    """Make the author's ids XML names, each only once, and give every heading one.

    ``draft.fragments`` then says which id each id of the source has become.
    """
    taken: dict[str, int] = {}
    for tag in draft.marked():
        given = attribute(tag, "id") or (attribute(tag, "name") if tag.name in {"a", "img"} else "")
        tag.attrs.pop("id", None)
        if given and given not in draft.fragments:
            tag.attrs["id"] = draft.fragments[given] = _free(xml_id(given), taken)
    for number, heading in enumerate(draft.elements(HEADINGS), 1):
        if "id" not in heading.attrs:
            inner = next((tag for tag in elements(heading, {"a", "span"}) if _lends_id(tag)), None)
            own = inner.attrs.pop("id") if inner is not None else None
            heading.attrs["id"] = own or _free(slug(_words(heading)) or f"section-{number}", taken)


def _words(heading: Tag) -> str:
    """Return the text of a heading without references to notes."""
    return "".join(text_of(node) for node in heading.contents if not _refers(node))


def _refers(node: PageElement) -> bool:
    return isinstance(node, Tag) and any(
        attribute(tag, "class") == "noteref" for tag in elements(node, {"a"})
    )


def _lends_id(tag: Tag) -> bool:
    return "id" in tag.attrs and attribute(tag, "class") != "noteref"  # which needs its own


def _free(name: str, taken: dict[str, int]) -> str:
    """Return ``name``, or ``name-2`` and so on; ``taken`` remembers the last number of each."""
    free = name
    while free in taken:
        taken[name] += 1
        free = f"{name}-{taken[name]}"
    taken[free] = 1
    return free


def resolve_links(draft: Draft) -> None:
    """Point links into the book where they lead into it, and make the others absolute and valid.

    A link to nothing (a fragment that is not there, a scheme that no book can follow) loses its
    ``href``; its text stays.
    """
    for link in draft.elements({"a"}):
        if "href" not in link.attrs:
            continue
        href = _resolved(draft, attribute(link, "href").strip())
        if href == token("post", draft.key) and _on_card(link):
            href = valid_link(
                absolute(attribute(link, "href"), draft.base)
            )  # the video whose page this post is
        if href and not _to_own_heading(link, href, draft.key):
            link.attrs["href"] = href
        else:
            del link.attrs["href"]


def _on_card(link: Tag) -> bool:
    aside = ancestor(link, {"aside"})
    return aside is not None and attribute(aside, "class") == "embed"


def _resolved(draft: Draft, href: str) -> str:
    if href.startswith("#"):
        return _own(draft, href[1:])
    address = valid_link(absolute(href, draft.base))
    key = draft.addresses.find(address) if address else None
    if key is None:
        return address
    fragment = "" if draft.addresses.is_permalink(address) else address.partition("#")[2]
    if key == draft.key and fragment:
        return _own(draft, fragment)
    return token("post", f"{key}#{xml_id(unquote(fragment))}" if fragment else key)


def _own(draft: Draft, fragment: str) -> str:
    """Return the link to a fragment of this article, or ``""`` when there is none."""
    names = _spellings(fragment)
    ident = next((draft.fragments[name] for name in names if name in draft.fragments), "")
    if not ident:
        return ""
    draft.linked.add(ident)
    return token("post", f"{draft.key}#{ident}")


def _to_own_heading(link: Tag, href: str, key: str) -> bool:
    """Say whether a heading links to itself: such a link leads nowhere."""
    if not href.startswith(token("post", f"{key}#")[:-1]):  # it leads to another post
        return False
    inner = elements(link, HEADINGS)
    heading = inner[0] if inner else ancestor(link, HEADINGS)
    return heading is not None and href == token("post", f"{key}#{attribute(heading, 'id')}")
