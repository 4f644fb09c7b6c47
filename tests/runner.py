"""Run the command line inside this process (quick), and tools in processes of their own."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

HANG = 60  # seconds; not a measure of speed: after this, a command counts as one that would never end


@dataclass(frozen=True)
class Done:
    """What a command came to: exit code and what it said on stderr."""

    code: int
    said: str


class HangError(BaseException):
    """Not an Exception, so that nothing that saves what can be saved swallows it."""


@contextlib.contextmanager
def _limited(seconds: int) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise HangError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def feed2book(*words: str | Path) -> Done:
    """Run ``feed2book WORDS`` in this process, and stop it if it hangs."""
    from feed2book.cli import main

    said = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stderr(said),
        contextlib.redirect_stdout(said),
        _limited(HANG),
    ):
        patch.setattr("sys.argv", ["feed2book", *map(str, words)])
        try:
            main()
        except SystemExit as end:
            return Done(int(end.code or 0), said.getvalue())
        except HangError as hang:
            return Done(-1, str(hang))
    raise AssertionError("main() is meant to exit")


def verdict(tool: Path, *words: str | Path) -> tuple[int, str]:
    """Run a validator; return its exit code (0: nothing found) and what it said."""
    done = subprocess.run([tool, *words], capture_output=True, text=True, check=False, timeout=900)
    return done.returncode, (done.stdout + done.stderr)[-6000:]


def once(folder: Path, build: Callable[[Path], None]) -> Path:
    """Let ``build`` fill the folder, once for all the processes that the tests are spread over."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            half = folder.with_suffix(".half")
            half.mkdir()
            build(half)
            half.rename(folder)
    return folder


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the temporary folder that all processes of this run have in common."""
    base = factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
