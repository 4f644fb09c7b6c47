"""Lists of posts that sites keep for programs, beside their feeds.

All are JSON, and all of it is somebody else's: a field of a wrong type counts as missing. Each reader returns
a feed whose link ``next`` is the list's next page, where the list says so itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

from feed2book.errors import FeedError
from feed2book.feed.addresses import header_link, number_in, with_query
from feed2book.feed.decode import decode
from feed2book.feed.identity import identify
from feed2book.feed.text import address, iso_moment, markup_of, plain, told
from feed2book.models import Enclosure, Entry, Feed, Response

_SCRIPT = re.compile(r"<script\b[^<>]*>", re.IGNORECASE)
_TUMBLR_FIELDS = (
    "regular-body", "photo-caption", "quote-source", "link-description", "video-player", "video-caption",
    "audio-player", "audio-caption", "answer",
)  # fmt: skip
_TAG = re.compile(r"<[^<>]*>")
_GHOST_PAGE = 100  # posts: Ghost gives no more at once


def read_wordpress(response: Response) -> Feed:
    """Read posts of WordPress's REST API (https://developer.wordpress.org/rest-api/reference/posts/).

    Raises:
        FeedError: it is not such a list.
    """
    pages, page = response.header("x-wp-totalpages"), number_in(response.requested, "page", 1)
    if pages.isascii() and pages.isdigit():
        following = with_query(response.requested, page=page + 1) if page < int(pages[:9]) else ""
    else:
        following = header_link(response, "next")
    return _feed(response, map(_wordpress_post, _posts(_json(response), response)), following)


def _wordpress_post(post: dict[str, Any]) -> Entry:
    guid, embedded = unescape(_text(post.get("guid"), "rendered")), _dict(post.get("_embedded"))
    url, summary = address(post.get("link")), _text(post.get("excerpt"), "rendered")
    terms = [term for group in _list(embedded.get("wp:term")) for term in _rows(group)]
    return Entry(
        id=plain(guid),
        url=url,
        title=plain(_text(post.get("title"), "rendered"), markup=True),
        authors=_names(_rows(embedded.get("author"))),
        published=iso_moment(post.get("date_gmt")),
        updated=iso_moment(post.get("modified_gmt")),
        tags=_names(terms),
        **_said(_text(post.get("content"), "rendered"), summary),
        enclosures=tuple(_pictures(_rows(embedded.get("wp:featuredmedia")), url)),
        base=url,
        aliases=tuple(filter(None, (address(guid),))),
    )


def _pictures(media: Iterable[dict[str, Any]], base: str) -> Iterator[Enclosure]:
    for one in media:
        if url := address(one.get("source_url"), base):
            kind = plain(one.get("mime_type")) or "image/*"
            yield Enclosure(url, kind, description=plain(one.get("alt_text"), markup=True))


def read_ghost(response: Response) -> Feed:
    """Read posts of Ghost's content API, or the page of the site that says how it is asked.

    The page hands a key to all its visitors, which opens what is public anyway
    (https://ghost.org/docs/content-api/).

    Raises:
        FeedError: it is neither.
    """
    text = decode(response)
    if text.lstrip()[:1] != "{":
        return _feed(response, (), _ghost_api(text, response))
    data = _dict(_json(response))
    page = _dict(_dict(data.get("meta")).get("pagination")).get("next")
    following = with_query(response.requested, page=page) if isinstance(page, int) else ""
    return _feed(response, map(_ghost_post, _posts(data.get("posts"), response)), following)


def _ghost_api(page: str, response: Response) -> str:
    script = next((tag for tag in _SCRIPT.findall(page) if "data-ghost=" in tag), "")
    said = dict(re.findall(r'\bdata-(key|api)="([^"<>]{1,500})"', script))
    site = address("/ghost/api/content/", response.url)
    place = address(unescape(said.get("api", "")), response.url) or site
    key = said.get("key", "")
    # Only the site itself is asked: an address in a page is anybody's.
    if not re.fullmatch(r"[0-9a-f]{16,64}", key) or urlsplit(place).netloc != urlsplit(site).netloc:
        raise FeedError("the site names no key of its content API", where=response.url)
    url = f"{place.rstrip('/')}/posts/"
    return with_query(url, key=key, limit=_GHOST_PAGE, include="authors,tags", page=1)


def _ghost_post(post: dict[str, Any]) -> Entry:
    url, excerpt = address(post.get("url")), _string(post.get("custom_excerpt") or post.get("excerpt"))
    return Entry(
        id=plain(post.get("id")),
        url=url,
        title=plain(post.get("title")),
        authors=_names(_rows(post.get("authors"))),
        published=iso_moment(post.get("published_at")),
        updated=iso_moment(post.get("updated_at")),
        tags=_names(_rows(post.get("tags"))),
        **_said(post.get("html"), markup_of(excerpt)),
        enclosures=_picture(post.get("feature_image"), url, post.get("feature_image_alt")),
        base=url,
    )


def read_substack(response: Response) -> Feed:
    """Read Substack's archive: what each post is, without its text as a rule.

    Raises:
        FeedError: it is not such a list.
    """
    return _feed(response, map(_substack_post, _posts(_json(response), response)))


def _substack_post(post: dict[str, Any]) -> Entry:
    url, words = address(post.get("canonical_url")), _string(post.get("subtitle") or post.get("description"))
    return Entry(
        id=url,
        url=url,
        title=plain(post.get("title")),
        authors=_names(_rows(post.get("publishedBylines"))),
        published=iso_moment(post.get("post_date")),
        tags=_names(_rows(post.get("postTags"))),
        **_said(post.get("body_html"), markup_of(words)),
        enclosures=_picture(post.get("cover_image"), url),
        base=url,
    )


def read_squarespace(response: Response) -> Feed:
    """Read a page of Squarespace as data (https://developers.squarespace.com/what-is-json).

    Raises:
        FeedError: it is not such a page.
    """
    data = _dict(_json(response))
    offset = _dict(data.get("pagination")).get("nextPageOffset")
    following = with_query(response.requested, offset=offset) if isinstance(offset, int) else ""
    posts = _posts(data.get("items"), response)
    return _feed(response, (_squarespace_post(post, response.url) for post in posts), following)


def _squarespace_post(post: dict[str, Any], site: str) -> Entry:
    url, summary = address(post.get("fullUrl"), site), _string(post.get("excerpt"))
    author = plain(_dict(post.get("author")).get("displayName"))
    words = [*_list(post.get("tags")), *_list(post.get("categories"))]
    return Entry(
        id=plain(post.get("id")),
        url=url,
        title=plain(post.get("title"), markup=True),
        authors=(author,) if author else (),
        published=_moment(post.get("publishOn"), 1000),
        updated=_moment(post.get("updatedOn"), 1000),
        tags=tuple(dict.fromkeys(filter(None, map(plain, words)))),
        **_said(post.get("body"), summary),
        enclosures=_picture(post.get("assetUrl"), url),
        base=url,
    )


def read_tumblr(response: Response) -> Feed:
    """Read posts of Tumblr's first API (https://www.tumblr.com/docs/en/api/v1), which asks for no key.

    Raises:
        FeedError: it is not such a list.
    """
    body = decode(response)
    data = _dict(_loaded(body[body.find("{") : body.rfind("}") + 1], response))
    start, posts = number_in(response.requested, "start", 0), _posts(data.get("posts"), response)
    total = data.get("posts-total")
    more = posts and isinstance(total, int) and start + len(posts) < total
    following = with_query(response.requested, start=start + len(posts)) if more else ""
    return _feed(response, map(_tumblr_post, posts), following)


def _tumblr_post(post: dict[str, Any]) -> Entry:
    url = address(post.get("url-with-slug")) or address(post.get("url"))
    heading = post.get("regular-title") or post.get("link-text") or post.get("conversation-title")
    return Entry(
        id=address(post.get("url")),
        url=url,
        title=plain(heading, markup=True),
        published=_moment(post.get("unix-timestamp"), 1),
        tags=tuple(dict.fromkeys(filter(None, map(plain, _list(post.get("tags")))))),
        content="".join(_tumblr_body(post)),
        base=url,
    )


def _tumblr_body(post: dict[str, Any]) -> Iterator[str]:
    """Yield what a post says; each of its eight types has fields of its own."""
    for photo in _rows(post.get("photos")) or [post]:
        if url := address(photo.get("photo-url-1280")):
            yield f'<p><img src="{escape(url)}" alt=""></p>'
    for name in ("quote-text", "question"):
        if said := _string(post.get(name)):
            yield f"<blockquote>{said}</blockquote>"
    if link := address(post.get("link-url")):
        words = plain(post.get("link-text"), markup=True) or link
        yield f'<p><a href="{escape(link)}">{escape(words)}</a></p>'
    yield markup_of(_string(post.get("conversation-text")))
    for name in _TUMBLR_FIELDS:
        yield _string(post.get(name))


def _feed(response: Response, posts: Iterable[Entry], following: str = "") -> Feed:
    entries, notices = identify(posts)
    links = (("next", following),) if following else ()
    return Feed(response.url, entries=entries, notices=notices, links=links)


def _json(response: Response) -> Any:
    return _loaded(decode(response), response)


def _loaded(text: str, response: Response) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise FeedError("this is not JSON, and a list of posts was expected", where=response.url) from error


def _posts(value: object, response: Response) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise FeedError("this is JSON, but no list of posts", where=response.url)
    return _rows(value)


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in _list(value) if isinstance(row, dict)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text(value: object, name: str) -> str:
    return _string(_dict(value).get(name))


def _names(rows: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    names = (plain(row.get("name"), markup=True) for row in rows)
    return tuple(dict.fromkeys(filter(None, names)))


def _said(content: object, summary: str) -> dict[str, Any]:
    """Return the fields of an entry for its content, or else its summary, both HTML."""
    whole = _string(content)
    return {
        "content": whole or summary,
        "content_kind": "content" if whole else "summary",
        "summary": plain(unescape(_TAG.sub(" ", summary))),
    }


def _picture(value: object, base: str, words: object = "") -> tuple[Enclosure, ...]:
    url = address(value, base)
    return (Enclosure(url, "image/*", description=plain(words)),) if url else ()


def _moment(value: object, unit: int) -> datetime | None:
    """Read a time in seconds (``unit`` 1) or milliseconds (1000) since 1970."""
    try:
        return told(datetime.fromtimestamp(value / unit, UTC)) if isinstance(value, (int, float)) else None
    except (ValueError, OverflowError, OSError):
        return None
