"""What a run has learnt about hosts: how busy they are, which ask for patience, which do not answer.

Who waits for a host, for its turn or because the host asks for patience, holds up nobody else.

A host that cannot be connected to is given up at once, one that hangs after two time-outs, one that
fails after three failures in a row: five hundred pictures on it then cost what one costs. If three hosts
are silent, or twelve unknown, and none has answered, the network is taken to be down.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from feed2book.errors import FetchError
from feed2book.fetch.guard import shown
from feed2book.models import FetchOptions

_HANGS, _FAULTS = 2, 3
_DOUBTFUL = 12  # see failures.doubt: three silent hosts
_SHORT = 2.0  # seconds to wait for a connection once several hosts were silent


@dataclass
class _Host:
    """What is known of one ``host:port``. ``wait_until`` is a time of the monotonic clock."""

    given_up: FetchError | None = None
    hangs: int = 0
    faults: int = 0
    wait_until: float = 0.0


class Hosts:
    """Turns at hosts, and their record. Safe to use from several threads.

    Args:
        options: ``concurrency`` and ``per_host`` say how many requests run at once.
        monotonic: a clock in seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        options: FetchOptions,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._options = options
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._all = threading.BoundedSemaphore(options.concurrency)
        self._slots: dict[str, threading.BoundedSemaphore] = defaultdict(
            lambda: threading.BoundedSemaphore(options.per_host)
        )
        self._hosts: dict[tuple[str, int], _Host] = defaultdict(_Host)
        self._doubt = 0
        self._reached = False

    @contextmanager
    def turn(self, place: tuple[str, int], url: str, left: Callable[[], float]) -> Iterator[float]:
        """Wait for a turn at a host and hold it; yields the seconds spent in the queue.

        Args:
            place: host and port.
            url: what will be asked for, for messages.
            left: seconds that the request still has; a host's wish to wait counts against it.

        Raises:
            FetchError: the host, or the network, was given up; or it asks for more patience than is left.
        """
        with self._lock:
            slots = self._slots[place[0]]
        started = self._monotonic()
        with slots:
            waited = self._monotonic() - started
            self._be_patient(place, url, left() + waited)
            started = self._monotonic()
            with self._all:
                self._check(place, url)
                yield waited + self._monotonic() - started

    def _be_patient(self, place: tuple[str, int], url: str, most: float) -> None:
        """Wait as long as a host asks for, unless that is ``most`` seconds or more."""
        pause = self._hosts[place].wait_until - self._monotonic()
        if pause >= most > 0:
            message, remedy = "the server asks us to slow down", "try again later"
            error = FetchError(message, where=shown(url), remedy=remedy)
            error.patience = pause
            raise error
        if pause > 0:
            self._sleep(pause)

    def _check(self, place: tuple[str, int], url: str) -> None:
        with self._lock:
            known = self._hosts[place].given_up
            if known:
                raise FetchError(known.message, where=shown(url), remedy=known.remedy)
            if self._doubt >= _DOUBTFUL and not self._reached:
                message, remedy = "the network does not answer", "check the network connection"
                raise FetchError(message, where=shown(url), remedy=remedy)

    def connect_timeout(self) -> float:
        """Seconds to wait for a connection: fewer when several hosts were silent or unknown already."""
        limit = self._options.connect_timeout
        return limit if self._doubt < _DOUBTFUL else min(limit, _SHORT)

    def answered(self, place: tuple[str, int]) -> None:
        """Note that a host gave a sound answer."""
        with self._lock:
            self._reached = True
            self._hosts[place].faults = 0

    def unreachable(self, place: tuple[str, int], error: FetchError, doubt: int) -> None:
        """Give a host up that cannot be connected to; for ``doubt`` see :func:`failures.doubt`."""
        with self._lock:
            if not self._hosts[place].given_up:
                self._doubt += doubt
            self._hosts[place].given_up = error

    def hung(self, place: tuple[str, int], error: FetchError) -> None:
        """Note that a host took the connection and did not finish; twice is enough."""
        with self._lock:
            host = self._hosts[place]
            host.hangs += 1
            if host.hangs >= _HANGS:
                host.given_up = error

    def failed(self, place: tuple[str, int], error: FetchError) -> None:
        """Note that a host failed in spite of retries; three times in a row is enough."""
        with self._lock:
            host = self._hosts[place]
            host.faults += 1
            if host.faults >= _FAULTS:
                host.given_up = error

    def wait(self, place: tuple[str, int], seconds: float) -> None:
        """Leave a host in peace for so many seconds (Retry-After)."""
        with self._lock:
            host = self._hosts[place]
            host.wait_until = max(host.wait_until, self._monotonic() + seconds)
