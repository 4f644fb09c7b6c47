"""A book in volumes: each fits, each is a book of its own, links between them lead to the web."""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from factories import ident, img, key_of, link, make_article, make_book, make_part
from lxml import etree
from PIL import Image

from feed2book.book import volumes
from feed2book.devices import DEVICES
from feed2book.models import Article, Asset, Blob, Book, RenderOptions
from feed2book.pipeline import numbered
from feed2book.render.epub import render_epub

BUDGET = 2_500_000


def _photo(number: int, side: int = 700) -> Asset:
    """Return a picture that does not compress: about ``side`` squared bytes."""
    noise = random.Random(number).randbytes(side * side)
    out = io.BytesIO()
    Image.frombytes("L", (side, side), noise).save(out, "PNG")
    data = out.getvalue()
    return Asset(f"img-{hashlib.sha256(data).hexdigest()[:16]}", "image/png", Blob(data), side, side)


@pytest.fixture(scope="module")
def book() -> Book:
    photos = [_photo(number) for number in range(14)]

    def post(number: int) -> Article:
        other = key_of(f"Day {(number + 7) % 14}")
        below = link(key_of(f"Day {number}"), "top")
        html = (
            f'<p>See <a href="{link(other, "top")}">that <em>day</em></a>, <a href="{below}">'
            f'below</a>.</p><h2 id="{ident("top")}">Photo</h2>{img(photos[number], "A photo")}<p>Water.</p>'
        )
        return make_article(f"Day {number}", html, day=number)

    first = make_part("One", *(post(number) for number in range(3)))
    second = make_part("Two", *(post(number) for number in range(3, 14)), host="two.example")
    return make_book((first, second), assets=tuple(photos))


def test_without_a_budget_or_below_it_the_book_stays_as_it_is(book: Book) -> None:
    assert volumes(book, None) == (book,)
    assert volumes(book, 100_000_000) == (book,)


@pytest.mark.parametrize("device", ["generic", "kindle", "kobo"])
def test_each_volume_fits_and_all_posts_are_there_once(book: Book, device: str) -> None:
    cut = volumes(book, BUDGET)
    assert len(cut) >= 3
    for volume in cut:
        made = render_epub(volume, RenderOptions(device=DEVICES[device]))
        assert len(made.data) <= BUDGET
        assert len(made.data) > BUDGET // 3 or volume is cut[-1]
    assert [one.key for volume in cut for one in volume.articles] == [one.key for one in book.articles]


def test_each_volume_is_a_book_of_its_own(book: Book) -> None:
    cut = volumes(book, BUDGET)
    count = len(cut)
    assert [volume.title for volume in cut] == [
        f"{book.title} ({number} of {count})" for number in range(1, count + 1)
    ]
    assert len({volume.identifier for volume in cut} | {book.identifier}) == count + 1
    assert [volume.identifier for volume in volumes(book, BUDGET)] == [volume.identifier for volume in cut]
    for volume in cut:
        shown = set(re.findall("asset:(img-[0-9a-f]+)", "".join(one.html for one in volume.articles)))
        assert {asset.id for asset in volume.assets} == shown
        listed = [node.key for top in volume.contents for node in top.walk() if node.kind == "article"]
        assert listed == [one.key for one in volume.articles]
        assert (len(volume.parts) > 1) is (volume.contents[0].kind == "part")


def test_links_to_another_volume_lead_to_the_web(book: Book) -> None:
    for volume in volumes(book, BUDGET):
        archive = zipfile.ZipFile(io.BytesIO(render_epub(volume, RenderOptions()).data))
        names = {name.removeprefix("EPUB/") for name in archive.namelist()}
        for article in volume.articles:
            tree = etree.fromstring(archive.read(f"EPUB/{article.key}.xhtml"))
            hrefs = [str(a.get("href")) for a in tree.iter("{*}a")]
            inside = [href for href in hrefs if not href.startswith("https://")]
            assert inside
            assert {href.partition("#")[0] for href in inside} <= names
            number = (int(article.title.removeprefix("Day ")) + 7) % 14
            other = key_of(f"Day {number}")
            assert (f"https://harbour.example/{other}/" in hrefs) is (f"{other}.xhtml" not in names)


def test_a_link_to_a_post_without_an_address_becomes_its_text(book: Book) -> None:
    homeless = tuple(
        replace(part, articles=tuple(replace(one, entry=replace(one.entry, url="")) for one in part.articles))
        for part in book.parts
    )
    first = volumes(replace(book, parts=homeless), BUDGET)[0]
    assert "<p>See that <em>day</em>, <a href=" in first.articles[0].html


def test_a_post_that_is_too_large_by_itself_has_a_volume_of_its_own() -> None:
    large = _photo(99, 2500)
    posts = (
        make_article("Small", "<p>a</p>"),
        make_article("Large", img(large, "x")),
        make_article("Last", "<p>b</p>"),
    )
    cut = volumes(make_book((make_part("Feed", *posts),), assets=(large,)), BUDGET)
    assert [[one.title for one in volume.articles] for volume in cut] == [["Small"], ["Large"], ["Last"]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.epub", "a-2.epub"),
        ("a.b.kepub.epub", "a.b-2.kepub.epub"),
        ("a", "a-2"),
    ],
)
def test_volumes_are_numbered_before_the_ending(name: str, expected: str) -> None:
    assert numbered(name, 2) == expected


def _feed(folder: Path) -> Path:
    """Write a feed of posts whose pictures are in it; each has about 0.4 MB."""
    import base64

    items = []
    for number in range(6):
        source = f"data:image/png;base64,{base64.b64encode(_photo(number, 640).data).decode()}"
        items.append(
            f"<item><title>Day {number}</title><link>https://days.example/{number}</link>"
            f'<description><![CDATA[<p>Words.</p><img src="{source}" alt="A photo"/>]]></description></item>'
        )
    path = folder / "feed.xml"
    channel = f"<title>Days</title><language>en</language>{''.join(items)}"
    path.write_text(
        f'<rss version="2.0"><channel>{channel}</channel></rss>',
        encoding="utf-8",
    )
    return path


def _run(cwd: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "feed2book", "epub", "feed.xml", "--offline", "--max-size", "2", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False)


def test_volumes_on_the_command_line(tmp_path: Path) -> None:
    _feed(tmp_path)
    done = _run(tmp_path, "-o", "days.epub", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    files = [artifact["file"] for artifact in report["artifacts"]]
    assert len(files) >= 2
    assert files == [f"days-{number}.epub" for number in range(1, len(files) + 1)]
    assert all((tmp_path / file).stat().st_size <= 2_000_000 for file in files)
    assert b"days-1.epub, days-2.epub" in done.stderr
    assert not (tmp_path / "days.epub").exists()


def test_several_volumes_do_not_go_to_stdout(tmp_path: Path) -> None:
    _feed(tmp_path)
    done = _run(tmp_path, "-o", "-")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"volumes" in done.stderr
    assert b"name a file or a folder" in done.stderr
    assert done.stderr.count(b"\n") == 1
