"""The article in a page: what stays, what goes, and what is no page of the post."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feed2book.article import Extract, Page, completed, extract, goes_on, joined, says_more
from feed2book.article.extract_rules import read_site_file
from feed2book.models import Enclosure, Entry, SiteRule

URL = "https://tide.example/2026/moon/"
TEXT = [
    "The moon pulls at the sea, and the sea gives way a little on the near side of the world.",
    "On the far side it gives way as well, since the world itself is drawn aside from under it.",
    "So there are two hills of water, and the shore turns through both of them within a day.",
    "A harbour in a funnel of rock has more of it than an open beach, for the hill is squeezed.",
]
BODY = f"""
<h1>Moon</h1><p class="byline">By Ada Marsh</p>
<p>{TEXT[0]}<sup><a href="#fn1">1</a></sup></p>
<h2 id="far">The far side</h2><p>{TEXT[1]} <a href="../sun/">The sun</a> helps.</p>
<figure><img data-src="tide.jpg" alt="A tide table"><figcaption>High water.</figcaption></figure>
<pre><code class="language-python">def high(water):
    return water * 2
</code></pre>
<ul><li>Spring</li><li>Neap</li></ul>
<div class="sharedaddy">Share this: Click to email this to a friend who likes the sea</div>
<p>{TEXT[2]}</p><p>{TEXT[3]}</p>
<ol class="footnotes"><li id="fn1">Less than a metre.</li></ol>
"""
PAGE = """<!doctype html><html lang="de"><head><title>Moon – Tide</title>
<meta property="og:image" content="/lead.jpg">
<meta property="article:published_time" content="2026-03-04T09:00:00Z">
<script type="application/ld+json">{"@type": "Article", "author": {"@type": "Person", "name": "Ada Marsh"}}
</script></head><body><nav><a href="/">Home</a> <a href="/about">All about the tide and us</a></nav>
<div class="page"><main><article>BODY</article></main><aside><h2>Other posts</h2><p>Stars</p></aside>
<section id="comments"><p>What a fine post, I have read it twice and mean to read it again.</p></section>
</div><footer>Copyright of the tide, all rights are reserved by the sea.</footer></body></html>"""


def read(body: str = BODY, told: tuple[str, ...] = (), url: str = URL, **more: object) -> Extract:
    return extract(Page(url, PAGE.replace("BODY", body).encode(), "utf-8", told, **more))  # type: ignore[arg-type]


def test_the_markup_of_the_article_is_the_pages_own() -> None:
    found = read()
    for kept in (
        *TEXT,
        '<h2 id="far">The far side</h2>',
        '<code class="language-python">def high(water):\n    return water * 2\n</code>',
        '<img data-src="tide.jpg" alt="A tide table">',
        "<li>Neap</li>",
        '<a href="#fn1">1</a>',
        '<li id="fn1">',
        '<a href="https://tide.example/2026/sun/">',
    ):
        assert kept in found.html
    for gone in ("Home", "Share this", "Other posts", "a fine post,", "Copyright"):
        assert gone not in found.html
    assert (found.trouble, found.base) == ("", URL)


def test_what_the_page_says_of_the_post() -> None:
    found = read()
    assert (found.title, found.authors, found.language) == ("Moon", ("Ada Marsh",), "de")
    assert found.published == datetime(2026, 3, 4, tzinfo=UTC)
    assert found.image == "https://tide.example/lead.jpg"


@pytest.mark.parametrize(
    ("body", "told", "trouble"),
    [
        (b"%PDF-1.7 and so on", (), "its address leads to no web page"),
        (b"", (), "its address leads to no web page"),
        (b"<html><p>" + b"<b>x</b>" * 30_001, (), "its page is too large to be read"),
        (b"<html><title>Moon</title><body></body></html>", ("Moon",), "no article was found in its page"),
        (b"<html><title>404 Not Found</title><p>Sorry", (), "its address leads to a page that says nothing"),
        (b"<html><title>Before you go on</title><p>We value your privacy", ("Moon", "The sea gives way"),
         "its address leads to a page that says nothing"),
    ],
)  # fmt: skip
def test_no_page_of_the_post(body: bytes, told: tuple[str, ...], trouble: str) -> None:
    found = extract(Page(URL, body, "", told))
    assert found.trouble.startswith(trouble)
    assert (found.html, found.words) == ("", 0)


@pytest.mark.parametrize(
    "told",
    [("Moon", ""), ("Another title", "the SEA gives way a little"), ("", ""), ("A–b", "moon pulls at")],
)
def test_a_page_is_known_by_a_few_words_of_the_post(told: tuple[str, ...]) -> None:
    assert read(told=told).trouble == ""


@pytest.mark.parametrize(
    ("markup", "encoding", "charset"),
    [
        ("<meta charset='windows-1251'><p>Прилив", "cp1251", ""),
        ("<meta charset='utf-8'><p>Прилив", "cp1251", "windows-1251"),
        ("<p>Прилив", "utf-16", ""),
        ("<p>Прилив", "utf-8", ""),
        ("<p>Прилив", "utf-8", "no-such-charset"),
    ],
)
def test_pages_are_read_in_their_encoding(markup: str, encoding: str, charset: str) -> None:
    page = f"<?xml version='1.0'?><html><body>{markup} и отлив".encode(encoding)
    assert "Прилив и отлив" in extract(Page(URL, page, charset)).html


@pytest.mark.parametrize(
    ("first", "link", "number", "wanted"),
    [
        (URL, '<a href="2/">2</a>', 1, f"{URL}2/"),
        (URL, '<link rel="next" href="/2026/moon/page/2/">', 1, f"{URL}page/2/"),
        (URL, '<a href="?page=2">Weiter</a>', 1, f"{URL}?page=2"),
        (URL, f'<a href="{URL}3/">3</a>', 2, f"{URL}3/"),
        (
            "https://tide.example/moon.html",
            '<a href="moon-2.html#top">next</a>',
            1,
            "https://tide.example/moon-2.html",
        ),
        ("https://tide.example/?p=57", '<a rel="next" href="/?p=58">Sun</a>', 1, ""),
        ("https://tide.example/archive/57", '<a rel="next" href="/archive/58">Sun</a>', 1, ""),
        ("https://tide.example/moon", '<a rel="next" href="/moon-2">The moon again</a>', 1, ""),
        (URL, '<a href="https://else.example/2026/moon/2/">2</a>', 1, ""),
        (URL, '<a href="3/">3</a>', 1, ""),
        (URL, '<a href="comment-page-2/#comments">Older comments</a>', 1, ""),
    ],
)
def test_the_next_page_of_a_post_is_not_the_next_post(
    first: str, link: str, number: int, wanted: str
) -> None:
    url = first if number == 1 else f"{first}{number}/"
    assert read(BODY + link, url=url, number=number, first=first).following == wanted


def test_pages_are_joined_until_one_says_nothing_new() -> None:
    one, two = read(f"<p>{TEXT[0]}</p><p>{TEXT[1]}</p>"), read(f"<p>{TEXT[2]}</p><p>{TEXT[3]}</p>")
    assert goes_on([one], two)
    assert not goes_on([one, two], read(f"<p>{TEXT[1]}</p><p>{TEXT[0]}</p>"))
    both = joined([one, two])
    assert [both.html.index(text) for text in TEXT] == sorted(both.html.index(text) for text in TEXT)
    assert both.words == one.words + two.words


def test_the_feed_has_the_last_word_on_all_but_the_text() -> None:
    page = Extract(
        "<p>Whole</p>", 1, URL, "Page's", ("Page",), datetime(2026, 1, 1, tzinfo=UTC), "de", "https://a/b.png"
    )
    bare = completed(Entry("1", url=URL), page, language="")
    assert (bare.title, bare.authors, bare.published, bare.language) == (
        "Page's", ("Page",), datetime(2026, 1, 1, tzinfo=UTC), "de",
    )  # fmt: skip
    assert bare.enclosures == (Enclosure("https://a/b.png", "image/*", preview=True),)
    told = Entry(
        "1", URL, "Feed's", ("Feed",), datetime(2026, 2, 2, tzinfo=UTC), language="en", content="Short"
    )
    told = completed(told, page, language="fr")
    assert (told.title, told.authors, told.language, told.content) == (
        "Feed's",
        ("Feed",),
        "en",
        "<p>Whole</p>",
    )
    assert told.published == datetime(2026, 2, 2, tzinfo=UTC)
    assert completed(Entry("1"), page, language="fr").language == ""


def test_a_teaser_is_no_more_than_the_feed_had() -> None:
    assert says_more(Entry("1"), Extract("x", 1))
    assert says_more(Entry("1", content="<p>these three words</p>"), Extract("x", 24))
    assert not says_more(Entry("1", content="<p>these three words</p>"), Extract("x", 23))


def test_rules_say_where_the_article_is() -> None:
    rule = SiteRule(
        body=("//div[@id='none']", "//main//p"), strip=("//p[@class='byline']",), title=("//h2[@id='far']",),
        author=("substring-after(//p[@class='byline'], 'By ')",), date=("//time/@datetime",),
        next_page=("//a[@class='on']",), replace=(("tide.jpg", "wave.jpg"),),
    )  # fmt: skip
    found = read(
        BODY + '<time datetime="2025-12-31">x</time><a class="on" href="/anywhere">on</a>', rule=rule
    )
    assert found.html.count("<p") == len(TEXT)
    assert (found.title, found.authors, found.following) == (
        "The far side", ("Ada Marsh",), "https://tide.example/anywhere",
    )  # fmt: skip
    assert found.published == datetime(2025, 12, 31, tzinfo=UTC)


def test_a_rule_may_send_us_to_the_single_page_or_nowhere() -> None:
    single = SiteRule(single_page=("//a[.='On one page']/@href",))
    assert read(BODY + '<a href="?all=1">On one page</a>', rule=single) == Extract(single=f"{URL}?all=1")
    nowhere = SiteRule(body=("//div[@id='none']",), fallback=False)
    assert read(rule=nowhere).trouble == "no article was found in its page"


def test_site_files_are_read() -> None:
    rule, wrong = read_site_file(
        "# tide.example\n"
        "title: //h1\nbody: //div[@id='a']\nbody: //article\n"
        'strip: //aside\nstrip_id_or_class: share\nstrip_image_src: "/pixel"\n'
        "next_page_link: //a[@rel='next']/@href\nsingle_page_link: //a[@class='print']\n"
        "author: //span[\ndate: //time\n"
        "replace_string(<h9>): <h2>\nfind_string: <em2>\nreplace_string: <em>\n"
        "prune: no\ntidy: no\nautodetect_on_failure: no\ntest_url: https://tide.example/moon\n"
    )
    assert rule == SiteRule(
        body=("//div[@id='a']", "//article"),
        strip=(
            "//aside",
            '//*[contains(@class, "share") or contains(@id, "share")]',
            '//img[contains(@src, "/pixel")]',
        ),
        title=("//h1",),
        date=("//time",),
        next_page=("//a[@rel='next']/@href",),
        single_page=("//a[@class='print']",),
        replace=(("<h9>", "<h2>"), ("<em2>", "<em>")),
        fallback=False,
    )
    assert wrong == ("author: //span[",)


@pytest.mark.parametrize("rule", ["unknown()", "//a/@", "//x:y", "1", "//p/text()"])
def test_a_rule_that_cannot_be_followed_is_no_rule(rule: str) -> None:
    found = read(rule=SiteRule(body=(rule,), strip=(rule,), next_page=("unknown()",)))
    assert (found.trouble, TEXT[0] in found.html) == ("", True)


@pytest.mark.parametrize(
    "body",
    [
        "<div>word word " * 29_000,
        "<p>the moon pulls at the sea" * 29_000,
        "<a href='2/'>the moon pulls</a> " * 14_000,
        "<base href='http://['><a href='//[x'>the moon pulls at the sea</a>" + "<!--x-->" * 20_000,
    ],
    ids=["deep", "flat", "links", "addresses"],
)
def test_hostile_pages_end(body: str) -> None:
    assert not extract(Page(URL, f"<html><body>{body}".encode(), "", ("Moon pulls",))).trouble.startswith(
        "its page"
    )
