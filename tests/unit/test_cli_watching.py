"""Editions that are run when they are due, by a clock of the test's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from runner import feed2book

from feed2book.cli.watching import ended_by_terminate, keep_watch
from feed2book.config import schedule

START = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)


class World:
    """A clock that goes on by an hour a wait, what was run when, and what was said."""

    def __init__(self, jumps: Mapping[int, timedelta] | None = None, failing: int = 0) -> None:
        self.now = START
        self.waits = 0
        self.jumps = jumps or {}
        self.failing = failing
        self.runs: list[tuple[str, str]] = []
        self.said: list[tuple[str, str]] = []

    def wait(self) -> bool:
        self.waits += 1
        self.now += self.jumps.get(self.waits, HOUR)
        return self.waits < 100

    def run(self, name: str) -> bool:
        self.runs.append((name, f"{self.now:%d %H:%M}"))
        return len(self.runs) <= self.failing

    def watch(self, **schedules: str) -> World:
        found = {name: found for name, text in schedules.items() if (found := schedule(text))}
        keep_watch(
            found,
            UTC,
            run=self.run,
            say=lambda name, due: self.said.append((name, f"{due:%d %H:%M}")),
            clock=lambda: self.now,
            wait=self.wait,
        )
        return self


def test_editions_run_when_they_are_due_and_the_next_is_told() -> None:
    world = World().watch(a="daily 15:00", b="tue 16:00")
    assert world.runs[:5] == [
        ("a", "23 15:00"), ("a", "24 15:00"), ("b", "24 16:00"), ("a", "25 15:00"), ("a", "26 15:00"),
    ]  # fmt: skip
    assert world.said[:3] == [("a", "23 15:00"), ("a", "24 15:00"), ("b", "24 16:00")]


def test_runs_that_were_missed_asleep_are_made_up_for_once() -> None:
    world = World({2: timedelta(days=2)}).watch(a="daily 15:00")
    assert world.runs[:2] == [("a", "25 13:00"), ("a", "25 15:00")]


def test_a_clock_that_is_set_back_brings_nothing_twice() -> None:
    world = World({4: -5 * HOUR}).watch(a="daily 15:00")
    assert world.runs[:2] == [("a", "23 15:00"), ("a", "24 15:00")]


def test_a_run_that_read_nothing_is_tried_again_in_an_hour() -> None:
    world = World(failing=2).watch(a="daily 15:00")
    assert world.runs[:4] == [("a", "23 15:00"), ("a", "23 16:00"), ("a", "23 17:00"), ("a", "24 15:00")]


def test_terminate_ends_the_wait_and_not_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    before = signal.getsignal(signal.SIGTERM)
    with ended_by_terminate() as wait:
        assert wait()
        os.kill(os.getpid(), signal.SIGTERM)  # and this line is still reached
        assert not wait()
    assert signal.getsignal(signal.SIGTERM) == before


CONFIG = """
[edition.daily]
schedule = "daily 07:00"
[[edition.daily.source]]
address = "https://a.example/"
[edition.sometimes]
[[edition.sometimes.source]]
address = "https://a.example/"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "feed2book.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def test_a_watch_is_ended_between_runs_and_that_is_no_failure(place: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    words = [sys.executable, "-m", "feed2book", "watch", "--config", str(place)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environ) as watch:
        assert watch.stderr is not None
        assert watch.stderr.readline().startswith("daily: next on ")
        watch.terminate()
        assert watch.wait(timeout=30) == 0
        assert watch.stderr.read() == ""


@pytest.mark.parametrize(
    ("name", "said"), [("sometimes", 'add schedule = "mon 07:00"'), ("dayly", "did you mean daily?")]
)
def test_only_what_has_a_schedule_can_be_watched(name: str, said: str, place: Path) -> None:
    done = feed2book("watch", name, "--config", place)
    assert (done.code, said in done.said) == (2, True)
