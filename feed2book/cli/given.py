"""What a run is given besides its job: standard input, what the sources ask for, a cluster, a bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click

from feed2book import config
from feed2book.cli.options import Wish
from feed2book.models import Access, Grant, Source

if TYPE_CHECKING:
    from feed2book.pipeline import RunOptions


@contextmanager
def given(wish: Wish, *, prints: bool = False) -> Iterator[RunOptions]:
    """Give what a command's flags say to a run, for as long as the context lasts.

    Standard input is read if a source asks for it (``-``), one byte more than the limit at most.

    Args:
        wish: what was asked for.
        prints: PDFs will be made.

    Raises:
        ClusterError: there is no such cluster, or it cannot be used.
        UsageError: a secret cannot be had, or it cannot be sent.
    """
    from feed2book.cli.output import progress

    job = wish.job
    stdin = sys.stdin.buffer.read(job.fetch.max_file_bytes + 1) if "-" in job.sources else b""
    asked = granted(job.sources, wish.access)
    with executor(wish.executor, prints=prints) as place, progress(quiet=wish.quiet) as show:
        yield {"stdin": stdin, "grants": asked, "progress": show, "executor": place}


def granted(sources: Iterable[str], access: Access | None) -> dict[str, Grant]:
    """Return what each source gets by a command's flags; see :func:`feed2book.pipeline.grants`."""
    from feed2book.pipeline import grants

    reveal = partial(config.reveal, environ=os.environ)
    return grants((Source(address, access=access) for address in sources), reveal)


@contextmanager
def executor(address: str, *, prints: bool) -> Iterator[Executor | None]:
    """Connect to a cluster as :func:`feed2book.pipeline.connected` does; tell what it could not do."""
    from feed2book.pipeline import connected

    with connected(address, prints=prints) as found:
        yield found
    if found and found.problem:
        click.echo(f"feed2book: {address}: {found.problem} — what it left was done here", err=True)
