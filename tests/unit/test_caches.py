"""What is remembered between builds never changes a byte of a book, and saves the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feed2book import pipeline
from feed2book.feed import parse_feed, xmlfeed
from feed2book.feed.xml_repair import repaired
from feed2book.models import BookOptions, Entry, FetchOptions, Job, Response

NOW = datetime(2026, 11, 24, tzinfo=UTC)
HEAD = '<rss version="2.0"><channel><title>Notes</title><link>https://n.example/</link>'


def item(number: int, text: str = "") -> str:
    return (
        f"<item><title>Post {number}</title><link>https://n.example/{number}</link>"
        f"<description><![CDATA[<h2 id='a'>Part</h2><p>{text or f'Text number {number}.'} "
        f"See <a href='https://n.example/{number + 1}#a'>the next</a> one.</p>]]></description></item>\n"
    )


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., bytes]:
    def run(items: str, *, warm: bool = True, images: bool = True) -> bytes:
        feed = tmp_path / "feed.xml"
        feed.write_text(f"{HEAD}{items}</channel></rss>", encoding="utf-8")
        cache = tmp_path / "cache" if warm else None
        job = Job((str(feed),), fetch=FetchOptions(cache_dir=cache), book=BookOptions(images=images))
        _, report = pipeline.make_epub(job, NOW)
        return report.artifacts[0].data

    return run


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the posts that are cleaned, as they are."""
    from feed2book.article import cleaner

    found: list[str] = []
    clean_entry = cleaner.clean_entry

    def noting(entry: Entry, *rest: object, **more: object) -> object:
        found.append(entry.title)
        return clean_entry(entry, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(cleaner, "clean_entry", noting)
    return found


def test_a_warm_build_is_the_cold_one_and_cleans_nothing(
    build: Callable[..., bytes], cleaned: list[str]
) -> None:
    items = "".join(map(item, range(6)))
    cold = build(items, warm=False)
    assert len(cleaned) == 6
    assert build(items) == cold
    cleaned.clear()
    assert build(items) == cold
    assert cleaned == []


def test_a_new_post_costs_itself_and_those_that_link_to_it(
    build: Callable[..., bytes], cleaned: list[str]
) -> None:
    few, more = ("".join(map(item, range(count))) for count in (6, 7))
    build(few)
    cleaned.clear()
    warm = build(more)
    assert sorted(cleaned) == ["Post 5", "Post 6"]  # a link of post 5 leads into the book now
    assert warm == build(more, warm=False)
    assert build(few) == build(few, warm=False)


def test_what_an_entry_says_is_hashed_once_a_build(
    build: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    entry_hash = Entry._hash

    def noting(entry: Entry) -> str:
        hashed.append(entry.title)
        return entry_hash(entry)

    monkeypatch.setattr(Entry, "_hash", noting)
    build("".join(map(item, range(3))))
    assert sorted(hashed) == ["Post 0", "Post 1", "Post 2"]


def test_an_entry_made_from_another_has_a_hash_of_its_own() -> None:
    one = Entry("1", content="one")
    assert replace(one, id="2").digest == one.digest
    assert replace(one, content="two").digest == Entry("1", content="two").digest != one.digest


def test_a_changed_post_is_cleaned_again(build: Callable[..., bytes], cleaned: list[str]) -> None:
    before = item(0) + item(1)
    after = item(0) + item(1, "Other words.")
    build(before)
    cleaned.clear()
    assert build(after) == build(after, warm=False)
    assert cleaned[0] == "Post 1"


def test_an_option_that_counts_is_part_of_what_is_asked(build: Callable[..., bytes]) -> None:
    items = item(0, "<img src='https://n.example/a.png' alt='A picture'>")
    assert build(items) != build(items, images=False)
    assert build(items, images=False) == build(items, images=False, warm=False)


def test_blocks_that_most_posts_repeat_count(build: Callable[..., bytes]) -> None:
    footer = "</p><p>Subscribe to these notes of mine, they come each week to you.</p><p>"
    two = "".join(item(number, f"Text {number}.{footer}") for number in range(2))
    three = two + item(2, f"Text 2.{footer}")
    build(two)
    assert build(three) == build(three, warm=False)


class Shelf(dict[str, Entry]):
    """A shelf that forgets when it is told to."""

    def put(self, key: str, value: Entry) -> None:
        self[key] = value


def parsed_entries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    counts: list[int] = []
    entries = xmlfeed._entries

    def noting(parsed: object, text: str) -> list[dict[str, object]]:
        found = entries(parsed, text)
        counts.append(len(found))
        return found

    monkeypatch.setattr(xmlfeed, "_entries", noting)
    return counts


def response(text: str) -> Response:
    return Response("https://n.example/feed", 200, (), text.encode())


def test_known_entries_are_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    counts, shelf = parsed_entries(monkeypatch), Shelf()
    old = f"{HEAD}<lastBuildDate>1</lastBuildDate>{''.join(map(item, range(1, 5)))}</channel></rss>"
    new = f"{HEAD}<lastBuildDate>2</lastBuildDate>{''.join(map(item, range(5)))}</channel></rss>"
    parse_feed(response(old), shelf)
    assert parse_feed(response(new), shelf) == parse_feed(response(new))
    assert counts == [4, 1, 5]
    moved = parse_feed(response(new.replace("https://n.example/</link>", "https://m.example/</link>")), shelf)
    assert moved.home == "https://m.example/"
    assert counts[3:] == [5]  # the site's address is part of what an entry is


def test_a_feed_that_comes_apart_is_not_looked_through_for_its_entries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(xmlfeed, "_ENTRY")
    assert len(parse_feed(response(f"{HEAD}{item(1)}{item(2)}</channel></rss>"), Shelf()).entries) == 2


@pytest.mark.parametrize("broken", ["", "<b>"])
def test_entries_read_in_runs_are_those_read_at_once(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    handed: list[int] = []

    def each(function: Callable[[Any], Any], items: Sequence[Any], *, seconds: float) -> Iterator[Any]:
        assert 0 < seconds < 0.01
        handed.extend(map(len, items))
        return map(function, items)

    text = f"{HEAD}{''.join(map(item, range(5)))}{broken}</channel></rss>"
    whole = parse_feed(response(text))
    monkeypatch.setattr(xmlfeed, "_RUN", len(item(1)))
    assert parse_feed(response(text), each=each) == whole
    assert handed == ([] if broken else [2, 2, 1])


@pytest.mark.parametrize(
    "odd",
    [
        "<item><title>In</title><item><title>Inner</title></item></item>",
        "between" + item(9),
        "<!-- a --><item><title>A</title></item><!-- <item> --><item><title>B</title></item>",
        "<item><title>Cut <![CDATA[ </item> ]]></title></item>",
        '<item xmlns:m="http://search.yahoo.com/mrss/"><title>M</title><m:title>No</m:title></item>',
        "<item><title>Open</title>",
        "</item><item><title>A</title></item>",
        "<item><title>Dup</title></item><item><title>Dup</title></item>",
    ],
)
def test_what_does_not_come_apart_plainly_is_read_whole(odd: str) -> None:
    text = f"{HEAD}{item(1)}{odd}</channel></rss>"
    whole = xmlfeed._read_whole(repaired(text), "https://n.example/feed")
    assert parse_feed(response(text), Shelf()) == whole


def test_cutting_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pattern is asked once for each mark, whatever lies between."""
    from feed2book.feed import pieces

    class Counting:
        calls = 0

        def search(self, text: str, place: int) -> object:
            self.calls += 1
            return pattern.search(text, place)

    pattern, counting = pieces._MARK, Counting()
    monkeypatch.setattr(pieces, "_MARK", counting)
    found = pieces.cut(f"{HEAD}{item(1) * 200}</channel></rss>")
    assert found
    assert len(found.entries) == 200
    assert counting.calls == 200 * 3 + 1
