"""How long a feed may be left alone: it says so, or its server does, or the dates of its posts tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from statistics import median

from feed2book.feed.text import count, rfc822_moment
from feed2book.models import DAY, HOUR, Entry, Pace, Response

_PERIODS = {
    "hourly": HOUR,
    "daily": DAY,
    "weekly": 7 * DAY,
    "monthly": 30 * DAY,
    "yearly": 365 * DAY,
}  # http://web.resource.org/rss/1.0/modules/syndication/
_LONGEST = 7 * DAY  # that what is said counts; a mistake in it must not silence a feed
_MOST_MINUTES = _LONGEST // timedelta(minutes=1)  # more may not fit into a timedelta
_RECENT = 10  # posts whose dates tell
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})")


def stated(ttl: object, period: object, frequency: object) -> Pace:
    """Return the pace that a feed states itself; where it does not, nobody ``said`` it.

    Args:
        ttl: minutes (RSS 2.0).
        period: ``hourly``, ``daily`` … (``sy:updatePeriod``).
        frequency: how often in such a period (``sy:updateFrequency``), once if it is not said.
    """
    if minutes := count(ttl):
        return Pace(_bounded(timedelta(minutes=min(minutes, _MOST_MINUTES)), _LONGEST), "ttl")
    length = _PERIODS.get(str(period or "").strip().lower())
    return Pace(_bounded(length / (count(frequency) or 1), _LONGEST), "sy:updatePeriod") if length else Pace()


def suggested(response: Response, entries: Sequence[Entry]) -> Pace:
    """Return the pace of a feed that states none itself."""
    return _served(response) or _rhythm(entries)


def _served(response: Response) -> Pace | None:
    """Return how long the answer is good for (RFC 9111, section 4.2).

    Less than an hour says only how long caches on the way may hold it.
    """
    control = response.header("cache-control").lower()
    age = _MAX_AGE.search(control)
    if "no-store" in control or "no-cache" in control:
        return None
    if age:
        said, length = "Cache-Control", timedelta(seconds=int(age[1]))
    else:
        begin, end = (rfc822_moment(response.header(name)) for name in ("date", "expires"))
        said, length = "Expires", end - begin if begin and end else timedelta()
    return Pace(_bounded(length, _LONGEST), said) if length >= HOUR else None


def _rhythm(entries: Sequence[Entry]) -> Pace:
    """Return how far apart the newest posts are: the median, an hour at least and a day at most."""
    dates = sorted((entry.date for entry in entries if entry.date), reverse=True)[:_RECENT]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(dates)]
    return Pace(_bounded(timedelta(seconds=median(gaps)), DAY), "posts") if gaps else Pace()


def _bounded(length: timedelta, longest: timedelta) -> timedelta:
    return min(max(length, HOUR), longest)
