"""Sites that change while they are read, repeat themselves, fail, or mean ill; and what is read later."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from archives import numbers, read, said, serving
from server.app import Exchange, serve
from server.blog import Blog, Post, atom, make_posts, rss

from feed2book.errors import FeedError
from feed2book.pipeline import walk

COUNT = 60
ALL = list(range(COUNT, 0, -1))


def at(path: str, *changes: Callable[[Blog], None]) -> Callable[[Blog, str], None]:
    """Change the blog just before it answers this path for the first time."""
    left = [path]

    def before(blog: Blog, asked: str) -> None:
        if asked in left:
            left.remove(asked)
            for change in changes:
                change(blog)

    return before


def publish(count: int) -> Callable[[Blog], None]:
    def change(blog: Blog) -> None:
        newest = blog.posts[0].number
        blog.posts[:0] = [Post(number) for number in range(newest + count, newest, -1)]

    return change


def delete(number: int) -> Callable[[Blog], None]:
    def change(blog: Blog) -> None:
        blog.posts = [post for post in blog.posts if post.number != number]

    return change


def move(blog: Blog) -> None:
    blog.posts = [replace(post, slug=f"moved-{post.number}") for post in blog.posts]


@pytest.mark.parametrize("published", [1, 10, 25])
@pytest.mark.parametrize(("scheme", "path"), [("wordpress", "/feed/?paged=4"), ("next", "/feed?page=4")])
def test_what_is_published_meanwhile_is_there_and_nothing_twice(
    scheme: str, path: str, published: int, tmp_path: Path
) -> None:
    blog = Blog(scheme, make_posts(COUNT), before=at(path, publish(published)))
    with serving(blog) as url:
        assert numbers(read(url, tmp_path)) == list(range(COUNT + published, 0, -1))
        asked = len(blog.log)
        read(url, tmp_path)
    assert len(blog.log) == asked + 1


def test_what_a_deleted_post_pulls_up_is_not_missed(tmp_path: Path) -> None:
    blog = Blog("wordpress", make_posts(COUNT), before=at("/feed/?paged=4", delete(COUNT - 3)))
    with serving(blog) as url:
        assert numbers(read(url, tmp_path)) == ALL, "the deleted post had been read"
        asked = len(blog.log)
        read(url, tmp_path)
    assert len(blog.log) == asked + 1


def test_posts_that_move_meanwhile_are_the_same_posts(tmp_path: Path) -> None:
    blog = Blog("wordpress", make_posts(COUNT), before=at("/feed/?paged=3", move, publish(5)))
    with serving(blog) as url:
        feed = read(url, tmp_path)
    assert numbers(feed) == list(range(COUNT + 5, 0, -1))
    assert feed.entries[10].url.endswith("/p/moved-55"), "the later address counts"


def test_a_crawl_that_is_gone_on_with_after_a_change_overlaps(tmp_path: Path) -> None:
    """New posts push the rest on, deleted ones pull it up."""
    blog = Blog("wordpress", make_posts(COUNT))
    with serving(blog) as url:
        read(url, tmp_path, limit=30)
        for number in (33, 38, 39, 41):
            delete(number)(blog)
        publish(2)(blog)
        feed = read(url, tmp_path)
    assert numbers(feed) == list(range(COUNT + 2, 0, -1))


def test_an_update_asks_until_a_page_brings_nothing(tmp_path: Path) -> None:
    blog = Blog("wordpress", make_posts(COUNT))
    with serving(blog) as url:
        read(url, tmp_path)
        publish(13)(blog)
        blog.posts[14] = replace(blog.posts[14], title="Post 59, mended")
        asked = len(blog.log)
        feed = read(url, tmp_path)
        offline = read(url, tmp_path, offline=True)
    assert numbers(feed) == list(range(COUNT + 13, 0, -1))
    assert feed.entries[14].title == "Post 59, mended"
    assert offline.entries == feed.entries
    paths = ["/feed/", "/feed/?paged=2", "/feed/?paged=3", "/feed/"]
    assert blog.log[asked:] == list(zip(paths, (200, 200, 200, 304), strict=True))


def test_updates_keep_no_more_pages_than_are_needed(tmp_path: Path) -> None:
    blog = Blog("wordpress", make_posts(20), size=5)
    with serving(blog) as url:
        for _ in range(20):
            publish(1)(blog)
            feed = read(url, tmp_path)
    assert numbers(feed) == list(range(40, 0, -1))
    with sqlite3.connect(tmp_path / "crawls.sqlite3") as database:
        assert database.execute("SELECT COUNT(*) FROM pages").fetchone()[0] <= 12


def test_a_summary_takes_no_text_away(tmp_path: Path) -> None:
    """REST gives whole posts where the feed has summaries."""
    blog = Blog("wordpress-rest", make_posts(30), summaries=True)
    with serving(blog) as url:
        read(url, tmp_path, "wordpress-rest")
        publish(1)(blog)
        feed = read(url, tmp_path, "wordpress-rest")
    assert {entry.content_kind for entry in feed.entries} == {"content"}


def test_a_page_that_fails_is_told_and_asked_for_again_next_time(tmp_path: Path) -> None:
    blog = Blog("wordpress", make_posts(COUNT), failing={"/feed/?paged=4"})
    with serving(blog) as url:
        feed = read(url, tmp_path)
        assert numbers(feed) == ALL[:30]
        assert said(feed, "archive-incomplete") == ["older posts are missing: the server failed (500)"]
        blog.failing.clear()
        assert numbers(read(url, tmp_path)) == ALL
    assert len(blog.sent) == len(set(blog.sent))


def test_offline_says_what_it_does_not_have(tmp_path: Path) -> None:
    with serving(Blog("wordpress", make_posts(COUNT))) as url:
        read(url, tmp_path, limit=30)
        feed = read(url, tmp_path, offline=True)
        assert said(read(url, tmp_path, offline=True, limit=30), "archive-incomplete") == []
    assert numbers(feed) == ALL[:30]
    assert said(feed, "archive-incomplete") == ["older posts are missing: not all pages are in the cache"]


LOOPS = {"itself": "/1", "the first page": "/feed", "one another": "/2"}


@pytest.mark.parametrize("target", LOOPS.values(), ids=LOOPS)
def test_a_loop_of_links_ends(target: str, tmp_path: Path) -> None:
    posts = make_posts(30)
    nexts = {"/feed": "/1", "/1": target, "/2": "/1"}

    def answer(exchange: Exchange) -> None:
        start = 10 * list(nexts).index(exchange.path)
        exchange.send(
            200,
            atom(server.url, posts[start : start + 10], f'<link rel="next" href="{nexts[exchange.path]}"/>'),
        )

    with serve({"*": answer}) as server:
        feed = read(f"{server.url}/feed", tmp_path)
    assert numbers(feed) == list(range(30, 0, -1))[: 30 if target == "/2" else 20]
    assert len(server.log) <= 5


def test_pages_without_end_are_left_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_MOST_PAGES", 5)

    def answer(exchange: Exchange) -> None:
        page = int(exchange.path.partition("=")[2] or 0)
        following = f'<link rel="next" href="/feed?page={page + 1}"/>'
        exchange.send(200, atom(server.url, [Post(1_000_000 - page)], following))

    with serve({"*": answer}) as server:
        feed = read(f"{server.url}/feed", tmp_path)
    assert len(feed.entries) == 5
    assert said(feed, "archive-incomplete") == ["older posts are missing: more than 5 pages"]


def test_a_link_to_a_private_host_is_not_followed(tmp_path: Path) -> None:
    with serve({"*": lambda exchange: exchange.send(200, b"secret")}) as router:
        link = f'<link rel="next" href="{router.url}/"/>'
        with serve(
            {"*": lambda exchange: exchange.send(200, atom(server.url, make_posts(10), link))}
        ) as server:
            feed = read(f"{server.url}/feed", tmp_path)
        assert router.log == []
    assert len(feed.entries) == 10
    assert said(feed, "archive-incomplete")[0].startswith("older posts are missing: a feed may not reach ")


def test_a_reader_sees_nothing_of_what_another_one_read(tmp_path: Path) -> None:
    def answer(exchange: Exchange) -> None:
        paying = exchange.headers.get("authorization")
        if "paged" in exchange.path and not paying:
            exchange.send(403)
            return
        page = int(exchange.path.partition("=")[2] or 1)
        posts = make_posts(30)[10 * page - 10 : 10 * page]
        exchange.send(200 if posts else 404, rss(server.url, posts, "https://wordpress.org/?v=6"))

    with serve({"*": answer}) as server:
        url = f"{server.url}/feed/"
        member = url.replace("//", "//ada:secret@")
        assert len(read(member, tmp_path).entries) == 30
        assert len(read(url, tmp_path).entries) == 10
        assert len(read(member, tmp_path, offline=True).entries) == 30
    assert b"secret" not in (tmp_path / "crawls.sqlite3").read_bytes()


def test_robots_may_be_kept_from_lists_but_not_from_the_pages_of_the_feed(tmp_path: Path) -> None:
    blog = Blog("wordpress", make_posts(30), robots="User-agent: *\nDisallow: /")
    with serving(blog) as url:
        assert len(read(url, tmp_path).entries) == 30
        with pytest.raises(FeedError, match="REST: its robots"):
            read(url, tmp_path, "wordpress-rest")


def test_a_damaged_record_is_made_anew(tmp_path: Path) -> None:
    blog = Blog("wordpress", make_posts(COUNT))
    with serving(blog) as url:
        read(url, tmp_path)
        (tmp_path / "crawls.sqlite3").write_bytes(b"not a database" * 1000)
        assert numbers(read(url, tmp_path)) == ALL
