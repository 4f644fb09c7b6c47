"""Which posts of which feeds go into the book, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from feed2book.errors import Code
from feed2book.models import BookOptions, Entry, Feed, Notice

Selected = tuple[Feed, tuple[Entry, ...]]

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class _Dated(Protocol):
    @property
    def date(self) -> datetime | None: ...


D = TypeVar("D", bound=_Dated)


def select(feeds: Sequence[Feed], options: BookOptions) -> tuple[tuple[Selected, ...], tuple[Notice, ...]]:
    """Choose the entries of each feed.

    ``limit`` takes the newest posts of each feed. A post that two feeds hold goes into the first one.
    With ``since`` or ``until`` a post without a date is left out, with a notice.

    Returns:
        The feeds that have posts, each with its entries, the newest first; and notices.
    """
    notices: list[Notice] = []
    seen: set[str] = set()
    chosen: list[Selected] = []
    for feed in feeds:
        entries = [entry for _, entry in newest_first(_without_copies(feed.entries, seen, notices))]
        notices += _without_date(entries, options)
        entries = [entry for entry in entries if in_range(entry, options)][: options.limit]
        if entries:
            chosen.append((feed, tuple(entries)))
    return tuple(chosen), tuple(notices)


def _without_date(entries: Sequence[Entry], options: BookOptions) -> list[Notice]:
    message = "this post has no date, and a range of dates was asked for: left out"
    return [
        Notice(Code.ENTRY_UNDATED, message, entry.title or entry.url)
        for entry in entries
        if entry.date is None and not in_range(entry, options)
    ]


def in_reading_order(posts: Sequence[D], order: str) -> tuple[D, ...]:
    """Return the posts of a feed, given the newest first as far as that was known, in the ``order`` wanted.

    Their pages may have told the dates meanwhile.
    """
    ordered = [post for _, post in newest_first(posts)]
    return tuple(reversed(ordered) if order == "oldest" else ordered)


def _without_copies(entries: Sequence[Entry], seen: set[str], notices: list[Notice]) -> list[Entry]:
    """Leave out posts that an earlier feed holds (the same permalink)."""
    kept = []
    for entry in entries:
        if entry.url and entry.url in seen:
            message = "another feed of this book holds the same post; it stands there"
            notices.append(Notice(Code.ENTRY_DUPLICATE, message, entry.title or entry.url))
        else:
            kept.append(entry)
    seen.update(entry.url for entry in entries if entry.url)
    return kept


def newest_first(posts: Sequence[D]) -> list[tuple[datetime, D]]:
    """Sort by date, and return the dates too.

    A post without one has that of the post before it, and stays there: feeds list the newest first.
    """
    dated: list[tuple[datetime, D]] = []
    current = max((post.date for post in posts if post.date), default=_LONG_AGO)
    for post in posts:
        current = post.date or current
        dated.append((current, post))
    return sorted(dated, key=lambda pair: pair[0], reverse=True)


def in_range(entry: Entry, options: BookOptions) -> bool:
    """Whether a post lies in the range of dates that is asked for; one without a date lies in none."""
    if options.since is None and options.until is None:
        return True
    if entry.date is None:
        return False
    after = options.since is None or entry.date >= options.since
    return after and (options.until is None or entry.date < options.until)


def is_open(entry: Entry, options: BookOptions) -> bool:
    """Whether only its page can tell if a post lies in the range of dates that is asked for."""
    if entry.is_dated or (options.since is None and options.until is None):
        return False
    return options.since is None or entry.updated is None or entry.updated >= options.since
