"""Which entries of real feeds are summaries, each count after a look at the entries. No network."""

from __future__ import annotations

from pathlib import Path

import pytest

from feed2book.article.summaries import summaries
from feed2book.article.text import count_words
from feed2book.errors import FeedError
from feed2book.feed import parse_feed
from feed2book.models import Feed, Response

# All other entries, those of some 60 feeds of full posts among them, are whole.
SUMMARIES = {
    "ffp-boat-karlnelson-net-3c1152.rss": 77,
    "ffp-bravelysheblogs-com-48ef84.rss": 10,
    "ffp-oceanbites-org-818f59.atom": 20,
    "ffp-realphysics-blogspot-com-cd0e0d.atom": 25,
    "ffp-rss-dw-com-14dda5.rdf": 141,
    "ffp-rss-nytimes-com-78f77f.rss": 57,
    "rss2email-quiltville-feed.atom": 25,
    "substack-contingent-ideas.rss": 1,  # "Continue reading →" on another site of the author's
    "v2-urdu_UTF8.xml": 26,
}
MOST_WORDS = 322

pytestmark = pytest.mark.corpus


def feeds(corpus: Path) -> dict[str, Feed]:
    found = {}
    for path in (corpus / "feeds").iterdir():
        try:
            response = Response(f"https://corpus.example/{path.name}", 200, (), path.read_bytes())
            found[path.name] = parse_feed(response)
        except FeedError:
            continue
    return found


def test_no_post_that_is_whole_counts_as_a_summary(corpus: Path) -> None:
    read = feeds(corpus)
    told = {name: summaries(feed) for name, feed in read.items()}
    assert {name: len(found) for name, found in told.items() if found} == SUMMARIES
    words = [
        count_words(entry.text)
        for name, feed in read.items()
        for entry in feed.entries
        if entry.id in told[name]
    ]
    assert max(words) == MOST_WORDS
