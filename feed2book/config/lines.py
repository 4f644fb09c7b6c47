"""On which line each key of a TOML file stands. ``tomllib`` does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

Keys = tuple[str | int, ...]
"""Keys from the root of the file; a number counts the tables of an array from 0."""

# What a bracket or a line end means depends on these; the rest of the text does not matter. A long string
# ends with the last three quotes of a row: it may have quotes of its own before them.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?!")|\'\'\'.*?\'\'\'(?!\')'
    r'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|\#[^\n]*|[\[\]{}\n]',
    re.DOTALL,
)


def lines(text: str) -> dict[Keys, int]:
    """Return the line of each key and table, counted from 1.

    Args:
        text: a file that ``tomllib`` reads.
    """
    found: dict[Keys, int] = {}
    counts: dict[Keys, int] = {}
    table: Keys = ()
    for line, statement in _statements(text):
        said = tomllib.loads(statement)
        if statement.startswith("["):
            table = _header(said, counts)
            found[table] = line
        else:
            for path in _paths(said):
                found.setdefault((*table, *path), line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each ``key = value`` and each header, with the line that it begins on."""
    start = depth = 0
    line = begins = 1
    for token in _TOKEN.finditer(f"{text}\n"):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        line += token[0].count("\n")
        if token[0] == "\n" and not depth:
            statement = text[start : token.end()].strip()
            if statement and not statement.startswith("#"):
                yield begins, statement
            start, begins = token.end(), line


def _header(said: dict[str, Any], counts: dict[Keys, int]) -> Keys:
    """Return the path of the table that a header opens, and count the tables of each array."""
    path: Keys = ()
    here: Any = said
    while here:
        (key, here), *_ = here.items()
        path = (*path, key)
        if isinstance(here, list):
            counts[path] = counts.get(path, -1) + 1
            here = {}
            path = (*path, counts[path])
        elif path in counts:
            path = (*path, counts[path])
    return path


def _paths(said: dict[str, Any]) -> Iterator[Keys]:
    for key, value in said.items():
        yield (key,)
        if isinstance(value, dict):
            yield from ((key, *path) for path in _paths(value))
