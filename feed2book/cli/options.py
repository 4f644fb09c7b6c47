"""The options that the commands share, and what becomes of them. Each has its ``FEED2BOOK_…`` variable."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from feed2book import config
from feed2book.errors import UsageError

if TYPE_CHECKING:
    from feed2book.models import Access, BookOptions, FetchOptions, Job, Reach

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)


class _Lines(click.types.StringParamType):
    """Text; a variable has one value a line."""

    envvar_list_splitter = "\n"


_TARGET = click.Path(dir_okay=True, allow_dash=True, path_type=str)


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """A Click option with its environment variable (``--toc-depth`` has ``FEED2BOOK_TOC_DEPTH``)."""
    long_name = max((name.partition("/")[0] for name in names), key=len)
    variable = "FEED2BOOK_" + long_name.lstrip("-").replace("-", "_").upper()
    return click.option(*names, envvar=variable, **settings)


def _apply(options: list[Callable[[F], F]], command: F) -> F:
    for add in reversed(options):
        command = add(command)
    return command


json_option = option("--json", "as_json", is_flag=True, help="Print the report as JSON on stdout.")
verbose_option = click.option("-v", "--verbose", count=True, help="Show each notice; -vv shows tracebacks.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
wait_option = option("--wait", is_flag=True, help="Wait until another run is done, instead of giving up.")


executor_option = option(
    "--executor",
    default="",
    metavar="ADDRESS",
    help="Work on a Dask cluster whose scheduler is at dask://HOST:PORT (or tls://).",
)


def fetch_options(command: F) -> F:
    """How sources are fetched, and what they are given."""
    return _apply(
        [
            option("--offline", is_flag=True, help="Ask the cache only, never the network."),
            option(
                "--allow-private",
                is_flag=True,
                help="Let addresses in a feed reach this machine and its network.",
            ),
            option(
                "--cookies",
                type=_FILE,
                metavar="FILE",
                help="Send a browser's cookies (Netscape's format) to the sources that they belong to.",
            ),
            option(
                "--header",
                "headers",
                type=_Lines(),
                multiple=True,
                metavar="'NAME: VALUE'",
                help="Send this to the sources, too; 'NAME: env:VARIABLE' keeps a secret out of sight.",
            ),
            option(
                "--proxy", default="", metavar="URL", help="Fetch through http://…, https:// or socks5://…"
            ),
        ],
        command,
    )


def _choice_options(command: F) -> F:
    """Which posts, and in which order."""
    return _apply(
        [
            option(
                "--limit",
                type=click.IntRange(min=1),
                metavar="N",
                help="Only the newest N posts of each source; older ones are fetched until there are N.",
            ),
            option(
                "--since",
                default="",
                metavar="WHEN",
                help="Only posts from then on: 2026-11-01, or an age as 7d.",
            ),
            option(
                "--all",
                "whole",
                is_flag=True,
                help="All posts that a source has, not only those that its feed shows.",
            ),
            option(
                "--archive",
                type=click.Choice(get_args(config.Strategy)),
                metavar="WAY",
                help="How to get at older posts; else the first way that the site knows (docs/archives.md).",
            ),
            option("--until", default="", metavar="WHEN", help="Only posts up to and with then."),
            option("--order", type=click.Choice(get_args(config.Order)), help="Which posts come first."),
        ],
        command,
    )


def _full_text_options(command: F) -> F:
    """Which pages of posts are fetched, and where the article stands in them."""
    return _apply(
        [
            option(
                "--full-text",
                type=click.Choice(get_args(config.FullText)),
                default="auto",
                show_default=True,
                help="Fetch the pages of posts: of those that are summaries, of all, of none.",
            ),
            option(
                "--site-rules",
                type=_DIRECTORY,
                metavar="DIR",
                help="Site configurations in FiveFilters' format: where the article stands in a page.",
            ),
        ],
        command,
    )


def source_options(command: F) -> F:
    """What to read, which posts of it, and how to report: for every command that takes sources."""
    return _apply(
        [
            click.argument("sources", nargs=-1, required=True, metavar="SOURCE..."),
            option(
                "--url",
                default="",
                metavar="URL",
                help="The address that a file's or stdin's relative links count from.",
            ),
            _choice_options,
            option(
                "--language",
                default="",
                metavar="TAG",
                help="The book's language (en, de, pt-BR); else the feed's.",
            ),
            option(
                "--jobs",
                type=click.IntRange(min=1),
                metavar="N",
                help="How many processes work at once; else as many as there are processors.",
            ),
            fetch_options,
            option(
                "--ignore-robots",
                is_flag=True,
                help="Fetch the pages of posts whatever their host's robots.txt says.",
            ),
            _full_text_options,
            executor_option,
            json_option,
            verbose_option,
            quiet_option,
        ],
        command,
    )


def _device_names(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    from feed2book.devices import DEVICES

    return [name for name in DEVICES if name.startswith(typed.lower())]


device_option = option(
    "--device",
    default="generic",
    show_default=True,
    metavar="NAME",
    shell_complete=_device_names,
    help="What it will be read on: kindle, kobo, remarkable … (docs/using.md has them all).",
)


config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The configuration; else FEED2BOOK_CONFIG, feed2book.toml here, or yours.",
)

edition_option = option("--edition", default="", metavar="NAME", help="Which edition, if there are several.")


def book_options(command: F) -> F:
    """What the book is and how it looks: for the commands that make a file."""
    return _apply(
        [
            source_options,
            option(
                "-o",
                "--output",
                type=_TARGET,
                default="",
                metavar="FILE",
                help="Where to write; - is stdout.",
            ),
            option("--title", default="", help="The book's title; else the feed's."),
            option("--author", default="", help="The book's author; else the feed's."),
            option("--series", default="", metavar="NAME", help="The series that the book belongs to."),
            option(
                "--number",
                type=click.IntRange(min=1),
                metavar="N",
                help="Its number in the series: an issue of its own, not the next state of one book.",
            ),
            option(
                "--toc-depth",
                type=click.IntRange(0, 5),
                default=3,
                show_default=True,
                help="Levels of sections in the contents.",
            ),
            option(
                "--links",
                type=click.Choice(get_args(config.Links)),
                help="Links that lead out: keep, list their addresses too, or leave only their text.",
            ),
            option("--cover/--no-cover", default=True, help="Draw a cover (the default), or none."),
            option("--images/--no-images", default=True, help="Fetch the pictures (the default), or none."),
            option("--css", type=_FILE, metavar="FILE", help="A style sheet to put after ours."),
            option(
                "--templates",
                type=_DIRECTORY,
                metavar="DIR",
                help="Templates that replace ours of the same name.",
            ),
            option(
                "--strict",
                is_flag=True,
                help="Exit with 4 if anything was lost or damaged (list --ledger shows what).",
            ),
        ],
        command,
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What a command was asked for: the job, the clock, what each source is given, and how to report."""

    job: Job
    now: datetime
    access: Access | None = None
    output: str = ""
    executor: str = ""
    strict: bool = False
    as_json: bool = False
    verbose: int = 0
    quiet: bool = False


def wish(values: dict[str, Any], order: str, links: str = "keep") -> Wish:
    """Turn the flags of a command into a wish; ``order`` and ``links`` are the command's defaults.

    Raises:
        UsageError: a value is wrong, or two of them contradict.
    """
    # Here, not above: --help needs none of the data types, and they cost it 15 ms.
    from feed2book.models import Job, Sites
    from feed2book.pipeline import listed

    now = config.clock(os.environ)
    device = config.device(values.get("device", "generic"), values.get("max_size"))
    output = values.get("output", "")
    if values["as_json"] and output == "-":
        raise UsageError(
            "the book and the report cannot both go to stdout", where="--json", remedy="name a file with -o"
        )
    if values["sources"].count("-") > 1:
        raise UsageError("standard input can be read only once", where="-")
    return Wish(
        job=Job(
            sources=tuple(feed for source in values["sources"] for feed in listed(source)),
            base=values["url"],
            fetch=fetching(values),
            book=_book(values, order, now),
            render=config.render_options(values, device, config.style_sheet(values.get("css")), links),
            jobs=values.get("jobs") or config.processors(),
            reach=_reach(values),
            sites=Sites(folder=values["site_rules"]),
        ),
        now=now,
        access=config.access(values["cookies"], values["headers"]),
        output=output,
        executor=config.executor(values.get("executor", ""), "--executor"),
        strict=values.get("strict", False),
        as_json=values["as_json"],
        verbose=values["verbose"],
        quiet=values["quiet"],
    )


def fetching(values: dict[str, Any]) -> FetchOptions:
    """Return what the flags say of fetching, for the commands that have :func:`fetch_options`."""
    from feed2book.models import FetchOptions

    return FetchOptions(
        cache_dir=config.cache_directory(os.environ),
        offline=values["offline"],
        allow_private=values["allow_private"],
        ignore_robots=values.get("ignore_robots", False),
        netrc=config.netrc_file(os.environ),
        proxy=values["proxy"],
    )


def _reach(values: dict[str, Any]) -> Reach:
    """Return how much is read: older posts, if any are asked for by their number or their age."""
    from feed2book.models import Reach

    asked = values["whole"] or values["limit"] or values["since"]
    archive = values["archive"] or ("auto" if asked else "none")
    if values["whole"] and archive == "none":
        remedy = "leave one of the two out"
        raise UsageError(
            "--all asks for older posts, and this for none", where="--archive none", remedy=remedy
        )
    return Reach("" if archive == "none" else archive, values["full_text"])


def _book(values: dict[str, Any], order: str, now: datetime) -> BookOptions:
    since = config.moment(values["since"], "--since", now)
    until = config.moment(values["until"], "--until", now, end_of_day=True)
    if since and until and since >= until:
        raise UsageError("no time lies between --since and --until", where="--since", remedy="swap them")
    return config.book_options(
        {**values, "language": config.language(values["language"])}, order, since, until
    )
