"""The yardsticks of the evaluation, and a floor that only rises."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.eval import below, raised
from bench.yardstick import Score, expected_parts, main_part


def test_what_is_below_the_floor_or_gone_is_told() -> None:
    assert below({"a": 0.9, "b": 0.5}, {"a": 0.9, "b": 0.6, "c": 0.1}) == [
        "b: 0.5000 is below 0.6000",
        "c: 0.0000 is below 0.1000",
    ]


def test_the_floor_only_rises() -> None:
    assert raised({"a": 0.5, "b": 0.77777}, {"a": 0.6, "b": 0.7}) == {"a": 0.6, "b": 0.7778}


def test_scores() -> None:
    score = Score()
    score.add(Counter("aab"), Counter("abc"))
    score.add(Counter(), Counter("x"))
    assert (score.precision, score.recall) == pytest.approx((2 / 3, 2 / 4))
    assert score.f1 == pytest.approx(4 / 7)


def test_html_and_markdown_that_say_the_same_have_the_same_parts() -> None:
    markup = (
        "<h2>A title</h2><p>Some <b>bold</b> <a href='https://x.example/y'>words</a></p>"
        "<p><img src='/b/c.png?x=1'></p><pre><code>x = 1\n\ny = 2</code></pre>"
    )
    markdown = (
        '```json\n{"title": "no part of it"}\n```\n\n## A title\n\nSome **bold** [words](https://x.example/y)\n\n'
        "![](https://x.example/b/c.png)\n\n```python\nx = 1\n\ny = 2\n```\n"
    )
    assert expected_parts(markdown, markdown=True) == expected_parts(markup)


def test_the_article_of_a_page() -> None:
    page = "<html><body><nav>menu</nav><main><div><h1>T</h1><p>text</p><p>more</p></div></main></body></html>"
    expected = expected_parts("text\n\nmore", markdown=True)
    assert main_part(page, expected) == "<div><h1>T</h1><p>text</p><p>more</p></div>"
