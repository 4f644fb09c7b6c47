"""From an address to what lies there: logins, redirects, retries."""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

import httpx2

from feed2book.errors import BlockedError, FetchError
from feed2book.fetch.cache import Cache
from feed2book.fetch.exchange import REDIRECTS, Budget, Exchange, Place, SetbackError, Wish, place_of
from feed2book.fetch.failures import of_exception
from feed2book.fetch.guard import PORTS, plain_host, shown
from feed2book.fetch.hosts import Hosts
from feed2book.fetch.network import Network
from feed2book.models import FetchOptions, Response

_PERMANENT = (301, 308)


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
        transport: takes the place of the network; None is the network.
        now: the time, in seconds since 1970.
        monotonic: a clock in seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        options: FetchOptions,
        hosts: Hosts,
        transport: httpx2.BaseTransport | None = None,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._options = options
        below = transport or Network(options.concurrency)
        self._cache = Cache(options.cache_dir, below, offline=options.offline, now=now)
        self._exchange = Exchange(options, self._cache, hosts, now)
        self._monotonic = monotonic
        self._sleep = sleep
        self._logins: dict[tuple[str, Place], str] = {}
        self._lock = threading.Lock()

    @property
    def problem(self) -> str:
        """Why the cache is not used, or starts anew; ``""`` if all is well."""
        return self._cache.problem

    def close(self) -> None:
        """Close the cache and all connections."""
        self._cache.close()

    def admit(self, url: str, login: str = "") -> tuple[Place, str]:
        """Take note of an address that the user typed: its login counts for that place.

        Args:
            url: the address, perhaps with user and password in it.
            login: an ``Authorization`` field in the place of these.

        Returns:
            The place, and the login that counts there.

        Raises:
            FetchError: it is not a valid address of the web.
        """
        parsed = _parse(url)
        if parsed.userinfo and not login:
            user, _, password = parsed.userinfo.decode().partition(":")
            login = f"Basic {b64encode(f'{unquote(user)}:{unquote(password)}'.encode()).decode()}"
        if login:
            with self._lock:
                self._logins.update(dict.fromkeys(_reach(parsed), login))
        return place_of(parsed), login

    def plain(self, url: str) -> str:
        """Return an address as it is asked for: normalized, without its fragment and its login.

        Raises:
            FetchError: it is not a valid address of the web.
        """
        return str(_parse(url).copy_with(userinfo=b""))

    def get(self, wish: Wish) -> Answer:
        """Fetch one address, through its redirects.

        Raises:
            FetchError: it could not be had; BlockedError: it may not be asked for.
        """
        budget = Budget(self._monotonic, self._monotonic() + self._options.total_timeout)
        # A login counts only if the user typed it (see admit): a feed's content sends none.
        url, moved = _parse(wish.url).copy_with(userinfo=b""), True
        seen = [str(url)]
        while True:
            response, broken = self._patiently(url, wish, budget)
            if response.status not in REDIRECTS:
                return Answer(response, moved and len(seen) > 1, broken)
            moved = moved and response.status in _PERMANENT
            url = self._next(url, response, seen)
            wish.permit(str(url))

    def _next(self, url: httpx2.URL, response: Response, seen: list[str]) -> httpx2.URL:
        """Return where a redirect leads; ``seen`` is the way so far and is continued."""
        where, target = shown(seen[0]), response.header("location").strip()
        if not target:
            raise FetchError("the server redirects to nowhere", where=where)
        try:
            found = _parse(str(url.join(target))).copy_with(userinfo=b"")
        except BlockedError as error:
            raise BlockedError(f"redirected: {error.message}", where=where) from error
        except (httpx2.InvalidURL, FetchError) as error:
            message = f"the server redirects to an invalid address ({shown(target)})"
            raise FetchError(message, where=where) from error
        if str(found) in seen:
            loop = " → ".join(shown(step) for step in (*seen[seen.index(str(found)) :], str(found)))
            raise FetchError(f"the server redirects in a loop: {loop}", where=where)
        if len(seen) > self._options.max_redirects:
            message = f"more than {self._options.max_redirects} redirects, the last to {shown(str(found))}"
            raise FetchError(message, where=where)
        seen.append(str(found))
        return found

    def _patiently(self, url: httpx2.URL, wish: Wish, budget: Budget) -> tuple[Response, str]:
        """Try one address, and again where that may help. Returns the response and why it is not whole."""
        place = (url.scheme, place_of(url))
        login = self._logins.get(place, "")
        if wish.login and place in _reach(_parse(wish.url)):
            login = wish.login
        kept: Response | None = None
        attempt = 0
        while True:
            try:
                return self._exchange.once(url, login, wish, budget), ""
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


def _reach(url: httpx2.URL) -> tuple[tuple[str, Place], ...]:
    """Return the schemes and places where the login of an address counts."""
    place = place_of(url)
    if url.scheme == "http" and url.port is None:  # a redirect to https takes it along
        return ("http", place), ("https", (place[0], PORTS["https"]))
    return ((url.scheme, place),)


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
    if not plain_host(parsed.host) or not 0 < (parsed.port or PORTS[parsed.scheme]) < 65536:
        raise FetchError("this is not a valid address", where=shown(url), remedy="check the address")
    return parsed
