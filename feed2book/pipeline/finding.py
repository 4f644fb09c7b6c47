"""Find the feed of a source: it may be a feed, the address of a profile, or a page of a site that has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from feed2book.errors import BlockedError, Code, Feed2BookError, FeedError, FetchError
from feed2book.models import Feed, FetchOptions, Grant, Notice, Response, without_login

if TYPE_CHECKING:
    from feed2book.feed import Candidate

Follow = Callable[[str], Response]
Parse = Callable[[Response], Feed]

_ABSENT = {400, 403, 404, 405, 406, 410}  # what servers say where there is nothing for us
_TRIED = 5  # feeds that a page names and that turn out to be none


@dataclass(frozen=True, slots=True)
class Choice:
    """Where the feed of a source is that is none itself, ``""`` if it is one; and whether it has others."""

    url: str = ""
    several: bool = False


_ITSELF = Choice()


@dataclass(frozen=True, slots=True)
class Found:
    """A feed, what it was read from, and what came at the source's own address.

    That is the same, a page, or None where it was not asked. ``named`` are the feeds that the page or the
    address names, as far as they were looked for.
    """

    feed: Feed
    response: Response
    first: Response | None
    choice: Choice = _ITSELF
    named: tuple[Candidate, ...] = ()

    @property
    def moved(self) -> str:
        """Where the source's own address leads for good, ``""`` for nowhere else."""
        return self.first.url if self.first and self.first.moved else ""


def find_feed(
    source: str,
    address: str,
    ask: Callable[[], Response],
    follow: Follow,
    parse: Parse,
    known: Choice = _ITSELF,
) -> Found:
    """Return the feed of a source. Of several it is the main one, which a notice says.

    A feed that fails for the time being is an error: another in its place would bring other posts.

    Args:
        source: what the user named, for messages.
        address: the web address that it means, ``""`` for a file, or where it is known to be no profile's.
        ask: fetches the source.
        follow: fetches what a page names, or what its address is known to have.
        parse: reads a feed.
        known: what was chosen before; it is taken as long as it is there, and the page is not asked.

    Raises:
        Feed2BookError: there is no feed, or it cannot be had or read.
    """
    from feed2book.feed import channel_feeds, find_feeds, looks_like_page, profile_feeds, several

    named = profile_feeds(address)
    choices = (known, *(Choice(candidate.url) for candidate in named))
    for choice in filter(lambda one: one.url, choices):
        made = _tried(choice.url, follow, parse)
        if not isinstance(made, Feed2BookError):
            return _noticed(source, Found(*made, None, choice, named))
    page = ask()
    if not looks_like_page(page):
        return Found(parse(page), page, page)
    named = (*find_feeds(page), *channel_feeds(page))
    problem = None
    for url in _in_order(page, named):
        made = _tried(url, follow, parse)
        if isinstance(made, Feed2BookError):
            problem = problem or made
        else:
            return _noticed(source, Found(*made, page, Choice(url, several(named)), named))
    if problem and any(one.kind == "posts" for one in named):  # the feed that ought to be there
        raise problem
    raise _nothing(source, page, named)


def _noticed(source: str, found: Found) -> Found:
    feed, response, choice = found.feed, found.response, found.choice
    if choice.several:
        message = f"the site has several feeds, and this is of {response.url}"
        remedy = f"'feed2book discover {without_login(source)}' lists them"
        notice = Notice(Code.FEED_CHOSEN, f"{message}: {remedy}", without_login(source))
        feed = replace(feed, notices=(*feed.notices, notice))
    if response.moved:
        choice = replace(choice, url=response.url)
    return replace(found, feed=feed, choice=choice)


def _in_order(page: Response, named: Sequence[Candidate]) -> Iterator[str]:
    """Yield the addresses of feeds to try, never those of comments."""
    from feed2book.feed import common_places

    posts = [one.url for one in named if one.kind == "posts"]
    others = [one.url for one in named if one.kind not in ("posts", "comments")]
    last = [] if posts else others[:_TRIED]  # never in the place of a feed that is empty today
    yield from dict.fromkeys(chain(posts[:_TRIED], common_places(page.url), last))


def _tried(url: str, follow: Follow, parse: Parse) -> tuple[Feed, Response] | Feed2BookError:
    """Return the feed at an address, or why there is none.

    Raises:
        FetchError: it cannot be told just now.
    """
    try:
        response = follow(url)
        return parse(response), response
    except (FeedError, BlockedError) as error:
        return error
    except FetchError as error:
        if error.status in _ABSENT:
            return error
        raise


def _nothing(source: str, page: Response, named: Sequence[Candidate]) -> FeedError:
    from feed2book.feed import common_places
    from feed2book.feed.discover import COMMON_PATHS

    message = f"this is a web page that names {'only feeds of comments' if named else 'no feed'}"
    if common_places(page.url):
        message += f", and there is none at /{', /'.join(COMMON_PATHS)}"
    remedy = "give the address of the feed itself"
    return FeedError(message, where=without_login(source), remedy=remedy)


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed that a site has, or the ``error`` that shows it has not.

    ``kind`` is as in :class:`feed2book.feed.Candidate`.
    """

    url: str
    title: str
    kind: str
    posts: int = 0
    newest: datetime | None = None
    error: str = ""


def discover(source: str, options: FetchOptions, grant: Grant) -> tuple[Offer, ...]:
    """Return the feeds that a source has, the one first that is taken when the source is read.

    Args:
        source: the address of a site, a profile or a feed; or a file.
        options: limits, cache.
        grant: what the source gets.

    Raises:
        Feed2BookError: the source cannot be had, or it has no feed.
    """
    from feed2book.feed import Candidate, parse_feed
    from feed2book.fetch import Fetcher
    from feed2book.fetch.local import address_of

    with Fetcher(options) as fetcher:
        address = address_of(source)
        if address:
            fetcher.admit(address, grant)
        ask = partial(fetcher.source, source, grant=grant)
        follow = partial(fetcher.page, source=source)
        main = find_feed(source, address, ask, follow, parse_feed)
        listed = {one.url: one for one in main.named}
        first = listed.pop(main.response.requested, Candidate(main.response.url or source))
        offers = [_offer(first, main.feed)]
        for one in listed.values():
            try:
                offers.append(_offer(one, parse_feed(follow(one.url))))
            except Feed2BookError as error:
                offers.append(Offer(one.url, one.title, one.kind, error=error.message))
    return tuple(offers)


def _offer(candidate: Candidate, feed: Feed) -> Offer:
    newest = max((entry.date for entry in feed.entries if entry.date), default=None)
    return Offer(candidate.url, feed.title or candidate.title, candidate.kind, len(feed.entries), newest)
