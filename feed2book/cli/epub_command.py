"""``feed2book epub``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from feed2book import config
from feed2book.cli.options import book_options, device_option, option, wish


@click.command("epub")
@book_options
@device_option
@option("--embed-fonts", is_flag=True, help="Set the book in faces of our own; else the reader's rule.")
@option(
    "--update",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="BOOK",
    help="Add what is new to an EPUB of ours, in its place unless -o says another.",
)
@option(
    "--max-size",
    type=click.IntRange(min=1),
    metavar="MB",
    help="The most that a file may have; a larger book comes in volumes. Else what the device takes.",
)
def command(update: Path | None, **values: Any) -> int:
    """Make an EPUB for the e-reader."""
    from feed2book.cli.given import given
    from feed2book.cli.output import deliver
    from feed2book.pipeline import make_epub, update_epub

    wanted = wish(values, order="" if update else "oldest")
    if update is None:
        with given(wanted) as options:
            made, report = make_epub(wanted.job, wanted.now, **options)
        return deliver(wanted, made, report)
    wanted = replace(wanted, output=_place(wanted.output, update))
    with given(wanted) as options:
        made, report = update_epub(wanted.job, update, wanted.now, **options)
    return deliver(wanted, made, report, nothing=f"Nothing new: {update} is up to date.")


def _place(output: str, update: Path) -> str:
    """Return where a book that was brought up to date goes: its own place, unless ``output`` says another."""
    directory = bool(output) and output != "-" and config.is_folder(Path(output).expanduser())
    return str(Path(output) / update.name) if directory else output or str(update)
