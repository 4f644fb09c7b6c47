"""The pages of posts: what robots.txt lets us read, how fast, and how much of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from server.app import Route, body, drip, drip_headers, redirect, reset, serve, status

from feed2book.errors import BlockedError, FetchError
from feed2book.fetch import Fetcher
from feed2book.models import FetchOptions, Response

QUICK = FetchOptions(connect_timeout=0.5, read_timeout=0.5, total_timeout=1.0, retries=0)
PAGE = body(b"<p>post")
KEEP_OFF = "its robots.txt asks us to leave it alone"


class Nap:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.time = 0.0

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def text(response: Response) -> str:
    return response.body.decode()


def told(outcome: str | FetchError) -> str:
    return outcome.message if isinstance(outcome, FetchError) else outcome


def pages(
    routes: Mapping[str, Route], *paths: str, options: FetchOptions = QUICK
) -> tuple[list[str], list[str]]:
    """Fetch pages of one server; returns what came or what went wrong, and what the server was asked for."""
    with serve(routes) as server, Fetcher(options) as fetcher:
        found = fetcher.pages([(f"{server.url}{path}", "") for path in paths], text, trusted=[server.place])
        return [told(outcome) for outcome in found.values()], server.paths


def rules(*lines: str) -> dict[str, Route]:
    return {"/robots.txt": body("\n".join(lines).encode()), "/*": PAGE}


def test_pages_come_each_once_after_one_look_at_the_rules() -> None:
    found, asked = pages(rules("User-agent: *", "Disallow:"), "/a", "/b", "/a", "/c")
    assert found == ["<p>post"] * 3
    assert (asked[0], sorted(asked[1:])) == ("/robots.txt", ["/a", "/b", "/c"])


def test_what_take_refuses_was_not_had() -> None:
    def refuse(response: Response) -> str:
        raise FetchError("no article")

    with serve({"/a": PAGE}) as server, Fetcher(QUICK) as fetcher:
        found = fetcher.pages([(f"{server.url}/a", "")], refuse, trusted=[server.place])
    assert [told(outcome) for outcome in found.values()] == ["no article"]


@pytest.mark.parametrize(
    ("lines", "path", "allowed"),
    [
        (["User-agent: *", "Disallow: /"], "/a", False),
        (["User-agent: *", "Disallow: /private/"], "/a", True),
        (["User-agent: *", "Disallow: /private/"], "/private/a", False),
        (["User-agent: *", "Disallow: /", "Allow: /a"], "/a", True),
        (["User-agent: feed2book", "Disallow: /a", "", "User-agent: *", "Allow: /"], "/a", False),
        (["User-agent: FEED2BOOK/1.0", "Disallow: /a"], "/a", False),
        (["User-agent: feed2book", "Allow: /", "", "User-agent: *", "Disallow: /"], "/a", True),
        (["User-agent: other", "User-agent: feed2book", "Disallow: /a"], "/a", False),
        (["User-agent: other", "Disallow: /"], "/a", True),
        (["User-agent: feed", "Disallow: /"], "/a", True),
        (["User-agent: feed2bookish", "Disallow: /"], "/a", True),
        (["User-agent: *", "Disallow: /*.php$"], "/a.php", False),
        (["User-agent: *", "Disallow: /*.php$"], "/a.php?x=1", True),
        (["\ufeffUser-agent: *", "Disallow: /a"], "/a", False),
        (["<html>", "<p>Disallow everything"], "/a", True),
    ],
)
def test_the_rules_of_a_host(lines: list[str], path: str, allowed: bool) -> None:
    found, asked = pages(rules(*lines), path)
    assert found == ["<p>post" if allowed else KEEP_OFF]
    assert (path in asked) is allowed


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_host_without_rules_may_be_read(code: int) -> None:
    assert pages({"/robots.txt": status(code), "/*": PAGE}, "/a")[0] == ["<p>post"]


@pytest.mark.parametrize("trouble", [status(500), status(503), reset, drip()])
def test_a_host_that_cannot_tell_its_rules_is_left_alone(trouble: Route) -> None:
    found, asked = pages({"/robots.txt": trouble, "/*": PAGE}, "/a", "/b")
    assert all(message.startswith("the host's robots.txt cannot be had: ") for message in found)
    assert asked == ["/robots.txt"]


def test_rules_may_be_ignored() -> None:
    options = FetchOptions(ignore_robots=True)
    assert pages(rules("User-agent: *", "Disallow: /"), "/a", options=options) == (["<p>post"], ["/a"])


def test_a_redirect_leads_only_where_the_rules_let_us_go() -> None:
    routes = rules("User-agent: *", "Disallow: /private") | {"/a": redirect("/private")}
    assert pages(routes, "/a") == ([KEEP_OFF], ["/robots.txt", "/a"])


def test_the_feed_that_the_user_named_and_pictures_are_not_asked_about() -> None:
    with serve(rules("User-agent: *", "Disallow: /")) as server, Fetcher(QUICK) as fetcher:
        fetcher.source(f"{server.url}/feed")
        fetcher.page(f"{server.url}/feed?page=2")
        fetcher.images([(f"{server.url}/a.png",)], text, trusted=[])
        assert server.paths == ["/feed", "/feed?page=2", "/a.png"]


def test_a_page_on_this_machine_is_never_asked_for_nor_are_its_rules() -> None:
    with serve({"/*": PAGE}) as server, Fetcher(replace(QUICK, ports=range(65_536))) as fetcher:
        found = fetcher.pages(
            [(url, "") for url in (f"{server.url}/a", "file:///etc/passwd", "http://[")], text, trusted=[]
        )
        assert [type(outcome) for outcome in found.values()] == [BlockedError, BlockedError, FetchError]
        assert server.log == []


@pytest.mark.parametrize(("wanted", "seconds"), [("3", 6.0), ("86400", 20.0), ("-1", 0.0), ("soon", 0.0)])
def test_a_crawl_delay_is_honoured_within_reason(wanted: str, seconds: float) -> None:
    clock = Nap()
    with (
        serve(rules("User-agent: *", f"Crawl-delay: {wanted}")) as server,
        Fetcher(FetchOptions(), monotonic=clock.monotonic, sleep=clock.sleep) as fetcher,
    ):
        fetcher.pages([(f"{server.url}/{name}", "") for name in "abc"], text, trusted=[server.place])
        assert (len(server.log), clock.time) == (4, seconds)


def test_hostile_rules_take_no_time() -> None:
    """As many robots in one group as fit, each with all of its rules, would be 500 million entries."""
    robots = [f"User-agent: x{number}" for number in range(15_000)]
    lines = [*robots, *(f"Disallow: /*{number}*a*b" for number in range(12_000)), "User-agent: *"]
    started = time.process_time()
    assert pages(rules(*lines), "/" + "ab" * 2_000)[0] == ["<p>post"]
    assert time.process_time() - started < 5


def test_only_the_first_half_megabyte_of_rules_counts() -> None:
    lines = ["User-agent: *", "# " + "x" * 512_000, "Disallow: /"]
    assert pages(rules(*lines), "/a")[0] == ["<p>post"]


def test_a_page_that_came_lately_is_not_asked_for_again(tmp_path: Path) -> None:
    options = FetchOptions(cache_dir=tmp_path)
    clock = Nap()
    clock.time = time.time()
    with serve({"/robots.txt": status(404), "/*": body(b"<p>post", cache_control="no-cache")}) as server:
        for wait in (0, 3_000, 1_200):
            clock.sleep(wait)
            with Fetcher(options, now=clock.monotonic) as fetcher:
                fetcher.pages([(f"{server.url}/a", "")], text, trusted=[server.place])
        assert server.paths.count("/a") == 2


def test_offline_pages_come_from_the_cache_alone(tmp_path: Path) -> None:
    with serve(rules("User-agent: *")) as server:
        with Fetcher(FetchOptions(cache_dir=tmp_path)) as fetcher:
            fetcher.pages([(f"{server.url}/a", "")], text, trusted=[server.place])
        with Fetcher(FetchOptions(cache_dir=tmp_path, offline=True)) as fetcher:
            found = fetcher.pages(
                [(f"{server.url}/{name}", "") for name in "ab"], text, trusted=[server.place]
            )
        assert [told(outcome) for outcome in found.values()] == ["<p>post", "it is not in the cache"]
        assert server.paths == ["/robots.txt", "/a"]


@pytest.mark.parametrize("trouble", [drip(), drip_headers])
def test_a_page_that_drips_is_cut_off_by_the_total_time(trouble: Route) -> None:
    started = time.monotonic()
    found, _ = pages({"/robots.txt": status(404), "/*": trouble}, "/a")
    assert found == ["it was not done within 1 s"]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (FetchOptions(max_pages=2), "more than 2 pages are wanted"),
        (FetchOptions(max_page_bytes=6), "it is larger than 6 bytes"),
        (FetchOptions(max_total_bytes=13), "the pictures and pages together are larger than 13 bytes"),
    ],
)
def test_what_pages_may_cost_is_limited(options: FetchOptions, message: str) -> None:
    one_by_one = replace(options, concurrency=1)
    found, _ = pages({"/*": PAGE, "/robots.txt": status(404)}, "/a", "/b", "/c", options=one_by_one)
    assert found[-1] == message
