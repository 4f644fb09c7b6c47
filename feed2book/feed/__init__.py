"""Bytes → Feed: RSS 0.9x, 1.0 and 2.0, RDF, Atom 0.3 and 1.0, CDF, JSON Feed, exports; OPML → sources.

Pure: no network, no clock.
"""

from __future__ import annotations

import re
from dataclasses import replace

from feed2book.errors import EmptyFeedError, FeedError
from feed2book.feed.decode import decode
from feed2book.feed.discover import Candidate, common_places, find_feeds, looks_like_page, several
from feed2book.feed.opml import parse_opml, write_opml
from feed2book.feed.pace import suggested
from feed2book.feed.paging import STRATEGIES, Strategy, strategies, why_unknown
from feed2book.feed.posts import Posts
from feed2book.feed.profiles import channel_feeds, profile_feeds
from feed2book.feed.recognise import sight
from feed2book.feed.saved import parse_saved
from feed2book.feed.wayback import archived_copy
from feed2book.models import Each, Entry, Feed, Response, Shelf

__all__ = [
    "STRATEGIES",
    "Candidate",
    "Posts",
    "Strategy",
    "archived_copy",
    "channel_feeds",
    "common_places",
    "find_feeds",
    "looks_like_page",
    "parse_feed",
    "parse_opml",
    "parse_saved",
    "profile_feeds",
    "several",
    "sight",
    "strategies",
    "whole_entries",
    "why_unknown",
    "write_opml",
]

_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>")


def parse_feed(response: Response, known: Shelf[Entry] | None = None, each: Each | None = None) -> Feed:
    """Read a feed of any kind, or an export of a blog, saving what can be saved of a damaged one.

    Args:
        response: the feed's bytes, with its address and its ``content-type`` header.
        known: entries that were read before; new ones are put there.
        each: spreads the others over processes.

    Returns:
        The feed, with at least one entry. What was damaged is told in ``Feed.notices``.

    Raises:
        FeedError: it is not a feed, or a feed without entries; the message says which and why.
    """
    from feed2book.feed.exports import reader_of

    if read_export := reader_of(response.body):
        return read_export(response)
    text = decode(response)
    head = text[:2000].lstrip().lower()
    if not head:
        raise FeedError("the answer is empty", where=response.url)
    if head[0] in "{[":
        from feed2book.feed.jsonfeed import parse_json_feed

        feed = parse_json_feed(text, response.url)
    elif "<opml" in head:
        raise FeedError(
            "this is an OPML list of feeds, not a feed",
            where=response.url,
            remedy="save it to a file and name that, or add its feeds to an edition: feed2book opml import",
        )
    else:
        from feed2book.feed.xmlfeed import parse_xml_feed

        feed = parse_xml_feed(text, response.url, known, each)
    if not feed.entries:
        remedy = "if the site shows posts, its feed may have another address now"
        raise EmptyFeedError("the feed holds no posts", where=response.url, remedy=remedy)
    return feed if feed.pace.said else replace(feed, pace=suggested(response, feed.entries))


def whole_entries(response: Response) -> Response:
    """Return a feed that broke off without what came of its last entry; any other as it is.

    Raises:
        FeedError: not one entry is whole.
    """
    if not response.partial:
        return response
    end = max((match.end() for match in _END.finditer(response.body)), default=0)
    if not end:
        raise FeedError("it broke off before the end of its first post", where=response.url)
    return replace(response, body=response.body[:end])
