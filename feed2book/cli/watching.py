"""Staying in the foreground, and running editions when they are due."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from types import FrameType

from feed2book.config import Schedule

_STEP = 1.0  # seconds between two looks at the clock: it jumps when a machine wakes, and an end is asked for
_AGAIN = timedelta(hours=1)  # after a run in which nothing could be read


def keep_watch(
    schedules: Mapping[str, Schedule],
    zone: tzinfo,
    *,
    run: Callable[[str], bool],
    say: Callable[[str, datetime], None],
    clock: Callable[[], datetime],
    wait: Callable[[], bool],
) -> None:
    """Run each edition when it is due, until the end is asked for.

    What was missed (the machine was asleep, another run took long) is made up for by one run.

    Args:
        schedules: of the editions, by name.
        zone: whose local time they mean.
        run: runs an edition; whether it is to be tried again in an hour.
        say: is told which edition is due next, and when.
        clock: returns the time.
        wait: lets a moment pass; whether to go on.
    """
    due = {name: schedule.next(clock(), zone) for name, schedule in schedules.items()}
    while True:
        name = min(due, key=due.__getitem__)
        say(name, due[name])
        while clock() < due[name]:
            if not wait():
                return
        again = run(name)
        # A clock that was set back does not bring the same issue twice.
        now = max(clock(), due[name])
        due[name] = schedules[name].next(now, zone)
        if again:
            due[name] = min(due[name], now + _AGAIN)
        if not wait():
            return


@contextmanager
def ended_by_terminate() -> Iterator[Callable[[], bool]]:
    """Give a ``wait`` that ends with SIGTERM, which lets a run that is under way come to its end.

    A container is stopped like that. Ctrl-C ends a run, too: what it had begun goes on with the next one.
    """
    asked = False

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (the form of a handler)
        nonlocal asked
        asked = True

    def wait() -> bool:
        if not asked:
            time.sleep(_STEP)
        return not asked

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield wait
    finally:
        signal.signal(signal.SIGTERM, before)
