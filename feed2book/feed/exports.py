"""Exports of whole blogs: a file that holds all posts, and much else that is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from feed2book.errors import Code, FeedError
from feed2book.feed.elements import Elements
from feed2book.models import Feed, Notice, Response

_HEAD = 8_000  # bytes in which an export says what it is
_WORDPRESS = re.compile(rb"xmlns:\w+\s*=\s*[\"']http://wordpress\.org/export/\d")
_BLOGGER = re.compile(
    rb"xmlns:\w+\s*=\s*[\"']http://schemas\.google\.com/blogger/2018|"
    rb"http://schemas\.google\.com/blogger/2008/kind#(?:template|settings|post|page)"
)


def reader_of(body: bytes) -> Callable[[Response], Feed] | None:
    """Return what reads this export, or None when it is none."""
    head = body[:_HEAD]
    if _WORDPRESS.search(head):
        return _read_wordpress
    return _read_blogger if _BLOGGER.search(head) else None


def _read_wordpress(response: Response) -> Feed:
    from feed2book.feed.wordpress_export import TAGS, read

    export = Elements(response.body, TAGS)
    return _checked(read(export, response.url), export)


def _read_blogger(response: Response) -> Feed:
    from feed2book.feed.blogger_export import TAGS, read

    export = Elements(response.body, TAGS)
    return _checked(read(export, response.url), export)


def _checked(feed: Feed, export: Elements) -> Feed:
    problem = export.problem.strip()
    if not feed.entries and problem:
        raise FeedError(f"no post of this export could be read ({problem})", where=feed.url)
    if not feed.entries:
        raise FeedError("the export holds no published posts", where=feed.url, remedy="export all posts")
    if not problem:
        return feed
    message = f"the export is malformed; what could be read was kept ({problem})"
    return replace(feed, notices=(Notice(Code.FEED_MALFORMED, message, feed.url), *feed.notices))
