"""Where the older posts of a source are: feeds show the newest ones, and each kind of site has its way on.

A way is a row of pure functions. What is fetched, how often, and how it is remembered is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from feed2book.errors import FeedError
from feed2book.feed.addresses import header_link, number_in, with_path, with_query
from feed2book.feed.listings import read_ghost, read_squarespace, read_substack, read_tumblr, read_wordpress
from feed2book.feed.permalinks import posts_like
from feed2book.feed.sitemaps import first_sitemap, further_sitemaps, other_sitemap, read_sitemap
from feed2book.feed.wayback import list_of_copies, read_copies
from feed2book.models import Entry, Feed, Response

_FEED_PATH = re.compile(r"(?:/index\.php)?/(?:feed|rss2?|atom|rdf)(?:/(?:rss2?|atom|rdf))?/?")
_BLOGGER_PAGE = 100  # posts: Blogger gives no more at once
_SUBSTACK_PAGE = 12  # posts: as its own pages ask; of larger numbers it gives fewer, and not always as many


def _linked(relation: str) -> Callable[[Feed, str], tuple[str, ...]]:
    """Follow the first link of a relation."""
    return lambda page, _asked: tuple(filter(None, (page.link(relation),)))


_NEXT = _linked("next")


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to the older posts of a source.

    Attributes:
        name: what ``--archive`` calls it.
        label: what people call it: posts are read "by" it.
        start: the address of the page to ask after the feed itself; ``""`` where there is none.
        suits: whether the feed, or what came with it, says that the site is of this kind.
        following: the addresses that a page leads to, from what it says and the address that it was asked by.
        read: reads a page that is not a feed; None: pages are feeds.
        anew: its pages begin with the newest posts again, so that the first ones only repeat the feed.
        listed: its pages list addresses, in any order, and all have to be read.
        instead: where to look when a page is not there.
        chooses: makes of the posts that the feed shows a judge of which of those listed are posts; None: all.
    """

    name: str
    label: str
    start: Callable[[Feed, Response], str]
    suits: Callable[[Feed, Response], bool] = lambda _feed, _response: True
    following: Callable[[Feed, str], tuple[str, ...]] = _NEXT
    read: Callable[[Response], Feed] | None = None
    anew: bool = False
    listed: bool = False
    instead: Callable[[str], tuple[str, ...]] = lambda _asked: ()
    chooses: Callable[[Iterable[Entry]], Callable[[Entry], bool]] | None = None


def strategies(name: str, feed: Feed, response: Response) -> tuple[Strategy, ...]:
    """Return the ways to try, in order.

    Args:
        name: of one of them, or ``auto``.
        feed: the feed.
        response: what brought it.

    Returns:
        The one of that name, whatever the site says of itself; for ``auto`` all that suit.

    Raises:
        FeedError: the one of that name needs something that the feed does not say.
    """
    if name == "auto":
        return tuple(way for way in STRATEGIES if way.suits(feed, response) and way.start(feed, response))
    way = next(way for way in STRATEGIES if way.name == name)
    if not way.start(feed, response):
        message = f"older posts cannot be had by {way.label}: the feed does not say where"
        raise FeedError(message, where=response.url, remedy="leave --archive out, or name another way")
    return (way,)


def why_unknown(feed: Feed) -> str:
    """Say why there is no way to the older posts of a feed."""
    if "medium" in feed.generator.lower():  # no pages, no parameter that goes back, no API without a login
        return "Medium shows programs the newest ten posts and no more: ask the author for an export"
    return "no way to its older posts is known: here is what the feed shows"


def _counted(name: str) -> Callable[[Feed, str], tuple[str, ...]]:
    """Count a parameter of the address up by one."""
    return lambda _page, asked: (with_query(asked, **{name: number_in(asked, name, 1) + 1}),)


def _made_by(name: str) -> Callable[[Feed, Response], bool]:
    """Whether the feed says that it was written by a program whose name holds this."""
    return lambda feed, _response: name in feed.generator.lower()


def _is_wordpress(feed: Feed, response: Response) -> bool:
    by_address = re.search(r"(?:^|&)feed=(?:rss2?|atom|rdf)(?:&|$)", urlsplit(response.url).query)
    return "wordpress" in feed.generator.lower() or bool(_rest_root(response) or by_address)


def _rest_root(response: Response) -> str:
    return header_link(response, "https://api.w.org/")


def _rest(feed: Feed, response: Response) -> str:
    """Return where WordPress lists all its posts; nowhere for the feed of a category, which wants a part."""
    home = feed.home or urljoin(response.url, "/")
    place, path = urlsplit(response.url), urlsplit(response.url).path
    inside = path.removeprefix(urlsplit(home).path.rstrip("/"))
    whole = _FEED_PATH.fullmatch(inside) or re.fullmatch(r"feed=\w+", place.query)
    root = _rest_root(response) or f"{home.rstrip('/')}/wp-json/"
    if not whole:
        return ""
    url = f"{root.rstrip('/')}/wp/v2/posts"
    return url + ("&" if "?" in root else "?") + "per_page=100&page=1&_embed=1"


def _blogger(feed: Feed, response: Response) -> str:
    values = {"start-index": number_in(response.url, "start-index", 1) + len(feed.entries)}
    return with_query(response.url, **values, **{"max-results": _BLOGGER_PAGE})


def _blogger_next(page: Feed, asked: str) -> tuple[str, ...]:
    # It may give fewer than were asked for, where posts are long.
    return (with_query(asked, **{"start-index": number_in(asked, "start-index", 1) + len(page.entries)}),)


def _is_blogger(feed: Feed, response: Response) -> bool:
    return "blogger" in feed.generator.lower() or "/feeds/posts/" in urlsplit(response.url).path


def _ghost_version(feed: Feed) -> int:
    found = re.search(r"\bghost (\d{1,3})", feed.generator, re.IGNORECASE)
    return int(found[1]) if found else 0


def _rss_page(_feed: Feed, response: Response) -> str:
    return with_path(response.url, f"{urlsplit(response.url).path.rstrip('/')}/2/")


def _rss_next(_page: Feed, asked: str) -> tuple[str, ...]:
    stem, _, number = urlsplit(asked).path.rstrip("/").rpartition("/")
    return (with_path(asked, f"{stem}/{int(number) + 1}/"),)


def _substack(feed: Feed, response: Response) -> str:
    listed = with_path(response.url, "/api/v1/archive")
    return with_query(listed, sort="new", offset=len(feed.entries), limit=_SUBSTACK_PAGE)


def _substack_next(page: Feed, asked: str) -> tuple[str, ...]:
    return (with_query(asked, offset=number_in(asked, "offset", 0) + len(page.entries)),)


def _is_substack(feed: Feed, response: Response) -> bool:
    host = urlsplit(response.url).hostname or ""
    return "substack" in feed.generator.lower() or host.endswith(".substack.com")


def _tumblr(feed: Feed, response: Response) -> str:
    return with_query(with_path(response.url, "/api/read/json"), num=50, start=len(feed.entries))


def _squarespace(_feed: Feed, response: Response) -> str:
    return with_query(response.url, format="json-pretty")


def _is_discourse(feed: Feed, response: Response) -> bool:
    return bool(response.header("x-discourse-route")) or "discourse" in feed.generator.lower()


STRATEGIES = (
    Strategy(
        "rfc5005",
        "archived feeds",
        lambda feed, _response: feed.link("prev-archive"),
        following=_linked("prev-archive"),
        anew=True,
    ),
    Strategy("next", "the feed's own pages", lambda feed, _response: feed.link("next")),
    Strategy(
        "wordpress",
        "WordPress paging",
        lambda _feed, response: with_query(response.url, paged=2),
        _is_wordpress,
        _counted("paged"),
    ),
    Strategy("wordpress-rest", "WordPress REST", _rest, _is_wordpress, read=read_wordpress, anew=True),
    Strategy("blogger", "Blogger paging", _blogger, _is_blogger, _blogger_next),
    Strategy(
        "ghost-rss",
        "Ghost's RSS pages",
        _rss_page,
        lambda feed, _response: 0 < _ghost_version(feed) < 3,
        _rss_next,
    ),
    Strategy(
        "ghost",
        "Ghost's content API",
        lambda feed, response: feed.home or urljoin(response.url, "/"),
        _made_by("ghost"),
        read=read_ghost,
        anew=True,
    ),
    Strategy("substack", "Substack's archive", _substack, _is_substack, _substack_next, read_substack),
    Strategy("tumblr", "Tumblr's API", _tumblr, _made_by("tumblr"), read=read_tumblr),
    Strategy(
        "squarespace",
        "Squarespace's JSON",
        _squarespace,
        _made_by("squarespace"),
        read=read_squarespace,
        anew=True,
    ),
    Strategy(
        "discourse",
        "Discourse paging",
        lambda _feed, response: with_query(response.url, page=1),
        _is_discourse,
        _counted("page"),
    ),
    Strategy(
        "sitemap",
        "sitemap",
        lambda _feed, response: first_sitemap(response.url),
        following=further_sitemaps,
        read=read_sitemap,
        listed=True,
        instead=other_sitemap,
        chooses=posts_like,
    ),
    Strategy(
        "wayback",
        "copies in the Wayback Machine",
        list_of_copies,
        lambda _feed, _response: False,  # only if it is asked for: the posts are not the site's own any more
        read=read_copies,
        listed=True,
        chooses=posts_like,
    ),
)
