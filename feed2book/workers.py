"""Where pure work runs: in line, in processes of our own, or on an executor that the caller brings."""

from __future__ import annotations

import gc
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from feed2book.children import Leash, context, follow

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext, SpawnContext

A = TypeVar("A")
B = TypeVar("B")

#: Objects between two collections. Trees of markup are cycles in great number: at the usual pace, collecting
#: takes a third of the time.
GC_PACE = 100_000

_ROUNDS = 12  # tasks for each process: enough to keep all busy to the end, few enough to send what is shared
_START, _HAND_OUT = 2.0, 0.2  # seconds of work that are worth starting processes, and using those there are


class _SlowCollector:
    """Collects at :data:`GC_PACE` from the first ``begin`` to the last ``end``; runs in threads overlap."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs = 0

    def begin(self) -> None:
        with self._lock:
            if not self._runs:
                self._usual = gc.get_threshold()
                gc.set_threshold(GC_PACE)
            self._runs += 1

    def end(self) -> None:
        with self._lock:
            self._runs -= 1
            if not self._runs:
                gc.set_threshold(*self._usual)


_SLOW_COLLECTOR = _SlowCollector()


class Workers:
    """Maps picklable functions over items, in order, for several threads. Use it as a context manager.

    Processes start with the first work that is worth it, and end with the context. Where one dies, the
    work that is left is done in line.

    Args:
        jobs: how many processes; 1 does everything in line.
        executor: takes the place of our own processes, whatever ``jobs`` says, and gets all work, however
            little: its processors are not these. It is not shut down.
        preload: modules that a new process should have loaded.
    """

    def __init__(self, jobs: int = 1, executor: Executor | None = None, preload: Sequence[str] = ()) -> None:
        self.jobs = max(1, jobs)
        self._given = executor
        self._preload = list(preload)
        self._context: ForkServerContext | SpawnContext | None = None
        self._own: ProcessPoolExecutor | None = None
        self._leash: Leash | None = None
        self._broken = False
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        _SLOW_COLLECTOR.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _SLOW_COLLECTOR.end()
        if self._own is None:
            return
        if kind is not None and self._leash:  # nobody waits for what is no longer wanted (Ctrl-C, an error)
            self._leash.let_go()
        self._own.shutdown(wait=True, cancel_futures=True)
        self._own = None

    def begin(self, seconds: float) -> None:
        """Let processes load what they need, beside what this one does, if work will come that is worth them.

        Args:
            seconds: about how long that work takes in line.
        """
        if seconds > _START and self.jobs > 1 and not self._given:
            with self._lock:
                self._context = self._context or context(self._preload)

    def map(
        self, function: Callable[[A], B], items: Sequence[A], *, seconds: float = math.inf
    ) -> Iterator[B]:
        """Yield ``function(item)`` for each item, in order.

        Args:
            function: picklable, as its items and results are; it must give the same wherever it runs.
            items: what to work on.
            seconds: about how long all of it takes in line: little work stays there.
        """
        if self._given:
            worth = len(items) > 0
        elif self._context:
            worth = seconds > _HAND_OUT and len(items) > 0
        else:
            worth = seconds > _START and len(items) > 1
        results = self._submitted(function, items) if worth else None
        done = 0
        if results is not None:
            try:
                for result in results:
                    yield result
                    done += 1
            except BrokenExecutor:  # a worker was killed (memory), or cannot start here
                self._broken = True
        yield from map(function, items[done:])

    def _submitted(self, function: Callable[[A], B], items: Sequence[A]) -> Iterator[B] | None:
        """Hand out the work; None where there is nobody to do it."""
        if self._broken or (self._given is None and self.jobs == 1):
            return None
        try:
            executor = self._given or self._own or self._start()
            return executor.map(function, items, chunksize=-(-len(items) // (self.jobs * _ROUNDS)))
        except (BrokenExecutor, ImportError, NotImplementedError, OSError):  # no processes or locks to be had
            self._broken = True
            return None

    def _start(self) -> ProcessPoolExecutor:
        from concurrent.futures import ProcessPoolExecutor

        with self._lock:
            if self._own is None:
                self._context = self._context or context(self._preload)
                self._leash = Leash(self._context)
                self._own = ProcessPoolExecutor(self.jobs, self._context, _prepare, (self._leash.end,))
            return self._own


def _prepare(leash: Connection) -> None:
    """Make a new process ready for work."""
    follow(leash)
    gc.set_threshold(GC_PACE)
