"""Ids and links: what a link inside the book leads to, and the ids that it needs."""

from __future__ import annotations

from urllib.parse import unquote

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.ids import slug, xml_id
from feed2book.article.tree import ancestor, attribute, elements, text_of
from feed2book.article.urls import absolute, valid_link
from feed2book.article.vocabulary import HEADINGS
from feed2book.models import token


def name_ids(draft: Draft) -> None:
    """Make the author's ids XML names, each only once, and give every heading one.

    ``draft.fragments`` then says which id each id of the source has become.
    """
    taken: dict[str, int] = {}
    headings = []
    for tag in draft.elements():
        given = attribute(tag, "id") or (attribute(tag, "name") if tag.name in {"a", "img"} else "")
        tag.attrs.pop("id", None)
        if given and given not in draft.fragments:
            tag.attrs["id"] = draft.fragments[given] = _free(xml_id(given), taken)
        if tag.name in HEADINGS:
            headings.append(tag)
    for number, heading in enumerate(headings, 1):
        if "id" not in heading.attrs:
            inner = next((tag for tag in elements(heading, {"a", "span"}) if "id" in tag.attrs), None)
            own = inner.attrs.pop("id") if inner is not None else None
            heading.attrs["id"] = own or _free(slug(text_of(heading)) or f"section-{number}", taken)


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
        if href and not _to_own_heading(link, href, draft.key):
            link.attrs["href"] = href
        else:
            del link.attrs["href"]


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
    names = (fragment, unquote(fragment), f"user-content-{fragment}")
    ident = next((draft.fragments[name] for name in names if name in draft.fragments), "")
    if not ident:
        return ""
    draft.linked.add(ident)
    return token("post", f"{draft.key}#{ident}")


def _to_own_heading(link: Tag, href: str, key: str) -> bool:
    """Say whether a heading links to itself: such a link leads nowhere."""
    inner = elements(link, HEADINGS)
    heading = inner[0] if inner else ancestor(link, HEADINGS)
    return heading is not None and href == token("post", f"{key}#{attribute(heading, 'id')}")
