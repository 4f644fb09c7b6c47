"""From an address to what lies there: logins, redirects, retries."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx2

from feed2book.errors import BlockedError, FetchError
from feed2book.fetch.cache import Cache
from feed2book.fetch.exchange import REDIRECTS, Budget, Exchange, SetbackError, Wish
from feed2book.fetch.failures import of_exception
from feed2book.fetch.guard import PORTS, is_host, shown
from feed2book.fetch.hosts import Hosts
from feed2book.fetch.identities import Identities, Identity, Place, place_of
from feed2book.fetch.netrc import Netrc
from feed2book.fetch.network import Network
from feed2book.models import FetchOptions, Grant, Response

_PERMANENT = (301, 308)
_Step = tuple[str, str]  # an address, and the cookies that went there: a site may set one and send us back


@dataclass(frozen=True)
class Answer:
    """What came.

    ``moved`` says that there were redirects, all of them permanent; ``broken`` why the body is not whole.
    """

    response: Response
    moved: bool = False
    broken: str = ""


class Client:
    """Gets things; safe to use from several threads.

    Args:
        options: limits, cache, offline.
        hosts: the record of this run.
        netrc: logins for sources that were given none.
        transport: takes the place of the network; None is the network.
        now: the time, in seconds since 1970.
        monotonic: a clock in seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        options: FetchOptions,
        hosts: Hosts,
        netrc: Netrc,
        transport: httpx2.BaseTransport | None = None,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._options = options
        below = transport or Network(options.concurrency, proxy=options.proxy)
        self._cache = Cache(options.cache_dir, below, offline=options.offline, now=now)
        self._exchange = Exchange(options, self._cache, hosts, now)
        self._monotonic = monotonic
        self._sleep = sleep
        self._identities = Identities(netrc)

    @property
    def problem(self) -> str:
        """Why the cache is not used, or starts anew; ``""`` if all is well."""
        return self._cache.problem

    def close(self) -> None:
        """Close the cache and all connections."""
        self._cache.close()

    def admit(self, url: str, grant: Grant) -> Place:
        """Take note of an address that the user typed, and of what he gave for it.

        Args:
            url: the address, perhaps with user and password in it.
            grant: what it gets.

        Returns:
            The host and port.

        Raises:
            FetchError: it is not a valid address of the web.
            UsageError: what was given for it cannot be understood.
        """
        parsed = _parse(url)
        self._identities.admit(url, parsed, grant)
        return place_of(parsed)

    def plain(self, url: str) -> str:
        """Return an address as it is asked for: normalized, without its fragment and its login.

        Raises:
            FetchError: it is not a valid address of the web.
        """
        return str(_parse(url).copy_with(userinfo=b""))

    def name(self, url: str, source: str) -> str:
        """Return what tells our identity at an address apart from others', ``""`` for nobody's.

        Raises:
            FetchError: it is not a valid address of the web.
        """
        return self._identities.at(_parse(url), source).name

    def get(self, wish: Wish) -> Answer:
        """Fetch one address, through its redirects.

        Raises:
            FetchError: it could not be had; BlockedError: it may not be asked for.
        """
        budget = Budget(self._monotonic, self._monotonic() + self._options.total_timeout)
        # A login counts only if the user typed it (see admit): a feed's content sends none.
        url, moved = _parse(wish.start or wish.url).copy_with(userinfo=b""), True
        seen: list[_Step] = []
        while True:
            identity = self._identities.at(url, wish.source)
            step = (str(url), identity.cookie(url))
            self._check_way(step, seen)
            seen.append(step)
            response, broken = self._patiently(url, identity, wish, budget)
            if response.status not in REDIRECTS:
                return Answer(response, moved and len(seen) > 1, broken)
            moved = moved and response.status in _PERMANENT
            url = _onward(url, response, shown(wish.url))
            wish.permit(str(url))

    def _check_way(self, step: _Step, seen: list[_Step]) -> None:
        """Refuse a way through redirects that leads in a circle, or too far."""
        if not seen:
            return
        where, address = shown(seen[0][0]), shown(step[0])
        if step in seen:
            loop = " → ".join(shown(url) for url, _ in (*seen[seen.index(step) :], step))
            raise FetchError(f"the server redirects in a loop: {loop}", where=where)
        if len(seen) > self._options.max_redirects:
            message = f"more than {self._options.max_redirects} redirects, the last to {address}"
            raise FetchError(message, where=where)

    def _patiently(
        self, url: httpx2.URL, identity: Identity, wish: Wish, budget: Budget
    ) -> tuple[Response, str]:
        """Try one address, and again where that may help. Returns the response and why it is not whole."""
        kept: Response | None = None
        attempt = 0
        while True:
            try:
                return self._exchange.once(url, identity, wish, budget), ""
            except SetbackError as setback:
                kept = _longer(kept, setback.partial)
                delay = 0.5 * 2**attempt if setback.delay is None else setback.delay
                if setback.again and attempt < wish.retries and delay < budget.left():
                    self._sleep(delay)
                    attempt += 1
                    continue
                setback.blame()
                if wish.salvage and kept and kept.body:
                    return kept, setback.error.message
                raise setback.error from setback.__cause__


def _onward(url: httpx2.URL, response: Response, where: str) -> httpx2.URL:
    """Return where a redirect leads."""
    target = response.header("location").strip()
    if not target:
        raise FetchError("the server redirects to nowhere", where=where)
    try:
        return _parse(str(url.join(target))).copy_with(userinfo=b"")
    except BlockedError as error:
        raise BlockedError(f"redirected: {error.message}", where=where) from error
    except (httpx2.InvalidURL, FetchError) as error:
        message = f"the server redirects to an invalid address ({shown(target)})"
        raise FetchError(message, where=where) from error


def _longer(one: Response | None, other: Response | None) -> Response | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda response: len(response.body))


def _parse(url: str) -> httpx2.URL:
    """Read an address of the web; the fragment goes.

    Raises:
        FetchError: it is not valid; BlockedError: it is of another scheme.
    """
    try:
        parsed = httpx2.URL(url.strip()).copy_with(fragment=None)
    except httpx2.InvalidURL as error:
        raise of_exception(error, url, 0.0) from error
    if parsed.scheme not in PORTS:
        raise BlockedError(
            f"only http and https are fetched, not {parsed.scheme[:20] or 'this'}", where=shown(url)
        )
    if not is_host(parsed.raw_host.decode("ascii")) or not 0 < (parsed.port or PORTS[parsed.scheme]) < 65536:
        raise FetchError("this is not a valid address", where=shown(url), remedy="check the address")
    return parsed
