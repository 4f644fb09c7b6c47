"""When an edition is due: ``mon 07:00``, ``mon,thu 07:00``, ``daily 07:00``, ``monthly 1 07:00``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path

from feed2book.errors import UsageError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_FORM = re.compile(
    rf"(?:(?P<daily>daily)|(?P<days>(?:{'|'.join(DAYS)})(?:\s*,\s*(?:{'|'.join(DAYS)}))*)"
    r"|monthly\s+(?P<month>\d{1,2}))\s+(?P<hour>\d{1,2}):(?P<minute>\d\d)",
    re.IGNORECASE,
)
_REMEDY = "write it as 'mon 07:00', 'mon,thu 07:00', 'daily 07:00' or 'monthly 1 07:00'"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an edition is due, in local time.

    Attributes:
        at: the time of the day.
        weekdays: on which days of the week, Monday 0; none where it is a day of the month.
        month_day: the day of the month, 1 to 28; 0 where it is days of the week.
    """

    at: time
    weekdays: tuple[int, ...] = ()
    month_day: int = 0

    def falls_on(self, day: date) -> bool:
        """Whether an issue is due on that day."""
        return day.day == self.month_day or day.weekday() in self.weekdays

    def next(self, after: datetime, zone: tzinfo) -> datetime:
        """Return when an issue is due next, in UTC.

        A time that the clocks skip in spring comes as much later as they skip; a time that they show twice
        in autumn counts the first time.

        Args:
            after: aware; what is returned is later than this.
            zone: whose local time the schedule means.
        """
        # The day before, too: in a gap, a day's time can be later than the next day's midnight.
        day = after.astimezone(zone).date() - timedelta(days=1)
        while True:
            due = datetime.combine(day, self.at, zone).astimezone(UTC)
            if self.falls_on(day) and due > after:
                return due
            day += timedelta(days=1)

    def in_utc(self, due: datetime, zone: tzinfo) -> Schedule:
        """Return the schedule in UTC, as it is when an issue is due then.

        A day of the month that would leave the month stays in it, and comes up to a day early or late.

        Args:
            due: what :meth:`next` returned.
            zone: whose local time the schedule means.
        """
        days = (due.date() - due.astimezone(zone).date()).days
        weekdays = tuple(sorted((day + days) % 7 for day in self.weekdays))
        return Schedule(due.time(), weekdays, self.month_day and min(28, max(1, self.month_day + days)))


def local_zone(environ: Mapping[str, str]) -> tzinfo:
    """Return the zone of this machine: what ``TZ`` names, else the system's, else UTC.

    Raises:
        UsageError: ``TZ`` names a zone that is not known here.
    """
    from zoneinfo import ZoneInfo

    name = environ.get("TZ", "").lstrip(":")
    try:
        if name:
            return ZoneInfo(name)
        with Path("/etc/localtime").open("rb") as stream:
            return ZoneInfo.from_file(stream)
    except (KeyError, OSError, ValueError) as error:  # KeyError: a zone that is not there
        if not name:
            return UTC
        raise UsageError(
            f"the time zone {name!r} is not known here",
            where="TZ",
            remedy="write it as Europe/Berlin, or install tzdata",
        ) from error


def schedule(value: str) -> Schedule | None:
    """Read a schedule; ``""`` is none.

    Raises:
        UsageError: it is not written as one.
    """
    text = value.strip()
    if not text:
        return None
    found = _FORM.fullmatch(text)
    if not found:
        raise UsageError(f"{value!r} is not a schedule", where="schedule", remedy=_REMEDY)
    hour, minute = int(found["hour"]), int(found["minute"])
    if hour > 23 or minute > 59:
        raise UsageError(f"{value!r} names no time of the day", where="schedule", remedy=_REMEDY)
    at = time(hour, minute)
    if found["month"]:
        day = int(found["month"])
        if not 1 <= day <= 28:
            remedy = "use a day from 1 to 28, which every month has"
            raise UsageError(f"{day} is not a day of every month", where="schedule", remedy=remedy)
        return Schedule(at, month_day=day)
    if found["daily"]:
        return Schedule(at, tuple(range(7)))
    named = {DAYS.index(day.strip()) for day in found["days"].lower().split(",")}
    return Schedule(at, tuple(sorted(named)))
