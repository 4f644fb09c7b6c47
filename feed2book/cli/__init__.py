"""The Click commands: flags → options → pipeline → print. The only place that exits."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module

import click

from feed2book import __version__
from feed2book.errors import EXIT_FAILED, Feed2BookError

__all__ = ["app", "main"]

_COMMANDS = (
    "epub", "pdf", "digest", "list", "discover", "check", "init", "config", "opml",
    "run", "sources", "history", "resend", "schedule", "watch", "completion",
)  # fmt: skip
_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class _Commands(click.Group):
    """Loads a command's module when it is asked for, so that ``--version`` loads none."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (Click's signature)
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"feed2book.cli.{cmd_name}_command").command
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Options can stand in the environment too: --page a4 is FEED2BOOK_PAGE=a4.",
)
@click.version_option(__version__, "--version", message="feed2book %(version)s")
def app() -> None:
    """Turn web feeds into books: an EPUB for the e-reader, a PDF for paper, a digest for the inbox.

    SOURCE is the address of a feed or of a site, a file (a feed, or a list of feeds as OPML), or - for
    standard input.
    """


def main() -> None:
    """Run the command line: one clear line for every error, and an exit code that means something."""
    sys.exit(_guarded(lambda: app.main(standalone_mode=False), verbose="-vv" in sys.argv))


def _guarded(run: Callable[[], object], *, verbose: bool) -> int:
    try:
        outcome = run()
    except Feed2BookError as error:
        for cause in error.causes:
            click.echo(f"feed2book: {cause}", err=True)
        return _complain(str(error), error.exit_code, verbose=verbose)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted; nothing was left half done", _INTERRUPTED, verbose=False)
    except BrokenPipeError:
        # Whoever read our output has gone. Give the interpreter somewhere to flush to at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except Exception as error:  # noqa: BLE001 (the last line of defence: no traceback for a reader)
        what = f"{type(error).__name__}: {error}"
        return _complain(
            f"an error of ours, not yours: {what} — run with -vv and tell us", EXIT_FAILED, verbose=verbose
        )
    return outcome if isinstance(outcome, int) else 0


def _complain(message: str, code: int, *, verbose: bool) -> int:
    if verbose:
        import traceback

        traceback.print_exc()
    click.echo(f"feed2book: {' '.join(message.split())}", err=True)
    return code
