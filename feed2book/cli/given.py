"""What a run is given besides its job: standard input, and what the sources ask for."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from feed2book import config
from feed2book.cli.options import Wish
from feed2book.models import Source

if TYPE_CHECKING:
    from feed2book.pipeline import Progress, RunOptions


def given(wish: Wish, progress: Progress) -> RunOptions:
    """Return what a command's flags give to a run, and who is told of its progress.

    Standard input is read if a source asks for it (``-``), one byte more than the limit at most.

    Raises:
        UsageError: a secret cannot be had, or it cannot be sent.
    """
    from feed2book.pipeline import grants

    job = wish.job
    stdin = sys.stdin.buffer.read(job.fetch.max_file_bytes + 1) if "-" in job.sources else b""
    sources = (Source(address, access=wish.access) for address in job.sources)
    reveal = partial(config.reveal, environ=os.environ)
    return {"stdin": stdin, "grants": grants(sources, reveal), "progress": progress}
