"""Chapters that are too large for their reader: cut where it reads well, links and notes following."""

from __future__ import annotations

import io
import re
import time
import zipfile

import pytest
from factories import ident, key_of, link, make_article, make_book, make_part
from lxml import etree

from feed2book.devices import DEVICES
from feed2book.models import Article, Device, RenderOptions, Section
from feed2book.render.epub import render_epub
from feed2book.render.epub_split import split

XHTML = "{http://www.w3.org/1999/xhtml}"
WORDS = "The keeper wrote down the wind and the height of water. "


def pieces(text: str, limit: int) -> list[str]:
    return split(text, limit, lambda part: len(part.encode()))


def text_of(markup: str) -> str:
    return re.sub("<[^>]*>", "", markup)


def paragraphs(count: int, size: int = 4) -> str:
    return f"<p>{WORDS * size}</p>\n" * count


def test_a_small_text_is_one_piece() -> None:
    assert pieces(paragraphs(2), 10_000) == [paragraphs(2)]


def test_headings_are_the_best_places_and_large_ones_better_than_small() -> None:
    section = f"<h2>Top</h2>\n{paragraphs(4)}<h3>Below</h3>\n{paragraphs(4)}"
    made = pieces(section * 6, 6_000)
    assert "".join(made) == section * 6
    assert all(len(piece) <= 6_000 for piece in made)
    assert all(piece.startswith("<h2>") for piece in made)


def test_a_section_that_is_too_large_is_cut_between_paragraphs_not_behind_its_heading() -> None:
    text = f"{paragraphs(3)}<h2>Top</h2>\n{paragraphs(30)}"
    made = pieces(text, 2_000)
    assert "".join(made) == text
    assert all(len(piece) <= 2_000 for piece in made)
    assert not any(piece.rstrip().endswith("</h2>") for piece in made)


@pytest.mark.parametrize(
    "text",
    [
        f"<blockquote>{paragraphs(30)}</blockquote>",
        "<ul>\n" + f"<li>{WORDS}</li>\n" * 100 + "</ul>",
        "<pre><code>" + f'<span class="k">def</span> {WORDS}\n' * 100 + "</code></pre>",
        "<pre><code>" + f'<span class="line" style="a">{WORDS * 2}\n</span>' * 60 + "</code></pre>",
        "<table><thead><tr><th>Head</th></tr></thead><tbody>"
        + f"<tr><td>{WORDS}</td></tr>\n" * 90
        + "</tbody></table>",
        f"<p>{WORDS * 100}</p>",
        f"<p>{'潮の高さを書きとめた。' * 300}</p>",
        f"<p>{(WORDS + '<em>again</em> ') * 100}</p>",
    ],
    ids=["quote", "list", "code", "long lines", "table", "paragraph", "Japanese", "inline"],
)
def test_what_is_too_large_itself_is_cut_inside_and_stays_well_formed(text: str) -> None:
    made = pieces(text, 2_000)
    assert len(made) >= 3
    assert all(len(piece.encode()) <= 2_100 for piece in made)
    assert "".join(map(text_of, made)) == text_of(text)
    for piece in made:
        etree.fromstring(f"<body>{piece}</body>")


def test_a_numbered_list_counts_on_and_no_id_comes_twice() -> None:
    text = '<ol id="x" start="3">' + f"<li>{WORDS}</li>" * 60 + "</ol>"
    made = pieces(text, 1_000)
    seen = 3
    for number, piece in enumerate(made):
        assert piece.startswith('<ol id="x" start="3">' if not number else f'<ol start="{seen}">')
        seen += piece.count("<li>")
    assert seen == 63


def test_cells_that_span_rows_are_not_torn() -> None:
    row = f"<tr><td>{WORDS}</td></tr>"
    spanning = f'<tr><td rowspan="9">{WORDS}</td></tr>'
    text = f"<table><tbody>{row * 30}{spanning}{row * 40}</tbody></table>"
    last = pieces(text, 1_500)[-1]
    assert spanning in last
    assert last.count("<tr>") > 40


def test_a_word_as_long_as_a_book_stays_whole() -> None:
    assert pieces(f"<p>{'x' * 9_000}</p>", 2_000) == [f"<p>{'x' * 9_000}</p>"]


@pytest.mark.parametrize(
    "block",
    [
        f"<p>{WORDS}</p>",
        "<h2>A</h2>",
        "<div>" * 50 + "x" + "</div>" * 50,
        "<p>" + "a <b>b</b> " * 50 + "</p>",
    ],
)
def test_time_grows_with_the_text(block: str) -> None:
    def seconds(size: int) -> float:
        text = block * (size // len(block))
        start = time.process_time()
        pieces(text, 4_000)
        return time.process_time() - start

    seconds(50_000)
    assert seconds(1_000_000) < 150 * min(seconds(50_000) for _ in range(3))


def _long_post(size: int = 3_000_000) -> Article:
    """Return a post of that many bytes: sections, links to and fro, a note in each section."""
    key = key_of("The log")
    body: list[str] = []
    notes, sections = [], []
    number = 0
    while sum(map(len, body)) < size:
        back = f'<a href="{link(key, f"part-{number // 2}")}">earlier</a>'
        note = link(key, f"note-{number}")
        mark = f'<sup><a id="{ident(f"ref-{number}")}" class="noteref" href="{note}">1</a></sup>'
        body.append(
            f'<h2 id="{ident(f"part-{number}")}">Watch {number}</h2>\n<p>See {back}.{mark}</p>\n'
            f"{paragraphs(160)}<pre><code>{WORDS * 2}\n{WORDS}\n</code></pre>\n"
        )
        notes.append(
            f'<aside id="{ident(f"note-{number}")}" class="note"><p><a class="backlink"'
            f' href="{link(key, f"ref-{number}")}">1</a> Note {number}.</p></aside>\n'
        )
        sections.append(Section(f"part-{number}", 1, f"Watch {number}"))
        number += 1
    return make_article("The log", "".join(body + notes), sections=tuple(sections))


@pytest.fixture(scope="module", params=["generic", "kindle", "kobo"])
def long_book(request: pytest.FixtureRequest) -> zipfile.ZipFile:
    other = make_article("After", f'<p>See <a href="{link(key_of("The log"), "part-40")}">the log</a>.</p>')
    book = make_book((make_part("Harbour", _long_post(), other),))
    return zipfile.ZipFile(io.BytesIO(render_epub(book, RenderOptions(device=DEVICES[request.param])).data))


def test_a_post_of_three_megabytes_fills_files_below_the_cap(long_book: zipfile.ZipFile) -> None:
    key = key_of("The log")
    files = [info for info in long_book.infolist() if f"{key}" in info.filename]
    assert [info.filename for info in files] == [
        f"EPUB/{key}{f'-{number}' if number > 1 else ''}.xhtml" for number in range(1, len(files) + 1)
    ]
    assert len(files) >= 3_000_000 // Device().chapter_bytes
    assert max(info.file_size for info in files) <= Device().chapter_bytes
    opf = etree.fromstring(long_book.read("EPUB/content.opf"))
    hrefs = {item.get("id"): item.get("href") for item in opf.iter("{*}item")}
    spine = [f"EPUB/{hrefs[ref.get('idref')]}" for ref in opf.iter("{*}itemref")]
    first = spine.index(f"EPUB/{key}.xhtml")
    assert spine[first : first + len(files)] == [info.filename for info in files]


def test_links_contents_and_notes_follow_the_pieces(long_book: zipfile.ZipFile) -> None:
    names = [name for name in long_book.namelist() if name.endswith((".xhtml", ".ncx"))]
    trees = {name.rpartition("/")[2]: etree.fromstring(long_book.read(name)) for name in names}
    ids = {name: {one.get("id") for one in tree.iter() if one.get("id")} for name, tree in trees.items()}
    leads = 0
    for name, tree in trees.items():
        for element in tree.iter():
            place = element.get("href") or element.get("src") or ""
            if "://" in place or "#" not in place:
                continue
            file, _, fragment = place.partition("#")
            assert fragment in ids[file or name], place
            leads += 1
            if element.get("class") == "noteref":
                assert file == name
    sections = len(_long_post().sections)
    assert leads == 5 * sections + sections + 1  # link, mark, way back, nav, NCX, contents; one from outside
    later = [tree for name, tree in trees.items() if re.search(r"-\d+\.xhtml$", name) and "part" not in name]
    for tree in later:  # each piece begins with its heading, under the head that every further file has
        before = next(tree.iter(f"{XHTML}h2")).getprevious()
        assert before is not None
        assert before.tag == f"{XHTML}h1"
