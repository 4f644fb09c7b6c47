"""What a scheduler is told, so that it runs an edition: systemd, cron, launchd, GitHub Actions."""

from __future__ import annotations

import plistlib
import re
import shlex
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from feed2book.config import DAYS, Schedule, all_secrets
from feed2book.models import Edition

_SERVICE = """\
# ~/.config/systemd/user/feed2book-{name}.service
[Unit]
Description=feed2book: {name}
# Where nothing could be read, it is tried again, six times a day at most.
StartLimitIntervalSec=1d
StartLimitBurst=6

[Service]
Type=oneshot
ExecStart={command}
{environment}# 3: an issue was published, and a source failed.
SuccessExitStatus=3
Restart=on-failure
RestartSec=10min
RestartPreventExitStatus=2 5
"""
_TIMER = """\
# ~/.config/systemd/user/feed2book-{name}.timer
[Unit]
Description=feed2book: {name}, {schedule}

[Timer]
OnCalendar={when}
# A run that was missed while the machine was off is made up for once.
Persistent=true

[Install]
WantedBy=timers.target
"""
_WORKFLOW = """\
# .github/workflows/feed2book-{name}.yml
name: feed2book {name}
on:
  schedule:
    - cron: "{cron}" # {schedule}; GitHub counts in UTC
  workflow_dispatch:
permissions:
  contents: write # what was delivered is remembered in the repository
concurrency: feed2book
jobs:
  run:
    runs-on: ubuntu-latest
    env:
      FEED2BOOK_DATA: ${{{{ github.workspace }}}}/state
{secrets}    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install 'feed2book[mail]'
      - run: feed2book run {name} --config {config}
      - if: always()
        run: |
          git config user.name "feed2book"
          git config user.email "feed2book@users.noreply.github.com"
          git add state
          git diff --cached --quiet || git commit -m "feed2book {name}"
          git push
"""


@dataclass(frozen=True, slots=True)
class Task:
    """An edition that a scheduler is to run, when it is due, by a command of absolute paths."""

    edition: Edition
    schedule: Schedule
    command: tuple[str, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables that its secrets are in."""
        named = {secret.place[0] for secret in all_secrets(self.edition) if secret.kind == "env"}
        return tuple(sorted(named))


def systemd(task: Task) -> str:
    """Return a service and its timer (systemd.service(5), systemd.timer(5))."""
    environment = ""
    if task.variables:
        environment = (
            f"# Lines NAME=VALUE for {', '.join(task.variables)}; keep the file to yourself (chmod 600).\n"
            "EnvironmentFile=%h/.config/feed2book/environment\n"
        )
    service = _SERVICE.format(
        name=task.edition.name, command=" ".join(map(_for_systemd, task.command)), environment=environment
    )
    timer = _TIMER.format(
        name=task.edition.name, schedule=task.edition.schedule, when=_calendar(task.schedule)
    )
    return f"{service}\n{timer}"


def _calendar(schedule: Schedule) -> str:
    """Return a schedule as systemd.time(7) has it."""
    days = "" if len(schedule.weekdays) == 7 else ",".join(DAYS[day].title() for day in schedule.weekdays)
    date = f"*-*-{schedule.month_day:02}" if schedule.month_day else "*-*-*"
    return f"{days} {date} {schedule.at:%H:%M}:00".lstrip()


def _for_systemd(word: str) -> str:
    if re.fullmatch(r"[\w./:=@+-]+", word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def cron(task: Task) -> str:
    """Return a line of a crontab (crontab(5))."""
    # A per cent sign is a line end there.
    command = shlex.join(task.command).replace("%", "\\%")
    return f"{_fields(task.schedule)} {command}\n"


def _fields(schedule: Schedule) -> str:
    at, days = schedule.at, schedule.weekdays
    weekdays = "*" if len(days) in (0, 7) else ",".join(str((day + 1) % 7) for day in days)
    return f"{at.minute} {at.hour} {schedule.month_day or '*'} * {weekdays}"


def launchd(task: Task) -> str:
    """Return a property list (launchd.plist(5)), which makes up for a run that was missed asleep."""
    at = {"Hour": task.schedule.at.hour, "Minute": task.schedule.at.minute}
    days = [{"Weekday": (day + 1) % 7, **at} for day in task.schedule.weekdays]
    said: dict[str, object] = {
        "Label": f"org.feed2book.{task.edition.name}",
        "ProgramArguments": list(task.command),
        "StartCalendarInterval": days or {"Day": task.schedule.month_day, **at},
    }
    return plistlib.dumps(said, sort_keys=False).decode("utf-8")


def github(task: Task, config: Path, now: datetime, zone: tzinfo) -> str:
    """Return a workflow for GitHub Actions.

    Args:
        task: the command is not used: the workflow installs its own.
        config: the configuration, at the root of the repository.
        now: GitHub's clock is UTC, and the workflow is right for the offset of the next run after this.
        zone: what the schedule means.
    """
    due = task.schedule.next(now, zone)
    return _WORKFLOW.format(
        name=task.edition.name,
        cron=_fields(task.schedule.in_utc(due, zone)),
        schedule=f"{task.edition.schedule} {due.astimezone(zone):%Z}",
        secrets="".join(f"      {name}: ${{{{ secrets.{name} }}}}\n" for name in task.variables),
        config=shlex.quote(config.name),
    )
