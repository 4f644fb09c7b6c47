"""``feed2book watch``."""

from __future__ import annotations

import os
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feed2book import config
from feed2book.cli.options import config_option, executor_option, verbose_option
from feed2book.errors import EXIT_FAILED, EXIT_OK, UsageError

if TYPE_CHECKING:
    from feed2book.models import Edition
    from feed2book.pipeline import EditionReport


@click.command("watch")
@click.argument("editions", nargs=-1, metavar="[EDITION]...")
@config_option
@executor_option
@verbose_option
def command(editions: tuple[str, ...], config_file: Path | None, verbose: int, **values: Any) -> int:
    """Stay in the foreground, as containers want it, and run editions when they are due.

    Those named, or all that have a schedule. SIGTERM ends the wait for the next run at once, and lets a run
    come to its end. What was missed asleep is made up for by one run.
    """
    from feed2book.cli.given import executor
    from feed2book.cli.run_command import reported, tell
    from feed2book.cli.watching import ended_by_terminate, keep_watch
    from feed2book.models import Ask
    from feed2book.pipeline import run_edition

    found = config.load(config_file, os.environ)
    place = config.executor(values["executor"], "--executor") or found.executor
    chosen = config.editions(found, editions)
    schedules = {each.name: when for each in chosen if (when := config.schedule(each.schedule))}
    unscheduled = [name for name in editions if name not in schedules]
    if unscheduled or not schedules:
        where = f"{found.path}: edition.{(unscheduled or ['NAME'])[0]}"
        raise UsageError("it has no schedule", where=where, remedy='add schedule = "mon 07:00"')
    zone = config.local_zone(os.environ)
    named = {each.name: each for each in chosen}

    def made(edition: Edition) -> EditionReport:
        with executor(place, prints="pdf" in edition.outputs) as workers:
            return run_edition(
                edition,
                found.data,
                config.clock(os.environ),
                reveal=partial(config.reveal, environ=os.environ),
                wait=True,
                ask=Ask.DUE,
                executor=workers,
            )

    def run(name: str) -> bool:
        report = reported(name, partial(made, named[name]))
        tell(report, verbose=verbose)
        return report.exit_code == EXIT_FAILED

    def say(name: str, due: datetime) -> None:
        click.echo(f"{name}: next on {due.astimezone(zone):%a %Y-%m-%d %H:%M %Z}", err=True)

    with ended_by_terminate() as wait:
        keep_watch(schedules, zone, run=run, say=say, clock=partial(config.clock, os.environ), wait=wait)
    return EXIT_OK
