"""Dates as people read them, in English, the same in any locale."""

from __future__ import annotations

from datetime import datetime

from feed2book.models import Book

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def human_date(moment: datetime | None) -> str:
    """Return ``23 November 2026``, or ``""``."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}" if moment else ""


def iso_date(moment: datetime | None) -> str:
    """Return ``2026-11-23``, or ``""``."""
    return moment.date().isoformat() if moment else ""


def period(book: Book) -> tuple[datetime, datetime] | None:
    """Return the dates of the oldest and the newest post, or None when no post has a date."""
    moments = [article.entry.date for article in book.articles if article.entry.date]
    return (min(moments), max(moments)) if moments else None


def human_period(book: Book) -> str:
    """Return the time that the posts span, without saying anything twice, or ``""``.

    ``2 November 2026``, ``2–11 November 2026``, ``2 October – 11 November 2026`` and so on.
    """
    span = period(book)
    if not span:
        return ""
    first, last = span
    if first.date() == last.date():
        return human_date(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{human_date(last)}"
    start = human_date(first)
    if first.year == last.year:
        start = start.rsplit(" ", 1)[0]
    return f"{start} – {human_date(last)}"
