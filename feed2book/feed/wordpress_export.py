"""WordPress's export (WXR: Tools → Export): an RSS file with the blog as its database has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed2book.feed.elements import Elements, text_in
from feed2book.feed.identity import identify
from feed2book.feed.text import address, count, iso_moment, language, plain, rfc822_moment
from feed2book.feed.wordpress_text import Attachment, Attachments, post_markup
from feed2book.models import Enclosure, Entry, Feed

if TYPE_CHECKING:
    from lxml.etree import _Element

TAGS = ("item", "{*}author")
_WP = re.compile(r"\{http://wordpress\.org/export/[\d.]+/(excerpt/)?\}(\w+)")
_BODY = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_LABELS = ("category", "post_tag")  # other domains are menus, formats, languages


@dataclass(slots=True)
class _Item:
    """What an ``item`` says, by name: RSS's own names, WordPress's with ``wp:``, ``excerpt``."""

    said: dict[str, str] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)


def read(export: Elements, url: str) -> Feed:
    """Return the published posts of a WordPress export.

    Pages, attachments, menus and revisions stay out, and so do drafts and what is private or has a password.
    The words of posts become what WordPress would show: paragraphs, and players and figures for shortcodes.

    Args:
        export: has the items and authors.
        url: where it came from.
    """
    names: dict[str, str] = {}
    attachments = Attachments()
    posts: list[_Item] = []
    for element in export:
        if element.tag != "item":
            _name(element, names)
            continue
        item = _item(element)
        if item.said.get("wp:post_type") == "attachment":
            attachments.add(item.said.get("wp:post_id", ""), _attachment(item))
        elif _is_published(item.said):
            posts.append(item)
    kept, notices = identify(_entries(posts, names, attachments))
    channel = export.root.find("channel") if export.root is not None else None
    return Feed(
        url=url,
        title=plain(_of(channel, "title"), markup=True),
        subtitle=plain(_of(channel, "description"), markup=True),
        home=address(_of(channel, "link")),
        language=language(_of(channel, "language")),
        icon=address(_of(channel, "image/url")),
        entries=kept,
        notices=notices,
    )


def _of(channel: _Element | None, path: str) -> str:
    return "" if channel is None else text_in(channel.find(path)).strip()


def _name(author: _Element, names: dict[str, str]) -> None:
    """Note what an author is called, by the name that he signs in with."""
    login = text_in(author.find("{*}author_login"))
    names[login] = plain(text_in(author.find("{*}author_display_name"))) or login


def _item(element: _Element) -> _Item:
    item = _Item()
    for child in element.iterchildren("*"):
        match = _WP.fullmatch(str(child.tag))
        if match and match[2] == "postmeta":
            item.meta[text_in(child.find("{*}meta_key"))] = text_in(child.find("{*}meta_value"))
        elif child.tag == "category":
            if child.get("domain", "category") in _LABELS:
                item.labels.append(text_in(child))
        elif match:
            item.said["excerpt" if match[1] else f"wp:{match[2]}"] = text_in(child)
        else:
            item.said[str(child.tag)] = text_in(child)
    return item


def _is_published(said: dict[str, str]) -> bool:
    return (said.get("wp:post_type"), said.get("wp:status"), said.get("wp:post_password", "")) == (
        "post",
        "publish",
        "",
    )


def _attachment(item: _Item) -> Attachment:
    said = item.said
    return Attachment(
        url=address(said.get("wp:attachment_url")),
        post=said.get("wp:post_parent", ""),
        words=plain(item.meta.get("_wp_attachment_image_alt")),
        caption=said.get("excerpt", ""),
    )


def _entries(posts: list[_Item], names: dict[str, str], attachments: Attachments) -> Iterator[Entry]:
    posts.reverse()
    while posts:  # each post is let go when it has become an entry
        yield _entry(posts.pop(), names, attachments)


def _entry(item: _Item, names: dict[str, str], attachments: Attachments) -> Entry:
    said, number = item.said, item.said.get("wp:post_id", "")
    url = address(said.get("link"))
    author = said.get(_CREATOR, "").strip()
    return Entry(
        id=plain(said.get("guid")),
        url=url,
        title=plain(said.get("title"), markup=True),
        authors=tuple(filter(None, (names.get(author) or plain(author),))),
        published=iso_moment(said.get("wp:post_date_gmt")) or rfc822_moment(said.get("pubDate", "")),
        updated=iso_moment(said.get("wp:post_modified_gmt")),
        tags=tuple(dict.fromkeys(filter(None, (plain(label, markup=True) for label in item.labels)))),
        content=post_markup(said.get(_BODY, ""), number, attachments),
        summary=plain(said.get("excerpt"), markup=True),
        enclosures=tuple(_enclosures(item, attachments)),
        base=url,
        aliases=tuple(filter(None, (address(said.get("guid")),))),
    )


def _enclosures(item: _Item, attachments: Attachments) -> Iterator[Enclosure]:
    """Yield the picture that stands for a post, and the recording that its feed would have."""
    picture = attachments.numbered.get(item.meta.get("_thumbnail_id", ""))
    if picture and picture.url:
        yield Enclosure(picture.url, "image/*", description=picture.words)
    # Address, length and type, a line each.
    link, length, kind, *_ = [*item.meta.get("enclosure", "").splitlines(), "", "", ""]
    if url := address(link):
        yield Enclosure(url, plain(kind), count(length))
