"""When an edition is due, through nights on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feed2book.config import local_zone, schedule
from feed2book.errors import UsageError

BERLIN = "Europe/Berlin"  # forward at 02:00 on 2026-03-29, back at 03:00 on 2026-10-25
APIA = "Pacific/Apia"  # has no 2011-12-30
CASES = [
    # schedule, zone, after (local), due (UTC)
    ("mon 07:00", "UTC", "2026-11-24T12:00", "2026-11-30T07:00"),
    ("mon 07:00", "UTC", "2026-11-30T06:59", "2026-11-30T07:00"),
    ("mon 07:00", "UTC", "2026-11-30T07:00", "2026-12-07T07:00"),
    ("thu, MON 7:05", "UTC", "2026-11-24T12:00", "2026-11-26T07:05"),
    ("daily 23:59", "UTC", "2026-12-31T23:59", "2027-01-01T23:59"),
    ("monthly 1 07:00", "UTC", "2026-11-24T12:00", "2026-12-01T07:00"),
    ("monthly 28 07:00", "UTC", "2027-01-28T07:00", "2027-02-28T07:00"),
    ("daily 07:00", BERLIN, "2026-03-28T12:00", "2026-03-29T05:00"),
    ("daily 07:00", BERLIN, "2026-03-27T12:00", "2026-03-28T06:00"),
    ("daily 02:30", BERLIN, "2026-03-28T12:00", "2026-03-29T01:30"),  # skipped: 03:30 by the clock
    ("daily 02:30", BERLIN, "2026-03-29T04:00", "2026-03-30T00:30"),
    ("daily 02:30", BERLIN, "2026-10-24T12:00", "2026-10-25T00:30"),  # shown twice: the first
    ("daily 02:30", BERLIN, "2026-10-25T02:30", "2026-10-26T01:30"),
    ("daily 00:30", "America/Sao_Paulo", "2018-11-03T12:00", "2018-11-04T03:30"),  # no midnight that day
    ("daily 07:00", APIA, "2011-12-29T08:00", "2011-12-30T17:00"),
    ("daily 07:00", APIA, "2011-12-31T08:00", "2011-12-31T17:00"),
    ("mon 00:10", "Asia/Tokyo", "2026-11-24T12:00", "2026-11-29T15:10"),
]


@pytest.mark.parametrize(("text", "zone", "after", "due"), CASES)
def test_when_it_is_due_next(text: str, zone: str, after: str, due: str) -> None:
    found = schedule(text)
    assert found is not None
    local = ZoneInfo(zone)
    assert found.next(datetime.fromisoformat(after).replace(tzinfo=local), local) == datetime.fromisoformat(
        due
    ).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", [BERLIN, APIA, "Australia/Lord_Howe"])
def test_a_daily_issue_comes_once_a_day_all_year(zone: str) -> None:
    found, local = schedule("daily 02:15"), ZoneInfo(zone)
    assert found is not None
    due = [datetime(2026, 1, 1, tzinfo=UTC)]
    while due[-1].year == 2026:
        due.append(found.next(due[-1], local))
    assert len(due) - 1 in (365, 366)
    assert len({moment.astimezone(local).date() for moment in due[1:]}) == len(due) - 1


def test_no_schedule_is_none() -> None:
    assert schedule(" ") is None


@pytest.mark.parametrize(
    "text", ["monday 07:00", "mon", "07:00", "mon 7", "mon 24:00", "monthly 0 07:00", "monthly 29 07:00"]
)
def test_what_is_no_schedule_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match=r"'mon 07:00'|a day from 1 to 28"):
        schedule(text)


def test_the_zone_is_what_tz_names() -> None:
    assert local_zone({"TZ": ":Europe/Berlin"}) == ZoneInfo(BERLIN)
    assert local_zone({}).utcoffset(datetime(2026, 1, 1, tzinfo=UTC)) is not None
    with pytest.raises(UsageError, match=r"TZ: .*write it as Europe/Berlin"):
        local_zone({"TZ": "../etc/passwd"})
