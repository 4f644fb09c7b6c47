"""``feed2book run``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feed2book import config
from feed2book.cli.history_command import issue_as_json
from feed2book.cli.options import (
    config_option,
    executor_option,
    json_option,
    option,
    quiet_option,
    verbose_option,
    wait_option,
)
from feed2book.errors import EXIT_FAILED, EXIT_OK, Feed2BookError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from feed2book.models import Edition, Failure
    from feed2book.pipeline import EditionReport


@click.command("run")
@click.argument("editions", nargs=-1, metavar="[EDITION]...")
@config_option
@option("--dry-run", is_flag=True, help="Show what would go where; write and remember nothing.")
@option("--preview", is_flag=True, help="Open the issue in the browser; deliver and remember nothing.")
@option("--fail-if-empty", is_flag=True, help="Exit with 1 if nothing was new.")
@option(
    "--min-posts",
    type=click.IntRange(min=1),
    metavar="N",
    help="Wait until there are N new posts; else what the edition says.",
)
@option("--due", is_flag=True, help="Ask only the sources that are due; the others stand in the cache.")
@option("--force", is_flag=True, help="Ask all sources, also those that are gone or asked us to wait.")
@executor_option
@wait_option
@json_option
@verbose_option
@quiet_option
def command(editions: tuple[str, ...], config_file: Path | None, **values: Any) -> int:
    """Make and deliver the next issue of editions: of those named, or of all.

    Exits with 0 also when nothing is new, with 3 if a source could not be read, with 5 if something did not
    arrive: that is sent by the next run.
    """
    from feed2book.cli.given import executor
    from feed2book.cli.output import progress

    if values["dry_run"] and values["preview"]:
        message = "a dry run shows nothing in the browser"
        raise UsageError(message, where="--preview", remedy="give one of the two")
    if values["due"] and values["force"]:
        raise UsageError("--force asks all sources, due or not", where="--due", remedy="give one of the two")
    found = config.load(config_file, os.environ)
    chosen = [
        replace(edition, min_posts=values["min_posts"] or edition.min_posts)
        for edition in config.editions(found, editions)
    ]
    place = config.executor(values["executor"], "--executor") or found.executor
    reports = []
    with (
        executor(place, prints=any("pdf" in edition.outputs for edition in chosen)) as workers,
        progress(quiet=values["quiet"]) as show,
    ):
        for report in _reports(chosen, found.data, values, executor=workers, progress=show):
            reports.append(report)
            if values["dry_run"] and not values["as_json"]:
                _show(report)
            tell(report, verbose=values["verbose"], quiet=values["quiet"])
    if values["as_json"]:
        click.echo(json.dumps(list(map(_as_json, reports)), ensure_ascii=False, indent=2))
    empty = values["fail_if_empty"] and not any(report.issue for report in reports)
    return max([EXIT_FAILED if empty else EXIT_OK, *(report.exit_code for report in reports)])


def _reports(
    editions: Sequence[Edition], data: Path, values: dict[str, Any], **options: Any
) -> Iterator[EditionReport]:
    from feed2book.models import Ask
    from feed2book.pipeline import run_editions

    options["ask"] = Ask.DUE if values["due"] else Ask.ALL if values["force"] else Ask.USUAL
    options["reveal"] = partial(config.reveal, environ=os.environ)
    clock = partial(config.clock, os.environ)
    if values["dry_run"] or values["preview"]:
        draft = partial(_draft, preview=values["preview"], **options)
        return (reported(each.name, partial(draft, each, data, clock())) for each in editions)
    return run_editions(editions, data, clock, wait=values["wait"], **options)


def _draft(edition: Edition, data: Path, now: datetime, *, preview: bool, **options: Any) -> EditionReport:
    # Here, not above: --help needs none of them.
    import tempfile
    import webbrowser

    from feed2book.pipeline import draft_edition

    folder = Path(tempfile.mkdtemp(prefix="feed2book-preview-")) if preview else None
    report = draft_edition(edition, data, now, folder=folder, **options)
    for file in report.issue.files if report.issue else ():
        webbrowser.open(file.path.as_uri())
    return report


def reported(edition: str, run: Callable[[], EditionReport]) -> EditionReport:
    """Return the report of a run of an edition, also of one that an error ended: others still run."""
    from feed2book.pipeline import EditionReport

    try:
        return run()
    except Feed2BookError as error:
        return EditionReport(edition, error=error)


def tell(report: EditionReport, *, verbose: int = 0, quiet: bool = False) -> None:
    """Print on stderr what fell short, and in a last line what was done."""
    for failure in report.failures:
        click.echo(f"feed2book: {failure.message}", err=True)
    for failure in report.undelivered:
        click.echo(f"feed2book: {report.edition}: {failure.where}: {failure.message}", err=True)
    if report.error:
        if verbose > 1:
            import traceback

            traceback.print_exception(report.error)
        for error in (*report.error.causes, report.error):
            click.echo(f"feed2book: {report.edition}: {error}", err=True)
    for notice in report.notices if verbose else ():
        click.echo(f"{notice.code}: {notice.where}: {notice.message}", err=True)
    if not quiet and not report.error:
        click.echo(f"{report.edition}: {_summary(report, verbose=bool(verbose))}", err=True)


def _show(report: EditionReport) -> None:
    """Print what would go where."""
    for post in report.issue.posts if report.issue else ():
        day = f"{post.published:%Y-%m-%d}" if post.published else ""
        click.echo(f"{day:<12}{post.title}")
    for delivery, count in report.planned if report.issue else ():
        click.echo(f"{'goes to':<12}{delivery}{f' ({count:,} recipients)' if count > 1 else ''}")


def _summary(report: EditionReport, *, verbose: bool) -> str:
    from feed2book.cli.output import counted, shortcomings

    made = "nothing new"
    if report.waiting:
        made = f"{counted(report.waiting, 'new post')}, too few for an issue"
    if report.issue:
        made = f"{report.issue.title}, {counted(len(report.issue.posts), 'post')}"
    ends = [f"{count:,} {status}" for status, count in sorted(report.counts.items()) if count]
    return "; ".join(filter(None, [made, *ends, shortcomings(report, verbose=verbose)]))


def _as_json(report: EditionReport) -> dict[str, Any]:
    def plain(failures: tuple[Failure, ...]) -> list[dict[str, str]]:
        return [{"where": failure.where, "message": failure.message} for failure in failures]

    return {
        "edition": report.edition,
        "exit_code": report.exit_code,
        "issue": issue_as_json(report.issue) if report.issue else None,
        "waiting": report.waiting,
        "dispatches": {str(status): count for status, count in sorted(report.counts.items())},
        "undelivered": plain(report.undelivered),
        "failures": plain(report.failures),
        "error": str(report.error) if report.error else None,
    }
