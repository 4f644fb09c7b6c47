from __future__ import annotations

import textwrap

import factories
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feed2book.render.columns import hanging, table, underlined, width, wrap
from feed2book.render.email_text import WIDTH, article_text

LOREM = "The keeper wrote down the wind, the height of water and every ship that passed. "


def text(html: str) -> str:
    return article_text(factories.make_article("A post", html))


def expect(html: str, wanted: str) -> None:
    assert text(html) == textwrap.dedent(wanted).strip("\n")


def test_paragraphs_are_wrapped_and_apart() -> None:
    lines = text(f"<p>{LOREM * 3}</p>\n<p>End.</p>").split("\n")
    assert max(map(len, lines)) <= WIDTH
    assert lines[-2:] == ["", "End."]
    assert " ".join(lines[:-2]) == LOREM.strip() + (" " + LOREM.strip()) * 2


def test_headings_are_underlined_by_their_level() -> None:
    expect(
        "<h2>Low water</h2><p>a</p><h3>Höhe</h3><p>b</p><h4>Small</h4><p>c</p>",
        """
        Low water
        ---------

        a

        Höhe
        ....

        b

        Small

        c
        """,
    )


def test_lists_nest_and_are_numbered_from_their_start() -> None:
    expect(
        '<p>So:</p><ol start="9"><li>nine<ul><li>deep</li></ul></li><li><p>ten</p><p>more</p></li></ol>'
        "<p>End</p>",
        """
        So:

          9. nine
               * deep
         10. ten

             more

        End
        """,
    )


def test_quotes_keep_their_mark_on_every_line() -> None:
    expect(
        f"<blockquote><p>{LOREM}</p><blockquote><p>b</p></blockquote><ul><li>c</li></ul></blockquote><p>d</p>",
        """
        > The keeper wrote down the wind, the height of water and every ship
        > that passed.
        >
        > > b
        >
        >   * c

        d
        """,
    )


def test_code_is_indented_and_not_wrapped() -> None:
    code = "def f():\n\treturn  1  # " + "x" * 90
    lines = text(f"<pre><code>{code}\n\n  end</code></pre>").split("\n")
    assert lines[0] == "    def f():"
    assert lines[1].startswith("        return  1  # xxx")
    assert lines[2:] == ["", "      end"]


def test_links_are_numbered_once_and_listed_below() -> None:
    here = factories.ident("x")
    inside = factories.link("post-1", "y")
    expect(
        '<p><a href="https://a.example/">One</a>, <a href="https://b.example/">two</a> and '
        '<a href="https://a.example/">one again</a>; <a href="https://c.example/">https://c.example/</a>, '
        f'<a id="{here}" href="#{here}">here</a>, <a href="{inside}">inside</a>.</p>',
        """
        One [1], two [2] and one again [1]; https://c.example/, here, inside.

        [1] https://a.example/
        [2] https://b.example/
        """,
    )


def test_inline_marks() -> None:
    expect(
        "<p><em>a</em> <strong>b</strong> <code>c</code> <q>d</q> <del>e</del> H<sub>2</sub>O 10<sup>3</sup> "
        "1<sup>st</sup> <em></em>f<br/>g &amp; &lt;h&gt;</p>",
        """
        _a_ *b* `c` "d" ~e~ H2O 10^3 1st f
        g & <h>
        """,
    )


def test_pictures_are_their_words() -> None:
    photo = factories.picture()
    expect(
        f"<figure>{factories.img(photo, 'The  wall')}<figcaption>At noon</figcaption></figure>"
        f"<p>So {factories.img(photo, 'x = 1', 'formula')}. {factories.img(photo, '')}</p>"
        '<p><span class="missing">A chart</span></p>',
        """
        [The wall]

        At noon

        So x = 1.

        [A chart]
        """,
    )


def test_tables_are_aligned() -> None:
    expect(
        "<table><caption>Tides</caption><thead><tr><th>Day</th><th>Height</th></tr></thead><tbody>"
        "<tr><td>Mon</td><td><p>4.8</p></td></tr><tr><td>Wednesday</td><td></td></tr></tbody></table><p>End</p>",
        """
        Tides
        Day        Height
        ---------  ------
        Mon        4.8
        Wednesday

        End
        """,
    )


def test_a_table_inside_a_table_becomes_text() -> None:
    inner = "<table><tr><td>b</td><td>c</td></tr></table>"
    assert text(f"<table><tr><td>a</td><td>{inner}</td></tr></table>") == "a  b c"


def test_a_wide_table_wraps_its_cells() -> None:
    lines = list(table([["Day", "Remark"], ["Monday", LOREM.strip()], ["Tuesday", "Fog"]], 1, 40))
    assert lines[0] == "Day      Remark"
    assert lines[1] == "-------  " + "-" * 31
    assert lines[2] == "Monday   The keeper wrote down the wind,"
    assert lines[3].startswith("         the height")
    assert all(width(line) <= 40 for line in lines)


def test_a_table_of_too_many_columns_is_one_paragraph_a_row() -> None:
    rows = [[f"cell {number}" for number in range(30)]]
    lines = list(table(rows, 0, 72))
    assert " ".join(lines) == " | ".join(rows[0])


@pytest.mark.parametrize("html", ["", "<p></p>", "<table></table>", "<ul></ul>", "<hr/>", "<pre></pre>"])
def test_nothing_makes_nothing_much(html: str) -> None:
    assert len(text(html).split("\n")) == 1


def test_deep_quotes_leave_room_for_words() -> None:
    html = "<blockquote>" * 100 + f"<p>{LOREM}</p>" + "</blockquote>" * 100
    lines = text(html).split("\n")
    assert all(len(line) <= WIDTH for line in lines)
    assert all(len(line.lstrip("> ")) > 15 for line in lines[:-1])


def test_a_megabyte_of_everything_is_text_in_one_pass() -> None:
    html = f'<p>{LOREM}<a href="https://a.example/">b</a></p><ul><li>c</li></ul>' * 10_000
    assert text(html).count("keeper") == 10_000


@given(st.text(alphabet="ab 日é\u0301\n-", max_size=200), st.integers(4, 40))
def test_wrapping_loses_nothing_and_keeps_to_the_width(said: str, columns: int) -> None:
    lines = list(wrap(said, columns))
    assert "".join("".join(lines).split()) == "".join(said.split())
    assert all(width(line) <= columns or " " not in line for line in lines)


@given(
    st.lists(st.lists(st.text(alphabet="ab日 ", max_size=60), max_size=6), max_size=6),
    st.integers(0, 3),
    st.integers(20, 72),
)
def test_tables_keep_every_letter(rows: list[list[str]], heads: int, columns: int) -> None:
    lines = "".join(table(rows, heads, columns))
    wanted = sorted(char for row in rows for cell in row for char in cell if not char.isspace())
    assert sorted(char for char in lines if char in "ab日") == wanted


def test_hanging_and_underlined() -> None:
    assert hanging("  1. ", LOREM * 2, 50).split("\n")[1].startswith("     ")
    assert underlined("港の朝", "=", 72) == ["港の朝", "======"]
