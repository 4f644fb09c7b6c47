"""What finished files are called, whatever the title."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from factories import make_article, make_book, make_part, small_book
from hypothesis import given
from hypothesis import strategies as st

from feed2book.render.naming import filename


@pytest.mark.parametrize(
    ("title", "start"),
    [
        ("The Harbour Letter", "The-Harbour-Letter-2026"),
        ("Don't panic: it’s C++ & co.", "Dont-panic-its-C-co-2026"),
        ("../../etc/passwd\x00", "etc-passwd-2026"),
        (".hidden", "hidden-2026"),
        ("CON", "CON-2026"),
        ("دفتر الميناء", "دفتر-الميناء-2026"),
        ("می\u200cخواهم", "میخواهم-2026"),
        ("हिन्दी", "हिन्दी-2026"),
        ("e\u0301t\u00e9", "\u00e9t\u00e9-2026"),
        ("\u202egnp.exe", "gnp-exe-2026"),
        ("🌊🌊", "book-2026"),
        ("", "book-2026"),
    ],
)
def test_titles_become_readable_names(title: str, start: str) -> None:
    assert filename(replace(small_book(), title=title), ".epub").startswith(start)


def test_the_dates_are_those_of_the_posts_else_that_of_the_issue() -> None:
    book = small_book()
    assert filename(book, "epub") == "The-Harbour-Letter-2026-11-02-to-2026-11-03.epub"
    assert filename(book, ".epub") == filename(book, "epub")
    one = make_book((make_part("F", make_article("P", "<p>x</p>")),), title="One")
    assert filename(one, ".pdf") == "One-2026-11-02.pdf"
    undated = make_book((make_part("F", make_article("P", "<p>x</p>", day=-1)),), title="None")
    assert filename(undated, ".eml") == "None-2026-11-23.eml"


def test_a_living_book_and_an_issue_carry_no_date() -> None:
    book = replace(small_book(), living=True)
    assert filename(book, "epub") == "The-Harbour-Letter.epub"
    issue = replace(book, title="The Harbour Letter, no. 12", series="The Harbour Letter", number=12)
    assert filename(issue, "epub") == "The-Harbour-Letter-no-12.epub"
    assert filename(replace(issue, title="harbour " * 20), "epub").endswith("-harbour-no-12.epub")
    assert filename(replace(book, title="Con"), "epub") == "book-Con.epub"


def test_long_titles_are_cut_between_words() -> None:
    name = filename(replace(small_book(), title="harbour " * 20), ".epub")
    assert name == f"{'-'.join(['harbour'] * 6)}-2026-11-02-to-2026-11-03.epub"


@given(st.text(max_size=200) | st.text(alphabet="水", min_size=60, max_size=90))
def test_any_title_gives_a_name_that_every_file_system_takes(title: str) -> None:
    name = filename(replace(small_book(), title=title), ".epub")
    assert len(name) <= 80
    assert len(name.encode()) <= 240
    assert name.endswith("-2026-11-02-to-2026-11-03.epub")
    assert all(char in "-." or unicodedata.category(char)[0] in "LMN" for char in name)
    assert name[0] not in "-."
