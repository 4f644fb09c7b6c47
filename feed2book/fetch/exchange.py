"""One try at one address: wait for a turn, ask, read the whole body, judge what went wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Lock

import httpx2

from feed2book import __version__
from feed2book.errors import FetchError
from feed2book.fetch.cache import Cache
from feed2book.fetch.failures import causes, doubt, of_exception, of_status, too_large
from feed2book.fetch.guard import Trust, check_port, shown
from feed2book.fetch.hosts import Hosts
from feed2book.fetch.identities import Identity, place_of
from feed2book.fetch.sockets import remaining
from feed2book.models import FetchOptions, Response, without_login

REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = {"user-agent": f"feed2book/{__version__}", "accept-encoding": "gzip, deflate, br", "accept": "*/*"}
_ENCODINGS = {"", "identity", "gzip", "x-gzip", "deflate", "br"}
_PASSING = (429, 500, 502, 503, 504)  # statuses that another try may cure
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError)
_DRAINED = 100_000  # bytes of an error page that are read to keep the connection
_PACKED = (
    100  # times that a large body may be what came of it: markup packs to a tenth, bombs to a thousandth
)
_LARGE = 4_000_000  # bytes of a body beyond which it is read alone


@dataclass(frozen=True)
class Wish:
    """What is asked for, and with how much patience.

    ``start`` is where ``url`` is known to have moved for good: it is asked for in its place. ``limit`` is in
    bytes after decompression. ``retries`` counts tries after the first. ``stubborn`` tries again where a host
    hangs (while a whole time-out is left) or refuses, too. ``refresh`` asks the server even while the cache
    is fresh; ``good_for`` takes what the cache has for so many seconds, even if it is stale. ``salvage``
    takes what came of a body that broke off. ``permit`` is told where a redirect leads, and may raise.
    ``source`` is the source for which it is asked (see :class:`Identities`), ``""`` for none in particular.
    """

    url: str
    limit: int
    trust: Trust
    retries: int = 0
    stubborn: bool = False
    refresh: bool = False
    good_for: float = 0.0
    salvage: bool = False
    permit: Callable[[str], None] = lambda _: None
    source: str = ""
    start: str = ""


@dataclass
class Budget:
    """The time that one wish may take; waiting in our own queue does not count.

    ``end`` is a time of ``monotonic``, in seconds.
    """

    monotonic: Callable[[], float]
    end: float

    def left(self) -> float:
        """Seconds that are left; zero or less when it is over."""
        return self.end - self.monotonic()


@dataclass
class SetbackError(Exception):
    """A try failed.

    ``again`` says whether another may help, and ``delay`` after how many seconds (None: our choice).
    ``partial`` is what came before a body broke off. ``blame`` writes it into the host's record, when
    it was the last try.
    """

    error: FetchError
    again: bool = False
    delay: float | None = None
    partial: Response | None = None
    blame: Callable[[], None] = lambda: None


class Exchange:
    """Makes single tries. Safe to use from several threads.

    Args:
        options: limits.
        cache: where requests go.
        hosts: the record of this run.
        now: the time, in seconds since 1970.
    """

    def __init__(self, options: FetchOptions, cache: Cache, hosts: Hosts, now: Callable[[], float]) -> None:
        self._options = options
        self._cache = cache
        self._hosts = hosts
        self._large = Lock()
        self._now = now

    def once(self, url: httpx2.URL, identity: Identity, wish: Wish, budget: Budget) -> Response:
        """Ask for one address; a redirect is an answer, too.

        Args:
            url: the address.
            identity: who we are to its host.
            wish: limits of size and patience; its own ``url`` is the one before redirects.
            budget: the time that is left.

        Raises:
            SetbackError: it failed.
            FetchError: it failed, and another try is useless.
        """
        place = place_of(url)
        with self._hosts.turn(place, str(url), budget.left) as waited:
            budget.end += waited
            bound = remaining.set(budget.left)
            try:
                response = self._healed(url, identity, wish, budget)
            except httpx2.TransportError as error:
                raise self._judged(error, url, wish, budget) from error
            except _BrokenBodyError as broken:
                setback = self._judged(broken.error, url, wish, budget)
                if not isinstance(broken.error, httpx2.TimeoutException):
                    setback.partial = broken.partial
                raise setback from broken.error
            finally:
                remaining.reset(bound)
        self._hosts.answered(place)
        return response

    def _healed(self, url: httpx2.URL, identity: Identity, wish: Wish, budget: Budget) -> Response:
        """Send and read; a cache that turns out to be damaged is dropped, and the network asked."""
        try:
            return self._send(url, identity, wish, budget)
        except (sqlite3.Error, RuntimeError):
            self._cache.drop()
        try:
            return self._send(url, identity, wish, budget)
        except RuntimeError as error:  # the connections were closed by another thread
            raise FetchError("the work was broken off", where=shown(str(url))) from error

    def _send(self, url: httpx2.URL, identity: Identity, wish: Wish, budget: Budget) -> Response:
        with closing(self._cache.handle_request(self._request(url, identity, wish, budget))) as response:
            if response.status_code >= 300:
                # A short body read to its end keeps the connection, and lets the cache keep a redirect.
                with suppress(httpx2.TransportError, httpx2.DecodingError, FetchError):
                    _read(response, _DRAINED, str(url), [], self._large)
            if response.status_code in REDIRECTS:
                return _finished(response, url, [], wish)
            if not 200 <= response.status_code < 300:
                raise self._refused(response, url)
            parts: list[bytes] = []
            try:
                _read(response, wish.limit, str(url), parts, self._large)
            except (httpx2.TransportError, httpx2.DecodingError) as error:
                if _from_cache(response):
                    raise sqlite3.DatabaseError("a stored body is damaged") from error
                raise _BrokenBodyError(error, _finished(response, url, parts, wish)) from error
            return _finished(response, url, parts, wish)

    def _request(self, url: httpx2.URL, identity: Identity, wish: Wish, budget: Budget) -> httpx2.Request:
        host, port = place_of(url)
        trusted = self._options.allow_private or wish.trust.covers(host, port)
        if not trusted:
            check_port(port, self._options.ports, shown(str(url)))
        left = max(0.0, budget.left())
        read = min(self._options.read_timeout, left)
        connect = min(self._hosts.connect_timeout(), left)
        return httpx2.Request(
            "GET",
            url,
            headers={**_HEADERS, "cache-control": "no-cache"} if wish.refresh else _HEADERS,
            extensions={
                "trusted": trusted,
                "identity": identity,
                "proxy": identity.grant.proxy,
                "good_for": wish.good_for,
                # The pools have no limit, so nobody waits for one, except while it is being closed.
                "timeout": {"connect": connect, "read": read, "write": read, "pool": 0.5},
            },
        )

    def _refused(self, response: httpx2.Response, url: httpx2.URL) -> SetbackError:
        """Judge an error status."""
        error, place = of_status(response.status_code, str(url)), place_of(url)
        if response.status_code not in _PASSING:
            self._hosts.answered(place)
            return SetbackError(error)
        delay = self._retry_after(response.headers.get("retry-after", ""))
        if delay is not None:
            error.patience = delay
            self._hosts.wait(place, delay)
        return SetbackError(error, again=True, delay=delay, blame=lambda: self._hosts.failed(place, error))

    def _retry_after(self, value: str) -> float | None:
        """Seconds that a Retry-After header asks for (RFC 9110, section 10.2.3), or None."""
        text = value.strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - self._now())
        except (ValueError, OverflowError):
            return None

    def _judged(self, error: Exception, url: httpx2.URL, wish: Wish, budget: Budget) -> SetbackError:
        """Judge a failure of the connection or the body."""
        place, late = place_of(url), isinstance(error, httpx2.TimeoutException)
        if isinstance(error, _NOT_SENT):
            failure = of_exception(error, str(url), self._hosts.connect_timeout())
            refused = any(isinstance(cause, ConnectionError) for cause in causes(error))
            return SetbackError(
                failure,
                again=wish.stubborn and refused,
                blame=lambda: self._hosts.unreachable(place, failure, doubt(error)),
            )
        over = late and budget.left() <= 0
        failure = self._overdue(url) if over else of_exception(error, str(url), self._options.read_timeout)
        note = self._hosts.hung if late else self._hosts.failed
        # A try with less than a whole time-out left would hold up others' turns for nothing.
        again = not late or (wish.stubborn and budget.left() > self._options.read_timeout)
        return SetbackError(failure, again=again, blame=lambda: note(place, failure))

    def _overdue(self, url: httpx2.URL) -> FetchError:
        message = f"it was not done within {self._options.total_timeout:.3g} s"
        return FetchError(message, where=shown(str(url)), remedy="try again later")


class _BrokenBodyError(Exception):
    """The body stopped before its end."""

    def __init__(self, error: Exception, partial: Response) -> None:
        super().__init__(str(error))
        self.error = error
        self.partial = partial


def _from_cache(response: httpx2.Response) -> bool:
    return bool(response.extensions.get("caching", {}).get("from_cache"))


def _revalidated(response: httpx2.Response) -> bool:
    return bool(response.extensions.get("caching", {}).get("revalidated"))


def _read(response: httpx2.Response, limit: int, url: str, parts: list[bytes], large: Lock) -> None:
    """Read a body into ``parts``; stops as soon as more than ``limit`` decompressed bytes came.

    What turns out to be ``large`` waits until others that did are whole: many at once would fill the memory.
    """
    encodings = {name.strip().lower() for name in response.headers.get("content-encoding", "").split(",")}
    if not encodings <= _ENCODINGS:
        raise FetchError(f"its compression is unknown ({shown(' '.join(encodings))})", where=shown(url))
    length = response.headers.get("content-length", "")
    if not encodings - {"", "identity"} and length.isdigit() and int(length[:15]) > limit:
        raise too_large(limit, url)
    size = 0
    with ExitStack() as turn:
        # The decoders hand out at most 1 MiB at a time, so a bomb is noticed before it is large.
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > limit:
                parts.clear()  # the error, which is kept for the report, would hold them
                raise too_large(limit, url)
            if size > max(_LARGE, _PACKED * response.num_bytes_downloaded):
                parts.clear()
                raise FetchError(f"it unpacks to more than {_PACKED} times its size", where=shown(url))
            if size - len(chunk) <= _LARGE < size:
                turn.enter_context(large)
            parts.append(chunk)


def _finished(response: httpx2.Response, url: httpx2.URL, parts: list[bytes], wish: Wish) -> Response:
    headers = tuple((name.lower(), value) for name, value in response.headers.multi_items())
    return Response(
        str(url),
        response.status_code,
        headers,
        b"".join(parts),
        without_login(wish.url),
        unchanged=_from_cache(response),
        fresh=_from_cache(response) and not _revalidated(response),
    )
