"""The samples are sound, and the books of them are what they should be: links, contents, the same bytes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from html import unescape
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin
from urllib.request import urlopen

import pytest
from lxml import etree
from runner import feed2book, once, shared_folder

from feed2book.feed import parse_feed
from feed2book.models import Feed, Response
from samples.serve import FEEDS, serve

MATHML = "{http://www.w3.org/1998/Math/MathML}"
XHTML = "{http://www.w3.org/1999/xhtml}"
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
HEADINGS = {f"{XHTML}h{level}": level for level in range(1, 7)}
LEFT_OUT = {"missing-1920.jpg"}  # named in a srcset, and not there on purpose


def read(base: str, name: str) -> Feed:
    with urlopen(f"{base}/{FEEDS[name]}") as answer:
        headers = tuple((key.lower(), value) for key, value in answer.headers.items())
        return parse_feed(Response(answer.url, answer.status, headers, answer.read()))


# --- the feeds ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "entries"), [("blog", 7), ("notes", 3), ("world", 3), ("broken", 7)])
def test_every_post_of_a_sample_is_read(name: str, entries: int) -> None:
    with serve() as base:
        feed = read(base, name)
    assert len(feed.entries) == len({entry.id for entry in feed.entries}) == entries
    assert bool(feed.notices) == (name == "broken")
    assert "__BASE__" not in repr(feed)
    assert "__HOST__" not in repr(feed)


def test_posts_of_the_blog_are_long() -> None:
    with serve() as base:
        for entry in read(base, "blog").entries:
            assert len(re.sub(r"<[^>]+>", " ", entry.content).split()) > 1_000, entry.title


def test_every_picture_of_the_blog_is_served() -> None:
    with serve() as base:
        posts = "".join(entry.content for entry in read(base, "blog").entries)
        named = re.findall(r'(?:src|href|srcset)="([^"]+\.(?:png|jpg|webp|svg|gif|php[^"]*)[^"]*)"', posts)
        places = {unescape(part.split()[0]) for value in named for part in value.split(", ")}
        own = {urljoin(base, place) for place in places if place.startswith((base, "/"))}
        assert len(own) > 150
        for place in own:
            if place.rpartition("/")[2] not in LEFT_OUT:
                with urlopen(place) as answer:
                    assert answer.status == 200


def test_the_server_answers_no_address_outside_the_samples() -> None:
    for path in ("/../pyproject.toml", "/%2e%2e/pyproject.toml", "//etc/passwd"):
        with serve() as base, pytest.raises(OSError, match="404"):
            urlopen(base + path)


# --- the book of the blog ----------------------------------------------------------------------


@pytest.fixture(scope="session")
def epub(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Return the EPUB of the blog."""

    def build(folder: Path) -> None:
        with serve() as base:
            done = feed2book("epub", f"{base}/{FEEDS['blog']}", "-o", folder / "blog.epub")
            assert done.code == 0, done.said

    return zipfile.ZipFile(once(shared_folder(tmp_path_factory) / "blog", build) / "blog.epub")


def documents(epub: zipfile.ZipFile) -> dict[str, etree._Element]:
    return {name: etree.fromstring(epub.read(name)) for name in epub.namelist() if name.endswith(".xhtml")}


def attributes(tree: etree._Element, name: str) -> list[str]:
    return [value for element in tree.iter() if (value := element.get(name)) is not None]


def text(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())


def test_no_link_between_posts_leaves_the_book_and_every_fragment_is_there(epub: zipfile.ZipFile) -> None:
    pages = documents(epub)
    ids = {name: set(attributes(tree, "id")) for name, tree in pages.items()}
    outside: Counter[str] = Counter()
    between = 0
    for name, tree in pages.items():
        for href in attributes(tree, "href"):
            if href.startswith(("http:", "https:")):
                outside[href] += 1
                continue
            place, fragment = urldefrag(urljoin(name, href))
            assert place in epub.namelist(), f"{name}: {href}"
            if fragment and place in ids:
                assert unquote(fragment) in ids[place], f"{name}: {href}"
            between += "post-" in name and "post-" in place and place != name
    assert between >= 25
    posts = {href: times for href, times in outside.items() if re.search(r"/blog/20\d\d/", href)}
    assert len(posts) == 7, "each post's own address stands once, in its head"
    assert set(posts.values()) == {1}


def headings(tree: etree._Element) -> list[tuple[int, str]]:
    return [(HEADINGS[str(element.tag)], text(element)) for element in tree.iter(*HEADINGS)]


def lines(items: etree._Element, depth: int) -> list[tuple[int, str]]:
    """Return depth and text of each line of the contents that leads into a post."""
    found = []
    for item in items.findall(f"{XHTML}li"):
        link = item.find(f"{XHTML}a")
        assert link is not None
        if "post-" in link.get("href", ""):
            found.append((depth, text(link)))
        for inner in item.findall(f"{XHTML}ol"):
            found += lines(inner, depth + 1)
    return found


def test_contents_have_every_heading_in_order_and_nested(epub: zipfile.ZipFile) -> None:
    pages = documents(epub)
    package = etree.fromstring(epub.read("EPUB/content.opf"))
    files = {item.get("id"): item.get("href") for item in package.iterfind(".//{*}manifest/{*}item")}
    order = [f"EPUB/{files[item.get('idref')]}" for item in package.iterfind(".//{*}spine/{*}itemref")]
    shown = [heading for name in order if "post-" in name for heading in headings(pages[name])]
    assert len(shown) > 80
    assert all(after - before <= 1 for (before, _), (after, _) in pairwise(shown)), "a level is skipped"
    (nav,) = (nav for nav in pages["EPUB/nav.xhtml"].iter(f"{XHTML}nav") if nav.get(EPUB_TYPE) == "toc")
    top = nav.find(f"{XHTML}ol")
    assert top is not None
    # --toc-depth is three levels of sections under a post by default.
    assert lines(top, 1) == [heading for heading in shown if heading[0] <= 4]


def test_junk_is_gone_and_text_is_kept(epub: zipfile.ZipFile) -> None:
    said = " ".join(text(tree) for tree in documents(epub).values())
    for junk in (
        "Share this",
        "appeared first on",
        "Related",
        "Advertisement",
        "Subscribe",
        "Tweet",
        "Like this",
    ):
        assert junk not in said, junk
    for kept in ("one more pass forwards", "Gumbel-max", "the loudest answers are averaged"):
        assert kept in said, kept
    assert {"😀", "👻", "🎉", "🙂", "💡"} <= set(said), "emoji that came as pictures are letters again"


def test_pictures_are_there_in_formats_that_readers_show(epub: zipfile.ZipFile) -> None:
    pictures = [name for name in epub.namelist() if "/images/" in name]
    assert {Path(name).suffix for name in pictures} <= {".jpg", ".png", ".gif"}
    shown = Counter(source for tree in documents(epub).values() for source in attributes(tree, "src"))
    assert sum(shown.values()) >= 16
    assert not any("blank" in source or source.startswith("data:") for source in shown)


def test_formulas_are_mathml_and_their_pictures_are_not_fetched(epub: zipfile.ZipFile) -> None:
    formulas = [math for tree in documents(epub).values() for math in tree.iter(f"{MATHML}math")]
    assert len(formulas) >= 170
    assert all(math.get("alttext") for math in formulas)
    assert not [
        source for tree in documents(epub).values() for source in attributes(tree, "src") if "latex" in source
    ]


# --- the same bytes ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize(
    "words", [["epub"], ["pdf", "--limit", "2"], ["digest", "--limit", "1"]], ids=lambda words: words[0]
)
def test_our_own_check_has_nothing_to_say_of_what_we_make(
    tmp_path: Path, name: str, words: list[str]
) -> None:
    made = tmp_path / f"made.{words[0]}"
    with serve() as base:
        done = feed2book(*words, f"{base}/{FEEDS[name]}", "-o", made)
        assert done.code == 0, done.said
    found = feed2book("check", "--no-epubcheck", made)  # tests/validators asks EPUBCheck
    assert (found.code, found.said.splitlines()[-1]) == (0, f"{made}: no findings")


@pytest.mark.parametrize(("command", "ending"), [("epub", "epub"), ("pdf", "pdf"), ("digest", "eml")])
def test_two_builds_are_the_same_bytes(tmp_path: Path, command: str, ending: str) -> None:
    made = []
    with serve() as base:
        for seed in ("1", "2"):
            folder = tmp_path / seed
            folder.mkdir()
            environ = {**os.environ, "SOURCE_DATE_EPOCH": "1790000000", "PYTHONHASHSEED": seed}
            environ["FEED2BOOK_CACHE"] = str(folder / "cache")
            words = [
                sys.executable,
                "-m",
                "feed2book",
                command,
                f"{base}/{FEEDS['world']}",
                "-o",
                f"x.{ending}",
            ]
            done = subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            made.append((folder / f"x.{ending}").read_bytes())
    assert made[0] == made[1]
