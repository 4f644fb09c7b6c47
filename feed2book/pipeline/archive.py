"""Read the older posts of a source: page after page, as far back as they are wanted, each post once.

The archive is read in passes (:mod:`feed2book.fetch.crawls`). Sites count their pages from the newest post:
one that is published meanwhile pushes the others on, and one that is deleted pulls them up. So the feed is
asked for once more at the end, and if it changed, a further pass reads again what may have moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from feed2book.errors import Code, EmptyFeedError, Feed2BookError, FeedError, FetchError
from feed2book.models import BookOptions, Entry, Feed, Notice, Response
from feed2book.store import Shelf

if TYPE_CHECKING:
    from feed2book.feed import Strategy
    from feed2book.fetch.crawls import Crawl

_MOST_PAGES = 2_000
_MOST_POSTS = 50_000
_MOST_BYTES = 1_000_000_000
_ROUNDS = 3  # how often a feed is read that changes while it is read
_PAST_THE_END = (400, 404, 410)  # statuses of a page after the last one

_REMEDY = "leave --archive out, or name another way"


def with_archive(
    feed: Feed,
    response: Response,
    archive: str,
    wanted: BookOptions,
    crawl: Callable[[str], Crawl],
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
        crawl: returns the record of a way, by its name.
        known: entries that were read before.
        ask: whether pages are asked for that are not recorded.

    Raises:
        Feed2BookError: the way that the user named leads nowhere.
    """
    from feed2book.feed import strategies, why_unknown

    from_web = response.requested.startswith(("http://", "https://"))
    if not archive or not from_web or response.partial or _reaches(feed.entries, wanted):
        return feed
    walks = []
    for way in strategies(archive, feed, response):
        walks.append(_Walk(way, feed, response, crawl(way.name), wanted, known))
        walks[-1].go(ask=ask)
        if len(walks[-1]) > len(feed.entries):
            break
    if not walks:
        unknown = Notice(Code.ARCHIVE_UNKNOWN, why_unknown(feed), response.requested)
        return replace(feed, notices=(*feed.notices, unknown))
    best = max(walks, key=len)
    if best.problem and archive != "auto" and len(best) <= len(feed.entries):
        message = f"older posts cannot be had by {best.way.label}: {best.problem.message}"
        raise FeedError(message, where=best.problem.where, remedy=_REMEDY)
    return best.feed()


def _reaches(entries: Sequence[Entry], wanted: BookOptions) -> bool:
    """Whether a feed shows all that is wanted of it; feeds list the newest posts first."""
    from feed2book.book import in_range

    if wanted.limit is not None and sum(in_range(entry, wanted) for entry in entries) >= wanted.limit:
        return True
    last = entries[-1].date
    return wanted.since is not None and last is not None and last < wanted.since


@dataclass
class _Pass:
    """One reading of the archive, from its newest page on.

    Attributes:
        number: in the record; its first page, which is the feed, has the same one.
        closed: it reached its end, or what is known.
        settled: it was closed before this run.
        pages: the numbers of its pages.
        places: for each page the places of its posts.
        orders: for each page how many pages of all passes were taken in before.
        asked: the addresses of its pages.
        todo: the addresses that these lead to.
        idle: how many pages at its end brought nothing.
        last: what the last page said.
        body: the first page.
    """

    number: int
    closed: bool = False
    settled: bool = False
    pages: list[int] = field(default_factory=list)
    places: list[tuple[int, ...]] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    todo: list[str] = field(default_factory=list)
    idle: int = 0
    last: tuple[Entry, ...] = ()
    body: bytes = b""


class _Walk:
    """One way through an archive.

    Attributes:
        way: which one.
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
        self._feed = feed
        self._response = response
        self._crawl = crawl
        self._wanted = wanted
        self._known = known
        self._posts = Posts(feed)
        self._met: set[int] = set()
        self._passes: list[_Pass] = []
        self._taken = 0
        self._bytes = 0
        self.problem: Feed2BookError | None = None

    def __len__(self) -> int:
        return len(self._posts)

    def go(self, *, ask: bool) -> None:
        """Read what is recorded, and fetch what is missing and wanted."""
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

    def feed(self) -> Feed:
        """Return the feed with all posts, the newest first, and the notices that tell of them."""
        from feed2book.book import newest_first

        places = chain.from_iterable(places for one in reversed(self._passes) for places in one.places)
        read = self._posts.named(dict.fromkeys(places))
        entries = tuple(entry for _, entry in newest_first(read))
        message = f"{_counted(len(entries), 'post')} by {self.way.label}, {_counted(self._taken, 'page')}"
        notices = [*self._feed.notices, Notice(Code.ARCHIVE_READ, message, self._response.requested)]
        if self.problem:
            message = f"older posts are missing: {self.problem.message}"
            notices.append(Notice(Code.ARCHIVE_INCOMPLETE, message, self.problem.where))
        return replace(self._feed, entries=entries, notices=tuple(notices))

    def _load(self) -> None:
        for number, closed in self._crawl.passes:
            one = _Pass(number, closed, settled=closed)
            for page, response in self._crawl.pages(number):
                try:
                    self._take(one, page, response)
                except FeedError:
                    self._crawl.drop(number, page)
                    break
            if one.pages:
                self._passes.append(one)
        if not self._passes or self._passes[-1].body != self._response.body:
            self._begin(self._response)

    def _begin(self, response: Response) -> None:
        """Begin a further pass with the feed as it is now."""
        number = self._free_number()
        self._crawl.begin(number, response)
        one = _Pass(number)
        self._take(one, number, response)
        self._passes.append(one)

    def _free_number(self) -> int:
        return 1 + max((page for one in self._passes for page in one.pages), default=-1)

    def _take(self, one: _Pass, page: int, response: Response) -> None:
        """Take a page in; it says which ones come after it.

        Raises:
            FeedError: it is no such page.
        """
        from feed2book.feed import parse_feed

        first, before = page == one.number, len(self._posts)
        try:
            read = None if first else self.way.read
            said = read(response) if read else parse_feed(response, self._known)
        except EmptyFeedError:
            said = None
        entries = said.entries if said else ()
        places = self._posts.add(entries)
        if first:
            brought = len(self._posts) > before
            one.body = response.body
        else:
            brought = not self._met.issuperset(places) or (len(one.pages) == 1 and not places)
        if not (first and self.way.anew):
            self._met.update(places)
        one.idle = 0 if brought else one.idle + 1
        one.pages.append(page)
        one.places.append(places)
        one.orders.append(self._taken)
        one.asked.append(response.requested)
        one.last = entries
        self._taken += 1
        self._bytes += len(response.body)
        if said:
            leads = (
                (self.way.start(said, response),) if first else self.way.following(said, response.requested)
            )
            one.todo = [url for url in dict.fromkeys((*one.todo, *leads)) if url and url not in one.asked]

    def _check_complete(self) -> None:
        for one in self._passes:
            if one.todo and not (one.closed or self._is_enough(one)):
                message, remedy = "not all pages are in the cache", "run once without --offline"
                raise FetchError(message, where=self._response.requested, remedy=remedy)

    def _catch_up(self) -> None:
        for _ in range(_ROUNDS):
            asked = [self._advance(one) for one in reversed(self._passes)]
            if not any(asked) or not self._has_changed():
                break
        for one in self._passes:
            if not one.closed and one.idle >= self._patience(one):
                self._end(one)

    def _has_changed(self) -> bool:
        """Ask for the feed again; if it is another one by now, begin a further pass."""
        response = self._crawl.get(self._response.requested)
        if response.body == self._passes[-1].body:
            return False
        self._begin(response)
        return True

    def _advance(self, one: _Pass) -> bool:
        """Go on with a pass as far as need be; returns whether anything was asked for."""
        asked = False
        while not one.closed and one.todo and one.idle < self._patience(one) and not self._is_enough(one):
            self._check_limits()
            self._ask(one)
            asked = True
        if not one.todo:
            for done in self._passes[: self._passes.index(one) + 1]:
                self._end(done)
        return asked

    def _ask(self, one: _Pass) -> None:
        newest = self._passes[-1]
        if one.pages[-1] < newest.number and len(one.pages) > 1:
            # The pages may have been pulled up since: the last one is read again.
            one.todo.insert(0, one.asked[-1])
        address, page = one.todo.pop(0), self._free_number()
        try:
            response = self._crawl.fetch(one.number, page, address)
        except FetchError as error:
            beside = len(one.pages) == 1 and (self.way.read or self.way.anew)  # it must be there
            if error.status in _PAST_THE_END and not beside:
                return
            raise
        try:
            self._take(one, page, response)
        except FeedError:
            self._crawl.drop(one.number, page)
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
        place = self._passes.index(one)
        newer, older = self._passes[place + 1 :], self._passes[:place]
        patience = 1 + sum(len(other.pages) for other in newer)
        if any(not other.settled for other in older):
            met = set(chain.from_iterable(one.places))
            if not met.issuperset(older[-1].places[0]):
                patience += sum(len(other.pages) for other in older)
        return patience

    def _is_enough(self, one: _Pass) -> bool:
        """Whether a pass, with what is newer, has all that is wanted."""
        from feed2book.book import in_range

        wanted = self._wanted
        dates = [entry.date for entry in one.last if entry.date]
        if wanted.since and dates and max(dates) < wanted.since:
            return True
        if wanted.limit is None:
            return False
        newer = self._passes[self._passes.index(one) :]
        places = set(chain.from_iterable(places for other in newer for places in other.places))
        return sum(in_range(self._posts[place], wanted) for place in places) >= wanted.limit

    def _check_limits(self) -> None:
        for most, found, what in (
            (_MOST_PAGES, self._taken, "pages"),
            (_MOST_POSTS, len(self._posts), "posts"),
            (_MOST_BYTES, self._bytes, "bytes"),
        ):
            if found >= most:
                raise FetchError(f"more than {most:,} {what}", where=self._response.requested)

    def _prune(self) -> None:
        """Forget the pages that say nothing which others do not say as well, or better."""
        for one in self._passes:
            for page, order, places in zip(one.pages, one.orders, one.places, strict=True):
                sources = [found for place in places if order in (found := self._posts.pages[place])]
                if page != self._passes[-1].number and all(len(found) > 1 for found in sources):
                    self._crawl.drop(one.number, page)
                    for found in sources:
                        found.discard(order)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
