"""All that is wrong with the form of a configuration: unknown keys, missing ones, values of a wrong kind."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from feed2book.config.lines import Keys
from feed2book.config.schema import SecretTable, Table
from feed2book.config.words import nearest

_NAMES = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "a table",
    "str": "text in quotes",
}
IN_THE_OPEN = (
    "a secret does not stand here in the open",
    'write { env = "NAME" }, { file = "…" }, { command = ["…"] } or { keyring = ["service", "user"] }',
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, at a key; what is wrong with it, and what to do."""

    path: Keys
    message: str
    remedy: str = ""


def spelled(path: Keys) -> str:
    """Return a path as it is shown: ``edition.weekly.source[2].limit``, counted from 1."""
    return "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def faults(value: Any, kind: Any, path: Keys = ()) -> Iterator[Fault]:
    """Yield everything that keeps a value from being of a kind.

    Args:
        value: as the TOML has it.
        kind: a table of :mod:`feed2book.config.schema`, or the type of a field.
        path: where the value stands.
    """
    members = _members(kind)
    if isinstance(value, str) and SecretTable in members and str not in members:
        yield Fault(path, *IN_THE_OPEN)
        return
    inner = list(_inside(value, members, path))
    yield from inner
    if not inner:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield _misfit(value, members, str(error), path)


def _members(kind: Any) -> tuple[Any, ...]:
    """Return the kinds that a type allows, without their annotations."""
    if typing.get_origin(kind) is typing.Annotated:
        return _members(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return tuple(member for part in typing.get_args(kind) for member in _members(part))
    return (kind,)


def _inside(value: Any, members: tuple[Any, ...], path: Keys) -> Iterator[Fault]:
    """Yield the faults of what a table or a list holds."""
    for member in members:
        parts = typing.get_args(member)
        if isinstance(value, dict) and isinstance(member, type) and issubclass(member, Table):
            yield from _of_table(value, member, path)
        elif isinstance(value, dict) and typing.get_origin(member) is dict:
            for key, each in value.items():
                yield from faults(each, parts[1], (*path, key))
        elif isinstance(value, list) and typing.get_origin(member) is list:
            for index, each in enumerate(value):
                yield from faults(each, parts[0], (*path, index))


def _of_table(table: dict[str, Any], kind: type[Table], path: Keys) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key in table.keys() - fields.keys():
        yield Fault((*path, key), "there is no such key", nearest(key, fields))
    for key, field in fields.items():
        if key in table:
            yield from faults(table[key], field.type, (*path, key))
        elif field.required:
            yield Fault((*path, key), "it is missing", f"add {_example(key, field.type, path)}")


def _example(key: str, kind: Any, path: Keys) -> str:
    member = _members(kind)[0]
    place = ".".join(str(part) for part in (*path, key))
    if typing.get_origin(member) is dict:
        return f"[{place}.NAME]"
    return f"[[{place}]]" if typing.get_origin(member) is list else f'{key} = "…"'


def _misfit(value: Any, members: tuple[Any, ...], said: str, path: Keys) -> Fault:
    choices = [word for member in members for word in typing.get_args(member) if isinstance(word, str)]
    if choices and isinstance(value, str):
        return Fault(path, f"{value!r} is none of the words that may stand here", nearest(value, choices))
    if value in ("", [], {}):
        return Fault(path, "it is empty", "fill it, or remove it")
    wanted, _, got = said.partition(", got ")
    remedy = f"write {_plain(wanted.removeprefix('Expected '))}"
    return Fault(path, f"this is {_plain(got)}" if got else "this value will not do", remedy)


def _plain(said: str) -> str:
    """Return what msgspec says with words for its types: `` `int` >= 1`` → ``a whole number >= 1``."""
    return re.sub(
        r"`([^`]*)`",
        lambda name: " or ".join(_NAMES.get(part, part) for part in name[1].split(" | ") if part != "null"),
        said,
    )
