"""Exports of whole blogs → Feed: WordPress's, and both of Blogger's."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feed2book.errors import Code, FeedError
from feed2book.feed import parse_feed
from feed2book.feed.paragraphs import with_paragraphs
from feed2book.feed.wordpress_text import Attachment, Attachments, post_markup
from feed2book.models import Enclosure, Feed, Response

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "exports"
FILES = "https://rain.example/wp-content/uploads"
HEAD = (
    '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">'
    "<channel><title>B</title>"
)
POST = "<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>"


def sample(name: str, url: str = "file:///x") -> Feed:
    return parse_feed(Response(url, 200, (), (SAMPLES / name).read_bytes()))


def wordpress(items: str) -> Feed:
    return parse_feed(Response("file:///x", 200, (), f"{HEAD}{items}</channel></rss>".encode()))


def test_the_published_posts_of_a_wordpress_export_are_read_and_nothing_else() -> None:
    feed = sample("wordpress.xml")
    assert (feed.title, feed.subtitle) == (
        "Notes from the Rain Gauge",
        "Weather, measured at home & written down",
    )
    assert (feed.home, feed.language, feed.notices) == ("https://rain.example", "en-GB", ())
    cloud, bucket = feed.entries
    assert (cloud.id, cloud.url) == ("https://rain.example/?p=7", "https://rain.example/2026/03/cloud-names/")
    assert cloud.title == "How a cloud gets its name & keeps it"
    assert cloud.published == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert cloud.updated == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert (cloud.authors, bucket.authors) == (("The Keeper of the Gauge",), ("vane",))
    assert cloud.tags == ("Clouds & fog", "the hill")
    assert cloud.summary == "Two rules for naming clouds."
    assert (cloud.base, cloud.aliases) == (cloud.url, ("https://rain.example/?p=7",))
    assert cloud.enclosures == (
        Enclosure(f"{FILES}/cloud.png", "image/*", description="A cloud, unnamed"),
        Enclosure(f"{FILES}/drizzle.mp3", "audio/mpeg", 4800),
    )


def test_the_text_of_a_wordpress_post_is_what_the_blog_would_show() -> None:
    cloud, bucket = sample("wordpress.xml").entries
    lines = [line for line in cloud.content.splitlines() if line]
    assert lines == [
        "<p>A cloud came over the hill this morning.<br>",
        "Nobody had named it yet.</p>",
        "<h2>The rules</h2>",
        '<p>There are two of them, and <a href="/2026/04/the-bucket/">the bucket</a> obeys neither.</p>',
        (
            f'<figure><a href="https://rain.example/hill"><img class="wp-image-8" src="{FILES}/hill.jpg" '
            'alt="A hill" width="640" height="480" /></a>'
            "<figcaption>The hill, <em>before</em> the cloud</figcaption></figure>"
        ),
        "<ul>",
        "\t<li>Look up.</li>",
        "\t<li>Write it down.</li>",
        "</ul>",
        '<pre><code class="language-python">for cloud in sky:',
        "    if cloud.height &lt; 2000:",
        '        print("low")</code></pre>',
        '<p><iframe src="https://www.youtube.com/watch?v=abcdefghijk"></iframe></p>',
        f'<figure><img src="{FILES}/cloud.png" alt="A cloud, unnamed"></figure>',
        f'<figure><img src="{FILES}/hill.jpg" alt=""><figcaption>From the north</figcaption></figure>',
        r"<p>The sum was $latex \sum_i h_i$, give or take [1].</p>",
        "<pre>",
        "mm  day",
        "12  Monday",
        "</pre>",
    ]
    assert "<p>It holds ten litres,\nor so it says.</p>" in bucket.content, (
        "the block editor's own paragraphs"
    )
    assert '<iframe src="https://vimeo.com/123456"></iframe>' in bucket.content


@pytest.mark.parametrize("name", ["blogger.xml", "takeout.atom"])
def test_the_published_posts_of_a_blogger_export_are_read_and_nothing_else(name: str) -> None:
    feed = sample(name, "https://slow-garden.example/")
    (beans,) = feed.entries
    assert (feed.title, feed.home) == ("The Slow Garden", "https://slow-garden.example/")
    assert (beans.id, beans.title) == ("tag:blogger.com,1999:blog-1.post-2", "Beans & waiting")
    assert beans.url == beans.base == "https://slow-garden.example/2012/05/beans.html"
    assert beans.published == datetime(2012, 5, 4, 16, 30, tzinfo=UTC)
    assert beans.updated == datetime(2012, 5, 5, 5, tzinfo=UTC)
    assert (beans.authors, beans.tags) == (("A Gardener",), ("beans", "patience"))
    assert beans.content == "<p>They climb, but not today.</p>"


def test_takeout_names_no_addresses_unless_the_blogs_is_known() -> None:
    (beans,) = sample("takeout.atom").entries
    assert (beans.url, beans.base) == ("", "")


def test_an_export_without_published_posts_says_so() -> None:
    with pytest.raises(FeedError, match="the export holds no published posts"):
        wordpress(
            "<item><title>D</title><wp:status>draft</wp:status><wp:post_type>post</wp:post_type></item>"
        )


def test_a_damaged_export_gives_what_can_be_read_and_a_notice() -> None:
    items = f"<item><title>A\x0bB&nbsp;C</title>{POST}</item><item><title>broken off{POST[:5]}"
    feed = wordpress(items)
    assert feed.entries[0].title == "AB C"
    assert [notice.code for notice in feed.notices] == [Code.FEED_MALFORMED]


def test_an_export_names_no_file_that_would_be_read() -> None:
    doctype = '<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/hostname">]>'
    text = f"{doctype}{HEAD}<item><title>A &file;</title>{POST}</item></channel></rss>"
    (entry,) = parse_feed(Response("file:///x", 200, (), text.encode())).entries
    assert entry.title == "A &file;"


def test_entities_that_grow_without_end_end_the_reading() -> None:
    lots = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<!DOCTYPE rss [<!ENTITY e0 "boom">{lots}]>{HEAD}<item><title>&e9;</title>{POST}</item>'
    with pytest.raises(FeedError, match=r"no post of this export could be read .*amplification"):
        parse_feed(Response("file:///x", 200, (), text.encode()))


def test_a_large_export_takes_no_more_memory_than_its_posts() -> None:
    post = f"<item><title>T</title><content:encoded>{'words ' * 200}</content:encoded>"
    published = "".join(f"{post}<guid>{number}</guid>{POST}</item>" for number in range(100))
    drafts = f"{post}<wp:status>draft</wp:status><wp:post_type>post</wp:post_type></item>" * 5_000
    body = f"{HEAD}{published}{drafts}</channel></rss>".encode()
    tracemalloc.start()
    feed = parse_feed(Response("file:///x", 200, (), body))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(feed.entries) == 100
    assert peak < len(body) / 4


ATTACHMENTS = Attachments()
ATTACHMENTS.add("1", Attachment("https://e.example/a.jpg", post="7"))
ATTACHMENTS.add("2", Attachment("https://e.example/b.mp3", post="7"))
ATTACHMENTS.add("3", Attachment("https://e.example/c.png", post="8"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[gallery]", '<figure><img src="https://e.example/a.jpg" alt=""></figure>'),
        ('[gallery id="8"]', '<figure><img src="https://e.example/c.png" alt=""></figure>'),
        ('[caption caption="W"]<img>[/caption]', "<figure><img><figcaption>W</figcaption></figure>"),
        ("[code]\na < b &lt; c\n[/code]", "<pre><code>a &lt; b &amp;lt; c</code></pre>"),
        ("[python]x[/python]", '<pre><code class="language-python">x</code></pre>'),
        ("[c] is no code", "<p>[c] is no code</p>"),
        ("[youtube dQabcdefghi]", '<p><iframe src="https://www.youtube.com/watch?v=dQabcdefghi"></iframe></p>'),
        ("[youtube=https://youtu.be/a?t=1&w=2]", '<p><iframe src="https://youtu.be/a?t=1&amp;w=2"></iframe></p>'),
        ("[embed]https://vimeo.com/12[/embed]", '<p><iframe src="https://vimeo.com/12"></iframe></p>'),
        (
            '[video poster="https://e.example/p.png" mp4="https://e.example/v.mp4"][/video]',
            '<p><video src="https://e.example/v.mp4"></video></p>',
        ),
        ("[audio https://e.example/a.mp3]", '<p><audio src="https://e.example/a.mp3"></audio></p>'),
        ("https://e.example/?a=1&amp;b=2", '<p><a href="https://e.example/?a=1&amp;b=2">https://e.example/?a=1&amp;b=2</a></p>'),
        ("<pre>\nhttps://vimeo.com/1\n</pre>", "<pre>\nhttps://vimeo.com/1\n</pre>"),
        ('[vc_row][vc_column width="1/2"]in[/vc_column][/vc_row]', "<p>in</p>"),
        ('[poll id="3"]', ""),
        ("[latex]x[/latex] [1] [sic] [b]no[/b]", "<p>[latex]x[/latex] [1] [sic] [b]no[/b]</p>"),
        ('[[gallery ids="1"]] and [[Wiki]]', '<p>[gallery ids="1"] and [[Wiki]]</p>'),
    ],
)  # fmt: skip
def test_shortcodes_become_what_they_stand_for(text: str, shown: str) -> None:
    assert post_markup(text, "7", ATTACHMENTS).strip() == shown


def test_galleries_do_not_make_an_export_grow_without_end() -> None:
    files = Attachments(left=200)
    for number in range(2_000):
        files.add(str(number), Attachment(f"https://e.example/{number}.jpg", post="7"))
    shown = post_markup("[gallery]" * 2_000, "7", files)
    assert shown.count("<img") == 4, "of 62 characters each"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\r\ntwo\n \nthree", "<p>one<br>\ntwo</p>|<p>three</p>"),
        ("a<br />\nb<br><br>c", "<p>a<br />\nb</p>|<p>c</p>"),
        ("<em>a\nb</em> <a href='x\ny'>c</a>", "<p><em>a<br>\nb</em> <a href='x y'>c</a></p>"),
        ("<h2>T</h2>\ntext", "<h2>T</h2>|<p>text</p>"),
        ("<p>a\n\nb</p>c", "<p>a</p>|<p>b</p>|<p>c</p>"),
        ("<p>a\n\nb\n<div>c\nd</div>", "<p>a</p>|<p>b<div>c<br>\nd</div>"),
        ("<ul>\n<li>a</li>\n<li>b\n\nc</li>\n</ul>", "<ul>|<li>a</li>|<li>|<p>b</p>|<p>c</p>|</li>|</ul>"),
        ("<blockquote>a</blockquote>", "<blockquote>|<p>a</p>|</blockquote>"),
        ("<figcaption>a\n\nb</figcaption>", "<figcaption>a<br>|<br>|b</figcaption>"),
        ("a\n<pre>x\n\ny</pre>\nb", "<p>a</p>|<pre>x\n\ny</pre>|<p>b</p>"),
        ("a <svg>\n\n</svg> b", "<p>a <svg>\n\n</svg> b</p>"),
        ("a\n<!--more-->\nb", "<p>a</p>|<p>b</p>"),
        ("a <pre>never\n\nclosed", "<p>a</p>|<pre>never\n\nclosed"),
    ],
)  # fmt: skip
def test_blank_lines_part_paragraphs(text: str, shown: str) -> None:
    assert lines_of(with_paragraphs(text)) == lines_of(shown.replace("|", "\n"))


def test_a_tag_that_never_ends_takes_no_longer_than_its_length() -> None:
    text = "<" + "a" * 1_000_000
    assert with_paragraphs(text) == f"\n<p>{text}</p>\n"


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
