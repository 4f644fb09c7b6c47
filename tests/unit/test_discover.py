"""The address of a site or a profile is enough: which feeds it has, and which of them is taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO, TextIOWrapper
from pathlib import Path
from time import perf_counter

import pytest
from runner import feed2book
from server.app import Exchange, Route, Server, body, serve

from feed2book.errors import FeedError, FetchError
from feed2book.feed import Candidate, channel_feeds, find_feeds, profile_feeds, several
from feed2book.feed.discover import COMMON_PATHS
from feed2book.models import FetchOptions, Job, Response
from feed2book.pipeline import Gathered, outline

ID = "UC0123456789abcdefghijkl"
VIDEOS = "https://www.youtube.com/feeds/videos.xml"

PROFILES = {
    f"https://www.youtube.com/channel/{ID}": f"{VIDEOS}?channel_id={ID}",
    f"https://m.youtube.com/channel/{ID}/videos": f"{VIDEOS}?channel_id={ID}",
    "https://www.youtube.com/user/tides": f"{VIDEOS}?user=tides",
    "https://www.youtube.com/playlist?list=PL_1-a": f"{VIDEOS}?playlist_id=PL_1-a",
    "https://github.com/ebb/flood": "https://github.com/ebb/flood/releases.atom",
    "https://github.com/ebb/flood?tab=readme#top": "https://github.com/ebb/flood/releases.atom",
    "https://github.com/ebb/flood/releases": "https://github.com/ebb/flood/releases.atom",
    "https://github.com/ebb/flood/tags": "https://github.com/ebb/flood/tags.atom",
    "https://github.com/ebb/flood/commits": "https://github.com/ebb/flood/commits.atom",
    "https://github.com/ebb/flood/commits/main/": "https://github.com/ebb/flood/commits/main.atom",
    "https://github.com/ebb": "https://github.com/ebb.atom",
    "https://gitlab.com/ebb/flood": "https://gitlab.com/ebb/flood.atom",
    "https://gitlab.com/ebb/neap/flood/-/tags": "https://gitlab.com/ebb/neap/flood/-/tags?format=atom",
    "https://mastodon.example/@ebb": "https://mastodon.example/@ebb.rss",
    "https://bsky.app/profile/ebb.example": "https://bsky.app/profile/ebb.example/rss",
    "https://bsky.app/profile/did:plc:abc": "https://bsky.app/profile/did:plc:abc/rss",
    "https://old.reddit.com/r/tides/": "https://www.reddit.com/r/tides/.rss",
    "https://www.reddit.com/user/ebb": "https://www.reddit.com/user/ebb/.rss",
    "https://medium.com/@ebb": "https://medium.com/feed/@ebb",
    "https://medium.com/the-tides": "https://medium.com/feed/the-tides",
    "https://ebb.medium.com": "https://ebb.medium.com/feed",
    "https://ebb.substack.com/archive": "https://ebb.substack.com/feed",
    "https://www.tumblr.com/ebb": "https://ebb.tumblr.com/rss",
    "https://ebb.tumblr.com/": "https://ebb.tumblr.com/rss",
    "https://ebb.wordpress.com": "https://ebb.wordpress.com/feed/",
    "https://ebb.blogspot.com": "https://ebb.blogspot.com/feeds/posts/default",
}


@pytest.mark.parametrize("address", PROFILES)
def test_a_profile_has_its_feed_at_a_known_place(address: str) -> None:
    assert profile_feeds(address)[0].url == PROFILES[address]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "github.com",
        "https://github.com/",
        "https://github.com/topics/rss",
        "https://github.com/ebb/flood/issues",
        "https://github.com/ebb/flood/releases.atom",
        "https://www.youtube.com/@ebb",
        "https://www.youtube.com/watch?v=abc",
        "https://www.medium.com/",
        "https://ebb.example/2026/11/@tides",
        "https://notgithub.com/ebb",
        f"file:///www.youtube.com/channel/{ID}",
    ],
)
def test_any_other_address_is_asked_itself(address: str) -> None:
    assert profile_feeds(address) == ()


def test_a_page_of_youtube_says_which_channel_it_shows() -> None:
    page = Response("https://www.youtube.com/@ebb", 200, (), f'{{"externalId":"{ID}"}}'.encode())
    assert channel_feeds(page) == (Candidate(f"{VIDEOS}?channel_id={ID}"),)
    assert channel_feeds(Response("https://ebb.example/", 200, (), page.body)) == ()


def page(*links: str, url: str = "https://ebb.example/", fields: Mapping[str, str] | None = None) -> Response:
    text = f"<!doctype html><html><head>{''.join(links)}"
    return Response(url, 200, tuple((fields or {}).items()), text.encode())


def link(href: str, title: str = "") -> str:
    return f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'


@pytest.mark.parametrize(
    ("href", "title", "kind"),
    [
        ("/feed/", "Ebb", "posts"),
        ("/comments/feed/", "", "comments"),
        ("/feed/?post=1", "Ebb » Comments", "comments"),
        ("/category/moon/feed/", "", "category"),
        ("/?feed=rss2&cat=3", "", "category"),
        ("/podcast.xml", "", "podcast"),
        ("/audio.xml", "The Podcast", "podcast"),
    ],
)
def test_a_feed_is_told_by_its_address_and_title(href: str, title: str, kind: str) -> None:
    (found,) = find_feeds(page(link(href, title)))
    assert (found.url, found.kind) == (f"https://ebb.example{href}", kind)


def test_the_page_of_a_category_has_the_feed_of_the_category() -> None:
    own, other = "https://ebb.example/tag/moon/feed/", "https://ebb.example/tag/sun/feed/"
    found = find_feeds(page(link(other), link(own), url="https://ebb.example/tag/moon/"))
    assert [(one.url, one.kind) for one in found] == [(own, "posts"), (other, "category")]


def test_feeds_are_named_in_fields_and_in_links_of_the_text_too() -> None:
    fields = {"link": '</one.json>; rel="alternate"; type="application/feed+json", </x>; rel="next"'}
    anchors = '<a href="/rss.xml"></a><a href="https://other.example/feed"></a><a href="/feedback"></a>'
    found = find_feeds(page(link("/two.xml"), anchors, fields=fields))
    assert [one.url.removeprefix("https://ebb.example") for one in found] == [
        "/one.json",
        "/two.xml",
        "/rss.xml",
    ]


@pytest.mark.parametrize(
    ("hrefs", "choice"),
    [
        (["/feed.xml"], False),
        (["/feed.xml", "/atom.xml", "/feed.json"], False),
        (["/blog/rss", "/blog/atom/"], False),
        (["/rss/blog", "/atom/blog"], False),
        (["/feed/", "/comments/feed/", "/tag/a/feed/"], False),
        (["/blog/feed", "/news/feed"], True),
    ],
)
def test_several_formats_of_one_feed_are_no_choice(hrefs: list[str], choice: bool) -> None:
    assert several(find_feeds(page(*map(link, hrefs)))) is choice


@pytest.mark.parametrize("base", ["http://[", f"/{'a' * 3_000}/"])
def test_a_base_that_leads_nowhere_counts_as_none(base: str) -> None:
    (found,) = find_feeds(page(f'<base href="{base}">', link("feed.xml")))
    assert found.url == "https://ebb.example/feed.xml"


def test_an_address_without_end_is_left_out() -> None:
    (found,) = find_feeds(page(link("/feed.xml"), link(f"/{'.' * 200_000}x")))
    assert found.url == "https://ebb.example/feed.xml"


def test_addresses_of_many_dashes_are_compared_at_once() -> None:
    named = [Candidate(f"https://ebb.example/{number}{'-' * 20_000}x") for number in (1, 2)]
    start = perf_counter()
    assert several(named)
    assert perf_counter() - start < 1


def test_what_a_page_says_of_a_feed_is_fit_for_a_terminal() -> None:
    (found,) = find_feeds(page(link("/feed\x1b[2J.xml", "E\x1b[31mbb\x07\n Flood"), link("file:///feed.xml")))
    assert found == Candidate("https://ebb.example/feed[2J.xml", "E [31mbb Flood")


# On a real server.


def feed(title: str, posts: int = 1) -> Route:
    items = "".join(
        f"<item><title>{n}</title><guid>{title}{n}</guid><pubDate>Mon, 23 Nov 2026 0{n}:00:00 GMT</pubDate>"
        "<description>Water.</description></item>"
        for n in range(posts)
    )
    return body(f"<rss><channel><title>{title}</title>{items}</channel></rss>".encode())


def site(*links: str) -> Route:
    return body(f"<!doctype html><html><head>{''.join(links)}".encode(), content_type="text/html")


def read(server: Server, path: str = "/") -> Gathered:
    return outline(Job((f"{server.url}{path}",), fetch=FetchOptions(retries=0)))


def test_the_main_feed_of_several_is_taken_and_a_notice_says_so() -> None:
    links = (link("/comments/feed"), link("/blog/feed"), link("/news/feed"))
    with serve({"/": site(*links), "/blog/feed": feed("Blog"), "/news/feed": feed("News")}) as server:
        found = read(server)
        assert [one.title for one, _ in found.feeds] == ["Blog"]
        (notice,) = [one for one in found.notices if one.code == "feed-chosen"]
        assert notice.message.endswith(f"'feed2book discover {server.url}/' lists them")
        assert server.paths == ["/", "/blog/feed"]


@pytest.mark.parametrize("place", ["/rss.xml", "/?feed=rss2"])
def test_a_feed_that_nobody_names_is_looked_for_where_they_are(place: str) -> None:
    with serve({"/about": site(), place: feed("Ebb")}) as server:
        assert [one.title for one, _ in read(server, "/about").feeds] == ["Ebb"]
        assert server.paths == [
            "/about",
            *(f"/{path}" for path in COMMON_PATHS[: COMMON_PATHS.index(place[1:]) + 1]),
        ]


def test_a_feed_of_comments_is_never_taken() -> None:
    with serve({"/": site(link("/comments/feed")), "/comments/feed": feed("Comments")}) as server:
        message = r"names only feeds of comments, and there is none at /feed, /rss.xml, .*/\?feed=rss2"
        with pytest.raises(FeedError, match=message):
            read(server)


def test_a_feed_that_is_named_where_nobody_may_ask_is_passed_over() -> None:
    pages = {"/": site(link("http://10.0.0.1/feed"), link("/blog.xml")), "/blog.xml": feed("Blog")}
    with serve(pages) as server:
        assert [one.title for one, _ in read(server).feeds] == ["Blog"]


def test_a_feed_that_fails_today_is_not_replaced_by_another() -> None:
    def broken(exchange: Exchange) -> None:
        exchange.send(503)

    with serve({"/": site(link("/feed"), link("/b/feed")), "/feed": broken, "/b/feed": feed("B")}) as server:
        with pytest.raises(FetchError):
            read(server)
        assert "/b/feed" not in server.paths


def test_a_profile_is_asked_for_its_feed_at_once_and_else_itself() -> None:
    pages = {"/@ebb.rss": feed("Ebb"), "/@flood": site(link("/f.xml")), "/f.xml": feed("Flood")}
    with serve(pages) as server:
        assert [one.title for one, _ in read(server, "/@ebb").feeds] == ["Ebb"]
        assert server.paths == ["/@ebb.rss"]
        assert [one.title for one, _ in read(server, "/@flood").feeds] == ["Flood"]
        assert server.paths[1:] == ["/@flood.rss", "/@flood", "/f.xml"]


@pytest.mark.parametrize("place", ["/blog.xml", "/atom.xml"])
def test_a_feed_that_was_found_is_asked_at_once_and_had_offline(place: str, tmp_path: Path) -> None:
    links = (link("/blog.xml"), link("/news.xml")) if place == "/blog.xml" else ()
    with serve({"/": site(*links), place: feed("Ebb")}) as server:
        job = Job((f"{server.url}/",), fetch=FetchOptions(cache_dir=tmp_path))
        first = outline(job)
        server.log.clear()
        again = outline(job)
        assert server.paths == [place]
        offline = outline(replace(job, fetch=replace(job.fetch, offline=True)))
        assert server.paths == [place]
    assert first.feeds == again.feeds == offline.feeds
    assert first.notices == again.notices == offline.notices


def test_a_feed_that_went_is_looked_for_anew(tmp_path: Path) -> None:
    def turn(first: Route, then: Route) -> Route:
        return lambda exchange: (first if exchange.count == 1 else then)(exchange)

    pages = {"/": turn(site(link("/a.xml")), site(link("/b.xml")))}
    pages |= {"/a.xml": turn(feed("A"), site()), "/b.xml": feed("B")}
    with serve(pages) as server:
        job = Job((f"{server.url}/",), fetch=FetchOptions(cache_dir=tmp_path))
        outline(job)
        for _ in range(2):
            assert [one.title for one, _ in outline(job).feeds] == ["B"]
        assert server.paths[2:] == ["/a.xml", "/", "/b.xml", "/b.xml"]


def test_who_logs_in_has_a_feed_of_his_own(tmp_path: Path) -> None:
    def home(exchange: Exchange) -> None:
        page = link("/own.xml" if exchange.headers["authorization"] else "/all.xml")
        exchange.send(200, f"<!doctype html><html><head>{page}".encode(), content_type="text/html")

    with serve({"/": home, "/own.xml": feed("Own"), "/all.xml": feed("All")}) as server:
        for login, title in (("", "All"), ("ebb:flood@", "Own"), ("", "All")):
            source = f"{server.url}/".replace("://", f"://{login}")
            job = Job((source,), fetch=FetchOptions(cache_dir=tmp_path))
            assert [one.title for one, _ in outline(job).feeds] == [title]


def test_discover_lists_what_there_is_and_the_main_one_first() -> None:
    links = (link("/comments/feed", "Comments"), link("/gone.xml"), link("/blog.xml"))
    pages = {"/": site(*links), "/blog.xml": feed("Blog", 3), "/comments/feed": feed("Said")}
    with serve(pages) as server:
        done = feed2book("discover", f"{server.url}/")
        assert (done.code, done.said.replace(server.url, "").splitlines()) == (
            0,
            [
                "/blog.xml",
                "    posts: Blog, 3 posts, the newest of 2026-11-23",
                "/gone.xml",
                "    posts: no feed (there is nothing at this address (404))",
                "/comments/feed",
                "    comments: Said, 1 post, the newest of 2026-11-23",
            ],
        )
        first = json.loads(feed2book("discover", "--json", f"{server.url}/").said)[0]
        assert (first["url"], first["posts"]) == (f"{server.url}/blog.xml", 3)
        assert first["newest"] == "2026-11-23T02:00:00+00:00"


def test_discover_names_standard_input_as_its_user_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rss = b"<rss><channel><title>Ebb</title><item><title>Flood</title></item></channel></rss>"
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(rss)))
    assert feed2book("discover", "-").said.splitlines() == ["-", "    posts: Ebb, 1 post"]


def test_a_saved_page_without_a_feed_is_not_said_to_have_been_searched(tmp_path: Path) -> None:
    (saved := tmp_path / "page.html").write_bytes(page().body)
    message = "this is a web page that names no feed — give the address of the feed itself"
    assert feed2book("discover", saved).said == f"feed2book: {saved}: {message}\n"


def test_discover_asks_as_the_other_commands_do() -> None:
    def own(exchange: Exchange) -> None:
        feed("Own")(exchange) if exchange.headers["x-key"] == "flood" else exchange.send(403)

    with serve({"/@ebb.rss": own}) as server:
        done = feed2book("discover", f"{server.url}/@ebb", "--header", "X-Key: flood")
        assert (done.code, done.said.splitlines()) == (
            0,
            [f"{server.url}/@ebb.rss", "    posts: Own, 1 post, the newest of 2026-11-23"],
        )
