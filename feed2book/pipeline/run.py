"""One run of a recipe: what it works on, what it works with, and what it tells on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypedDict, Unpack

from feed2book.cluster import Cluster, cluster
from feed2book.models import Grant, Job
from feed2book.pipeline.polling import Polling
from feed2book.spool import DiskSpool
from feed2book.store import Store, version
from feed2book.workers import Workers

if TYPE_CHECKING:
    from feed2book.fetch.hosts import Hosts

Progress = Callable[[str, int, int], None]
"""Called with a stage, how many are done, and of how many (0: nobody knows).

The stages are ``feeds``, ``archive`` (pages with older posts), ``pages`` (of posts), ``posts``, ``images``
and ``render``; ``editions`` where several are made at once.
"""

PACE = 1.4e-6
"""Seconds that it takes to clean a character of markup."""

LAYS_OUT = ("feed2book.render.pdf.warm",)
"""What a process has loaded that lays out a part of a PDF. All processes of a run are forked from one."""


class RunOptions(TypedDict, total=False):
    """What every recipe takes besides its job.

    ``stdin`` is what a source ``-`` stands for; ``progress`` is told how far each stage is; ``executor`` does
    the work on single posts in the place of ``job.jobs`` processes, and changes nothing of the result.
    ``grants`` has what sources get that ask for something before they answer, by their address; ``polling``
    what earlier runs learnt of them. ``hosts`` is what runs at the same time share: their turns at hosts.
    """

    stdin: bytes
    progress: Progress
    executor: Executor | None
    grants: Mapping[str, Grant]
    polling: Polling
    hosts: Hosts


@dataclass(frozen=True, slots=True)
class Run:
    """A job, and what the work on it needs: processes, the memory of earlier runs, room for what is large."""

    job: Job
    stdin: bytes
    progress: Progress
    executor: Executor | None
    workers: Workers
    store: Store
    spool: DiskSpool
    grants: Mapping[str, Grant]
    polling: Polling
    hosts: Hosts | None


@contextmanager
def started(job: Job, *preload: str, **options: Unpack[RunOptions]) -> Iterator[Run]:
    """Begin a run, and tidy up after it. ``preload`` names modules that its processes need besides."""
    place, executor = job.fetch.cache_dir, options.get("executor")
    with (
        Store(place) as store,
        Workers(job.jobs, executor, preload=("feed2book.article.cleaner", *preload)) as workers,
    ):
        yield Run(
            job,
            options.get("stdin", b""),
            options.get("progress", quiet),
            executor,
            workers,
            store,
            DiskSpool(place),
            options.get("grants", {}),
            options.get("polling") or Polling(),
            options.get("hosts"),
        )


@contextmanager
def each_alone(run: Run) -> Iterator[Executor | None]:
    """Give the caller's executor, or one that starts a process for each task; None where one is enough."""
    if run.executor or run.job.jobs == 1:
        yield run.executor
        return
    from feed2book.processes import FreshProcesses

    processes = FreshProcesses(run.job.jobs, LAYS_OUT)
    try:
        yield processes
    finally:
        processes.shutdown(cancel_futures=True)


def connected(address: str, *, prints: bool) -> AbstractContextManager[Cluster | None]:
    """Connect to the cluster whose scheduler is there, as :func:`feed2book.cluster.cluster` does.

    Args:
        address: ``dask://host:port``, ``tls://host:port``, or ``""`` for none.
        prints: PDFs will be made, so that the workers need our fonts too.

    Raises:
        ClusterError: it cannot be used.
    """
    return cluster(address, _print_shop if prints else version)


@cache
def _print_shop() -> str:
    """Return a name for this program and for the fonts of the system."""
    from feed2book.render.pdf.glyphs import fonts_at_hand
    from feed2book.render.pdf.layout import weasyprint

    weasyprint()
    return f"{version()} {fonts_at_hand()}"


def quiet(stage: str, done: int, total: int) -> None:
    """Show no progress."""
