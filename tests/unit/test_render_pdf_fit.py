"""Long words in tables, long lines of code, characters without a glyph, private addresses."""

from __future__ import annotations

import html as html_module
import re

import pytest
from factories import picture
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feed2book.models import Asset
from feed2book.render.pdf import body
from feed2book.render.pdf.fetcher import BookFetcher
from feed2book.render.pdf.glyphs import box_missing


def fit(html: str) -> str:
    """Fit the HTML to the lines of A5."""
    return body.fit(html, 66)


def table(*cells: str) -> str:
    return "<table><tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr></table>"


def word_lengths(html: str) -> list[int]:
    text = html_module.unescape(re.sub("<[^>]*>", " ", html))
    return [len(word) for word in re.split("[\\s\u200b]+", text) if word]


def size_of(html: str) -> str:
    return html.split('data-fit="')[1].split('"')[0]


def bare(html: str) -> str:
    return re.sub(' data-fit="[a-z]*"', "", html.replace("\u200b", ""))


@pytest.mark.parametrize("columns", [1, 2, 5, 9, 30, 200])
def test_the_narrowest_that_a_table_can_get_fits_the_page(columns: int) -> None:
    plain = table(*["n" * 100] * columns)
    fitted = fit(plain)
    assert size_of(fitted) == "tiny"
    assert columns * max(word_lengths(fitted)) <= max(95, columns)
    assert bare(fitted) == plain


def test_words_are_broken_no_more_than_it_takes() -> None:
    assert max(word_lengths(fit(table("a", "b", "c", "n" * 100)))) == 95 - 4 - 3
    assert max(word_lengths(fit(table("n" * 100, "n" * 20, "c")))) == 95 - 3 - 20 - 1


@pytest.mark.parametrize(("letters", "size"), [(50, "plain"), (70, "small"), (90, "tiny"), (100, "tiny")])
def test_smaller_type_before_broken_words(letters: int, size: str) -> None:
    fitted = fit(table("n" * letters))
    assert size_of(fitted) == size
    assert ("\u200b" in fitted) == (letters > 94)


def test_a_word_of_several_elements_counts_as_one() -> None:
    assert size_of(fit(table("n" * 60 + "<sup>" + "n" * 20 + "</sup>"))) == "tiny"
    assert size_of(fit(table("<p>" + "n" * 60 + "</p><p>" + "n" * 20 + "</p>"))) == "plain"


def test_a_table_in_a_table_has_the_room_of_its_column() -> None:
    inner = table("n" * 60, "n" * 60)
    lengths = word_lengths(fit(table(inner, inner, "x")))
    assert 2 * 2 * (max(lengths) + 1) + 3 + 1 <= 95


def test_a_cell_over_two_columns_has_the_room_of_both() -> None:
    html = f'<table><tr><td colspan="2">{"n" * 60}</td></tr><tr><td>a</td><td>b</td></tr></table>'
    assert bare(fit(html)) == html
    assert "\u200b" not in fit(html)
    assert fit('<table><tr><td colspan="99999999">x</td></tr></table>').count("x") == 1


def test_entities_and_attributes_are_not_cut() -> None:
    cell = "&amp;" * 40 + '<a href="https://harbour.example/' + "p" * 90 + '" title="a > b">x</a>'
    fitted = fit(table(cell, *"abcdefgh"))
    assert bare(fitted) == table(cell, *"abcdefgh")
    assert not re.search("&[a-z]*\u200b[a-z]*;", fitted)
    assert "p" * 90 in fitted


def test_text_outside_tables_is_left_alone() -> None:
    text = "<p>" + "w" * 300 + "</p>"
    assert bare(fit(text + table("x"))) == text + table("x")


def lines_set(html: str, width: int) -> list[str]:
    """Return the lines that WeasyPrint makes of a paragraph."""
    import weasyprint

    style = f"@page {{ size: {width}px 900px; margin: 0 }} body {{ margin: 0; font: 14px DejaVu Serif }}"
    page = weasyprint.HTML(string=f"<style>{style}</style><p>{html}</p>").render().pages[0]
    boxes = [box for box in page._page_box.descendants() if type(box).__name__ == "LineBox"]
    return ["".join(getattr(box, "text", "") for box in line.descendants()) for line in boxes]


def test_text_before_a_link_fills_its_line() -> None:
    text = "Likeness is measured by the dot product, and the weights come from <a>softmax</a>. Then more."
    fitted = fit(text)
    assert fitted == text.replace(" <a>", "<a> ")
    shortest = [min(map(len, lines_set(fitted, width)[:-1])) for width in range(250, 290)]
    assert min(shortest) > 18


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ('x <a title="a > b" href="#">y</a> z', 'x<a title="a > b" href="#"> y</a> z'),
        ("x <img/> y", "x<span> </span><img/> y"),
        ('x <a href="y"><code>z</code></a>', 'x<span> </span><a href="y"><code>z</code></a>'),
        ("<em>x</em> <b>y</b>", "<em>x</em> <b>y</b>"),
        ("x <aside>y</aside> <br/>", "x <aside>y</aside> <br/>"),
    ],
)
def test_spaces_move_into_what_follows(text: str, moved: str) -> None:
    assert fit(text) == moved


def test_spaces_in_code_stay_as_they_are() -> None:
    assert fit("<pre>a <em>b</em> c</pre>") == '<pre data-fit="short">a <em>b</em> c</pre>'


def test_short_code_stays_as_it_is_and_on_one_page() -> None:
    code = "<code>one\n  two\n\nthree\n</code></pre>"
    assert fit(f"<pre>{code}") == f'<pre data-fit="short">{code}'
    long = "<pre>" + "x\n" * 30 + "</pre>"
    assert fit(long) == long


def text_of(html: str) -> str:
    return html_module.unescape(re.sub("<[^>]*>", "", html))


@given(st.lists(st.sampled_from(["", "short", "    deep", "  " + "long " * 20, "x" * 90]), min_size=1))
def test_code_keeps_its_text(lines: list[str]) -> None:
    code = "<pre>" + "\n".join(lines) + "</pre>"
    fitted = fit(code)
    assert text_of(fitted).rstrip("\n") == text_of(code).rstrip("\n")
    assert fitted.count('class="line"') == sum(len(line) > 45 for line in lines)


def test_tags_over_lines_are_closed_and_opened_again() -> None:
    fitted = fit("<pre><code><em>a\n" + "b" * 80 + "</em>\nc</code></pre>")
    assert "<em>" + "b" * 80 + "</em>\n</span>c</code>" in fitted
    for name in ("em", "code", "span", "pre"):
        assert fitted.count(f"<{name}") == fitted.count(f"</{name}>")


def test_code_in_several_elements_stays_nested() -> None:
    code = "<pre><code>" + "a " * 40 + "</code>\n<em><code>b\n" + "c" * 80 + "</code></em></pre>"
    fitted = fit(code)
    assert text_of(fitted) == text_of(code)
    etree.fromstring(fitted)


def test_what_wraps_hangs_deeper_than_its_line() -> None:
    assert "padding-left:4.8em;text-indent:-4.8em" in fit("<pre>    " + "x" * 80 + "</pre>")


def test_a_word_longer_than_a_line_of_code_is_broken_where_the_line_ends() -> None:
    assert "word-break:break-all" in fit("<pre>x = " + "y" * 80 + "</pre>")
    assert "word-break" not in fit("<pre>" + "some words " * 9 + "</pre>")


class Draws:
    """Draws with WeasyPrint, and counts."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str) -> None:
        import weasyprint

        self.texts.append(text)
        weasyprint.HTML(string=f"<p>{text}").write_pdf()


def test_plain_books_are_not_drawn_twice() -> None:
    draw = Draws()
    body = "<p>Plain – “text”, déjà vu…</p>"
    assert box_missing(body, draw) == (body, frozenset())
    assert draw.texts == []


def test_missing_glyphs_become_boxes_in_text_alone() -> None:
    private, joined = "\U0010fff0", "\U0010fff1\ufe0f\u200d\U0010fff2"
    body = f'<p title="{private}">a{private}b{joined}c α</p>'
    boxed, missing = box_missing(body, Draws())
    assert {private, "\U0010fff1", "\U0010fff2"} <= missing
    assert re.fullmatch(f'<p title="{private}">a([□◊])b\\1c α</p>', boxed)


def test_vast_scripts_are_asked_for_once() -> None:
    draw = Draws()
    box_missing("<p>" + "".join(map(chr, range(0x4E00, 0x5200))) + "</p>", draw)
    assert len(draw.texts[0].split()) == 3  # one of them, and the two boxes


def fetcher() -> BookFetcher:
    asset: Asset = picture()
    return BookFetcher([(asset.id, asset)], "p { color: red }")


def test_the_books_own_files_are_served() -> None:
    asset = picture()
    assert fetcher().fetch(f"book:asset/{asset.id}").read() == asset.data
    assert fetcher().fetch("book:sheet").read() == b"p { color: red }"
    assert fetcher().fetch("book:font/SourceSerifPro-It.ttf").read()[:4] == b"\x00\x01\x00\x00"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "https://harbour.example/x.png",
        "data:text/css,p{}",
        "ftp://harbour.example/",
        "book:asset/other",
        "book:asset/../font",
        "book:font/SourceSerifPro-It.otf",
        "book:font/../__init__.py",
        "book:font/SourceSerifPro-/../LICENSE.ttf",
        "book:",
        "",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="refused"):
        fetcher().fetch(url)


@pytest.mark.parametrize(
    ("code", "breaks"),
    [
        ("n" * 26, False),
        ("n" * 27, True),
        ("a " + "n" * 27, True),
        ("n" * 20 + "/" + "n" * 20, False),
        ("&lt;" * 20, False),
        ("", False),
    ],
)
def test_a_long_word_of_code_in_a_sentence_breaks_anywhere(code: str, breaks: bool) -> None:
    html = f"<p>x <kbd>{code}</kbd></p>"
    fitted = fit(html)
    assert ('data-fit="long"' in fitted) == breaks
    assert bare(fitted).replace("<span> </span>", " ") == html
