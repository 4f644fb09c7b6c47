"""What is learnt of sources by asking them, and how it decides whether and where they are asked again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from factories import picture
from runner import feed2book
from server.app import Exchange, Server, body, in_turn, redirect, serve, status, tagged
from test_editions import MONDAY, Desk, ago, no_secret, write_feed

from feed2book.cli.sources_command import table
from feed2book.errors import FetchError
from feed2book.models import Access, Ask, Condition, FetchOptions, Pace, Poll, Secret, Source
from feed2book.pipeline import EditionReport, Standing, draft_edition, run_edition, standings

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Wire:
    """Two editions whose sources are on a server, which behaves as ``routes`` say."""

    def __init__(self, folder: Path, server: Server, routes: dict[str, Callable[[Exchange], None]]) -> None:
        self.server, self.routes = server, routes
        self.desk = Desk(folder)
        self.desk.publish(("ebb", ago(1)), ("flood", ago(2)))
        self.feed = self.desk.feed.read_bytes()
        fetch = FetchOptions(cache_dir=folder / "cache", retries=0)
        self.edition = replace(self.desk.edition, fetch=fetch)

    def source(self, path: str) -> Source:
        return Source(f"{self.server.url}{path}")

    def run(
        self, *paths: str, now: datetime = MONDAY, ask: Ask = Ask.USUAL, edition: str = "weekly"
    ) -> EditionReport:
        """Run an edition with these sources; ``self.asked`` are then the paths that were asked for."""
        self.server.log.clear()
        chosen = replace(self.edition, name=edition, sources=tuple(map(self.source, paths)))
        return run_edition(chosen, self.desk.data, now, reveal=no_secret, ask=ask)

    @property
    def asked(self) -> list[str]:
        return self.server.paths

    def poll(self, path: str) -> Poll:
        edition = replace(self.edition, sources=(self.source(path),))
        (standing,) = standings([edition], self.desk.data)
        assert standing.poll
        return standing.poll


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    routes: dict[str, Callable[[Exchange], None]] = {}
    dispatch: Callable[[Exchange], None] = lambda exchange: routes[exchange.path](exchange)  # noqa: E731
    with serve({"/*": dispatch}) as server:
        yield Wire(tmp_path, server, routes)


def messages(report: EditionReport) -> list[str]:
    return [failure.message for failure in report.failures] + [str(report.error)] * bool(report.error)


def illustrated(wire: Wire, folder: Path, *names: str, words: str = "All of") -> list[str]:
    """Serve feeds whose posts have a picture each; return all paths."""
    image = picture().blob.read()
    for name in names:
        written = Path(write_feed(folder / f"{name}.xml", [(f"{name} tides", ago(1))])).read_bytes()
        shown = f'&lt;img src="{wire.server.url}/{name}.png"&gt;{words}'.encode()
        wire.routes[f"/{name}"] = tagged(partial(bytes, written.replace(b"All of", shown)))
        wire.routes[f"/{name}.png"] = body(image)
    return sorted([*(f"/{name}" for name in names), *(f"/{name}.png" for name in names)])


def test_a_second_run_asks_once_for_each_feed_and_for_nothing_else(wire: Wire, tmp_path: Path) -> None:
    paths = illustrated(wire, tmp_path, "one", "two", "three")
    wire.run("/one", "/two", "/three")
    assert sorted(wire.asked) == paths
    wire.run("/one", "/two", "/three", now=MONDAY + HOUR / 2)  # they are not due: that is asked for alone
    assert sorted(wire.asked) == ["/one", "/three", "/two"]
    assert all(seen.headers["if-none-match"] for seen in wire.server.log)
    assert wire.poll("/one").status == 304


def test_a_book_made_again_asks_for_no_picture_of_a_post_that_did_not_change(
    wire: Wire, tmp_path: Path
) -> None:
    paths = illustrated(wire, tmp_path, "one", "two")
    feeds = [f"{wire.server.url}/{name}" for name in ("one", "two")]
    asked = []
    for words in ("All of", "All of", "More of"):
        illustrated(wire, tmp_path, "one", words=words)
        wire.server.log.clear()
        assert feed2book("epub", *feeds, "-o", tmp_path / "book.epub").code == 0
        asked.append(sorted(wire.asked))
    assert asked == [paths, ["/one", "/two"], ["/one", "/one.png", "/two"]]


def test_what_is_known_of_a_source(wire: Wire) -> None:
    said = {"etag": '"7"', "last_modified": "Sun, 22 Nov 2026 07:00:00 GMT", "cache_control": "max-age=7200"}
    wire.routes["/feed"] = in_turn(body(wire.feed, **said), status(500))
    wire.run("/feed")
    good = Poll(
        MONDAY,
        200,
        etag='"7"',
        modified="Sun, 22 Nov 2026 07:00:00 GMT",
        pace=Pace(2 * HOUR, "Cache-Control"),
        posts=2,
        new=2,
    )
    assert wire.poll("/feed") == good
    assert (good.condition, good.due) == (Condition.ACTIVE, MONDAY + 2 * HOUR)
    later = MONDAY + DAY
    wire.run("/feed", now=later)
    error = "the server failed (500)"
    bad = replace(good, asked=later, status=500, error=error, failures=1, since=later, new=0)
    assert wire.poll("/feed") == bad
    wire.run("/feed", now=later + DAY)
    assert wire.poll("/feed") == replace(bad, asked=later + DAY, failures=2)
    assert wire.poll("/feed").condition == Condition.FAILING
    wire.routes["/feed"] = body(wire.feed)
    wire.run("/feed", now=later + 2 * DAY)
    assert wire.poll("/feed") == Poll(later + 2 * DAY, 200, pace=Pace(DAY, "posts"), posts=2)


def test_a_source_that_fails_for_a_month_is_told_to_be_dead(wire: Wire) -> None:
    wire.routes["/feed"] = status(404)
    assert "failed for" not in messages(wire.run("/feed"))[0]
    (told,) = messages(wire.run("/feed", now=MONDAY + 31 * DAY))
    assert "nothing at this address (404), and it has failed for 31 days — look for its new address" in told
    assert wire.poll("/feed").condition == Condition.DEAD


def test_a_permanent_redirect_is_told_once_and_followed_from_then_on(wire: Wire) -> None:
    wire.routes |= {"/old": redirect("/new", 301), "/new": tagged(lambda: wire.feed)}
    reports = [wire.run("/old", now=MONDAY + day * DAY) for day in range(2)]
    told = [[notice.code for notice in report.notices].count("feed-moved") for report in reports]
    assert (told, wire.asked) == ([1, 0], ["/new"])
    assert wire.poll("/old").moved == f"{wire.server.url}/new"
    wire.routes["/new"] = status(404)
    wire.run("/old", now=MONDAY + 2 * DAY)
    wire.run("/old", now=MONDAY + 3 * DAY)
    assert wire.asked == ["/old", "/new"]


def test_a_temporary_redirect_is_asked_each_time(wire: Wire) -> None:
    wire.routes |= {"/old": redirect("/new", 302), "/new": tagged(lambda: wire.feed)}
    wire.run("/old")
    wire.run("/old", now=MONDAY + DAY)
    assert (wire.asked, wire.poll("/old").moved) == (["/old", "/new"], "")


def test_what_is_gone_is_asked_again_by_force_alone(wire: Wire) -> None:
    wire.routes["/feed"] = status(410)
    wire.run("/feed")
    assert (wire.poll("/feed").condition, wire.poll("/feed").due) == (Condition.GONE, None)
    (told,) = messages(wire.run("/feed", now=MONDAY + DAY))
    assert "it is gone for good (410); it was not asked again — remove it from your sources; --force" in told
    assert wire.asked == []
    wire.run("/feed", now=MONDAY + DAY, ask=Ask.ALL)
    assert wire.asked == ["/feed"]


def test_a_draft_asks_no_more_than_a_run_would(wire: Wire) -> None:
    wire.routes["/feed"] = status(410)
    wire.run("/feed")
    wire.server.log.clear()
    edition = replace(wire.edition, sources=(wire.source("/feed"),))
    with pytest.raises(FetchError, match="it was not asked again"):
        draft_edition(edition, wire.desk.data, MONDAY + DAY, reveal=no_secret)
    assert wire.asked == []


def test_retry_after_holds_in_the_next_run(wire: Wire) -> None:
    wire.routes["/feed"] = status(503, retry_after="7200")
    wire.run("/feed")
    assert wire.poll("/feed").due == MONDAY + 2 * HOUR
    (told,) = messages(wire.run("/feed", now=MONDAY + HOUR))
    assert "(503); it was not asked again before 2026-11-23 09:00 UTC — --force" in told
    assert wire.asked == []
    wire.run("/feed", now=MONDAY + 2 * HOUR)
    assert wire.asked == ["/feed"]


def test_a_server_cannot_silence_a_source_for_ever(wire: Wire) -> None:
    wire.routes["/feed"] = status(429, retry_after="999999999")
    wire.run("/feed")
    assert wire.poll("/feed").patience == MONDAY + 7 * DAY


def test_a_source_that_is_not_due_is_taken_from_the_cache(wire: Wire) -> None:
    wire.routes["/feed"] = tagged(lambda: wire.feed, cache_control="max-age=7200")
    wire.run("/feed")
    report = wire.run("/feed", now=MONDAY + HOUR, ask=Ask.DUE)
    assert (wire.asked, report.exit_code, report.issue) == ([], 0, None)
    assert wire.poll("/feed").asked == MONDAY
    wire.run("/feed", now=MONDAY + 2 * HOUR, ask=Ask.DUE)
    assert wire.asked == ["/feed"]


def test_a_source_that_fails_is_not_asked_before_it_is_due(wire: Wire) -> None:
    wire.routes["/feed"] = in_turn(status(500), tagged(lambda: wire.feed), status(500))
    wire.run("/feed")
    (told,) = messages(wire.run("/feed", now=MONDAY + HOUR / 2, ask=Ask.DUE))
    assert "the server failed (500); it is due again at 2026-11-23 08:00 UTC — --force" in told
    assert wire.asked == []
    wire.run("/feed", now=MONDAY + HOUR, ask=Ask.DUE)
    assert messages(wire.run("/feed", now=MONDAY + 2 * DAY, ask=Ask.DUE)) != []
    later = wire.run("/feed", now=MONDAY + 2 * DAY + HOUR / 2, ask=Ask.DUE)
    assert (wire.asked, messages(later)) == ([], []), "its posts are in the cache"


def test_another_edition_gets_the_posts_of_a_source_that_is_not_due(wire: Wire) -> None:
    wire.routes["/feed"] = tagged(lambda: wire.feed, cache_control="max-age=7200")
    wire.run("/feed")
    report = wire.run("/feed", now=MONDAY + HOUR, ask=Ask.DUE, edition="other")
    assert (wire.asked, wire.desk.titles(report)) == ([], ["flood", "ebb"])


@pytest.mark.parametrize(("failures", "hours"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 24), (10_000, 24)])
def test_a_source_that_fails_is_due_again_later_and_later(failures: int, hours: int) -> None:
    assert Poll(MONDAY, error="it failed", failures=failures, since=MONDAY).due == MONDAY + hours * HOUR


def test_an_address_that_is_asked_with_a_token_is_another_source(wire: Wire) -> None:
    wire.routes["/feed"] = body(wire.feed)
    wire.run("/feed")
    source = wire.source("/feed")
    token = replace(source, access=Access(token=Secret("env", ("TOKEN",))))
    editions = [replace(wire.edition, name=one.name, sources=(one,)) for one in (source, token)]
    found = standings(editions, wire.desk.data)
    assert [one.condition for one in found] == [Condition.ACTIVE, Condition.NEW]
    assert {one.address for one in found} == {source.address}


def test_a_source_of_two_editions_has_one_line(wire: Wire) -> None:
    edition = replace(wire.edition, sources=(wire.source("/feed"),))
    (found,) = standings([edition, replace(edition, name="monthly")], wire.desk.data)
    assert found.editions == ("weekly", "monthly")


def test_a_list_of_feeds_is_a_source_and_each_failure_has_its_line(wire: Wire, tmp_path: Path) -> None:
    illustrated(wire, tmp_path, "one", "two")
    wire.routes["/bad"] = status(404)
    opml = tmp_path / "list.opml"
    feeds = (f'<outline xmlUrl="{wire.server.url}/{name}"/>' for name in ("one", "bad", "two"))
    opml.write_text(f"<opml><body>{''.join(feeds)}</body></opml>", encoding="utf-8")
    done = feed2book("list", opml)
    assert done.code == 3
    assert ["one tides" in done.said, "two tides" in done.said] == [True, True]
    missing = "there is nothing at this address (404) — check the address"
    assert f"feed2book: {wire.server.url}/bad: {missing}\n" in done.said


def standing(name: str, poll: Poll | None) -> Standing:
    return Standing(f"https://{name}.example/feed", "", ("weekly",), poll)


FAILED = Poll(MONDAY, 404, "there is nothing at this address (404)", 3, MONDAY - 2 * DAY)
MOVED = Poll(MONDAY, 304, moved="https://new.example/", pace=Pace(3.5 * DAY, "ttl"), posts=9)
ALL = (standing("dead", FAILED), standing("moved", MOVED), standing("new", None))


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (
            None,
            [
                "         SOURCE                      ASKED             DUE               EVERY        POSTS",
                "failing  https://dead.example/feed   2026-11-23 07:00  2026-11-23 11:00  1 h          0",
                "         since 2026-11-21 07:00, 3 times: there is nothing at this address (404)",
                "moved    https://moved.example/feed  2026-11-23 07:00  2026-11-26 19:00  3.5 d (ttl)  9",
                "         → https://new.example/",
                "new      https://new.example/feed    never",
            ],
        ),
        (
            56,
            [
                "         SOURCE                      ASKED",
                "failing  https://dead.example/feed   2026-11-23 07:00",
                "         since 2026-11-21 07:00, 3 times: there is nothing at this address (404)",
                "moved    https://moved.example/feed  2026-11-23 07:00",
                "         → https://new.example/",
                "new      https://new.example/feed    never",
            ],
        ),
        (
            34,
            [
                "         SOURCE",
                "failing  https://dead.example/fe…",
                "         since 2026-11-21 07:00, 3 times: there is nothing at this address (404)",
                "moved    https://moved.example/f…",
                "         → https://new.example/",
                "new      https://new.example/feed",
            ],
        ),
    ],
)
def test_the_table_fits_its_terminal(width: int | None, lines: Sequence[str]) -> None:
    assert list(table(ALL, width)) == lines


def test_a_source_with_a_name_has_its_address_among_its_troubles() -> None:
    poll = Poll(MONDAY, 503, "it is busy", 1, MONDAY, patience=MONDAY + DAY, posts=2, new=1)
    assert list(table([replace(standing("a", poll), name="Tides")], None))[1:] == [
        "failing  Tides   2026-11-23 07:00  2026-11-24 07:00  1 h    2 (1 new)",
        "         https://a.example/feed",
        "         since 2026-11-23 07:00: it is busy",
        "         it asks us to wait until 2026-11-24 07:00",
    ]


def test_the_sources_command_shows_the_troubled_ones_first(wire: Wire, tmp_path: Path) -> None:
    wire.routes |= {"/good": body(wire.feed), "/bad": status(410)}
    config = tmp_path / "feed2book.toml"
    sources = "".join(
        f'[[edition.weekly.source]]\naddress = "{wire.server.url}/{path}"\n' for path in ("good", "bad")
    )
    config.write_text(f'data = "data"\n[edition.weekly]\n{sources}', encoding="utf-8")
    wire.run("/good", "/bad")
    done = feed2book("sources", "--config", config)
    assert done.code == 0
    assert [line.split()[0] for line in done.said.splitlines()] == ["SOURCE", "gone", "since", "active", "1"]
    gone, active = json.loads(feed2book("sources", "weekly", "--config", config, "--json").said)
    assert (gone["condition"], gone["status"], gone["due"]) == ("gone", 410, None)
    assert (active["condition"], active["posts"], active["editions"]) == ("active", 2, ["weekly"])
