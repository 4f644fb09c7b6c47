"""Editions: what a run makes, delivers and remembers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from feed2book.models import BookOptions, Delivery, Edition, FetchOptions, RenderOptions, Secret, Source
from feed2book.pipeline import EditionReport, run_edition

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def no_secret(secret: Secret) -> str:
    raise AssertionError(f"{secret} is not wanted here")


def write_feed(path: Path, posts: Iterable[tuple[str, datetime]], title: str = "Tides") -> str:
    """Write a feed of posts with these titles and dates, newest first; return its address."""
    items = "".join(
        f"<item><title>{name}</title><guid>{path.stem}-{name}</guid><link>https://{path.stem}.example/{name}</link>"
        f"<pubDate>{format_datetime(date)}</pubDate><description>All of {name}.</description></item>"
        for name, date in posts
    )
    path.write_text(f"<rss><channel><title>{title}</title>{items}</channel></rss>", encoding="utf-8")
    return str(path)


class Desk:
    """An edition of one file, its data folder, and a folder that its issues go to."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.feed = folder / "tides.xml"
        self.data, self.shelf = folder / "data", folder / "shelf"
        self.shelf.mkdir()
        self.edition = Edition(
            name="weekly",
            sources=(Source(str(self.feed)),),
            fetch=FetchOptions(),
            book=BookOptions(title="The Weekly", cover=False),
            render=RenderOptions(),
            outputs=("email",),
            deliveries=(Delivery("folder", "shelf", path=self.shelf, outputs=("email",)),),
            **changes,
        )

    def publish(self, *posts: tuple[str, datetime]) -> None:
        write_feed(self.feed, posts)

    def run(self, now: datetime = MONDAY, **changes: Any) -> EditionReport:
        return run_edition(replace(self.edition, **changes), self.data, now, reveal=no_secret)

    def titles(self, report: EditionReport) -> list[str]:
        return [post.title for post in report.issue.posts] if report.issue else []

    @property
    def delivered(self) -> list[str]:
        return sorted(path.name for path in self.shelf.iterdir())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def ago(days: float) -> datetime:
    return MONDAY - timedelta(days=days)


def test_the_first_issue_has_the_last_period_and_the_next_what_is_new(desk: Desk) -> None:
    desk.publish(("ebb", ago(1)), ("flood", ago(3)), ("old", ago(8)))
    first = desk.run()
    assert (desk.titles(first), first.exit_code) == (["flood", "ebb"], 0)
    assert desk.delivered == ["weekly-1-2026-11-23.eml"]

    desk.publish(("spring", ago(-2)), ("ebb", ago(1)), ("flood", ago(3)), ("old", ago(8)))
    assert desk.titles(desk.run(MONDAY + WEEK)) == ["spring"]
    assert desk.delivered == ["weekly-1-2026-11-23.eml", "weekly-2-2026-11-30.eml"]

    third = desk.run(MONDAY + 2 * WEEK)
    assert (third.issue, third.exit_code) == (None, 0)
    assert len(desk.delivered) == 2
