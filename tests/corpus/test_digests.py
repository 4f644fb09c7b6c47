"""Digests of real feeds fit, and nothing goes missing for it. No network."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from feed2book.models import BookOptions, FetchOptions, Job, MailOptions, RenderOptions
from feed2book.pipeline import make_book
from feed2book.render.email import render_digest

LARGEST = 12
"""How many feeds are tried, those with the most bytes; all of them are tried by hand."""

_HIDDEN = re.compile(r'<style.*?</style>|<div class="preheader.*?</div>', re.DOTALL)
_TAG = re.compile(r'<(?:[^<>"]|"[^"]*")*>')

pytestmark = pytest.mark.corpus


def squeezed(text: str) -> str:
    """Return the text without white space, and with what a mail writes for lost letters."""
    return "".join(text.split()).replace("\ufffd", "?")


@pytest.mark.parametrize("number", range(LARGEST))
def test_it_fits_and_every_title_is_there(corpus: Path, number: int) -> None:
    feeds = sorted((corpus / "feeds").iterdir(), key=lambda path: (-path.stat().st_size, path.name))
    job = Job((str(feeds[number]),), "https://corpus.example/feed", FetchOptions(offline=True), BookOptions())
    book = make_book(job, datetime(2026, 11, 24, tzinfo=UTC)).book
    assert book is not None
    made = render_digest(book, RenderOptions(), MailOptions(attach=("epub",)))
    assert len(made.html.encode()) + made.html.count("\n") <= 95_000
    shown = squeezed(unescape(_TAG.sub("", _HIDDEN.sub("", made.html))))
    assert [article.title for article in book.articles if squeezed(article.title) not in shown] == []
