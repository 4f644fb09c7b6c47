"""The ledger is honest: what is gone is told, what was added hides nothing."""

from __future__ import annotations

import pytest

from feed2book.article import address_book, clean
from feed2book.article.draft import Draft
from feed2book.article.text import lost_words
from feed2book.errors import Code
from feed2book.models import ALLOWED_REASONS, Article, Counts, Drop, Entry, Ledger

URL = "https://blog.example/2026/a-post/"
PROSE = "<p>" + " ".join(f"word{number}" for number in range(100)) + "</p>"


def article(markup: str, *, images: bool = True) -> Article:
    entry = Entry(URL, url=URL, title="A post", content=markup)
    return clean(entry, "post-00000001", address_book([]), images=images, language="en")


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("a b c", "c b a", 0),
        ("a a a", "a", 2),
        ("a b", "a new words of ours", 1),
        ("the end.", "the end", 0),
        ("half(way", "half (way", 1),
        ("港の朝", "港の", 0),  # two characters are a word
        ("港の静かな朝", "港の", 2),
        ("so\u00adft", "soft", 0),
    ],
)
def test_lost_words(before: str, after: str, lost: int) -> None:
    assert lost_words(before, after) == lost


def test_a_pass_that_swallows_text_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def swallow(draft: Draft) -> None:
        for tag in draft.elements({"em", "img"}):
            draft.vanish(tag)

    monkeypatch.setattr("feed2book.article.cleaner.PASSES", (swallow,))
    found = article(PROSE + "<p><em>three words gone</em> <img src='/a.png'></p>")
    assert (found.ledger.lost_words, found.ledger.lost_images) == (3, 1)
    assert not found.ledger.whole
    assert [notice.code for notice in found.notices] == [Code.CONTENT_LOST]


def test_a_drop_with_a_reason_of_its_own_is_a_loss() -> None:
    drops = (Drop("pass", "I did not like it", words=4), Drop("pass", "sharing", words=50, images=2))
    ledger = Ledger(Counts(words=450, images=2), Counts(words=396), drops)
    assert (ledger.unexplained_words, ledger.unexplained_images) == (4, 0)
    assert ledger.kept == 1 - 4 / 400
    assert not ledger.whole


def test_half_a_percent_may_go() -> None:
    assert Ledger(Counts(words=1000), lost_words=5).whole
    assert not Ledger(Counts(words=1000), lost_words=6).whole
    assert not Ledger(Counts(words=1000), lost_images=1).whole
    assert Ledger().whole


def test_without_images_none_is_lost() -> None:
    found = article(PROSE + "<p><img src='/a.png' alt='A tree'></p>", images=False)
    assert found.ledger.whole
    assert [(drop.reason, drop.images) for drop in found.ledger.drops] == [("not wanted", 1)]


def test_a_noscript_that_holds_more_than_a_double_stays() -> None:
    lazy = "<img class='lazy' data-src='/a.png'>"
    found = article(f"<p>{lazy}<noscript><img src='/a.png'> and the rest of the story</noscript></p>{PROSE}")
    assert "and the rest of the story" in found.html
    assert found.ledger.whole


def test_counts() -> None:
    found = article(
        "<h2>One</h2><ul><li>a<li>b</ul><table><tr><th>h<td>d</table><pre>x\ny</pre>"
        "<p><a href='https://x.example/'>l</a> <math alttext='x'><mi>x</mi></math></p>"
        "<iframe src='https://player.vimeo.com/video/1'></iframe>"
    )
    before = found.ledger.before
    assert (before.headings, before.list_items, before.table_cells, before.code_lines) == (1, 2, 2, 2)
    assert (before.links, before.formulas, before.embeds) == (1, 1, 1)
    assert found.ledger.after.headings == 1
    assert "sharing" in ALLOWED_REASONS
