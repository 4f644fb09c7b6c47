"""From what a source asks for to what it gets: the secrets are looked up, and fit to be sent."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable

from feed2book.errors import UsageError
from feed2book.models import Access, Grant, Secret, Source

Reveal = Callable[[Secret], str]
"""Returns a secret; see :func:`feed2book.config.reveal`."""


def grants(sources: Iterable[Source], reveal: Reveal) -> dict[str, Grant]:
    """Return what each source gets that asks for something, by its address.

    Args:
        sources: the sources.
        reveal: returns a secret.

    Raises:
        UsageError: a secret cannot be had, or it cannot be sent.
    """
    return {
        source.address: _grant(source.access, source.address, reveal) for source in sources if source.access
    }


def _grant(access: Access, where: str, reveal: Reveal) -> Grant:
    headers = []
    for name, said in access.headers:
        value = _said(said, reveal)
        if not re.fullmatch(r"[\t -~]*", value):  # section 5.5: ASCII alone means the same to all
            raise _unfit(f"its header {name}", "RFC 9110", where)
        headers.append((name.lower(), value.strip()))
    if access.token:
        token = reveal(access.token)
        if not re.fullmatch(r"[!-~]+", token):
            raise _unfit("its token", "RFC 6750", where)
        headers.append(("authorization", f"Bearer {token}"))
    elif access.user:
        password = reveal(access.password) if access.password else ""
        basic = b64encode(f"{access.user}:{password}".encode()).decode("ascii")
        headers.append(("authorization", f"Basic {basic}"))
    cookies = reveal(access.cookies) if access.cookies else ""
    return Grant(tuple(headers), cookies, _said(access.proxy, reveal))


def _said(value: str | Secret, reveal: Reveal) -> str:
    return reveal(value) if isinstance(value, Secret) else value


def _unfit(what: str, standard: str, where: str) -> UsageError:
    remedy = "check where it comes from"
    return UsageError(f"{what} has signs that cannot be sent ({standard})", where=where, remedy=remedy)
