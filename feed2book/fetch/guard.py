"""Which addresses a feed's content may reach, and how an address is told to people.

A feed names pictures, and a server names redirects; both are an attacker's. Neither may make us ask a
router, a cloud's metadata service or a program on this machine (server-side request forgery). Names
are judged before a request, and the addresses that they stand for once more when the connection is
made (:mod:`feed2book.fetch.network`), so that a name that changes its mind gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection, Iterable
from urllib.parse import quote

from feed2book.errors import BlockedError
from feed2book.models import without_login

PORTS = {"http": 80, "https": 443}
_REMEDY = "use --allow-private if you trust this feed"

# Beyond what ipaddress itself calls not global (Python 3.11.7 misses some of these).
_CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # shared by providers (RFC 6598), and one cloud's metadata
        "168.63.129.16/32",  # the host agent of another cloud
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "::/96",  # IPv4-compatible, deprecated (RFC 4291)
        "64:ff9b:1::/48",  # translation of local use (RFC 8215)
        "100::/64",  # discard only (RFC 6666)
        "2001::/23",  # protocol assignments, Teredo (RFC 4380)
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, deprecated (RFC 7526)
        "3fff::/20",  # documentation (RFC 9637)
        "5f00::/16",  # segment routing (RFC 9602)
        "fec0::/10",  # site-local, deprecated (RFC 3879)
    )
)
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # how networks without IPv4 spell all of IPv4 (RFC 6052)
_LOCAL_NAME = re.compile(r"(.+\.)?(localhost|localdomain|local|internal|intranet|lan|home|corp|home\.arpa)")


def is_public(address: str) -> bool:
    """Whether an IP address, as the resolver gives it, belongs to the open internet.

    Args:
        address: an IPv4 or IPv6 address, a scope (``%eth0``) allowed. What is neither is not public.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found in _TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    odd = found.is_multicast or found.is_reserved or found.is_private or not found.is_global
    return not odd and not any(found in network for network in _CLOSED)


def plain_host(host: str) -> str:
    """Return a host in lower case, without brackets and the root's dot."""
    return host.strip("[]").rstrip(".").lower()


def is_host(host: str) -> bool:
    """Whether it can be a host at all: an address, or a name without signs that others might decode."""
    return bool(literal(host) or re.fullmatch(r"[a-z0-9_-][a-z0-9_.-]*", plain_host(host)))


def is_here(host: str) -> bool:
    """Whether a host is this machine by its usual names."""
    name = plain_host(host)
    return name == "localhost" or literal(name).startswith("127.") or literal(name) == "::1"


def literal(host: str) -> str:
    """Return the IP address that a host spells, or ``""`` if it is a name.

    The old forms count (``2130706433``, ``0x7f.1``, ``0177.0.0.1``), for the system reads them too.
    """
    bare = plain_host(host).replace("%25", "%")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    if not re.fullmatch(r"[0-9a-fx.]+", bare):
        return ""
    try:
        return socket.inet_ntoa(socket.inet_aton(bare))
    except OSError:
        return ""


def check_host(host: str, where: str, *, by_name: bool = False) -> None:
    """Refuse a host that says itself that it is private: an address, or a name of this machine.

    Args:
        host: the host of a URL.
        where: the URL, for the message.
        by_name: nobody will check the addresses later (a proxy looks the name up): refuse names of
            local use, and names without a dot, too.

    Raises:
        BlockedError: it is private.
    """
    name, address = plain_host(host), literal(host)
    if address:
        check_address(address, where)
    elif name == "localhost" or name.endswith(".localhost"):
        raise BlockedError("a feed may not reach this machine", where=where, remedy=_REMEDY)
    elif by_name and ("." not in name or _LOCAL_NAME.fullmatch(name)):
        raise BlockedError("a feed may not reach a host of the local network", where=where, remedy=_REMEDY)


def check_address(address: str, where: str) -> None:
    """Refuse an address that is not public.

    Raises:
        BlockedError: it is not.
    """
    if not is_public(address):
        message = f"a feed may not reach the private address {address}"
        raise BlockedError(message, where=where, remedy=_REMEDY)


def check_port(port: int, ports: Collection[int], where: str) -> None:
    """Refuse a port where no web server is to be expected: others speak mail, databases, caches.

    Raises:
        BlockedError: it is none of ``ports``.
    """
    if port not in ports:
        raise BlockedError(f"a feed may not reach port {port}", where=where, remedy=_REMEDY)


class Trust:
    """Hosts that the user named himself, which may therefore be private.

    Args:
        names: ``host:port``, or ``host`` for the ports of http and https.
        any_port: ports do not matter (the source itself, and where its own host sends us).
    """

    def __init__(self, names: Iterable[str] = (), *, any_port: bool = False) -> None:
        self._any_port = any_port
        self._places = {place for name in names for place in _places(name)}

    def covers(self, host: str, port: int) -> bool:
        """Whether that host, on that port, is one of them."""
        name = plain_host(host)
        if self._any_port:
            return any(name == known for known, _ in self._places)
        return (name, port) in self._places


def _places(name: str) -> list[tuple[str, int]]:
    """Split ``host:port``; IPv6 hosts may stand in brackets or bare."""
    bracketed = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?", name)
    host, port = (bracketed[1], bracketed[2]) if bracketed else (name, None)
    ports = [int(port)] if port else list(PORTS.values())
    return [(plain_host(host), number) for number in ports]


def shown(url: str) -> str:
    """Return a URL fit to be shown: no password, nothing that moves a terminal's cursor, not endless."""
    if url[:5].lower() == "data:":
        return f"{quote(url[:40].partition(',')[0], safe=':/;=+.-')},…"
    bare = without_login(url).strip()[:1000]
    clean = "".join(char if char.isprintable() else quote(char, errors="replace") for char in bare)
    return clean if len(clean) <= 300 else f"{clean[:299]}…"
