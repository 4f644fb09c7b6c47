"""``feed2book discover``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from feed2book import config
from feed2book.cli.options import fetch_options, fetching, json_option
from feed2book.errors import EXIT_OK

if TYPE_CHECKING:
    from feed2book.pipeline import Offer


@click.command("discover")
@click.argument("source", metavar="URL")
@fetch_options
@json_option
def command(source: str, as_json: bool, **values: Any) -> int:
    """List the feeds of a site or of a profile (YouTube, GitHub, Mastodon …).

    The first is the one that other commands take when they are given the site's address.
    """
    from feed2book.cli.given import granted
    from feed2book.models import Grant
    from feed2book.pipeline import discover

    access = config.access(values["cookies"], values["headers"])
    grant = granted((source,), access).get(source, Grant())
    offers = discover(source, fetching(values), grant)
    if as_json:
        click.echo(json.dumps(list(map(_as_json, offers)), ensure_ascii=False, indent=2))
        return EXIT_OK
    for offer in offers:
        click.echo(offer.url)
        click.echo(f"    {_said(offer)}")
    return EXIT_OK


def _said(offer: Offer) -> str:
    from feed2book.cli.output import counted

    if offer.error:
        return f"{offer.kind}: no feed ({offer.error})"
    newest = f", the newest of {offer.newest:%Y-%m-%d}" if offer.newest else ""
    return f"{offer.kind}: {offer.title or 'without a title'}, {counted(offer.posts, 'post')}{newest}"


def _as_json(offer: Offer) -> dict[str, Any]:
    return {
        "url": offer.url,
        "title": offer.title,
        "kind": offer.kind,
        "posts": offer.posts,
        "newest": offer.newest.isoformat() if offer.newest else None,
        "error": offer.error or None,
    }
