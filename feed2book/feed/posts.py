"""The posts of many pages of one source, each once, whatever the pages repeat, push on or spell anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from feed2book.feed.identity import identify
from feed2book.feed.recognise import Agreed, Pool, marks_of, recognise
from feed2book.models import Entry, Feed, Mark

_WORTH = {"summary": 0, "page": 1, "content": 2}


class Posts:
    """Posts in the order in which they were met.

    Args:
        feed: the source: its address and its home.

    Attributes:
        pages: for each post the numbers of the pages that say it best.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._pool = Pool(())
        self._entries: list[Entry] = []
        self.pages: list[set[int]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: int) -> Entry:
        return self._entries[place]

    def add(self, page: int, entries: tuple[Entry, ...]) -> tuple[int, ...]:
        """Take in a page that was read after all others.

        Args:
            page: its number.
            entries: what it says.

        Returns:
            For each of its entries the place of its post: that of a known one, or the next that is free.
        """
        marks = marks_of(replace(self._feed, entries=entries))
        known = recognise(marks, self._pool, _suffices)
        places = []
        for entry, mark, one in zip(entries, marks, known, strict=True):
            if one is None:
                places.append(len(self._entries))
                self._pool.add((mark,))
                self._entries.append(entry)
                self.pages.append({page})
                continue
            places.append(one)
            if entry == self._entries[one]:
                self.pages[one].add(page)
            elif _is_better(entry, self._entries[one]):
                self._entries[one], self.pages[one] = entry, {page}
        return tuple(places)

    def named(self, places: Iterable[int]) -> tuple[Entry, ...]:
        """Return the posts at these places, each with an id that no other of them has."""
        entries = (self._entries[place] for place in places)
        return identify(replace(entry, id=entry.guid) for entry in entries)[0]


def _suffices(agreed: Agreed, mark: Mark, one: Mark) -> bool:
    """Ask for more than between issues: a whole blog may well have the same words or link in two posts."""
    return len(agreed) > 1 or "guid" in agreed or ("link" in agreed and (_is_bare(mark) or _is_bare(one)))


def _is_bare(mark: Mark) -> bool:
    """Whether nothing is said of a post but where it is."""
    return mark.guid == mark.link and not (mark.title or mark.text)


def _is_better(entry: Entry, known: Entry) -> bool:
    """Say that the later reading counts, for the author may have mended the post; but a summary is less."""
    return _worth(entry) >= _worth(known)


def _worth(entry: Entry) -> int:
    return _WORTH[entry.content_kind] if entry.title or entry.content else -1
