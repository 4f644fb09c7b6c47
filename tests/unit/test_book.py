"""Selection, binding, identity: Articles → Book."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feed2book.book import Missing, bind, in_reading_order, select
from feed2book.errors import Code
from feed2book.models import (
    Article,
    Asset,
    Blob,
    Book,
    BookOptions,
    Counts,
    Entry,
    Feed,
    Image,
    Ledger,
    Notice,
    Section,
    token,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PICTURE = Asset("img-1", "image/png", Blob(b"png"), 800, 400)


def _entry(name: str, day: int | None = None, url: str = "") -> Entry:
    published = datetime(2026, 11, day, tzinfo=UTC) if day else None
    return Entry(id=name, title=name, published=published, url=url)


def _titles(entries: tuple[Entry, ...]) -> str:
    return " ".join(entry.title for entry in entries)


class TestSelection:
    """Which posts, in which order."""

    FEED = Feed(
        "https://a.example/feed", entries=(_entry("c", 3), _entry("b", 2), _entry("x"), _entry("a", 1))
    )

    def _select(self, options: BookOptions) -> str:
        ((_, entries),), _ = select([self.FEED], options)
        return _titles(in_reading_order(entries, options.order))

    def test_oldest_first_and_an_undated_post_stays_by_its_neighbour(self) -> None:
        assert self._select(BookOptions()) == "a x b c"

    def test_newest_first(self) -> None:
        assert self._select(BookOptions(order="newest")) == "c b x a"

    def test_limit_takes_the_newest(self) -> None:
        assert self._select(BookOptions(limit=2)) == "b c"

    def test_a_range_has_its_start_and_not_its_end(self) -> None:
        since, until = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
        assert self._select(BookOptions(since=since, until=until)) == "b"

    def test_a_range_leaves_undated_posts_out_and_says_so(self) -> None:
        _, notices = select([self.FEED], BookOptions(since=NOW - timedelta(days=900)))
        assert [(notice.code, notice.where) for notice in notices] == [(Code.ENTRY_UNDATED, "x")]

    def test_no_post_in_range_is_no_feed(self) -> None:
        assert select([self.FEED], BookOptions(since=NOW))[0] == ()

    def test_a_post_that_two_feeds_hold_comes_once(self) -> None:
        first = Feed("https://a.example/1", entries=(_entry("a", 1, "https://a.example/a"),))
        second = Feed(
            "https://a.example/2", entries=(_entry("a again", 1, "https://a.example/a"), _entry("b", 2))
        )
        chosen, notices = select([first, second], BookOptions())
        assert [_titles(entries) for _, entries in chosen] == ["a", "b"]
        assert [notice.code for notice in notices] == [Code.ENTRY_DUPLICATE]


def _article(key: str, html: str = "<p>x</p>", **fields: object) -> Article:
    values = {"key": key, "entry": _entry(key), "title": key.title(), "html": html, **fields}
    return Article(**values)  # type: ignore[arg-type]  # keyword fields of a test helper


def _bind(
    *articles: Article, pictures: dict[tuple[str, ...], Asset | Missing] | None = None
) -> tuple[Book, tuple[Notice, ...]]:
    feed = Feed("https://a.example/feed", title="Letters", home="https://a.example/")
    return bind([(feed, articles)], pictures or {}, BookOptions(), NOW)


class TestLinks:
    """Links between posts: a fragment that exists stays, a dead one leads to the top of the post."""

    @pytest.mark.parametrize(
        ("asked", "given"), [("two#alive", "two#alive"), ("two#dead", "two"), ("two", "two")]
    )
    def test_fragments_are_checked(self, asked: str, given: str) -> None:
        first = _article("one", f'<p><a href="{token("post", asked)}">x</a></p>')
        book, _ = _bind(first, _article("two", ids=("alive",)))
        assert book.articles[0].html == f'<p><a href="{token("post", given)}">x</a></p>'

    def test_ids_are_left_for_the_renderers(self) -> None:
        html = f'<h2 id="{token("id", "a")}">A</h2>'
        assert _bind(_article("one", html))[0].articles[0].html == html


class TestPictures:
    """Pictures go into their places; a missing one leaves its words and the way to it."""

    URLS = ("https://a.example/p.png",)

    def _html(self, image: Image, outcome: Asset | Missing) -> tuple[str, tuple[Notice, ...]]:
        book, notices = _bind(
            _article("one", token("image", "0"), images=(image,)), pictures={image.urls: outcome}
        )
        return book.articles[0].html, notices

    def test_a_picture_is_shown_at_the_authors_width_in_its_own_proportions(self) -> None:
        html, _ = self._html(Image(self.URLS, alt='a "b"', width=400, height=999), PICTURE)
        assert html == (
            f'<img class="picture" src="{token("asset", "img-1")}" alt="a &quot;b&quot;"'
            ' width="400" height="200"/>'
        )

    def test_only_the_pictures_in_use_are_in_the_book(self) -> None:
        book, _ = _bind(
            _article("one", token("image", "0"), images=(Image(self.URLS),)),
            pictures={
                self.URLS: PICTURE,
                ("https://a.example/q.png",): Asset("img-2", "image/png", Blob(), 1, 1),
            },
        )
        assert [asset.id for asset in book.assets] == ["img-1"]

    def test_a_missing_one_leaves_its_words_and_a_link(self) -> None:
        html, notices = self._html(Image(self.URLS, alt="A <harbour>"), Missing("404"))
        assert html == (
            '<span class="missing"><a href="https://a.example/p.png">A &lt;harbour&gt;</a></span>'
        )
        assert [(notice.code, notice.where) for notice in notices] == [(Code.IMAGE_MISSING, self.URLS[0])]

    def test_without_words_its_file_name_speaks(self) -> None:
        assert ">p.png</a>" in self._html(Image(self.URLS), Missing("404"))[0]

    def test_no_link_stands_in_a_link(self) -> None:
        html, _ = self._html(Image(self.URLS, alt="x", linked=True), Missing("404"))
        assert html == '<span class="missing">x</span>'

    def test_a_missing_formula_leaves_its_tex(self) -> None:
        html, _ = self._html(Image(self.URLS, alt="a < b", kind="formula"), Missing("404"))
        assert html == '<code class="formula">a &lt; b</code>'

    def test_a_tracking_pixel_leaves_nothing(self) -> None:
        assert self._html(Image(self.URLS), Missing("a tracking pixel", silent=True)) == ("", ())

    def test_nor_does_the_figure_around_it(self) -> None:
        pixel: dict[tuple[str, ...], Asset | Missing] = {self.URLS: Missing("a pixel", silent=True)}
        html = f'<figure><a href="https://a.example/">{token("image", "0")}</a></figure>\n<p>x</p>'
        book, _ = _bind(_article("one", html, images=(Image(self.URLS),)), pictures=pixel)
        assert book.articles[0].html == "<p>x</p>"

    def test_a_missing_preview_is_no_loss(self) -> None:
        assert self._html(Image(self.URLS, kind="preview"), Missing("404")) == ("", ())

    def test_what_is_missing_is_remarked_in_the_colophon(self) -> None:
        book, _ = _bind(_article("one", token("image", "0"), images=(Image(self.URLS),)))
        assert book.remarks == (("missing-pictures", 1),)


class TestBook:
    """What the book is called, and how it is known."""

    def test_contents_are_a_tree_of_posts_and_sections(self) -> None:
        sections = (Section("a", 1, "A", (Section("b", 2, "B"),)), Section("c", 1, "C"))
        book, _ = _bind(_article("one", sections=sections), _article("two"))
        shown = [
            (node.kind, node.key, node.fragment, node.number) for top in book.contents for node in top.walk()
        ]
        assert shown == [
            ("article", "one", "", 1),
            ("section", "one", "a", 0),
            ("section", "one", "b", 0),
            ("section", "one", "c", 0),
            ("article", "two", "", 2),
        ]

    def test_several_feeds_are_parts_and_the_posts_are_numbered_through(self) -> None:
        feeds = [(Feed(f"https://{n}.example/", title=n.upper()), (_article(n),)) for n in "abcd"]
        book, _ = bind(feeds, {}, BookOptions(), NOW)
        assert [(node.kind, node.key, node.children[0].number) for node in book.contents] == [
            ("part", "part-1", 1),
            ("part", "part-2", 2),
            ("part", "part-3", 3),
            ("part", "part-4", 4),
        ]
        assert book.title == "A · B and 2 more"

    def test_a_rebuild_has_the_same_identifier_whatever_its_posts(self) -> None:
        assert _bind(_article("one"))[0].identifier == _bind(_article("two"))[0].identifier

    def test_an_issue_is_a_book_of_its_own_and_says_its_number(self) -> None:
        feed = Feed("https://a.example/feed", title="Letter")
        feeds = [(feed, (_article("one"),))]
        living, third, fourth = (
            bind(feeds, {}, BookOptions(number=number), NOW)[0] for number in (None, 3, 4)
        )
        assert len({living.identifier, third.identifier, fourth.identifier}) == 3
        assert (third.title, third.series, third.number) == ("Letter, no. 3", "Letter", 3)
        assert (living.title, living.series, living.living) == ("Letter", "", True)
        named, _ = bind(feeds, {}, BookOptions(title="Letter 3", series="Letters", number=3), NOW)
        assert (named.title, named.series, named.living) == ("Letter 3", "Letters", False)

    def test_a_range_of_dates_is_no_living_book(self) -> None:
        feed = Feed("https://a.example/feed", title="Letter")
        assert not bind([(feed, (_article("one"),))], {}, BookOptions(since=NOW), NOW)[0].living

    def test_a_files_place_is_neither_in_the_identifier_nor_in_the_book(self) -> None:
        def book(path: str) -> Book:
            return bind([(Feed(f"file://{path}", title="T"), (_article("one"),))], {}, BookOptions(), NOW)[0]

        assert book("/home/a/feed.xml") == book("/srv/b/feed.xml")
        assert book("/home/a/feed.xml").parts[0].url == ""

    def test_other_sources_and_another_title_are_another_book(self) -> None:
        feed = Feed("https://a.example/feed")
        names = {
            bind([(feed, (_article("one"),))], {}, options, NOW)[0].identifier
            for options in (BookOptions(), BookOptions(title="Mine"))
        }
        assert len(names) == 2

    @pytest.mark.parametrize(
        ("asked", "said", "detected", "feed", "found"),
        [
            ("de", "fr", "it", "es", "de"),
            ("", "fr", "it", "es", "fr"),
            ("", "", "it", "es", "es"),
            ("", "", "it", "", "it"),
            ("", "", "", "", "und"),
        ],
    )
    def test_language(self, asked: str, said: str, detected: str, feed: str, found: str) -> None:
        source = Feed("https://a.example/feed", language=feed)
        book, _ = bind(
            [(source, (_article("one", language=said),))], {}, BookOptions(language=asked), NOW, detected
        )
        assert book.language == found

    def test_the_language_of_most_words_wins(self) -> None:
        many, few = (Ledger(after=Counts(words=n)) for n in (900, 10))
        book, _ = _bind(
            _article("a", language="de", ledger=few),
            _article("b", language="de", ledger=few),
            _article("c", language="ar", ledger=many),
        )
        assert (book.language, book.direction) == ("ar", "rtl")
