"""``feed2book digest``."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import click

from feed2book import config
from feed2book.cli.options import book_options, option, wish
from feed2book.errors import UsageError

if TYPE_CHECKING:
    from feed2book.models import MailOptions

_NOBODY = "feed2book <digest@feed2book.invalid>"  # who writes and reads a mail for oneself


@click.command("digest")
@book_options
@option("--html", default="", metavar="FILE", help="Write one HTML page instead of a mail; - is stdout.")
@option("--from", "sender", default=_NOBODY, metavar="ADDRESS", help="The mail's From.")
@option("--to", "recipient", default=_NOBODY, metavar="ADDRESS", help="The mail's To.")
@option(
    "--posts",
    type=click.Choice(get_args(config.Posts)),
    default="full",
    show_default=True,
    help="How much of each post is shown.",
)
@option(
    "--pictures",
    type=click.Choice(get_args(config.Pictures)),
    default="attached",
    show_default=True,
    help="Pictures go along, are loaded from the web by who reads, or their words stand in their place.",
)
@option(
    "--max-html",
    type=click.IntRange(min=10_000),
    metavar="BYTES",
    help="The most that the HTML may have (95,000; a page has no limit): the longest posts become excerpts.",
)
@option(
    "--max-message",
    type=click.IntRange(min=100_000),
    metavar="BYTES",
    help="The most that the mail may have (10,000,000): its pictures become smaller, or go.",
)
def command(**values: Any) -> int:
    """Make a digest mail for the inbox."""
    from feed2book.cli.given import given
    from feed2book.cli.output import deliver
    from feed2book.pipeline import make_digest, make_digest_page

    page = values["html"]
    if page and values["output"]:
        raise UsageError(
            "a mail and a page cannot be made at once", where="--html", remedy="give -o or --html"
        )
    wanted = wish({**values, "output": values["output"] or page}, order="newest")
    # A mail has a masthead, no cover.
    wanted = replace(wanted, job=replace(wanted.job, book=replace(wanted.job.book, cover=False)))
    mail = _mail(values, unlimited=bool(page))
    with given(wanted) as options:
        if page:
            made, report = make_digest_page(wanted.job, wanted.now, mail=mail, **options)
        else:
            made, report = make_digest(
                wanted.job, wanted.now, mail=mail, recipient=values["recipient"], **options
            )
    return deliver(wanted, made, report)


def _mail(values: dict[str, Any], *, unlimited: bool) -> MailOptions:
    """Return the options of the mail, or of a page: nobody clips that."""
    from feed2book.models import MailOptions

    usual = MailOptions()
    return replace(
        usual,
        sender=values["sender"],
        posts=values["posts"],
        pictures=values["pictures"],
        html_bytes=values["max_html"] or (sys.maxsize if unlimited else usual.html_bytes),
        message_bytes=values["max_message"] or (sys.maxsize if unlimited else usual.message_bytes),
    )
