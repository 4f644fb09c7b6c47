"""``feed2book config``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feed2book import config
from feed2book.cli.options import config_option
from feed2book.errors import EXIT_OK

if TYPE_CHECKING:
    from feed2book.models import Config, Delivery, Edition


@click.group("config")
def command() -> None:
    """Check the configuration, or say where it is."""


@command.command("path")
@config_option
def path(config_file: Path | None) -> int:
    """Print which configuration is read."""
    click.echo(config.find(config_file, os.environ).absolute())
    return EXIT_OK


@command.command("check")
@config_option
def check(config_file: Path | None) -> int:
    """Say what was understood, or everything that is wrong.

    Exits with 2 if anything is wrong. Nothing is fetched, and no secret is looked up.
    """
    found = config.load(config_file, os.environ)
    click.echo("\n".join(_told(found, config.clock(os.environ))))
    for warning in _warnings(found):
        click.echo(f"feed2book: {warning}", err=True)
    return EXIT_OK


def _warnings(found: Config) -> Iterator[str]:
    """Yield what is no error, since it may be right by the time of the next run."""
    for secret in dict.fromkeys(config.all_secrets(found)):
        if config.exposed(secret):
            yield f"{config.described(secret)} can be read by others — chmod 600"
    for edition in found.editions:
        for delivery in edition.deliveries:
            folder = delivery.path if delivery.kind == "folder" else None
            for place in (folder, delivery.recipients.csv, delivery.recipients.suppressed):
                if place and not config.exists(place):
                    yield f"{edition.name}: {delivery.name}: {place} is not there yet"


def _told(found: Config, now: datetime) -> Iterator[str]:
    yield f"{'file':<12}{found.path}"
    yield f"{'data':<12}{found.data}"
    for edition in found.editions:
        yield ""
        yield from _edition(edition, now)


def _edition(edition: Edition, now: datetime) -> Iterator[str]:
    when = config.schedule(edition.schedule)
    zone = config.local_zone(os.environ)
    due = f"{when.next(now, zone).astimezone(zone):%a %Y-%m-%d %H:%M %Z}" if when else "when you run it"
    yield f"{'edition':<12}{edition.name}" + (f": {edition.book.title}" if edition.book.title else "")
    for index, source in enumerate(edition.sources):
        name = " / ".join(filter(None, (source.group, source.name)))
        yield f"{'' if index else '  sources':<12}{source.address}{f'  ({name})' if name else ''}"
    yield f"{'  outputs':<12}{', '.join(edition.outputs)}"
    for index, delivery in enumerate(edition.deliveries):
        yield f"{'' if index else '  goes':<12}{_delivery(delivery)}"
    if not edition.deliveries:
        yield f"{'  goes':<12}nowhere: it is kept in the data folder"
    yield f"{'  next due':<12}{due}"


def _delivery(delivery: Delivery) -> str:
    if delivery.path:
        return f"{delivery.kind} to {delivery.path} ({', '.join(delivery.outputs)})"
    recipients = delivery.recipients
    ways = [f"{len(recipients.listed)} listed"] if recipients.listed else []
    ways += [str(recipients.csv)] if recipients.csv else []
    ways += [f"what {recipients.command[0]} prints"] if recipients.command else []
    host = delivery.server.host if delivery.server else ""
    return f"{delivery.kind} by {host} to {' + '.join(ways)}"
