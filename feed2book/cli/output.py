"""Progress while it is slow, the finished file, and the last line."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click

from feed2book import config
from feed2book.cli.options import Wish
from feed2book.errors import EXIT_CHECK, EXIT_OK, EXIT_PARTIAL, Code, UsageError
from feed2book.models import Article, Artifact, Notice, Report
from feed2book.pipeline import EditionReport, Made, Progress, numbered, save

_STAGES = {
    "feeds": "Fetching",
    "archive": "Archive",
    "pages": "Pages",
    "posts": "Cleaning",
    "images": "Pictures",
    "render": "Rendering",
}
# What --strict minds: something of the author's is not in the book.
_LOSSES = {
    Code.ARCHIVE_INCOMPLETE,
    Code.ARTICLE_DAMAGED,
    Code.CONTENT_LOST,
    Code.ENTRY_EMPTY,
    Code.FEED_MALFORMED,
    Code.IMAGE_BLOCKED,
    Code.IMAGE_DAMAGED,
    Code.IMAGE_MISSING,
}
# What is told without -v, too: where older posts came from, or why they did not.
_TOLD = {Code.ARCHIVE_READ, Code.ARCHIVE_UNKNOWN, Code.ARCHIVE_INCOMPLETE}


def _quiet(stage: str, done: int, total: int) -> None:
    """Show nothing."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """Show a bar on stderr while a person watches; nothing when piped or quiet."""
    if quiet or not sys.stderr.isatty():
        yield _quiet
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, Any] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(_STAGES[stage], total=total or None)
        bars.update(tasks[stage], completed=done, total=total or None)

    with bars:
        yield show


def deliver(
    wish: Wish,
    made: Made,
    report: Report,
    nothing: str = "Nothing new: no post is in that range. No file was written.",
) -> int:
    """Write the artifact, say what was made and what fell short.

    Args:
        wish: what was asked for.
        made: the book.
        report: the artifact, and what fell short.
        nothing: the last line when no book was made.

    Returns:
        The exit code.

    Raises:
        DeliveryError: a file could not be written.
        UsageError: several files cannot go to stdout.
    """
    paths = []
    if wish.output == "-" and len(report.artifacts) > 1:
        raise UsageError(
            f"the book fills {len(report.artifacts)} volumes, and standard output takes one file",
            where="-o -",
            remedy="name a file or a folder with -o, or take fewer posts with --limit",
        )
    for artifact in report.artifacts:
        if wish.output == "-":
            save(artifact, sys.stdout.buffer)
        else:
            paths.append(_target(wish.output, artifact))
            save(artifact, paths[-1])
    code = exit_code(wish, report)
    if wish.as_json:
        click.echo(json.dumps(_as_json(made, report, paths, code), ensure_ascii=False, indent=2))
    tell(wish, report)
    if not wish.quiet:
        click.echo(summary(made, report, paths, wish) if made.book else nothing, err=True)
    return code


def exit_code(wish: Wish, report: Report) -> int:
    """Return 4 for losses under ``--strict``, 3 if a source failed or a part of it is missing, else 0."""
    if wish.strict and (report.failures or any(notice.code in _LOSSES for notice in report.notices)):
        return EXIT_CHECK
    partial = report.failures or any(notice.code == Code.ARCHIVE_INCOMPLETE for notice in report.notices)
    return EXIT_PARTIAL if partial else EXIT_OK


def tell(wish: Wish, report: Report) -> None:
    """Print the failures and how archives were read, and with ``-v`` each notice, on stderr."""
    for failure in report.failures:
        click.echo(f"feed2book: {failure.message}", err=True)
    for notice in report.notices:
        if wish.verbose or (notice.code in _TOLD and not wish.quiet):
            mark = notice.code if wish.verbose else "feed2book"
            click.echo(f"{mark}: {notice.where}: {notice.message}", err=True)


def summary(made: Made, report: Report, paths: Sequence[Path], wish: Wish) -> str:
    """Return the last line: what was made, how big, and what fell short."""
    if made.book is None:
        return ""
    articles = made.book.articles
    marked = Counter(made.book.news.values())
    news = ", ".join(f"{count} {mark}" for mark, count in sorted(marked.items()))
    facts = [
        counted(len(articles), "post") + (f" ({news})" if news else ""),
        counted(sum(article.ledger.after.words for article in articles), "word"),
        counted(len(made.book.assets), "picture"),
    ]
    pages = [artifact.pages for artifact in report.artifacts if artifact.pages is not None]
    if pages:
        facts.append(counted(sum(pages), "page"))
    facts.append(" + ".join(_size(artifact.blob.size) for artifact in report.artifacts))
    short = shortcomings(report, verbose=bool(wish.verbose))
    return f"{', '.join(map(str, paths)) or 'stdout'}: {', '.join(facts)}{f'; {short}' if short else ''}"


def shortcomings(report: Report | EditionReport, *, verbose: bool) -> str:
    """Return what fell short in a few words, ``""`` when nothing did."""
    codes = Counter(notice.code for notice in report.notices)
    missing = codes[Code.IMAGE_MISSING]
    others = len(report.notices) - missing - codes[Code.ARCHIVE_READ]
    parts = []
    if report.failures:
        parts.append(f"{counted(len(report.failures), 'source')} failed")
    if missing:
        parts.append(f"{counted(missing, 'picture')} missing")
    if others:
        parts.append(counted(others, "notice"))
    if (missing or others) and not verbose:
        parts.append("-v tells more")
    return ", ".join(parts)


def counted(number: int, noun: str) -> str:
    """Return ``1 post``, ``1,200 posts``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _size(octets: int) -> str:
    return f"{octets / 1e6:.1f} MB" if octets >= 1_000_000 else f"{max(1, round(octets / 1e3))} kB"


def _target(output: str, artifact: Artifact) -> Path:
    path = Path(output).expanduser() if output else Path(artifact.filename)
    if config.is_folder(path):
        return path / artifact.filename
    return path.with_name(numbered(path.name, artifact.volume)) if output and artifact.volume else path


def _as_json(made: Made, report: Report, paths: Sequence[Path], code: int) -> dict[str, Any]:
    book = made.book
    return {
        "exit_code": code,
        "title": book.title if book else None,
        "identifier": book.identifier if book else None,
        "language": book.language if book else None,
        "artifacts": [
            {
                "file": str(path) if path else None,
                "media_type": artifact.media_type,
                "bytes": artifact.blob.size,
                "pages": artifact.pages,
            }
            for artifact, path in zip_longest(report.artifacts, paths)
        ],
        "articles": [article_as_json(article) for article in (book.articles if book else ())],
        "pictures": len(book.assets) if book else 0,
        **notices_as_json(report),
    }


def article_as_json(article: Article) -> dict[str, Any]:
    """Return what a report says of one article."""
    date = article.entry.date
    after = article.ledger.after
    return {
        "title": article.title,
        "url": article.entry.url,
        "authors": list(article.entry.authors),
        "date": date.isoformat() if date else None,
        "language": article.language,
        "words": after.words,
        "images": len(article.images),
        "headings": after.headings,
        "minutes": article.minutes,
    }


def notices_as_json(report: Report) -> dict[str, Any]:
    """Return the notices and failures of a report."""

    def plain(notice: Notice) -> dict[str, str]:
        return {"code": str(notice.code), "where": notice.where, "message": notice.message}

    return {
        "notices": [plain(notice) for notice in report.notices],
        "failures": [{"where": failure.where, "message": failure.message} for failure in report.failures],
    }
