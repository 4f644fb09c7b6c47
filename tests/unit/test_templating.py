"""The Jinja environment: escaping, overriding, errors that name the place, and its filters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import make_article, make_book, make_part, small_book

from feed2book.errors import RenderError
from feed2book.models import Book
from feed2book.render.characters import xml_text
from feed2book.render.dates import iso_date
from feed2book.render.templating import environment, host, language_tag, render, web_url, words_of


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_markup_is_escaped_but_plain_text_is_not(tmp_path: Path) -> None:
    write(tmp_path, "a.xhtml", "{{ x }}")
    write(tmp_path, "a.txt", "{{ x }}")
    assert render("a.xhtml", {"x": '<b>&"'}, tmp_path) == "&lt;b&gt;&amp;&#34;"
    assert render("a.txt", {"x": '<b>&"'}, tmp_path) == '<b>&"'


def test_characters_that_xml_forbids_never_get_out(tmp_path: Path) -> None:
    write(tmp_path, "a.xhtml", "[{{ x }}]")
    assert (
        render("a.xhtml", {"x": "a\x00b\x0bc\ufffed\ud800e\tf\U0001f30a"}, tmp_path) == "[abcde\tf\U0001f30a]"
    )
    assert xml_text("\x85 ok") == "\x85 ok"


def test_an_override_replaces_one_template_and_no_other(tmp_path: Path) -> None:
    write(tmp_path, "epub/title.xhtml", "mine")
    assert render("epub/title.xhtml", {}, tmp_path) == "mine"
    assert environment(tmp_path).get_template("base/macros.html").filename != str(
        tmp_path / "base/macros.html"
    )
    assert "mine" not in environment().get_template("epub/title.xhtml").render(
        book=small_book(), styles=[], language="en", direction="ltr", count=2
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\n{{ nobody }}", "'nobody' is undefined"),
        ("\n{% if %}", "Expected an expression"),
        ("\n{{ 1 // 0 }}", "by zero"),
        ("\n{{ 'a' | nofilter }}", "No filter named 'nofilter'"),
        ("\n{{ none.x.y }}", "has no attribute"),
        ("\n{% include 'gone.xhtml' %}", "gone.xhtml"),
    ],
)
def test_a_wrong_template_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    write(tmp_path, "bad.xhtml", text)
    with pytest.raises(RenderError) as caught:
        render("bad.xhtml", {}, tmp_path)
    assert complaint in caught.value.message
    assert caught.value.where == f"{tmp_path / 'bad.xhtml'}:2"


def test_a_missing_template_and_a_wrong_encoding_are_render_errors(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"none\.xhtml"):
        render("none.xhtml", {})
    (tmp_path / "latin.xhtml").write_bytes(b"caf\xe9")
    with pytest.raises(RenderError, match="latin"):
        render("latin.xhtml", {}, tmp_path)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://a.example/b?c=d&e=f#g", "https://a.example/b?c=d&e=f#g"),
        (" https://a.example/ü b ", "https://a.example/%C3%BC%20b"),
        ('https://a.example/"><script>', "https://a.example/%22%3E%3Cscript%3E"),
        ("https://a.example/100%/%41", "https://a.example/100%25/%41"),
        ("javascript:alert(1)", ""),
        ("JAVASCRIPT:alert(1)", ""),
        ("java\tscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///home/me/feed.xml", ""),
        ("/relative", ""),
        ("https://", ""),
        ("https://[half", ""),
        ("https://a.example:port/", ""),
        ("", ""),
    ],
)
def test_only_proper_web_addresses_are_linked(url: str, clean: str) -> None:
    assert web_url(url) == clean


def test_hosts_are_short_and_never_fail() -> None:
    assert host("https://www.a.example:80/b") == "a.example"
    assert host("https://[half") == "https://[half"
    assert host("-") == "-"


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        (("en",), "en"),
        (("en_GB",), "en-GB"),
        (("zh-Hant-TW",), "zh-Hant-TW"),
        (("sl-rozaj-biske",), "sl-rozaj-biske"),
        (("de-x-harbour",), "de-x-harbour"),
        (("", "fa"), "fa"),
        (("en-", "not a tag", "de"), "de"),
        (("e",), "und"),
        (("english language",), "und"),
        (("en-a",), "und"),
        (('en" onload="x',), "und"),
        (("",), "und"),
        ((), "und"),
    ],
)
def test_only_well_formed_language_tags_are_written(tags: tuple[str, ...], wanted: str) -> None:
    assert language_tag(*tags) == wanted


def dated(*days: datetime) -> Book:
    posts = [make_article(f"Post {day}", "<p>x</p>") for day in days]
    posts = [
        replace(post, entry=replace(post.entry, published=day)) for post, day in zip(posts, days, strict=True)
    ]
    return make_book((make_part("Feed", *posts),))


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        ([(2026, 11, 2)], "2 November 2026"),
        ([(2026, 11, 11), (2026, 11, 2)], "2–11 Nov 2026"),
        ([(2026, 10, 2), (2026, 11, 11)], "2 Oct – 11 Nov 2026"),
        ([(2025, 10, 2), (2026, 10, 2)], "2 Oct 2025 – 2 Oct 2026"),
        ([], ""),
    ],
)
def test_a_period_says_nothing_twice(days: list[tuple[int, int, int]], wanted: str) -> None:
    assert words_of("en").period(dated(*(datetime(*day, tzinfo=UTC) for day in days))) == wanted


def test_no_date_is_an_empty_string() -> None:
    assert words_of("en").date(None) == ""
    assert iso_date(None) == ""
