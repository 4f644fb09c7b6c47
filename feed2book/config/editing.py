"""Sources that are added to a configuration file, which keeps all else that is in it, byte by byte."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import tomlkit

from feed2book.config.lines import lines
from feed2book.errors import UsageError
from feed2book.models import Source


def add_sources(text: str, edition: str, sources: Iterable[Source], where: Path) -> str:
    """Return the text of a configuration with more sources in an edition, after those that it has.

    Args:
        text: the configuration.
        edition: its name; where there is none yet, it is begun.
        sources: what to add: address, name and group count.
        where: the file, for the error.

    Raises:
        UsageError: the edition's sources are not written as tables.
    """
    before, after = _parted(text, ("edition", edition, "source"))
    added = "".join(f"{_table(edition, source)}\n" for source in sources)
    between = "\n\n" if before.strip() else ""
    end = "\r\n" if "\r\n" in text else "\n"
    grown = before.rstrip() + f"{between}{added}".replace("\n", end) + after
    try:
        tomllib.loads(grown)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            "the sources are written in one line, where none can be added",
            where=f"{where}: edition.{edition}.source",
            remedy=f"write each as a table [[edition.{edition}.source]]",
        ) from error
    return grown


def _table(edition: str, source: Source) -> str:
    said = {"address": source.address, "name": source.name, "group": source.group}
    header = tomlkit.key(["edition", edition, "source"]).as_string()
    return f"[[{header}]]\n" + tomlkit.dumps({key: value for key, value in said.items() if value})


def _parted(text: str, array: tuple[str, ...]) -> tuple[str, str]:
    """Return the text up to the end of the last table of an array (or of the file), and the rest of it."""
    known = lines(text)
    rows = re.findall(r"[^\n]*\n|[^\n]+", text)  # TOML knows no other line ends
    last = max((line for path, line in known.items() if path[: len(array)] == array), default=len(rows))
    end = min((line - 1 for line in known.values() if line > last), default=len(rows))
    while end > last and rows[end - 1].startswith("#"):  # a comment belongs to what it stands above
        end -= 1
    return "".join(rows[:end]), "".join(rows[end:])
