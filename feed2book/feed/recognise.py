"""Which posts of a feed are old acquaintances, also when they were edited, moved, or given another guid.

No single thing names a post in real feeds: guids are shared or made anew, links all lead to the home page,
titles come back each week. So several are remembered (:class:`Mark`), and it counts which of them agree.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from itertools import product

from feed2book.models import COMMON, FACETS, Entry, Feed, Mark, News, Sighting
from feed2book.models.addresses import canonical, is_root

_LEAST_WORDS = 40  # "Subscribe to read on" is the text of many posts

Agreed = frozenset[str]
Sightings = tuple[Sighting, ...]


def sight(feeds: Sequence[Feed], known: Callable[[Sequence[Mark]], Sequence[Mark]]) -> tuple[Sightings, ...]:
    """Say of every entry whether it is new, also to the feeds before its own.

    Args:
        feeds: what was read.
        known: gives what is remembered of posts like these.

    Returns:
        For each feed a sighting of each of its entries.
    """
    marked = [_marks(feed) for feed in feeds]
    pool = list(known([mark for marks in marked for mark in marks]))
    told: list[Sightings] = []
    new: set[str] = set()
    for marks in marked:
        pairs = zip(marks, recognise(marks, pool), strict=True)
        found = tuple(_sighting(mark, one, new) for mark, one in pairs)
        pool += [sighting.mark for sighting in found if not sighting.mark.id]
        new |= {sighting.mark.post for sighting in found if sighting.news is News.NEW}
        told.append(found)
    return tuple(told)


def _sighting(mark: Mark, one: Mark | None, new: Set[str]) -> Sighting:
    if one is None:
        return Sighting(mark, News.NEW)
    mark = replace(mark, post=one.post, number=one.number)
    if one.post in new:
        return Sighting(mark, News.NEW)
    if one.feed != mark.feed:  # a copy that may differ in every word
        return Sighting(mark, News.KNOWN)
    mark = replace(mark, id=one.id)
    return Sighting(mark, News.CHANGED if one.number and one.digest != mark.digest else News.KNOWN)


def _marks(feed: Feed) -> tuple[Mark, ...]:
    home = canonical(feed.home or feed.url)
    name = _hash(canonical(feed.url) or feed.url)
    return tuple(_mark(entry, name, home) for entry in feed.entries)


def _mark(entry: Entry, feed: str, home: str) -> Mark:
    guid, link = entry.guid, canonical(entry.url)
    words = entry.text.casefold().split()
    mark = Mark(
        feed=feed,
        post="",
        # A guid that is an address means the same everywhere; "17" is one of this site.
        guid=_hash(canonical(guid) or f"{home.partition('/')[0] or feed} {guid}"),
        link="" if is_root(link) or link == home else _hash(link),
        title=_hash(" ".join(entry.title.casefold().split())),
        text=_hash(" ".join(words)) if len(words) >= _LEAST_WORDS else "",
        digest=entry.digest,
    )
    return replace(mark, post=_hash(" ".join((feed, *mark.facets))))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24] if text else ""


def recognise(marks: Sequence[Mark], known: Sequence[Mark]) -> tuple[Mark | None, ...]:
    """Say of each entry of one feed which known post it is.

    It is the same post if nothing tells the two apart; or if two of guid, link, title and text agree; or the
    guid alone, or a long text alone; or the link alone, unless guid, title and text are all others. What
    agrees must be theirs alone: if another entry or another known post shares it, it proves nothing.

    Args:
        marks: of the entries of one feed.
        known: what is remembered, several times where several feeds had it.

    Returns:
        For each entry what is known of it, its own feed's if that had it; None for a new one.
    """
    found = _identical(marks, known)
    taken = {id(one) for one in found if one}
    pairs = _pairs(marks, known)
    beside = defaultdict(list)
    for place, one in pairs:
        beside["entry", place].append((place, one))
        beside["known", one].append((place, one))

    def is_rival(pair: tuple[int, int], place: int, one: int) -> bool:
        return pair[0] != place or known[pair[1]].post != known[one].post

    def rank(pair: tuple[int, int]) -> tuple[object, ...]:
        place, one = pair
        return -len(pairs[pair]), marks[place].feed != known[one].feed, pair

    for place, one in sorted(pairs, key=rank):
        if found[place] or id(known[one]) in taken:
            continue
        agreed = pairs[place, one]
        near = (*beside["entry", place], *beside["known", one])
        rivals = (pairs[pair] for pair in near if is_rival(pair, place, one))
        if _suffices(agreed, marks[place], known[one]) and not any(map(agreed.issubset, rivals)):
            found[place] = known[one]
            taken.add(id(known[one]))
    return tuple(found)


def _identical(marks: Sequence[Mark], known: Sequence[Mark]) -> list[Mark | None]:
    """Give each entry what is known of a post that agrees with it in everything, of its own feed if possible.

    Two entries get the same one only where there are not as many.
    """
    same: dict[tuple[str, ...], list[Mark]] = defaultdict(list)
    for one in reversed(known):
        same[one.facets].append(one)
        same[one.feed, *one.facets].append(one)
    found: list[Mark | None] = []
    for mark in marks:
        ones = same.get((mark.feed, *mark.facets)) or same.get(mark.facets)
        found.append(None if not ones else ones.pop() if len(ones) > 1 else ones[0])
    return found


def _pairs(marks: Sequence[Mark], known: Sequence[Mark]) -> dict[tuple[int, int], Agreed]:
    """Return for each entry and each known post that share something what they share, unless many do."""
    agreed: dict[tuple[int, int], set[str]] = defaultdict(set)
    for facet in FACETS:
        entries, posts = _by(facet, marks), _by(facet, known)
        for value in entries.keys() & posts.keys():
            if len(entries[value]) <= COMMON and len(posts[value]) <= COMMON:
                for pair in product(entries[value], posts[value]):
                    agreed[pair].add(facet)
    return {pair: frozenset(facets) for pair, facets in agreed.items()}


def _by(facet: str, marks: Sequence[Mark]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, mark in enumerate(marks):
        if value := getattr(mark, facet):
            places[value].append(place)
    return places


def _suffices(agreed: Agreed, mark: Mark, one: Mark) -> bool:
    if len(agreed) > 1 or agreed & {"guid", "text"}:
        return True
    others = ("guid", "title", "text")
    return agreed == {"link"} and not all(getattr(mark, name) and getattr(one, name) for name in others)
