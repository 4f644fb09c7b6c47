"""A feed that moves on, and the books that are made of it: what the tests of living books share."""

from __future__ import annotations

import base64
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from factories import picture
from lxml import etree

from feed2book.models import Artifact, BookOptions, Job
from feed2book.pipeline import Made, make_epub, update_epub

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
