"""How processes of ours start, and that none outlives what it works for."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext, SpawnContext


def context(preload: Sequence[str]) -> ForkServerContext | SpawnContext:
    """Return the way to start processes. Never a plain fork: this program, or its caller's, has threads.

    Args:
        preload: modules that a new process should have loaded, where it is forked from a server. There is one
            server for a program: the first who asks decides.
    """
    import multiprocessing

    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["__main__", *preload])
    forkserver.ensure_running()  # it loads them while this process goes on
    return found


class Leash:
    """Ends all processes that hold ``end``, when it is let go or this process ends, however that comes."""

    def __init__(self, starting: ForkServerContext | SpawnContext) -> None:
        self.end, self._held = starting.Pipe(duplex=False)

    def let_go(self) -> None:
        """End the processes, whatever they are at."""
        self._held.close()


def follow(end: Connection) -> None:
    """Make a new process end when its leash is let go; Ctrl-C is left to its parent."""

    def wait() -> None:
        with contextlib.suppress(EOFError, OSError):
            end.recv_bytes()
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=wait, daemon=True).start()
