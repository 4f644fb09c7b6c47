"""One way through an archive: which page is asked for next, and when it is enough.

An archive is read in passes (:mod:`feed2book.fetch.crawls`). Sites count their pages from the newest post:
one that is published meanwhile pushes the others on, and one that is deleted pulls them up. So the feed is
asked for once more at the end, and if it changed, a further pass reads again what may have moved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from feed2book.errors import EmptyFeedError, Feed2BookError, FeedError, FetchError
from feed2book.models import BookOptions, Entry, Feed, Response
from feed2book.store import Shelf

if TYPE_CHECKING:
    from feed2book.feed import Strategy
    from feed2book.fetch.crawls import Crawl

_MOST_PAGES = 2_000
_MOST_POSTS = 50_000
_MOST_BYTES = 1_000_000_000
_MOST_FRUITLESS = 50  # lists in a row without a post: the sitemaps of a whole platform, say
_ROUNDS = 3  # how often a feed is read that changes while it is read
_PAST_THE_END = (400, 404, 410)  # statuses of a page after the last one


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that came: its number in the record, its address, the places of its posts."""

    number: int
    address: str
    places: tuple[int, ...]


@dataclass
class _Pass:
    """One reading of the archive, from its newest page on.

    Attributes:
        number: in the record; its first page, which is the feed, has the same one.
        closed: it reached its end, or what is known.
        settled: it was closed before this run.
        pages: what came, in order.
        places: of all posts on these.
        asked: the addresses of these.
        todo: the addresses that these lead to, in order, as keys.
        idle: how many pages at its end brought nothing: no new post; of lists, no post and no further list.
        body: the first page.
    """

    number: int
    closed: bool = False
    settled: bool = False
    pages: list[_Page] = field(default_factory=list)
    places: set[int] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    todo: dict[str, None] = field(default_factory=dict)
    idle: int = 0
    body: bytes = b""


class Walk:
    """One way through an archive, with all posts that were met on it.

    Args:
        way: where the pages are.
        feed: the source.
        response: what brought it.
        crawl: the record.
        wanted: which posts: their number, the range of their dates.
        known: entries that were read before.

    Attributes:
        way: as it was given.
        pages: how many pages were read.
        problem: why it ended too early; None if it did not.
    """

    def __init__(
        self,
        way: Strategy,
        feed: Feed,
        response: Response,
        crawl: Crawl,
        wanted: BookOptions,
        known: Shelf[Entry],
    ) -> None:
        from feed2book.feed import Posts

        self.way = way
        self.pages = 0
        self.problem: Feed2BookError | None = None
        self._response = response
        self._crawl = crawl
        self._wanted = wanted
        self._known = known
        self._posts = Posts(feed)
        self._is_post = way.chooses(feed.entries) if way.chooses else None
        self._met: set[int] = set()  # places of posts on pages that are not only repeated by the next one
        self._passes: list[_Pass] = []
        self._free = 0  # the number of the next page
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._posts)

    def go(self, *, ask: bool) -> None:
        """Read what is recorded, and, if pages may be asked for, what is missing and wanted."""
        try:
            self._load()
            if ask:
                self._catch_up()
            else:
                self._check_complete()
        except Feed2BookError as error:
            self.problem = error
        if all(one.closed for one in self._passes):
            self._prune()

    def entries(self) -> tuple[Entry, ...]:
        """Return all posts, the newest first."""
        from feed2book.book import newest_first

        read = self._posts.named(dict.fromkeys(_places(reversed(self._passes))))
        return tuple(entry for _, entry in newest_first(read))

    def _load(self) -> None:
        for number, closed in self._crawl.passes:
            one = _Pass(number, closed, settled=closed)
            for page, response in self._crawl.pages(number):
                try:
                    self._take(one, page, response)
                except FeedError:  # a later version of this program may mind what an earlier one did not
                    self._crawl.drop(number, page)
                    break
            if one.pages:
                self._passes.append(one)
        if not self._passes or self._passes[-1].body != self._response.body:
            self._begin(self._response)

    def _begin(self, response: Response) -> None:
        """Begin a further pass with the feed as it is now."""
        one = _Pass(self._free)
        self._crawl.begin(one.number, response)
        self._take(one, one.number, response)
        self._passes.append(one)

    def _take(self, one: _Pass, number: int, response: Response) -> None:
        """Take a page in.

        Raises:
            FeedError: it is no such page.
        """
        first, before = number == one.number, len(self._posts)
        said = self._read(response, first=first)
        places = self._posts.add(number, said.entries if said else ())
        if first:
            brought, one.body = len(self._posts) > before, response.body
        else:  # a first page without posts may only lead to those that have some
            brought = not self._met.issuperset(places) or (len(one.pages) == 1 and not places)
        if not (first and self.way.anew):
            self._met.update(places)
        leads: tuple[str, ...] = ()
        if said and first:
            leads = (self.way.start(said, response),)
        elif said:
            leads = self.way.following(said, response.requested)
        if self.way.listed:  # in any order, so that what is known may stand before what is not
            brought = bool(places or leads)
        one.idle = 0 if brought else one.idle + 1
        one.pages.append(_Page(number, response.requested, places))
        one.places.update(places)
        self.pages += 1
        self._free = max(self._free, number + 1)
        self._bytes += len(response.body)
        one.asked.add(response.requested)
        one.todo.pop(response.requested, None)
        one.todo.update((url, None) for url in leads if url and url not in one.asked)

    def _read(self, response: Response, *, first: bool) -> Feed | None:
        """Return what a page says, None for one past the end."""
        from feed2book.feed import parse_feed

        try:
            if first or not self.way.read:
                return parse_feed(response, self._known)
            said = self.way.read(response)
            return replace(said, entries=tuple(filter(self._is_post, said.entries)))
        except EmptyFeedError:
            return None

    def _check_complete(self) -> None:
        for one in self._passes:
            if one.todo and not (one.closed or self._is_enough(one, self._wanted_of(one))):
                raise FetchError("not all pages are in the cache", where=self._response.requested)

    def _catch_up(self) -> None:
        for _ in range(_ROUNDS):
            asked = [self._advance(one) for one in reversed(self._passes)]
            if not any(asked) or not self._has_changed():
                break
        for one in self._passes:
            if one.idle >= self._patience(one):
                self._end(one)

    def _has_changed(self) -> bool:
        """Ask for the feed again; if it is another one by now, begin a further pass."""
        response = self._crawl.get(self._response.requested)
        if response.body == self._passes[-1].body:
            return False
        self._begin(response)
        return True

    def _advance(self, one: _Pass) -> bool:
        """Go on with a pass as far as need be; return whether anything was asked for."""
        asked, had = False, self._wanted_of(one)
        while (
            not one.closed and one.todo and one.idle < self._patience(one) and not self._is_enough(one, had)
        ):
            self._check_limits(one)
            self._ask(one)
            had.update(filter(self._is_wanted, one.pages[-1].places))
            asked = True
        if not one.todo:
            for done in self._passes[: self._passes.index(one) + 1]:
                self._end(done)
        return asked

    def _ask(self, one: _Pass) -> None:
        """Ask for the next page."""
        address, last = next(iter(one.todo)), one.pages[-1]
        if last.number < self._passes[-1].number and len(one.pages) > 1:
            address = last.address  # the feed has changed since, and pages may have been pulled up
        else:
            del one.todo[address]
        number = self._free
        try:
            response = self._crawl.fetch(one.number, number, address)
        except FetchError as error:
            if error.status in _PAST_THE_END and (elsewhere := self.way.instead(address)):
                one.todo.update(dict.fromkeys(elsewhere))
                return
            is_list = len(one.pages) == 1 and (self.way.read or self.way.anew)  # the site must have it
            if error.status in _PAST_THE_END and not is_list:
                return
            raise
        try:
            self._take(one, number, response)
        except FeedError:
            self._crawl.drop(one.number, number)
            raise

    def _end(self, one: _Pass) -> None:
        if not one.closed:
            one.closed = True
            self._crawl.end(one.number)

    def _patience(self, one: _Pass) -> int:
        """How many pages in a row may bring nothing before a pass is taken to have reached what is known.

        As many pages as later passes have may repeat what was pushed on. Where a post has gone from the first
        page since a pass that had not yet ended, each page that was read in between may miss one.
        """
        if self.way.listed:
            return _MOST_PAGES  # all have to be read
        place = self._passes.index(one)
        newer, older = self._passes[place + 1 :], self._passes[:place]
        patience = 1 + sum(len(other.pages) for other in newer)
        if not all(other.settled for other in older) and not one.places.issuperset(older[-1].pages[0].places):
            patience += sum(len(other.pages) for other in older)
        return patience

    def _is_enough(self, one: _Pass, had: Collection[int]) -> bool:
        """Whether a pass, with what is newer, has all that is wanted; ``had`` is what it has of that."""
        if self.way.listed:
            return False
        wanted = self._wanted
        dates = [date for place in one.pages[-1].places if (date := self._posts[place].date)]
        if wanted.since and dates and max(dates) < wanted.since:
            return True
        return wanted.limit is not None and len(had) >= wanted.limit

    def _wanted_of(self, one: _Pass) -> set[int]:
        """Return the places of the posts in a pass, and in newer ones, that are wanted."""
        return set(filter(self._is_wanted, _places(self._passes[self._passes.index(one) :])))

    def _is_wanted(self, place: int) -> bool:
        from feed2book.book import in_range

        return in_range(self._posts[place], self._wanted)

    def _check_limits(self, one: _Pass) -> None:
        for most, found, what in (
            (_MOST_PAGES, self.pages, "pages"),
            (_MOST_POSTS, len(self._posts), "posts"),
            (_MOST_BYTES, self._bytes, "bytes"),
            (_MOST_FRUITLESS if self.way.listed else _MOST_PAGES, one.idle, "pages in a row without a post"),
        ):
            if found >= most:
                raise FetchError(f"more than {most:,} {what}", where=self._response.requested)

    def _prune(self) -> None:
        """Forget the pages that say nothing which others do not say as well, or better."""
        newest = self._passes[-1]
        for one in self._passes:
            for page in one.pages:
                best = [self._posts.pages[place] for place in page.places]
                best = [numbers for numbers in best if page.number in numbers]
                if page.number != newest.number and all(len(numbers) > 1 for numbers in best):
                    self._crawl.drop(one.number, page.number)
                    for numbers in best:
                        numbers.discard(page.number)


def _places(passes: Iterable[_Pass]) -> Iterator[int]:
    return chain.from_iterable(page.places for one in passes for page in one.pages)
