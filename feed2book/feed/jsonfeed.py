"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Any

from feed2book.errors import FeedError
from feed2book.feed.identity import MOST_ENTRIES, identify, too_many
from feed2book.feed.text import address, iso_moment, language, markup_of, plain
from feed2book.models import Enclosure, Entry, Feed


def parse_json_feed(text: str, url: str) -> Feed:
    """Read a JSON Feed; fields of a wrong type count as missing.

    Raises:
        FeedError: it is not JSON, or not a JSON Feed.
    """
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"this looks like JSON and is not: {error}", where=url) from error
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise FeedError("this is JSON, but not a JSON Feed", where=url)
    home = address(data.get("home_page_url"), url)
    entries, notices = identify(
        _entry(item, home or url, url, _authors(data))
        for item in data["items"][:MOST_ENTRIES]
        if isinstance(item, dict)
    )
    if len(data["items"]) > MOST_ENTRIES:
        notices = (too_many(url), *notices)
    return Feed(
        url=url,
        title=plain(data.get("title")),
        subtitle=plain(data.get("description")),
        home=home,
        language=language(data.get("language")),
        authors=_authors(data),
        icon=address(data.get("icon") or data.get("favicon"), url),
        entries=entries,
        notices=notices,
        links=(("next", following),) if (following := address(data.get("next_url"), url)) else (),
    )


def _entry(item: dict[str, Any], home: str, feed_url: str, authors: tuple[str, ...]) -> Entry:
    url = address(item.get("url"), home) or address(item.get("external_url"), home)
    identity = item.get("id")
    html, text = item.get("content_html"), item.get("content_text")
    content = (
        html if isinstance(html, str) and html.strip() else markup_of(text) if isinstance(text, str) else ""
    )
    summary = plain(item.get("summary"))
    return Entry(
        # 1.0 allowed numbers; they are to be read as strings.
        id=plain(str(identity)) if isinstance(identity, (str, int, float)) and identity != "" else "",
        url=url,
        title=plain(item.get("title")),
        authors=_authors(item) or authors,
        published=iso_moment(item.get("date_published")),
        updated=iso_moment(item.get("date_modified")),
        tags=tuple(filter(None, map(plain, _list(item.get("tags"))))),
        content=content or markup_of(summary),
        content_kind="content" if content else "summary",
        summary=summary,
        enclosures=tuple(_enclosures(item, home)),
        language=language(item.get("language")),
        base=url or home or feed_url,
        aliases=tuple(filter(None, (address(identity, home), address(item.get("external_url"), home)))),
    )


def _authors(data: dict[str, Any]) -> tuple[str, ...]:
    people = _list(data.get("authors")) or [data.get("author")]
    names = (plain(person.get("name")) for person in people if isinstance(person, dict))
    return tuple(dict.fromkeys(filter(None, names)))


def _enclosures(item: dict[str, Any], base: str) -> list[Enclosure]:
    found = []
    for attachment in _list(item.get("attachments")):
        if isinstance(attachment, dict) and (url := address(attachment.get("url"), base)):
            size = attachment.get("size_in_bytes")
            seconds = attachment.get("duration_in_seconds")
            found.append(
                Enclosure(
                    url=url,
                    media_type=plain(attachment.get("mime_type")),
                    length=size if isinstance(size, int) and size >= 0 else None,
                    title=plain(attachment.get("title")),
                    seconds=round(seconds)
                    if isinstance(seconds, (int, float)) and 0 < seconds < 1e7
                    else None,
                )
            )
    pictures = (address(item.get(name), base) for name in ("image", "banner_image"))
    return [*found, *(Enclosure(url=url, media_type="image/*") for url in pictures if url)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
