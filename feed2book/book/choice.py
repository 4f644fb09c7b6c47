"""Which posts go into the next issue of an edition: what is new, source by source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feed2book.book.filters import wanted
from feed2book.book.selection import Selected, newest_first
from feed2book.models import Edition, Entry, Feed, News, Sighting, Source

_FIRST_UNDATED = 5  # posts of a feed without any dates in the first issue: its window cannot be told

Sightings = Sequence[Sighting]


@dataclass(frozen=True, slots=True)
class Window:
    """Which posts of a source are of interest: those from ``since`` on. ``read``: it was read before."""

    since: datetime
    read: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The posts of the next issue, the newest of each source first.

    ``posts`` are those that were chosen (:attr:`Mark.post`), ``updated`` the addresses of sources and ids of
    entries that go again because they were changed.
    """

    selected: tuple[Selected, ...] = ()
    posts: frozenset[str] = frozenset()
    updated: frozenset[tuple[str, str]] = frozenset()


def choose(
    edition: Edition, feeds: Sequence[Feed], sighted: Sequence[Sightings], windows: Mapping[str, Window]
) -> Choice:
    """Choose the posts of the next issue.

    A new post is wanted if it fits the source's filters and is not older than the source's window, which
    begins one period before it was first asked; a changed one if the edition sends updates. A post that
    several sources hold goes into the first one that wants it. Sources of a group stand together.

    Args:
        edition: what its reader wants.
        feeds: what was read, ``source`` being the address in the edition.
        sighted: for each feed what its entries are to the edition.
        windows: by the sources' addresses.

    Raises:
        UsageError: a filter is no regular expression.
    """
    sources = {source.address: source for source in edition.sources}
    groups = dict.fromkeys(source.group or source.address for source in edition.sources)
    places = {name: place for place, name in enumerate(groups)}
    news = {News.NEW, News.CHANGED} if edition.updates == "resend" else {News.NEW}
    posts: set[str] = set()
    selected: list[Selected] = []
    updated: set[tuple[str, str]] = set()
    for feed, sightings in zip(feeds, sighted, strict=True):
        source = sources[feed.source]
        told = dict(zip((entry.id for entry in feed.entries), sightings, strict=True))
        recent = _recent(feed, told, windows[source.address])
        fresh = [
            entry for entry in recent
            if told[entry.id].news in news and told[entry.id].mark.post not in posts and wanted(entry, source)
        ][: source.limit or edition.book.limit]  # fmt: skip
        posts |= {told[entry.id].mark.post for entry in fresh}
        updated |= {(feed.source, entry.id) for entry in fresh if told[entry.id].news == News.CHANGED}
        if fresh:
            selected.append((_named(feed, source), tuple(fresh)))
    selected.sort(key=lambda one: places[sources[one[0].source].group or one[0].source])
    return Choice(tuple(selected), frozenset(posts), frozenset(updated))


def _recent(feed: Feed, told: Mapping[str, Sighting], window: Window) -> Iterator[Entry]:
    """Yield the entries that the window lets through, the newest first.

    At the first reading, a post without a date counts as published with the one before it. Later it is
    enough that it is new. What was sent once may be sent again however old it is.
    """
    dated = any(entry.date for entry in feed.entries)
    for place, (date, entry) in enumerate(newest_first(feed.entries)):
        if told[entry.id].news == News.CHANGED:
            recent = True
        elif entry.date or (dated and not window.read):
            recent = date >= window.since
        else:
            recent = window.read or place < _FIRST_UNDATED
        if recent:
            yield entry


def _named(feed: Feed, source: Source) -> Feed:
    """Return the feed as the edition calls it."""
    title = source.name or feed.title
    return replace(feed, title=f"{source.group}: {title}" if source.group else title)
