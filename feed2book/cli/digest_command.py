"""``feed2book digest``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from feed2book.cli.options import book_options, option, wish
from feed2book.errors import UsageError


@click.command("digest")
@book_options
@option("--html", default="", metavar="FILE", help="Write one HTML page instead of a mail; - is stdout.")
@option(
    "--from",
    "sender",
    default="feed2book <digest@feed2book.invalid>",
    metavar="ADDRESS",
    help="The mail's From.",
)
@option(
    "--to",
    "recipient",
    default="feed2book <digest@feed2book.invalid>",
    metavar="ADDRESS",
    help="The mail's To.",
)
def command(**values: Any) -> int:
    """Make a digest mail for the inbox."""
    from feed2book.cli.output import deliver, progress
    from feed2book.cli.stdin import standard_input
    from feed2book.models import MailOptions
    from feed2book.pipeline import make_digest, make_digest_page

    page = values["html"]
    if page and values["output"]:
        raise UsageError(
            "a mail and a page cannot be made at once", where="--html", remedy="give -o or --html"
        )
    wanted = wish({**values, "output": values["output"] or page}, order="newest")
    # A mail has a masthead, no cover.
    wanted = replace(wanted, job=replace(wanted.job, book=replace(wanted.job.book, cover=False)))
    stdin = standard_input(wanted)
    with progress(quiet=wanted.quiet) as show:
        if page:
            made, report = make_digest_page(wanted.job, wanted.now, stdin=stdin, progress=show)
        else:
            made, report = make_digest(
                wanted.job,
                wanted.now,
                mail=MailOptions(sender=values["sender"]),
                recipient=values["recipient"],
                stdin=stdin,
                progress=show,
            )
    return deliver(wanted, made, report)
