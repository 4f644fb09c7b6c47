"""Run an edition: finish what is not delivered, make the next issue of what is new, deliver it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from feed2book.errors import (
    EXIT_DELIVERY,
    EXIT_OK,
    EXIT_PARTIAL,
    Feed2BookError,
    UsageError,
)
from feed2book.models import Ask, Dispatch, Edition, Failure, Issue, Notice, Status
from feed2book.pipeline.dispatching import Courier, chosen_ways, ways
from feed2book.pipeline.granting import Reveal
from feed2book.pipeline.issuing import Pressed, outline_issue, press
from feed2book.pipeline.polling import polling_of, remember
from feed2book.pipeline.run import RunOptions

if TYPE_CHECKING:
    from feed2book.state import State


@dataclass(frozen=True, slots=True)
class EditionReport:
    """What a run of an edition came to.

    ``issue`` is what was made (None: nothing), ``waiting`` counts new posts that are too few for one,
    ``planned`` says how many recipients each delivery has.
    ``failures`` are sources that could not be read, ``undelivered`` what did not arrive, ``counts`` how many
    dispatches of this run came to which end. ``error`` is why there could be no new issue at all.
    """

    edition: str
    issue: Issue | None = None
    waiting: int = 0
    notices: tuple[Notice, ...] = ()
    failures: tuple[Failure, ...] = ()
    undelivered: tuple[Failure, ...] = ()
    counts: Mapping[Status, int] = field(default_factory=dict)
    planned: tuple[tuple[str, int], ...] = ()
    error: Feed2BookError | None = None

    @property
    def exit_code(self) -> int:
        """5 if something was not delivered, else the error's; 3 if an issue lacks sources; else 0."""
        if self.undelivered:
            return EXIT_DELIVERY
        if self.error:
            return self.error.exit_code
        return EXIT_PARTIAL if self.failures else EXIT_OK


def run_edition(
    edition: Edition,
    data: Path,
    now: datetime,
    *,
    reveal: Reveal,
    wait: bool = False,
    ask: Ask = Ask.USUAL,
    **options: Unpack[RunOptions],
) -> EditionReport:
    """Run an edition once.

    What earlier runs left undelivered is sent first. Then all sources are fetched, and if enough is new, the
    next issue is made, written down, and delivered. Whatever happens, at any moment: a post counts as sent
    only with an issue that is stored, and an issue goes, as it was made, until it has arrived.

    Args:
        edition: what to make, and where it goes.
        data: the folder of what is remembered.
        now: the time of the issue, UTC.
        reveal: returns a secret.
        wait: until another run is done; else that is an error.
        ask: which sources are asked; the others are taken as the cache has them.
        **options: as for :func:`make_epub`.

    Raises:
        StateError: another run is under way, or what is remembered cannot be read or written.
    """
    from feed2book.state import locked

    with locked(data, wait=wait):
        return run_in_turn(edition, data, now, reveal, nullcontext(), ask, **options)


def run_in_turn(
    edition: Edition,
    data: Path,
    now: datetime,
    reveal: Reveal,
    turn: AbstractContextManager[None],
    ask: Ask,
    **options: Unpack[RunOptions],
) -> EditionReport:
    """Run an edition, see :func:`run_edition`, in a data folder that is locked.

    ``turn`` is held while anything is sent or written down.
    """
    from feed2book.state import State

    with turn:
        state = State(data)
    with state:
        courier = Courier(edition, state, reveal)
        with turn:
            for issue in state.issues(edition.name, undelivered=True):
                courier.deliver(issue, now)
            state.begin(edition.name, (source.address for source in edition.sources), now - edition.period)
        polling = polling_of(edition, state, now, ask)
        options["polling"] = polling
        pressed, error = Pressed(), None
        try:
            number = state.next_number(edition.name)
            dispatches, said = ways(edition, number)
            pressed = press(edition, state, now, state.place(edition.name, number), reveal, **options)
            pressed = replace(pressed, notices=(*said, *pressed.notices))
            with turn:
                if pressed.issue:
                    state.record(pressed.issue, dispatches, pressed.marks, pressed.read)
                else:
                    state.saw(edition.name, pressed.marks, pressed.read)
        except Feed2BookError as problem:
            pressed, error = replace(pressed, issue=None), problem
        with turn:
            if pressed.issue:
                courier.deliver(pressed.issue, now)
            remember(edition, state, polling.learnt, pressed.news)
            _clear(edition, state)
        return _report(edition, pressed, courier, error)


def draft_edition(
    edition: Edition,
    data: Path,
    now: datetime,
    *,
    reveal: Reveal,
    folder: Path | None = None,
    ask: Ask = Ask.USUAL,
    **options: Unpack[RunOptions],
) -> EditionReport:
    """Do what a run would do, but deliver nothing and remember nothing.

    Args:
        edition: what to make.
        data: the folder of what is remembered.
        now: the time of the issue, UTC.
        reveal: returns a secret.
        folder: where to put the files, and the digest as a page; None renders nothing.
        ask: see :func:`run_edition`.
        **options: as for :func:`make_epub`.

    Returns:
        What there would be.

    Raises:
        Feed2BookError: no source could be read, or the issue could not be made.
    """
    from feed2book.state import State

    with State(data, writable=False) as state:
        options["polling"] = polling_of(edition, state, now, ask)
        if folder:
            shown = tuple("page" if output == "email" else output for output in edition.outputs)
            pressed = press(replace(edition, outputs=shown), state, now, folder, reveal, **options)
        else:
            pressed = outline_issue(edition, state, now, reveal, **options)
        dispatches, said = ways(edition, state.next_number(edition.name))
        return EditionReport(
            edition=edition.name,
            issue=pressed.issue,
            waiting=pressed.waiting,
            notices=(*said, *pressed.notices),
            failures=pressed.failures,
            planned=tuple(Counter(one.delivery for one in dispatches).items()),
        )


def resend(
    edition: Edition,
    data: Path,
    now: datetime,
    number: int,
    *,
    reveal: Reveal,
    delivery: str = "",
    address: str = "",
    wait: bool = False,
) -> EditionReport:
    """Send an issue again as it was, with the same Message-IDs.

    Args:
        edition: whose issue it is.
        data: the folder of what is remembered.
        now: the time, UTC.
        number: the issue.
        reveal: returns a secret.
        delivery: only by this one.
        address: only to this recipient, who need not have got it the first time.
        wait: until another run is done; else that is an error.

    Raises:
        UsageError: there is no such issue or delivery, or the issue's files are no more.
        StateError: see :func:`run_edition`.
    """
    from feed2book.state import State, locked

    with locked(data, wait=wait), State(data) as state:
        issue = next((one for one in state.issues(edition.name) if one.number == number), None)
        if issue is None or not issue.files:
            message = "its files were deleted" if issue else f"{edition.name} has no such issue"
            remedy = "'feed2book history' shows what there is"
            raise UsageError(message, where=f"issue {number}", remedy=remedy)
        state.again(edition.name, number, chosen_ways(edition, number, delivery, address))
        courier = Courier(edition, state, reveal)
        courier.deliver(issue, now)
        return _report(edition, Pressed(issue), courier)


@dataclass(frozen=True, slots=True)
class Past:
    """An issue, and how many of its dispatches came to which end; ``troubled`` did not arrive (some)."""

    issue: Issue
    counts: tuple[tuple[str, Status, int], ...]
    troubled: tuple[Dispatch, ...] = ()


def history(data: Path, edition: str, limit: int) -> tuple[Past, ...]:
    """Return the newest ``limit`` issues of an edition, the newest first.

    Raises:
        StateError: what is remembered cannot be read.
    """
    from feed2book.state import State

    with State(data, writable=False) as state:
        return tuple(
            Past(issue, state.counts(edition, issue.number), state.troubled(edition, issue.number))
            for issue in reversed(state.issues(edition, newest=limit))
        )


def _report(
    edition: Edition, pressed: Pressed, courier: Courier, error: Feed2BookError | None = None
) -> EditionReport:
    return EditionReport(
        edition=edition.name,
        issue=pressed.issue,
        waiting=pressed.waiting,
        notices=pressed.notices,
        failures=pressed.failures,
        undelivered=tuple(courier.failures),
        counts=courier.counts,
        error=error,
    )


def _clear(edition: Edition, state: State) -> None:
    """Delete the files of old issues; those that are not delivered stay, whatever their age."""
    shown = (delivery.keep for delivery in edition.deliveries if delivery.kind == "catalogue")
    for number in state.past(edition.name, max(edition.keep, *shown, 0)):
        shutil.rmtree(state.place(edition.name, number), ignore_errors=True)
        state.forget_files(edition.name, number)
