"""Send a finished issue on its ways, and keep the journal of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from feed2book.errors import DeliveryError, Feed2BookError, StateError, UsageError
from feed2book.models import (
    Blob,
    Delivery,
    Dispatch,
    Edition,
    Failure,
    Issue,
    MailOptions,
    Notice,
    Outcome,
    Recipient,
    Status,
    ascii_address,
    same_mailbox,
)
from feed2book.pipeline.granting import Reveal
from feed2book.pipeline.kindle import kindle_body

if TYPE_CHECKING:
    from feed2book.state import State

_MAILED = ("email", "kindle")
_GONE = Outcome(Status.SUPPRESSED, "this delivery is no longer in the configuration")
_UNWANTED = Outcome(Status.SUPPRESSED, "this address wants nothing any more")


def ways(edition: Edition, number: int) -> tuple[tuple[Dispatch, ...], tuple[Notice, ...]]:
    """Return the ways that an issue is to go, by each delivery to each of its recipients; and notices.

    Raises:
        Feed2BookError: the recipients cannot be had.
    """
    from feed2book.deliver import recipients

    found: list[Dispatch] = []
    said: list[Notice] = []
    for delivery in edition.deliveries:
        to: tuple[Recipient, ...] = (Recipient(""),)
        if delivery.kind in _MAILED:
            to, notices = recipients(delivery.recipients)
            said += notices
        found += [dispatch(edition, number, delivery.name, one) for one in to]
    return tuple(found), tuple(said)


def chosen_ways(edition: Edition, number: int, delivery: str, address: str) -> tuple[Dispatch, ...]:
    """Return those ways of an issue that a user names; a recipient who is on no list gets the digest.

    Raises:
        UsageError: the edition has no such delivery, or it has no recipients.
    """
    deliveries = [one for one in edition.deliveries if delivery in ("", one.name)]
    if not deliveries:
        names = ", ".join(one.name for one in edition.deliveries) or "none"
        raise UsageError(f"{edition.name} has no delivery {delivery!r}", remedy=f"it has {names}")
    found, _ = ways(replace(edition, deliveries=tuple(deliveries)), number)
    if not address:
        return found
    address = ascii_address(address)
    listed = tuple(one for one in found if same_mailbox(one.recipient.address) == same_mailbox(address))
    mailed = [one.name for one in deliveries if one.kind in _MAILED]
    if not mailed:
        raise UsageError("this goes to no mail addresses", where=address, remedy="leave --to out")
    return listed or (dispatch(edition, number, mailed[0], Recipient(address)),)


def dispatch(edition: Edition, number: int, delivery: str, recipient: Recipient) -> Dispatch:
    """Return one way of an issue. Its Message-ID is the same whenever it is made."""
    from feed2book.render.email_message import message_id

    name = message_id(edition.mail.sender, edition.name, str(number), delivery, recipient.address)
    return Dispatch(number, delivery, recipient, name)


@dataclass
class Courier:
    """Delivers issues of an edition. What is under way and what came of it is in the state at every moment.

    ``failures`` are what did not arrive, ``counts`` how many dispatches came to which end.
    """

    edition: Edition
    state: State
    reveal: Reveal
    failures: list[Failure] = field(default_factory=list)
    counts: Counter[Status] = field(default_factory=Counter)

    def deliver(self, issue: Issue, now: datetime) -> None:
        """Send what has not arrived of an issue, by each delivery; if one fails, the others still go."""
        named = {delivery.name: delivery for delivery in self.edition.deliveries}
        problems: dict[str, str] = {}
        for name, _, _ in self.state.waiting(issue.edition, issue.number):
            pending = self.state.pending(issue.edition, issue.number, name)
            try:
                if name in named:
                    self._ways[named[name].kind](issue, named[name], pending)
                else:
                    for one in pending:
                        self._end(one, _GONE)
            except StateError:  # what cannot be written down must not be sent
                raise
            except Feed2BookError as error:
                problems[name] = str(error)
            except OSError as error:  # a stored file is gone
                problems[name] = f"{error.filename}: it cannot be read ({error.strerror}) — put it back"
        for name, waiting, said in self.state.waiting(issue.edition, issue.number):
            self.counts[Status.WAITING] += waiting
            message = (
                f"issue {issue.number}, {waiting} to be sent by the next run: {problems.get(name, said)}"
            )
            self.failures.append(Failure(name, message))
        self.state.finish(issue.edition, issue.number, now)

    @property
    def _ways(self) -> Mapping[str, Callable[[Issue, Delivery, Iterator[Dispatch]], None]]:
        return {
            "email": self._by_mail,
            "kindle": self._to_kindle,
            "eml": self._to_mailbox,
            "maildir": self._to_mailbox,
            "mbox": self._to_mailbox,
            "folder": self._to_folder,
            "catalogue": self._to_catalogue,
        }

    def _by_mail(self, issue: Issue, delivery: Delivery, pending: Iterator[Dispatch]) -> None:
        self._send(delivery, pending, self._composer(issue, _mail_of(issue), self.edition.mail))

    def _to_kindle(self, issue: Issue, delivery: Delivery, pending: Iterator[Dispatch]) -> None:
        try:
            body = kindle_body(issue, self.edition.render.device)
        except DeliveryError as error:  # which no later run can mend
            for one in pending:
                self._end(one, Outcome(Status.REFUSED, str(error)))
            return
        mail = MailOptions(sender=self.edition.mail.sender, dkim=self.edition.mail.dkim)
        self._send(delivery, pending, self._composer(issue, body, mail))

    def _send(
        self, delivery: Delivery, pending: Iterator[Dispatch], compose: Callable[[Dispatch], bytes]
    ) -> None:
        from feed2book.deliver import Letter, send
        from feed2book.render.email_headers import parse_address

        if not (server := delivery.server):
            return
        sender = parse_address(self.edition.mail.sender, "sender").addr_spec
        send(
            server,
            self.reveal(server.password) if server.password else "",
            (
                Letter(one, sender, one.recipient.address, partial(compose, one))
                for one in self._wanted(delivery, pending)
            ),
            begun=lambda letter: self._begin(cast("Dispatch", letter.key)),
            ended=lambda letter, outcome: self._end(cast("Dispatch", letter.key), outcome),
        )

    def _wanted(self, delivery: Delivery, pending: Iterator[Dispatch]) -> Iterator[Dispatch]:
        """Yield the dispatches to those who have not unsubscribed since they were written down."""
        from feed2book.deliver import suppressed

        gone = suppressed(delivery.recipients.suppressed)
        for one in pending:
            if same_mailbox(one.recipient.address) in gone:
                self._end(one, _UNWANTED)
            else:
                yield one

    def _composer(self, issue: Issue, body: bytes, mail: MailOptions) -> Callable[[Dispatch], bytes]:
        """Return what makes the message of a dispatch from the body that all recipients share."""
        from feed2book.deliver import sign
        from feed2book.render.email_message import message

        key = self.reveal(mail.dkim.key) if mail.dkim else ""

        def compose(one: Dispatch) -> bytes:
            made = message(
                body, mail, one.recipient, one.message_id, edition=issue.edition, number=issue.number
            )
            return sign(made, mail.dkim, key) if mail.dkim else made

        return compose

    def _to_mailbox(self, issue: Issue, delivery: Delivery, pending: Iterator[Dispatch]) -> None:
        from feed2book.deliver import place

        compose = self._composer(issue, _mail_of(issue), self.edition.mail)

        def put(one: Dispatch) -> None:
            if delivery.path:
                place(
                    delivery.kind,
                    delivery.path,
                    compose(one),
                    one.message_id,
                    f"{issue.edition}-{issue.number}.eml",
                )

        self._put(pending, put)

    def _to_folder(self, issue: Issue, delivery: Delivery, pending: Iterator[Dispatch]) -> None:
        from feed2book.deliver import write_file

        def put(one: Dispatch) -> None:
            for file in issue.files:
                if file.output in delivery.outputs and delivery.path:
                    blob = Blob(path=file.path)
                    if file.output == "email":
                        blob = Blob(self._composer(issue, blob.read(), self.edition.mail)(one))
                    write_file(blob, delivery.path / file.name)

        self._put(pending, put)

    def _to_catalogue(self, issue: Issue, delivery: Delivery, pending: Iterator[Dispatch]) -> None:
        from feed2book.deliver import write_catalogue
        from feed2book.render.catalogue import render_catalogue

        issues = [one for one in self.state.issues(issue.edition) if one.files]

        def put(_: Dispatch) -> None:
            if delivery.path:
                write_catalogue(delivery.path, render_catalogue(self.edition, delivery, issues))

        self._put(pending, put)

    def _put(self, pending: Iterator[Dispatch], put: Callable[[Dispatch], None]) -> None:
        """Let ``put`` do the one dispatch of a delivery to a place on disk."""
        for one in pending:
            self._begin(one)
            try:
                put(one)
            except Feed2BookError as error:
                self._end(one, Outcome(Status.WAITING, str(error)))
            else:
                self._end(one, Outcome(Status.ACCEPTED))

    def _begin(self, one: Dispatch) -> None:
        self.state.begun(self.edition.name, one)

    def _end(self, one: Dispatch, outcome: Outcome) -> None:
        self.state.ended(self.edition.name, one, outcome)
        if outcome.status is Status.REFUSED:
            self.failures.append(Failure(f"{one.delivery}: {one.recipient.address}", outcome.said))
        if outcome.status is not Status.WAITING:
            self.counts[outcome.status] += 1


def _mail_of(issue: Issue) -> bytes:
    """Return the body of an issue's mail.

    Raises:
        DeliveryError: it has none.
        OSError: it cannot be read.
    """
    for file in issue.files:
        if file.output == "email":
            return file.path.read_bytes()
    remedy = "add the output for issues to come; this one cannot go by mail"
    raise DeliveryError(f"issue {issue.number} was made without the output email", remedy=remedy)
