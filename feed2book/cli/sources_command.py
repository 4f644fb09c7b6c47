"""``feed2book sources``."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feed2book import config
from feed2book.cli.options import config_option, option
from feed2book.errors import EXIT_OK

if TYPE_CHECKING:
    from feed2book.models import Pace, Poll
    from feed2book.pipeline import Standing

_LEAST = 24  # columns of an address; what does not fit beside it is left to --json
_HEAD = ("", "SOURCE", "ASKED", "DUE", "EVERY", "POSTS")


@click.command("sources")
@click.argument("edition", default="")
@config_option
@option("--json", "as_json", is_flag=True, help="Print it as JSON on stdout.")
def command(edition: str, config_file: Path | None, as_json: bool) -> int:
    """Show how the sources of an edition, or of all, are: which fail, since when and why; which moved.

    Those that need a look come first. Times are UTC. EVERY is how often a source is worth asking, and who
    says so: the feed (ttl, sy:updatePeriod), its server (Cache-Control, Expires) or how far apart its posts
    are.
    """
    from feed2book.pipeline import standings

    found = config.load(config_file, os.environ)
    chosen = config.editions(found, (edition,) if edition else ())
    standing = standings(chosen, found.data)
    if as_json:
        click.echo(json.dumps(list(map(_as_json, standing)), ensure_ascii=False, indent=2))
        return EXIT_OK
    for line in table(standing, _width()):
        click.echo(line)
    counts = Counter(one.condition for one in standing)
    click.echo(", ".join(f"{count:,} {condition}" for condition, count in counts.items()), err=True)
    return EXIT_OK


def _width() -> int | None:
    """Return the terminal's columns; None where a program reads, which wants whole lines."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def table(standing: Sequence[Standing], width: int | None) -> Iterator[str]:
    """Yield a line for each source, cut to the width, and what is wrong with it in lines of its own."""
    rows = [_HEAD, *map(_row, standing)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    while width and len(widths) > 2 and _LEAST + sum(widths) - widths[1] + 2 * len(widths) > width:
        widths.pop()
    if width:
        widths[1] = min(widths[1], max(_LEAST, width - sum(widths) + widths[1] - 2 * len(widths)))
    for row, one in zip_longest(rows, (None, *standing)):
        cells = zip(row, widths, strict=False)
        yield "  ".join(_fitted(cell, columns) for cell, columns in cells).rstrip()
        if one:
            yield from (f"{' ' * (widths[0] + 2)}{line}" for line in _troubles(one))


def _fitted(text: str, columns: int) -> str:
    return text.ljust(columns) if len(text) <= columns else f"{text[: columns - 1]}…"


def _row(one: Standing) -> tuple[str, ...]:
    name, poll = one.name or one.address, one.poll
    if poll is None:
        return str(one.condition), name, "never", "", "", ""
    posts = f"{poll.posts}{f' ({poll.new} new)' if poll.new else ''}"
    return str(one.condition), name, _moment(poll.asked), _moment(poll.due), _pace(poll.pace), posts


def _troubles(one: Standing) -> Iterator[str]:
    poll = one.poll
    if poll is None or not (poll.error or poll.moved):
        return
    if one.name:
        yield one.address
    if poll.moved:
        yield f"→ {poll.moved}"
    if poll.error and poll.since:
        times = f", {poll.failures:,} times" if poll.failures > 1 else ""
        yield f"since {_moment(poll.since)}{times}: {poll.error}"
    if poll.patience:
        yield f"it asks us to wait until {_moment(poll.patience)}"


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"


def _pace(pace: Pace) -> str:
    hours = pace.every / timedelta(hours=1)
    length = f"{hours / 24:.3g} d" if hours >= 24 else f"{hours:.3g} h"
    return f"{length} ({pace.said})" if pace.said else length


def _as_json(one: Standing) -> dict[str, Any]:
    known = {"address": one.address, "name": one.name, "editions": list(one.editions)}
    return {**known, "condition": str(one.condition), **(_learnt(one.poll) if one.poll else {})}


def _learnt(poll: Poll) -> dict[str, Any]:
    def moment(value: datetime | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "asked": moment(poll.asked),
        "due": moment(poll.due),
        "status": poll.status,
        "error": poll.error,
        "failures": poll.failures,
        "failing_since": moment(poll.since),
        "moved": poll.moved,
        "etag": poll.etag,
        "last_modified": poll.modified,
        "every_seconds": int(poll.pace.every.total_seconds()),
        "every_from": poll.pace.said,
        "not_before": moment(poll.patience),
        "posts": poll.posts,
        "new": poll.new,
    }
