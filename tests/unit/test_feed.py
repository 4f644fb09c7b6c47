"""Feeds of every kind → Feed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from feed2book.errors import Code, FeedError
from feed2book.feed import Candidate, find_feeds, looks_like_page, parse_feed
from feed2book.models import Feed, Response

URL = "https://garden.example/feed.xml"
NAME = "<title>F</title>"
ATOM = "http://www.w3.org/2005/Atom"
ATOM_03 = "http://purl.org/atom/ns#"
RDF = "xmlns='http://purl.org/rss/1.0/' xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"


def _feed(text: str | bytes, url: str = URL) -> Feed:
    body = text.encode() if isinstance(text, str) else text
    return parse_feed(Response(url=url, status=200, headers=(), body=body))


def _rss(items: str, channel: str = "") -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>Garden</title><link>https://garden.example/</link>{channel}{items}</channel></rss>"
    )


def test_rss_2_says_what_it_says() -> None:
    feed = _feed(
        _rss(
            "<item><title>Beans</title><link>https://garden.example/beans</link>"
            "<guid isPermaLink='false'>beans-1</guid>"
            "<pubDate>Mon, 02 Nov 2026 09:30:00 +0200</pubDate><dc:creator>The Gardener</dc:creator>"
            "<category>Legumes</category><description>Short.</description>"
            "<content:encoded><![CDATA[<p>They climb.</p>]]></content:encoded>"
            '<enclosure url="/beans.mp3" type="audio/mpeg" length="1234"/></item>',
            "<description>What grows</description><language>en_gb</language>",
        )
    )
    entry = feed.entries[0]
    assert (feed.title, feed.subtitle, feed.language, feed.home) == (
        "Garden",
        "What grows",
        "en-GB",
        "https://garden.example/",
    )
    assert (entry.id, entry.url, entry.title) == ("beans-1", "https://garden.example/beans", "Beans")
    assert entry.published == datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
    assert entry.authors == ("The Gardener",)
    assert entry.tags == ("Legumes",)
    assert entry.content == "<p>They climb.</p>"
    assert entry.summary == "Short."
    enclosure = entry.enclosures[0]
    assert (enclosure.url, enclosure.media_type, enclosure.length) == (
        "https://garden.example/beans.mp3",
        "audio/mpeg",
        1234,
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"<rss version='0.91'><channel>{NAME}<item><title>a</title></item></channel></rss>", "a"),
        (
            f"<rdf:RDF {RDF}><channel rdf:about='x'>{NAME}</channel><item><title>b</title></item></rdf:RDF>",
            "b",
        ),
        (f"<feed version='0.3' xmlns='{ATOM_03}'>{NAME}<entry><title>c</title></entry></feed>", "c"),
        (f"<feed xmlns='{ATOM}'>{NAME}<entry><title>d</title></entry></feed>", "d"),
        (f"<CHANNEL HREF='http://x.example/'>{NAME}<ITEM HREF='/1'><TITLE>e</TITLE></ITEM></CHANNEL>", "e"),
        (
            '{"version": "https://jsonfeed.org/version/1", "title": "F", "items": [{"id": 1, "title": "f"}]}',
            "f",
        ),
    ],
)
def test_every_kind_of_feed_is_read(text: str, title: str) -> None:
    feed = _feed(text)
    assert (feed.title, feed.entries[0].title) == ("F", title)


def test_xhtml_content_is_kept_as_markup() -> None:
    feed = _feed(
        f"<feed xmlns='{ATOM}'>{NAME}<entry><title>t</title><content type='xhtml'>"
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>one <em>two</em></p></div></content></entry></feed>'
    )
    assert "<p>one <em>two</em></p>" in feed.entries[0].content


def test_plain_text_content_is_escaped_and_becomes_paragraphs() -> None:
    feed = _feed(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><title>t</title>'
        '<content type="text">if a &lt; b\n\nthen</content></entry></feed>'
    )
    assert feed.entries[0].content == "<p>if a &lt; b</p><p>then</p>"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (_rss("<item><description>Short.</description></item>"), "summary"),
        (
            _rss("<item><description>S.</description><content:encoded>All.</content:encoded></item>"),
            "content",
        ),
        (
            f"<feed xmlns='{ATOM}'>{NAME}<entry><title>c</title><summary>S.</summary></entry></feed>",
            "summary",
        ),
        (f"<feed xmlns='{ATOM}'>{NAME}<entry><content>All.</content></entry></feed>", "content"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [{"summary": "S."}]}', "summary"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [{"content_text": "All."}]}', "content"),
    ],
)
def test_a_summary_in_the_place_of_the_content_is_told(text: str, kind: str) -> None:
    (entry,) = _feed(text).entries
    assert entry.content_kind == kind


def test_the_longer_body_wins() -> None:
    whole = "<p>" + "The whole post stands in the description. " * 9 + "</p>"
    feed = _feed(
        _rss(
            f"<item><guid>1</guid><description><![CDATA[{whole}]]></description>"
            "<content:encoded><![CDATA[<p>Excerpt</p>]]></content:encoded></item>"
        )
    )
    assert feed.entries[0].content.strip() == whole


def test_explicit_xml_base_wins_over_the_permalink() -> None:
    def entry(attribute: str) -> str:
        return (
            f"<feed xmlns='{ATOM}'>{NAME}<entry><title>t</title><link href='https://garden.example/posts/1/'/>"
            f'<content type="html" {attribute}>x</content></entry></feed>'
        )

    assert _feed(entry("")).entries[0].base == "https://garden.example/posts/1/"
    assert _feed(entry('xml:base="https://cdn.example/a/"')).entries[0].base == "https://cdn.example/a/"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Salt &amp;amp; pepper", "Salt & pepper"),
        ("The &lt;em&gt;good&lt;/em&gt; soil", "The good soil"),
        ("The &lt;dialog&gt; element", "The <dialog> element"),
        ("<![CDATA[A\n  title\tin lines]]>", "A title in lines"),
        ("Caf&eacute; &mdash; menu", "Café — menu"),
    ],
)
def test_titles_are_one_line_of_plain_text(written: str, read: str) -> None:
    assert _feed(_rss(f"<item><title>{written}</title><guid>1</guid></item>")).entries[0].title == read


def test_a_dangerous_permalink_is_no_permalink() -> None:
    feed = _feed(_rss("<item><title>t</title><link>javascript:alert(1)</link></item>"))
    assert feed.entries[0].url == ""


def test_an_address_alone_is_no_byline() -> None:
    feed = _feed(
        _rss(
            "<item><title>a</title><author>mail@garden.example (The Gardener)</author></item>"
            "<item><title>b</title><author>mail@garden.example</author></item>"
        )
    )
    assert [entry.authors for entry in feed.entries] == [("The Gardener",), ()]


def test_an_atom_entry_without_an_author_has_the_feeds() -> None:
    feed = _feed(
        f"<feed xmlns='{ATOM}'>{NAME}<author><name>W</name></author><entry><title>t</title></entry></feed>"
    )
    assert feed.entries[0].authors == ("W",)


@pytest.mark.parametrize(
    "written",
    ["Mon, 99 Foo 2026", "Mon, 01 Jan 0001 00:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 GMT"],
)
def test_an_impossible_date_or_a_programs_zero_is_no_date(written: str) -> None:
    feed = _feed(_rss(f"<item><title>t</title><pubDate>{written}</pubDate></item>"))
    assert feed.entries[0].published is None


class TestDamage:
    """What can be saved of a broken feed is saved."""

    def test_undefined_entities_and_control_characters(self) -> None:
        feed = _feed(_rss("<item><title>One&nbsp;two \x0b three</title><guid>1</guid></item>"))
        assert feed.entries[0].title == "One two three"
        assert feed.notices == ()

    def test_white_space_and_text_before_the_declaration(self) -> None:
        feed = _feed("\n\n <br />Warning: something\n" + _rss("<item><title>t</title></item>"))
        assert feed.entries[0].title == "t"

    def test_junk_after_the_root(self) -> None:
        feed = _feed(_rss("<item><title>t</title></item>") + "\nNotice: undefined index in line 7")
        assert feed.entries[0].title == "t"
        assert feed.notices == ()

    def test_unclosed_tags_keep_the_entries_before_them(self) -> None:
        text = _rss("<item><title>first</title></item><item><title>second</title></item>")
        feed = _feed(text.replace("</channel></rss>", "<item><title>third"))
        assert [entry.title for entry in feed.entries][:2] == ["first", "second"]
        assert feed.notices[0].code == Code.FEED_MALFORMED

    def test_a_feed_that_breaks_off_in_a_post_keeps_what_came_of_it(self) -> None:
        feed = _feed(
            _rss("<item><title>t</title><description><![CDATA[<p>half a po").partition("</channel>")[0]
        )
        assert feed.entries[0].content == "<p>half a po"

    def test_bare_ampersands(self) -> None:
        feed = _feed(
            _rss("<item><title>Fish &amp; R&D & chips</title><link>https://x.example/?a=1&b=2</link></item>")
        )
        assert feed.entries[0].title == "Fish & R&D & chips"
        assert feed.entries[0].url == "https://x.example/?a=1&b=2"

    def test_entity_bombs_are_harmless(self) -> None:
        bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
        text = (
            f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "ha">{bomb}]>'
            + _rss("<item><title>&a9;</title><guid>1</guid></item>").partition("?>")[2]
        )
        assert len(_feed(text).entries[0].title) < 3_000


class TestIdentity:
    """No two entries share an id; no post comes twice."""

    def test_guid_else_link_else_hash(self) -> None:
        feed = _feed(
            _rss(
                "<item><title>a</title><guid isPermaLink='false'>g</guid></item><item><title>b</title><link>https://x.example/b</link></item>"
                "<item><title>c</title></item>"
            )
        )
        ids = [entry.id for entry in feed.entries]
        assert ids[:2] == ["g", "https://x.example/b"]
        assert len(ids[2]) == 16

    def test_a_guid_for_several_posts_is_told_apart_by_link(self) -> None:
        items = "".join(
            f"<item><title>t{n}</title><guid isPermaLink='false'>same</guid><link>https://x.example/{n}</link></item>"
            for n in range(3)
        )
        ids = [entry.id for entry in _feed(_rss(items)).entries]
        assert len(set(ids)) == 3

    def test_the_same_post_twice_comes_once_in_its_latest_form(self) -> None:
        def item(text: str, day: int) -> str:
            date = f"<pubDate>{day:02} Nov 2026 10:00:00 GMT</pubDate>"
            return f"<item><title>t</title><guid>g</guid>{date}<description>{text}</description></item>"

        feed = _feed(_rss(item("old words", 1) + item("new words", 2)))
        assert [entry.content for entry in feed.entries] == ["new words"]
        assert [notice.code for notice in feed.notices] == [Code.ENTRY_DUPLICATE]

    def test_an_entry_that_says_nothing_is_left_out(self) -> None:
        feed = _feed(_rss("<item></item><item><title>t</title></item>"))
        assert [entry.title for entry in feed.entries] == ["t"]
        assert [notice.code for notice in feed.notices] == [Code.ENTRY_EMPTY]


class TestJson:
    """JSON Feed 1.0 and 1.1."""

    def test_all_fields(self) -> None:
        data = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Notes",
            "home_page_url": "https://notes.example/",
            "language": "de-de",
            "authors": [{"name": "The Writer"}],
            "items": [
                {
                    "id": 7,
                    "url": "/seven",
                    "content_html": "<p>Sieben</p>",
                    "date_published": "2026-11-02T10:00:00.1234567+01:00",
                    "tags": ["a", 3, ""],
                    "authors": [{"name": "Guest"}, {"url": "x"}],
                    "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5}],
                    "image": "/cover.jpg",
                },
                {"id": "8", "content_text": "a < b\nnext"},
            ],
        }
        feed = _feed(json.dumps(data))
        first, second = feed.entries
        assert (feed.language, feed.authors) == ("de-DE", ("The Writer",))
        assert (first.id, first.url, first.authors, first.tags) == (
            "7",
            "https://notes.example/seven",
            ("Guest",),
            ("a",),
        )
        assert first.published == datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC)
        assert [enclosure.url for enclosure in first.enclosures] == [
            "https://notes.example/a.mp3",
            "https://notes.example/cover.jpg",
        ]
        assert second.content == "<p>a &lt; b<br>next</p>"
        assert second.authors == ("The Writer",), "the feed's authors are those of its items"

    @pytest.mark.parametrize(
        "items", [[1, None, "x", [], {"id": {}, "title": 5, "authors": 7, "tags": "x"}], []]
    )
    def test_wrong_types_never_raise_anything_else(self, items: list[object]) -> None:
        with pytest.raises(FeedError, match="no posts"):
            _feed(json.dumps({"items": items, "authors": "me", "title": []}))

    @pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00"])
    def test_a_programs_zero_is_no_date(self, written: str) -> None:
        feed = _feed(
            json.dumps({"version": "1", "items": [{"id": "1", "title": "t", "date_published": written}]})
        )
        assert feed.entries[0].published is None

    @pytest.mark.parametrize("text", ['{"a": ', "[1, 2]", "{}", "[" * 100_000])
    def test_other_json_is_refused_in_one_line(self, text: str) -> None:
        with pytest.raises(FeedError, match="JSON") as caught:
            _feed(text)
        assert "\n" not in str(caught.value)


class TestRefusals:
    """What is not a feed says so, and why."""

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "empty"),
            ("   \n", "empty"),
            (_rss(""), "no posts"),
            ("just words", "not a feed"),
            ("\x00\x01\x02\x03" * 50, "not a feed"),
            ('<?xml version="1.0"?><opml version="2.0"><body/></opml>', "OPML"),
        ],
    )
    def test_message(self, text: str, words: str) -> None:
        with pytest.raises(FeedError, match=words) as caught:
            _feed(text)
        assert caught.value.where == URL


class TestPage:
    """A web page in the place of a feed."""

    PAGE = (
        "<!DOCTYPE html><html><head><base href='https://site.example/blog/'>"
        "<link rel='alternate' type='application/rss+xml' title='Site » Comments' href='/comments/feed/'>"
        "<link rel='alternate' type='application/atom+xml' href='feed.atom'>"
        "<link rel='alternate' type='text/html' hreflang='de' href='/de'>"
        "<link rel='stylesheet' type='application/rss+xml' href='/no'>"
        "<link rel='alternate' type='application/rss+xml' href='javascript:alert(1)'></head></html>"
    )

    def _page(self, text: str) -> Response:
        return Response(url="https://site.example/", status=200, headers=(), body=text.encode())

    def test_its_feeds_are_found_and_those_of_comments_come_last(self) -> None:
        assert find_feeds(self._page(self.PAGE)) == (
            Candidate("https://site.example/blog/feed.atom"),
            Candidate("https://site.example/comments/feed/", "Site » Comments", "comments"),
        )

    def test_pages_and_feeds_are_told_apart(self) -> None:
        assert looks_like_page(self._page(self.PAGE))
        assert looks_like_page(self._page("<?xml version='1.0'?><!-- hm --><HTML><body>"))
        assert not looks_like_page(self._page(_rss("<item><title>&lt;html&gt;</title></item>")))
        assert not looks_like_page(self._page("<!-- hm -->\n" * 100 + _rss("")))  # in this lifetime


MEDIA = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"
  xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>T</title>
<item><title>One</title><guid>1</guid><description>The text of the post.</description>
<media:content url="https://a.example/a.jpg" medium="image" width="600">
<media:title>No title of the post</media:title>
<media:description>A boat</media:description><media:thumbnail url="https://a.example/t.jpg"/></media:content>
<media:content url="https://a.example/b.jpg" medium="image"/></item>
<item><guid>2</guid><title>Two</title><enclosure url="https://a.example/2.mp3" type="audio/mpeg" length="10"/>
<itunes:duration>1:02:03</itunes:duration></item>
<item><guid>3</guid><title>Three</title><media:group><media:content url="https://a.example/v" type="video/mp4"
duration="61"/><media:thumbnail url="https://a.example/v.jpg"/><media:description>About a film.

Its second part.</media:description></media:group></item></channel></rss>"""


class TestMedia:
    """Which words belong to which picture."""

    def test_words_of_a_picture_are_not_the_text_of_the_post(self) -> None:
        one = _feed(MEDIA).entries[0]
        assert (one.title, one.content) == ("One", "The text of the post.")
        told = [(part.url[-5:], part.description, part.width, part.preview) for part in one.enclosures]
        assert told == [
            ("a.jpg", "A boat", 600, False),
            ("t.jpg", "", None, True),
            ("b.jpg", "", None, False),
        ]

    def test_a_recording_has_its_duration(self) -> None:
        _, two, three = _feed(MEDIA).entries
        assert [part.seconds for part in (*two.enclosures, *three.enclosures)] == [3723, 61, None]

    def test_what_a_channel_says_of_a_video_is_the_text(self) -> None:
        assert _feed(MEDIA).entries[2].content == "<p>About a film.</p><p>Its second part.</p>"

    def test_a_broken_feed_keeps_its_media(self) -> None:
        entry = _feed(MEDIA.replace("</channel></rss>", "")).entries[0]
        assert "https://a.example/a.jpg" in [part.url for part in entry.enclosures]


@pytest.mark.parametrize("kind", ["rss", "broken rss", "json"])
def test_of_a_feed_without_end_only_so_much_is_read(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("xmlfeed", "jsonfeed", "identity"):
        monkeypatch.setattr(f"feed2book.feed.{room}.MOST_ENTRIES", 3)
    titles = "abcd"
    if kind == "json":
        items = [{"id": title, "title": title} for title in titles]
        text = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})
    else:
        text = _rss("".join(f"<item><title>{title}</title></item>" for title in titles))
        text = text.replace("</item>", "</item>junk", 1) if kind == "broken rss" else text
    feed = _feed(text)
    assert [entry.title for entry in feed.entries] == ["a", "b", "c"]
    assert feed.notices[0].message == "it has more than 3 posts; the rest was not read"


def test_a_name_without_end_in_a_feed_that_broke_off_takes_no_quadratic_time() -> None:
    text = f"<rss version='2.0'><channel><item><title>One</title><{'a' * 300_000} <x>"
    (entry,) = _feed(text).entries
    assert entry.title == "One"
