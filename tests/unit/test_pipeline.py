"""What the wiring does between the rooms."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from factories import picture
from server.app import body, serve

from feed2book.errors import Code
from feed2book.models import FetchOptions, Job
from feed2book.pipeline import make_book

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def feed(folder: Path, base: str) -> Path:
    """Write a feed of one post with a picture of two sizes."""
    path = folder / "feed.xml"
    image = (
        f'<img src="{base}/small.png" srcset="{base}/small.png 320w, {base}/large.png 1600w" alt="A gate">'
    )
    path.write_text(
        "<rss><channel><title>Gates</title><item><title>One</title><guid>1</guid><description>"
        f"<![CDATA[<p>Look:</p><p>{image}</p>]]></description></item></channel></rss>",
        encoding="utf-8",
    )
    return path


def test_a_page_in_the_place_of_a_picture_leads_to_its_next_address(tmp_path: Path) -> None:
    routes = {"/large.png": body(b"<!doctype html><p>Gone"), "/small.png": body(picture().data)}
    with serve(routes) as server:
        made = make_book(Job((str(feed(tmp_path, server.url)),), base=server.url), NOW)
        assert server.paths == ["/large.png", "/small.png"]
    assert made.book
    assert [asset.width for asset in made.book.assets] == [320]


def test_a_post_has_so_many_pictures_and_no_more(tmp_path: Path) -> None:
    routes = {"/large.png": body(picture().data), "/small.png": body(picture().data)}
    with serve(routes) as server:
        path = feed(tmp_path, server.url)
        path.write_text(path.read_text().replace("</p>]]>", f'</p><img src="{server.url}/small.png">]]>'))
        options = FetchOptions(max_post_images=1)
        made = make_book(Job((str(path),), base=server.url, fetch=options), NOW)
        assert server.paths == ["/large.png"]
    (notice,) = [one for one in made.notices if one.code == Code.IMAGE_MISSING]
    assert notice.message == "a picture is missing: its post has more than 1"


def test_a_picture_that_no_address_gives_is_told_with_the_reason(tmp_path: Path) -> None:
    with serve({"/*": body(b"<!doctype html><p>Gone")}) as server:
        made = make_book(Job((str(feed(tmp_path, server.url)),), base=server.url), NOW)
    (notice,) = [one for one in made.notices if one.code == Code.IMAGE_MISSING]
    assert notice.message == "a picture is missing: a web page, not a picture"
