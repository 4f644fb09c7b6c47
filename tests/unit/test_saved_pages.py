"""A folder of saved pages is a source: which files are pages, what they say, which pictures may be read."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from answers import whole
from PIL import Image
from runner import feed2book

from feed2book.errors import BlockedError, FeedError, FetchError, UsageError
from feed2book.feed import parse_saved
from feed2book.fetch import Fetcher
from feed2book.models import Entry, Feed, FetchOptions, Folder, Response

POST = "<article><h1>{0}</h1><p>A post about {0}, long enough to be told from what is around.</p></article>"


def page(head: str, body: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def png() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((200, 120), 40).save(file, "PNG")
    return file.getvalue()


def put(folder: Path, **files: bytes) -> None:
    """Write files; ``__`` in their names stands for a slash, ``_html`` and ``_png`` at the end for a dot."""
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_html", ".html").replace("_png", ".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def opened(path: Path, base: str = "", limit: int = 10_000) -> Feed:
    with Fetcher(FetchOptions(max_file_bytes=limit)) as fetcher:
        folder = fetcher.folder(str(path), base=base)
        assert folder is not None
        return parse_saved(folder)


def said(head: str, body: str = "", pictures: frozenset[str] = frozenset()) -> Entry:
    response = Response("file:///saved/sub/a.html", 200, (), page(head, body), "sub/a.html")
    return parse_saved(Folder("saved", "file:///saved", [response], pictures, "saved:1/")).entries[0]


def test_every_page_of_a_folder_is_a_post_and_frames_and_hidden_files_are_not(tmp_path: Path) -> None:
    put(tmp_path, a_html=page("<title>A</title>"), sub__b_html=page("<title>B</title>"))
    put(tmp_path, a_files__frame_html=page("<title>Frame</title>"), **{"sub__b-Dateien__c_html": page("")})
    put(tmp_path, x_files__d_html=page("<title>D</title>"), **{".git__e_html": page("")})
    feed = opened(tmp_path)
    assert sorted(entry.title for entry in feed.entries) == ["A", "B", "D"], "x_files belongs to no page"
    assert (feed.title, feed.url) == (tmp_path.name, tmp_path.as_uri())


def test_posts_without_a_date_keep_the_order_of_their_files(tmp_path: Path) -> None:
    for number in (10, 9, 2, 1):
        put(tmp_path, **{f"post-{number}_html": page(f"<title>{number}</title>")})
    assert [entry.title for entry in opened(tmp_path).entries] == ["10", "9", "2", "1"], "the newest first"


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="https://e.example/a?x=1&amp;y=2">', "https://e.example/a?x=1&y=2"),
        ("<meta property='og:url' content=https://e.example/b>", "https://e.example/b"),
        ("<!-- saved from url=(0021)https://e.example/c/ -->", "https://e.example/c/"),
        ("<!--\n Page saved with SingleFile \n url: https://e.example/d \n saved date: x -->", "https://e.example/d"),
        ('<link rel="canonical" href="/relative">', ""),
    ],
)  # fmt: skip
def test_a_page_says_where_it_comes_from(head: str, url: str) -> None:
    entry = said(head)
    assert (entry.url, entry.base, entry.id) == (url, url, url or "sub/a.html")


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta property="article:published_time" content="2026-03-01T10:00:00+01:00">', ""),
        ('<meta content="2026-03-01 09:00" name="DC.Date">', ""),
        ('<script type="application/ld+json">{"datePublished": "2026-03-01T09:00:00Z"}</script>', ""),
        ("", '<time datetime="2026-03-01T09:00Z">a Sunday</time> <time datetime="2026-04-01">later</time>'),
    ],
)
def test_a_page_says_when_it_was_published(head: str, body: str) -> None:
    assert said(head, body).published == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_the_name_of_the_site_is_no_part_of_a_title() -> None:
    site = '<meta property="og:site_name" content="The Gauge">'
    assert said(f"<title>Rain &amp; wind – The Gauge</title>{site}").title == "Rain & wind"
    assert said(f"<title>The Gauge</title>{site}").title == "The Gauge"


def test_the_start_of_a_site_is_no_post(tmp_path: Path) -> None:
    home = page('<title>Home</title><link rel="canonical" href="https://e.example/">')
    put(tmp_path, index_html=home)
    with pytest.raises(FeedError, match="no page in this folder is a post"):
        opened(tmp_path)
    put(tmp_path, a_html=page("<title>A</title><meta property='og:url' content='https://e.example/a'>"))
    feed = opened(tmp_path)
    assert [entry.title for entry in feed.entries] == ["A"]
    assert feed.home == "https://e.example/"


def test_a_mirror_of_a_site_has_the_addresses_of_that_site(tmp_path: Path) -> None:
    put(tmp_path, **{"2026__a b_html": page("<title>A</title>")})
    assert opened(tmp_path, base="https://e.example/").entries[0].url == "https://e.example/2026/a%20b.html"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<img src="./a_files/p q.png" srcset="/p@2.png 2x">', '<img src="saved:1/sub/a_files/p%20q.png">'),
        ("<img src='a_files/p%20q.png?v=2'>", '<img src="saved:1/sub/a_files/p%20q.png">'),
        ("<img src=../top.png>", '<img src="saved:1/top.png">'),
        ('<source srcset="../top.png 2x">', '<source srcset="saved:1/top.png">'),
        ('<img src="../../etc/passwd">', '<img src="../../etc/passwd">'),
        ('<img src="/top.png">', '<img src="/top.png">'),
        ('<img src="file:///saved/top.png">', '<img src="file:///saved/top.png">'),
        ('<img src="b.png" srcset="c.png 2x">', '<img src="b.png" srcset="c.png 2x">'),
        ('<a href="../top.png">a</a>', '<a href="../top.png">a</a>'),
    ],
)
def test_pictures_beside_a_page_are_found_there_and_all_others_on_the_web(markup: str, expected: str) -> None:
    pictures = frozenset({"sub/a_files/p q.png", "top.png"})
    assert said("", markup, pictures).content == page("", expected).decode()


def test_what_is_no_folder_of_pages_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no web page in this folder — name one with saved \*\.html files"):
        opened(tmp_path)
    put(tmp_path, a_html=bytes(600), b_html=bytes(600))
    with pytest.raises(FetchError, match="larger than 1000 bytes"):
        opened(tmp_path, limit=1_000)
    with Fetcher(FetchOptions()) as fetcher:
        assert fetcher.folder(str(tmp_path / "a.html")) is None
        assert fetcher.folder("example.org") is None


def test_only_pictures_in_a_named_folder_are_read(tmp_path: Path) -> None:
    put(tmp_path, inside__a_html=page(""), inside__a_files__p_png=png(), outside_png=png())
    (tmp_path / "inside" / "a_files" / "link.png").symlink_to(tmp_path / "outside.png")
    (tmp_path / "inside" / "linked").symlink_to(tmp_path)
    with Fetcher(FetchOptions()) as fetcher:
        folder = fetcher.folder(str(tmp_path / "inside"))
        assert folder is not None
        assert folder.pictures == {"a_files/p.png"}
        names = (
            "a_files/p.png",
            "a_files/link.png",
            "linked/outside.png",
            "../outside.png",
            "%2E%2E/outside.png",
        )
        found = fetcher.images([(folder.prefix + name,) for name in names], whole, trusted=())
    first, *others = found.values()
    assert isinstance(first, Response)
    assert first.body.startswith(b"\x89PNG")
    assert [type(other) for other in others] == [BlockedError] * 4


def test_a_feed_from_the_web_reads_no_file(tmp_path: Path) -> None:
    put(tmp_path, a_html=page(""), p_png=png())
    with Fetcher(FetchOptions()) as fetcher:
        (found,) = fetcher.images([("saved:0/p.png",)], whole, trusted=()).values()
    assert isinstance(found, BlockedError)


def test_a_book_of_saved_pages_has_their_pictures_and_does_not_say_where_they_were(tmp_path: Path) -> None:
    post = POST.format("rain").replace(
        "</article>", '<p><img src="a_files/p.png" alt="A view"></p></article>'
    )
    put(tmp_path, pages__a_html=page("<title>A</title>", f"<nav>Elsewhere</nav>{post}"))
    put(tmp_path, pages__a_files__p_png=png(), pages__b_html=page("<title>B</title>", POST.format("wind")))
    done = feed2book("epub", tmp_path / "pages", "-o", tmp_path / "book.epub")
    assert done.code == 0, done.said
    with zipfile.ZipFile(tmp_path / "book.epub") as book:
        files = {name: book.read(name) for name in book.namelist()}
    assert b"Elsewhere" not in b"".join(files.values()), "of a page, the article is in the book"
    assert any(name.endswith(".png") and "images/img-" in name for name in files)
    assert not [name for name, data in files.items() if b"saved:" in data or bytes(tmp_path) in data]
