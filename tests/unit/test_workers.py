"""Work spread over processes gives what it gives in line, whatever happens to a process."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feed2book import pipeline
from feed2book.models import Job
from feed2book.workers import GC_PACE, Workers

SAMPLE = Path(__file__).parents[2] / "samples" / "blog" / "feed.xml"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def place(number: int) -> tuple[int, int]:
    return number, os.getpid()


def dying(number: int) -> int:
    if number == 5 and multiprocessing.parent_process() is not None:
        os._exit(9)
    return number * 2


def failing(number: int) -> int:
    return 1 // (number - 3)


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order(jobs: int) -> None:
    with Workers(jobs) as workers:
        found = list(workers.map(place, range(40)))
    assert [number for number, _ in found] == list(range(40))
    assert (os.getpid() in {pid for _, pid in found}) == (jobs == 1)


def test_little_work_starts_no_process() -> None:
    with Workers(2) as workers:
        assert {pid for _, pid in workers.map(place, range(9), seconds=1)} == {os.getpid()}
        assert {pid for _, pid in workers.map(place, range(1))} == {os.getpid()}


def test_processes_that_were_begun_do_single_pieces_of_work_too() -> None:
    with Workers(2) as workers:
        workers.begin(seconds=1)  # which is not worth any
        assert {pid for _, pid in workers.map(place, range(1), seconds=1)} == {os.getpid()}
        workers.begin(seconds=60)
        assert os.getpid() not in {pid for _, pid in workers.map(place, range(1), seconds=1)}
        assert {pid for _, pid in workers.map(place, range(1), seconds=0.01)} == {os.getpid()}
        assert not list(workers.map(place, []))


def test_a_dead_worker_costs_a_retry() -> None:
    with Workers(2) as workers:
        assert list(workers.map(dying, range(12))) == [number * 2 for number in range(12)]
        assert list(workers.map(dying, range(4))) == [0, 2, 4, 6]  # and the run goes on in line


def test_what_the_work_raises_comes_through() -> None:
    with pytest.raises(ZeroDivisionError), Workers(2) as workers:
        list(workers.map(failing, range(9)))
    assert not [child for child in multiprocessing.active_children() if "ForkServer" in type(child).__name__]


def test_an_executor_of_the_callers_is_used_and_left_open() -> None:
    with ThreadPoolExecutor(1) as pool:
        with Workers(1, pool) as workers:
            assert [number for number, _ in workers.map(place, range(5))] == list(range(5))
        assert pool.submit(place, 7).result()[0] == 7


def test_the_collector_is_slow_until_the_last_of_runs_that_overlap_is_done() -> None:
    usual = gc.get_threshold()
    first, second = ExitStack(), ExitStack()
    first.enter_context(Workers())
    second.enter_context(Workers())
    first.close()
    assert gc.get_threshold()[0] == GC_PACE
    second.close()
    assert gc.get_threshold() == usual


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes for any work at all."""
    monkeypatch.setattr("feed2book.workers._START", 0)


@pytest.mark.usefixtures("eager")
def test_a_book_is_the_same_from_any_number_of_processes() -> None:
    def made(jobs: int) -> bytes:
        _, report = pipeline.make_epub(Job((str(SAMPLE),), jobs=jobs), NOW)
        return report.artifacts[0].data

    assert made(1) == made(2) == made(3)


@pytest.mark.usefixtures("eager")
def test_a_book_is_the_same_from_an_executor() -> None:
    with ThreadPoolExecutor(2) as pool:
        made, _ = pipeline.make_epub(Job((str(SAMPLE),)), NOW, executor=pool)
    assert made.book == pipeline.make_book(Job((str(SAMPLE),)), NOW).book


WAITING = """
import os, sys, time
from feed2book.workers import GC_PACE, Workers

if __name__ == "__main__":
    with Workers(2) as workers:
        print("started", flush=True)
        list(workers.map(time.sleep, [0, 60, 60]))
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_its_parent(tmp_path: Path, sign: signal.Signals) -> None:
    script = tmp_path / "waiting.py"
    script.write_text(WAITING)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "FEED2BOOK_TEST_MARK": str(tmp_path),
    }
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        wait_until(lambda: len(marked(tmp_path)) >= 4)  # the parent, the server of forks, two workers
        started = time.monotonic()
        process.send_signal(sign)
        process.wait(20)
        assert time.monotonic() - started < 10
    wait_until(lambda: not marked(tmp_path))


def marked(mark: Path) -> list[str]:
    """The processes that have our mark in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if str(mark).encode() in (place / "environ").read_bytes():
                found.append(place.name)
        except OSError:
            continue
    return found


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)
