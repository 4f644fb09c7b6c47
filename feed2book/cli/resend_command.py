"""``feed2book resend``."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import click

from feed2book import config
from feed2book.cli.options import config_option, edition_option, option, wait_option


@click.command("resend")
@click.argument("issue", type=click.IntRange(min=1))
@edition_option
@config_option
@option("--delivery", default="", metavar="NAME", help="Only by this delivery.")
@option("--to", "address", default="", metavar="ADDRESS", help="Only to this address.")
@wait_option
def command(
    issue: int, edition: str, config_file: Path | None, delivery: str, address: str, wait: bool
) -> int:
    """Send an ISSUE (its number) again, just as it was: mail programs see that it is the same message."""
    from feed2book.cli.run_command import tell
    from feed2book.pipeline import resend

    found = config.load(config_file, os.environ)
    report = resend(
        config.edition(found, edition),
        found.data,
        config.clock(os.environ),
        issue,
        reveal=partial(config.reveal, environ=os.environ),
        delivery=delivery,
        address=address,
        wait=wait,
    )
    tell(report)
    return report.exit_code
