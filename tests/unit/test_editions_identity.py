"""Which entry is which known post: what real feeds do to guids, links, titles and texts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feed2book.feed import sight
from feed2book.feed.identity import identify
from feed2book.models import Entry, Feed, Mark, News, Sighting

LONG = "The keeper wrote down the wind, the height of the water and every ship that passed by. " * 5
OTHER = "Nothing moved in the harbour all day, and the gulls sat in a row upon the rail of the pier. " * 5
WALL = "Subscribe to read the rest of this post."
HOME = "https://tides.example/"


def post(guid: str = "", link: str = "", title: str = "", text: str = "") -> Entry:
    return Entry(guid, f"https://tides.example/{link}" if link else HOME, title, content=text)


def feed(*entries: Entry, site: str = HOME) -> Feed:
    """Return a feed as the parser gives it, the newest entry first."""
    return Feed(f"{site}feed", "Tides", home=site, entries=identify(entries)[0])


def seen(*feeds: Feed) -> tuple[Mark, ...]:
    """Return what an edition remembers that sent all posts of these feeds."""
    marks: dict[int, Mark] = {}
    for one in feeds:
        for sighting in sight([one], lambda _: tuple(marks.values()))[0]:
            place = sighting.mark.id or len(marks) + 1
            marks[place] = replace(sighting.mark, id=place, number=1)
    return tuple(marks.values())


def news(now: Feed, *before: Feed) -> list[str]:
    (sightings,) = sight([now], lambda _: seen(*before))
    return [sighting.news.value for sighting in sightings]


ONE = post("a1", "ebb", "Ebb", LONG)

SAME = {
    "nothing changed": (ONE, ONE),
    "another guid": (ONE, post("https://tides.example/?p=7", "ebb", "Ebb", LONG)),
    "another link": (ONE, post("a1", "2026/ebb", "Ebb", LONG)),
    "another guid and link": (ONE, post("b1", "2026/ebb", "Ebb", LONG)),
    "another guid, link and title": (ONE, post("b1", "2026/low", "Low water", LONG)),
    "another title": (ONE, post("a1", "ebb", "Low water", LONG)),
    "another text": (ONE, post("a1", "ebb", "Ebb", OTHER)),
    "another title and text": (ONE, post("a1", "ebb", "Low water", OTHER)),
    "another guid and text": (ONE, post("b1", "ebb", "Ebb", OTHER)),
    "all but the guid": (ONE, post("a1", "2026/low", "Low water", OTHER)),
    "a link with a counter": (ONE, Entry("b1", "http://www.tides.example/ebb/?utm_id=1", "B", content=LONG)),
    "no guids, another title and text": (
        Entry("https://tides.example/ebb", "https://tides.example/ebb", "Ebb", content=LONG),
        Entry("https://tides.example/ebb", "https://tides.example/ebb", "Low water", content=OTHER),
    ),
    "markup only": (ONE, post("b1", "2026/ebb", "", f"<p>{LONG}</p>")),
    "an address as guid, now https": (
        post("http://tides.example/?p=1", "a", "A"),
        post("https://tides.example/?p=1", "b", "B"),
    ),
}  # fmt: skip

OTHERS = {
    "nothing in common": (ONE, post("b1", "flood", "Flood", OTHER)),
    "the title of every week": (ONE, post("b1", "flood", "Ebb", OTHER)),
    "the home page as link": (post("a1", "", "Ebb", LONG), post("b1", "", "Flood", OTHER)),
    "title and home page": (post("a1", "", "Links", LONG), post("b1", "", "Links", OTHER)),
    "one page for all": (post("a1", "news", "Ebb", LONG), post("b1", "news", "Flood", OTHER)),
    "the text of a paywall": (post("a1", "ebb", "Ebb", WALL), post("b1", "flood", "Flood", WALL)),
}


@pytest.mark.parametrize(("before", "now"), SAME.values(), ids=SAME)
def test_the_same_post(before: Entry, now: Entry) -> None:
    assert news(feed(now), feed(before)) in (["known"], ["changed"])


@pytest.mark.parametrize(("before", "now"), OTHERS.values(), ids=OTHERS)
def test_another_post(before: Entry, now: Entry) -> None:
    assert news(feed(now), feed(before)) == ["new"]


CROWDS = {
    "one guid for all": [post("feed", name, name.title(), name) for name in "abcd"],
    "one guid and one title for all": [post("feed", name, "Notes", name) for name in "abcd"],
    "one link and one title for all": [post(name, "blog", "Links", name) for name in "abcd"],
    "one link for all, no titles": [post(name, "blog", "", f"{name} {LONG}") for name in "abcd"],
    "one title for all": [post(f"{name}1", name, "Notes", LONG[i:]) for i, name in enumerate("abcd")],
    "fragments of one page": [post(f"log#{name}", f"log#{name}", f"Version {name}", name) for name in "abcd"],
}  # fmt: skip


@pytest.mark.parametrize("posts", CROWDS.values(), ids=CROWDS)
def test_posts_that_share_things_are_told_apart(posts: list[Entry]) -> None:
    """The window of the feed moves over them, each being new once."""
    first, second, third = feed(*posts[:2]), feed(*posts[1:3]), feed(*posts[2:])
    assert news(first) == ["new", "new"]
    assert news(second, first) == ["known", "new"]
    assert news(third, first, second) == ["known", "new"]


def test_an_edited_post_among_others_with_its_title_is_known() -> None:
    before = feed(post("a", "1", "Notes", LONG), post("b", "2", "Notes", OTHER))
    now = feed(post("a", "1", "Notes", OTHER + LONG), post("b", "2", "Notes", OTHER), post("c", "3", "Notes"))
    assert news(now, before) == ["changed", "known", "new"]


def test_two_entries_are_never_taken_for_the_same_post() -> None:
    now = feed(post("a1", "low", "Low water", OTHER), post("b1", "ebb", "Ebb", LONG))
    assert news(now, feed(ONE)) == ["new", "known"]  # the second has more of it


def test_a_small_guid_is_one_of_its_site_only() -> None:
    other = Feed(
        "https://ships.example/feed", home="https://ships.example/", entries=(Entry("1", title="Brig"),)
    )
    assert news(other, feed(post("1", "ebb", "Ebb"))) == ["new"]


def with_copies(copy: Entry, *before: Feed) -> list[Sighting]:
    """Return the sightings of a post and of the copies that two other feeds have of it."""
    others = [
        Feed(f"https://{name}/feed", home=f"https://{name}/", entries=(copy,))
        for name in ("planet.example", "moon.example")
    ]
    return [one for (one,) in sight([feed(ONE), *others], lambda _: seen(*before))]


COPY = Entry("p9", ONE.url, "Tides: Ebb", content=LONG)


def test_copies_in_other_feeds_are_the_same_post() -> None:
    sightings = with_copies(COPY)
    assert [one.news for one in sightings] == [News.NEW] * 3
    assert len({one.mark.post for one in sightings}) == 1


def test_copies_that_differ_are_no_change() -> None:
    sightings = with_copies(COPY, feed(ONE))
    assert [one.news for one in sightings] == [News.KNOWN] * 3
    assert {one.mark.number for one in sightings} == {1}
