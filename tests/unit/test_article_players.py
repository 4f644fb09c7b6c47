"""Addresses of players → the page to go to; addresses of pictures → whether they are one picture."""

from __future__ import annotations

import pytest

from feed2book.article import address_book, clean
from feed2book.article.players import recognise
from feed2book.article.sources import picture_key
from feed2book.models import Article, Entry


@pytest.mark.parametrize(
    ("address", "kind", "page"),
    [
        (
            "https://www.youtube-nocookie.com/embed/abcdefghijk?rel=0",
            "Video",
            "https://www.youtube.com/watch?v=abcdefghijk",
        ),
        (
            "https://www.youtube.com/embed/videoseries?si=x&list=PL_1-2",
            "Videos",
            "https://www.youtube.com/playlist?list=PL_1-2",
        ),
        (
            "https://m.youtube.com/watch?app=m&v=abcdefghijk",
            "Video",
            "https://www.youtube.com/watch?v=abcdefghijk",
        ),
        ("https://player.vimeo.com/video/12?dnt=1&h=0a1b", "Video", "https://vimeo.com/12/0a1b"),
        (
            "https://open.spotify.com/embed/episode/4rO?utm_source=x",
            "Audio",
            "https://open.spotify.com/episode/4rO",
        ),
        (
            "https://embed.podcasts.apple.com/us/podcast/x/id1?i=2",
            "Audio",
            "https://podcasts.apple.com/us/podcast/x/id1?i=2",
        ),
        ("https://codepen.io/a-b/embed/preview/XyZ?height=1", "Code", "https://codepen.io/a-b/pen/XyZ"),
        ("https://gist.github.com/me/0a1b.js?file=x.py", "Code", "https://gist.github.com/me/0a1b"),
        (
            "https://platform.twitter.com/embed/Tweet.html?dnt=1&id=12",
            "Post",
            "https://twitter.com/i/status/12",
        ),
        (
            "https://social.example/@me@other.example/123/embed",
            "Post",
            "https://social.example/@me@other.example/123",
        ),
        (
            "https://embed.bsky.app/embed/did:plc:ab1/app.bsky.feed.post/3k?id=1",
            "Post",
            "https://bsky.app/profile/did:plc:ab1/post/3k",
        ),
        (
            "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fx",
            "Post",
            "https://www.facebook.com/x",
        ),
        (
            "https://evil.example/youtube.com/embed/abcdefghijk",
            "Embedded page",
            "https://evil.example/youtube.com/embed/abcdefghijk",
        ),
        (
            "https://youtube.com.evil.example/embed/abcdefghijk",
            "Embedded page",
            "https://youtube.com.evil.example/embed/abcdefghijk",
        ),
    ],
)
def test_a_player_leads_to_its_page(address: str, kind: str, page: str) -> None:
    player = recognise(address)
    assert (player.kind, player.address) == (kind, page)


@pytest.mark.parametrize(
    "other",
    [
        "http://blog.example/up/a.jpg?w=640",
        "https://blog.example/up/a-300x200.jpg",
        "https://blog.example/up/a-scaled.jpg",
        "https://i0.wp.com/blog.example/up/a.jpg?fit=1024%2C683&ssl=1",
        "https://cdn.blog.example/up/a@2x.jpg#x",
        "https://substackcdn.com/image/fetch/w_1456,c_limit/https%3A%2F%2Fblog.example%2Fup%2Fa.jpg",
    ],
)
def test_the_sizes_of_a_picture_are_one_picture(other: str) -> None:
    key = picture_key("https://blog.example/up/a.jpg")
    assert picture_key(other) == key
    assert picture_key("https://blog.example/up/b.jpg") != key


def test_pictures_told_apart_by_their_query_are_two() -> None:
    assert picture_key("https://a.example/image.php?id=1") != picture_key("https://a.example/image.php?id=2")


def _article(content: str) -> Article:
    entry = Entry("x", url="https://blog.example/p/", title="T", content=content)
    return clean(entry, "post-1", address_book([("post-1", entry)]), language="en")


def test_a_card_is_no_first_line() -> None:
    frame = '<iframe src="https://a.example/" title="A title that is longer than five words"></iframe>'
    assert _article(frame + "<p>The text of the post begins here.</p>").excerpt.startswith("The text")


def test_a_headings_link_to_itself_is_no_preview() -> None:
    article = _article('<h2 id="a"><a class="bookmark" href="#a">A heading</a></h2><p>Text</p>')
    assert [section.title for section in article.sections] == ["A heading"]


def test_ten_thousand_frames_are_ten_thousand_cards_and_one_notice() -> None:
    article = _article('<iframe src="https://a.example/"></iframe>' * 10_000)
    assert article.html.count('<aside class="embed"') == 10_000
    assert len(article.notices) == 1
