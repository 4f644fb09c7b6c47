"""What systemd, cron, launchd and GitHub are told."""

from __future__ import annotations

import plistlib
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from runner import feed2book

from feed2book.cli.timetables import Task, cron, github, launchd, systemd
from feed2book.config import schedule
from feed2book.models import Access, BookOptions, Edition, FetchOptions, RenderOptions, Secret, Source

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECRET = Source("x", access=Access(token=Secret("env", ("TOKEN",))))


def task(when: str, *command: str, source: Source = SECRET) -> Task:
    found = schedule(when)
    assert found is not None
    edition = Edition("weekly", (source,), FetchOptions(), BookOptions(), RenderOptions(), schedule=when)
    return Task(edition, found, command or ("/usr/bin/feed2book", "run", "weekly"))


@pytest.mark.parametrize(
    ("when", "calendar", "fields"),
    [
        ("mon 07:00", "Mon *-*-* 07:00:00", "0 7 * * 1"),
        ("sun,thu 23:05", "Thu,Sun *-*-* 23:05:00", "5 23 * * 4,0"),
        ("daily 00:00", "*-*-* 00:00:00", "0 0 * * *"),
        ("monthly 5 07:30", "*-*-05 07:30:00", "30 7 5 * *"),
    ],
)
def test_when_systemd_and_cron_run_it(when: str, calendar: str, fields: str) -> None:
    assert f"\nOnCalendar={calendar}\n" in systemd(task(when))
    assert cron(task(when)) == f"{fields} /usr/bin/feed2book run weekly\n"


def test_words_of_a_command_stay_whole() -> None:
    odd = task("daily 07:00", "/opt/my books/100%", 'a"$b')
    assert '\nExecStart="/opt/my books/100%%" "a\\"$$b"\n' in systemd(odd)
    assert cron(odd) == "0 7 * * * '/opt/my books/100\\%' 'a\"$b'\n"


def test_systemd_gets_variables_from_a_file_only_where_there_are_some() -> None:
    assert re.search(r"TOKEN.*\nEnvironmentFile=%h/", systemd(task("daily 07:00")))
    assert "EnvironmentFile" not in systemd(task("daily 07:00", source=Source("x")))


@pytest.mark.parametrize(
    ("when", "interval"),
    [
        ("sun 07:05", [{"Weekday": 0, "Hour": 7, "Minute": 5}]),
        ("monthly 1 07:00", {"Day": 1, "Hour": 7, "Minute": 0}),
    ],
)
def test_launchd_gets_a_property_list(when: str, interval: object) -> None:
    assert plistlib.loads(launchd(task(when)).encode("utf-8")) == {
        "Label": "org.feed2book.weekly",
        "ProgramArguments": ["/usr/bin/feed2book", "run", "weekly"],
        "StartCalendarInterval": interval,
    }


@pytest.mark.parametrize(
    ("when", "zone", "fields"),
    [
        ("mon 07:00", "Europe/Berlin", "0 6 * * 1"),
        ("mon 00:30", "Europe/Berlin", "30 23 * * 0"),
        ("sun 20:00", "America/Los_Angeles", "0 4 * * 1"),
        ("daily 00:30", "Europe/Berlin", "30 23 * * *"),
        ("monthly 5 00:30", "Europe/Berlin", "30 23 4 * *"),
        ("monthly 1 00:30", "Europe/Berlin", "30 23 1 * *"),
        ("monthly 28 20:00", "America/Los_Angeles", "0 4 28 * *"),
    ],
)
def test_github_counts_in_utc(when: str, zone: str, fields: str) -> None:
    told = github(task(when), Path("/x/feed2book.toml"), NOW, ZoneInfo(zone))
    assert f'    - cron: "{fields}" # {when} ' in told
    assert "\n      TOKEN: ${{ secrets.TOKEN }}\n" in told
    assert "feed2book run weekly --config feed2book.toml\n" in told


SOURCE = '[[edition.weekly.source]]\naddress = "https://a.example/feed"\n'


@pytest.mark.parametrize("kind", ["systemd", "cron", "launchd", "github"])
def test_each_is_printed_filled_in(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "feed2book.toml"
    place.write_text(f'[edition.weekly]\nschedule = "mon 07:00"\n{SOURCE}', encoding="utf-8")
    done = feed2book("schedule", kind, "--config", place)
    assert done.code == 0
    assert "weekly" in done.said
    assert (str(place) in done.said) == (kind != "github")


def test_an_edition_without_a_schedule_has_none_to_print(tmp_path: Path) -> None:
    place = tmp_path / "feed2book.toml"
    place.write_text(SOURCE, encoding="utf-8")
    done = feed2book("schedule", "cron", "--config", place)
    assert (done.code, 'add schedule = "mon 07:00"' in done.said) == (2, True)
