"""The fields of a mailing list: its name, where to unsubscribe, its archive (RFC 2369, 2919, 8058)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from feed2book.errors import UsageError
from feed2book.models import PLACEHOLDERS, MailOptions, is_list_id
from feed2book.render.email_headers import one_line

_PLACEHOLDER = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")
# Visible ASCII without the signs that end an address in such a field; braces are placeholders left over.
_ADDRESS = re.compile(r"[!-+\--;=?-z|~]{1,900}")


def list_id(name: str) -> str:
    """Return the value of ``List-Id`` for ``name.example.org``, ``""`` for none.

    Raises:
        UsageError: it is not one.
    """
    if name and not is_list_id(name):
        remedy = "write it as weekly.example.org, in a domain of your own"
        raise UsageError("the list_id is not one", where=one_line(name), remedy=remedy)
    return f"<{name}>" if name else ""


def unsubscribe(mail: MailOptions, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the addresses at which a recipient unsubscribes, the web's before the mail's.

    Args:
        mail: ``unsubscribe_url`` and ``unsubscribe_mail`` count; the latter may bring its own ``?subject=…``.
        values: what stands for each placeholder. An address that needs an empty one is left out: it would
            lead nowhere.

    Raises:
        UsageError: an address is not one, or holds an unknown placeholder.
    """
    return tuple(_addresses(mail, values))


def _addresses(mail: MailOptions, values: Mapping[str, str]) -> Iterator[str]:
    if url := _filled(mail.unsubscribe_url, values):
        yield web_address(url, "unsubscribe_url")
    if address := _filled(mail.unsubscribe_mail, values):
        subject = "" if "?" in address else "?subject=unsubscribe"
        if "@" not in address:
            raise UsageError("the unsubscribe_mail is not a mail address", where=one_line(address))
        yield _sound(f"mailto:{address.removeprefix('mailto:')}{subject}", "unsubscribe_mail")


def web_address(url: str, option: str) -> str:
    """Return the address of a page, as it may stand in a field.

    Raises:
        UsageError: it is none; ``option`` says which.
    """
    if not url.startswith(("https://", "http://")):
        raise UsageError(
            f"the {option} is not the address of a page", where=one_line(url), remedy="use https://"
        )
    return _sound(url, option)


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    needed = _PLACEHOLDER.findall(pattern)
    if not all(values[name] for name in needed):
        return ""
    return _PLACEHOLDER.sub(lambda found: quote(values[found[1]], safe=""), pattern)


def _sound(address: str, option: str) -> str:
    if not _ADDRESS.fullmatch(address):
        remedy = "percent-encode what is not plain, and use {address}, {token}, {edition} and {issue} only"
        raise UsageError(f"the {option} cannot stand in a message", where=one_line(address), remedy=remedy)
    return address
