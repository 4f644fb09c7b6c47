"""Which posts of a feed are old acquaintances, also when they were edited, moved, or given another guid.

No single thing names a post in real feeds: guids are shared or made anew, links all lead to the home page,
titles come back each week. So several are remembered (:class:`Mark`), and it counts which of them agree.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
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
    marked = [marks_of(feed) for feed in feeds]
    pool = Pool(known([mark for marks in marked for mark in marks]))
    told: list[Sightings] = []
    new: set[str] = set()
    for marks in marked:
        pairs = zip(marks, recognise(marks, pool, _suffices), strict=True)
        found = tuple(_sighting(mark, None if one is None else pool.marks[one], new) for mark, one in pairs)
        pool.add(sighting.mark for sighting in found if not sighting.mark.id)
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


def marks_of(feed: Feed) -> tuple[Mark, ...]:
    """Return what is remembered of each entry of a feed."""
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


class Pool:
    """What is known of posts, several times where several feeds had them.

    ``by`` has the places in ``marks`` of those that share a facet (its name, its value) or all four, in any
    feed or in the same one (feed, guid, link, title, text).
    """

    def __init__(self, marks: Iterable[Mark]) -> None:
        self.marks: list[Mark] = []
        self.by: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self.add(marks)

    def add(self, marks: Iterable[Mark]) -> None:
        """Put more posts behind those that are known."""
        for mark in marks:
            names = (mark.facets, (mark.feed, *mark.facets), *zip(FACETS, mark.facets, strict=True))
            for name in names:
                self.by[name].append(len(self.marks))
            self.marks.append(mark)


def recognise(
    marks: Sequence[Mark], pool: Pool, suffices: Callable[[Agreed, Mark, Mark], bool]
) -> tuple[int | None, ...]:
    """Say of each entry of one feed which known post it is.

    It is the same post if nothing tells the two apart, or if enough agrees. What agrees must be theirs alone:
    if another entry or another known post shares it, it proves nothing.

    Args:
        marks: of the entries of one feed.
        pool: what is known.
        suffices: says whether it is enough that these facets of the two agree.

    Returns:
        For each entry the place in the pool of what is known of it, its own feed's if that had it; None for a
        new one.
    """
    known = pool.marks
    found = _identical(marks, pool)
    taken = set(found)
    pairs = _pairs(marks, pool)
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
        if found[place] is not None or one in taken:
            continue
        agreed = pairs[place, one]
        near = (*beside["entry", place], *beside["known", one])
        rivals = (pairs[pair] for pair in near if is_rival(pair, place, one))
        if suffices(agreed, marks[place], known[one]) and not any(map(agreed.issubset, rivals)):
            found[place] = one
            taken.add(one)
    return tuple(found)


def _identical(marks: Sequence[Mark], pool: Pool) -> list[int | None]:
    """Give each entry a known post that agrees with it in everything, of its own feed if possible.

    Two entries get the same one only where there are not as many.
    """
    found: list[int | None] = []
    given: Counter[tuple[str, ...]] = Counter()
    for mark in marks:
        own = (mark.feed, *mark.facets)
        name = own if own in pool.by else mark.facets
        ones = pool.by.get(name, ())
        found.append(ones[min(given[name], len(ones) - 1)] if ones else None)
        given[name] += 1
    return found


def _pairs(marks: Sequence[Mark], pool: Pool) -> dict[tuple[int, int], Agreed]:
    """Return for each entry and each known post that share something what they share, unless many do."""
    agreed: dict[tuple[int, int], set[str]] = defaultdict(set)
    for facet in FACETS:
        for value, entries in _by(facet, marks).items():
            posts = pool.by.get((facet, value), ())
            if len(entries) <= COMMON and len(posts) <= COMMON:
                for pair in product(entries, posts):
                    agreed[pair].add(facet)
    return {pair: frozenset(facets) for pair, facets in agreed.items()}


def _by(facet: str, marks: Sequence[Mark]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, mark in enumerate(marks):
        if value := getattr(mark, facet):
            places[value].append(place)
    return places


def _suffices(agreed: Agreed, mark: Mark, one: Mark) -> bool:
    """Ask for two of guid, link, title and text; or for the guid alone, or a long text alone.

    The link alone is enough unless guid, title and text are all others.
    """
    if len(agreed) > 1 or agreed & {"guid", "text"}:
        return True
    others = ("guid", "title", "text")
    return agreed == {"link"} and not all(getattr(mark, name) and getattr(one, name) for name in others)
