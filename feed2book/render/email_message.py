"""A digest as a message: headers, parts and their encodings (RFC 5322, 2045–2047, 2387, 2392)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from feed2book.models import Asset
from feed2book.render.email_headers import field, mailbox, parse_address, unstructured

DOMAIN = "feed2book.invalid"
"""Names what no sender's domain can name; ``.invalid`` belongs to nobody (RFC 2606)."""

_LONGEST_DOMAIN = 40


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message is made of. ``name`` is the same for the same issue of the same book."""

    name: str
    subject: str
    sender: str
    recipient: str
    date: datetime
    text: str
    html: str
    images: Sequence[Asset]


def cid(asset: Asset) -> str:
    """Return the Content-ID of an image, without its angle brackets."""
    return f"{asset.id}@{DOMAIN}"


def write(letter: Letter) -> bytes:
    """Return the message: plain text first, then HTML with its images; CRLF throughout, 7-bit.

    Boundaries and Message-ID derive from the letter's name and recipient, so that the same letter is
    the same message, and a repeated one can be recognised.

    Raises:
        UsageError: the sender or the recipient is not an address.
    """
    sender = parse_address(letter.sender, "sender")
    recipient = parse_address(letter.recipient, "recipient")
    mark = sha256(f"{letter.name}\n{letter.recipient}".encode("utf-8", "replace")).hexdigest()[:32]
    domain = sender.domain if len(sender.domain) <= _LONGEST_DOMAIN else DOMAIN
    headers = (
        field("From", mailbox(sender)),
        field("To", mailbox(recipient)),
        field("Subject", unstructured(letter.subject, "Subject")),
        field("Date", format_datetime(letter.date)),
        field("Message-ID", f"<{mark}@{domain}>"),
        field("Auto-Submitted", "auto-generated"),
        field("MIME-Version", "1.0"),
    )
    body = MIMEPart(policy=SMTP)
    body["Content-Type"] = "multipart/alternative"
    body.set_boundary(f"=_alternative_{mark}")
    body.attach(_text(letter.text, "plain"))
    body.attach(_related(letter, mark) if letter.images else _text(letter.html, "html"))
    return "".join(headers).encode("ascii") + body.as_bytes()


def _text(text: str, subtype: str) -> MIMEPart:
    """Return a quoted-printable part, encoded in C: the library's own encoder is a hundred times slower."""
    lines = re.split("\r\n|\r|\n", text.replace("\ufffd", "?").rstrip())
    octets = "\r\n".join([*lines, ""]).encode("utf-8", "replace")
    part = MIMEPart(policy=SMTP)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(binascii.b2a_qp(octets, istext=True).decode("ascii"))
    return part


def _related(letter: Letter, mark: str) -> MIMEPart:
    related = MIMEPart(policy=SMTP)
    related["Content-Type"] = 'multipart/related; type="text/html"'
    related.set_boundary(f"=_related_{mark}")
    related.attach(_text(letter.html, "html"))
    for asset in letter.images:
        part = MIMEPart(policy=SMTP)
        maintype, _, subtype = asset.media_type.partition("/")
        part.set_content(
            asset.data,
            maintype,
            subtype,
            disposition="inline",
            filename=asset.id + asset.extension,
            cid=f"<{cid(asset)}>",
        )
        related.attach(part)
    return related
