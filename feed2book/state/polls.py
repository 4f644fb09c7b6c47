"""What was learnt of the sources by asking them: one row for all editions that ask for one address alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from feed2book.models import Pace, Poll

Key = tuple[str, str]
"""An address, and what tells those apart that ask for it with different logins."""

_COLUMNS = "asked, status, error, failures, since, moved, etag, modified, every, said, patience, posts, new"
_FIND = f"SELECT {_COLUMNS} FROM polls WHERE address = ? AND access = ?"  # noqa: S608 (our own words)
_KEEP = f"INSERT OR REPLACE INTO polls (address, access, {_COLUMNS}) VALUES (?{', ?' * 14})"  # noqa: S608


def find_polls(database: sqlite3.Connection, keys: Iterable[Key]) -> dict[Key, Poll]:
    """Return what is known of those sources that were asked before."""
    rows = ((key, database.execute(_FIND, key).fetchone()) for key in keys)
    return {key: _poll(row) for key, row in rows if row}


def keep_polls(database: sqlite3.Connection, polls: Mapping[Key, Poll]) -> None:
    """Write down what was learnt, in the place of what was known."""
    database.executemany(_KEEP, ((*key, *_row(poll)) for key, poll in polls.items()))


def _row(poll: Poll) -> tuple[object, ...]:
    return (
        _seconds(poll.asked), poll.status, poll.error, poll.failures, _seconds(poll.since),
        poll.moved, poll.etag, poll.modified,
        int(poll.pace.every.total_seconds()), poll.pace.said, _seconds(poll.patience), poll.posts, poll.new,
    )  # fmt: skip


def _poll(row: Sequence[Any]) -> Poll:
    asked, status, error, failures, since, moved, etag, modified, every, said, patience, posts, new = row
    return Poll(
        datetime.fromtimestamp(asked, UTC), status, error, failures, _moment(since), moved, etag, modified,
        Pace(timedelta(seconds=every), said), _moment(patience), posts, new,
    )  # fmt: skip


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
