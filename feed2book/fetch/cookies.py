"""Cookies: those of a browser's file (Netscape's format), and those that hosts set during a run."""

from __future__ import annotations

import re
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from urllib.request import Request

import httpx2

from feed2book.errors import UsageError

_MOST = 50  # cookies that hosts may set: no client must take more (RFC 6265, section 6.1)
_LONGEST = 4_096  # characters of name and value of one of these (the same)
_FIELDS = 7  # domain, whether its subdomains count, path, secure, expiry, name, value


class _Frugal(DefaultCookiePolicy):
    """Takes as many cookies as may be of use: each request is matched against all, and sends them."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[tuple[str, str, str]] = set()

    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        """Whether a cookie that came is kept; called under the jar's lock."""
        known = self._known | {(cookie.domain, cookie.path, cookie.name)}
        small = len(cookie.name) + len(cookie.value or "") <= _LONGEST
        if not small or len(known) > _MOST or not super().set_ok(cookie, request):
            return False
        self._known = known
        return True


def jar_of(text: str, host: str) -> httpx2.Cookies:
    """Return the cookies of a file that may be sent to a host; the jar judges path, expiry and TLS.

    It takes more from the host, as far as there is room.

    The standard library's own reader refuses what browsers' exporters write: a file without the first
    comment, a flag that contradicts the domain's dot, 0 for a cookie that ends with the session.

    Args:
        text: the file's.
        host: in lower case.

    Raises:
        UsageError: it is no such file; the message has nothing of it.
    """
    cookies = httpx2.Cookies(CookieJar(_Frugal()))
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
