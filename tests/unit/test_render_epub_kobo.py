"""Kobo's spans: numbered as Kobo numbers them, around text that stays as it was."""

from __future__ import annotations

import io
import re
import time
import zipfile
from itertools import pairwise

import pytest
from factories import full_book, ident, key_of, link, make_article, make_book, make_part
from lxml import etree

from feed2book.devices import DEVICES
from feed2book.models import Book, RenderOptions
from feed2book.render.epub import render_epub
from feed2book.render.epub_kobo import with_spans

KOBO = RenderOptions(device=DEVICES["kobo"])
XHTML = "{http://www.w3.org/1999/xhtml}"
TYPE = "{http://www.idpf.org/2007/ops}type"


def page(content: str) -> str:
    head = "<head><title>A. B.</title></head>"
    return f'<html xmlns="http://www.w3.org/1999/xhtml">{head}<body>{content}</body></html>'


def short(content: str) -> str:
    """Return what becomes of the content, its spans written as ``[P.S text]``."""
    made = with_spans(page(content))
    opening, closing = '<body><div id="book-columns"><div id="book-inner">', "</div></div></body></html>"
    assert made.endswith(closing)
    made = made.partition(opening)[2].removesuffix(closing)
    return re.sub(r'<span class="koboSpan" id="kobo\.([0-9.]+)">(.*?)</span>', r"[\1 \2]", made)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<p>One. Two! Three</p>", "<p>[1.1 One. ][1.2 Two! ][1.3 Three]</p>"),
        ("<p>“One.” Two</p>", "<p>[1.1 “One.” ][1.2 Two]</p>"),
        ("<p>&quot;One.&quot; Two &amp; 3.5</p>", "<p>[1.1 &quot;One.&quot; ][1.2 Two &amp; 3.5]</p>"),
        ("<h1>A</h1>\n<p>B</p>", "<h1>[1.1 A]</h1>\n<p>[2.1 B]</p>"),
        ("<p>A <em>b. c</em> d</p>", "<p>[1.1 A ]<em>[1.2 b. ][1.3 c]</em>[1.4  d]</p>"),
        ("<p> <b>A</b></p>", "<p>[1.1  ]<b>[1.2 A]</b></p>"),
        ("<div> <b>A</b></div>", "<div> <b>[0.1 A]</b></div>"),
        ("<ul>\n<li>A</li>\n<li>B</li></ul>", "<ul>\n<li>[1.1 A]</li>\n<li>[1.2 B]</li></ul>"),
        (
            '<p>A <img src="a" alt="x. y"/> b</p>',
            '<p>[1.1 A ][2.1 <img src="a" alt="x. y"/>][2.2  b]</p>',
        ),
        ("<pre>A. B\nC</pre><p>D</p>", "<pre>A. B\nC</pre><p>[1.1 D]</p>"),
        ("<p>A <code>b</code></p>", "<p>[1.1 A ]<code>[1.2 b]</code></p>"),
        ("<p><math><mi>x. y</mi></math>.</p>", "<p><math><mi>x. y</mi></math>[1.1 .]</p>"),
        (
            "<p><ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby></p>",
            "<p><ruby>[1.1 港]<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby></p>",
        ),
        ("<!-- a. b --><p>C</p>", "<!-- a. b --><p>[1.1 C]</p>"),
        ('<p id="kobo.1.1">A. B</p>', '<p id="kobo.1.1">[1.2 A. ][1.3 B]</p>'),
    ],
)
def test_sentences_and_pictures_are_numbered(content: str, expected: str) -> None:
    assert short(content) == expected


def test_a_post_with_the_id_of_a_box_has_no_second_one() -> None:
    assert with_spans(page('<p id="book-inner">A</p>')).count("book-inner") == 1


def words(element: etree._Element) -> str:
    return "".join(map(str, element.itertext()))


def kepub(book: Book) -> zipfile.ZipFile:
    artifact = render_epub(book, KOBO)
    assert artifact.filename.endswith(".kepub.epub")
    return zipfile.ZipFile(io.BytesIO(artifact.data))


def test_text_is_unchanged_and_ids_are_unique_in_a_whole_book() -> None:
    plain = zipfile.ZipFile(io.BytesIO(render_epub(full_book(), RenderOptions()).data))
    spanned = kepub(full_book())
    names = [name for name in plain.namelist() if name.endswith(".xhtml") and "nav" not in name]
    assert len(names) > 5
    for name in names:
        before, after = etree.fromstring(plain.read(name)), etree.fromstring(spanned.read(name))
        assert words(before) == words(after)
        ids = [element.get("id") for element in after.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        assert {element.get("id") for element in before.iter()} <= {None, *ids}
        assert [a.get("href") for a in before.iter(f"{XHTML}a")] == [
            a.get("href") for a in after.iter(f"{XHTML}a")
        ]
        spans = [span for span in after.iter(f"{XHTML}span") if span.get("class") == "koboSpan"]
        assert spans
        assert not any("koboSpan" in inner.get("class", "") for span in spans for inner in span)
        numbers = [tuple(map(int, span.get("id", "").split(".")[1:])) for span in spans]
        assert all(one < other for one, other in pairwise(numbers))
        assert not any(
            span.get("class") == "koboSpan" for pre in after.iter(f"{XHTML}pre") for span in pre.iter()
        )


def test_a_long_document_takes_time_in_proportion() -> None:
    paragraph = "<p>The <b>keeper</b> wrote it. He looked up! It had <i>rained</i> again…</p>\n"

    def seconds(times: int) -> float:
        document = page(paragraph * times)
        start = time.process_time()
        with_spans(document)
        return time.process_time() - start

    seconds(2_000)
    assert seconds(40_000) < 150 * min(seconds(2_000) for _ in range(3))


HOSTILE = (
    "".join(
        f'<p>{"Words before. " * 9}<a href="{link(key_of("Ids"), name)}">to {name}</a></p>'
        for name in (
            "div",
            "list",
            "item",
            "code",
            "table",
            "row",
            "cell",
            "em",
            "anchor",
            "quote",
            "fig",
            "head",
        )
    )
    + f"""
<div id="{ident("div")}"><p>A box with more than nine characters in it.</p></div>
<ul id="{ident("list")}"><li id="{ident("item")}">One item that is long enough</li></ul>
<pre id="{ident("code")}"><code>code that is long enough</code></pre>
<table id="{ident("table")}"><tbody><tr id="{ident("row")}"><td>first cell of the row</td><td
 id="{ident("cell")}">another cell that is long</td></tr></tbody></table>
<p><em id="{ident("em")}">emphasised words here</em>
<a id="{ident("anchor")}" href="https://a.example/">a link</a></p>
<blockquote id="{ident("quote")}"><p>Words that somebody said</p></blockquote>
<figure id="{ident("fig")}"><figcaption>A caption of many words</figcaption></figure>
<h2 id="{ident("head")}">A heading of many words</h2>"""
)


def hijacked(archive: zipfile.ZipFile) -> list[str]:
    """Return the links that Kobo opens as a pop-up: untyped, to a later node of 9 to 5,000 characters."""
    opf = etree.fromstring(archive.read("EPUB/content.opf"))
    files = {item.get("id"): item.get("href") for item in opf.iter("{*}item")}
    spine = [str(files[ref.get("idref")]) for ref in opf.iter("{*}itemref")]
    order: dict[str, int] = {}
    sizes: dict[str, int] = {}
    links: list[tuple[int, str]] = []
    for name in spine:
        for element in etree.fromstring(archive.read(f"EPUB/{name}")).iter():
            if element.get("id"):
                place = f"{name}#{element.get('id')}"
                order[place] = len(order) + len(links)
                sizes[place] = len(words(element).strip())
            href = element.get("href", "")
            if element.tag == f"{XHTML}a" and "#" in href and ":" not in href and not element.get(TYPE):
                links.append((len(order) + len(links), name + href if href[0] == "#" else href))
    assert all(href in order for _, href in links)
    return [href for place, href in links if order[href] >= place and 9 <= sizes[href] <= 5000]


def test_kobo_hijacks_no_link_of_a_whole_book() -> None:
    book = make_book((make_part("Feed", make_article("Ids", HOSTILE)),))
    assert hijacked(kepub(full_book())) == []
    assert hijacked(kepub(book)) == []


def test_a_link_that_kobo_hijacks_is_found() -> None:
    """The rule above must be able to fail."""
    book = make_book((make_part("Feed", make_article("Ids", HOSTILE)),))
    file = io.BytesIO()
    with kepub(book) as good, zipfile.ZipFile(file, "w") as bad:
        for name in good.namelist():
            text = good.read(name)
            bad.writestr(name, text.replace(b'<span id="head"></span>', b'<span id="head">A heading</span>'))
    assert hijacked(zipfile.ZipFile(file)) == [f"{key_of('Ids')}.xhtml#head"]


def test_contents_say_in_a_flat_list_what_is_a_post() -> None:
    archive = kepub(full_book())
    nav = etree.fromstring(archive.read("EPUB/nav.xhtml"))
    toc = next(found for found in nav.iter(f"{XHTML}nav") if found.get("id") == "toc")
    labels = [words(a).strip() for a in toc.iter(f"{XHTML}a")]
    posts = [article.title for article in full_book().articles]
    assert [f"{number}. {' '.join(title.split())}" for number, title in enumerate(posts, 1)] == [
        " ".join(label.split()) for label in labels if re.match("[0-9]", label)
    ]
    assert sum(label.startswith("– ") for label in labels) > 2
    ncx = etree.fromstring(archive.read("EPUB/toc.ncx"))
    assert [words(label).strip() for label in ncx.iter("{*}navLabel")] == labels
