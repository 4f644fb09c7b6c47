"""Servers, recipients and what a mail says of itself."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from email.utils import parseaddr

from feed2book.config.lines import Keys
from feed2book.config.reading import Reading
from feed2book.config.schema import DeliverTable, DkimTable, MailTable, RecipientsTable, ServerTable
from feed2book.config.words import nearest
from feed2book.errors import UsageError
from feed2book.models import Dkim, MailOptions, Recipient, Recipients, SmtpServer

_ADDRESS = re.compile(r"[^\s@<>(),;:\\\"]+@[^\s@<>(),;:\\\"]+\.[^\s@<>(),;:\\\"]+")
_LIST_ID = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_MARKS = ("address", "token", "edition", "issue")
_HERE = ("localhost", "127.0.0.1", "::1")


def server(table: ServerTable, keys: Keys, reading: Reading) -> SmtpServer:
    """Return a server; what contradicts itself is written down."""
    password = reading.secret(table.password, (*keys, "password"))
    if bool(table.user) != bool(table.password):
        missing = "password" if table.user else "user"
        reading.fault((*keys, missing), "it is missing", "a server asks for a user and a password together")
    if table.password and table.security == "none" and table.host not in _HERE:
        reading.fault(
            (*keys, "security"),
            "the password would go over the network in the clear",
            'write "tls" or "starttls"',
        )
    return SmtpServer(
        host=table.host,
        port=table.port or _PORTS[table.security],
        security=table.security,
        user=table.user,
        password=password,
        ca_file=reading.place(table.ca_file),
        timeout=table.timeout,
        rate=table.rate,
        connections=table.connections,
        max_bytes=table.max_bytes,
        attempts=table.attempts,
    )


def mail_options(table: MailTable, at: Callable[[str], Keys], reading: Reading) -> MailOptions:
    """Return what the mails of an edition say of themselves; ``at`` says where a key of theirs stands."""
    for key in ("sender", "reply-to", "unsubscribe-mail"):
        value = getattr(table, key.replace("-", "_"))
        if value:
            reading.attempt(at(key), recipient, value)
    if table.list_id and not _LIST_ID.fullmatch(table.list_id):
        reading.fault(
            at("list-id"), f"{table.list_id!r} is not a list's name", "write it as letter.example.org"
        )
    for key, value, schemes in (
        ("unsubscribe-url", table.unsubscribe_url, ("https://",)),
        ("archive", table.archive, ("https://", "http://")),
    ):
        if value and not value.startswith(schemes):
            reading.fault(at(key), f"{value!r} is not an https address", f"begin it with {schemes[0]}")
    for key, value in (
        ("unsubscribe-url", table.unsubscribe_url),
        ("unsubscribe-mail", table.unsubscribe_mail),
    ):
        _marks(value, at(key), reading)
    return MailOptions(
        sender=table.sender or MailOptions().sender,
        reply_to=table.reply_to,
        list_id=table.list_id,
        unsubscribe_url=table.unsubscribe_url,
        unsubscribe_mail=table.unsubscribe_mail,
        archive=table.archive,
        feedback_id=table.feedback_id,
        attach=tuple(table.attach),
        posts=table.posts,
        pictures=table.pictures,
        html_bytes=table.html_bytes,
        message_bytes=table.message_bytes,
        dkim=_dkim(table.dkim, at("dkim"), reading),
    )


def _dkim(table: DkimTable | None, keys: Keys, reading: Reading) -> Dkim | None:
    key = reading.secret(table.key, (*keys, "key")) if table else None
    return Dkim(table.domain, table.selector, key) if table and key else None


def _marks(value: str, keys: Keys, reading: Reading) -> None:
    """Write down what stands in braces and is no mark of ours."""
    try:
        named = [name for _, name, _, _ in string.Formatter().parse(value) if name is not None]
    except ValueError:
        reading.fault(keys, "a brace is not closed", "write a mark as {token}")
        return
    for name in named:
        if name not in _MARKS:
            reading.fault(keys, f"{{{name}}} stands for nothing", nearest(name, _MARKS))


def recipient(value: str) -> Recipient:
    """Read ``name@example.org`` or ``Name <name@example.org>``.

    Raises:
        UsageError: it is not an address.
    """
    name, address = parseaddr(value)
    if not _ADDRESS.fullmatch(address) or "\n" in value or "\r" in value:
        remedy = "write it as name@example.org or 'Name <name@example.org>'"
        raise UsageError(f"{value!r} is not a mail address", where="recipients", remedy=remedy)
    return Recipient(address, name)


def recipients(table: DeliverTable, keys: Keys, reading: Reading) -> Recipients:
    """Return where the recipients of a delivery come from."""
    said = table.recipients
    more = said if isinstance(said, RecipientsTable) else RecipientsTable(listed=said)
    at = (*keys, "recipients")
    listed = [one for value in more.listed if (one := reading.attempt(at, recipient, value))]
    seen: set[str] = set()
    for one in listed:
        if one.address.lower() in seen:
            reading.fault(at, f"{one.address} stands here twice", "remove one")
        seen.add(one.address.lower())
    return Recipients(
        tuple(listed), reading.place(more.csv), tuple(more.command), reading.place(table.suppressed)
    )
