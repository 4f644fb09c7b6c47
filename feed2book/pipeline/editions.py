"""Run an edition: finish what is not delivered, make the next issue of what is new, deliver it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from feed2book.errors import (
    EXIT_DELIVERY,
    EXIT_OK,
    EXIT_PARTIAL,
    Feed2BookError,
)
from feed2book.models import Edition, Failure, Issue, Notice, Status
from feed2book.pipeline.dispatching import Courier, Reveal, dispatches
from feed2book.pipeline.issuing import Pressed, press
from feed2book.pipeline.run import RunOptions

if TYPE_CHECKING:
    from feed2book.state import State


@dataclass(frozen=True, slots=True)
class EditionReport:
    """What a run of an edition came to.

    ``issue`` is what was made (None: nothing), ``waiting`` counts new posts that are too few for one.
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
        **options: as for :func:`make_epub`.

    Raises:
        StateError: another run is under way, or what is remembered cannot be read or written.
    """
    from feed2book.state import State, locked

    with locked(data, wait=wait), State(data) as state:
        courier = Courier(edition, state, reveal)
        for issue in state.issues(edition.name, undelivered=True):
            _deliver(courier, issue, now)
        state.begin(edition.name, (source.address for source in edition.sources), now - edition.period)
        pressed, error = Pressed(), None
        try:
            ways = tuple(dispatches(edition, state.next_number(edition.name)))
            pressed = press(edition, state, now, **options)
            if pressed.issue:
                state.record(pressed.issue, ways, pressed.marks, pressed.read)
            else:
                state.saw(edition.name, pressed.marks, pressed.read)
        except Feed2BookError as problem:
            error = problem
        else:
            if pressed.issue:
                _deliver(courier, pressed.issue, now)
        _clear(edition, state)
    return EditionReport(
        edition=edition.name,
        issue=None if error else pressed.issue,
        waiting=pressed.waiting,
        notices=pressed.notices,
        failures=pressed.failures,
        undelivered=tuple(courier.failures),
        counts=courier.counts,
        error=error,
    )


def _deliver(courier: Courier, issue: Issue, now: datetime) -> None:
    courier.deliver(issue)
    courier.state.close(issue.edition, issue.number, now)


def _clear(edition: Edition, state: State) -> None:
    """Delete the files of old issues; those that are not delivered stay, whatever their age."""
    for number in state.past(edition.name, edition.keep):
        shutil.rmtree(state.place(edition.name, number), ignore_errors=True)
        state.forget_files(edition.name, number)
