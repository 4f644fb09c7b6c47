"""Golden cases: each folder under tests/golden/article holds an entry and the article that it becomes.

``entry.html`` is the markup; ``entry.toml``, if there, names fields of the entry, arguments of ``clean``,
other posts of the book (``others``: key and address) and of the feed (``siblings``: their markup).
``pytest --rebuild-goldens`` writes ``article.html`` and ``article.json`` anew.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from feed2book.article import address_book, clean, cleaner, ends, repeated_blocks
from feed2book.article.draft import Draft
from feed2book.article.passes import PASSES
from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Article, Enclosure, Entry

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "article"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())
KEY = "post-00000001"
URL = "https://blog.example/2026/11/a-post/"


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, rebuild_goldens: bool) -> None:
    folder = GOLDEN / case
    article = cleaned(folder)
    outputs = {"article.html": readable(article.html) + "\n", "article.json": told(article)}
    for name, output in outputs.items():
        if rebuild_goldens:
            (folder / name).write_text(output, encoding="utf-8")
        assert output == (folder / name).read_text(encoding="utf-8"), f"{case}/{name}"


@pytest.mark.parametrize("case", CASES)
def test_a_draft_knows_the_names_of_its_elements(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each pass: one that renames elements past the draft would hide them from those that follow."""
    wrong: list[str] = []

    def watched(step: Callable[[Draft], None]) -> Callable[[Draft], None]:
        def watch(draft: Draft) -> None:
            step(draft)
            tags = draft.elements()
            found = {name: draft.elements({name}) for name in {tag.name for tag in tags}}
            if sum(map(len, found.values())) != len(tags) or any(
                tag.name != name for name, named in found.items() for tag in named
            ):
                wrong.append(step.__name__)

        return watch

    monkeypatch.setattr(cleaner, "PASSES", tuple(map(watched, PASSES)))
    cleaned(GOLDEN / case)
    assert wrong == []


def cleaned(folder: Path) -> Article:
    settings: dict[str, Any] = {}
    if (folder / "entry.toml").exists():
        settings = tomllib.loads((folder / "entry.toml").read_text(encoding="utf-8"))
    arguments = settings.pop("clean", {})
    others = [(key, Entry(url, url=url)) for key, url in settings.pop("others", {}).items()]
    siblings_markup = settings.pop("siblings", [])
    fields = {"id": URL, "url": URL, "title": "A post", **settings}
    fields["aliases"] = tuple(fields.get("aliases", ()))
    fields["enclosures"] = tuple(Enclosure(**part) for part in fields.get("enclosures", ()))
    entry = Entry(content=(folder / "entry.html").read_text(encoding="utf-8"), **fields)
    siblings = [Entry(content, content=content) for content in siblings_markup]
    arguments["repeated"] = repeated_blocks(map(ends, [entry, *siblings]))
    return clean(entry, KEY, address_book([(KEY, entry), *others]), **{"language": "en", **arguments})


def readable(html: str) -> str:
    return html.replace(TOKEN_OPEN, "⟦").replace(TOKEN_CLOSE, "⟧")


def told(article: Article) -> str:
    fields = asdict(article)
    del fields["entry"], fields["html"], fields["key"], fields["digest"]
    for side in ("before", "after"):  # what is not there is not told, so that a new count changes no case
        fields["ledger"][side] = {name: number for name, number in fields["ledger"][side].items() if number}
    if not fields["formulas"]:
        del fields["formulas"]
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"
