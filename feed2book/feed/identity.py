"""Identity: which entries are the same post, and a name for each that never collides."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from feed2book.errors import Code
from feed2book.models import Entry, Notice

MOST_ENTRIES = 20_000
"""Of one feed. To read so many takes seconds; all that fit into the largest feed would take minutes."""


def too_many(url: str) -> Notice:
    """Return the notice that the rest of a feed was not read."""
    message = f"it has more than {MOST_ENTRIES:,} posts; the rest was not read"
    return Notice(Code.FEED_MALFORMED, message, url)


def identify(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], tuple[Notice, ...]]:
    """Give each entry its id and drop the copies of a post that the feed holds twice.

    The id is the guid, else the link, else a hash of title, date and text. A guid that several posts
    share (a quarter of real feeds) is told apart by link, then by title. Of entries with the same
    guid, link and title the one updated last stays, then the longer one.
    """
    kept: dict[tuple[str, str, str], Entry] = {}
    notices: list[Notice] = []
    for entry in entries:
        if not (entry.title or entry.content or entry.url or entry.enclosures):
            notices.append(
                Notice(Code.ENTRY_EMPTY, "an entry says nothing at all and was left out", entry.id)
            )
            continue
        # Without guid and link, the text is all that tells two entries apart.
        name = (entry.id or entry.url or _hash(entry.content), entry.url, entry.title)
        other = kept.get(name)
        if other is not None:
            where = entry.title or entry.url or entry.id or "a post without a title"
            notices.append(Notice(Code.ENTRY_DUPLICATE, "the feed holds this post twice", where))
        kept[name] = entry if other is None else max(other, entry, key=_weight)
    return _name(list(kept.values())), tuple(notices)


def _name(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    bare = [entry.id or entry.url or _hash(entry.title, str(entry.date), entry.content) for entry in entries]
    shared = Counter(bare)
    linked = [
        f"{name}|{entry.url}" if shared[name] > 1 else name for name, entry in zip(bare, entries, strict=True)
    ]
    shared = Counter(linked)
    ids = [
        f"{name}|{_hash(entry.title)}" if shared[name] > 1 else name
        for name, entry in zip(linked, entries, strict=True)
    ]
    return tuple(
        entry if name == entry.id else replace(entry, id=name)
        for name, entry in zip(ids, entries, strict=True)
    )


def _weight(entry: Entry) -> tuple[float, int]:
    moment = entry.updated or entry.published
    return (moment.timestamp() if moment else 0.0, len(entry.content))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
