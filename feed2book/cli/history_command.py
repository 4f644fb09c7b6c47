"""``feed2book history``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feed2book import config
from feed2book.cli.options import config_option, option
from feed2book.errors import EXIT_OK

if TYPE_CHECKING:
    from feed2book.models import Issue
    from feed2book.pipeline import Past


@click.command("history")
@click.argument("edition", default="")
@config_option
@option(
    "--limit", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="How many issues."
)
@option("--json", "as_json", is_flag=True, help="Print it as JSON on stdout.")
def command(edition: str, config_file: Path | None, limit: int, as_json: bool) -> int:
    """Show the issues of an edition, their posts, where they went, and what did not arrive."""
    from feed2book.pipeline import history

    found = config.load(config_file, os.environ)
    issues = history(found.data, config.edition(found, edition).name, limit)
    if as_json:
        click.echo(json.dumps(list(map(_as_json, issues)), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(line for past in issues for line in _told(past)) or "No issue was made yet.")
    return EXIT_OK


def _told(past: Past) -> Iterator[str]:
    issue = past.issue
    state = f"delivered {issue.delivered:%Y-%m-%d %H:%M}" if issue.delivered else "not delivered"
    yield f"{issue.number:>4}  {issue.issued:%Y-%m-%d %H:%M}  {issue.title} ({state})"
    for post in issue.posts:
        yield f"      {post.title}"
    for delivery, status, count in past.counts:
        yield f"      → {delivery}: {count:,} {status}"
    for one in past.troubled:
        yield f"      ! {one.delivery} {one.recipient.address}: {one.status}, {one.said or 'not tried yet'}"


def issue_as_json(issue: Issue) -> dict[str, Any]:
    """Return what a report says of an issue."""
    return {
        "number": issue.number,
        "title": issue.title,
        "identifier": issue.identifier,
        "issued": issue.issued.isoformat(),
        "delivered": issue.delivered.isoformat() if issue.delivered else None,
        "posts": [
            {
                "title": post.title,
                "url": post.url,
                "authors": list(post.authors),
                "date": post.published.isoformat() if post.published else None,
                "source": post.source,
            }
            for post in issue.posts
        ],
        "files": [{"output": file.output, "file": str(file.path)} for file in issue.files],
    }


def _as_json(past: Past) -> dict[str, Any]:
    return {
        **issue_as_json(past.issue),
        "deliveries": [
            {"delivery": delivery, "status": str(status), "dispatches": count}
            for delivery, status, count in past.counts
        ],
        "troubled": [
            {
                "delivery": one.delivery,
                "address": one.recipient.address,
                "message_id": one.message_id,
                "status": str(one.status),
                "attempts": one.attempts,
                "said": one.said,
            }
            for one in past.troubled
        ],
    }
