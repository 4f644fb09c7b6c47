"""Send a finished issue on its ways, and keep the journal of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed2book.errors import DeliveryError, Feed2BookError
from feed2book.models import (
    Blob,
    Delivery,
    Dispatch,
    Edition,
    Failure,
    Issue,
    Outcome,
    Recipient,
    Secret,
    Status,
)

if TYPE_CHECKING:
    from feed2book.state import State

Reveal = Callable[[Secret], str]
"""Returns a secret; see :func:`feed2book.config.reveal`."""

_MAILED = ("email", "kindle")


def dispatches(edition: Edition, number: int) -> Iterator[Dispatch]:
    """Yield the ways that an issue is to go: each delivery, to each of its recipients.

    Raises:
        Feed2BookError: the recipients cannot be had.
    """
    for delivery in edition.deliveries:
        for recipient in _recipients(delivery):
            yield dispatch(edition, number, delivery.name, recipient)


def dispatch(edition: Edition, number: int, delivery: str, recipient: Recipient) -> Dispatch:
    """Return one way of an issue. Its Message-ID is the same whenever it is made."""
    from feed2book.render.email_message import message_id

    name = message_id(edition.mail.sender, edition.name, str(number), delivery, recipient.address)
    return Dispatch(number, delivery, recipient, name)


def _recipients(delivery: Delivery) -> tuple[Recipient, ...]:
    return delivery.recipients.listed if delivery.kind in _MAILED else (Recipient(""),)


@dataclass
class Courier:
    """Delivers issues of an edition; what is sent and what came of it is in the state at every moment.

    ``failures`` are what did not arrive, ``counts`` how many dispatches came to which end.
    """

    edition: Edition
    state: State
    reveal: Reveal
    failures: list[Failure] = field(default_factory=list)
    counts: dict[Status, int] = field(default_factory=dict)

    def deliver(self, issue: Issue) -> None:
        """Send what has not been sent of an issue, by each delivery; if one fails, the others still go."""
        named = {delivery.name: delivery for delivery in self.edition.deliveries}
        for name in self.state.undelivered(issue.edition, issue.number):
            pending = self.state.pending(issue.edition, issue.number, name)
            if name not in named:
                for one in pending:
                    self._end(
                        one, Outcome(Status.SUPPRESSED, "this delivery is no longer in the configuration")
                    )
                continue
            try:
                self._ways[named[name].kind](issue, named[name], pending)
            except Feed2BookError as error:
                self.failures.append(Failure(name, str(error)))

    @property
    def _ways(self) -> Mapping[str, Callable[[Issue, Delivery, Iterator[Dispatch]], None]]:
        return {"folder": self._to_folder}

    def _to_folder(self, issue: Issue, delivery: Delivery, pending: Iterator[Dispatch]) -> None:
        from feed2book.deliver import write_file

        for one in pending:
            self._begin(one)
            try:
                for file in issue.files:
                    if file.output in delivery.outputs and delivery.path:
                        write_file(Blob(path=file.path), delivery.path / file.name)
            except DeliveryError as error:
                self._end(one, Outcome(Status.WAITING, str(error)))
            else:
                self._end(one, Outcome(Status.ACCEPTED))

    def _begin(self, one: Dispatch) -> None:
        self.state.begun(self.edition.name, one)

    def _end(self, one: Dispatch, outcome: Outcome) -> None:
        self.state.ended(self.edition.name, one, outcome)
        self.counts[outcome.status] = self.counts.get(outcome.status, 0) + 1
        if outcome.status in (Status.WAITING, Status.REFUSED):
            where = f"{one.delivery} {one.recipient.address}".rstrip()
            self.failures.append(Failure(where, outcome.said))
