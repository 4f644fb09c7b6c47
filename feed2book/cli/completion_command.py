"""``feed2book completion``."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    For bash: feed2book completion bash > ~/.local/share/bash-completion/completions/feed2book
    """
    from click.shell_completion import get_completion_class

    from feed2book.cli import app

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(app, {}, "feed2book", "_FEED2BOOK_COMPLETE").source())
