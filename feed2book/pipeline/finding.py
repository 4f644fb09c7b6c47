"""Find the feed of a source: it may be a feed, the address of a profile, or a page of a site that has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from feed2book.errors import Code, Feed2BookError, FeedError, FetchError
from feed2book.models import Feed, FetchOptions, Notice, Response, without_login

if TYPE_CHECKING:
    from feed2book.feed import Candidate

Ask = Callable[[str], Response]
Parse = Callable[[Response], Feed]

_ABSENT = {400, 403, 404, 405, 406, 410}  # what servers say where there is nothing for us
_TRIED = 5  # feeds that a page names and that turn out to be none


@dataclass(frozen=True, slots=True)
class Found:
    """A feed, what it was read from, and what came at the source's own address (the same, or a page)."""

    feed: Feed
    response: Response
    first: Response


def find_feed(source: str, address: str, ask: Ask, follow: Ask, parse: Parse) -> Found:
    """Return the feed of a source. Of several it is the main one, which a notice says.

    A feed that fails for the time being is an error: another in its place would bring other posts.

    Args:
        source: what the user named, for messages.
        address: the web address that it means, ``""`` for a file or where its feed is known.
        ask: fetches the source, or in its place the feed that its address is known to have.
        follow: fetches what a page names.
        parse: reads a feed.

    Raises:
        Feed2BookError: there is no feed, or it cannot be had or read.
    """
    from feed2book.feed import channel_feeds, find_feeds, looks_like_page, profile_feeds, several

    for candidate in profile_feeds(address):
        made = _tried(candidate.url, ask, parse)
        if not isinstance(made, Feed2BookError):
            return Found(*made, made[1])
    page = ask("")
    if not looks_like_page(page):
        return Found(parse(page), page, page)
    named = (*find_feeds(page), *channel_feeds(page))
    problem = None
    for url in _in_order(page, named):
        made = _tried(url, follow, parse)
        if isinstance(made, Feed2BookError):
            problem = problem or made
        else:
            feed, response = made
            if several(named):
                message = f"the site has several feeds, and this is of {response.url}"
                remedy = f"'feed2book discover {without_login(source)}' lists them"
                notice = Notice(Code.FEED_CHOSEN, f"{message}: {remedy}", without_login(source))
                feed = replace(feed, notices=(*feed.notices, notice))
            return Found(feed, response, page)
    if problem and any(one.kind == "posts" for one in named):  # the feed that ought to be there
        raise problem
    raise _nothing(source, named)


def _in_order(page: Response, named: Sequence[Candidate]) -> Iterator[str]:
    """Yield the addresses of feeds to try, never those of comments."""
    from feed2book.feed import common_places

    posts = [one.url for one in named if one.kind == "posts"]
    others = [one.url for one in named if one.kind not in ("posts", "comments")]
    last = [] if posts else others[:_TRIED]  # never in the place of a feed that is empty today
    yield from dict.fromkeys(chain(posts[:_TRIED], common_places(page.url), last))


def _tried(url: str, ask: Ask, parse: Parse) -> tuple[Feed, Response] | Feed2BookError:
    """Return the feed at an address, or why there is none.

    Raises:
        FetchError: it cannot be told just now.
    """
    try:
        response = ask(url)
        return parse(response), response
    except FeedError as error:
        return error
    except FetchError as error:
        if error.status in _ABSENT:
            return error
        raise


def _nothing(source: str, named: Sequence[Candidate]) -> FeedError:
    from feed2book.feed.discover import COMMON_PATHS

    names = "names only feeds of comments" if named else "names no feed"
    message = f"this is a web page that {names}, and there is none at /{', /'.join(COMMON_PATHS)}"
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


def discover(source: str, options: FetchOptions) -> tuple[Offer, ...]:
    """Return the feeds that a source has, the one first that is taken when the source is read.

    Args:
        source: the address of a site, a profile or a feed; or a file.
        options: limits, cache.

    Raises:
        Feed2BookError: the source cannot be had, or it has no feed.
    """
    from feed2book.feed import (
        Candidate,
        channel_feeds,
        find_feeds,
        looks_like_page,
        parse_feed,
        profile_feeds,
    )
    from feed2book.fetch import Fetcher
    from feed2book.fetch.local import address_of

    with Fetcher(options) as fetcher:

        def ask(start: str) -> Response:
            return fetcher.source(source, start=start)

        address = address_of(source)
        main = find_feed(source, address, ask, fetcher.page, parse_feed)
        named = profile_feeds(address)
        if looks_like_page(main.first):
            named = (*find_feeds(main.first), *channel_feeds(main.first))
        listed = {one.url: one for one in named}
        first = listed.pop(main.response.requested, Candidate(main.response.url))
        offers = [_offer(first, main.feed)]
        for one in listed.values():
            try:
                offers.append(_offer(one, parse_feed(fetcher.page(one.url))))
            except Feed2BookError as error:
                offers.append(Offer(one.url, one.title, one.kind, error=error.message))
    return tuple(offers)


def _offer(candidate: Candidate, feed: Feed) -> Offer:
    newest = max((entry.date for entry in feed.entries if entry.date), default=None)
    return Offer(candidate.url, feed.title or candidate.title, candidate.kind, len(feed.entries), newest)
