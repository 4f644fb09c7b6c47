"""How long a feed may be left alone, and who says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from feed2book.feed import parse_feed
from feed2book.models import Pace, Response

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
PERIOD = "<sy:updatePeriod> Weekly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"


def pace(channel: str = "", *ages: timedelta, **headers: str) -> Pace:
    """Return the pace of a feed whose posts have these ages."""
    dates = (f"<pubDate>{format_datetime(MONDAY - age)}</pubDate>" for age in ages or (HOUR,))
    items = "".join(f"<item><title>{date}</title>{date}</item>" for date in dates)
    body = f'<rss version="2.0" {SY}><channel><title>Tides</title>{channel}{items}</channel></rss>'
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return parse_feed(Response("https://tides.example/feed", 200, fields, body.encode())).pace


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("<ttl>90</ttl>", Pace(1.5 * HOUR, "ttl")),
        (f"<ttl>90</ttl>{PERIOD}", Pace(1.5 * HOUR, "ttl")),
        ("<ttl>5</ttl>", Pace(HOUR, "ttl")),
        ("<ttl>999999999</ttl>", Pace(7 * DAY, "ttl")),
        ("<ttl>0</ttl>", Pace()),
        ("<ttl>soon</ttl>", Pace()),
        (PERIOD, Pace(3.5 * DAY, "sy:updatePeriod")),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", Pace(DAY, "sy:updatePeriod")),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", Pace()),
    ],
)
def test_a_feed_states_its_pace(channel: str, expected: Pace) -> None:
    assert pace(channel) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"cache_control": "public, max-age=7200"}, Pace(2 * HOUR, "Cache-Control")),
        ({"cache_control": "s-maxage=7200"}, Pace()),
        ({"cache_control": "max-age=300"}, Pace()),
        ({"cache_control": "no-cache, max-age=7200"}, Pace()),
        ({"cache_control": "max-age=7200, no-store"}, Pace()),
        ({"cache_control": "max-age=31536000"}, Pace(7 * DAY, "Cache-Control")),
        (
            {"date": format_datetime(MONDAY), "expires": format_datetime(MONDAY + 3 * HOUR)},
            Pace(3 * HOUR, "Expires"),
        ),
        ({"date": format_datetime(MONDAY), "expires": "0"}, Pace()),
        ({"expires": format_datetime(MONDAY)}, Pace()),
    ],
)
def test_a_server_tells_how_long_its_answer_is_good_for(headers: dict[str, str], expected: Pace) -> None:
    assert pace(**headers) == expected


def test_what_the_feed_states_counts_more_than_its_server() -> None:
    assert pace("<ttl>60</ttl>", cache_control="max-age=7200") == Pace(HOUR, "ttl")


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ((HOUR, 4 * HOUR, 7 * HOUR, 90 * DAY), 3 * HOUR),
        ((HOUR, 9 * DAY, 17 * DAY), DAY),
        ((HOUR, 1.5 * HOUR, 2 * HOUR), HOUR),
        ((*(2 * HOUR * n for n in range(10)), *(30 * DAY * n for n in range(1, 12))), 2 * HOUR),
    ],
)
def test_else_the_posts_tell_how_far_apart_they_are(ages: tuple[timedelta, ...], expected: timedelta) -> None:
    assert pace("", *ages) == Pace(expected, "posts")
