"""OPML lists → sources, and back."""

from __future__ import annotations

import time

import pytest

from feed2book.errors import FeedError
from feed2book.feed import parse_opml, write_opml
from feed2book.models import Response, Source


def parse(text: str | bytes) -> tuple[Source, ...]:
    data = text.encode("utf-8") if isinstance(text, str) else text
    return parse_opml(Response("list.opml", 200, (), data))


def body(inside: str) -> str:
    return f'<opml version="2.0"><head><title>T</title></head><body>{inside}</body></opml>'


FEED = '<outline text="A" xmlUrl="https://a.example/feed"/>'
A = Source("https://a.example/feed", name="A")


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        (FEED, [A]),
        ('<outline title="A" text="B" xmlUrl=" https://a.example/feed "/>', [A]),
        ('<OUTLINE TEXT="A" XMLURL="https://a.example/feed"/>', [A]),
        (
            '<outline text="https://a.example/feed" xmlUrl="https://a.example/feed"/>',
            [Source(A.address)],
        ),
        (FEED + FEED.replace('"A"', '"B"'), [A]),
        (
            f'<outline text="News"><outline text="Rain &amp; snow">{FEED}</outline></outline>',
            [Source(A.address, name="A", group="News / Rain & snow")],
        ),
        (f"<outline>{FEED}</outline>", [A]),
        ('<outline text="A" xmlUrl="feed://a.example/feed"/>', [Source("http://a.example/feed", name="A")]),
        ('<outline text="x" type="include" url="https://x.example/"/>' + FEED, [A]),
        ('<outline xmlUrl="javascript:alert(1)"/><outline xmlUrl="file:///etc/passwd"/>' + FEED, [A]),
        (FEED + '<outline text="cut off" xmlUrl="https://b.ex', [A]),
        (FEED + "</wrong>", [A]),
    ],
)  # fmt: skip
def test_feeds_of_a_list(inside: str, found: list[Source]) -> None:
    assert list(parse(body(inside))) == found


def test_a_list_in_its_own_encoding_and_namespace() -> None:
    text = body(FEED.replace('"A"', '"Ä"')).replace("<opml", '<opml xmlns="http://opml.org/spec2"')
    declared = f'<?xml version="1.0" encoding="ISO-8859-1"?>{text}'.encode("latin-1")
    assert parse(declared) == (Source(A.address, name="Ä"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not an OPML list"),
        ("<rss/>", "not an OPML list"),
        ("no XML at all", "not an OPML list"),
        (body(""), "names no feeds"),
    ],
)
def test_what_is_no_list_is_an_error(text: str, said: str) -> None:
    with pytest.raises(FeedError, match=f"list.opml: .*{said}"):
        parse(text)


def test_a_list_expands_no_entities_and_opens_no_files() -> None:
    bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    kinds = f'<!DOCTYPE opml [<!ENTITY e0 "ha">{bomb}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    hostile = '<outline text="&f;">&e12;&f;</outline><outline text="&e12;" xmlUrl="https://x.example/"/>'
    start = time.process_time()
    try:
        found = parse(kinds + body(hostile + FEED))
    except FeedError:
        found = ()
    assert time.process_time() - start < 1
    assert all(len(source.name) < 10 and not source.group for source in found)


def test_a_list_of_deep_folders_is_read_in_no_time() -> None:
    deep = '<outline text="f">' * 100_000
    start = time.process_time()
    assert parse(body(FEED + deep)) == (A,)
    assert time.process_time() - start < 2


def test_a_group_is_no_longer_than_a_title() -> None:
    folder = f'<outline text="{"x" * 2_000}">'
    (source,) = parse(body(folder * 200 + FEED))
    assert source.group == "x" * 2_000


def test_a_list_goes_out_and_comes_in_again() -> None:
    sources = (
        A,
        Source("https://b.example/?a=1&b=2", name='B <"&>', group="News"),
        Source("https://c.example/", group="News / Rain"),
        Source("https://d.example/", name="D", group="News"),
    )
    data = write_opml("My\x00 list", sources)
    assert set(parse(data)) == set(sources)
    assert data.count(b'text="News"') == 1
    assert data == write_opml("My list", sources)


def test_files_stay_out_of_a_list() -> None:
    assert b"/home" not in write_opml("", (A, Source("/home/me/feed.xml")))
