"""``feed2book epub``."""

from __future__ import annotations

from typing import Any

import click

from feed2book.cli.options import book_options, device_option, wish


@click.command("epub")
@book_options
@device_option
def command(**values: Any) -> int:
    """Make an EPUB for the e-reader."""
    from feed2book.cli.output import deliver, progress
    from feed2book.cli.stdin import standard_input
    from feed2book.pipeline import make_epub

    wanted = wish(values, order="oldest")
    with progress(wanted) as show:
        made, report = make_epub(wanted.job, wanted.now, stdin=standard_input(wanted), progress=show)
    return deliver(wanted, made, report)
