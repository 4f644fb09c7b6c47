"""Standard input as a source."""

from __future__ import annotations

import sys

from feed2book.cli.options import Wish


def standard_input(wish: Wish) -> bytes:
    """Return what stdin holds if a source asks for it (``-``), one byte more than the limit at most."""
    if "-" not in wish.job.sources:
        return b""
    return sys.stdin.buffer.read(wish.job.fetch.max_file_bytes + 1)
