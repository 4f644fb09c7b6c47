"""What hosts ask robots to leave alone (RFC 9309), and how long to wait between two pages."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from feed2book.errors import FetchError
from feed2book.fetch.guard import Trust, shown
from feed2book.models import FetchOptions, Response

if TYPE_CHECKING:
    from protego import Protego

MOST = 5_000_000  # bytes of a robots.txt; a larger one is as good as none that can be had
_READ = 512_000  # bytes of it that count (RFC 9309, section 2.5: at least 500 KiB)
_LONGEST = 10.0  # seconds of a crawl delay that are honoured; some ask for a day
_TOKEN = "feed2book"  # noqa: S105 (a product token, RFC 9309, section 2.2.1)
_REMEDY = "use --ignore-robots if you may read it all the same"
_GROUP = re.compile(r"\s*user[-\s]*agent(?:\s*:|\s)\s*([^#]*)", re.IGNORECASE)


@dataclass
class _Place:
    """The rules of one scheme, host and port: not read yet, or ``missing`` says why they cannot be had.

    ``delay`` is in seconds; ``free_at`` is when the next page may be asked for, by the monotonic clock.
    """

    reading: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.Lock = field(default_factory=threading.Lock)
    rules: Protego | None = None
    missing: FetchError | None = None
    delay: float = 0.0
    free_at: float = 0.0


class Robots:
    """The rules of all hosts of a run, each read once. Safe to use from several threads.

    Args:
        options: whether they are obeyed; offline, no host is asked for anything.
        fetch: gets a ``robots.txt``.
        monotonic: a clock in seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        options: FetchOptions,
        fetch: Callable[[str, Trust], Response],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._obeyed = not (options.ignore_robots or options.offline)
        self._fetch = fetch
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = defaultdict(_Place)

    def permit(self, url: str, trust: Trust) -> None:
        """Return if a page may be fetched.

        Args:
            url: its address, as :meth:`feed2book.fetch.client.Client.plain` spells it.
            trust: hosts that may be private.

        Raises:
            FetchError: its host asks robots to leave it alone, or cannot be asked (section 2.3.1.4).
        """
        if self._obeyed:
            self._place(url, trust)

    def _place(self, url: str, trust: Trust) -> _Place:
        place = self._known(url, trust)
        if place.missing:
            message = f"the host's robots.txt cannot be had: {place.missing.message}"
            raise type(place.missing)(message, where=shown(url), remedy=place.missing.remedy or _REMEDY)
        if place.rules and not place.rules.can_fetch(url, _TOKEN):
            raise FetchError("its robots.txt asks us to leave it alone", where=shown(url), remedy=_REMEDY)
        return place

    def in_turn(self, url: str, trust: Trust, fetch: Callable[[], Response]) -> Response:
        """Fetch a page if it may be fetched, as soon as its host's crawl delay lets us.

        Raises:
            FetchError: see :meth:`permit`; or ``fetch`` failed.
        """
        place = self._place(url, trust) if self._obeyed else None
        if not place or not place.delay:
            return fetch()
        with place.turn:
            self._sleep(max(0.0, place.free_at - self._monotonic()))
            place.free_at = self._monotonic() + place.delay
            response = fetch()
            if response.fresh:
                place.free_at = 0.0
            return response

    def _known(self, url: str, trust: Trust) -> _Place:
        address = urljoin(url, "/robots.txt")
        with self._lock:
            place = self._places[address]
        with place.reading:
            if place.rules is None and place.missing is None:
                self._read(address, trust, place)
        return place

    def _read(self, address: str, trust: Trust, place: _Place) -> None:
        try:
            text = self._fetch(address, trust).body[:_READ].decode("utf-8-sig", "replace")
        except FetchError as error:
            if not 400 <= error.status < 500:  # "unavailable" (section 2.3.1.3): all may be fetched
                place.missing = error
                return
            text = ""
        from protego import Protego

        place.rules = Protego.parse("\n".join(map(_narrowed, text.splitlines())))
        place.delay = min(_LONGEST, place.rules.crawl_delay(_TOKEN) or 0.0)


def _narrowed(line: str) -> str:
    """Return a line of a robots.txt, with one name for all robots that are not us.

    The parser keeps the rules of a group once for each robot in it: a hostile file could name thousands.
    """
    group = _GROUP.match(line)
    if not group:
        return line
    name = group[1].strip().lower()
    ours = re.fullmatch(rf"{_TOKEN}(?![\w-]).*", name)
    return f"User-agent: {_TOKEN if ours else name if name == '*' else 'another'}"
