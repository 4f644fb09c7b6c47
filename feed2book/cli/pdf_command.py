"""``feed2book pdf``."""

from __future__ import annotations

from typing import Any

import click

from feed2book.cli.options import book_options, device_option, option, wish


@click.command("pdf")
@book_options
@device_option
@option(
    "--page",
    type=click.Choice(["a4", "a5", "letter"], case_sensitive=False),
    help="The paper; a5, unless the device has its own.",
)
@option(
    "--qr",
    is_flag=True,
    help="Print a QR code beside what only a screen can show (videos, recordings, pages).",
)
def command(**values: Any) -> int:
    """Make a PDF for paper. Unless told otherwise, it lists the addresses of links after each post."""
    from feed2book.cli.output import deliver, progress
    from feed2book.cli.stdin import standard_input
    from feed2book.pipeline import make_pdf

    wanted = wish(values, order="oldest", links="footnote")
    with progress(wanted) as show:
        made, report = make_pdf(wanted.job, wanted.now, stdin=standard_input(wanted), progress=show)
    return deliver(wanted, made, report)
