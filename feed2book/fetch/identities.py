"""Who we are to a place: what the user gave for it, and the cookies that it has set in this run."""

from __future__ import annotations

import hashlib
import threading
from base64 import b64encode
from dataclasses import dataclass, field, replace
from functools import cache
from urllib.parse import unquote

import httpx2

from feed2book.fetch.cookies import jar_of
from feed2book.fetch.guard import PORTS, is_here, plain_host
from feed2book.fetch.netrc import Netrc
from feed2book.models import Grant

Place = tuple[str, int]
_NOBODY = Grant()


@dataclass(frozen=True)
class Identity:
    """What a host is told of us; never shown.

    ``name`` tells identities apart in the cache and gives nothing of them away; ``""`` is nobody's.
    """

    grant: Grant = _NOBODY
    cookies: httpx2.Cookies = field(default_factory=httpx2.Cookies, repr=False)
    name: str = ""

    def sign(self, request: httpx2.Request) -> None:
        """Put it into the head of a request. A ``Cookie`` field of the user's own stands for all cookies."""
        for name, value in self.grant.headers:
            request.headers[name] = value
        self.cookies.set_cookie_header(request)

    def cookie(self, url: httpx2.URL) -> str:
        """Return the cookies that an address would get now."""
        request = httpx2.Request("GET", url)
        self.cookies.set_cookie_header(request)
        return str(request.headers.get("cookie", ""))


class Identities:
    """The identities of a run. Safe to use from several threads.

    A grant counts for the scheme, host and port of its source, not for others that a redirect leads to. Who
    names an address there gets it, unless he is a source of that place himself, which has its own or none.
    Cookies that hosts set stay with their host.

    Args:
        netrc: logins for sources that were given none.
    """

    def __init__(self, netrc: Netrc) -> None:
        self._netrc = netrc
        self._lock = threading.Lock()
        self._of_place: dict[tuple[str, Place], tuple[str, Grant]] = {}
        self._of_source: dict[str, tuple[tuple[tuple[str, Place], ...], Grant]] = {}
        self._made: dict[tuple[str, Grant], Identity] = {}

    def admit(self, source: str, url: httpx2.URL, grant: Grant) -> None:
        """Take note of what the user gave for a source.

        Args:
            source: its name for :meth:`at`.
            url: its address, perhaps with user and password in it.
            grant: what it gets; a field ``Authorization`` in it goes before other logins.

        Raises:
            UsageError: its cookies cannot be understood.
        """
        if "authorization" not in dict(grant.headers) and (login := self._login(url)):
            basic = b64encode(":".join(login).encode()).decode("ascii")
            grant = replace(grant, headers=(*grant.headers, ("authorization", f"Basic {basic}")))
        reach = _reach(url)
        with self._lock:
            self._of_source[source] = (reach, grant)
            for place in reach if grant != _NOBODY else ():
                # Sources come in any order; the name decides what others get at the place of several.
                known, _ = self._of_place.get(place, (source, grant))
                if source <= known:
                    self._of_place[place] = (source, grant)
        self._identity(plain_host(url.host), grant)  # what is wrong with it is told now

    def _login(self, url: httpx2.URL) -> tuple[str, str] | None:
        if url.userinfo:
            user, _, password = url.userinfo.decode().partition(":")
            return unquote(user), unquote(password)
        safe = url.scheme == "https" or is_here(url.host)
        return self._netrc.login(plain_host(url.host)) if safe else None

    def at(self, url: httpx2.URL, source: str = "") -> Identity:
        """Return who we are to an address that belongs to ``source``, ``""`` for none in particular."""
        place = (url.scheme, place_of(url))
        with self._lock:
            reach, grant = self._of_source.get(source, ((), _NOBODY))
            if place not in reach:
                _, grant = self._of_place.get(place, ("", _NOBODY))
        return self._identity(plain_host(url.host), grant)

    def _identity(self, host: str, grant: Grant) -> Identity:
        with self._lock:
            if (host, grant) not in self._made:
                cookies = jar_of(grant.cookies, host)
                values = sorted(f"{cookie.path}\0{cookie.name}\0{cookie.value}" for cookie in cookies.jar)
                secret = "\n".join([*map("\0".join, grant.headers), *values])
                self._made[host, grant] = Identity(grant, cookies, _trace(secret))
            return self._made[host, grant]


@cache
def _trace(secret: str) -> str:
    """Return what tells secrets apart, made so slowly that nobody can try passwords until one gives it."""
    return secret and hashlib.scrypt(secret.encode(), salt=b"feed2book", n=2**14, r=8, p=1, dklen=16).hex()


def place_of(url: httpx2.URL) -> Place:
    """Return host and port of an address of the web."""
    return (plain_host(url.host), url.port or PORTS[url.scheme])


def _reach(url: httpx2.URL) -> tuple[tuple[str, Place], ...]:
    """Return the schemes and places where what was given for an address counts."""
    place = place_of(url)
    if url.scheme == "http" and url.port is None:  # a redirect to https takes it along
        return ("http", place), ("https", (place[0], PORTS["https"]))
    return ((url.scheme, place),)
