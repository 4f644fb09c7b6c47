"""``feed2book list``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from feed2book.cli.options import option, source_options, wish

if TYPE_CHECKING:
    from feed2book.models import Article, Feed, Section


@click.command("list")
@source_options
@option("--ledger", is_flag=True, help="What went into each post, what came out, what was dropped and why.")
def command(ledger: bool, **values: Any) -> int:
    """Show what would go in: posts, dates, words, images, contents."""
    from feed2book.cli.given import given
    from feed2book.cli.output import article_as_json, counted, exit_code, notices_as_json, shortcomings, tell
    from feed2book.models import Report
    from feed2book.pipeline import outline

    wanted = wish(values, order="oldest")
    with given(wanted) as options:
        gathered = outline(wanted.job, **options)
    report = Report((), gathered.notices, gathered.failures)
    code = exit_code(wanted, report)
    if wanted.as_json:
        feeds = [
            {
                "title": feed.title,
                "url": feed.url,
                "articles": [{**article_as_json(a), **_details(a)} for a in articles],
            }
            for feed, articles in gathered.feeds
        ]
        click.echo(
            json.dumps(
                {"exit_code": code, "feeds": feeds, **notices_as_json(report)}, ensure_ascii=False, indent=2
            )
        )
    else:
        for feed, articles in gathered.feeds:
            _print_feed(feed, articles, ledger)
    tell(wanted, report)
    if not wanted.quiet:
        short = shortcomings(report, verbose=bool(wanted.verbose))
        articles = gathered.articles
        words = sum(article.ledger.after.words for article in articles)
        size = f"{counted(len(articles), 'post')}, {counted(words, 'word')}"
        click.echo(f"{size}{f'; {short}' if short else ''}", err=True)
    return code


def _details(article: Article) -> dict[str, Any]:
    from feed2book.cli.ledger_table import ledger_as_json

    return {"contents": _tree(article.sections), "ledger": ledger_as_json(article.ledger)}


def _tree(sections: Iterable[Section]) -> list[dict[str, Any]]:
    return [
        {"title": section.title, "id": section.id, "children": _tree(section.children)}
        for section in sections
    ]


def _print_feed(feed: Feed, articles: Iterable[Article], ledger: bool) -> None:
    from feed2book.cli.ledger_table import ledger_lines

    click.secho(feed.title or feed.url, bold=True)
    for article in articles:
        date = article.entry.date
        day = f"{date:%Y-%m-%d}" if date else "no date   "
        words, images = article.ledger.after.words, len(article.images)
        click.echo(f"  {day}  {words:>6,} words  {images:>3} images  {article.title}")
        if ledger:
            click.echo("\n".join(ledger_lines(article.ledger)))
        else:
            _print_sections(article.sections, 1)


def _print_sections(sections: Iterable[Section], depth: int) -> None:
    for section in sections:
        click.echo(f"{' ' * 39}{'  ' * depth}{section.title}")
        _print_sections(section.children, depth + 1)
