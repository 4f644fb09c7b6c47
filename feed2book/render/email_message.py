"""A mail as one recipient gets it: the fields that are his, before the body that all get (RFC 5322, 2369)."""

from __future__ import annotations

from hashlib import sha256
from html import escape

from feed2book.models import MailOptions, Recipient
from feed2book.render.email_body import DOMAIN, quoted_printable, unsubscribe_mark
from feed2book.render.email_headers import address_of, field, mailbox, one_line, parse_address, unstructured
from feed2book.render.email_list import list_id, unsubscribe, web_address

_LONGEST_DOMAIN = 40  # characters; with a longer one the field could not stand on one line


def message_id(sender: str, *facts: str) -> str:
    """Return the Message-ID, without its angle brackets, that the same facts always give.

    Args:
        sender: ``name@host`` or ``Name <name@host>``; the domain is used, if it is not too long.
        facts: what makes the message this one: edition, number of the issue, delivery, recipient's address.

    Raises:
        UsageError: the sender is not an address.
    """
    domain = parse_address(sender, "sender").domain
    mark = sha256("\n".join(facts).encode("utf-8", "replace")).hexdigest()[:32]
    return f"{mark}@{domain if len(domain) <= _LONGEST_DOMAIN else DOMAIN}"


def message(
    body: bytes,
    mail: MailOptions,
    recipient: Recipient,
    message_id: str,
    *,
    edition: str = "",
    number: int = 0,
) -> bytes:
    """Return the whole message for one recipient. The same arguments give the same bytes, in any process.

    Args:
        body: what :func:`feed2book.render.email_body.write_body` returned, or what a file kept of it.
        mail: what the message says of itself.
        recipient: whom it is for; no address leaves open who gets it (a mailbox on disk).
        message_id: see :func:`message_id`.
        edition: stands for ``{edition}`` where one unsubscribes.
        number: stands for ``{issue}`` there.

    Raises:
        UsageError: an address, or what the options hold, cannot stand in a message.
    """
    values = {
        "address": recipient.address,
        "token": recipient.token,
        "edition": edition,
        "issue": str(number) if number else "",
    }
    sender = parse_address(mail.sender, "sender")
    links = unsubscribe(mail, values)
    one_click = any(link.startswith("https:") for link in links)
    fields = {
        "From": mailbox(sender),
        "Reply-To": mailbox(parse_address(mail.reply_to, "reply address")) if mail.reply_to else "",
        "To": _to(recipient),
        "Message-ID": f"<{message_id}>",
        "Auto-Submitted": "auto-generated",
        "List-Id": list_id(mail.list_id),
        "List-Unsubscribe": ",\r\n ".join(f"<{link}>" for link in links),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if one_click else "",
        "List-Archive": f"<{web_address(mail.archive, 'archive')}>" if mail.archive else "",
        "Feedback-ID": unstructured(mail.feedback_id, "Feedback-ID") if one_line(mail.feedback_id) else "",
    }
    head = "".join(field(name, value) for name, value in fields.items() if value)
    # Who has no token of his own can still write to the sender.
    link = links[0] if links else f"mailto:{sender.addr_spec}?subject=unsubscribe"
    return head.encode("ascii") + _addressed(body, link)


def _to(recipient: Recipient) -> str:
    if not recipient.address:
        return "undisclosed-recipients:;"
    return mailbox(address_of(recipient.name, recipient.address, "recipient"))


def _addressed(body: bytes, link: str) -> bytes:
    """Return the body with the address where its recipient unsubscribes."""
    for subtype, spelled in (("plain", link), ("html", escape(link))):
        mark = unsubscribe_mark(subtype)
        if mark in body:
            body = body.replace(mark, quoted_printable(spelled) + b"=\r\n")
    return body
