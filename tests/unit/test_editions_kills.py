"""Runs that are killed (SIGKILL) while they talk to a real server; the next run ends what they began."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from runner import feed2book
from server.mail import MailServer, serve_mail
from test_editions import MONDAY, write_feed

ADA, BOB = "ada@example.org", "bob@example.org"
POSTS = ("ebb", "flood")

CHILD = """
import os, signal, sys
from feed2book.state import State

left = int(sys.argv.pop(1))

def step():
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

def stepping(method):
    def stepped(*arguments, **named):
        step()
        done = method(*arguments, **named)
        step()
        return done
    return stepped

for name in ("begin", "known", "next_number", "record", "begun", "ended", "finish", "past"):
    setattr(State, name, stepping(getattr(State, name)))

from feed2book.cli import main
main()
"""


class Desk:
    """A configuration, its feed, and the child that runs it."""

    def __init__(self, folder: Path, server: MailServer) -> None:
        write_feed(folder / "tides.xml", [(name, MONDAY) for name in POSTS])
        self.config = folder / "feed2book.toml"
        self.config.write_text(
            f"""
            data = "data"
            mail.sender = "Harbour <harbour@example.org>"
            [server.here]
            host = "127.0.0.1"
            port = {server.port}
            security = "none"
            connections = 1
            attempts = 1
            [edition.weekly]
            title = "The Weekly"
            period = "400d"
            [[edition.weekly.source]]
            address = "tides.xml"
            [[edition.weekly.deliver]]
            kind = "email"
            recipients = ["{ADA}", "{BOB}"]
            """,
            encoding="utf-8",
        )
        self.server = server
        self.child: subprocess.Popen[bytes] | None = None

    def run_and_kill(self, step: int = 0) -> bool:
        """Run in a child that is killed at that step, or by the server; return whether it was."""
        words = [sys.executable, "-c", CHILD, str(step), "run", "--config", str(self.config), "-q"]
        with subprocess.Popen(words) as self.child:
            return self.child.wait(60) == -signal.SIGKILL

    def kill(self) -> None:
        """Kill the child, from the server."""
        assert self.child
        os.kill(self.child.pid, signal.SIGKILL)
        self.child.wait(60)

    def finish(self) -> None:
        done = feed2book("run", "--config", self.config, "-q")
        assert (done.code, done.said) == (0, "")

    def check(self) -> None:
        """All posts have arrived once; a mail that came twice is the same one."""
        mails = defaultdict(set)
        for mail in self.server.received:
            mails[mail.recipient].add((mail.message_id, mail.data))
        assert {reader: len(found) for reader, found in mails.items()} == {ADA: 1, BOB: 1}
        for ((_, data),) in mails.values():
            assert set(re.findall(rb"ebb|flood", data)) == {b"ebb", b"flood"}


@pytest.mark.parametrize("step", range(1, 24, 3))
def test_killed_at_a_step(tmp_path: Path, step: int) -> None:
    with serve_mail() as server:
        desk = Desk(tmp_path, server)
        assert desk.run_and_kill(step)
        desk.finish()
    desk.check()


@pytest.mark.parametrize("stage", ["connect", "rcpt", "during", "end"])
def test_killed_while_it_talks_to_the_server(tmp_path: Path, stage: str) -> None:
    alive = True

    def behave(at: str, who: str, count: int) -> None:
        nonlocal alive
        if alive and (at, who) == (stage, "" if stage == "connect" else BOB):
            alive = False
            desk.kill()

    with serve_mail(behave) as server:
        desk = Desk(tmp_path, server)
        assert desk.run_and_kill()
        desk.finish()
    desk.check()


def test_two_runs_at_once(tmp_path: Path) -> None:
    """The second says so at once; one that waits finds nothing left to do."""
    said: list[tuple[int, str]] = []
    waiting: list[subprocess.Popen[bytes]] = []

    def behave(at: str, who: str, count: int) -> None:
        if at == "end" and not said:
            said.append((0, ""))
            words = [sys.executable, "-m", "feed2book", "run", "--config", str(desk.config)]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            said[0] = (done.returncode, done.stderr)
            waiting.append(subprocess.Popen([*words, "-q", "--wait"]))

    with serve_mail(behave) as server:
        desk = Desk(tmp_path, server)
        desk.finish()
        assert waiting[0].wait(60) == 0
    ((code, line),) = said
    assert (code, "another run is under way" in line, line.count("\n")) == (1, True, 1)
    desk.check()
    assert len(server.received) == 2
