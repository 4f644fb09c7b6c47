"""Whatever happens to a run, and however often: no post is lost, and no repeat has another Message-ID.

Here a run is as it is in earnest, its SQLite file too; only that the feeds come without a network, the issue
is one small mail, and the server is a list. Each schedule breaks runs of some weeks off at steps of its own.
"""

from __future__ import annotations

import email
import itertools
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed2book.deliver import Letter, write_file
from feed2book.errors import DeliveryError, Feed2BookError, StateError
from feed2book.models import (
    Blob,
    BookOptions,
    Delivery,
    Edition,
    Entry,
    Feed,
    FetchOptions,
    IssueFile,
    IssuePost,
    Outcome,
    Recipient,
    Recipients,
    RenderOptions,
    SmtpServer,
    Source,
    Status,
)
from feed2book.pipeline import run_edition
from feed2book.pipeline.issuing import Chooser, Pressed
from feed2book.render.email_body import write_body
from feed2book.render.email_digest import Digest
from feed2book.state import State

START = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
READERS = ("ada@example.org", "ben@example.org")
FEED = "https://tides.example/feed"
EDITION = Edition(
    name="weekly",
    sources=(Source(FEED),),
    fetch=FetchOptions(),
    book=BookOptions(title="The Weekly"),
    render=RenderOptions(),
    outputs=("email",),
    deliveries=(
        Delivery(
            "email",
            "readers",
            server=SmtpServer("mail.example"),
            recipients=Recipients(tuple(map(Recipient, READERS))),
            outputs=("email",),
        ),
    ),
    period=timedelta(days=60),
)


class KilledError(BaseException):
    """The process ends here: nothing that saves what can be saved may catch it."""


@dataclass
class World:
    """The feed, the server and the fate of runs."""

    accepted: list[tuple[str, str, str]] = field(default_factory=list)  # recipient, Message-ID, posts
    refused: set[tuple[str, str]] = field(default_factory=set)
    steps: int = 0
    breaks: int = 0  # the step at which the run breaks off; 0: never
    fault: str = ""
    fates: Iterator[str] = field(default_factory=lambda: itertools.repeat("accept"))

    def step(self) -> None:
        """Pass one more step of the run, or break off there."""
        self.steps += 1
        if self.steps == self.breaks:
            if self.fault == "kill":
                raise KilledError
            raise StateError("the disk is full") if self.fault == "state" else DeliveryError("no room")

    def send(
        self,
        server: SmtpServer,
        password: str,
        letters: Iterable[Letter],
        *,
        begun: Callable[[Letter], None],
        ended: Callable[[Letter, Outcome], None],
    ) -> None:
        """Take the place of :func:`feed2book.deliver.send`."""
        for letter in letters:
            begun(letter)
            message = letter.compose()
            fate = next(self.fates)
            self.step()  # connected, nothing sent
            if fate == "refuse":
                mark = email.message_from_bytes(message)["Message-ID"]
                self.refused.add((letter.recipient, mark))
                ended(letter, Outcome(Status.REFUSED, "550 no such mailbox"))
            elif fate == "later":
                ended(letter, Outcome(Status.WAITING, "450 come again"))
            else:
                self.take(letter.recipient, message)
                self.step()  # the server has it, and we do not know
                if fate == "silence":
                    ended(letter, Outcome(Status.WAITING, "the connection was lost"))
                else:
                    ended(letter, Outcome(Status.ACCEPTED, "250 ok"))

    def take(self, recipient: str, message: bytes) -> None:
        read = email.message_from_bytes(message)
        self.accepted.append((recipient, str(read["Message-ID"]), str(read.get_payload())))


def press(world: World, feeds: tuple[Feed, ...]) -> Callable[..., Pressed]:
    """Return what takes the place of :func:`feed2book.pipeline.issuing.press`."""

    def pressed(
        edition: Edition, state: State, now: datetime, place: Path, *_: object, **__: object
    ) -> Pressed:
        chooser = Chooser(edition, state, now)
        world.step()
        selected, _notices = chooser(feeds)
        world.step()
        if not selected:
            return Pressed(None, chooser.marks, chooser.read)
        titles = [entry.title for _, entries in selected for entry in entries]
        place.mkdir(parents=True, exist_ok=True)
        path = place / "weekly.eml"
        world.step()
        write_file(Blob(write_body(Digest("The Weekly", now, " ".join(titles), "", ()))), path)
        world.step()
        issue = replace(
            chooser.issue([() for _ in selected]),
            posts=tuple(IssuePost(title, title, "") for title in titles),
            files=(IssueFile("email", path.name, "message/rfc822", path),),
        )
        return Pressed(issue, chooser.marks, chooser.read)

    return pressed


WRITERS = ("begin", "saw", "record", "begun", "ended", "finish", "next_number", "known")


@contextmanager
def breaking(world: World, feeds: tuple[Feed, ...]) -> Iterator[None]:
    """Let runs take their work from this world, and break off before and after each use of the state."""

    def stepping(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def stepped(*arguments: Any, **named: Any) -> Any:
            world.step()
            done = method(*arguments, **named)
            world.step()
            return done

        return stepped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("feed2book.pipeline.editions.press", press(world, feeds))
        patch.setattr("feed2book.deliver.send", world.send)
        for name in WRITERS:
            patch.setattr(State, name, stepping(getattr(State, name)))
        yield


def feeds_of(week: int) -> tuple[Feed, ...]:
    """Return the feed of a week: two posts a week, the last six of them."""
    posts = [
        Entry(f"g{number}", f"https://tides.example/{number}", f"post{number}",
              published=START + WEEK * (number // 2) - timedelta(hours=number))
        for number in range(2 * week + 2)
    ]  # fmt: skip
    return (Feed(FEED, "Tides", home="https://tides.example/", source=FEED, entries=tuple(posts[::-1][:6])),)


Break = tuple[int, str]
breaks = st.tuples(st.integers(1, 40), st.sampled_from(["kill", "kill", "state", "delivery"]))
fates = st.lists(st.sampled_from(["accept", "later", "silence", "refuse"]), max_size=4)


@settings(max_examples=2_000, deadline=None, database=None)
@given(st.lists(st.tuples(st.lists(breaks, max_size=2), fates), min_size=1, max_size=2))
def test_nothing_is_lost_and_repeats_are_recognised(weeks: list[tuple[list[Break], list[str]]]) -> None:
    world = World()
    with tempfile.TemporaryDirectory(dir=SHM) as folder:
        for week, (broken, fate) in enumerate(weeks):
            world.fates = itertools.chain(fate, itertools.repeat("accept"))
            with breaking(world, feeds_of(week)):
                for at, fault in broken:
                    run(world, Path(folder), week, at, fault)
        world.fates = itertools.repeat("accept")
        with breaking(world, feeds_of(len(weeks) - 1)):
            run(world, Path(folder), len(weeks), 0, "")
            run(world, Path(folder), len(weeks), 0, "")
        with State(Path(folder)) as state:
            assert state.issues("weekly", undelivered=True) == ()
    check(world, posts=2 * len(weeks))


SHM = "/dev/shm" if Path("/dev/shm").is_dir() else None


def run(world: World, data: Path, week: int, at: int, fault: str) -> None:
    world.steps, world.breaks, world.fault = 0, at, fault
    try:
        run_edition(EDITION, data, START + WEEK * week, reveal=str)
    except (KilledError, Feed2BookError):
        assert fault


def check(world: World, posts: int) -> None:
    """Compare what arrived with what was published."""
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for reader, mark, said in world.accepted:
        told[reader, mark].add(said)
    assert all(len(said) == 1 for said in told.values()), "one Message-ID, two messages"
    for reader in READERS:
        mails = [" ".join(said) for (to, _), said in told.items() if to == reader]
        arrived = sorted(re.findall(r"post\d+", " ".join(mails)))
        assert len(set(arrived)) == len(arrived), "a post came under two Message-IDs"
        refused = any(to == reader for to, _ in world.refused)
        assert refused or arrived == sorted(f"post{number}" for number in range(posts)), "a post is lost"
