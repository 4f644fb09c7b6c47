"""Where an excerpt ends, and what it leaves out."""

from __future__ import annotations

from html.parser import HTMLParser

import factories
import pytest

from feed2book.models import token
from feed2book.render.email_excerpt import ENOUGH, MOST, excerpt

SENTENCE = "The keeper wrote down the wind, the height of water and every ship that passed. "
LONG = f"<p>{SENTENCE * 30}</p>"
PARAGRAPH = f"<p>{(SENTENCE * 6).strip()}</p>"


class Text(HTMLParser):
    """The words of some HTML, whose tags must be closed in the right order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_it_ends_with_a_paragraph() -> None:
    assert excerpt(PARAGRAPH * 9) == PARAGRAPH


def test_a_long_paragraph_ends_with_a_sentence() -> None:
    text = Text(excerpt(LONG)).words
    assert text == (SENTENCE * (MOST // len(SENTENCE))).strip()


@pytest.mark.parametrize(
    ("html", "end"),
    [
        (f"<p>{'word ' * 400}</p>", "word word…"),
        (f"<p>{'潮が引いた。' * 400}</p>", "潮が引いた。"),
        (f"<p>He said “{'yes, ' * 80}no.” {'And so on ' * 80}</p>", "no.”"),
        (f"<p>{SENTENCE * 3}<em>Then <b>{'more ' * 300}</b></em></p>", "ship that passed."),
        (f"<ul>{'<li>' + SENTENCE * 2 + '</li>'}{'<li>' + 'more ' * 300 + '</li>'}</ul>", "that passed."),
        (f"<p>{'a&amp;b ' * 300}</p>", "a&b…"),
    ],
    ids=["words", "japanese", "quotes", "markup", "list", "references"],
)
def test_a_cut_leaves_markup_whole(html: str, end: str) -> None:
    text = Text(excerpt(html)).words
    assert text.rstrip().endswith(end)
    assert len(text) <= MOST + 1


@pytest.mark.parametrize(
    "left_out",
    [
        "<h2>Low water</h2>",
        "<figure><img class='picture' src='x' alt='Low water'/><figcaption>Low water</figcaption></figure>",
        "<pre><code>Low water</code></pre>",
        "<table><tbody><tr><td>Low water <p>more</p></td></tr></tbody></table>",
        '<ol class="post-toc"><li>Low water</li></ol>',
        '<aside class="embed"><p>Low water</p></aside>',
        '<p><a href="x"><img class="picture" src="x" alt="Low water"/></a></p>',
        f'<p><sup><a id="{token("id", "r")}" class="noteref" href="#">Low water</a></sup></p>',
        "<hr/>",
    ],
)
def test_it_is_prose(left_out: str) -> None:
    assert excerpt(left_out + PARAGRAPH * 9) == PARAGRAPH


def test_its_ids_are_gone_and_its_tokens_whole() -> None:
    link, formula = factories.link("post-1a2b3c4d", "x"), token("formula", "0")
    html = f'<p id="{token("id", "a")}"><a href="{link}">See</a> {formula}. {SENTENCE * 6}</p>'
    assert excerpt(html + LONG) == f'<p><a href="{link}">See</a> {formula}. {SENTENCE * 6}</p>'


def test_a_short_post_is_its_own_excerpt() -> None:
    html = f'<h2 id="{token("id", "a")}">Head</h2><p>Short.</p><pre>code</pre>'
    assert excerpt(html) == html


def test_a_post_without_prose_has_none() -> None:
    assert excerpt(f"<pre>{'code ' * 400}</pre>") == ""


def test_what_is_enough_lies_below_the_most() -> None:
    assert len(SENTENCE) < ENOUGH < MOST


def test_time_grows_with_the_length_only() -> None:
    """A hundred thousand empty elements, or unclosed signs, are walked over once."""
    for hostile in ("<p></p>" * 50_000, "<ul>" * 20_000 + "</ul>" * 20_000, "&" * 200_000, "<" * 200_000):
        assert len(excerpt(hostile)) <= 200_000
