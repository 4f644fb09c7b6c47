"""Run many editions: one after the other, or several at once where an executor does the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Unpack

from feed2book.errors import Feed2BookError, StateError
from feed2book.models import Ask, Edition, FetchOptions
from feed2book.pipeline.editions import EditionReport, run_in_turn
from feed2book.pipeline.granting import Reveal
from feed2book.pipeline.run import Progress, RunOptions, quiet

_AT_ONCE = 32
"""Editions that are in the making on an executor. More would wait for this process, which fetches, binds."""


def run_editions(
    editions: Sequence[Edition],
    data: Path,
    clock: Callable[[], datetime],
    *,
    reveal: Reveal,
    wait: bool = False,
    ask: Ask = Ask.USUAL,
    **options: Unpack[RunOptions],
) -> Iterator[EditionReport]:
    """Run editions as :func:`run_edition` does; the error that ends one is in its report, others still run.

    On an executor of the caller's several are made at once, so that it has always something to do. They are
    fetched here, with one limit for all of them, and delivered and written down one after the other.

    Args:
        editions: what to make, and where it goes.
        data: the folder of what is remembered.
        clock: returns the time, UTC.
        reveal: returns a secret.
        wait: until another run is done; else that is an error.
        ask: see :func:`run_edition`.
        **options: as for :func:`make_epub`; ``progress`` is told of editions where several are made at once.

    Yields:
        The report of each edition, in order.
    """
    from feed2book.fetch.hosts import Hosts
    from feed2book.state import locked

    turn = _Turn()

    def run(edition: Edition) -> EditionReport:
        try:
            return run_in_turn(edition, data, clock(), reveal, turn, ask, **options)
        except Feed2BookError as error:
            return EditionReport(edition.name, error=error)

    try:
        with locked(data, wait=wait):
            if options.get("executor") is None or len(editions) == 1:
                yield from map(run, editions)
            else:
                show, options["progress"] = options.pop("progress", quiet), quiet
                options["hosts"] = Hosts(FetchOptions())
                yield from _at_once(run, editions, turn, show)
    except StateError as error:  # another run is under way
        yield from (EditionReport(edition.name, error=error) for edition in editions)


def _at_once(
    run: Callable[[Edition], EditionReport], editions: Sequence[Edition], turn: _Turn, progress: Progress
) -> Iterator[EditionReport]:
    """Run editions in threads. Where that is broken off, nothing more is begun, sent or written down."""
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        progress("editions", 0, len(editions))
        for done, report in enumerate(pool.map(run, editions), 1):
            progress("editions", done, len(editions))
            yield report
    finally:
        turn.over = True
        pool.shutdown(cancel_futures=True)


class _Turn:
    """Lets one thread at a time send things and write them down, and none once it is ``over``."""

    def __init__(self) -> None:
        self.over = False
        self._lock = Lock()

    def __enter__(self) -> None:
        self._lock.acquire()
        if self.over:
            self._lock.release()
            raise CancelledError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
