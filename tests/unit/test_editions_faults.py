"""What a mail server may do to a run, at each of its stages: afterwards all have got the one message."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from server.mail import CUT, STAGES, MailServer, serve_mail
from test_editions import MONDAY, WEEK, Desk, ago

from feed2book.errors import StateError
from feed2book.models import Delivery, MailOptions, Recipient, Recipients, Status
from feed2book.pipeline import history

READERS = ("ada@example.org", "bob@example.org", "tom@example.org")
BOB = READERS[1]
LATER = "451 4.3.0 come again"
NEVER = "550 5.1.1 no such mailbox"


def mailed(folder: Path, server: MailServer) -> Desk:
    """Return a desk whose issues go to three readers, over one connection, each tried once in a run."""
    desk = Desk(folder)
    to = Recipients(tuple(map(Recipient, READERS)))
    mail = Delivery("email", "mail", server.options(connections=1, attempts=1), to)
    desk.edition = replace(desk.edition, deliveries=(mail,), mail=MailOptions("me@example.org"))
    desk.publish(("ebb", ago(1)))
    return desk


def arrived(server: MailServer) -> dict[str, int]:
    """Return how often each reader got the message; it was the same message each time."""
    mails = defaultdict(list)
    for mail in server.received:
        mails[mail.recipient].append((mail.message_id, mail.data))
    assert all(len(set(found)) == 1 for found in mails.values())
    return {reader: len(found) for reader, found in mails.items()}


FAULTS = [(stage, CUT) for stage in STAGES] + [(stage, LATER) for stage in STAGES if stage != "during"]


@pytest.mark.parametrize(("stage", "action"), FAULTS)
def test_a_fault_at_each_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, action: str
) -> None:
    monkeypatch.setattr("feed2book.deliver.smtp._PAUSE", 0.0)
    faulty = True

    def behave(at: str, who: str, count: int) -> str | None:
        return action if faulty and at == stage and who in (BOB, "", "me@example.org") else None

    with serve_mail(behave) as server:
        desk = mailed(tmp_path, server)
        first = desk.run()
        assert (first.exit_code, desk.titles(first)) == (5, ["ebb"])
        faulty = False
        second = desk.run(MONDAY + WEEK)
        assert (second.exit_code, second.issue) == (0, None)
        assert desk.run(MONDAY + 2 * WEEK).counts == {}
    times = arrived(server)
    assert set(times) == set(READERS)
    repeated = [reader for reader, count in times.items() if count > 1]
    assert repeated == ([BOB] if (stage, action) == ("end", CUT) else [])


@pytest.mark.parametrize("stage", ["rcpt", "data", "end"])
def test_a_reader_who_is_refused_keeps_no_other_waiting(tmp_path: Path, stage: str) -> None:
    def behave(at: str, who: str, count: int) -> str | None:
        return NEVER if (at, who) == (stage, BOB) else None

    with serve_mail(behave) as server:
        desk = mailed(tmp_path, server)
        report = desk.run()
        again = desk.run(MONDAY + WEEK)
    assert (report.exit_code, report.counts) == (5, {Status.ACCEPTED: 2, Status.REFUSED: 1})
    assert [failure.where for failure in report.undelivered] == [f"mail: {BOB}"]
    assert NEVER in report.undelivered[0].message
    assert (again.exit_code, again.counts) == (0, {})
    assert arrived(server) == {READERS[0]: 1, READERS[2]: 1}
    (past,) = history(desk.data, "weekly", 1)
    assert past.issue.delivered == MONDAY


def test_what_cannot_be_written_down_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program takes hold of the journal while the second letter is on its way."""
    monkeypatch.setattr("feed2book.state.database._PATIENCE", 0.05)
    holders: list[sqlite3.Connection] = []

    def behave(at: str, who: str, count: int) -> None:
        if (at, who) == ("end", BOB) and not holders:
            holder = sqlite3.connect(desk.data / "state.sqlite3", check_same_thread=False)
            holder.execute("BEGIN IMMEDIATE")
            holders.append(holder)

    with serve_mail(behave) as server:
        desk = mailed(tmp_path, server)
        with pytest.raises(StateError, match="another program holds it"):
            desk.run()
        assert arrived(server) == {READERS[0]: 1, BOB: 1}
        holders[0].close()
        assert desk.run(MONDAY + WEEK).exit_code == 0
    assert arrived(server) == {READERS[0]: 1, BOB: 2, READERS[2]: 1}
