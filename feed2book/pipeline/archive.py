"""Read the older posts of a source: page after page, as far back as they are wanted, each post once.

Which pages, and in which order, is decided in :mod:`feed2book.pipeline.walk`; where they are, by the ways of
:mod:`feed2book.feed.paging`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from feed2book.errors import Code, FeedError
from feed2book.models import BookOptions, Entry, Feed, Notice, Response
from feed2book.pipeline.walk import Walk
from feed2book.store import Shelf

if TYPE_CHECKING:
    from feed2book.feed import Strategy
    from feed2book.fetch.crawls import Crawl

_REMEDY = "leave --archive out, or name another way"


def with_archive(
    feed: Feed,
    response: Response,
    archive: str,
    wanted: BookOptions,
    crawl: Callable[[Strategy], Crawl],
    known: Shelf[Entry],
    *,
    ask: bool,
) -> Feed:
    """Return a feed with its older posts, as far back as they are wanted.

    Args:
        feed: what it shows.
        response: what brought it.
        archive: how its older posts are got at (:attr:`Reach.archive`).
        wanted: which posts: their number, the range of their dates.
        crawl: returns the record of what was read one way.
        known: entries that were read before.
        ask: whether pages are asked for that are not recorded.

    Raises:
        Feed2BookError: the way that the user named leads nowhere.
    """
    from feed2book.feed import strategies, why_unknown

    from_web = response.requested.startswith(("http://", "https://"))
    if not archive or not from_web or response.partial or _reaches(feed.entries, wanted):
        return feed
    walks: list[Walk] = []
    for way in strategies(archive, feed, response):
        if way.listed and not all(walk.problem for walk in walks):
            break  # another way has shown that there are no more posts
        walks.append(Walk(way, feed, response, crawl(way), wanted, known))
        walks[-1].go(ask=ask)
        if len(walks[-1]) > len(feed.entries):
            break
        if way.listed and archive == "auto":
            walks.pop()  # any site might have had such a list
    if not walks:
        unknown = Notice(Code.ARCHIVE_UNKNOWN, why_unknown(feed), response.requested)
        return replace(feed, notices=(*feed.notices, unknown))
    best = max(walks, key=len)
    if best.problem and archive != "auto" and len(best) <= len(feed.entries):
        message = f"older posts cannot be had by {best.way.label}: {best.problem.message}"
        raise FeedError(message, where=best.problem.where, remedy=_REMEDY)
    message = f"{_counted(len(best), 'post')} by {best.way.label}, {_counted(best.pages, 'page')}"
    notices = [*feed.notices, Notice(Code.ARCHIVE_READ, message, response.requested)]
    if best.problem:
        message = f"older posts are missing: {best.problem.message}"
        notices.append(Notice(Code.ARCHIVE_INCOMPLETE, message, best.problem.where))
    return replace(feed, entries=best.entries(), notices=tuple(notices))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _reaches(entries: Sequence[Entry], wanted: BookOptions) -> bool:
    """Whether a feed shows all that is wanted of it; feeds list the newest posts first."""
    from feed2book.book import in_range

    if wanted.limit is not None and sum(in_range(entry, wanted) for entry in entries) >= wanted.limit:
        return True
    last = entries[-1].date
    return wanted.since is not None and last is not None and last < wanted.since
