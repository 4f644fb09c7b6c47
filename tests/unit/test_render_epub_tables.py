"""Tables on the narrow screens of e-readers."""

from __future__ import annotations

import re

import pytest

from feed2book.models import token
from feed2book.render.epub_tables import fit_tables


def table(columns: int, cell: str, *, head: bool = True, rows: int = 2) -> str:
    names = "".join(f'<th scope="col">Name {number}</th>' for number in range(columns))
    body = "".join(f"<tr>{f'<td>{cell}</td>' * columns}</tr>" for _ in range(rows))
    return f"<table>{f'<thead><tr>{names}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


def test_what_fits_stays_as_it_is() -> None:
    markup = f"<p>a</p>{table(3, 'word word')}<p>b</p>"
    assert fit_tables(markup) == markup


def test_smaller_type_comes_before_broken_words() -> None:
    assert fit_tables(table(4, "elevenchars")) == table(4, "elevenchars").replace(
        "<table>", '<table class="wide">'
    )


def test_a_long_word_breaks_where_the_others_stay_whole() -> None:
    markup = table(3, "1234.56").replace("<td>1234.56</td></tr>", f"<td>{'x' * 100}</td></tr>", 1)
    fitted = fit_tables(markup)
    assert "1234.56" in fitted
    assert max(map(len, re.findall("x+", fitted))) < 50
    assert fitted.replace("\u200b", "") == markup.replace("<table>", '<table class="wide">')


def test_nothing_breaks_in_what_stands_for_a_formula_or_in_code() -> None:
    kept = f"{token('formula', '12345')}<pre>{'y' * 100}</pre>"
    markup = table(14, "x" * 60, head=False).replace("<td>", f"<td>{kept}", 1)
    fitted = fit_tables(markup)
    assert kept in fitted
    assert "x" * 60 not in fitted


def test_too_many_columns_make_records_that_name_their_cells() -> None:
    markup = table(12, "1234.5", rows=1).replace("<td>1234.5</td>", "<th>Row</th>", 1)
    fitted = fit_tables(markup.replace("<td>1234.5</td></tr>", "<td></td></tr>"))
    assert fitted.startswith('<table class="records"><thead>')
    assert "<th>Row</th><td><b>Name 1:</b> 1234.5</td>" in fitted
    assert fitted.endswith("<td></td></tr></tbody></table>")
    assert "\u200b" not in fitted


@pytest.mark.parametrize(
    "markup",
    [
        table(12, "1234.5", head=False),
        table(12, "1234.5").replace("<td>", '<td colspan="1">'),
        table(12, "<table><tr><td>x</td></tr></table>1234.5"),
        table(12, "1234.5").replace("Name 1", "\ufdd0formula:0\ufdd1"),
    ],
)
def test_no_records_of_what_is_not_that_simple(markup: str) -> None:
    assert '<table class="wide">' in fit_tables(markup)


def test_it_takes_no_longer_than_the_tables_are_long() -> None:
    markup = table(30, "1234.5", rows=2_000)
    assert fit_tables(markup).count("<b>Name 7:</b>") == 2_000
