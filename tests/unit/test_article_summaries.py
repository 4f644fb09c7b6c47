"""Which entries are summaries: a whole post is never one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from feed2book.article.summaries import summaries
from feed2book.models import Enclosure, Entry, Feed

HOME = "https://tide.example"
URL = f"{HOME}/moon"
WORDS = "The tide comes in twice a day and takes what it finds. "
LINK = f'<a href="{URL}?utm_source=rss">'
FOOTER = f'<p>The post {LINK}Moon</a> appeared first on <a href="{HOME}">Tide</a>.</p>'


def entry(content: str, kind: str = "content", url: str = URL, title: str = "Moon", **more: object) -> Entry:
    return Entry(url + title, url=url, title=title, content=content, content_kind=kind, base=url, **more)  # type: ignore[arg-type]


def found(*entries: Entry) -> int:
    """Return how many entries of a feed are summaries."""
    return len(summaries(Feed(f"{HOME}/feed", home=HOME, entries=entries)))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<p> &nbsp;</p>",
        f"<p>{WORDS} The moon [&#8230;]</p>",
        f"<p>{WORDS} The moon [...]</p>\n{FOOTER}",
        f"{WORDS} The moon (more&hellip;)",
        f'<p>{WORDS}</p><p>{LINK}Continue reading <span>"Moon"</span> →</a></p>',
        f"<h2>One</h2><p>{WORDS}</p><p><a class='more' href='/moon#more-12'>The rest of this</a></p>",
        f"<p>{WORDS}</p><p>{LINK}Weiterlesen</a></p>{FOOTER}",
    ],
)
def test_what_was_cut_off_is_a_summary(content: str) -> None:
    assert found(entry(content)) == 1


@pytest.mark.parametrize(
    "content",
    [
        f"<p>{WORDS}</p>",
        f"<p>{WORDS} And so on …</p>",
        f"<p>{WORDS}</p><p><a href='https://else.example/'>Continue reading</a></p>",
        f"<p>{WORDS}</p>{FOOTER}",
        f"<p>{WORDS}</p><p>{LINK}Moon</a></p>",
        f"<p>{WORDS}</p><p><small>3 posts - 2 participants</small></p><p>{LINK}Read full topic</a></p>",
        '<img src="/moon.jpg">',
        '<iframe src="https://player.example/7"></iframe>',
        f"<p>{WORDS * 40}</p><p>[…]</p>",  # 440 words
    ],
)
def test_what_may_be_whole_is_none(content: str) -> None:
    assert found(entry(content)) == 0


def test_what_is_heard_or_watched_is_none() -> None:
    episode = entry("", enclosures=(Enclosure(f"{HOME}/1.mp3", "audio/mpeg"),))
    assert found(episode, entry("", url="https://www.youtube.com/watch?v=abcdefghijk")) == 0


def test_without_a_page_there_is_nothing_to_fetch() -> None:
    assert found(entry("", url="")) == 0


def briefs(contents: Sequence[str], kind: str = "summary") -> list[Entry]:
    return [entry(content, kind, f"{HOME}/{n}", f"Post {n}") for n, content in enumerate(contents)]


@pytest.mark.parametrize(
    ("entries", "count"),
    [
        (briefs([WORDS, WORDS * 2, f"<p>{WORDS}</p>"]), 3),
        (briefs([WORDS, WORDS]), 0),  # too few to tell what the feed does
        (briefs([WORDS] * 3, "content"), 0),  # it says that this is all
        (briefs([WORDS, WORDS, WORDS * 20]), 0),  # one says more: so might the others, had they more to say
        (briefs([WORDS, WORDS, f"<ul><li>{WORDS}</ul>"]), 0),
        (briefs([f"{WORDS}And …", f"{WORDS}But...", f"<ul><li>{WORDS}</ul>"]), 2),  # most are cut
        (
            [*briefs([WORDS] * 3), entry(WORDS, "summary", "https://else.example/a")],
            3,
        ),  # somebody else's page
        ([*briefs([WORDS] * 3), entry(WORDS, "summary", title="")], 3),  # a note
    ],
)
def test_a_feed_of_short_texts_gives_summaries(entries: list[Entry], count: int) -> None:
    assert found(*entries) == count
