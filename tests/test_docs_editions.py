"""docs/editions.md has every key of the configuration with its default, and what it shows is right."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from feed2book.config import schema
from feed2book.config.faults import faults

FOLDER = Path(__file__).resolve().parent.parent / "docs"
DOCS = (FOLDER / "editions.md").read_text(encoding="utf-8")
TABLES: dict[str, type[schema.Table]] = {
    "Top of the file": schema.Document,
    "`[edition.NAME]`": schema.EditionTable,
    "`[[edition.NAME.source]]`": schema.SourceTable,
    "`include` and `exclude`": schema.FilterTable,
    "`[[edition.NAME.deliver]]`": schema.DeliverTable,
    "`recipients` as a table": schema.RecipientsTable,
    "`[mail]`": schema.MailTable,
    "`dkim`": schema.DkimTable,
    "`[server.NAME]`": schema.ServerTable,
    '`[site."HOST"]`': schema.SiteTable,
    "Secrets": schema.SecretTable,
}


def written(heading: str) -> dict[str, str]:
    """Return the defaults in the first table under a heading, by key."""
    section = DOCS.partition(f"\n### {heading}\n")[2]
    table = section.partition("| --- | --- | --- |\n")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| `([\w-]+)` \| (.*?) \| ", table, re.MULTILINE))


def default(field: msgspec.structs.FieldInfo) -> str | None:
    """Return a default as the docs write it; None where it is nothing, and words say what that means."""
    if field.required:
        return "required"
    if field.default in ("", None, msgspec.NODEFAULT):
        return None
    return f"`{json.dumps(field.default)}`"


@pytest.mark.parametrize("heading", TABLES)
def test_every_key_is_there_with_its_default(heading: str) -> None:
    told = written(heading)
    fields = {field.encode_name: default(field) for field in msgspec.structs.fields(TABLES[heading])}
    assert set(told) == set(fields)
    assert {key: told[key] for key, value in fields.items() if value} == {
        key: value for key, value in fields.items() if value
    }


def test_every_kind_of_table_has_its_place() -> None:
    assert set(TABLES.values()) == set(schema.Table.__subclasses__())


def test_every_kind_of_delivery_is_there() -> None:
    table = DOCS.partition("| `kind` | what goes where |")[2].partition("\n\n")[0]
    kinds = re.findall(r'`"(\w+)"`', "".join(row.split("|")[1] for row in table.splitlines() if "|" in row))
    assert sorted(kinds) == sorted(get_args(schema.Kind))


def test_what_is_to_be_written_is_right() -> None:
    """The pieces of the first ten minutes, put together, are a configuration."""
    pieces = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    assert len(pieces) == 2
    text = "\n".join(line.strip() for piece in pieces for line in piece.splitlines())
    assert list(faults(tomllib.loads(text), schema.Document)) == []


def test_the_pieces_about_mail_want_nothing_but_the_rest() -> None:
    pieces = re.findall(r"```toml\n(.*?)```", (FOLDER / "mail.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(pieces) == 5
    wrong = [fault for piece in pieces for fault in faults(tomllib.loads(piece), schema.Document)]
    assert {(fault.path[-1], fault.message) for fault in wrong} == {
        ("edition", "it is missing"),
        ("source", "it is missing"),
    }
