"""What books say of themselves, in each language that has words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from markupsafe import Markup

from feed2book.errors import RenderError
from feed2book.render.templating import words_of
from feed2book.render.words import words

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "words"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml"))
ENGLISH = words_of("en")
_PLACE = re.compile(r"\{\w+\}")


def texts(said: object) -> set[str]:
    """Return the places of a text, or of the text of its ``other`` form."""
    return set(_PLACE.findall(said["other"] if isinstance(said, dict) else str(said)))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_each_language_says_everything(tag: str) -> None:
    theirs, ours = words_of(tag)._said, ENGLISH._said
    assert words_of(tag).tag == tag
    assert set(theirs) == set(ours)
    assert {key: texts(said) for key, said in theirs.items()} == {
        key: texts(said) for key, said in ours.items()
    }


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 11, 21, 100])
def test_every_number_has_a_form(tag: str, number: int) -> None:
    assert words_of(tag).count("posts", number)


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("de", "3. November 2026"),
        ("de-AT", "3. November 2026"),
        ("en", "3 November 2026"),
        ("en-US", "November 3, 2026"),
        ("fr-CA", "3 novembre 2026"),
        ("ja", "2026年11月3日"),
        ("xx", "3 November 2026"),
        ("und", "3 November 2026"),
    ],
)
def test_dates_are_written_as_there(language: str, wanted: str) -> None:
    assert words_of(language).date(datetime(2026, 11, 3, tzinfo=UTC)) == wanted


@pytest.mark.parametrize(
    ("language", "tag"),
    [("pt-BR", "pt"), ("zh-TW", "zh-Hant"), ("zh-Hans", "zh"), ("no", "nb"), ("nn", "nb"), ("tlh", "en")],
)
def test_the_closest_language_speaks(language: str, tag: str) -> None:
    assert words_of(language).tag == tag


def test_russian_counts_in_its_own_way() -> None:
    said = words_of("ru")
    assert [said.count("posts", number) for number in (1, 2, 5, 21)] == [
        "1 запись",
        "2 записи",
        "5 записей",
        "21 запись",
    ]


def test_text_is_escaped_beside_markup() -> None:
    said = ENGLISH.say("made", title="<i>", date="today", sources=Markup("<b>x</b>"))
    assert said == "&lt;i&gt; was made by feed2book on today from <b>x</b>."


def test_words_of_a_user_come_first(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "de.toml").write_text('contents = "Was drin ist"\n', encoding="utf-8")
    assert words_of("de", tmp_path).say("contents") == "Was drin ist"
    assert words_of("fr", tmp_path).say("contents") == "Sommaire"
    with pytest.raises(RenderError, match="no words for 'links'"):
        words_of("de", tmp_path).say("links")


@pytest.mark.parametrize(
    "text", ["contents = ", 'contents = "{"\n', 'contents = "{0}"\n', 'contents = "{a.b}"\n']
)
def test_wrong_words_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RenderError, match="words"):
        words("en", (tmp_path,)).say("contents")
