"""What an edition has seen, what was made of it, and where that went."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from feed2book.models import (
    COMMON,
    FACETS,
    Dispatch,
    Issue,
    IssueFile,
    IssuePost,
    Mark,
    Outcome,
    Poll,
    Recipient,
    Status,
)
from feed2book.state.database import FILE, connected, transaction, troubles
from feed2book.state.polls import Key, find_polls, keep_polls

_AT_ONCE = 500  # dispatches, or values of marks, in one question
_OPEN = (Status.WAITING, Status.SENDING)
_SHOWN = 100  # dispatches that did not arrive
_DISPATCHES = (
    "SELECT number, delivery, address, name, token, message_id, status, attempts, said FROM dispatches"
    " WHERE edition = ? AND number = ?"
)
_ADD_DISPATCH = "INSERT INTO dispatches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COLUMNS = attrgetter("feed", "post", *FACETS, "digest", "number")
_MARKS = "SELECT feed, post, guid, link, title, text, digest, number, id FROM marks WHERE edition = ?"


class State:
    """The record of all editions, in one SQLite file. Use it as a context manager, in one thread.

    Every method may raise a StateError: the file is locked, read-only, full or damaged. What a method was to
    write is then not written at all.

    Args:
        folder: the data folder; made if need be.
        writable: else nothing on the disk changes.
    """

    def __init__(self, folder: Path, *, writable: bool = True) -> None:
        self._folder = folder
        self._file = folder / FILE
        self._database = connected(folder, writable=writable)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def place(self, edition: str, number: int) -> Path:
        """Return the folder where the files of an issue lie."""
        return self._folder / "issues" / edition / str(number)

    def windows(self, edition: str) -> dict[str, tuple[datetime, bool]]:
        """Return by address when the first window of each source began, and whether it was ever read."""
        rows = self._rows("SELECT address, since, read FROM sources WHERE edition = ?", edition)
        return {address: (_moment(since), bool(read)) for address, since, read in rows}

    def begin(self, edition: str, addresses: Iterable[str], since: datetime) -> None:
        """Note when the first window of each new source begins; for a known one that stays as it is."""
        rows = [(edition, address, _seconds(since)) for address in addresses]
        with troubles(self._file), transaction(self._database):
            self._database.executemany(
                "INSERT OR IGNORE INTO sources (edition, address, since) VALUES (?, ?, ?)", rows
            )

    def polls(self, keys: Iterable[Key]) -> dict[Key, Poll]:
        """Return what is known of those sources that were asked before, by address and access."""
        with troubles(self._file):
            return find_polls(self._database, keys)

    def polled(self, polls: Mapping[Key, Poll]) -> None:
        """Remember what was learnt of sources."""
        with troubles(self._file), transaction(self._database):
            keep_polls(self._database, polls)

    def known(self, edition: str, marks: Iterable[Mark]) -> tuple[Mark, ...]:
        """Return what is remembered of posts that share something with one of these.

        That is all that are equal to one of them in guid, link, title and text, and those that share one of
        these, unless more than ``COMMON`` share it.
        """
        found: dict[int, Mark] = {}
        asked = {mark.facets for mark in marks}
        for place, facet in enumerate(FACETS):
            values = sorted({facets[place] for facets in asked} - {""})
            for start in range(0, len(values), _AT_ONCE):
                some = values[start : start + _AT_ONCE]
                query = f"{_MARKS} AND {facet} IN ({', '.join('?' * len(some))})"
                alike = [Mark(*row) for row in self._rows(query, edition, *some)]
                sharing = Counter(getattr(mark, facet) for mark in alike)
                found.update(
                    (mark.id, mark)
                    for mark in alike
                    if sharing[getattr(mark, facet)] <= COMMON or mark.facets in asked
                )
        return tuple(found[place] for place in sorted(found))

    def next_number(self, edition: str) -> int:
        """Return the number that the next issue gets, from 1."""
        (row,) = self._rows("SELECT COALESCE(MAX(number), 0) FROM issues WHERE edition = ?", edition)
        return 1 + int(row[0])

    def saw(self, edition: str, marks: Iterable[Mark], addresses: Iterable[str]) -> None:
        """Remember posts of which no issue is made; ``addresses`` are the sources that were read."""
        with troubles(self._file), transaction(self._database):
            self._write_marks(edition, marks, addresses)

    def record(
        self, issue: Issue, dispatches: Iterable[Dispatch], marks: Iterable[Mark], addresses: Iterable[str]
    ) -> None:
        """Remember an issue whose files lie in their place: it, its posts and what is to be delivered.

        From the end of this call on the issue will be delivered, whatever happens.

        Args:
            issue: what was made.
            dispatches: where it is to go.
            marks: all posts that were looked at.
            addresses: the sources that were read.
        """
        name = (issue.edition, issue.number)
        with troubles(self._file), transaction(self._database, durable=True):
            self._database.execute(
                "INSERT INTO issues VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (*name, issue.title, issue.identifier, issue.language, _seconds(issue.issued)),
            )
            self._database.executemany(
                "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (*name, place, post.key, post.title, post.url, json.dumps(post.authors),
                     post.published and _seconds(post.published), post.source)
                    for place, post in enumerate(issue.posts)
                ),
            )  # fmt: skip
            self._database.executemany(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (*name, place, one.output, one.name, one.media_type)
                    for place, one in enumerate(issue.files)
                ),
            )
            rows = (_row(issue.edition, dispatch) for dispatch in dispatches)
            self._database.executemany(_ADD_DISPATCH, rows)
            self._write_marks(issue.edition, marks, addresses)

    def _write_marks(self, edition: str, marks: Iterable[Mark], addresses: Iterable[str]) -> None:
        self._database.executemany(
            "INSERT OR REPLACE INTO marks (edition, feed, post, guid, link, title, text, digest, number, id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((edition, *_COLUMNS(mark), mark.id or None) for mark in marks),
        )
        self._database.executemany(
            "UPDATE sources SET read = 1 WHERE edition = ? AND address = ?",
            [(edition, address) for address in addresses],
        )

    def again(self, edition: str, number: int, dispatches: Iterable[Dispatch]) -> None:
        """Let dispatches of an issue wait to be sent once more; known ones keep their Message-ID."""
        opened = "UPDATE issues SET delivered = NULL WHERE edition = ? AND number = ?"
        query = f"{_ADD_DISPATCH} ON CONFLICT DO UPDATE SET status = excluded.status, said = excluded.said"
        with troubles(self._file), transaction(self._database, durable=True):
            self._database.execute(opened, (edition, number))
            self._database.executemany(query, (_row(edition, dispatch) for dispatch in dispatches))

    def pending(self, edition: str, number: int, delivery: str) -> Iterator[Dispatch]:
        """Yield the dispatches of one delivery that have not come to an end, by address, each at most once.

        Their states may be written meanwhile; only some hundred are in memory at a time.
        """
        query = (
            f"{_DISPATCHES} AND delivery = ? AND address >= ? AND status IN (?, ?) ORDER BY address LIMIT ?"
        )
        first = ""
        while rows := self._rows(query, edition, number, delivery, first, *_OPEN, _AT_ONCE):
            yield from map(_dispatch, rows)
            first = f"{rows[-1][2]}\0"  # the first that sorts after it

    def troubled(self, edition: str, number: int) -> tuple[Dispatch, ...]:
        """Return dispatches of an issue that did not arrive: some of those refused, and of those open."""
        query = f"{_DISPATCHES} AND status NOT IN (?, ?) ORDER BY status, delivery, address LIMIT ?"
        rows = self._rows(query, edition, number, Status.ACCEPTED, Status.SUPPRESSED, _SHOWN)
        return tuple(map(_dispatch, rows))

    def begun(self, edition: str, dispatch: Dispatch) -> None:
        """Write down that a dispatch is about to be sent."""
        self._set(edition, dispatch, "status = ?, attempts = attempts + 1", Status.SENDING)

    def ended(self, edition: str, dispatch: Dispatch, outcome: Outcome) -> None:
        """Write down what came of it."""
        self._set(edition, dispatch, "status = ?, said = ?", outcome.status, outcome.said)

    def _set(self, edition: str, dispatch: Dispatch, changes: str, *values: str) -> None:
        query = (
            f"UPDATE dispatches SET {changes}"  # noqa: S608 (our own words)
            " WHERE edition = ? AND number = ? AND delivery = ? AND address = ?"
        )
        place = (edition, dispatch.number, dispatch.delivery, dispatch.recipient.address)
        with troubles(self._file):
            self._database.execute(query, (*values, *place))

    def finish(self, edition: str, number: int, moment: datetime) -> bool:
        """Note that an issue is delivered, if none of its dispatches is open any more; return if so."""
        query = (
            "UPDATE issues SET delivered = COALESCE(delivered, ?) WHERE edition = ? AND number = ?"
            " AND NOT EXISTS (SELECT 1 FROM dispatches WHERE edition = ? AND number = ? AND status IN (?, ?))"
        )
        with troubles(self._file):
            values = (_seconds(moment), edition, number, edition, number, *_OPEN)
            return self._database.execute(query, values).rowcount == 1

    def issues(
        self, edition: str, *, undelivered: bool = False, newest: int | None = None
    ) -> tuple[Issue, ...]:
        """Return the issues of an edition, the oldest first. Those whose files were deleted have none."""
        rows = self._rows(
            "SELECT number, title, identifier, language, issued, delivered FROM issues"
            " WHERE edition = ? AND (delivered IS NULL OR NOT ?) ORDER BY number DESC LIMIT ?",
            edition, undelivered, -1 if newest is None else newest,
        )  # fmt: skip
        return tuple(self._issue(edition, *row) for row in reversed(rows))

    def past(self, edition: str, keep: int) -> tuple[int, ...]:
        """Return the numbers of delivered issues that still have files, but for the newest ``keep``."""
        rows = self._rows(
            "SELECT number FROM issues WHERE edition = ? AND delivered IS NOT NULL"
            " AND number <= (SELECT MAX(number) FROM issues WHERE edition = ?) - ?"
            " AND number IN (SELECT number FROM files WHERE edition = ?) ORDER BY number",
            edition, edition, keep, edition,
        )  # fmt: skip
        return tuple(number for (number,) in rows)

    def _issue(self, edition: str, number: int, title: str, identifier: str, language: str,
               issued: int, delivered: int | None) -> Issue:  # fmt: skip
        posts = self._rows(
            "SELECT key, title, url, authors, published, source FROM posts"
            " WHERE edition = ? AND number = ? ORDER BY position",
            edition, number,
        )  # fmt: skip
        files = self._rows(
            "SELECT output, name, media_type FROM files WHERE edition = ? AND number = ? ORDER BY position",
            edition, number,
        )  # fmt: skip
        return Issue(
            edition=edition,
            number=number,
            title=title,
            identifier=identifier,
            language=language,
            issued=_moment(issued),
            posts=tuple(
                IssuePost(
                    key, name, url, tuple(json.loads(authors)),
                    None if published is None else _moment(published), source,
                )
                for key, name, url, authors, published, source in posts
            ),
            files=tuple(
                IssueFile(output, name, media_type, self.place(edition, number) / name)
                for output, name, media_type in files
            ),
            delivered=None if delivered is None else _moment(delivered),
        )  # fmt: skip

    def waiting(self, edition: str, number: int) -> tuple[tuple[str, int, str], ...]:
        """Return for each delivery of an issue how many dispatches are open, and why one of them is."""
        rows = self._rows(
            "SELECT delivery, COUNT(*), MAX(said) FROM dispatches"
            " WHERE edition = ? AND number = ? AND status IN (?, ?) GROUP BY delivery ORDER BY delivery",
            edition, number, *_OPEN,
        )  # fmt: skip
        return tuple((delivery, count, said) for delivery, count, said in rows)

    def counts(self, edition: str, number: int) -> tuple[tuple[str, Status, int], ...]:
        """Return for each delivery of an issue and each state how many dispatches are in it."""
        rows = self._rows(
            "SELECT delivery, status, COUNT(*) FROM dispatches WHERE edition = ? AND number = ?"
            " GROUP BY delivery, status ORDER BY delivery, status",
            edition, number,
        )  # fmt: skip
        return tuple((delivery, Status(status), count) for delivery, status, count in rows)

    def forget_files(self, edition: str, number: int) -> None:
        """Note that the files of an issue are no more."""
        with troubles(self._file):
            self._database.execute("DELETE FROM files WHERE edition = ? AND number = ?", (edition, number))

    def _rows(self, query: str, *values: object) -> list[Any]:
        with troubles(self._file):
            return self._database.execute(query, values).fetchall()


def _dispatch(row: Sequence[Any]) -> Dispatch:
    number, delivery, address, name, token, message_id, status, attempts, said = row
    return Dispatch(
        number, delivery, Recipient(address, name, token), message_id, Status(status), attempts, said
    )


def _row(edition: str, dispatch: Dispatch) -> tuple[object, ...]:
    to = dispatch.recipient
    return (
        edition, dispatch.number, dispatch.delivery, to.address, to.name, to.token,
        dispatch.message_id, dispatch.status, dispatch.attempts, dispatch.said,
    )  # fmt: skip


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
