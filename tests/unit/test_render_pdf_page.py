"""The printed page: papers, layouts, running heads, both sides."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from factories import full_book, ident, key_of, make_article, make_book, make_part, small_book
from runner import feed2book

from feed2book.errors import UsageError
from feed2book.models import Article, Book, RenderOptions, Section
from feed2book.papers import PAPERS
from feed2book.render.pdf import render_pdf
from feed2book.render.pdf.heads import name_sections, shorten
from feed2book.render.pdf.page import LAYOUTS, page_of

PROSE = "The water in the harbour has two masters, the moon and the wind, and neither keeps its hours. "


def article(title: str, paragraphs: int = 6, sections: int = 2) -> Article:
    """A post with that many sections of so many paragraphs each, after an opening paragraph."""
    text = f"<p>{PROSE}</p>"
    for number in range(sections):
        text += (
            f'<h2 id="{ident(f"s{number}")}">Section {number} of {title}</h2>'
            + f"<p>{PROSE * 4}</p>" * paragraphs
        )
    found = tuple(Section(f"s{number}", 1, f"Section {number} of {title}") for number in range(sections))
    return make_article(title, text, sections=found)


@cache
def book(*titles: str) -> Book:
    return make_book((make_part("Notes", *(article(title) for title in titles)),))


@cache
def printed(page: str = "a5", layout: str = "book", two_sided: bool = False) -> bytes:
    options = RenderOptions(page=page, layout=layout, two_sided=two_sided)
    return render_pdf(book("Ebb", "Flood", "Slack"), options).data


def lines_of(data: bytes, page: int, *options: str) -> list[str]:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    command = ["pdftotext", "-f", str(page), "-l", str(page), *options, "-", "-"]
    told = subprocess.run(command, input=data, capture_output=True, check=True)
    return [line.strip() for line in told.stdout.decode().replace("\f", "").splitlines() if line.strip()]


def count(data: bytes) -> int:
    return len(pikepdf.open(BytesIO(data)).pages)


def words_at(data: bytes, page: int) -> list[tuple[float, float, str]]:
    """Return left and right edge (points) and text of each word of a page's body text."""
    command = ["pdftotext", "-bbox", "-f", str(page), "-l", str(page), "-", "-"]
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    told = subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()
    found = []
    for line in told.splitlines():
        if "<word" in line:
            edges = dict(piece.split("=") for piece in line.split("<word ")[1].split(">")[0].split(" "))
            word = line.split(">")[1].split("<")[0]
            found.append((float(edges["xMin"].strip('"')), float(edges["xMax"].strip('"')), word))
    return found


def opening(data: bytes, title: str) -> int:
    """Return the page on which a post opens, from 1."""
    pdf = pikepdf.open(BytesIO(data))
    numbers: dict[Any, int] = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}
    places = pikepdf.NameTree(pdf.Root.Names.Dests)
    return numbers[places[key_of(title)][0].objgen]


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_is_good_to_read(name: str, layout: str) -> None:
    page = page_of(RenderOptions(page=name, layout=layout))
    assert (page.width, page.height) == (PAPERS[name].width, PAPERS[name].height)
    assert page.type >= 8
    assert 1.25 <= page.leading / page.type <= 1.45
    least, most = {"book": (50, 75), "newspaper": (42, 90), "compact": (42, 92)}[layout]
    assert least <= page.letters <= most
    assert min(page.inner, page.outer) >= 6
    assert min(page.top, page.bottom) >= 9


def test_a5_is_set_as_the_house_wants_it() -> None:
    page = page_of(RenderOptions())
    assert (page.type, page.leading, page.columns) == (10.5, 14.5, 1)
    assert 60 <= page.letters <= 70


@pytest.mark.parametrize(
    ("page", "points"),
    [
        ("120x180mm", (340, 510)),
        ("6x9in", (432, 648)),
        ("12cmx180mm", (340, 510)),
        ("400 x 600 pt", (400, 600)),
        ("REMARKABLE", (445, 593)),
        ("ereader", (303, 403)),
    ],
)
def test_the_paper_has_that_size(page: str, points: tuple[int, int]) -> None:
    for sheet in pikepdf.open(BytesIO(render_pdf(small_book(), RenderOptions(page=page)).data)).pages:
        assert tuple(round(float(edge)) for edge in list(sheet.mediabox)[2:]) == points


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("a3", "a4, a5"),
        ("10x20mm", "width from 70 to 420 mm"),
        ("100x80mm", "height from 90 to 594 mm"),
        ("5000x5000in", "width from 70 to 420 mm"),
        ("120x180", "120x180mm or 6x9in"),
        ("", "120x180mm or 6x9in"),
        ("nanxnanmm", "120x180mm or 6x9in"),
        ("9" * 5000 + "x1mm", "120x180mm or 6x9in"),
    ],
)
def test_a_wrong_page_is_told(page: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        page_of(RenderOptions(page=page))


def test_nothing_is_fetched_for_a_wrong_page(tmp_path: Path) -> None:
    target = tmp_path / "x.pdf"
    done = feed2book("pdf", "https://nobody.invalid/feed", "--page", "10x20mm", "-o", target)
    assert done.code == 2
    assert done.said.count("\n") == 1
    assert "--page: a page of 10x20mm is beyond what can be set" in done.said
    assert not target.exists()


def test_a_wrong_layout_is_told() -> None:
    with pytest.raises(UsageError, match="use book, newspaper, compact"):
        page_of(RenderOptions(layout="scroll"))


def test_the_help_names_every_paper() -> None:
    told = "".join(feed2book("pdf", "--help").said.split())
    assert ",".join(PAPERS) in told


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_holds_every_word(layout: str) -> None:
    data = render_pdf(full_book(), RenderOptions(page="a4", layout=layout)).data
    told = subprocess.run(
        ["pdftotext", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()
    plain = "".join(told.replace("-\n", "").split())
    for title in (one.title for one in full_book().articles if one.title.isascii()):
        assert "".join(title.split()) in plain


def test_a_book_opens_posts_on_new_pages_and_the_others_run_on() -> None:
    posts = make_book((make_part("Notes", *(article(title, 5) for title in ("Ebb", "Flood", "Slack"))),))
    made = {layout: render_pdf(posts, RenderOptions(layout=layout)).data for layout in LAYOUTS}
    pages = {layout: [opening(data, title) for title in ("Ebb", "Flood")] for layout, data in made.items()}
    first, second = pages["book"]
    assert lines_of(made["book"], second)[0] == "Flood"
    assert second > first
    for layout in ("newspaper", "compact"):
        assert lines_of(made[layout], pages[layout][1])[0] != "Flood"
    assert count(made["compact"]) < 0.8 * count(made["book"])


def test_the_head_of_a_post_that_runs_on_is_in_one_piece() -> None:
    data = printed("a5", "compact")  # the title and the line below it would fit at the foot of a page
    lines = lines_of(data, opening(data, "Flood"))
    assert lines[lines.index("Flood") + 2] == "harbour.example"


def test_large_papers_have_columns_in_a_newspaper() -> None:
    page = page_of(RenderOptions(page="a4", layout="newspaper"))
    assert page.columns == 2
    data = printed("a4", "newspaper")
    middle = page.width / 2 / 25.4 * 72
    words = words_at(data, opening(data, "Ebb"))
    heads = {"Notes", "Ebb", "Section"}
    assert not [
        word for word in words if word[0] < middle - 3 and word[1] > middle + 3 and word[2] not in heads
    ]
    left = [word for word in words if word[0] < middle]
    assert min(len(left), len(words) - len(left)) > 150


def test_a_newspaper_opens_with_masthead_and_contents() -> None:
    lines = lines_of(printed("a4", "newspaper"), 1)
    assert lines[0] == "The Harbour Letter"
    assert "Contents" in lines


def test_heads_name_the_post_and_the_section() -> None:
    data = printed()
    first = opening(data, "Ebb")
    assert lines_of(data, first, "-layout")[0] == "Ebb"
    head = lines_of(data, first + 1, "-layout")[0]
    assert head.split("  ")[0] == "Ebb"
    assert head.split("  ")[-1].strip().startswith("Section")


def test_without_two_sides_all_pages_have_the_same_margins() -> None:
    data = printed()
    first = opening(data, "Ebb")
    edges = {round(min(word[0] for word in words_at(data, page))) for page in (first + 1, first + 2)}
    assert edges == {48}


def test_both_sides() -> None:
    data = printed("a5", "book", True)
    page = page_of(RenderOptions(two_sided=True))
    assert page.inner < page.outer
    opened = [opening(data, title) for title in ("Ebb", "Flood", "Slack")]
    assert [number % 2 for number in opened] == [1, 1, 1]
    for number in (opened[0] + 1, opened[0] + 2):
        margin = page.outer if number % 2 == 0 else page.inner
        assert min(word[0] for word in words_at(data, number)) == pytest.approx(margin / 25.4 * 72, abs=1)
    left, right = (lines_of(data, opened[0] + more)[0] for more in (1, 2))
    assert left == "Ebb"
    assert right.startswith("Section")


def test_blank_pages_are_blank() -> None:
    data = printed("a5", "book", True)
    blank = [page for page in range(1, count(data) + 1) if not lines_of(data, page)]
    pdf = pikepdf.open(BytesIO(data))
    assert [page for page in blank if page > 1]
    for number in blank[1:] if blank[0] == 1 else blank:
        painted = [str(step.operator) for step in pikepdf.parse_content_stream(pdf.pages[number - 1])]
        assert not {"Tj", "TJ", "Do", "f", "S"} & set(painted)


def test_section_heads_are_plain_words() -> None:
    plain = '<h2 id="a">Salt &amp; <em>"sweet"</em>\n water</h2><p>x</p>'
    assert name_sections(plain, 40, alone=True) == plain.replace(
        "<h2", '<h2 data-head="Salt &amp; &quot;sweet&quot; water"', 1
    )


@pytest.mark.parametrize(
    ("text", "room", "most", "short"),
    [
        ("Tide", 10, 0, "Tide"),
        ("The tide and the time", 12, 0, "The tide…"),
        ("Unbelievablylongword", 8, 0, "Unbelie…"),
        ("海と風と月の話", 8, 0, "海と風…"),
        ("One, two, three", 9, 0, "One…"),
        ("How to keep the time of tides", 40, 4, "How to keep…"),
        ("Wie man der Ebbe und der Flut folgt", 30, 6, "Wie man der Ebbe…"),
        ("Of it all the", 40, 3, "Of it…"),
        ("Tides and winds: what the harbour knows", 40, 4, "Tides and winds"),
        ("Who knows the tide? The moon and the wind", 40, 5, "Who knows the tide?"),
        ("Ebb and flood – a story", 40, 4, "Ebb and flood"),
        ("Part 2: the tides of the year", 40, 4, "Part 2: the tides…"),
        ("At 12:30 in the harbour", 40, 4, "At 12:30…"),
        ("Mond（月）と風の話", 8, 0, "Mond"),
    ],
)
def test_titles_are_cut_where_they_read_well(text: str, room: int, most: int, short: str) -> None:
    assert shorten(text, room, most) == short
