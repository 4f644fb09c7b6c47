"""Editions: what a run makes, delivers and remembers."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from feed2book.devices import DEVICES
from feed2book.errors import UsageError
from feed2book.models import (
    BookOptions,
    Delivery,
    Edition,
    FetchOptions,
    RenderOptions,
    Secret,
    Source,
    Status,
)
from feed2book.pipeline import EditionReport, draft_edition, history, resend, run_edition

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def no_secret(secret: Secret) -> str:
    raise AssertionError(f"{secret} is not wanted here")


def write_feed(path: Path, posts: Iterable[tuple[str, datetime]], title: str = "Tides") -> str:
    """Write a feed of posts with these titles and dates, newest first; return its address."""
    items = "".join(
        f"<item><title>{name}</title><guid>{path.stem}-{name}</guid><link>https://{path.stem}.example/{name}</link>"
        f"<pubDate>{format_datetime(date)}</pubDate>"
        f"<description>&lt;i&gt;All of {name}.&lt;/i&gt;</description></item>"
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


def test_a_dead_source_does_not_stop_the_issue(desk: Desk, tmp_path: Path) -> None:
    desk.publish(("ebb", ago(1)))
    absent = Source(str(tmp_path / "absent.xml"))
    report = desk.run(sources=(absent, *desk.edition.sources))
    assert (desk.titles(report), report.exit_code) == (["ebb"], 3)
    assert [failure.where for failure in report.failures] == [absent.address]


def test_without_any_source_nothing_is_made_and_nothing_forgotten(desk: Desk) -> None:
    report = desk.run()
    assert (report.issue, report.exit_code) == (None, 2)
    assert "there is no such file" in str(report.error)
    desk.publish(("ebb", ago(1)), ("flood", ago(6)))
    assert desk.titles(desk.run(ago(-6))) == ["flood", "ebb"]  # the window began with the first attempt


def test_posts_wait_for_company(desk: Desk) -> None:
    desk.publish(("ebb", ago(1)))
    report = desk.run(min_posts=2)
    assert (report.issue, report.waiting, report.exit_code) == (None, 1, 0)
    desk.publish(("flood", ago(-1)), ("ebb", ago(1)))
    assert desk.titles(desk.run(MONDAY + WEEK, min_posts=2)) == ["ebb", "flood"]


def test_a_changed_post_goes_again_marked_as_such(desk: Desk) -> None:
    outputs: dict[str, Any] = {"outputs": ("epub",), "updates": "resend"}
    desk.edition = replace(desk.edition, deliveries=(), **outputs)
    desk.publish(("ebb", ago(1)))
    desk.run()
    text = desk.feed.read_text().replace("All of ebb", "More of ebb")
    desk.feed.write_text(text)
    report = desk.run(MONDAY + WEEK)
    assert desk.titles(report) == ["ebb"]
    assert report.issue
    with ZipFile(report.issue.files[0].path) as book:
        nav = next(name for name in book.namelist() if name.endswith("nav.xhtml"))
        assert '<span class="news">(updated)</span>' in book.read(nav).decode()


def test_all_outputs_come_of_one_book(desk: Desk) -> None:
    desk.publish(("ebb", ago(1)))
    report = desk.run(outputs=("epub", "pdf", "email"), deliveries=())
    assert report.issue
    assert [file.name for file in report.issue.files] == [
        "weekly-1-2026-11-23.epub",
        "weekly-1-2026-11-23.pdf",
        "weekly-1-2026-11-23.eml",
    ]
    assert (report.issue.title, report.issue.delivered) == ("The Weekly, no. 1", None)
    assert all(file.path.stat().st_size > 500 for file in report.issue.files)


def test_a_book_for_a_kobo_keeps_its_ending(desk: Desk) -> None:
    desk.publish(("ebb", ago(1)))
    report = desk.run(outputs=("epub",), deliveries=(), render=RenderOptions(device=DEVICES["kobo"]))
    assert report.issue
    assert [file.name for file in report.issue.files] == ["weekly-1-2026-11-23.kepub.epub"]


def test_an_issue_that_cannot_be_delivered_goes_with_the_next_run_as_it_was(desk: Desk) -> None:
    desk.publish(("ebb", ago(1)))
    desk.shelf.rmdir()
    first = desk.run()
    assert (first.exit_code, desk.titles(first)) == (5, ["ebb"])
    (failure,) = first.undelivered
    assert (failure.where, "there is no such directory" in failure.message) == ("shelf", True)
    assert first.issue
    made = first.issue.files[0].path.read_bytes()

    desk.shelf.mkdir()
    second = desk.run(MONDAY + WEEK)
    assert (second.exit_code, second.issue) == (0, None)
    assert desk.delivered == ["weekly-1-2026-11-23.eml"]
    assert (desk.shelf / desk.delivered[0]).read_bytes().endswith(made)


def test_a_delivery_that_left_the_configuration_ends(desk: Desk) -> None:
    desk.publish(("ebb", ago(1)))
    desk.shelf.rmdir()
    desk.run()
    report = desk.run(MONDAY + WEEK, deliveries=())
    assert (report.exit_code, report.counts) == (0, {Status.SUPPRESSED: 1})
    (past,) = history(desk.data, "weekly", 10)
    assert past.issue.delivered == MONDAY + WEEK


def test_files_of_old_issues_go_unless_they_are_not_delivered(desk: Desk) -> None:
    for week in range(4):
        if week == 1:
            desk.shelf.rename(desk.data / "away")
        desk.publish(*((f"post{number}", ago(1 - 7 * number)) for number in range(week, -1, -1)))
        desk.run(MONDAY + week * WEEK, keep=1)
    assert sorted(path.name for path in (desk.data / "issues" / "weekly").iterdir()) == ["2", "3", "4"]
    (desk.data / "away").rename(desk.shelf)
    assert desk.run(MONDAY + 4 * WEEK, keep=1).exit_code == 0
    assert sorted(path.name for path in (desk.data / "issues" / "weekly").iterdir()) == ["4"]
    kept = [past.issue.number for past in history(desk.data, "weekly", 10) if past.issue.files]
    assert kept == [4]


def test_an_issue_is_sent_again_as_it_was(desk: Desk) -> None:
    desk.publish(("ebb", ago(1)))
    desk.run()
    (desk.shelf / desk.delivered[0]).unlink()
    report = resend(desk.edition, desk.data, MONDAY + WEEK, 1, reveal=no_secret)
    assert (report.exit_code, report.counts) == (0, {Status.ACCEPTED: 1})
    assert desk.delivered == ["weekly-1-2026-11-23.eml"]


@pytest.mark.parametrize(
    ("number", "wanted", "said"),
    [
        (2, {}, "weekly has no such issue"),
        (1, {"delivery": "post"}, "weekly has no delivery 'post' — it has shelf"),
        (1, {"address": "ada@example.org"}, "this goes to no mail addresses"),
    ],
)
def test_what_cannot_be_sent_again_is_told(
    desk: Desk, number: int, wanted: dict[str, Any], said: str
) -> None:
    desk.publish(("ebb", ago(1)))
    desk.run()
    with pytest.raises(UsageError, match=said):
        resend(desk.edition, desk.data, MONDAY, number, reveal=no_secret, **wanted)


def test_a_draft_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    desk.publish(("ebb", ago(1)))
    report = draft_edition(desk.edition, desk.data, MONDAY, reveal=no_secret)
    assert (desk.titles(report), report.planned) == (["ebb"], (("shelf", 1),))
    seen = draft_edition(desk.edition, desk.data, MONDAY, reveal=no_secret, folder=tmp_path / "preview")
    assert seen.issue
    assert [file.path.name for file in seen.issue.files] == ["weekly-1-2026-11-23.html"]
    assert "All of ebb" in seen.issue.files[0].path.read_text()
    assert (desk.data.exists(), desk.delivered) == (False, [])


def test_a_full_disk_while_the_issue_is_stored_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish(("ebb", ago(1)))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        report = desk.run()
    assert (report.issue, report.exit_code) == (None, 5)
    assert "the disk is full" in str(report.error)
    assert desk.titles(desk.run(MONDAY + WEEK)) == ["ebb"]


def test_a_full_disk_while_the_issue_is_written_down_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish(("ebb", ago(1)))
    desk.run(min_posts=9)
    with sqlite3.connect(desk.data / "state.sqlite3") as database:
        pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.close()
    opened = sqlite3.connect

    def small(*arguments: Any, **named: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = opened(*arguments, **named)
        database.execute(f"PRAGMA max_page_count = {pages}")
        return database

    many = "x" * 20_000
    with monkeypatch.context() as patch:
        patch.setattr("feed2book.state.database.sqlite3.connect", small)
        report = desk.run(book=replace(desk.edition.book, title=many))
    assert (report.issue, report.exit_code, desk.delivered) == (None, 1, [])
    assert "the disk is full — free some space and run again" in str(report.error)
    assert desk.titles(desk.run(MONDAY + WEEK)) == ["ebb"]


def test_the_rest_of_a_run_that_was_cut_off_is_replaced(desk: Desk) -> None:
    rest = desk.data / "issues" / "weekly" / "1" / "half.epub"
    rest.parent.mkdir(parents=True)
    rest.touch()
    desk.publish(("ebb", ago(1)))
    assert desk.run().exit_code == 0
    assert [path.name for path in rest.parent.iterdir()] == ["weekly-1-2026-11-23.eml"]
