"""A book that grows: which posts of an older build stay, which are new, which the feed has changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from feed2book.book.bind import part_title
from feed2book.book.selection import Selected
from feed2book.errors import Code
from feed2book.models import Book, BookOptions, Chapter, Entry, Feed, Notice, Part, Record

T = TypeVar("T")

MISSING = '<span class="missing">'
NEW = "new"
UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the book will be made of.

    ``selected`` are the feeds with all their posts, the newest first; ``keys`` the key of each post, in the
    same order, ``""`` for one that the older build had not; ``kept`` the chapters that stay as they are, by
    key; ``updated`` the keys of posts that the feed has changed; ``same_look`` says that only posts and
    pictures tell this build from the older one.
    """

    selected: tuple[Selected, ...]
    keys: tuple[str, ...]
    kept: Mapping[str, Chapter]
    updated: frozenset[str]
    notices: tuple[Notice, ...] = ()
    same_look: bool = False

    @property
    def nothing_new(self) -> bool:
        """Whether there is no post, or the older build has all of them as they are."""
        return all(key in self.kept for key in self.keys)


def plan_anew(selected: Sequence[Selected]) -> Plan:
    """Plan a book of which there is no older build."""
    return Plan(tuple(selected), tuple("" for _, entries in selected for _ in entries), {}, frozenset())


def plan_update(selected: Sequence[Selected], record: Record, look: str) -> Plan:
    """Merge what the feeds hold now with what the older build holds.

    A post that the feed still has as it was, and one that the feed has dropped, keep their chapter. One that
    the feed has changed, whose pictures were missing, or that was made with another look, is made anew under
    its old key.

    Args:
        selected: the posts of now that are wanted (``limit``, ``since`` and ``until`` hold for these, never
            for what is in the book already).
        record: what the older build says.
        look: the look of this build; see ``Record.look``.
    """
    merger = _Merger(record, look)
    fresh = list(selected)
    merged: list[tuple[Feed, list[Entry]]] = []
    for part in record.parts:
        feed, entries = _take(part, fresh)
        chapters = [record.chapters[article.key] for article in part.articles]
        merged.append((feed, merger.merge(entries, chapters)))
    merged += [(feed, merger.merge(entries, ())) for feed, entries in fresh]
    return Plan(
        selected=tuple((feed, tuple(entries)) for feed, entries in merged if entries),
        keys=tuple(merger.keys.get(id(entry), "") for _, entries in merged for entry in entries),
        kept=merger.kept,
        updated=frozenset(merger.updated),
        notices=tuple(merger.notices),
        same_look=look == record.look,
    )


def adds_nothing(book: Book, record: Record, plan: Plan) -> bool:
    """Say whether the settled book is the older one: no news, and what was missing still is."""
    if book.news or not plan.same_look:
        return False
    made = ((record.chapters[one.key], one) for one in book.articles if one.key not in plan.kept)
    return all(
        new.html.count(MISSING) >= old.missing and new.digest == old.article.digest for old, new in made
    )


def order_of(record: Record) -> str:
    """Return the order in which the older build has its posts: ``oldest`` first, or ``newest``."""
    for part in record.parts:
        dates = [article.entry.date for article in part.articles if article.entry.date]
        if dates and dates[0] != dates[-1]:
            return "oldest" if dates[0] < dates[-1] else "newest"
    return "oldest"


def settle(book: Book, record: Record, options: BookOptions, plan: Plan) -> Book:
    """Return the book as the next state of the older one: its identity, its name, and what is new marked."""
    known = set(plan.keys)
    news = {article.key: NEW for article in book.articles if article.key not in known}
    return replace(
        book,
        identifier=record.identifier,
        title=options.title or record.title,
        language=options.language or record.language or book.language,
        series=options.series or record.series,
        number=options.number or record.number,
        news=dict.fromkeys(sorted(plan.updated), UPDATED) | news,
    )


def _take(part: Part, fresh: list[Selected]) -> Selected:
    """Take that part's feed out of ``fresh``; if it is not there, return it without posts."""
    for place, (feed, _) in enumerate(fresh):
        if _is_of(part, feed):
            return fresh.pop(place)
    return Feed(url=part.url, title=part.title, subtitle=part.subtitle, home=part.home), ()


def _is_of(part: Part, feed: Feed) -> bool:
    """Say whether the older build made that part of this feed; feeds move, sites and titles less often."""
    if part.url and _place(part.url) == _place(feed.url):
        return True
    return part.title == part_title(feed) and _place(part.home) == _place(feed.home)


class _Merger:
    """Merges part after part; knows the posts of all of them, so that none comes twice."""

    def __init__(self, record: Record, look: str) -> None:
        self.keys: dict[int, str] = {}  # by the identity of the entry: two feeds may hold equal ones
        self.kept: dict[str, Chapter] = {}
        self.updated: set[str] = set()
        self.notices: list[Notice] = []
        self._same_look = look == record.look
        posts = [chapter.article.entry for chapter in record.chapters.values()]
        self._known = {_titled(entry) for entry in posts} - {""}

    def merge(self, entries: Sequence[Entry], chapters: Sequence[Chapter]) -> list[Entry]:
        """Return all posts of a feed, newest first: those of now, then those that it has dropped.

        A new one that stands in another part of the book is left out.
        """
        pairs = dict(_pairs(entries, chapters))
        there = {chapter.article.key for chapter in pairs.values()}
        gone = [chapter for chapter in chapters if chapter.article.key not in there]
        elsewhere = self._known - {_titled(chapter.article.entry) for chapter in chapters}
        merged: list[Entry] = []
        for entry in entries:
            if chapter := pairs.get(id(entry)):
                merged.append(self._known_post(entry, chapter))
            elif _titled(entry) in elsewhere:
                message = "another feed of this book holds the same post; it stands there"
                self.notices.append(Notice(Code.ENTRY_DUPLICATE, message, entry.title or entry.url))
            else:
                merged.append(entry)
        return merged + [self._keep(chapter) for chapter in _latest_first(gone)]

    def _known_post(self, entry: Entry, chapter: Chapter) -> Entry:
        key = chapter.article.key
        whole = bool(chapter.article.digest)  # else the text of its page is still to be had
        changed = whole and entry.digest != chapter.article.digest
        if self._same_look and whole and not changed and not chapter.missing:
            return self._keep(chapter)
        if changed:
            self.updated.add(key)
        self.keys[id(entry)] = key
        return entry

    def _keep(self, chapter: Chapter) -> Entry:
        entry = chapter.article.entry
        self.kept[chapter.article.key] = chapter
        self.keys[id(entry)] = chapter.article.key
        return entry


def _latest_first(chapters: Sequence[Chapter]) -> Sequence[Chapter]:
    dates = [chapter.article.entry.date for chapter in chapters if chapter.article.entry.date]
    return chapters[::-1] if dates and dates[0] < dates[-1] else chapters


def _pairs(entries: Sequence[Entry], chapters: Sequence[Chapter]) -> Iterator[tuple[int, Chapter]]:
    """Yield which posts of now are which of the older build: by id, by guid and link, by link and title.

    The id of a post is not enough: a feed that gives one guid to several posts has them told apart by link
    only as long as both are in it (see ``feed.identity``).
    """
    left, free = list(entries), list(chapters)
    for name in (_id, _guid_and_link, _titled):
        said = _unique([(name(chapter.article.entry), chapter) for chapter in free])
        now = _unique([(name(entry), entry) for entry in left])
        both = said.keys() & now.keys()
        yield from ((id(now[key]), said[key]) for key in both)
        left = [entry for entry in left if name(entry) not in both]
        free = [chapter for chapter in free if name(chapter.article.entry) not in both]


def _unique(named: Sequence[tuple[str, T]]) -> dict[str, T]:
    """Return the things by those of their names that no other has."""
    count = Counter(name for name, _ in named)
    return {name: thing for name, thing in named if name and count[name] == 1}


def _id(entry: Entry) -> str:
    return entry.id


def _guid_and_link(entry: Entry) -> str:
    return f"{entry.guid} {_place(entry.url)}" if entry.url else ""


def _titled(entry: Entry) -> str:
    place = _place(entry.url)
    return f"{place} {entry.title}" if place and entry.title else ""


def _place(url: str) -> str:
    """Return an address without what changes when a site moves to https or drops its ``www``."""
    return re.sub(r"^https?://(?:www\.)?", "", url).rstrip("/")
