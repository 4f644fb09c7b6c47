"""Servers, recipients and what a mail says of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import parseaddr

from feed2book.config.lines import Keys
from feed2book.config.reading import Reading
from feed2book.config.schema import DeliverTable, DkimTable, MailTable, RecipientsTable, ServerTable
from feed2book.config.words import nearest
from feed2book.errors import UsageError
from feed2book.models import (
    PLACEHOLDERS,
    Dkim,
    MailOptions,
    Recipient,
    Recipients,
    SmtpServer,
    ascii_address,
    is_list_id,
    is_mail_address,
    same_mailbox,
)

_PORTS = {"tls": 465, "starttls": 587, "none": 25}


def server(table: ServerTable, keys: Keys, reading: Reading) -> SmtpServer:
    """Return a server; what contradicts itself is written down."""
    password = reading.secret(table.password, (*keys, "password"))
    if bool(table.user) != bool(table.password):
        missing = "password" if table.user else "user"
        reading.fault((*keys, missing), "it is missing", "a server asks for a user and a password together")
    found = SmtpServer(
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
    if found.password and found.in_the_open:
        reading.fault(
            (*keys, "security"),
            "the password would go over the network in the clear",
            'write "tls" or "starttls"',
        )
    return found


def mail_options(table: MailTable, at: Callable[[str], Keys], reading: Reading) -> MailOptions:
    """Return what the mails of an edition say of themselves; ``at`` says where a key of theirs stands."""
    leave = table.unsubscribe_mail.removeprefix("mailto:").partition("?")[0]
    for key, value in (("sender", table.sender), ("reply-to", table.reply_to), ("unsubscribe-mail", leave)):
        if value:
            reading.attempt(at(key), sender, value)
    if table.list_id and not is_list_id(table.list_id):
        remedy = "write it as weekly.example.org, in a domain of your own"
        reading.fault(at("list-id"), f"{table.list_id!r} is not a list's name", remedy)
    if table.unsubscribe_url and not table.unsubscribe_url.startswith("https://"):
        reading.fault(
            at("unsubscribe-url"), "mail programs take an https address only", "begin it with https://"
        )
    if table.archive and not table.archive.startswith(("https://", "http://")):
        reading.fault(at("archive"), "this is not the address of a page", "begin it with https://")
    _placeholders(table.unsubscribe_url, at("unsubscribe-url"), reading)
    _placeholders(table.unsubscribe_mail, at("unsubscribe-mail"), reading)
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


def _placeholders(value: str, keys: Keys, reading: Reading) -> None:
    """Write down what stands in braces and is no placeholder."""
    for name in re.findall(r"\{([^{}]*)\}", value):
        if name not in PLACEHOLDERS:
            reading.fault(keys, f"{{{name}}} stands for nothing", nearest(name, PLACEHOLDERS))


def recipient(value: str) -> Recipient:
    """Read ``name@example.org`` or ``Name <name@example.org>``; a host may have any letters.

    Raises:
        UsageError: it is not an address.
    """
    name, address = _parsed(value)
    return _checked(Recipient(ascii_address(address), name), value)


def sender(value: str) -> Recipient:
    """Read an address as :func:`recipient` does, but for hosts that are not in ASCII.

    Raises:
        UsageError: it is not an address.
    """
    name, address = _parsed(value)
    return _checked(Recipient(address, name), value)


def _parsed(value: str) -> tuple[str, str]:
    name, address = parseaddr(value)
    # parseaddr repairs what it cannot read; an address is taken as it was written, or not at all.
    return name, address if address in value and value.isprintable() else ""


def _checked(found: Recipient, value: str) -> Recipient:
    if not is_mail_address(found.address):
        remedy = "write it as name@example.org or 'Name <name@example.org>'"
        raise UsageError(f"{value!r} is not a mail address", where="mail", remedy=remedy)
    return found


def recipients(table: DeliverTable, keys: Keys, reading: Reading) -> Recipients:
    """Return where the recipients of a delivery come from."""
    said = table.recipients
    more = said if isinstance(said, RecipientsTable) else RecipientsTable(listed=said)
    at = (*keys, "recipients", "listed") if isinstance(said, RecipientsTable) else (*keys, "recipients")
    listed: dict[str, Recipient] = {}
    for index, value in enumerate(more.listed):
        if one := reading.attempt((*at, index), recipient, value):
            if same_mailbox(one.address) in listed:
                reading.fault((*at, index), f"{one.address} stands here twice", "remove one")
            listed[same_mailbox(one.address)] = one
    return Recipients(
        tuple(listed.values()), reading.place(more.csv), tuple(more.command), reading.place(table.suppressed)
    )
