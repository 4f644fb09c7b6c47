"""Posts of which the feed has a summary become whole, and whole ones are left alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import TypeVar

import pytest
from server.app import Exchange, Route, Server, body, in_turn, redirect, serve, status

from feed2book.book import plan_anew
from feed2book.errors import Code
from feed2book.fetch import Fetcher
from feed2book.models import (
    Article,
    BookOptions,
    Entry,
    Feed,
    FetchOptions,
    Grant,
    Job,
    Notice,
    Reach,
    SiteRule,
    Sites,
)
from feed2book.pipeline import Made, make_book, make_epub, update_epub
from feed2book.pipeline.full_text import complete
from feed2book.pipeline.run import started
from feed2book.pipeline.site_rules import SiteRules
from feed2book.workers import Workers

A = TypeVar("A")
B = TypeVar("B")

NOW = datetime(2026, 11, 24, tzinfo=UTC)
QUICK = FetchOptions(connect_timeout=1, read_timeout=1, total_timeout=3, retries=0)
WHOLE = "<h2>All of it</h2><p>This post stands in the feed with all that it has to say to its readers.</p>"


def text(number: int, part: int = 1) -> str:
    """Return a few paragraphs that no other post has."""
    return "".join(
        f"<p>Part {part} of post {number} speaks of thing {sentence} at the harbour, of the water that comes "
        f"in and of that which goes out, of boats number {number * 100 + sentence} and of those who wait.</p>"
        for sentence in range(6)
    )


def page(number: int, content: str = "", head: str = "") -> Route:
    """Answer with the page of a post."""
    markup = (
        f"<!doctype html><html><head><title>Post {number}</title>{head}</head><body><nav><a href='/'>Home</a>"
        f"</nav><main><article><h1>Post {number}</h1>{content or text(number)}</article></main></body></html>"
    )
    return body(markup.encode(), content_type="text/html; charset=utf-8")


def feed(numbers: range, home: str, content: str = "") -> bytes:
    """Return a feed of posts that are cut off, or have that content, the newest first."""
    items = "".join(
        f"<item><title>Post {number}</title><link>{home}/{number}</link><guid>{number}</guid>"
        f"<pubDate>{number:02} Nov 2026 08:00:00 GMT</pubDate><description>"
        + escape(content or f"<p>Part 1 of post {number} speaks […]</p>")
        + "</description></item>"
        for number in reversed(numbers)
    )
    return f"<rss version='2.0'><channel><title>Harbour</title>{items}</channel></rss>".encode()


def published(numbers: range, pages: Mapping[str, Route], content: str = "") -> dict[str, Route]:
    """Return the routes of a site with that feed and these pages."""

    def answer(exchange: Exchange) -> None:
        exchange.send(200, feed(numbers, exchange.server.url, content))

    return {"/feed": answer, **pages}


def read(
    pages: Mapping[str, Route],
    numbers: range = range(1, 3),
    content: str = "",
    full_text: str = "auto",
    sites: Sites | None = None,
) -> tuple[Made, list[str]]:
    """Make a book of a feed on a server with these pages; returns it and what pages were asked for."""
    with serve(published(numbers, pages, content)) as server:
        made = make_book(job(server, full_text, sites=sites), NOW)
        return made, sorted(path for path in server.paths if path not in {"/feed", "/robots.txt"})


def job(
    server: Server, full_text: str = "auto", cache: Path | None = None, sites: Sites | None = None
) -> Job:
    return Job(
        (f"{server.url}/feed",),
        fetch=replace(QUICK, cache_dir=cache),
        book=BookOptions(cover=False),
        reach=Reach(full_text=full_text),
        sites=sites or Sites(),
    )


def articles(made: Made) -> tuple[Article, ...]:
    assert made.book
    return made.book.articles


def parts(article: Article) -> list[int]:
    """Return which parts of its post an article has, in order."""
    return [int(part) for part in dict.fromkeys(re.findall(r"Part (\d+) of post", article.html))]


def incomplete(made: Made) -> list[tuple[str, str]]:
    return [(notice.where, notice.message) for notice in made.notices if notice.code == Code.TEXT_INCOMPLETE]


def test_summaries_become_whole() -> None:
    made, asked = read({"/1": page(1), "/2": page(2)})
    assert asked == ["/1", "/2"]
    assert [article.html.count("boats number") for article in articles(made)] == [6, 6]
    assert [article.title for article in articles(made)] == ["Post 1", "Post 2"]
    assert incomplete(made) == []


@pytest.mark.parametrize(
    ("content", "full_text", "asked"),
    [("", "never", []), (WHOLE, "auto", []), (WHOLE, "always", ["/1", "/2"]), ("", "always", ["/1", "/2"])],
)
def test_what_is_asked_for(content: str, full_text: str, asked: list[str]) -> None:
    made, found = read({"/1": page(1), "/2": page(2)}, content=content, full_text=full_text)
    assert found == asked
    assert ["boats number" in article.html for article in articles(made)] == [bool(asked)] * 2


def test_what_was_had_once_is_not_asked_for_again(tmp_path: Path) -> None:
    with serve(published(range(1, 3), {"/1": page(1), "/2": page(2)})) as server:
        first = make_book(job(server, cache=tmp_path), NOW)
        asked = len(server.paths)
        (tmp_path / "http.sqlite3").unlink()  # else it would answer for the pages, for an hour
        second = make_book(job(server, cache=tmp_path), NOW + timedelta(days=1))
        assert server.paths[asked:] == ["/feed"]
    assert [article.html for article in articles(first)] == [article.html for article in articles(second)]


def test_who_logs_in_gets_another_page_than_strangers(tmp_path: Path) -> None:
    def gate(exchange: Exchange) -> None:
        part = 2 if exchange.headers.get("authorization") else 1
        page(1, text(1, part))(exchange)

    with serve(published(range(1, 2), {"/1": gate})) as server:
        wanted = job(server, cache=tmp_path)
        grant = Grant(headers=(("authorization", "Bearer t"),))
        for grants, found in (({}, [1]), ({wanted.sources[0]: grant}, [2]), ({}, [1])):
            (article,) = articles(make_book(wanted, NOW, grants=grants))
            assert parts(article) == found
        assert server.paths.count("/1") == 2


def test_who_logs_in_for_one_source_does_not_for_its_neighbour() -> None:
    def gate(exchange: Exchange) -> None:
        number = int(exchange.path[1:])
        page(number, text(number, 2 if exchange.headers.get("authorization") else 1))(exchange)

    routes = {
        "/feed": body(feed(range(1, 2), "")),
        "/free": body(feed(range(2, 3), "")),
        "/1": gate,
        "/2": gate,
    }
    with serve(routes) as server:
        paid, free = f"{server.url}/feed", f"{server.url}/free"
        grants = {paid: Grant(headers=(("authorization", "Bearer t"),))}
        made = make_book(replace(job(server), sources=(paid, free)), NOW, grants=grants)
    assert {article.title: parts(article) for article in articles(made)} == {"Post 1": [2], "Post 2": [1]}


def test_a_post_on_several_pages_is_one() -> None:
    def link(number: int) -> str:
        return f'<p><a href="/1/{number}">{number}</a></p>'

    pages = {
        "/1": page(1, text(1, 1) + link(2)),
        "/1/2": page(1, text(1, 2) + link(3)),
        "/1/3": page(1, text(1, 3) + link(4)),
        "/1/4": page(1, text(1, 3) + link(5)),  # says nothing new: some sites count on for ever
    }
    made, asked = read(pages, range(1, 2))
    assert asked == ["/1", "/1/2", "/1/3", "/1/4"]
    assert parts(articles(made)[0]) == [1, 2, 3]


def test_a_ring_of_pages_ends() -> None:
    rule = SiteRule(next_page=("//a[@class='on']",))
    pages = {
        "/1": page(1, text(1, 1) + '<a class="on" href="/b">on</a>'),
        "/b": page(1, text(1, 2) + '<a class="on" href="/1">on</a>'),
    }
    made, asked = read(pages, range(1, 2), sites=Sites({"127.0.0.1": rule}))
    assert (asked, parts(articles(made)[0])) == (["/1", "/b"], [1, 2])


def test_pages_without_end_are_cut_off() -> None:
    rule = SiteRule(next_page=("//a[@class='on']",))

    def endless(exchange: Exchange) -> None:
        onward = f'<a class="on" href="{exchange.path}x">on</a>'
        page(1, text(1, len(exchange.path)) + onward)(exchange)

    made, asked = read({"/1*": endless}, range(1, 2), sites=Sites({"127.0.0.1": rule}))
    assert len(asked) == 20
    assert len(parts(articles(made)[0])) == 20


def test_the_single_page_of_a_post_is_read_in_its_place() -> None:
    rule = SiteRule(single_page=("//a[@class='all']",))
    pages = {"/1": page(1, '<a class="all" href="/1/all">On one page</a>'), "/1/all": page(1)}
    made, asked = read(pages, range(1, 2), sites=Sites({"127.0.0.1": rule}))
    assert (asked, parts(articles(made)[0])) == (["/1", "/1/all"], [1])


def test_single_pages_that_lead_in_a_ring_are_no_article() -> None:
    rule = SiteRule(single_page=("//a[@class='all']",))
    pages = {
        f"/{name}": page(1, f'<a class="all" href="/{onward}">all</a>') for name, onward in ("1a", "ab", "ba")
    }
    made, asked = read(pages, range(1, 2), sites=Sites({"127.0.0.1": rule}))
    assert asked == ["/1", "/a", "/b"]
    message = "it is not whole: its pages lead to one another in place of the post"
    assert incomplete(made) == [("Post 1", message)]


def test_a_post_with_a_page_missing_is_taken_as_far_as_it_goes_and_tried_again(tmp_path: Path) -> None:
    further = in_turn(status(404), page(1, text(1, 2)))
    routes = published(range(1, 2), {"/1": page(1, text(1) + '<a href="/1/2">2</a>'), "/1/2": further})
    with serve(routes) as server:
        first = make_book(job(server, cache=tmp_path), NOW)
        second = make_book(job(server, cache=tmp_path), NOW)
    assert [parts(articles(made)[0]) for made in (first, second)] == [[1], [1, 2]]
    assert [len(incomplete(made)) for made in (first, second)] == [1, 0]


def test_rules_come_from_a_folder_the_nearest_first(tmp_path: Path) -> None:
    (tmp_path / ".0.0.1.txt").write_text("body: //div[@id='far']", encoding="utf-8")
    (tmp_path / "127.0.0.1.txt").write_text("body: //div[@id='near']\nstrip: //b[\n", encoding="utf-8")
    content = f"<div id='far'>{text(1, 7)}</div><div id='near'>{text(1, 8)}</div>"
    made, _ = read({"/1": page(1, content)}, range(1, 2), sites=Sites(folder=tmp_path))
    assert parts(articles(made)[0]) == [8]
    (notice,) = [notice for notice in made.notices if notice.code == Code.RULE_UNREAD]
    assert notice.message == "this is no XPath: strip: //b["


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("https://www.tide.example/moon", "own"),
        ("https://blog.tide.example/moon", "wildcard"),
        ("https://en.wikipedia.org/wiki/Tide", "file"),
        ("https://de.wikipedia.org/wiki/Tide", '//div[@id="mw-content-text"]'),
        ("https://else.example/", ""),
    ],
)
def test_the_users_rule_goes_before_a_file_and_that_before_ours(
    address: str, body: str, tmp_path: Path
) -> None:
    for name in ("tide.example", "en.wikipedia.org"):
        (tmp_path / f"{name}.txt").write_text("body: file", encoding="utf-8")
    own = {"tide.example": SiteRule(("own",)), ".tide.example": SiteRule(("wildcard",))}
    rules = SiteRules(Sites(own, tmp_path))
    assert "".join(rules.of(address).body) == body


def test_pages_that_cannot_be_had_are_told_once_and_the_summaries_stay() -> None:
    made, asked = read({"/*": status(503)}, range(1, 21))
    assert len(asked) < 20  # a host that fails is given up
    assert [article.html for article in articles(made)] == [
        f"<p>Part 1 of post {number} speaks […]</p>" for number in range(1, 21)
    ]
    ((where, message), *more) = incomplete(made)
    assert where == "Harbour"
    assert re.match(r"\d+ posts are not whole: ", message)
    assert len(more) < 3


def test_without_a_network_nothing_waits() -> None:
    with serve({"/feed": body(feed(range(1, 9), "https://harbour.invalid"))}) as server:
        made = make_book(job(server), NOW)
    assert len(articles(made)) == 8
    assert [where for where, _ in incomplete(made)] == ["Harbour"]


@pytest.mark.parametrize(
    ("route", "message"),
    [
        (body(b"%PDF-1.7", content_type="application/pdf"),
         "its address leads to no web page (application/pdf)"),
        (redirect("/"), "its address leads to the front page now"),
        (body(b"<html><title>Before you go on</title><p>We value your privacy and that of our partners"),
         "its address leads to a page that says nothing of it (a wall, or an error)"),
        (page(1, "<p>Part 1 of post 1 speaks</p>"), "its page has no more of it"),
        (page(1, text(1), '<script type="application/ld+json">{"isAccessibleForFree": false}</script>'),
         "its page says that the text is not free, what it shows was taken"),
    ],
)  # fmt: skip
def test_what_is_not_the_posts_page(route: Route, message: str) -> None:
    made, _ = read({"/1": route, "/": page(9)}, range(1, 2))
    assert incomplete(made) == [("Post 1", f"it is not whole: {message}")]


def test_a_picture_that_all_pages_name_is_the_sites_own() -> None:
    def image(name: str) -> str:
        return f'<meta property="og:image" content="/{name}.png">'

    pages = {
        "/1": page(1, "", image("logo")),
        "/2": page(2, "", image("logo")),
        "/3": page(3, "", image("boat")),
    }
    made, asked = read(pages, range(1, 4))
    assert [path for path in asked if path.endswith("png")] == ["/boat.png"]
    assert [len(article.images) for article in articles(made)] == [0, 0, 1]


def completed(*entries: Entry, options: FetchOptions = QUICK) -> tuple[list[Entry], tuple[Notice, ...]]:
    """Complete entries as a sitemap or a folder of saved pages gives them."""
    plan = plan_anew([(Feed("https://harbour.invalid/", entries=entries), entries)])
    with Fetcher(options) as fetcher, started(Job((), base=entries[0].url, fetch=options)) as run:
        found = complete(plan, run, fetcher)
    return list(found.selected[0][1]), found.notices


def test_an_entry_that_is_an_address_alone_gets_all_from_its_page() -> None:
    head = '<meta name="author" content="Ada Marsh"><meta name="date" content="2026-03-04">'
    with serve({"/1": page(1, "", head)}) as server:
        (entry,), notices = completed(Entry("1", url=f"{server.url}/1"))
    assert (entry.title, entry.authors) == ("Post 1", ("Ada Marsh",))
    assert entry.published == datetime(2026, 3, 4, tzinfo=UTC)
    assert (entry.content.count("boats number"), notices) == (6, ())


def test_a_saved_page_is_read_without_a_network() -> None:
    saved = f"<html><title>Post 1</title><nav>Home and all the rest</nav><main>{text(1)}</main>"
    saved += '<a href="/1/2">2</a></html>'
    entry = Entry("1.html", url="https://harbour.invalid/1", content=saved, content_kind="page")
    (found,), notices = completed(entry, options=replace(QUICK, offline=True))
    assert (found.title, found.content_kind, notices) == ("Post 1", "content", ())
    assert found.content.count("boats number") == 6
    assert "Home" not in found.content


def test_processes_are_begun_for_all_pages_together_each_of_which_is_read_once() -> None:
    class Announced(Workers):
        begun, read = 0.0, 0.0

        def begin(self, seconds: float) -> None:
            self.begun += seconds

        def map(
            self, function: Callable[[A], B], items: Sequence[A], *, seconds: float = math.inf
        ) -> Iterator[B]:
            self.read += seconds
            return super().map(function, items, seconds=seconds)

    saved = f"<html><title>A post</title><main>{text(1)}</main></html>"
    entries = tuple(Entry(f"{number}.html", content=saved, content_kind="page") for number in range(60))
    plan = plan_anew([(Feed("file:///saved", entries=entries), entries)])
    workers = Announced()
    with Fetcher(QUICK) as fetcher, started(Job(())) as run:
        complete(plan, replace(run, workers=workers), fetcher)
    assert workers.begun == pytest.approx(workers.read) == pytest.approx(60e-6 * len(saved))


def test_a_living_book_gets_what_was_missing_and_calls_it_no_change(tmp_path: Path) -> None:
    book = tmp_path / "book.epub"
    with serve(
        published(range(1, 3), {"/1": page(1), "/2": in_turn(status(404), status(404), page(2))})
    ) as server:
        _, report = make_epub(job(server), NOW)
        book.write_bytes(report.artifacts[0].data)
        made, report = update_epub(job(server), book, NOW)
        assert (made.book, report.artifacts) == (None, ())
        made, report = update_epub(job(server), book, NOW)
        assert server.paths.count("/1") == 1
    assert made.book
    assert (len(report.artifacts), dict(made.book.news)) == (1, {})
    assert ["boats number" in article.html for article in articles(made)] == [False, True]


def test_it_is_the_same_wherever_the_work_is_done() -> None:
    pages = {f"/{number}": page(number) for number in range(1, 7)}
    with serve(published(range(1, 7), pages)) as server:
        alone = make_book(job(server), NOW)
        with ThreadPoolExecutor(2) as executor:
            shared = make_book(job(server), NOW, executor=executor)
    assert alone.book == shared.book
