"""``feed2book opml``."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from feed2book import config
from feed2book.cli.options import config_option, edition_option, option
from feed2book.errors import EXIT_OK, UsageError

_LARGEST = 10_000_000  # bytes of a list


@click.group("opml")
def command() -> None:
    """Take feeds from a feed reader's list, or give it one."""


@command.command("import")
@click.argument("file", type=click.File("rb"))
@edition_option
@config_option
def import_(file: BinaryIO, edition: str, config_file: Path | None) -> int:
    """Add the feeds of an OPML FILE (- for standard input) to an edition; folders become groups."""
    from feed2book.config.editing import add_sources
    from feed2book.models import Artifact, Blob, without_login
    from feed2book.pipeline import read_opml, save

    found = config.load(config_file, os.environ)
    name = edition or config.edition(found, "").name
    known = {source.address for each in found.editions if each.name == name for source in each.sources}
    data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise UsageError(f"a list of feeds has no more than {_LARGEST:,} bytes", where=file.name)
    listed = {without_login(source.address): source for source in read_opml(data, file.name)}
    new = [replace(source, address=address) for address, source in listed.items() if address not in known]
    if new:
        text = add_sources(config.text_of(found.path), name, new, found.path)
        save(Artifact(found.path.name, "application/toml", Blob(text.encode("utf-8"))), found.path)
    click.echo(f"{found.path}: {len(new)} of {len(listed)} feeds are new in {name}", err=True)
    for source in new:
        if listed[source.address].address != source.address:
            click.echo(f"{source.address}: its login was left out; add its user and password", err=True)
    return EXIT_OK


@command.command("export")
@edition_option
@option("-o", "--output", default="-", metavar="FILE", help="Where to write; else standard output.")
@config_option
def export(edition: str, output: str, config_file: Path | None) -> int:
    """Write the feeds of an edition as OPML 2.0, its groups as folders."""
    from feed2book.pipeline import make_opml, save

    chosen = config.edition(config.load(config_file, os.environ), edition)
    made = make_opml(chosen.book.title or chosen.name, chosen.sources)
    save(made, sys.stdout.buffer if output == "-" else Path(output).expanduser())
    return EXIT_OK
