"""``feed2book init``."""

from __future__ import annotations

from pathlib import Path

import click

from feed2book import config
from feed2book.cli.options import option
from feed2book.errors import EXIT_OK, UsageError


@click.command("init")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@option("--force", is_flag=True, help="Replace a file that is there.")
def command(path: Path | None, force: bool) -> int:
    """Write a configuration with comments, to begin with: PATH, or feed2book.toml in this folder."""
    from feed2book.models import Artifact, Blob
    from feed2book.pipeline import save

    place = path or Path(config.NAME)
    if config.is_folder(place):
        place /= config.NAME
    if config.exists(place) and not force:
        raise UsageError(
            "there is a configuration already", where=str(place), remedy="edit it, or replace it with --force"
        )
    save(Artifact(place.name, "application/toml", Blob(config.example())), place)
    click.echo(f"{place}: name your feeds in it, then run 'feed2book config check'", err=True)
    return EXIT_OK
