"""A PDF in parts: where a book is cut, what the joined document is like, what becomes of posts that fail."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import pikepdf
import pytest
from factories import ident, make_article, make_book, make_part
from pdf_walker import faults, furniture

from feed2book.errors import Code, RenderError
from feed2book.models import Article, Book, Notice, RenderOptions, Section, token
from feed2book.render.pdf import parts, render_pdf
from feed2book.render.pdf.frame import bookmarks, front
from feed2book.render.pdf.layout import Leaf, lay_out
from feed2book.render.pdf.pack import PdfPart
from feed2book.render.pdf.parts import cut

NOTE = (
    f'<p>A note.<sup><a id="{ident("r1")}" class="noteref" href="{{here}}">1</a></sup></p>'
    f'<aside id="{ident("n1")}" role="note" class="note"><p>'
    '<a class="backlink" href="{back}">1</a> Said.</p></aside>'
)
TABLE = (
    "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
)


def post(number: int, count: int, words: int = 900) -> Article:
    """Return a post with a section, a table, code, a note, and links to the posts around it."""
    title = f"Post {number + 1}"
    key = make_article(title, "").key
    others = [make_article(f"Post {other % count + 1}", "").key for other in (number + 1, number + count - 1)]
    links = " ".join(
        f'<a href="{token("post", f"{other}#part")}">over</a> <a href="{token("post", other)}">there</a>'
        for other in others
    )
    note = NOTE.format(here=token("post", f"{key}#n1"), back=token("post", f"{key}#r1"))
    text = "Water comes and goes, and nobody asks it why. " * 60
    section = f'<h2 id="{ident("part")}">Part {number}</h2><p>{text}</p>{TABLE}<pre><code>x = 1</code></pre>'
    html = f"<p>{text}{links}</p>{section}{note}"
    return make_article(title, html, words=words)


@cache
def book(count: int = 4) -> Book:
    half = count // 2
    posts = [post(number, count) for number in range(count)]
    return make_book((make_part("Ebb", *posts[:half]), make_part("Flow", *posts[half:])))


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two posts be too long for one part."""
    monkeypatch.setattr(parts, "_MOST", 1_000)


@cache
def joined() -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_MOST", 1_000)
        assert len(list(cut(book(), RenderOptions(), ""))) == 4
        return render_pdf(book(), RenderOptions()).data


def test_a_joined_document_has_no_fault() -> None:
    assert faults(joined()) == []


def test_a_document_of_one_part_has_no_fault() -> None:
    assert len(list(cut(book(), RenderOptions(), ""))) == 1
    assert faults(render_pdf(book(), RenderOptions()).data) == []


def test_fonts_are_stored_once() -> None:
    with pikepdf.open(io.BytesIO(joined())) as pdf:
        fonts = [
            one
            for one in pdf.objects
            if isinstance(one, pikepdf.Dictionary) and one.get("/Subtype") == "/Type0"
        ]
        names = [str(font.BaseFont) for font in fonts]
        assert len(names) == len(set(names)) > 3


# Mutations: the walker finds each of these faults in a document that has none.


def elements(pdf: pikepdf.Pdf, kind: str) -> list[Any]:
    found: list[Any] = list(pdf.objects)
    return [
        one for one in found if isinstance(one, pikepdf.Dictionary) and one.get("/S") == pikepdf.Name(kind)
    ]


def leaves(tree: Any, entry: str) -> Iterator[Any]:
    for leaf in tree.get("/Kids", [tree]):
        yield leaf[entry]


def content_lost(pdf: pikepdf.Pdf) -> None:
    paragraph = next(one for one in elements(pdf, "/P") if len(one.K) > 1)
    del paragraph.K[0]


def half_the_tree_lost(pdf: pikepdf.Pdf) -> None:
    document = pdf.Root.StructTreeRoot.K[0]
    document.K = pikepdf.Array(list(document.K)[: len(document.K) // 2])


def content_read_twice(pdf: pikepdf.Pdf) -> None:
    paragraph = next(one for one in elements(pdf, "/P") if len(one.K) > 1)
    paragraph.K.append(paragraph.K[0])


def pages_read_backwards(pdf: pikepdf.Pdf) -> None:
    document = pdf.Root.StructTreeRoot.K[0]
    document.K = pikepdf.Array(list(document.K)[::-1])


def wrong_parent(pdf: pikepdf.Pdf) -> None:
    elements(pdf, "/P")[0].P = pdf.Root.StructTreeRoot.K[0]
    elements(pdf, "/H2")[0].P = elements(pdf, "/P")[0]


def wrong_owner(pdf: pikepdf.Pdf) -> None:
    numbers = list(leaves(pdf.Root.StructTreeRoot.ParentTree, "/Nums"))[1]
    owners = numbers[1]
    owners[0] = owners[len(owners) - 1]


def keys_collide(pdf: pikepdf.Pdf) -> None:
    pdf.pages[5].StructParents = pdf.pages[4].StructParents


def annotation_without_owner(pdf: pikepdf.Pdf) -> None:
    link = next(one for one in elements(pdf, "/Link") if any(not isinstance(kid, int) for kid in one.K))
    link.K = pikepdf.Array([kid for kid in link.K if isinstance(kid, int)])


def dead_destination(pdf: pikepdf.Pdf) -> None:
    names = next(leaves(pdf.Root.Names.Dests, "/Names"))
    names[1][0] = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name("/Page")))


def names_out_of_order(pdf: pikepdf.Pdf) -> None:
    names = next(leaves(pdf.Root.Names.Dests, "/Names"))
    names[0], names[2] = names[2], names[0]


def placeholder_left(pdf: pikepdf.Pdf) -> None:
    annotation = next(one for page in pdf.pages for one in page.get("/Annots", []) if "/Dest" in one)
    del annotation["/Dest"]
    annotation.A = pikepdf.Dictionary(S=pikepdf.Name("/URI"), URI="book:goto/post-1")


def contents_on_another_page(pdf: pikepdf.Pdf) -> None:
    names = next(leaves(pdf.Root.Names.Dests, "/Names"))
    for at in range(1, len(names), 2):
        names[at][0] = pdf.pages[-1].obj


def page_numbers_swapped(pdf: pikepdf.Pdf) -> None:
    one, other = (page for page in list(pdf.pages)[4:6])
    one.Contents, other.Contents = other.Contents, one.Contents
    one.StructParents, other.StructParents = other.StructParents, one.StructParents


def labels_shifted(pdf: pikepdf.Pdf) -> None:
    pdf.Root.PageLabels.Nums[2] = int(pdf.Root.PageLabels.Nums[2]) + 1


def bookmark_astray(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Outlines.First.Dest[0] = pdf.Root


def bookmark_skipped(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Outlines.First.Next = pdf.Root.Outlines.Last


def ids_collide(pdf: pikepdf.Pdf) -> None:
    notes = elements(pdf, "/Note")
    notes[0].ID = notes[1].ID


def text_outside_the_tags(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[4]
    font = next(iter(page.Resources.Font))
    page.contents_add(f"BT {font} 9 Tf 9 9 Td <0011> Tj ET".encode())


MUTATIONS: tuple[Callable[[pikepdf.Pdf], None], ...] = (
    content_lost,
    half_the_tree_lost,
    content_read_twice,
    pages_read_backwards,
    wrong_parent,
    wrong_owner,
    keys_collide,
    annotation_without_owner,
    dead_destination,
    names_out_of_order,
    placeholder_left,
    contents_on_another_page,
    page_numbers_swapped,
    labels_shifted,
    bookmark_astray,
    bookmark_skipped,
    ids_collide,
    text_outside_the_tags,
)


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda one: one.__name__)
def test_the_walker_finds(mutate: Callable[[pikepdf.Pdf], None]) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(joined())) as pdf:
        mutate(pdf)
        pdf.save(out, deterministic_id=True)
    assert faults(out.getvalue()) != []


# Where a book is cut.


def posts(count: int, words: int) -> list[Article]:
    return [make_article(f"Number {number}", "<p>x</p>", words=words) for number in range(count)]


def cuts(articles: list[Article]) -> list[tuple[str, ...]]:
    found = cut(make_book((make_part("Feed", *articles),)), RenderOptions(), "")
    return [tuple(article.key for article in chapters.book.articles) for chapters in found]


def test_parts_are_neither_long_nor_many() -> None:
    runs = cuts(posts(300, 3_000))
    assert [key for run in runs for key in run] == [article.key for article in posts(300, 3_000)]
    assert max(map(len, runs)) <= 5
    assert 3 <= 300 / len(runs) <= 5


@pytest.mark.parametrize("count", [40, 77, 120])
def test_a_new_post_at_either_end_changes_one_part(count: int) -> None:
    all_posts = posts(count + 1, 3_000)
    before = set(cuts(all_posts[:-1]))
    for after in (cuts(all_posts), cuts([all_posts[-1], *all_posts[:-1]])):
        changed = [part for part in after if part not in before]
        assert sum(map(len, changed)) <= 6
        assert len(before - set(after)) <= 1


@pytest.mark.parametrize(("layout", "words"), [("book", 100), ("newspaper", 3_000), ("compact", 3_000)])
def test_posts_that_share_pages_are_parted_where_a_feed_opens(layout: str, words: int) -> None:
    feeds = [
        make_part(name, *(make_article(f"{name} {n}", "", words=words) for n in range(9))) for name in "ABCD"
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_MOST", 12 * (words + parts._POST))
        found = list(cut(make_book(tuple(feeds)), RenderOptions(layout=layout), ""))
    assert [part.key for run in found for part in run.book.parts] == [feed.key for feed in feeds]


def test_posts_one_by_one_keep_the_page_of_their_feed() -> None:
    (both,) = cut(book(), RenderOptions(), "")
    keys = [article.key for article in book().articles]
    assert both.openings == (keys[0], keys[2])
    assert [single.openings for single in both.singly()] == [(keys[0],), (), (keys[2],), ()]


@pytest.mark.parametrize(("count", "sections", "lines"), [(100, 4, 500), (100, 5, 100), (400, 0, 400)])
def test_contents_are_not_endless(count: int, sections: int, lines: int) -> None:
    headings = tuple(Section(f"s{number}", 1, f"Part {number}") for number in range(sections))
    articles = [make_article(f"Post {number}", "", sections=headings) for number in range(count)]
    bound = make_book((make_part("Feed", *articles),))
    html = front(bound, RenderOptions(), "", lambda _: 7).html
    assert html.count('data-page="7"') == lines
    assert (" dense" in html) == (count > 300)
    marks = bookmarks(bound, RenderOptions())
    assert sum(1 + len(mark.children) for mark in marks) == 1 + count * (1 + sections)


def test_short_posts_stay_together() -> None:
    articles = [post for pair in zip(posts(60, 5_000), posts(160, 50)[100:], strict=True) for post in pair]
    short = {article.key for article in posts(160, 50)[100:]}
    runs = [articles[0], *posts(160, 50)[100:], *posts(60, 5_000)[1:]]
    firsts = [part[0] for part in cuts(runs)][1:]
    assert not [key for key in firsts if key in short and key != runs[1].key]


def test_a_part_depends_on_nothing_but_itself() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_MOST", 1_000)
        one = list(cut(book(), RenderOptions(), "x"))[1]
        longer = replace(book(), issued=book().issued.replace(year=2031), remarks=(("images", 3),))
        same = list(cut(longer, RenderOptions(), "x"))[1]
    assert one.name("") == same.name("")
    assert one.name("") != one.name("other fonts") != replace(one, sheet="y").name("other fonts")


# Executors, shelves, and posts that fail.


class Shelf:
    """Keeps parts in memory, and counts."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.found = 0

    def get(self, key: str) -> bytes | None:
        self.found += key in self.kept
        return self.kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.kept[key] = value


@pytest.mark.usefixtures("small_parts")
def test_same_bytes_with_an_executor_and_from_the_shelf() -> None:
    shelf = Shelf()
    with ThreadPoolExecutor(1) as executor:
        assert render_pdf(book(), RenderOptions(), executor=executor, shelf=shelf).data == joined()
    assert (len(shelf.kept), shelf.found) == (4, 0)
    assert render_pdf(book(), RenderOptions(), shelf=shelf).data == joined()
    assert shelf.found == 4
    for key, data in shelf.kept.items():
        shelf.kept[key] = data[:-1] + bytes([data[-1] ^ 1])
    assert render_pdf(book(), RenderOptions(), shelf=shelf).data == joined()


@pytest.mark.parametrize("damage", [b"", b"\0", b"feed2book part 0\n" + bytes(40)])
def test_a_damaged_part_is_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match="part"):
        PdfPart.from_bytes(damage)


class Deadly(Executor):
    """Lets each task die that has a certain post in it, as often as it is told."""

    def __init__(self, title: str, deaths: int) -> None:
        self.title, self.deaths = title, deaths

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        of_it = args and isinstance(args[0], parts.Chapters) and not args[0].plain
        if of_it and self.deaths and self.title in [article.title for article in args[0].book.articles]:
            self.deaths -= 1
            future.set_exception(BrokenExecutor("killed"))
        else:
            future.set_result(function(*args, **kwargs))
        return future


def told(**more: Any) -> tuple[bytes, list[tuple[str, str]]]:
    notices: list[Notice] = []
    made = render_pdf(book(), RenderOptions(), tell=notices.append, **more).data
    return made, [(notice.code, notice.where) for notice in notices]


@pytest.mark.usefixtures("small_parts")
def test_a_worker_that_dies_costs_a_second_try() -> None:
    made, notices = told(executor=Deadly("Post 2", 1))
    assert made == joined()
    assert notices == [(Code.WORKER_DIED, "Post 2")]


def test_a_post_that_kills_is_set_plain_and_the_others_are_not() -> None:
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(parts, "_MOST", 2_000)
    made, notices = told(executor=Deadly("Post 2", 99))
    monkeypatch.undo()
    assert {code for code, _ in notices} == {Code.WORKER_DIED, Code.ARTICLE_DAMAGED}
    assert (Code.ARTICLE_DAMAGED, "Post 2") in notices
    assert faults(made) == []
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(elements(pdf, "/Table")) == 3


def test_a_post_that_cannot_be_laid_out_is_set_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    def fragile(leaf: Any) -> bytes:
        if "<h2" in leaf.html and "Part 2</h2>" in leaf.html:
            raise IndexError("list index out of range")
        return lay_out(leaf)

    monkeypatch.setattr(parts, "lay_out", fragile)
    made, notices = told()
    assert notices == [(Code.ARTICLE_DAMAGED, "Post 3")]
    assert faults(made) == []


def test_no_font_says_when_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def emoji(epoch: str) -> bytes:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)  # what fontTools takes for the time
        return lay_out(Leaf("<html><body><p>\U0001f600</p></body></html>", ""))

    assert emoji("1000000000") == emoji("2000000000")


def test_an_executor_that_is_broken_is_done_without() -> None:
    class Broken(Executor):
        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(BrokenExecutor("nothing starts here"))
            return future

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_MOST", 1_000)
        assert told(executor=Broken()) == (joined(), [])


def test_a_wrong_template_is_no_fault_of_a_post(tmp_path: Any) -> None:
    (tmp_path / "print").mkdir()
    (tmp_path / "print" / "posts.html").write_text("{{ nobody }}")
    with pytest.raises(RenderError, match="nobody"), ThreadPoolExecutor(1) as executor:
        render_pdf(book(), RenderOptions(templates=tmp_path), executor=executor)


def test_page_numbers_follow_the_sheet() -> None:
    css = (
        "@page { @bottom-center { content: none } "
        "@bottom-right { content: 'p. ' counter(page, decimal) ' of ' counter( pages ); "
        "letter-spacing: 1pt } }"
    )
    made = render_pdf(book(), RenderOptions(css=css)).data
    with pikepdf.open(io.BytesIO(made)) as pdf:
        labels = [page.label for page in pdf.pages if page.label.isdigit()]
    told = [text for page in furniture(made)[-len(labels) :] for text in page if text.startswith("p. ")]
    assert told == [f"p. {label} of {len(labels)}" for label in labels]
