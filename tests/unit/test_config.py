"""Flags and environment → options, with errors that name the option and the fix."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feed2book.config import cache_directory, clock, language, moment, processors, style_sheet
from feed2book.errors import UsageError

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T10:00:00+02:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 16, 12, 30, tzinfo=UTC)),
        (" 2W ", datetime(2026, 11, 9, 12, 30, tzinfo=UTC)),
        ("36h", datetime(2026, 11, 22, 0, 30, tzinfo=UTC)),
        ("1y", datetime(2025, 11, 23, 12, 30, tzinfo=UTC)),
    ],
)
def test_dates_and_ages(text: str, found: datetime | None) -> None:
    assert moment(text, "--since", NOW) == found


def test_until_a_day_means_its_end() -> None:
    assert moment("2026-11-01", "--until", NOW, end_of_day=True) == datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "7", "d7", "2026-13-01", "99999y", "7x", "-3d"])
def test_a_wrong_date_names_the_option_and_the_fix(text: str) -> None:
    with pytest.raises(UsageError, match=r"--since: .*write a date as"):
        moment(text, "--since", NOW)


def test_the_clock_can_be_set() -> None:
    assert clock({"SOURCE_DATE_EPOCH": "86400"}) == datetime(1970, 1, 2, tzinfo=UTC)
    assert clock({}).tzinfo is UTC


@pytest.mark.parametrize("text", ["soon", "1e9", "9" * 30])
def test_a_wrong_clock_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        clock({"SOURCE_DATE_EPOCH": text})


@pytest.mark.parametrize("tag", ["", "en", "pt-BR", "zh-Hant-TW"])
def test_language_tags(tag: str) -> None:
    assert language(tag) == tag


@pytest.mark.parametrize("tag", ["english", "e", "de_DE", "de-", '"'])
def test_what_is_no_language_tag_is_an_error(tag: str) -> None:
    with pytest.raises(UsageError, match="--language"):
        language(tag)


def test_a_style_sheet_is_text(tmp_path: Path) -> None:
    sheet = tmp_path / "a.css"
    sheet.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"--css .*a\.css"):
        style_sheet(sheet)
    sheet.write_text("p { margin: 0 }")
    assert style_sheet(sheet) == "p { margin: 0 }"
    assert style_sheet(None) == ""


def test_the_cache_follows_the_variable_then_xdg(tmp_path: Path) -> None:
    assert cache_directory({"FEED2BOOK_CACHE": str(tmp_path)}) == tmp_path
    assert cache_directory({}).name == "feed2book"


def test_there_is_a_processor() -> None:
    assert 1 <= processors() <= (os.cpu_count() or 1)
