"""Posts of which a list gives no more than the address: sitemaps, and the Wayback Machine's copies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from archives import KilledError, dying_at_the_next_page, serving
from server.app import Exchange, serve
from server.blog import Blog, make_posts, rss

from feed2book.errors import FetchError
from feed2book.feed import wayback
from feed2book.models import BookOptions, FetchOptions, Job, Reach
from feed2book.pipeline import outline, walk

COUNT = 250
DEAD = "http://127.0.0.1:9/feed"  # nobody listens there (RFC 863, as good as gone)
STAMP = "20200102030405"


def made(
    url: str, cache: Path, archive: str, full_text: str, limit: int | None = None
) -> list[tuple[str, str]]:
    """Return address and text of each post of the book."""
    fetch = FetchOptions(cache_dir=cache, retries=0, allow_private=True)
    reach = Reach(archive=archive, full_text=full_text)
    gathered = outline(Job((url,), fetch=fetch, book=BookOptions(limit=limit, images=False), reach=reach))
    return [(article.entry.url, article.html) for article in gathered.articles]


class Machine:
    """Loopback's own Wayback Machine, with the copies of a blog that is gone: lists of a hundred."""

    def __init__(self) -> None:
        self.site = DEAD.removesuffix("/feed")
        self.posts = make_posts(COUNT)
        self.sent: list[str] = []

    def answer(self, exchange: Exchange) -> None:
        """Answer a request."""
        path = exchange.path
        if path == "/robots.txt":
            return exchange.send(404)
        self.sent.append(path)
        if path == f"/web/2id_/{DEAD}":
            return exchange.send(200, rss(self.site, self.posts[:10]))
        if path.startswith("/cdx/search/cdx?url=127.0.0.1%3A9%2F&matchType=prefix"):
            return exchange.send(
                200, self._listed(int(found[1]) if (found := re.search(r"resumeKey=(\d+)", path)) else 0)
            )
        if found := re.fullmatch(rf"/web/{STAMP}id_/{re.escape(self.site)}/p/(\d+)", path):
            words = f"The words of post {found[1]}. " * 40
            page = f"<html><title>Post {found[1]}</title><article><p>{words}</p>"
            return exchange.send(200, page.encode(), content_type="text/html")
        return exchange.send(404)

    def _listed(self, start: int) -> bytes:
        paths = [post.path for post in self.posts] + ["/", "/about", "/tag/1", "/p/1/comments"]
        rows = [
            ["timestamp", "original"],
            *([STAMP, self.site + path] for path in paths[start : start + 100]),
        ]
        return json.dumps(rows if start + 100 >= len(paths) else [*rows, [], [str(start + 100)]]).encode()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Return a Wayback Machine that is asked instead of the real one."""
    one = Machine()
    with serve({"*": one.answer}) as server:
        monkeypatch.setattr(wayback, "_ARCHIVE", server.url)
        yield one


def test_a_blog_that_is_gone_is_read_from_its_copies(tmp_path: Path, machine: Machine) -> None:
    posts, kills = None, 0
    while posts is None:
        try:
            with dying_at_the_next_page():
                posts = made(DEAD, tmp_path, "wayback", "never")
        except KilledError:
            kills += 1
    assert sorted(int(url.rpartition("/")[2]) for url, _ in posts) == list(range(1, COUNT + 1))
    lists = [path for path in machine.sent if "/cdx/" in path]
    assert len(lists) == len(set(lists)) == kills == 3, "killed after each list, and none came twice"


def test_the_text_of_a_post_comes_from_its_copy(tmp_path: Path, machine: Machine) -> None:
    posts = dict(made(DEAD, tmp_path, "wayback", "auto", limit=12))
    assert len(posts) == 12
    told = {url for url, html in posts.items() if "The words of post" in html}
    assert told == {f"{machine.site}/p/239", f"{machine.site}/p/240"}, "the feed has the ten newer ones"


def test_a_blog_that_is_gone_is_an_error_for_who_did_not_ask_for_copies(tmp_path: Path) -> None:
    with pytest.raises(FetchError):
        made(DEAD, tmp_path, "auto", "never")


def test_posts_of_a_sitemap_are_in_the_book_in_order(tmp_path: Path) -> None:
    blog = Blog("sitemap", make_posts(30))
    with serving(blog) as url:
        posts = made(url, tmp_path, "auto", "never")
    assert [int(url.rpartition("/")[2]) for url, _ in posts] == list(range(1, 31))


def test_the_sitemaps_of_a_whole_platform_are_left_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "_MOST_FRUITLESS", 5)

    def answer(exchange: Exchange) -> None:
        sitemaps = [f"{server.url}/list-{number}.xml" for number in range(30)]
        if exchange.path == "/@ada/feed":
            exchange.send(200, rss(f"{server.url}/@ada", make_posts(10)))
        elif exchange.path == "/sitemap.xml":
            listed = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in sitemaps)
            exchange.send(200, f"<sitemapindex>{listed}</sitemapindex>".encode())
        elif exchange.path.startswith("/list-"):
            page = f"{server.url}/@tom/p{exchange.path}"
            exchange.send(200, f"<urlset><url><loc>{page}</loc></url></urlset>".encode())
        else:
            exchange.send(404)

    with serve({"*": answer}) as server:
        assert len(made(f"{server.url}/@ada/feed", tmp_path, "auto", "never")) == 10
        assert sum(path.startswith("/list-") for path in server.paths) == 5
        made(f"{server.url}/@ada/feed", tmp_path, "auto", "never")
        assert sum(path.startswith("/list-") for path in server.paths) == 5, "nor are they asked for again"
