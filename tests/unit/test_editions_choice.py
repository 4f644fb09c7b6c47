"""Which posts go into an issue: windows, filters, limits, posts without dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feed2book.book import Choice, Window, choose
from feed2book.errors import UsageError
from feed2book.feed import sight
from feed2book.models import BookOptions, Edition, Entry, Feed, FetchOptions, Filter, RenderOptions, Source

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
FIRST = Window(NOW - timedelta(days=7))
LATER = Window(NOW - timedelta(days=70), read=True)


def entry(title: str, days: float | None = 1, **changes: Any) -> Entry:
    """Return an entry so many days old, None for one without a date."""
    date = None if days is None else NOW - timedelta(days=days)
    return Entry(f"id-{title}", f"https://tides.example/{title}", title, published=date, **changes)


def edition(*sources: Source, **changes: Any) -> Edition:
    return Edition("weekly", sources, FetchOptions(), BookOptions(), RenderOptions(), **changes)


def chosen(
    *entries: Entry, window: Window = FIRST, source: Source | None = None, **changes: Any
) -> list[str]:
    source = source or Source("tides")
    feed = Feed("https://tides.example/feed", "Tides", source="tides", entries=entries)
    return titles(
        choose(edition(source, **changes), [feed], sight([feed], lambda _: ()), {source.address: window})
    )


def titles(choice: Choice) -> list[str]:
    return [entry.title for _, entries in choice.selected for entry in entries]


def test_the_first_window_is_one_period() -> None:
    assert chosen(entry("new", 6.9), entry("old", 7.1)) == ["new"]


def test_a_post_that_appears_late_goes_if_the_window_had_begun() -> None:
    assert chosen(entry("late", 40), entry("older", 71), window=LATER) == ["late"]


UNDATED = [entry(name, None) for name in "abcdefg"]


@pytest.mark.parametrize(
    ("entries", "window", "expected"),
    [
        ([entry("a", 1), entry("b", None), entry("c", 9), entry("d", None)], FIRST, "ab"),
        ([entry("a", 1), entry("b", None), entry("c", 99), entry("d", None)], LATER, "abd"),
        (UNDATED, FIRST, "abcde"),
        (UNDATED, LATER, "abcdefg"),
    ],
    ids=["the date before counts", "a new one goes", "the first five", "all that are new"],
)
def test_posts_without_a_date(entries: list[Entry], window: Window, expected: str) -> None:
    assert "".join(chosen(*entries, window=window)) == expected


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (Filter(title=("tide",)), None, ["Tides"]),
        (None, Filter(title=("^tide",)), ["Ships", "Boats"]),
        (Filter(tag=("water", "wood")), None, ["Tides", "Boats"]),
        (Filter(author=("reeve",)), None, ["Ships"]),
        (Filter(text=(r"\bmast\b",)), None, ["Ships", "Boats"]),
        (Filter(text=("mast",), tag=("wood",)), None, ["Boats"]),
        (Filter(text=("mast",)), Filter(author=("reeve",)), ["Boats"]),
        (Filter(text=("class",)), None, []),
    ],
)
def test_filters(include: Filter | None, exclude: Filter | None, expected: list[str]) -> None:
    entries = [
        entry("Tides", 1, tags=("Water",), authors=("Ada Marsh",), content="High and low"),
        entry("Ships", 2, authors=("Tom Reeve",), content="<p class='x'>A mast</p>"),
        entry("Boats", 3, tags=("Wood",), authors=("Ada Marsh",), summary="One mast"),
    ]
    assert chosen(*entries, source=Source("tides", include=include, exclude=exclude)) == expected


@pytest.mark.parametrize("pattern", ["(", "a" * 2_001])
def test_a_pattern_that_cannot_be_used_is_told(pattern: str) -> None:
    with pytest.raises(UsageError):
        chosen(entry("a"), source=Source("tides", exclude=Filter(title=(pattern,))))


def test_the_limit_takes_the_newest() -> None:
    entries = [entry("a", 3), entry("b", 1), entry("c", 2)]
    assert chosen(*entries, source=Source("tides", limit=2)) == ["b", "c"]


def test_a_post_of_two_sources_goes_into_the_first_that_wants_it() -> None:
    one = Feed("https://tides.example/feed", source="tides", entries=(entry("Ebb"),))
    two = Feed("https://planet.example/feed", source="planet", entries=(replace(entry("Ebb"), id="p1"),))
    wanted = Source("tides", name="My tides", group="Water")
    picky = Source("tides", exclude=Filter(title=("ebb",)))
    told = {}
    for source in (wanted, picky):
        choice = choose(
            edition(source, Source("planet")),
            [one, two],
            sight([one, two], lambda _: ()),
            {"tides": FIRST, "planet": FIRST},
        )
        told[source.name] = [(feed.source, feed.title) for feed, _ in choice.selected]
        assert len(choice.posts) == 1
    assert told == {"My tides": [("tides", "Water: My tides")], "": [("planet", "")]}


@pytest.mark.parametrize(("updates", "expected"), [("ignore", []), ("resend", ["Ebb"])])
def test_a_changed_post_goes_again_if_that_is_wanted_however_old(updates: str, expected: list[str]) -> None:
    before = Feed("https://tides.example/feed", source="tides", entries=(entry("Ebb", 99, content="Was"),))
    now = replace(before, entries=(entry("Ebb", 99, content="Is"), entry("Flood", 99, content="Is")))
    marks = [
        replace(sighting.mark, number=1, id=place)
        for place, sighting in enumerate(sight([before], lambda _: ())[0], 1)
    ]
    choice = choose(
        edition(Source("tides"), updates=updates), [now], sight([now], lambda _: marks), {"tides": FIRST}
    )
    assert titles(choice) == expected
    assert choice.updated == {("tides", f"id-{title}") for title in expected}


def test_sources_of_a_group_stand_together() -> None:
    sources = [Source(name, group=group) for name, group in (("a", ""), ("b", "G"), ("c", ""), ("d", "G"))]
    feeds = [
        Feed(f"https://{one.address}.example/feed", source=one.address, entries=(entry(one.address),))
        for one in sources
    ]
    windows = dict.fromkeys("abcd", FIRST)
    choice = choose(edition(*sources), feeds, sight(feeds, lambda _: ()), windows)
    assert [feed.source for feed, _ in choice.selected] == ["a", "b", "d", "c"]
