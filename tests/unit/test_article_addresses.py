"""Keys of articles, addresses, and which of them lead to which article."""

from __future__ import annotations

import pickle

import pytest

from feed2book.article import address_book, article_keys
from feed2book.article.urls import absolute, valid_image, valid_link
from feed2book.models import Entry
from feed2book.models.addresses import canonical, without_tracking

POST = "https://www.blog.example/2026/11/on-ships/"


class TestKeys:
    def test_a_key_derives_from_feed_and_id(self) -> None:
        one, two, three = article_keys([("f", Entry("1")), ("f", Entry("2")), ("g", Entry("1"))])
        assert len({one, two, three}) == 3
        assert article_keys([("g", Entry("1", title="changed"))]) == (three,)
        assert one.startswith("post-")
        assert len(one) == len("post-") + 8

    def test_the_same_entry_twice_has_two_keys(self) -> None:
        keys = article_keys([("f", Entry("1"))] * 3)
        assert len(set(keys)) == 3


class TestAddressBook:
    @pytest.mark.parametrize(
        "url",
        [
            POST,
            "http://blog.example/2026/11/on-ships",
            "https://blog.example/2026/11/on-ships/index.html",
            "https://blog.example/2026/11/on-ships/?utm_source=x&fbclid=y#part",
            "https://blog.example/2026/11/on-ships/amp/",
            "https://blog.example/2026/11/on-ships/feed/atom/",
            "https://BLOG.example:443/2026/11/on%2Dships/",
            "https://blog.example/?p=17",
            "http://www.blog.example?p=17#comments",
        ],
    )
    def test_variants_lead_to_the_post(self, url: str) -> None:
        book = address_book([("key", Entry("https://blog.example/?p=17", url=POST))])
        assert book.find(url) == "key"

    @pytest.mark.parametrize(
        "url",
        [
            "https://blog.example/",
            "https://blog.example/?p=171",
            "https://blog.example/2026/11/",
            "https://blog.example/2026/11/on-ships/photo.jpg",
            "https://other.example/2026/11/on-ships/",
            "https://blog.example/2026/11/on-ships/?page=2",
            "mailto:a@blog.example",
            "nonsense",
            "",
        ],
    )
    def test_others_lead_nowhere(self, url: str) -> None:
        book = address_book([("key", Entry("https://blog.example/?p=17", url=POST))])
        assert book.find(url) is None

    def test_an_address_of_two_posts_leads_to_neither(self) -> None:
        book = address_book([("a", Entry("1", url=POST)), ("b", Entry("2", url=POST))])
        assert book.find(POST) is None

    def test_a_permalink_is_stronger_than_an_alias(self) -> None:
        linked = Entry("1", url="https://blog.example/b", aliases=(POST,))
        book = address_book([("b", linked), ("a", Entry("2", url=POST))])
        assert book.find(POST) == "a"

    def test_a_whole_site_is_no_post(self) -> None:
        assert (
            address_book([("a", Entry("1", url="https://blog.example/"))]).find("https://blog.example")
            is None
        )

    def test_it_can_be_sent_to_another_process(self) -> None:
        book = address_book([("key", Entry("1", url=POST))])
        assert pickle.loads(pickle.dumps(book)).find(POST) == "key"


class TestAddresses:
    @pytest.mark.parametrize(
        ("given", "valid"),
        [
            ("https://a.example/x y", "https://a.example/x%20y"),
            ('https://a.example/[x]|{y}^`"<>', "https://a.example/%5Bx%5D%7C%7By%7D%5E%60%22%3C%3E"),
            ("https://a.example/100%", "https://a.example/100%25"),
            ("https://a.example/%e4%zz", "https://a.example/%e4%25zz"),
            ("https://a.example/ä?ö=ü#ß", "https://a.example/%C3%A4?%C3%B6=%C3%BC#%C3%9F"),
            ("https://a.example/x#a#b", "https://a.example/x#a%23b"),
            ("HTTPS:\\\\A.example\\x", "https://a.example/x"),
            ("https:///a.example/x", "https://a.example/x"),
            ("https://müller.example/", "https://xn--mller-kva.example/"),
            ("https://me:pw@a.example/", "https://a.example/"),
            ("https://a.example:80/", "https://a.example:80/"),
            ("http://a.example:080/", "http://a.example/"),
            ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
            ("mailto:a@b.example?subject=a b", "mailto:a@b.example?subject=a%20b"),
            ("tel:+49 (30) 12-3", "tel:+49(30)12-3"),
        ],
    )
    def test_links_are_spelled_validly(self, given: str, valid: str) -> None:
        assert valid_link(given) == valid
        assert valid_link(valid) == valid

    @pytest.mark.parametrize(
        "given",
        [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://",
            "https://a b.example/",
            "https://a.example:99999/",
            "https://a.example:x/",
            "https://[::1/",
            "https://999.1.1.1/",
            "https://-.example/",
            "https://a..example/",
            "https://%00.example/",
            "mailto:nobody",
            "tel:call me",
            "relative",
            "",
        ],
    )
    def test_hopeless_links_are_none(self, given: str) -> None:
        assert valid_link(given) == ""

    @pytest.mark.parametrize(
        ("given", "base", "whole"),
        [
            ("x/../y", "https://a.example/b/c", "https://a.example/b/y"),
            ("//cdn.example/x", "http://a.example/", "http://cdn.example/x"),
            ("//cdn.example/x", "", "https://cdn.example/x"),
            (" java\nscript:x ", "https://a.example/", "javascript:x"),
            ("x", "", ""),
            ("http://[", "https://a.example/", ""),
            ("?q", "https://a.example/b", "https://a.example/b?q"),
            ("https://a.example/./x;p?q#r", "https://b.example/", "https://a.example/./x;p?q#r"),
            ("https://a.example/../x?q=;&#a b", "https://b.example/", "https://a.example/../x?q=;&#a b"),
            ("https://a.example/x?#", "https://b.example/", "https://a.example/x"),
            ("HTTP://a.example", "http://b.example/", "http://a.example"),
        ],
    )
    def test_absolute(self, given: str, base: str, whole: str) -> None:
        assert absolute(given, base) == whole

    def test_images_may_be_data(self) -> None:
        assert valid_image("data:image/png;base64,AAAA") == "data:image/png;base64,AAAA"
        assert valid_image("data:text/html,x") == ""
        assert valid_image("ftp://a.example/x.png") == ""

    def test_tracking_goes_and_the_rest_stays(self) -> None:
        assert (
            without_tracking("https://a.example/?utm_source=a&q=1&fbclid=2#f") == "https://a.example/?q=1#f"
        )
        assert without_tracking("https://a.example/?gclid=1") == "https://a.example/"

    def test_the_order_of_parameters_does_not_matter(self) -> None:
        assert canonical("https://a.example/?b=2&a=1") == canonical("http://www.a.example?a=1&b=2")


def test_permalinks_that_differ_in_their_fragment_alone_are_different_posts() -> None:
    page = "https://blog.example/2026/11/02.html"
    book = address_book([(key, Entry(key, url=f"{page}#{key}")) for key in ("a1", "a2")])
    assert [book.find(f"{page}#{name}") for name in ("a1", "a2", "a3")] == ["a1", "a2", None]
    assert book.find(page) is None
    assert book.is_permalink(f"{page}#a1")
    assert not book.is_permalink(f"{page}#a3")
