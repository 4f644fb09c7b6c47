"""Cookies: those of a browser's file (Netscape's format), and those that hosts set during a run."""

from __future__ import annotations

import re
from http.cookiejar import Cookie

import httpx2

from feed2book.errors import UsageError

_FIELDS = 7  # domain, whether its subdomains count, path, secure, expiry, name, value


def jar_of(text: str, host: str) -> httpx2.Cookies:
    """Return the cookies of a file that may be sent to a host; the jar judges path, expiry and TLS.

    The standard library's own reader refuses what browsers' exporters write: a file without the first
    comment, a flag that contradicts the domain's dot, 0 for a cookie that ends with the session.

    Args:
        text: the file's.
        host: in lower case.

    Raises:
        UsageError: it is no such file; the message has nothing of it.
    """
    cookies = httpx2.Cookies()
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = line.rstrip("\r").removeprefix("#HttpOnly_")
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) == _FIELDS - 1:  # a cookie without a value, and an editor that cut the tab off
            fields.append("")
        try:
            domain, subdomains, path, secure, expiry, name, value = fields
            expires = int(float(expiry or 0))
            if re.search(r"[\x00-\x1f\x7f]", name + value):
                raise ValueError(number)
        except (ValueError, OverflowError):
            message, remedy = f"line {number} is not a cookie in Netscape's format", "export the cookies anew"
            raise UsageError(message, where="the file of cookies", remedy=remedy) from None
        bare = domain.lower().lstrip(".")
        whole = subdomains.upper() == "TRUE" or domain.startswith(".")
        if host == bare or (whole and host.endswith(f".{bare}")):
            cookies.jar.set_cookie(
                _cookie(f".{bare}" if whole else bare, path, name, value, secure.upper() == "TRUE", expires)
            )
    return cookies


def _cookie(domain: str, path: str, name: str, value: str, secure: bool, expires: int) -> Cookie:
    return Cookie(
        version=0,
        name=name,
        value=value,
        port=None,
        port_specified=False,
        domain=domain,
        domain_specified=domain.startswith("."),
        domain_initial_dot=domain.startswith("."),
        path=path,
        path_specified=True,
        secure=secure,
        expires=expires if expires > 0 else None,
        discard=expires <= 0,
        comment=None,
        comment_url=None,
        rest={},
    )
