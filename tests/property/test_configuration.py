"""Whatever stands in a configuration: it is read, or everything that is wrong is told with its line."""

from __future__ import annotations

import re
import tempfile
import types
import typing
from pathlib import Path
from typing import Any, Literal

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from feed2book.config import load, schema
from feed2book.config.lines import lines
from feed2book.errors import ConfigError, UsageError

WORDS = [
    "a", "-", "~nobody/x", "a\0b", "epub", "mon 07:00", "7d", "(", "{x}", "{token}", "a@example.org", "post",
    "https://x.example/", "htp://x", "a\nb", "kobo", "6x9in", "de", ".",
]  # fmt: skip
SCALARS = {
    str: st.sampled_from(WORDS),
    bool: st.booleans(),
    int: st.sampled_from([1, 3, 200_000]),
    float: st.sampled_from([0.5, 30.0]),
    types.NoneType: st.nothing(),
}
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(*SCALARS.values(), st.just(""), st.just(-1), st.datetimes()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=2),
    max_leaves=4,
)


def of_form(kind: Any, wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw what has the form of a kind, with something ``wrong`` here and there."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return of_form(parts[0], wrong)
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*(of_form(part, wrong) for part in parts))
    if origin is Literal:
        return st.sampled_from(parts)
    if origin is list:
        return st.lists(of_form(parts[0], wrong), min_size=1, max_size=2)
    if origin is dict:
        return st.dictionaries(
            st.sampled_from(["post", "Post", "my own"]), of_form(parts[1], wrong), min_size=1
        )
    if kind in SCALARS:
        return SCALARS[kind]
    known = {field.encode_name: (field, of_form(field.type, wrong) | wrong) for field in fields(kind)}
    return st.fixed_dictionaries(
        {name: values for name, (field, values) in known.items() if field.required},
        optional={name: values for name, (field, values) in known.items() if not field.required},
    )


@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("wrong", [st.nothing(), ANYTHING], ids=["of the right form", "of any form"])
@given(data=st.data())
def test_any_file_is_read_or_refused_line_by_line(wrong: st.SearchStrategy[Any], data: st.DataObject) -> None:
    text = tomlkit.dumps(data.draw(of_form(schema.Document, wrong)))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "feed2book.toml"
        place.write_text(text, encoding="utf-8")
        try:
            load(place, {})
        except UsageError as error:
            causes = error.causes if isinstance(error, ConfigError) else (error,)
            assert all(re.match(rf"{re.escape(str(place))}:\d+: \S", cause.where) for cause in causes)
            assert all(cause.message and cause.remedy for cause in causes)


@settings(max_examples=50, deadline=None)
@given(of_form(schema.Document, ANYTHING))
def test_every_key_has_a_line(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    rows = text.split("\n")
    for path, line in lines(text).items():
        key = next(key for key in reversed(path) if isinstance(key, str))
        assert key in rows[line - 1] or tomlkit.key(key).as_string() in rows[line - 1]
