"""EPUBs, opened and walked: structure, links, navigation, metadata, bytes."""

from __future__ import annotations

import io
import itertools
import os
import posixpath
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import (
    TIDES,
    TOOLS,
    full_book,
    ident,
    img,
    key_of,
    link,
    make_article,
    make_book,
    make_part,
    picture,
    small_book,
)
from lxml import etree

from feed2book.errors import RenderError
from feed2book.models import Asset, Blob, Book, Formula, Node, Part, RenderOptions, Section, token
from feed2book.render.epub import render_epub
from feed2book.render.epub_body import ncname, prepared

XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class Opened:
    """An EPUB taken apart: files by their name relative to the package, trees of what is XML."""

    archive: zipfile.ZipFile

    def read(self, name: str) -> bytes:
        return self.archive.read(f"EPUB/{name}")

    def tree(self, name: str) -> etree._Element:
        return etree.fromstring(self.read(name))

    @property
    def opf(self) -> etree._Element:
        return self.tree("content.opf")

    @property
    def manifest(self) -> dict[str, etree._Element]:
        return {item.get("id", ""): item for item in self.opf.iter(f"{OPF}item")}

    @property
    def spine(self) -> list[str]:
        refs = [ref.get("idref", "") for ref in self.opf.iter(f"{OPF}itemref")]
        return [self.manifest[ref].get("href", "") for ref in refs]

    def meta(self, name: str) -> list[str | None]:
        return [meta.text for meta in self.opf.iter(f"{OPF}meta") if meta.get("property") == name]

    def dc(self, name: str) -> list[str | None]:
        return [element.text for element in self.opf.iter(f"{DC}{name}")]


def epub(book: Book, options: RenderOptions | None = None) -> Opened:
    data = render_epub(book, options or RenderOptions()).data
    return Opened(zipfile.ZipFile(io.BytesIO(data)))


def one_post(
    html: str, *, direction: str = "ltr", language: str = "", assets: tuple[Asset, ...] = ()
) -> Book:
    post = make_article("Only", html, direction=direction, language=language)
    return make_book((make_part("Feed", post),), assets=assets)


def body_of(html: str, assets: tuple[Asset, ...] = ()) -> str:
    """Return the document of a book's only post as text."""
    return epub(one_post(html, assets=assets)).read(f"{key_of('Only')}.xhtml").decode()


@pytest.fixture(scope="module")
def full() -> Opened:
    return epub(full_book())


def test_the_artifact_is_named_and_typed() -> None:
    artifact = render_epub(small_book(), RenderOptions())
    assert artifact.filename == "The-Harbour-Letter-2026-11-02-to-2026-11-03.epub"
    assert artifact.media_type == "application/epub+zip"
    assert artifact.pages is None


def test_the_mimetype_is_first_stored_and_bare(full: Opened) -> None:
    data = render_epub(small_book(), RenderOptions()).data
    assert data[30:58] == b"mimetypeapplication/epub+zip"
    first = full.archive.infolist()[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")


def test_pictures_are_stored_and_text_is_deflated(full: Opened) -> None:
    kinds = {entry.filename.rpartition(".")[2]: entry.compress_type for entry in full.archive.infolist()[1:]}
    assert kinds["jpg"] == kinds["png"] == zipfile.ZIP_STORED
    assert kinds["xhtml"] == kinds["css"] == kinds["opf"] == kinds["ncx"] == zipfile.ZIP_DEFLATED


def test_every_entry_has_the_date_of_the_book(full: Opened) -> None:
    assert {entry.date_time for entry in full.archive.infolist()} == {(2026, 11, 23, 6, 30, 0)}
    early = epub(replace(small_book(), issued=datetime(1970, 1, 1, tzinfo=UTC)))
    assert {entry.date_time for entry in early.archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert early.meta("dcterms:modified") == ["1970-01-01T00:00:00Z"]


def test_the_manifest_lists_every_file_once_with_its_type(full: Opened) -> None:
    types = {
        "xhtml": "application/xhtml+xml",
        "ncx": "application/x-dtbncx+xml",
        "css": "text/css",
        "jpg": "image/jpeg",
        "png": "image/png",
    }
    hrefs = [item.get("href", "") for item in full.manifest.values()]
    there = {name.removeprefix("EPUB/") for name in full.archive.namelist() if name.startswith("EPUB/")}
    assert sorted(hrefs) == sorted(there - {"content.opf"})
    assert len(set(full.archive.namelist())) == len(full.archive.namelist())
    for item in full.manifest.values():
        assert item.get("media-type") == types[item.get("href", "").rpartition(".")[2]]


def test_the_spine_is_the_reading_order(full: Opened) -> None:
    book = full_book()
    wanted = ["title.xhtml", "contents.xhtml"]
    for part in book.parts:
        wanted += [f"{part.key}.xhtml", *(f"{article.key}.xhtml" for article in part.articles)]
    assert full.spine == [*wanted, "colophon.xhtml"]


def test_a_book_of_one_feed_has_no_part_page() -> None:
    book = small_book()
    opened = epub(book)
    assert opened.spine == [
        "title.xhtml",
        "contents.xhtml",
        *(f"{article.key}.xhtml" for article in book.articles),
        "colophon.xhtml",
    ]
    assert book.parts[0].key not in opened.read("nav.xhtml").decode()


def documents(opened: Opened) -> Iterator[tuple[str, etree._Element]]:
    for name in [*opened.spine, "nav.xhtml"]:
        yield name, opened.tree(name)


def test_documents_declare_encoding_and_language_and_have_a_body(full: Opened) -> None:
    book = full_book()
    own = {f"{article.key}.xhtml": article for article in book.articles}
    for name, root in documents(full):
        assert full.read(name).startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html')
        article = own.get(name)
        language = (article.language if article else "") or book.language
        assert root.get("lang") == root.get(XML_LANG) == language
        assert root.get("dir") == (article.direction if article else book.direction)
        assert root.findtext(f"{XHTML}head/{XHTML}title")
        assert root.xpath("normalize-space(*[local-name() = 'body'])")
        assert b"--" not in b"".join(re.findall(rb"<!--(.*?)-->", full.read(name), re.DOTALL))


def test_no_link_leads_nowhere_and_ids_are_unique_names(full: Opened) -> None:
    ids: dict[str, list[str]] = {}
    for name, root in documents(full):
        ids[name] = [element.get("id", "") for element in root.iter() if element.get("id")]
        assert len(set(ids[name])) == len(ids[name])
        assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", found, re.ASCII) for found in ids[name])
    seen = 0
    for name, root in documents(full):
        for element in root.iter():
            target = element.get("href") or element.get("src")
            if not target or "://" in target:
                continue
            path, _, fragment = target.partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            full.read(path)
            assert not fragment or fragment in ids[path], target
            seen += 1
    assert seen > 60


def test_no_token_is_left(full: Opened) -> None:
    for name in full.archive.namelist():
        if not name.endswith((".jpg", ".png")):
            assert not set("\ufdd0\ufdd1") & set(full.archive.read(name).decode())


Line = tuple[str, str, tuple["Line", ...]]


def shown(nodes: tuple[Node, ...], depth: int) -> tuple[Line, ...]:
    """Return what the contents must show of these nodes."""
    return tuple(
        (
            f"{node.key}.xhtml" + (f"#{node.fragment}" if node.fragment else ""),
            node.title,
            shown(node.children, depth - (node.kind != "part")) if node.kind == "part" or depth else (),
        )
        for node in nodes
    )


def nav_lines(ol: etree._Element | None) -> tuple[Line, ...]:
    return tuple(
        (li[0].get("href", ""), li[0].text or "", nav_lines(li.find(f"{XHTML}ol")))
        for li in (ol if ol is not None else ())
    )


def ncx_lines(parent: etree._Element) -> tuple[Line, ...]:
    return tuple(
        (
            point.find(f"{NCX}content").get("src", ""),  # type: ignore[union-attr]
            point.findtext(f"{NCX}navLabel/{NCX}text", ""),
            ncx_lines(point),
        )
        for point in parent.findall(f"{NCX}navPoint")
    )


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_nav_ncx_and_contents_page_say_the_same(depth: int) -> None:
    book = full_book()
    opened = epub(book, RenderOptions(toc_depth=depth))
    wanted = shown(book.contents, depth)
    nav = opened.tree("nav.xhtml").find(f".//{XHTML}nav[@id='toc']")
    assert nav is not None
    *lines, last = nav_lines(nav.find(f"{XHTML}ol"))
    assert tuple(lines) == wanted
    assert last[0] == "colophon.xhtml"
    *points, last = ncx_lines(opened.tree("toc.ncx").find(f"{NCX}navMap"))  # type: ignore[arg-type]
    assert tuple(points) == wanted
    assert last[0] == "colophon.xhtml"
    page = [a.get("href") for a in opened.tree("contents.xhtml").iter(f"{XHTML}a")]
    assert page == [href for href, *_ in flat(wanted)]


def flat(lines: tuple[Line, ...]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from flat(line[2])


@pytest.mark.parametrize(("depth", "levels"), [(0, "2"), (1, "3"), (3, "5"), (9, "5")])
def test_the_ncx_counts_without_a_gap_and_knows_the_book(depth: int, levels: str) -> None:
    opened = epub(full_book(), RenderOptions(toc_depth=depth))
    ncx = opened.tree("toc.ncx")
    points = list(ncx.iter(f"{NCX}navPoint"))
    assert [point.get("playOrder") for point in points] == [str(n) for n in range(1, len(points) + 1)]
    assert len({point.get("id") for point in points}) == len(points)
    head = {meta.get("name"): meta.get("content") for meta in ncx.iter(f"{NCX}meta")}
    assert head["dtb:uid"] == opened.dc("identifier")[0]
    assert head["dtb:depth"] == levels


def test_the_title_page_says_each_name_once() -> None:
    def said(book: Book) -> str:
        return str(epub(book).tree("title.xhtml").xpath("normalize-space(*[local-name() = 'body'])"))

    full = full_book()
    authors = ", ".join(full.authors)
    assert said(full) == (
        f"The Harbour Letter Water, wind and the things between {authors} 2–11 Nov 2026 · 6 posts "
        "Harbour Notes · Far Shores · Odds & Ends"
    )
    names = tuple(part.title for part in full.parts)
    of_feeds = replace(full, title=" · ".join(names), subtitle="", authors=names)
    assert said(of_feeds) == "Harbour Notes · Far Shores · Odds & Ends 2–11 Nov 2026 · 6 posts"


def test_the_contents_page_reads_like_a_magazine(full: Opened) -> None:
    line = full.tree("contents.xhtml").find(f".//{XHTML}li[@class='article']")
    assert line is not None
    text = str(line.xpath("normalize-space()"))
    assert text.startswith(
        "1 How the tide table is made Ada Marsh, Tom Reeve · 2 November 2026 · 6\u00a0min"
        " A tide table is a forecast"
    )


def test_types_and_roles_go_together_and_headings_are_in_order(full: Opened) -> None:
    roles = {"toc": "doc-toc", "part": "doc-part", "chapter": "doc-chapter", "colophon": "doc-colophon"}
    seen = set()
    for name, root in documents(full):
        for element in root.iter(f"{XHTML}nav", f"{XHTML}section"):
            kind = element.get(EPUB_TYPE, "")
            assert element.get("role") == roles.get(kind)
            seen.add(kind)
        levels = [int(e.tag[-1]) for e in root.iter() if re.fullmatch(f"{XHTML}h[1-6]", str(e.tag))]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), name
    assert seen == {*roles, "titlepage", "landmarks"}


def test_landmarks_name_the_places(full: Opened) -> None:
    nav = full.tree("nav.xhtml").find(f".//{XHTML}nav[@id='landmarks']")
    assert nav is not None
    places = {a.get(EPUB_TYPE): a.get("href") for a in nav.iter(f"{XHTML}a")}
    assert places == {
        "titlepage": "title.xhtml",
        "toc": "contents.xhtml",
        "bodymatter": f"{full_book().parts[0].key}.xhtml",
        "colophon": "colophon.xhtml",
    }


def test_the_package_says_what_the_book_is(full: Opened) -> None:
    book = full_book()
    assert full.opf.get(XML_LANG) == "en"
    assert full.dc("identifier") == [book.identifier]
    assert full.dc("title") == [book.title]
    assert full.dc("language") == ["en"]
    assert full.dc("creator") == list(book.authors)
    assert full.dc("date") == ["2026-11-23"]
    assert full.dc("description") == [book.description]
    assert full.dc("source") == [part.url for part in book.parts]
    assert full.meta("dcterms:modified") == ["2026-11-23T06:30:00Z"]


def test_the_cover_is_named_in_both_forms(full: Opened) -> None:
    [cover] = [item for item in full.manifest.values() if item.get("properties") == "cover-image"]
    [old] = [meta.get("content") for meta in full.opf.iter(f"{OPF}meta") if meta.get("name") == "cover"]
    assert old == cover.get("id")
    assert full.read(cover.get("href", "")) == full_book().cover.data  # type: ignore[union-attr]


def test_without_a_cover_nothing_speaks_of_one() -> None:
    opened = epub(small_book())
    assert b"cover" not in opened.archive.read("EPUB/content.opf")


def accessibility(book: Book) -> dict[str, list[str | None]]:
    opened = epub(book)
    names = ("accessMode", "accessModeSufficient", "accessibilityFeature", "accessibilityHazard")
    return {name: opened.meta(f"schema:{name}") for name in names}


def test_an_issue_stands_in_its_series_in_both_spellings() -> None:
    issue = epub(replace(small_book(), series="The <Harbour> Letter", number=12))
    assert issue.meta("belongs-to-collection") == ["The <Harbour> Letter"]
    assert (issue.meta("collection-type"), issue.meta("group-position")) == (["series"], ["12"])
    old = {meta.get("name"): meta.get("content") for meta in issue.opf.iter(f"{OPF}meta")}
    assert old["calibre:series"] == "The <Harbour> Letter"
    assert old["calibre:series_index"] == "12"


def test_a_book_of_no_series_claims_none() -> None:
    assert epub(small_book()).meta("belongs-to-collection") == []
    assert epub(replace(small_book(), series="Letters")).meta("group-position") == []


def test_accessibility_is_true_for_text_alone() -> None:
    said = accessibility(small_book())
    assert said["accessMode"] == said["accessModeSufficient"] == ["textual"]
    features = ["structuralNavigation", "tableOfContents", "readingOrder", "displayTransformability"]
    assert said["accessibilityFeature"] == features
    assert said["accessibilityHazard"] == ["none"]


def test_accessibility_claims_alternative_text_only_if_all_pictures_have_it() -> None:
    one = picture()
    described = accessibility(one_post(f"<p>{img(one, 'A wave')}</p>", assets=(one,)))
    assert described["accessMode"] == ["textual", "visual"]
    assert described["accessModeSufficient"] == ["textual"]
    assert "alternativeText" in described["accessibilityFeature"]
    bare = accessibility(one_post(f"<p>{img(one, 'A wave')}{img(one, '')}</p>", assets=(one,)))
    assert bare["accessModeSufficient"] == ["textual,visual"]
    assert "alternativeText" not in bare["accessibilityFeature"]


def test_accessibility_tells_of_mathml_and_of_a_sheet_that_may_fix_the_look() -> None:
    formula = Formula("x", '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>', "x")
    post = replace(make_article("Only", f"<p>{token('formula', '0')}</p>"), formulas=(formula,))
    book = make_book((make_part("Feed", post),))
    assert "MathML" in accessibility(book)["accessibilityFeature"]
    styled = epub(small_book(), RenderOptions(css="p { color: red }"))
    assert "displayTransformability" not in styled.meta("schema:accessibilityFeature")


def test_a_gif_may_move_and_nobody_claims_that_it_does_not() -> None:
    gif = Asset("img-1", "image/gif", Blob(b"GIF89a"), 1, 1)
    said = accessibility(one_post(f"<p>{img(gif, 'x')}</p>", assets=(gif,)))
    assert said["accessibilityHazard"] == ["unknown"]


def test_right_to_left_books_turn_their_pages() -> None:
    book = replace(one_post("<p>ا</p>", direction="rtl"), direction="rtl", language="ar")
    opened = epub(book)
    assert opened.opf.get("dir") == "rtl"
    assert opened.opf.find(f"{OPF}spine").get("page-progression-direction") == "rtl"  # type: ignore[union-attr]
    assert {root.get("dir") for _, root in documents(opened)} == {"rtl"}


def test_a_bad_language_becomes_undetermined() -> None:
    opened = epub(replace(small_book(), language="in English"))
    assert opened.dc("language") == ["und"]
    assert opened.tree("title.xhtml").get("lang") == "und"


def test_links_between_posts_and_into_sections() -> None:
    text = epub(full_book()).read(f"{key_of(TOOLS)}.xhtml").decode()
    assert f'<a href="{key_of(TIDES)}.xhtml">the last post</a>' in text
    assert f'<a href="{key_of(TIDES)}.xhtml#sums">its sums</a>' in text


def test_section_links_meet_an_empty_anchor_for_kobo() -> None:
    text = body_of(
        f'<h2 class="x" id="{ident("a")}" lang="en">Nine characters</h2><p id="{ident("b")}">x</p>'
    )
    assert '<h2 class="x" lang="en"><span id="a"></span>Nine characters</h2>' in text
    assert '<p><span id="b"></span>x</p>' in text


@pytest.mark.parametrize(
    ("fragment", "name"),
    [
        ("plain-id_1.2", "plain-id_1.2"),
        ("fn:1", "fn-3a-1"),
        ("1st", "_-31-st"),
        ("-x", "_-2d-x"),
        ("潮", "_-6f6e-"),
        ("a b&c", "a-20-b-26-c"),
        ("", ""),
    ],
)
def test_fragments_become_names_the_same_way_everywhere(fragment: str, name: str) -> None:
    assert ncname(fragment) == name
    if not fragment:
        return
    escaped = fragment.replace("&", "&amp;")
    post = make_article(
        "Only",
        f'<h2 id="{ident(escaped)}">One</h2><p><a href="#{ident(escaped)}">a</a>'
        f'<a href="{link(key_of("Only"), escaped)}">b</a></p>',
        sections=(Section(fragment, 1, "One"),),
    )
    opened = epub(make_book((make_part("Feed", post),)))
    text = opened.read(f"{post.key}.xhtml").decode()
    assert f'<span id="{name}">' in text
    assert f'href="#{name}"' in text
    assert f'href="{post.key}.xhtml#{name}"' in text
    assert f'href="{post.key}.xhtml#{name}"' in opened.read("nav.xhtml").decode()


def test_formulas_are_as_large_as_the_text_around_them() -> None:
    formula, photo = picture(width=266, height=36), picture()
    text = body_of(
        f"<p>{img(formula, 'E', 'formula', 133, 18)} {img(photo, 'P')}</p>", assets=(formula, photo)
    )
    assert '<img class="formula" style="width:10.00em" src="images/' in text
    assert text.count("style=") == 1


def test_hostile_addresses_and_names_do_no_harm() -> None:
    post = make_article("<script>", "<p>x</p>", url='javascript:alert("x")', authors=('"><b>',))
    part = Part("part-1", "Feed", "", "/home/me/feed.xml", "javascript:x", (post,))
    opened = epub(make_book((part,), title="A\x00 & <b>", authors=("\x01Ada",), description="\x0c"))
    for name, root in documents(opened):
        assert b"javascript" not in opened.read(name)
        assert b"/home/me" not in opened.read(name)
        assert not list(root.iter(f"{XHTML}script", f"{XHTML}b"))
    assert opened.dc("title") == ["A & <b>"]
    assert opened.dc("creator") == ["Ada"]
    assert opened.dc("source") == []


def test_the_users_sheet_comes_last_and_as_it_is() -> None:
    css = "p { color: red }\n/* mine */"
    opened = epub(full_book(), RenderOptions(css=css))
    assert opened.read("css/user.css").decode() == css
    for _, root in documents(opened):
        sheets = [sheet.get("href") for sheet in root.iter(f"{XHTML}link")]
        assert sheets == ["css/book.css", "css/user.css"]


def test_our_sheet_keeps_to_what_e_readers_take() -> None:
    css = epub(small_book()).read("css/book.css").decode()
    rules = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    assert "var(" not in rules
    assert not re.search(r"--[\w-]+\s*:", rules)
    assert not re.search(r"(?:^|[{;\s])(?:direction|unicode-bidi|position)\s*:", rules)
    assert not re.search(r"(?:^|[{;\s])color\s*:(?!\s*inherit)", rules)
    assert set(re.findall(r"font-family:([^;]*);", rules)) == {" monospace, monospace"}


def test_a_users_template_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "epub").mkdir()
    (tmp_path / "epub" / "colophon.xhtml").write_text(
        '{% extends "epub/page.xhtml" %}{% block body %}<p>Mine.</p>{% endblock %}', encoding="utf-8"
    )
    opened = epub(small_book(), RenderOptions(templates=tmp_path))
    assert "<p>Mine.</p>" in opened.read("colophon.xhtml").decode()
    assert "<h1>The Harbour Letter</h1>" in opened.read("title.xhtml").decode()


def test_a_wrong_template_is_a_render_error(tmp_path: Path) -> None:
    (tmp_path / "epub").mkdir()
    (tmp_path / "epub" / "title.xhtml").write_text("{{ book.nothing }}", encoding="utf-8")
    with pytest.raises(RenderError, match=r"title\.xhtml:1.*nothing"):
        render_epub(small_book(), RenderOptions(templates=tmp_path))


@pytest.mark.parametrize("lost", [token("asset", "img-gone"), token("image", "0"), token("odd", "x")])
def test_a_token_that_stands_for_nothing_is_a_render_error(lost: str) -> None:
    with pytest.raises(RenderError, match="Only: nothing in the book answers to"):
        render_epub(one_post(f'<p><img src="{lost}" alt=""/></p>'), RenderOptions())


SCRIPT = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from factories import full_book
from feed2book.models import RenderOptions
from feed2book.render.epub import render_epub
print(hashlib.sha256(render_epub(full_book(), RenderOptions(css="p{}")).data).hexdigest())
"""


def test_the_same_book_gives_the_same_bytes_anywhere(tmp_path: Path) -> None:
    digests = set()
    for seed, zone, folder in (("0", "UTC", Path.cwd()), ("1", "Asia/Tokyo", tmp_path)):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(Path(__file__).parent.parent)],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_long_code_hangs_and_keeps_its_text() -> None:
    code = '<pre><code><span class="k">def</span> f():\n    ' + "x" * 60 + "\n</code></pre>"
    spelt = prepared(code)
    assert re.sub("<[^>]*>", "", spelt) == re.sub("<[^>]*>", "", code).rstrip("\n")
    assert spelt.count('class="line"') == 1


def test_tables_too_wide_for_a_telephone_are_marked() -> None:
    rows = ["".join(f"<td>{'n' * size}</td>" for size in sizes) for sizes in ((20, 20), (10, 10))]
    html = "".join(f"<table><tbody><tr>{row}</tr></tbody></table>" for row in rows)
    spelt = prepared(html)
    assert re.findall("<table[^>]*>", spelt) == ['<table class="wide">', "<table>"]
