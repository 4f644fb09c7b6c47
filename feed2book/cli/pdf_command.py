"""``feed2book pdf``."""

from __future__ import annotations

from typing import Any, get_args

import click

from feed2book import config
from feed2book.cli.options import book_options, device_option, option, wish


@click.command("pdf")
@book_options
@device_option
@option(
    "--page",
    metavar="PAPER",
    help="a4, a5, a6, b5, b6, letter, legal, remarkable, remarkable-pro, remarkable-move, kindle-scribe, "
    "boox-note, boox-tab, ereader, or a size as 120x180mm or 6x9in; "
    "a5, unless the device has its own.",
)
@option(
    "--layout",
    type=click.Choice(get_args(config.Layout)),
    default="book",
    show_default=True,
    help="One column and room; a masthead and columns; or as much on a page as can be read.",
)
@option(
    "--two-sided",
    is_flag=True,
    help="For printing on both sides: mirrored margins, posts open on right pages.",
)
@option("--grayscale", is_flag=True, help="No colour: text, rules, pictures and the cover in grey.")
@option(
    "--pdf-a",
    type=click.Choice(get_args(config.Archive), case_sensitive=False),
    help="A file for archives, PDF/A-2a or PDF/A-3a; it stays PDF/UA-1.",
)
@option(
    "--qr",
    is_flag=True,
    help="Print a QR code beside what only a screen can show (videos, recordings, pages).",
)
def command(**values: Any) -> int:
    """Make a PDF for paper. Unless told otherwise, it lists the addresses of links after each post."""
    from feed2book.cli.given import given
    from feed2book.cli.output import deliver
    from feed2book.pipeline import make_pdf

    wanted = wish(values, order="oldest", links="footnote")
    with given(wanted, prints=True) as options:
        made, report = make_pdf(wanted.job, wanted.now, **options)
    return deliver(wanted, made, report)
