"""What all recipients of a mail get alike: subject, date, parts and their encodings (RFC 2045–2047, 2387).

It is a message that lacks only the fields that :mod:`feed2book.render.email_message` puts before it, so that
an issue of a thousand recipients is written once, and the stored file is all that a later run needs.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from email.utils import format_datetime
from hashlib import sha256

from feed2book.models import Artifact, Asset, token
from feed2book.render.email_digest import Digest
from feed2book.render.email_headers import field, parameter, unstructured

DOMAIN = "feed2book.invalid"
"""Names what no sender's domain can name; ``.invalid`` belongs to nobody (RFC 2606)."""

UNSUBSCRIBE = token("unsubscribe", "")
"""Stands, in the text and in the value of an ``href``, for the address where a recipient unsubscribes."""

_SOFT_BREAK = b"=\r\n"


def cid(asset: Asset) -> str:
    """Return the Content-ID of an image (RFC 2392), without its angle brackets."""
    return f"{asset.id}@{DOMAIN}"


def write_body(digest: Digest, attachments: Iterable[Artifact] = ()) -> bytes:
    """Return the mail without the fields that name sender, recipient and message; CRLF throughout, 7-bit.

    Plain text comes first, then HTML with its images (neither, if there is no HTML), then what is attached.
    The same digest and attachments give the same bytes.
    """
    shown = _text(digest.text, "plain")
    if digest.html:
        page = _text(digest.html, "html")
        if digest.images:
            page = _multipart('related; type="text/html"', page, *map(_image, digest.images))
        shown = _multipart("alternative", shown, page)
    if attached := tuple(map(_attachment, attachments)):
        shown = _multipart("mixed", shown, *attached)
    head = (
        field("Subject", unstructured(digest.subject, "Subject")),
        field("Date", format_datetime(digest.date)),
        field("MIME-Version", "1.0"),
    )
    return "".join(head).encode("ascii") + shown


def unsubscribe_mark(subtype: str) -> bytes:
    """Return the line that stands for :data:`UNSUBSCRIBE` in a part ``text/SUBTYPE``.

    Nothing else in a body looks like it: no feed can bring in the characters that begin and end a token.
    """
    return b"".join((quoted_printable(token("unsubscribe", subtype)), _SOFT_BREAK))


def quoted_printable(text: str) -> bytes:
    """Return the text so that a soft line break may follow; Python's own encoder is a hundred times slower.

    No line is longer than 76 octets with the ``=`` of that break (RFC 2045, 6.7).
    """
    # A letter more, which goes again, leaves room for the "=" and keeps white space before it as it is. The
    # line's end makes all others CRLF, too.
    return binascii.b2a_qp(f"{text}x\r\n".encode("utf-8", "replace"), istext=True)[:-3]


def _text(text: str, subtype: str) -> bytes:
    lines = re.split("\r\n|\r|\n", text.replace("\ufffd", "?").rstrip())
    pieces = "\r\n".join([*lines, ""]).split(UNSUBSCRIBE)
    mark = _SOFT_BREAK + unsubscribe_mark(subtype)
    head = (
        field("Content-Type", f'text/{subtype}; charset="utf-8"'),
        field("Content-Transfer-Encoding", "quoted-printable"),
    )
    return _part("".join(head), mark.join(map(quoted_printable, pieces)))


def _image(asset: Asset) -> bytes:
    head = (
        field("Content-Type", asset.media_type),
        field("Content-Transfer-Encoding", "base64"),
        field("Content-Disposition", "inline" + parameter("filename", asset.id + asset.extension)),
        field("Content-ID", f"<{cid(asset)}>"),
    )
    return _part("".join(head), _base64(asset.data))


def _attachment(artifact: Artifact) -> bytes:
    head = (
        field("Content-Type", artifact.media_type + parameter("name", artifact.filename)),
        field("Content-Transfer-Encoding", "base64"),
        field("Content-Disposition", "attachment" + parameter("filename", artifact.filename)),
    )
    return _part("".join(head), _base64(artifact.data))


def _multipart(kind: str, *parts: bytes) -> bytes:
    """Return the parts as one, ``kind`` with its parameters.

    The boundary holds ``=_``, which neither quoted-printable nor base64 can, and differs from mail to mail,
    so that one may be a part of another.
    """
    mark = sha256()
    for part in parts:
        mark.update(part)
    boundary = f"=_{kind.partition(';')[0]}_{mark.hexdigest()[:32]}"
    head = field("Content-Type", f"multipart/{kind}" + parameter("boundary", boundary))
    line = f"--{boundary}\r\n".encode("ascii")
    pieces = [piece for part in parts for piece in (line, part, b"\r\n")]
    return _part(head, b"".join([*pieces[:-1], b"\r\n", line[:-2], b"--\r\n"]))


def _part(head: str, content: bytes) -> bytes:
    return head.encode("ascii") + b"\r\n" + content


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
