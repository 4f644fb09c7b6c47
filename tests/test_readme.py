"""What the README promises is there: commands, options, variables, make targets, files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest

from feed2book.cli import app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FLAGS = (ROOT / "feed2book" / "config" / "flags.py").read_text(encoding="utf-8")


def commands() -> dict[str, click.Command]:
    context = click.Context(app)
    found = {name: app.get_command(context, name) for name in app.list_commands(context)}
    return {name: command for name, command in found.items() if command}


def options(command: click.Command) -> set[str]:
    own = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
    return own.union(*map(options, getattr(command, "commands", {}).values()))


@pytest.mark.parametrize(
    ("page", "least"),
    [
        ("README.md", {"epub", "pdf", "digest", "list", "check", "init", "run"}),
        ("docs/editions.md", {"init", "config", "opml", "run", "history", "schedule"}),
        ("docs/delivery.md", {"history", "resend"}),
    ],
)
def test_every_command_line_of_a_page_is_one(page: str, least: set[str]) -> None:
    known = commands()
    shown = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = re.findall(r"\bfeed2book (\w+)([^\n|#`>]*)", "\n".join(shown))
    assert {name for name, _ in lines} >= least
    for name, rest in lines:
        flags = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest))
        assert flags <= options(known[name]), f"feed2book {name} {rest}"


def test_every_option_of_the_readme_is_one() -> None:
    known = set().union(*(options(command) for command in commands().values()))
    table = README.partition("| option | |")[2].partition("\n\n")[0]
    named = set(re.findall(r"--[a-z][a-z-]*", table))
    assert len(named) > 12
    assert named <= known


def test_every_variable_of_the_readme_is_one() -> None:
    known = {option.envvar for command in commands().values() for option in command.params}
    known |= set(re.findall(r'environ\.get\("(FEED2BOOK_\w+)"', FLAGS))  # folders have no option
    named = set(re.findall(r"FEED2BOOK_\w+", README))
    assert named
    assert named <= known


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make (\w+)", README)) | {"book", "test"}))
def test_every_make_target_of_the_readme_is_one(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_link_of_the_readme_leads_somewhere() -> None:
    places = [place for place in re.findall(r"\]\(([^)]+)\)", README) if "://" not in place]
    assert places
    assert all((ROOT / place.partition("#")[0]).exists() for place in places)
