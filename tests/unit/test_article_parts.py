"""The small parts of the article room: text, titles, languages, image sources, outline, recovery."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feed2book.article import AddressBook, clean, detect_language, passes
from feed2book.article import cleaner as cleaner_module
from feed2book.article.cleaner import outline
from feed2book.article.draft import Draft
from feed2book.article.ids import slug, xml_id
from feed2book.article.language import direction
from feed2book.article.sources import Candidate, best_candidate, is_placeholder, parse_srcset
from feed2book.article.text import count_words, legible, lost_words, normal, shorten
from feed2book.article.titles import clean_title, make_excerpt, make_title
from feed2book.errors import Code
from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Article, Entry, Section

PROSE = " ".join(f"word{number}" for number in range(500))
SENTENCE = "Dies ist ein ganz gewöhnlicher Satz, an dem man die deutsche Sprache gut erkennen kann."


def cleaned(markup: str, *, language: str = "en", title: str = "A post") -> Article:
    return clean(Entry("1", content=markup, title=title), "key", AddressBook(), language=language)


class TestText:
    def test_forbidden_characters_go(self) -> None:
        assert legible(f"a{TOKEN_OPEN}b{TOKEN_CLOSE}\x00\x0b\ud800\ufffe\U0001ffff\ufeffc") == "abc"

    def test_windows_1252_is_understood(self) -> None:
        assert legible("\x93quoted\x94 \x80") == "“quoted” €"

    def test_joiners_and_emoji_stay(self) -> None:
        assert legible("👩\u200d🚀 می\u200cخواهم") == "👩\u200d🚀 می\u200cخواهم"

    @pytest.mark.parametrize(
        ("text", "words"),
        [("one two\nthree", 3), ("", 0), ("日本語", 2), ("in 日本 now", 3), ("мир и труд", 3)],
    )
    def test_words(self, text: str, words: int) -> None:
        assert count_words(text) == words

    @pytest.mark.parametrize(
        ("before", "after", "lost"),
        [
            ("one two three", "three one two", 0),
            ("one, two (three)", "one two three", 0),
            ("one two two", "two one four", 1),
            ("日本語 one", "one", 1),
            (PROSE, f"{' '.join(PROSE.split()[100:])} {' '.join(PROSE.split()[:100])}", 0),
            (PROSE, " ".join(PROSE.split()[1:]), 1),
            (f"{PROSE} x {PROSE}", f"new {PROSE} {PROSE}", 1),
        ],
    )
    def test_lost_words(self, before: str, after: str, lost: int) -> None:
        assert lost_words(before, after) == lost

    def test_texts_are_compared_by_letters_and_digits(self) -> None:
        ascii_signs = "".join(map(chr, range(128)))
        assert normal(ascii_signs) == "0123456789" + 2 * "abcdefghijklmnopqrstuvwxyz"
        assert normal(f"{ascii_signs} Straße — Ⅷ_½") == f"{normal(ascii_signs)}strasseⅷ½"

    def test_shortened_at_a_word(self) -> None:
        assert shorten("some words, and more", 12) == "some words…"
        assert shorten("x" * 30, 10) == "x" * 9 + "…"
        assert shorten("short", 10) == "short"


class TestTitles:
    @pytest.mark.parametrize(
        ("title", "clean"),
        [
            ("  Two\n lines ", "Two lines"),
            ("Ships &amp; boats &#8211; <em>now</em>", "Ships & boats – now"),
            ("Using <b> in HTML", "Using <b> in HTML"),
            ("if a < b and c > d", "if a < b and c > d"),
            ("A<br/>B", "AB"),
            (f"x{TOKEN_OPEN}y", "xy"),
        ],
    )
    def test_cleaned(self, title: str, clean: str) -> None:
        assert clean_title(title) == clean

    def test_made(self) -> None:
        dated = Entry("1", published=datetime(2026, 11, 23, tzinfo=UTC))
        assert make_title(dated, ["Heading"], "Text") == "Heading"
        assert (
            make_title(dated, [], "Words " * 30) == "Words Words Words Words Words Words Words Words Words…"
        )
        assert make_title(dated, [], " ") == "2026-11-23"
        assert make_title(Entry("1"), [], "") == "Untitled"

    def test_a_first_heading_becomes_the_title_and_goes(self) -> None:
        article = cleaned("<h1>The title</h1><p>Text.</p><h2>Section</h2>", title="")
        assert article.title == "The title"
        assert [section.title for section in article.sections] == ["Section"]

    def test_excerpt(self) -> None:
        blocks = [
            ("h2", "A heading of quite some words here"),
            ("p", "Short."),
            ("p", "A sentence of some words. Another."),
        ]
        assert make_excerpt(blocks, "") == "A sentence of some words. Another."
        long = [("p", "The first sentence is of a sensible length, is it not? " * 4)]
        assert make_excerpt(long, "") == "The first sentence is of a sensible length, is it not?"
        assert make_excerpt([], "<p>From the&nbsp;summary</p>") == "From the\u00a0summary"


class TestLanguages:
    def test_detected_where_nobody_says(self) -> None:
        assert cleaned(f"<p>{SENTENCE}</p>", language="").language == "de"

    def test_what_the_feed_says_counts(self) -> None:
        assert cleaned(f"<p>{SENTENCE}</p>", language="de_at").language == "de-AT"

    def test_english_is_doubted_in_another_script(self) -> None:
        text = "これは日本語で書かれた記事です。言語は本文から判定されます。設定は英語のままでした。"
        assert cleaned(f"<p>{text}</p>", language="en-US").language == "ja"

    @pytest.mark.parametrize(
        "text", ["", "OK", "https://example.org/a/long/address/in/some/language", "12 345 678 " * 20]
    )
    def test_too_little_to_tell(self, text: str) -> None:
        assert detect_language(text) == ""

    def test_direction(self) -> None:
        assert direction("שלום hello עולם טוב", "en") == "rtl"
        assert direction("hello שלום world", "he") == "ltr"
        assert direction("123", "fa-IR") == "rtl"


class TestSources:
    def test_srcset(self) -> None:
        assert parse_srcset("a,b.png 300w, c.png 2x ,d.png") == [
            Candidate("a,b.png", width=300),
            Candidate("c.png", density=2.0),
            Candidate("d.png", density=1.0),
        ]
        assert parse_srcset(" ,, ") == []
        assert parse_srcset("a.png, b.png 1.5x") == [
            Candidate("a.png", density=1.0),
            Candidate("b.png", density=1.5),
        ]

    def test_the_best_is_large_and_not_too_large(self) -> None:
        sizes = [Candidate(str(width), width=width) for width in (300, 1500, 3000)]
        assert best_candidate(sizes) == sizes[1]
        assert best_candidate(sizes[2:]) == sizes[2]
        densities = [Candidate("1", density=1), Candidate("2", density=2), Candidate("4", density=4)]
        assert best_candidate(densities) == densities[1]
        assert best_candidate([]) is None

    def test_placeholders(self) -> None:
        assert is_placeholder("data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==")
        assert is_placeholder("https://a.example/img/blank.gif?x")
        assert not is_placeholder("https://a.example/spacecraft.gif")
        assert not is_placeholder("https://a.example/clear-sky/photo.jpg")


class TestIds:
    @pytest.mark.parametrize("raw", ["a", "Part_1.2-b"])
    def test_a_name_stays(self, raw: str) -> None:
        assert xml_id(raw) == raw

    @pytest.mark.parametrize("raw", ["1", "a b", "ü", "глава", "a:b", "x" * 200, "", "a\u00a0b"])
    def test_others_become_names_once_and_for_all(self, raw: str) -> None:
        name = xml_id(raw)
        assert xml_id(name) == name
        assert name.isascii()
        assert name[0].isalpha()

    def test_different_ids_stay_different(self) -> None:
        assert len({xml_id(raw) for raw in ("a b", "a-b", "a  b", "ä b")}) == 4

    def test_slugs(self) -> None:
        assert slug("Über Schiffe & See") == "uber-schiffe-see"
        assert slug("2026: a year") == "n-2026-a-year"
        assert slug("日本") == ""


def test_the_outline_nests_by_level() -> None:
    headings = [(1, "a", "A"), (2, "b", "B"), (3, "c", "C"), (2, "d", "D"), (1, "e", "E")]
    deep = Section("b", 2, "B", (Section("c", 3, "C"),))
    assert outline(headings) == (
        Section("a", 1, "A", (deep, Section("d", 2, "D"))),
        Section("e", 1, "E"),
    )


class TestRecovery:
    def test_a_pass_that_fails_is_skipped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(draft: Draft) -> None:
            raise KeyError(draft.key)

        monkeypatch.setattr(cleaner_module, "PASSES", (broken, *passes.PASSES))
        article = cleaned("<h1>Heading</h1><p>Text.</p>")
        assert "Text." in article.html
        assert article.sections
        assert [notice.code for notice in article.notices] == [Code.ARTICLE_DAMAGED]

    def test_the_text_comes_out_in_the_worst_case(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cleaner_module, "is_well_formed", lambda _: False)
        article = cleaned("<p>One &lt; two</p>\n\n<p>Three</p>")
        assert article.html == "<p>One &lt; two</p>\n<p>Three</p>"
        assert [notice.code for notice in article.notices] == [Code.ARTICLE_DAMAGED]

    def test_too_many_tags_become_text(self) -> None:
        article = cleaned("<b>word </b>" * 100_000)
        assert article.ledger.after.words == 100_000
        assert [notice.code for notice in article.notices] == [Code.ARTICLE_DAMAGED]

    @pytest.mark.parametrize(
        "markup", ["", " ", "<", "<p", "&", "\x00", "<!DOCTYPE html>", "<?xml version='1.0'?>"]
    )
    def test_next_to_nothing(self, markup: str) -> None:
        assert cleaned(markup).title == "A post"

    def test_depth_has_an_end(self) -> None:
        article = cleaned("<div><blockquote><b>" * 20_000 + "text")
        assert "text" in article.html
        assert article.html.count("<blockquote>") < 40
