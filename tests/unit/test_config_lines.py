"""On which line a key stands, and where sources are added."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from feed2book.config.editing import add_sources
from feed2book.config.lines import lines
from feed2book.errors import UsageError
from feed2book.models import Source

TEXT = """\
top = 1 # [not.a.table]
many = [
  "a]", # ]
  'b', {c = 1},
]
long = \"\"\"
[not.a.table]
key = "escaped \\\"\"\" mark"
\"\"\"
raw = '''
x = [
'''

[a."b c"]
d.e = 2
inline = { f = { g = 3 } }
[[a.list]]
h = 1
[a.list.sub]
i = 1
[[a.list]]
h = 2
[[a.list.deep]]
j = 1
"""


def test_lines_of_every_key() -> None:
    assert lines(TEXT) == {
        ("top",): 1,
        ("many",): 2,
        ("long",): 6,
        ("raw",): 10,
        ("a", "b c"): 14,
        ("a", "b c", "d"): 15,
        ("a", "b c", "d", "e"): 15,
        ("a", "b c", "inline"): 16,
        ("a", "b c", "inline", "f"): 16,
        ("a", "b c", "inline", "f", "g"): 16,
        ("a", "list", 0): 17,
        ("a", "list", 0, "h"): 18,
        ("a", "list", 0, "sub"): 19,
        ("a", "list", 0, "sub", "i"): 20,
        ("a", "list", 1): 21,
        ("a", "list", 1, "h"): 22,
        ("a", "list", 1, "deep", 0): 23,
        ("a", "list", 1, "deep", 0, "j"): 24,
    }


@pytest.mark.parametrize(
    "value", ['"""a"""""', '""""a ]"""', '["""a"""", "]",\n"b"]', """['''a'''', '] ',\n'b']"""]
)
def test_long_strings_that_end_in_quotes(value: str) -> None:
    assert lines(f"x = {value}\n\ny = 1\n") == {("x",): 1, ("y",): value.count("\n") + 3}


CONFIG = """\
# mine
[[edition.weekly.source]]
address = "https://a.example/" # the first
[edition.weekly.source.include]
title = [
  "x",
]

# where it goes
[[edition.weekly.deliver]]
kind = "folder"
path = "books"
"""
NEW = (Source("https://b.example/", name='B "\\', group="G"), Source("https://c.example/", name="Ü"))


def test_sources_are_added_after_those_that_are_there() -> None:
    assert add_sources(CONFIG, "weekly", NEW, Path("f")) == CONFIG.replace(
        "\n# where",
        """
[[edition.weekly.source]]
address = "https://b.example/"
name = "B \\"\\\\"
group = "G"

[[edition.weekly.source]]
address = "https://c.example/"
name = "Ü"

# where""",
    )


def test_line_ends_stay_what_they_are() -> None:
    grown = add_sources(CONFIG.replace("\n", "\r\n"), "weekly", NEW, Path("f"))
    assert grown == add_sources(CONFIG, "weekly", NEW, Path("f")).replace("\n", "\r\n")


@pytest.mark.parametrize("text", ["", CONFIG])
def test_an_edition_is_begun_with_its_sources(text: str) -> None:
    grown = add_sources(text, "my own", NEW, Path("f"))
    assert grown.startswith(text)
    added = tomllib.loads(grown)["edition"]["my own"]["source"]
    assert [source["name"] for source in added] == ['B "\\', "Ü"]


def test_sources_in_one_line_cannot_grow() -> None:
    text = '[edition.weekly]\nsource = [{ address = "a" }]\n'
    with pytest.raises(UsageError, match=r"f: edition.weekly.source: .*\[\[edition.weekly.source\]\]"):
        add_sources(text, "weekly", NEW, Path("f"))
