"""Posts of which only their pages say when they were published: order, ranges of dates, later builds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from server.app import Exchange, Route, Server, body, serve

from feed2book.models import BookOptions, Edition, FetchOptions, Job, RenderOptions, Secret, Source
from feed2book.pipeline import Made, draft_edition, make_book, make_epub, update_epub

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SHUFFLED = (2, 4, 1, 3)


def page(exchange: Exchange) -> None:
    """Answer with the page of a post, which appeared on the day of March that is its number."""
    number = int(exchange.path[1:])
    words = (
        f"Post {number} speaks of the harbour, of the water that comes in and of that which goes out. " * 6
    )
    head = f'<title>Post {number}</title><meta name="date" content="2026-03-{number:02}">'
    markup = f"<!doctype html><html><head>{head}</head><body><article><p>{words}</p></article></body></html>"
    exchange.send(200, markup.encode(), content_type="text/html")


def site(numbers: Sequence[int] = SHUFFLED) -> dict[str, Route]:
    """Return the routes of a site whose feed has posts in that order, without their dates."""

    def feed(exchange: Exchange) -> None:
        items = "".join(
            f"<item><title>Post {number}</title><link>{exchange.server.url}/{number}</link>"
            f"<description>Post {number} speaks […]</description></item>"
            for number in numbers
        )
        exchange.send(
            200, f"<rss version='2.0'><channel><title>Harbour</title>{items}</channel></rss>".encode()
        )

    return {"/feed": feed, "/robots.txt": body(b""), "/*": page}


def job(server: Server, cache: Path | None = None, **wanted: object) -> Job:
    fetch = FetchOptions(retries=0, cache_dir=cache)
    return Job((f"{server.url}/feed",), fetch=fetch, book=BookOptions(cover=False, **wanted))  # type: ignore[arg-type]


def numbers(made: Made) -> list[int]:
    assert made.book
    return [int(article.title.removeprefix("Post ")) for article in made.book.articles]


@pytest.mark.parametrize(("order", "expected"), [("oldest", [1, 2, 3, 4]), ("newest", [4, 3, 2, 1])])
def test_posts_stand_in_the_order_of_their_pages_dates(order: str, expected: list[int]) -> None:
    with serve(site()) as server:
        assert numbers(make_book(job(server, order=order), NOW)) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"since": datetime(2026, 3, 2, tzinfo=UTC)}, [2, 3, 4]),
        ({"until": datetime(2026, 3, 3, tzinfo=UTC)}, [1, 2]),
        ({"since": datetime(2026, 3, 2, tzinfo=UTC), "limit": 2}, [3, 4]),
    ],
    ids=["since", "until", "the newest of a range"],
)
def test_a_range_counts_by_the_dates_of_pages_which_are_asked_for_once(
    wanted: dict[str, object], expected: list[int], tmp_path: Path
) -> None:
    with serve(site()) as server:
        assert numbers(make_book(job(server, tmp_path, **wanted), NOW)) == expected
        assert sorted(server.paths) == ["/1", "/2", "/3", "/4", "/feed", "/robots.txt"]


@pytest.mark.parametrize(("order", "expected"), [("oldest", [1, 2, 3, 4]), ("newest", [4, 3, 2, 1])])
def test_a_living_book_keeps_its_order(order: str, expected: list[int], tmp_path: Path) -> None:
    older, posts = tmp_path / "book.epub", [4, 1]
    with serve(site(posts)) as server:
        _, report = make_epub(job(server, order=order), NOW)
        older.write_bytes(report.artifacts[0].data)
        posts[:] = SHUFFLED
        made, _ = update_epub(job(server, order=""), older, NOW)
    assert numbers(made) == expected


def test_an_issue_has_the_order_of_its_sources(tmp_path: Path) -> None:
    def no_secret(secret: Secret) -> str:
        raise AssertionError(secret)

    with serve(site()) as one, serve(site((1, 2))) as other:
        sources = (Source(f"{one.url}/feed", order="newest"), Source(f"{other.url}/feed"))
        edition = Edition("weekly", sources, FetchOptions(retries=0), BookOptions(), RenderOptions())
        report = draft_edition(edition, tmp_path, NOW, reveal=no_secret)
    assert report.issue
    assert [post.title for post in report.issue.posts] == [f"Post {number}" for number in (4, 3, 2, 1, 1, 2)]
