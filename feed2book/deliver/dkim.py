"""Sign messages, so that servers know whom they come from (RFC 6376)."""

from __future__ import annotations

import binascii

from feed2book.errors import UsageError
from feed2book.models import Dkim

# What is signed once more than it is there, so that a second one cannot be put before it.
_SEALED = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"reply-to",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
)
# RFC 8058 wants the fields of unsubscribing to be signed, too.
_SIGNED = (b"list-id", b"list-unsubscribe", b"list-unsubscribe-post", b"list-archive", b"auto-submitted")


def sign(message: bytes, options: Dkim, key: str) -> bytes:
    """Return the message with a signature before it, relaxed in white space for header and body.

    The signature tells when it was made; all else derives from the arguments.

    Args:
        message: with CRLF.
        options: who signs.
        key: the private RSA key, PEM.

    Raises:
        UsageError: dkimpy is not installed, or the key or a name is unusable.
    """
    try:
        import dkim
    except ImportError as error:
        remedy = "pip install 'feed2book[mail]'"
        raise UsageError("signing mail needs the library dkimpy", where="dkim", remedy=remedy) from error
    head = message.partition(b"\r\n\r\n")[0].lower()
    there = [name for name in (*_SEALED, *_SIGNED) if b"\n%s:" % name in b"\n" + head]
    try:
        signature = dkim.sign(
            message,
            options.selector.encode("ascii"),
            options.domain.encode("ascii"),
            key.encode("ascii"),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*there, *_SEALED],
        )
    except (dkim.DKIMException, binascii.Error, ValueError) as error:
        remedy = "key must be a private RSA key in PEM, domain and selector as in the DNS"
        raise UsageError("the message cannot be signed", where=options.domain, remedy=remedy) from error
    return bytes(signature) + message
