"""Blocks repeated across a feed, redirectors, and languages that the feed says wrongly."""

from __future__ import annotations

import pickle

import pytest

from feed2book.article import AddressBook, address_book, clean, ends, repeated_blocks
from feed2book.article.redirectors import unwrapped
from feed2book.article.repetition import MOST_WORDS, fingerprint
from feed2book.article.urls import valid_link
from feed2book.models import Entry

FOOTER = '<p>Visit <a href="https://notes.example/">the notes</a>, please.</p>'
FOOTER_MARK = fingerprint("Visit the notes, please.", [])


def entries(*markups: str) -> list[Entry]:
    return [Entry(str(number), content=markup) for number, markup in enumerate(markups)]


def posts(count: int, footer: str) -> list[str]:
    return [f"<p>Post {number} is about matter {number}.</p>{footer}" for number in range(count)]


def test_a_block_of_most_posts_is_found() -> None:
    found = repeated_blocks(map(ends, entries(*posts(3, FOOTER), *posts(2, ""))))
    assert found == {FOOTER_MARK}
    assert pickle.loads(pickle.dumps(found)) == found


def test_two_posts_prove_nothing() -> None:
    assert repeated_blocks(map(ends, entries(*posts(2, FOOTER)))) == frozenset()


def test_less_than_most_is_not_enough() -> None:
    assert repeated_blocks(map(ends, entries(*posts(5, FOOTER), *posts(4, "")))) == frozenset()


def test_a_block_counts_once_for_each_post() -> None:
    assert repeated_blocks(map(ends, entries(FOOTER * 5, *posts(2, "")))) == frozenset()


def test_only_the_ends_of_long_posts_are_looked_at() -> None:
    filling = "".join(f"<p>Sentence {number} of a long post.</p>" for number in range(1000))
    middle = [f"{filling}{FOOTER}{filling}" for _ in range(3)]
    assert FOOTER_MARK not in repeated_blocks(map(ends, entries(*middle)))
    assert FOOTER_MARK in repeated_blocks(map(ends, entries(*(f"{filling}{FOOTER}" for _ in range(3)))))


def test_a_repeated_text_of_its_own_length_is_no_junk() -> None:
    long = f"<p>{'again ' * (MOST_WORDS + 1)}</p>"
    assert repeated_blocks(map(ends, entries(*posts(4, long)))) == frozenset()


def test_the_same_picture_and_scripts_between() -> None:
    footer = "<script>x()</script><!-- c --><p><img alt='x' src='https://n.example/a.png?x=1&amp;y=2'></p>"
    assert repeated_blocks(map(ends, entries(*posts(3, footer)))) == {
        fingerprint("", ["https://n.example/a.png?x=1&y=2"])
    }


def test_a_player_is_never_taken_with_the_words_around_it() -> None:
    def markup(number: int) -> str:
        said = "Watch this with the sound turned on, or read on below, as you like it:"
        return f"<p>{said} <iframe src='https://v.example/{number}'></iframe></p>" + "<p>Text.</p>" * 9

    repeated = repeated_blocks(map(ends, entries(*map(markup, range(4)))))
    entry = Entry("1", url="https://blog.example/1", title="T", content=markup(1))
    assert "https://v.example/1" in clean(entry, "post-1", address_book([]), repeated=repeated).html


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://www.google.com/url?sa=t&q=https://a.example/b", "https://a.example/b"),
        ("https://www.google.co.uk/url?url=https%3A%2F%2Fa.example%2F", "https://a.example/"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2F&h=1", "https://a.example/"),
        ("https://href.li/?https://a.example/?b=c&d", "https://a.example/?b=c&d"),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2F&data=1",
            "https://a.example/",
        ),
    ],
)
def test_redirectors(address: str, target: str) -> None:
    assert unwrapped(address) == target


@pytest.mark.parametrize(
    "address",
    [
        "https://www.google.com/url?q=javascript:alert(1)",
        "https://www.google.com/url?q=/relative",
        "https://www.google.com.evil.example/url?q=https://a.example/",
        "https://notgoogle.example/url?q=https://a.example/",
        "https://www.google.com/search?q=https://a.example/",
        "https://t.co/abc",
        "https://href.li/",
    ],
)
def test_no_redirectors(address: str) -> None:
    assert unwrapped(address) == address


def test_redirectors_in_each_other_end() -> None:
    address = "https://a.example/"
    for _ in range(50):
        address = f"https://href.li/?{address}"
    assert unwrapped(address).startswith("https://href.li/?")


def test_a_target_is_checked_as_any_link() -> None:
    assert (
        valid_link("https://href.li/?https://u:p@a.example:443/x y?utm_source=z") == "https://a.example/x%20y"
    )


GERMAN = "Das Meer ist heute ruhig und die Leute gehen am Strand spazieren, weil die Sonne scheint. " * 6
FRENCH = "La mer est calme aujourd'hui et les gens se promènent sur la plage parce que le soleil brille. " * 6
ENGLISH = "The sea is calm today and the people walk on the beach because the sun is out at last. " * 6


@pytest.mark.parametrize(
    ("said", "text", "language"),
    [
        ("en-US", GERMAN, "de"),
        ("en", FRENCH, "fr"),
        ("en", ENGLISH, "en"),
        ("en", GERMAN[:80], "en"),
        ("de", ENGLISH, "de"),
        ("en", f"{ENGLISH} {GERMAN}", "en"),
        ("en", "Это обычный день у моря, и люди гуляют по пляжу, потому что светит солнце. " * 4, "ru"),
    ],
)
def test_a_text_wins_over_english_only(said: str, text: str, language: str) -> None:
    article = clean(Entry("1", content=f"<p>{text}</p>", language=said), "key", AddressBook())
    assert article.language == language
