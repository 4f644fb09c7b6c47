"""The cache over real HTTP: validators, freshness, offline, damage."""

from __future__ import annotations

import gzip
import os
import sqlite3
import stat
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest
from answers import whole
from server.app import Exchange, body, in_turn, redirect, serve, status, tagged, truncated, zipped

from feed2book.errors import FetchError
from feed2book.fetch import Fetcher
from feed2book.models import FetchOptions, Response

FEED = b"<rss>" + bytes(range(256)) * 2_000 + b"</rss>"


def options(cache: Path, *, offline: bool = False) -> FetchOptions:
    return FetchOptions(cache_dir=cache / "deep" / "feed2book", offline=offline, retries=0)


def source(cache: Path, url: str, *, offline: bool = False) -> Response:
    with Fetcher(options(cache, offline=offline)) as fetcher:
        return fetcher.source(url)


def picture(cache: Path, url: str, *, offline: bool = False) -> Response | FetchError:
    with Fetcher(options(cache, offline=offline)) as fetcher:
        place = url.split("/")[2]
        return fetcher.images([(url,)], whole, trusted=[place])[(url,)]


def body_of(outcome: Response | FetchError) -> bytes:
    assert isinstance(outcome, Response), outcome
    return outcome.body


def database(cache: Path) -> Path:
    return options(cache).cache_dir / "http.sqlite3"  # type: ignore[operator]  # it is never None here


def test_an_unchanged_feed_costs_one_304(tmp_path: Path) -> None:
    with serve({"/feed": tagged(lambda: FEED)}) as server:
        first = source(tmp_path, f"{server.url}/feed")
        second = source(tmp_path, f"{server.url}/feed")
        tags = [seen.headers["if-none-match"] for seen in server.log]
    assert (first.unchanged, second.unchanged) == (False, True)
    assert first.body == second.body == FEED
    assert tags[0] is None
    assert tags[1]


def test_last_modified_serves_as_well(tmp_path: Path) -> None:
    date = "Mon, 01 Jun 2020 00:00:00 GMT"

    def answer(exchange: Exchange) -> None:
        known = exchange.headers["if-modified-since"] == date
        exchange.send(304 if known else 200, b"" if known else FEED, last_modified=date)

    with serve({"/feed": answer}) as server:
        source(tmp_path, f"{server.url}/feed")
        assert source(tmp_path, f"{server.url}/feed").unchanged
        assert len(server.log) == 2, "a guess that it is still fresh must not hide a new post"


def test_a_feed_is_asked_for_even_while_it_is_fresh_and_says_so_to_nobody_else(tmp_path: Path) -> None:
    with serve({"/feed": tagged(lambda: FEED, cache_control="max-age=3600")}) as server:
        source(tmp_path, f"{server.url}/feed")
        assert source(tmp_path, f"{server.url}/feed").unchanged
        assert len(server.log) == 2
        assert [seen.headers["cache-control"] for seen in server.log] == [None, None]


def test_each_change_is_seen_and_only_the_last_answer_is_kept(tmp_path: Path) -> None:
    """All within one second, which is all that the dates of HTTP can tell."""
    versions = iter([b"one", b"two", b"three"])
    current = [next(versions)]
    with serve({"/feed": tagged(lambda: current[0])}) as server:
        url = f"{server.url}/feed"
        for text in (b"one", b"two", b"three"):
            assert source(tmp_path, url).body == text
            again = source(tmp_path, url)
            assert (again.body, again.unchanged) == (text, True)
            assert source(tmp_path, url, offline=True).body == text
            current[0] = next(versions, b"three")
        source(tmp_path, url)
    with sqlite3.connect(database(tmp_path)) as connection:
        (visible,) = connection.execute("SELECT count(*) FROM entries WHERE expires_at IS NULL").fetchone()
    connection.close()
    assert visible == 1


def test_a_fresh_picture_costs_nothing(tmp_path: Path) -> None:
    with serve({"/x.png": body(FEED, cache_control="max-age=3600")}) as server:
        for _ in range(3):
            outcome = picture(tmp_path, f"{server.url}/x.png")
            assert body_of(outcome) == FEED
        assert isinstance(outcome, Response)
        assert outcome.unchanged
        assert len(server.log) == 1


def test_no_store_is_obeyed(tmp_path: Path) -> None:
    with serve({"/x.png": body(FEED, cache_control="no-store")}) as server:
        picture(tmp_path, f"{server.url}/x.png")
        picture(tmp_path, f"{server.url}/x.png")
        assert len(server.log) == 2
        with pytest.raises(FetchError, match="not in the cache"):
            source(tmp_path, f"{server.url}/x.png", offline=True)


def test_a_private_answer_is_kept_for_its_one_user(tmp_path: Path) -> None:
    with serve({"/x.png": body(FEED, cache_control="private, max-age=600")}) as server:
        picture(tmp_path, f"{server.url}/x.png")
        picture(tmp_path, f"{server.url}/x.png")
        assert len(server.log) == 1


@pytest.mark.parametrize("control", ["", "no-cache", "max-age=0, must-revalidate", "max-age=600", "private"])
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_offline_rebuilds_from_the_cache_alone(tmp_path: Path, code: int, control: str) -> None:
    headers = {"cache_control": control} if control else {}
    routes = {"/a": redirect("/b", code), "/b": zipped(FEED, **headers), "/x.png": body(b"png", **headers)}
    with serve(routes) as server:
        source(tmp_path, f"{server.url}/a")
        picture(tmp_path, f"{server.url}/x.png")
        asked = len(server.log)
    response = source(tmp_path, f"{server.url}/a", offline=True)
    assert (response.body, response.url, response.unchanged) == (FEED, f"{server.url}/b", True)
    assert body_of(picture(tmp_path, f"{server.url}/x.png", offline=True)) == b"png"
    assert len(server.log) == asked


def test_offline_what_is_not_in_the_cache_is_one_clear_error(tmp_path: Path) -> None:
    with serve({"/feed": body(FEED)}) as server:
        with pytest.raises(FetchError) as caught:
            source(tmp_path, f"{server.url}/feed", offline=True)
        assert server.log == []
    assert str(caught.value).endswith("it is not in the cache — run once without --offline")
    with Fetcher(FetchOptions(offline=True)) as fetcher, pytest.raises(FetchError, match="not in the cache"):
        fetcher.source("https://example.org/feed")


@pytest.mark.parametrize("trouble", [status(500), status(404), status(410), truncated(b"<rss>")])
def test_a_failure_does_not_take_the_last_good_answer_away(
    tmp_path: Path, trouble: Callable[[Exchange], None]
) -> None:
    with serve({"/feed": in_turn(body(FEED), trouble)}) as server:
        url = f"{server.url}/feed"
        source(tmp_path, url)
        with Fetcher(options(tmp_path)) as fetcher:
            broken = fetcher.images([(url,)], whole, trusted=[server.place])[(url,)]
        assert isinstance(broken, FetchError)
        assert source(tmp_path, url, offline=True).body == FEED


def test_a_broken_off_answer_is_not_kept(tmp_path: Path) -> None:
    with serve({"/feed": truncated(FEED)}) as server:
        assert source(tmp_path, f"{server.url}/feed").body == FEED
        with pytest.raises(FetchError, match="not in the cache"):
            source(tmp_path, f"{server.url}/feed", offline=True)


def test_what_is_too_large_is_not_kept(tmp_path: Path) -> None:
    with serve({"/feed": zipped(FEED)}) as server:
        for offline in (False, True):
            small = FetchOptions(cache_dir=tmp_path, max_feed_bytes=1_000, offline=offline)
            message = "not in the cache" if offline else "larger"
            with Fetcher(small) as fetcher, pytest.raises(FetchError, match=message):
                fetcher.source(f"{server.url}/feed")


def test_logins_are_kept_apart_and_never_written(tmp_path: Path) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.send(
            200, (exchange.headers["authorization"] or "nobody").encode(), cache_control="max-age=600"
        )

    with serve({"/feed": answer}) as server:
        bodies = [
            source(tmp_path, f"http://{login}{server.place}/feed").body
            for login in ("", "a:secret@", "b:secret@")
        ]
        assert len(set(bodies)) == 3
        assert source(tmp_path, f"http://a:secret@{server.place}/feed", offline=True).body == bodies[1]
    kept = database(tmp_path).read_bytes()
    assert b"authorization" not in kept.lower()
    assert b"secret" not in kept


def test_the_cache_is_for_its_owner_only(tmp_path: Path) -> None:
    with serve({"/feed": body(FEED)}) as server:
        source(tmp_path, f"{server.url}/feed")
    assert stat.S_IMODE(database(tmp_path).parent.stat().st_mode) == 0o700


def test_without_a_directory_nothing_is_kept() -> None:
    with serve({"/x": body(FEED, cache_control="max-age=600")}) as server, Fetcher(FetchOptions()) as fetcher:
        for _ in range(2):
            fetcher.images([(f"{server.url}/x",)], whole, trusted=[server.place])
        assert len(server.log) == 2


def spoil_all(file: Path) -> None:
    file.write_bytes(b"this is not a database" * 1_000)


def spoil_pages(file: Path) -> None:
    """Leave the head and the schema, overwrite the rest."""
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    file.write_bytes(data)


def spoil_bodies(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE streams SET chunk_data = x'00010203'")
    connection.close()


def lose_bodies(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM streams")
    connection.close()


def spoil_entries(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE entries SET data = x'c1'")
    connection.close()


def foreign(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE entries (something TEXT)")
    connection.close()


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def empty(file: Path) -> None:
    os.truncate(file, 0)


DAMAGE = (spoil_all, spoil_pages, spoil_bodies, lose_bodies, spoil_entries, foreign, cut, empty)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_never_breaks_a_run_and_heals(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    packed = gzip.compress(FEED)
    feed = tagged(lambda: packed, content_encoding="gzip")
    with serve({"/feed": feed, "/x": zipped(FEED, cache_control="max-age=600")}) as server:
        source(tmp_path, f"{server.url}/feed")
        picture(tmp_path, f"{server.url}/x")
        damage(database(tmp_path))
        assert source(tmp_path, f"{server.url}/feed").body == FEED
        assert body_of(picture(tmp_path, f"{server.url}/x")) == FEED
        # From the second run on, all is as it was.
        source(tmp_path, f"{server.url}/feed")
        picture(tmp_path, f"{server.url}/x")
        asked = len(server.log)
        assert source(tmp_path, f"{server.url}/feed").unchanged
        assert body_of(picture(tmp_path, f"{server.url}/x")) == FEED
        assert server.paths[asked:] == ["/feed"]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_offline_is_one_clear_error_or_none(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with serve({"/feed": zipped(FEED)}) as server:
        source(tmp_path, f"{server.url}/feed")
    damage(database(tmp_path))
    with pytest.raises(FetchError, match="not in the cache"):
        source(tmp_path, f"{server.url}/feed", offline=True)


def test_a_cache_that_cannot_be_made_is_noted(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with (
        serve({"/feed": body(FEED)}) as server,
        Fetcher(FetchOptions(cache_dir=blocked / "cache")) as fetcher,
    ):
        assert fetcher.source(f"{server.url}/feed").body == FEED
        (notice,) = fetcher.notices
    assert notice.code == "cache-failed"
    assert blocked.read_text() == "in the way"


def test_two_runs_share_a_cache(tmp_path: Path) -> None:
    with serve({"/*": body(FEED, cache_control="max-age=600")}) as server:
        urls = [(f"{server.url}/{number}",) for number in range(8)]
        with Fetcher(options(tmp_path)) as one, Fetcher(options(tmp_path)) as two:
            for fetcher in (one, two):
                found = fetcher.images(urls, whole, trusted=[server.place])
                assert all(body_of(outcome) == FEED for outcome in found.values())
            assert one.notices == two.notices == ()
        assert len(server.log) == 8


def test_the_server_need_not_tell_the_date(tmp_path: Path) -> None:
    def answer(exchange: Exchange) -> None:
        expires = formatdate(4_000_000_000, usegmt=True)
        exchange.write(f"HTTP/1.1 200 OK\r\nexpires: {expires}\r\ncontent-length: 2\r\n\r\nok".encode())

    with serve({"/x": answer}) as server:
        for _ in range(2):
            assert body_of(picture(tmp_path, f"{server.url}/x")) == b"ok"
        assert len(server.log) == 1
