"""Many feeds, pictures or pages at once: each once, hosts in turn, alternatives where the best one fails."""

from __future__ import annotations

import queue
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from feed2book.errors import FetchError

T = TypeVar("T")
A = TypeVar("A", bound=Hashable)  # an address, perhaps with what else tells two requests apart
Progress = Callable[[int, int], None]


def fetch_all(
    wanted: Iterable[tuple[A, ...]],
    fetch: Callable[[A], T],
    *,
    host: Callable[[A], str],
    concurrency: int,
    per_host: int,
    progress: Progress | None = None,
) -> dict[tuple[A, ...], T | FetchError]:
    """Fetch many things in threads.

    Args:
        wanted: for each thing its addresses, best first.
        fetch: fetches one address, and makes of it what is to be kept; runs in several threads.
        host: returns the host of an address, see :func:`host_of`.
        concurrency: how many at once.
        per_host: how many at once from one host.
        progress: is told how many are settled, of how many; runs in the caller's thread.

    Returns:
        For each thing what came, or why its best address failed.
    """
    board: _Board[A, T] = _Board(dict.fromkeys(wanted), host, per_host)
    tasks: queue.SimpleQueue[A | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[A, T | FetchError | _Crash]] = queue.SimpleQueue()
    # Daemons: after Ctrl-C nobody waits for a server that may never answer.
    workers = [
        threading.Thread(target=_work, args=(fetch, tasks, done), name=f"fetch {number}", daemon=True)
        for number in range(min(concurrency, board.total))
    ]
    for worker in workers:
        worker.start()
    try:
        _run(board, tasks, done, len(workers), progress)
    finally:
        for _ in workers:
            tasks.put(None)
    for worker in workers:
        worker.join()
    return board.results


def _run(
    board: _Board[A, T],
    tasks: queue.SimpleQueue[A | None],
    done: queue.SimpleQueue[tuple[A, T | FetchError | _Crash]],
    workers: int,
    progress: Progress | None,
) -> None:
    """Hand out addresses and take in what comes, until nothing is left."""
    running = 0
    while True:
        while running < workers and (url := board.next()) is not None:
            tasks.put(url)
            running += 1
        if progress:
            progress(board.settled, board.total)
        if not running:
            return
        url, outcome = done.get()
        running -= 1
        if isinstance(outcome, _Crash):
            raise outcome.error
        board.arrived(url, outcome)


def _work(
    fetch: Callable[[A], T],
    tasks: queue.SimpleQueue[A | None],
    done: queue.SimpleQueue[tuple[A, T | FetchError | _Crash]],
) -> None:
    while (url := tasks.get()) is not None:
        try:
            done.put((url, fetch(url)))
        except FetchError as error:
            done.put((url, error))
        except BaseException as error:  # noqa: BLE001 (raised again in the caller's thread)
            done.put((url, _Crash(error)))


@dataclass(frozen=True, slots=True)
class _Crash:
    """What was raised in a thread, and is no failure to fetch."""

    error: BaseException


class _Board(Generic[A, T]):
    """Which thing waits for which address, and which host may be asked next."""

    def __init__(self, wanted: Iterable[tuple[A, ...]], host: Callable[[A], str], per_host: int) -> None:
        self.results: dict[tuple[A, ...], T | FetchError] = {}
        self.settled = 0
        self._host = host
        self._per_host = per_host
        self._known: dict[A, T | FetchError] = {}
        self._waiting: dict[A, list[tuple[tuple[A, ...], int]]] = {}
        self._queues: dict[str, deque[A]] = defaultdict(deque)
        self._ready: set[str] = set()  # hosts that may be asked
        self._order: list[tuple[int, int, str]] = []  # a heap of these
        self._serial = count()
        self._active: Counter[str] = Counter()
        wishes = list(wanted)
        # A host that has more to do than others comes first: begun last, it would keep all waiting.
        self._share = Counter(host(addresses[0]) for addresses in wishes if addresses)
        self.total = len(wishes)
        for addresses in wishes:
            # The result keeps the order of the wishes, whatever arrives first.
            self.results[addresses] = FetchError("it has no address")
            self._ask(addresses, 0)

    def next(self) -> A | None:
        """Return an address to fetch now, or None."""
        if not self._ready:
            return None
        _, _, host = heappop(self._order)
        self._ready.remove(host)
        url = self._queues[host].popleft()
        self._active[host] += 1
        self._make_ready(host)
        return url

    def arrived(self, url: A, outcome: T | FetchError) -> None:
        """Take in what came from an address, and settle or continue what waited for it."""
        host = self._host(url)
        self._active[host] -= 1
        self._make_ready(host)
        self._known[url] = outcome
        for addresses, index in self._waiting.pop(url, []):
            self._ask(addresses, index)

    def _make_ready(self, host: str) -> None:
        if self._queues[host] and self._active[host] < self._per_host and host not in self._ready:
            self._ready.add(host)
            heappush(self._order, (-self._share[host], next(self._serial), host))

    def _ask(self, addresses: tuple[A, ...], start: int) -> None:
        """Go through the addresses from ``start`` until one came or must be waited for."""
        for index in range(start, len(addresses)):
            url = addresses[index]
            if url not in self._known:
                if url not in self._waiting:
                    host = self._host(url)
                    self._queues[host].append(url)
                    self._make_ready(host)
                self._waiting.setdefault(url, []).append((addresses, index))
                return
            known = self._known[url]
            if not isinstance(known, FetchError):
                self._settle(addresses, known)
                return
        self._settle(addresses, self._known[addresses[0]] if addresses else self.results[addresses])

    def _settle(self, addresses: tuple[A, ...], outcome: T | FetchError) -> None:
        self.results[addresses] = outcome
        self.settled += 1


def host_of(url: str) -> str:
    """Return the host to take turns by, of what users type (``example.org/feed``), too; or ``data:``."""
    if url[:5].lower() == "data:":
        return "data:"
    try:
        return (urlsplit(url if "//" in url else f"//{url}").hostname or "").rstrip(".")
    except ValueError:
        return ""
