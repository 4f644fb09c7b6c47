"""An executor with a new process for each task: memory goes back at once, a death takes nobody along."""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from feed2book.children import Leash, context, follow

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class _Task:
    """What is to be done: by whom, once a process is started, and where its answer comes from."""

    future: Future[Any]
    work: tuple[Any, ...]
    process: BaseProcess | None = None
    answer: Connection | None = None


class FreshProcesses(Executor):
    """Runs each task in a process of its own, so many at once.

    A process that dies fails its own task with ``BrokenExecutor``, and no other. All end when this one
    does, however it ends.

    Args:
        jobs: how many processes work at once.
        preload: modules that a new process should have loaded.
    """

    def __init__(self, jobs: int, preload: Sequence[str] = ()) -> None:
        self._context = context(preload)
        self._jobs = jobs
        self._waiting: deque[_Task] = deque()
        self._running: list[_Task] = []
        self._lock = threading.Lock()
        self._closed = False
        self._leash = Leash(self._context)
        self._bell_end, self._bell = self._context.Pipe(duplex=False)
        self._folder = tempfile.mkdtemp(prefix="feed2book-work-")
        self._manager = threading.Thread(target=self._manage, daemon=True)
        self._manager.start()

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Schedule ``function(*args, **kwargs)``; see :class:`concurrent.futures.Executor`."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new work after shutdown")
            self._waiting.append(_Task(future, (function, args, kwargs)))
        self._ring()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; with ``cancel_futures``, end the processes that are at work."""
        with self._lock:
            self._closed = True
            if cancel_futures:
                while self._waiting:
                    self._waiting.popleft().future.cancel()
                self._leash.let_go()
        self._ring()
        if wait:
            self._manager.join()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):
            self._bell.send_bytes(b"")

    def _manage(self) -> None:
        """Start processes and take their answers, until there is no more to do."""
        from multiprocessing.connection import wait

        try:
            while self._fill():
                handles: dict[Any, _Task | None] = {self._bell_end: None}
                for task in self._running:
                    handles[task.answer] = task
                for ready in wait(list(handles)):
                    task_done = handles[ready]
                    if task_done is None:
                        self._bell_end.recv_bytes()
                    else:
                        self._settle(task_done)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _fill(self) -> bool:
        """Give waiting work to new processes; return whether there is anything left to wait for."""
        with self._lock:
            while self._waiting and len(self._running) < self._jobs:
                task = self._waiting.popleft()
                if task.future.set_running_or_notify_cancel():
                    self._begin(task)
            return bool(self._running or self._waiting or not self._closed)

    def _begin(self, task: _Task) -> None:
        try:
            task.answer, giver = self._context.Pipe(duplex=False)
            work = pickle.dumps(task.work)
            task.process = self._context.Process(
                target=_work, args=(giver, self._leash.end, self._folder, work), daemon=True
            )
            task.process.start()
            giver.close()
            self._running.append(task)
        except Exception as error:  # noqa: BLE001 (whatever it is, who waits must hear of it)
            task.future.set_exception(BrokenExecutor(f"no process can be started: {error}"))

    def _settle(self, task: _Task) -> None:
        self._running.remove(task)
        assert task.answer is not None  # noqa: S101 (it is running)
        assert task.process is not None  # noqa: S101
        try:
            good, outcome = pickle.loads(task.answer.recv_bytes())  # noqa: S301 (from our own process)
        except (EOFError, OSError):
            task.process.join()
            task.future.set_exception(BrokenExecutor(f"a process died: {task.process.exitcode}"))
        else:
            (task.future.set_result if good else task.future.set_exception)(outcome)
        task.answer.close()
        task.process.join()


def _work(giver: Connection, leash: Connection, folder: str, work: bytes) -> None:
    """Do one task in a new process, and answer."""
    follow(leash)
    tempfile.tempdir = folder
    function, args, kwargs = pickle.loads(work)  # noqa: S301 (from our own process)
    try:
        answer = pickle.dumps((True, function(*args, **kwargs)))
    except Exception as error:  # noqa: BLE001 (it is raised where the task came from)
        answer = pickle.dumps((False, error))
    giver.send_bytes(answer)
    giver.close()
    os._exit(0)  # nothing is worth tidying up
