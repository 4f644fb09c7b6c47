"""Dates of books and posts, for machines; :mod:`feed2book.render.words` writes them for people."""

from __future__ import annotations

from datetime import datetime

from feed2book.models import Book


def iso_date(moment: datetime | None) -> str:
    """Return ``2026-11-23``, or ``""``."""
    return moment.date().isoformat() if moment else ""


def iso_moment(moment: datetime) -> str:
    """Return a moment of UTC as RFC 3339 has it: ``2026-11-23T06:30:00Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def period(book: Book) -> tuple[datetime, datetime] | None:
    """Return the dates of the oldest and the newest post, or None when no post has a date."""
    moments = [article.entry.date for article in book.articles if article.entry.date]
    return (min(moments), max(moments)) if moments else None
