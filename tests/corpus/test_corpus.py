"""Real feeds, and damaged ones: each gives a book, or one clear line and the right exit code. No network.

The feeds are spread over a few tests of about equal size: validators check all books of one at a time.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from runner import Done, feed2book, verdict

PARTS = 8
PUBLISHED = (0, 3)
# Feeds of several kinds and scripts for PDFs, which take longest; all of them are tried by hand.
PDF_FEEDS = (
    "discourse-hebrew-latest.rss",
    "feed-rs-atom_example_6.xml",
    "ffp-causality-cs-ucla-edu-908a1f.rss",
    "ffp-gessfred-xyz-0c56ad.rss",
    "netnewswire-3960.json",
    "rss2email-bbc-chinese-feed.atom",
    "tinkerer-japanese-drillan.atom",
    "v2-encoding_WINDOWS-1251.xml",
    "v2-urdu_UTF8.xml",
)

pytestmark = pytest.mark.corpus


def feeds(corpus: Path) -> list[Path]:
    """Return all feeds, the largest first, so that dealing them out gives parts of about equal size."""
    found = [path for folder in ("feeds", "micro") for path in (corpus / folder).rglob("*") if path.is_file()]
    assert len(found) > 100, "the corpus is not all there"
    return sorted(found, key=lambda path: (-path.stat().st_size, str(path)))


def name_of(feed: Path, corpus: Path) -> str:
    """Return a file name that says which feed it was."""
    return re.sub(r"[^\w.-]+", "-", str(feed.relative_to(corpus)))


def complaint(done: Done, target: Path) -> str:
    """Return what is wrong with how a command ended, ``""`` if nothing is."""
    told = done.said.strip()
    if "Traceback" in told or "an error of ours" in told:
        return told[-600:]
    if done.code in PUBLISHED:
        return "" if target.is_file() else f"exit {done.code} and no file: {told}"
    if done.code != 1 or target.exists():
        return f"exit {done.code}: {told}"
    return "" if re.fullmatch(r"feed2book: .+", told) else f"not one clear line: {told}"


def make(corpus: Path, chosen: list[Path], folder: Path, command: str, ending: str) -> list[Path]:
    """Make one output of each feed; return those that were made."""
    made, wrong = [], []
    for feed in chosen:
        target = folder / (name_of(feed, corpus) + ending)
        done = feed2book(command, feed, "--offline", "--url", "https://corpus.example/feed", "-o", target)
        if what := complaint(done, target):
            wrong.append(f"{feed.name}: {what}")
        elif target.is_file():
            made.append(target)
    assert wrong == []
    assert made, "not one book was made"
    return made


def validated(tool: str, *words: str | Path) -> None:
    """Let a validator look at files, where validators are at hand."""
    place = os.environ.get("FEED2BOOK_VALIDATORS")
    if place:
        code, said = verdict(Path(place) / "bin" / tool, *words)
        assert code == 0, said


@pytest.mark.parametrize("part", range(PARTS))
def test_epub(corpus: Path, tmp_path: Path, part: int) -> None:
    validated("epubcheck", *make(corpus, feeds(corpus)[part::PARTS], tmp_path, "epub", ".epub"))


@pytest.mark.parametrize("part", range(PARTS))
def test_digest(corpus: Path, tmp_path: Path, part: int) -> None:
    validated("eml_lint", *make(corpus, feeds(corpus)[part::PARTS], tmp_path, "digest", ".eml"))


def test_pdf(corpus: Path, tmp_path: Path) -> None:
    chosen = [corpus / "feeds" / name for name in PDF_FEEDS]
    made = make(corpus, chosen, tmp_path, "pdf", ".pdf")
    assert len(made) == len(chosen)
    validated("verapdf", "ua1", *made)


def test_every_list_comes_in_or_is_told_to_be_none(corpus: Path, tmp_path: Path) -> None:
    lists = sorted((corpus / "opml").iterdir())
    assert len(lists) > 5, "the corpus is not all there"
    place = tmp_path / "feed2book.toml"
    for path in lists:
        place.write_text('[[edition.x.source]]\naddress = "https://x.example/"\n', encoding="utf-8")
        done = feed2book("opml", "import", path, "--config", place)
        assert done.code in (0, 1), done.said
        assert re.search(r"\d+ of \d+ feeds are new|names no feeds|not an OPML list", done.said)
        assert feed2book("config", "check", "--config", place).code == 0, path
