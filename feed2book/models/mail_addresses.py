"""What an address of a mailbox is: where one comes in, and wherever one goes out, the same rule holds."""

from __future__ import annotations

import re

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# Plain words and a host, in ASCII; no quotes, comments, spaces or brackets, which not all servers read alike.
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@.{{1,189}}\Z){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")


def is_mail_address(text: str) -> bool:
    """Say whether a text is ``name@host`` (RFC 5321, a dot-string at a domain; at most 254 characters)."""
    return _ADDRESS.fullmatch(text) is not None


def same_mailbox(address: str) -> str:
    """Return what is equal for all spellings of an address that reach one mailbox: hosts mind no capitals.

    Names may, by the letter of RFC 5321; but no service of note tells ``Ada`` from ``ada``, and to write to
    somebody who has unsubscribed in small letters would be worse.
    """
    return address.casefold()
