"""The record of deliveries: what it keeps, and what it says when it cannot."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feed2book.errors import StateError
from feed2book.models import (
    COMMON,
    Dispatch,
    Issue,
    IssueFile,
    IssuePost,
    Mark,
    Outcome,
    Recipient,
    Status,
)
from feed2book.state import State, locked
from feed2book.state.database import FILE

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path) as opened:
        yield opened


def issue(number: int = 1) -> Issue:
    return Issue("weekly", number, f"The Weekly, no. {number}", "urn:uuid:1", "en", NOW)


def dispatch(address: str, number: int = 1, delivery: str = "mail") -> Dispatch:
    return Dispatch(number, delivery, Recipient(address, "Ada", "t1"), f"{address}-1")


def mark(name: str, guid: str = "", link: str = "", title: str = "") -> Mark:
    facets = guid or f"guid-{name}", link or f"link-{name}", title or f"title-{name}", f"text-{name}"
    return Mark("feed", f"post-{name}", *facets, "d")


def test_an_issue_comes_back_as_it_was_written(state: State, tmp_path: Path) -> None:
    path = state.place("weekly", 1) / "a.epub"
    made = Issue(
        "weekly", 1, "The Weekly", "urn:uuid:1", "en", NOW,
        posts=(
            IssuePost("post-1", "Ebb", "https://a.example/", ("Ada", "Tom"), NOW, "tides"),
            IssuePost("post-2", "", ""),
        ),
        files=(IssueFile("epub", "a.epub", "application/epub+zip", path),),
    )  # fmt: skip
    state.record(made, [dispatch("ada@example.org")], [], ["tides"])
    assert path.parent == tmp_path / "issues" / "weekly" / "1"
    assert (state.issues("weekly"), state.issues("daily"), state.next_number("weekly")) == ((made,), (), 2)


def test_nothing_of_an_issue_is_kept_if_not_all_is(state: State) -> None:
    def broken() -> Iterator[Dispatch]:
        yield dispatch("ada@example.org")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        state.record(issue(), broken(), [mark("a")], ["tides"])
    assert (state.issues("weekly"), state.known("weekly", [mark("a")])) == ((), ())


def test_an_issue_is_delivered_when_no_dispatch_is_open(state: State) -> None:
    one, two = dispatch("ada@example.org"), dispatch("tom@example.org")
    state.record(issue(), [one, two], [], [])
    state.begun("weekly", one)
    state.ended("weekly", one, Outcome(Status.ACCEPTED, "250 ok"))
    state.begun("weekly", two)
    assert not state.finish("weekly", 1, NOW)
    assert [found.number for found in state.issues("weekly", undelivered=True)] == [1]
    assert list(state.pending("weekly", 1, "mail")) == [
        Dispatch(1, "mail", two.recipient, two.message_id, Status.SENDING, 1)
    ]
    state.ended("weekly", two, Outcome(Status.REFUSED, "550 no"))
    assert state.finish("weekly", 1, NOW)
    assert state.issues("weekly", undelivered=True) == ()
    assert state.counts("weekly", 1) == (("mail", Status.ACCEPTED, 1), ("mail", Status.REFUSED, 1))
    assert [one.said for one in state.troubled("weekly", 1)] == ["550 no"]


def test_each_pending_dispatch_comes_once_while_it_is_put_off(state: State) -> None:
    addresses = [f"{number:04}@example.org" for number in range(1_201)]
    state.record(issue(), map(dispatch, addresses), [], [])
    seen = []
    for one in state.pending("weekly", 1, "mail"):
        seen.append(one.recipient.address)
        state.begun("weekly", one)
        state.ended("weekly", one, Outcome(Status.WAITING, "450 later"))
    assert seen == addresses


def test_posts_that_share_something_are_found_unless_many_do(state: State) -> None:
    crowd = [mark(f"crowd-{number}", title="notes") for number in range(COMMON + 1)]
    state.saw("weekly", [mark("a"), mark("b", link="link-a"), mark("c"), *crowd], [])
    found = state.known("weekly", [mark("new", link="link-a", guid="guid-c", title="notes")])
    assert sorted(one.guid for one in found) == ["guid-a", "guid-b", "guid-c"]
    assert [one.guid for one in state.known("weekly", [crowd[3]])] == [crowd[3].guid]
    assert state.known("daily", [mark("a")]) == ()


def test_a_mark_with_its_place_is_brought_up_to_date(state: State) -> None:
    state.saw("weekly", [mark("a")], [])
    (before,) = state.known("weekly", [mark("a")])
    state.saw("weekly", [Mark("feed", "p", "g", "l", before.title, "x", "e", 3, before.id)], [])
    (after,) = state.known("weekly", [mark("a")])
    assert (after.id, after.guid, after.digest, after.number) == (before.id, "g", "e", 3)


def test_the_first_window_of_a_source_stays_where_it_began(state: State) -> None:
    state.begin("weekly", ["tides"], NOW)
    state.begin("weekly", ["tides", "ships"], NOW.replace(day=30))
    state.saw("weekly", [], ["tides"])
    assert state.windows("weekly") == {"tides": (NOW, True), "ships": (NOW.replace(day=30), False)}


def test_old_files_are_past_only_when_the_issue_is_delivered(state: State) -> None:
    file = IssueFile("epub", "a.epub", "application/epub+zip", Path("a.epub"))
    for number in range(1, 5):
        made = Issue("weekly", number, "", "", "", NOW, files=(file,))
        state.record(made, [dispatch("ada@example.org", number)] if number == 2 else [], [], [])
        state.finish("weekly", number, NOW)
    assert state.past("weekly", keep=1) == (1, 3)
    state.forget_files("weekly", 1)
    assert state.past("weekly", keep=1) == (3,)


def test_what_goes_again_keeps_its_message_id(state: State) -> None:
    one = dispatch("ada@example.org")
    state.record(issue(), [one], [], [])
    state.ended("weekly", one, Outcome(Status.ACCEPTED, "250 ok"))
    state.finish("weekly", 1, NOW)
    state.again("weekly", 1, [replace(one, message_id="other"), dispatch("tom@example.org")])
    assert [each.message_id for each in state.pending("weekly", 1, "mail")] == [
        "ada@example.org-1",
        "tom@example.org-1",
    ]
    assert [each.number for each in state.issues("weekly", undelivered=True)] == [1]


# what can go wrong


def said(folder: Path) -> str:
    """Return the one line that tells why the record cannot be opened."""
    with pytest.raises(StateError) as caught:
        State(folder)
    return str(caught.value)


def test_a_newer_record_is_left_alone(tmp_path: Path) -> None:
    State(tmp_path).__exit__(None, None, None)
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = (tmp_path / FILE).read_bytes()
    assert "newer feed2book" in said(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_an_older_record_is_brought_up_to_date_and_kept_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with State(tmp_path) as state:
        state.begin("weekly", ["tides"], NOW)
    more = "ALTER TABLE sources ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'"
    from feed2book.state import database

    monkeypatch.setattr(database, "_MIGRATIONS", (*database._MIGRATIONS, more))
    with pytest.raises(StateError, match="older feed2book"):
        State(tmp_path, writable=False)
    with State(tmp_path) as state:
        assert state.windows("weekly") == {"tides": (NOW, False)}
    with sqlite3.connect(tmp_path / f"{FILE}.before-3") as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (2,)
        assert copy.execute("SELECT address FROM sources").fetchall() == [("tides",)]
    copy.close()


def test_a_damaged_record_is_told_and_kept(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not SQLite at all" * 100)
    assert "it is no database — put a copy in its place" in said(tmp_path)
    assert (tmp_path / FILE).read_bytes().startswith(b"not SQLite")


def test_a_record_without_pages_is_told(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        state.saw("weekly", [mark(str(number)) for number in range(500)], [])
    file = tmp_path / FILE
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    with State(tmp_path) as state, pytest.raises(StateError, match="it is damaged"):
        state.known("weekly", [mark("1")])


def test_a_record_that_another_program_holds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feed2book.state.database._PATIENCE", 0.05)
    with State(tmp_path) as state:
        other = sqlite3.connect(tmp_path / FILE)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StateError, match="another program holds it"):
            state.begin("weekly", ["tides"], NOW)
        other.close()
        state.begin("weekly", ["tides"], NOW)
        assert set(state.windows("weekly")) == {"tides"}


def test_a_full_disk_is_told_and_loses_nothing(state: State) -> None:
    state.record(issue(1), [dispatch("ada@example.org")], [mark("a")], [])
    pages = state._database.execute("PRAGMA page_count").fetchone()[0]
    state._database.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StateError, match="the disk is full — free some space"):
        state.record(issue(2), map(dispatch, map(str, range(5_000))), [mark("b")], [])
    assert [one.number for one in state.issues("weekly")] == [1]
    state._database.execute("PRAGMA max_page_count = 1000000")
    state.record(issue(2), [dispatch("ada@example.org", 2)], [mark("b")], [])
    assert state.next_number("weekly") == 3


def test_reading_where_nothing_was_written_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with State(folder, writable=False) as state:
        assert (state.issues("weekly"), state.next_number("weekly")) == ((), 1)
    assert not folder.exists()


# one run at a time

HOLDER = (
    "import sys; from pathlib import Path; from feed2book.state import locked\n"
    "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


def test_a_second_run_says_so_and_gets_its_turn(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdin=pipe, stdout=pipe) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StateError, match=r"another run is under way — .*--wait"), locked(tmp_path):
            pass
        holder.kill()
        with locked(tmp_path, wait=True):
            pass


def test_a_child_of_a_run_does_not_hold_its_lock(tmp_path: Path) -> None:
    with locked(tmp_path):
        if (child := os.fork()) == 0:
            try:
                with locked(tmp_path):
                    os._exit(1)
            except StateError:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
