"""``feed2book schedule``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from feed2book import config
from feed2book.cli.options import config_option, edition_option
from feed2book.errors import EXIT_OK, UsageError

_HINTS = {
    "systemd": "Save the parts under the names in their first lines, then: systemctl --user daemon-reload && "
    "systemctl --user enable --now feed2book-{name}.timer (if you log out: loginctl enable-linger)",
    "cron": "Add the line with: crontab -e",
    "launchd": "Save it as ~/Library/LaunchAgents/org.feed2book.{name}.plist, then: "
    "launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/org.feed2book.{name}.plist",
    "github": "Save it in the repository that has {config} at its root, and give that its secrets",
}
_WITHOUT_VARIABLES = ("cron", "launchd")


@click.command("schedule")
@click.argument("kind", required=False, type=click.Choice(list(_HINTS)))
@edition_option
@config_option
def command(kind: str | None, edition: str, config_file: Path | None) -> int:
    """Print what makes systemd, cron, launchd or GitHub Actions run an edition when it is due.

    Without a name: launchd on a Mac, else systemd.
    """
    from feed2book.cli import timetables

    found = config.load(config_file, os.environ)
    chosen = config.edition(found, edition)
    schedule = config.schedule(chosen.schedule)
    if schedule is None:
        raise UsageError(
            "it has no schedule",
            where=f"{found.path}: edition.{chosen.name}",
            remedy='add schedule = "mon 07:00"',
        )
    words = (*_program(), "run", chosen.name, "--config", str(found.path), "--wait")
    task = timetables.Task(chosen, schedule, words)
    chosen_kind = kind or ("launchd" if sys.platform == "darwin" else "systemd")
    if chosen_kind == "github":
        now, zone = config.clock(os.environ), config.local_zone(os.environ)
        text = timetables.github(task, found.path, now, zone)
    else:
        text = {"systemd": timetables.systemd, "cron": timetables.cron, "launchd": timetables.launchd}[
            chosen_kind
        ](task)
    click.echo(text, nl=False)
    click.echo(_HINTS[chosen_kind].format(name=chosen.name, config=found.path.name), err=True)
    if task.variables and chosen_kind in _WITHOUT_VARIABLES:
        names = ", ".join(task.variables)
        click.echo(f"{chosen_kind} knows no {names}: take the secret from a file or a command", err=True)
    return EXIT_OK


def _program() -> tuple[str, ...]:
    """Return the words that start this program from anywhere."""
    import shutil

    name = sys.argv[0]
    found = shutil.which(name)
    if Path(name).suffix == ".py" or not found:
        return (sys.executable, "-m", "feed2book")
    return (str(Path(found).absolute()),)
