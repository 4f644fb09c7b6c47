"""What an address of a mailbox or a list is: where one comes in and wherever one goes out, one rule holds."""

from __future__ import annotations

import re

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# Plain words and a host, in ASCII; no quotes, comments, spaces or brackets, which not all servers read alike.
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@.{{1,189}}\Z){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")

_LIST_ID = re.compile(r"(?=.{3,255}\Z)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")

PLACEHOLDERS = ("address", "token", "edition", "issue")
"""What may stand in braces in an address at which somebody unsubscribes."""


def is_mail_address(text: str) -> bool:
    """Say whether a text is ``name@host`` (RFC 5321, a dot-string at a domain; at most 254 characters)."""
    return _ADDRESS.fullmatch(text) is not None


def is_list_id(text: str) -> bool:
    """Say whether a text names a list: ``name.example.org`` (RFC 2919, 2; at most 255 octets)."""
    return _LIST_ID.fullmatch(text) is not None


def ascii_address(address: str) -> str:
    """Return the address with its host in ASCII (RFC 5890), which all servers know, if it has such a form."""
    name, at, host = address.strip().rpartition("@")
    if host.isascii():
        return name + at + host
    try:
        return name + at + host.encode("idna").decode("ascii")
    except UnicodeError:
        return address


def same_mailbox(address: str) -> str:
    """Return what is equal for all spellings of an address that reach one mailbox: hosts mind no capitals.

    Names may, by the letter of RFC 5321; but no service of note tells ``Ada`` from ``ada``, and to write to
    somebody who has unsubscribed in small letters would be worse.
    """
    return address.casefold()
