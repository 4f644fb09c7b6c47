"""Tasks in processes of their own: a death takes no other task along, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from feed2book.processes import FreshProcesses


def _die(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def test_each_task_has_a_process_and_a_death_is_its_own() -> None:
    with FreshProcesses(2) as processes:
        futures = [processes.submit(_die, number) for number in range(5)]
        found = [future.exception() or future.result() for future in futures]
    assert isinstance(found[2], BrokenExecutor)
    others = [pid for number, pid in enumerate(found) if number != 2]
    assert len(set(others)) == 4
    assert os.getpid() not in others


def test_errors_come_back_and_work_ends_with_the_executor() -> None:
    processes = FreshProcesses(1)
    with pytest.raises(ZeroDivisionError):
        processes.submit(divmod, 1, 0).result()
    sleeper, waiting = processes.submit(time.sleep, 600), processes.submit(time.sleep, 600)
    while not sleeper.running():
        time.sleep(0.01)
    started = time.monotonic()
    processes.shutdown(cancel_futures=True)
    assert time.monotonic() - started < 60
    assert isinstance(sleeper.exception(), BrokenExecutor)
    assert waiting.cancelled()
    with pytest.raises(RuntimeError):
        processes.submit(int)


PROGRAM = """
import signal, sys, time
from feed2book.processes import FreshProcesses
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # not so in the background
    processes = FreshProcesses(2)
    print(processes.submit(__import__("os").getpid).result(), flush=True)
    tasks = [processes.submit(time.sleep, 600) for _ in range(2)]
    try:
        tasks[0].result()
    finally:
        processes.shutdown(cancel_futures=True)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_the_program(tmp_path: Path, sent: signal.Signals) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(tmp_path)}
    program = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    assert program.stdout
    assert program.stdout.readline()
    time.sleep(1)
    program.send_signal(sent)
    program.wait(60)
    program.stdout.close()
    deadline = time.monotonic() + 60
    while _children_of(script) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert _children_of(script) == []
    if sent == signal.SIGINT:
        assert list(tmp_path.glob("feed2book-*")) == []


def _children_of(script: Path) -> list[int]:
    """Return the processes that still work for that script (they have its folder in their environment)."""
    wanted = f"TMPDIR={script.parent}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in place.read_bytes().split(b"\0"):
                found.append(int(place.parent.name))
        except OSError:
            continue
    return [number for number in found if number != os.getpid()]
