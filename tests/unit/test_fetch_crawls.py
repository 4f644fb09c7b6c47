"""What is kept of crawls, and what is not."""

from __future__ import annotations

from pathlib import Path

from server.app import body, serve
from traces import left_behind

from feed2book.fetch import Fetcher
from feed2book.fetch.crawls import Crawl, Crawls
from feed2book.models import FetchOptions, Response

FEED = Response("https://example.org/feed", 200, (), b"feed")


def test_cookies_that_a_server_sets_are_not_in_the_record(tmp_path: Path) -> None:
    with (
        serve({"/*": body(b"a page", set_cookie="sid=s3cret")}) as server,
        Fetcher(FetchOptions(cache_dir=tmp_path)) as fetcher,
    ):
        source = f"{server.url}/feed"
        crawl = fetcher.crawl("next", fetcher.source(source), source, beside=False)
        assert crawl.passes == ()
        crawl.begin(1, FEED)
        crawl.fetch(1, 2, f"{source}?page=2")
        assert [response.body for _, response in crawl.pages(1)] == [b"feed", b"a page"]
        assert [seen.headers.get("cookie") for seen in server.log] == [None, "sid=s3cret"]
    assert b"s3cret" not in left_behind(tmp_path)


def test_what_another_run_forgot_costs_no_other_crawl(tmp_path: Path) -> None:
    here, there = Crawls(tmp_path), Crawls(tmp_path)
    one, two = (Crawl(here, name, lambda _: FEED) for name in ("one", "two"))
    for crawl in (one, two):
        assert crawl.passes == ()
        crawl.begin(1, FEED)
    there.rows("DELETE FROM crawls WHERE crawl = (SELECT crawl FROM crawls ORDER BY used LIMIT 1)")
    assert one.fetch(1, 2, "https://example.org/feed?page=2") == FEED
    there.close()
    assert Crawl(Crawls(tmp_path), "two", lambda _: FEED).passes == ((1, False),)
