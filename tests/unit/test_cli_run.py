"""``run``, ``history`` and ``resend`` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from runner import Done, feed2book
from test_editions import MONDAY, write_feed


class Desk:
    """A configuration with one edition, which goes into a folder."""

    def __init__(self, folder: Path) -> None:
        self.shelf = folder / "shelf"
        self.shelf.mkdir()
        write_feed(folder / "tides.xml", [("ebb", MONDAY), ("flood", MONDAY)])
        self.config = folder / "feed2book.toml"
        self.config.write_text(
            """
            data = "data"
            [edition.weekly]
            title = "The Weekly"
            period = "4000d"
            language = "en"
            cover = false
            [[edition.weekly.source]]
            address = "tides.xml"
            [[edition.weekly.deliver]]
            kind = "folder"
            path = "shelf"
            """,
            encoding="utf-8",
        )

    def __call__(self, command: str, *words: str) -> Done:
        return feed2book(command, "--config", self.config, *words)

    def json(self, command: str, *words: str) -> Any:
        return json.loads(self(command, "--json", "-q" if command == "run" else "weekly", *words).said)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(MONDAY.timestamp())))
    return Desk(tmp_path)


def test_a_dry_run_shows_what_would_go_where_and_leaves_nothing(desk: Desk) -> None:
    done = desk("run", "--dry-run")
    assert (done.code, done.said.splitlines()) == (
        0,
        ["2026-11-23  flood", "2026-11-23  ebb", "goes to     folder", "weekly: The Weekly, 2 posts"],
    )
    assert sorted(path.name for path in desk.config.parent.iterdir()) == [
        "feed2book.toml",
        "shelf",
        "tides.xml",
    ]


def test_a_preview_is_opened_and_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert desk("run", "--preview").code == 0
    assert [address.rpartition("/")[2] for address in opened] == ["weekly-1-2026-11-23.epub"]
    assert not (desk.config.parent / "data").exists()


def test_a_run_says_what_it_did(desk: Desk) -> None:
    assert desk("run") == Done(0, "weekly: The Weekly, no. 1, 2 posts; 1 accepted\n")
    assert desk("run") == Done(0, "weekly: nothing new\n")
    assert desk("run", "--fail-if-empty", "-q") == Done(1, "")
    assert [path.name for path in desk.shelf.iterdir()] == ["weekly-1-2026-11-23.epub"]


def test_posts_that_wait_are_counted(desk: Desk) -> None:
    assert desk("run", "--min-posts", "3") == Done(0, "weekly: 2 new posts, too few for an issue\n")


def test_the_report_of_a_run(desk: Desk) -> None:
    (report,) = desk.json("run")
    assert (report["edition"], report["exit_code"], report["dispatches"]) == ("weekly", 0, {"accepted": 1})
    assert [post["title"] for post in report["issue"]["posts"]] == ["flood", "ebb"]
    (past,) = desk.json("history")
    assert (past["number"], past["delivered"]) == (1, MONDAY.isoformat())
    assert past["deliveries"] == [{"delivery": "folder", "status": "accepted", "dispatches": 1}]


def test_what_did_not_arrive_is_told_and_sent_again(desk: Desk) -> None:
    desk.shelf.rmdir()
    done = desk("run")
    assert done.code == 5
    assert "weekly: folder: issue 1, 1 to be sent by the next run" in done.said
    assert "not delivered" in desk("history").said
    desk.shelf.mkdir()
    assert desk("run") == Done(0, "weekly: nothing new; 1 accepted\n")
    assert desk("resend", "1") == Done(0, "weekly: The Weekly, no. 1, 2 posts; 1 accepted\n")
    assert desk("resend", "2").code == 2


def test_an_edition_that_cannot_be_made_stops_no_other(desk: Desk) -> None:
    other = '[edition.other]\n[[edition.other.source]]\naddress = "./none.xml"\n'
    desk.config.write_text(desk.config.read_text(encoding="utf-8") + other, encoding="utf-8")
    done = desk("run", "--dry-run", "--json", "-q")
    told, _, said = done.said.partition("\n")
    assert told.startswith("feed2book: other: ")
    assert {each["edition"]: each["exit_code"] for each in json.loads(said)} == {"weekly": 0, "other": 2}
    assert done.code == 2


@pytest.mark.parametrize(("words", "traced"), [(["-v"], False), (["-vv"], True)])
def test_what_cannot_be_remembered_is_in_the_report(words: list[str], traced: bool, desk: Desk) -> None:
    (desk.config.parent / "data").touch()
    done = desk("run", "--json", *words)
    told, _, said = done.said.partition("[\n")
    (report,) = json.loads(f"[{said}")
    assert f"feed2book: weekly: {report['error']}\n" in told
    assert (report["exit_code"], "Traceback" in told) == (1, traced)


def test_a_history_of_nothing(desk: Desk) -> None:
    assert desk("history") == Done(0, "No issue was made yet.\n")
