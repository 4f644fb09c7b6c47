"""The network as a transport: pools of connections, guarded or not, and proxies.

Two kinds of pools. The open ones serve hosts that the user named; the guarded ones, for whatever a feed
or a redirect named, connect to public addresses only, and to the very address that was checked. A
proxy of the user's, or one from the environment (``HTTPS_PROXY``, ``NO_PROXY`` …), is honoured: what it
can reach is then its own affair, so only the name is judged. TLS certificates are always verified.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
import threading
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, cast
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from feed2book.fetch.guard import PORTS, check_host, is_here, plain_host, shown
from feed2book.fetch.sockets import Backend, Names, OpenStreams, Resolver, system_resolver

# Its debugging tells secrets: the cookies that a server sets, the password of a proxy.
logging.getLogger("httpcore2").setLevel(logging.INFO)

_KEPT_ALIVE = 15.0  # seconds that an idle connection is kept


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn exceptions of httpcore2 into those of httpx2, which have the same names."""
    try:
        yield
    except (
        httpcore2.TimeoutException,
        httpcore2.NetworkError,
        httpcore2.ProtocolError,
        httpcore2.ProxyError,
        httpcore2.UnsupportedProtocol,
    ) as error:
        kind: type[Exception] = getattr(httpx2, type(error).__name__, httpx2.TransportError)
        raise kind(str(error)) from error


class _Body(httpx2.SyncByteStream):
    def __init__(self, inner: Iterable[bytes]) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._inner

    def close(self) -> None:
        closer = getattr(self._inner, "close", None)
        if closer:
            closer()


class Network(httpx2.BaseTransport):
    """Sends requests. ``request.extensions["trusted"]`` says that the user named this host himself.

    Args:
        connections: how many idle connections to keep.
        proxy: the address of the proxy for all requests whose ``extensions["proxy"]`` names none; ``""`` is
            what the environment says.
        resolver: looks host names up.
    """

    def __init__(self, connections: int, resolver: Resolver = system_resolver, *, proxy: str = "") -> None:
        self._connections = connections
        self._proxy = proxy
        self._names = Names(resolver)
        self._open = OpenStreams()
        self._pools: dict[tuple[str, bool, str], httpcore2.ConnectionPool] = {}
        self._lock = threading.RLock()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; see :class:`httpx2.BaseTransport`.

        Raises:
            RuntimeError: the network was closed.
        """
        if self._open.closed:
            raise RuntimeError("the network is closed")
        guarded = not request.extensions.get("trusted", False)
        proxy = ""
        if not is_here(request.url.host):  # this machine is never asked through a proxy
            proxy = request.extensions.get("proxy") or self._proxy or _environments(request.url)
        if guarded:
            check_host(request.url.host, shown(str(request.url)), by_name=bool(proxy))
        return self._send(request, self._pool(request.url.scheme, guarded, proxy))

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        # Reading all authorities takes a while: never done for a run that needs none.
        return httpx2.create_ssl_context()

    def _pool(self, scheme: str, guarded: bool, proxy: str) -> httpcore2.ConnectionPool:
        key = (scheme, guarded and not proxy, proxy)
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._through(proxy) if proxy else self._direct(scheme, guarded=guarded)
            return self._pools[key]

    def _direct(self, scheme: str, *, guarded: bool) -> httpcore2.ConnectionPool:
        return httpcore2.ConnectionPool(
            ssl_context=self._certificates if scheme == "https" else None,
            max_connections=None,  # the client counts
            max_keepalive_connections=self._connections,
            keepalive_expiry=_KEPT_ALIVE,
            network_backend=Backend(self._names, self._open, guarded=guarded),
        )

    def _through(self, proxy: str) -> httpcore2.ConnectionPool:
        try:
            found = httpx2.Proxy(proxy)
        except (ValueError, httpx2.InvalidURL) as error:
            raise httpx2.ProxyError("not a proxy") from error
        url = found.url
        common: dict[str, Any] = {
            "proxy_url": httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/"),
            "proxy_auth": found.raw_auth,
            "ssl_context": self._certificates,
            "max_connections": None,
            "max_keepalive_connections": self._connections,
            "keepalive_expiry": _KEPT_ALIVE,
            "network_backend": Backend(self._names, self._open, guarded=False, to_proxy=True),
        }
        if url.scheme in ("socks5", "socks5h"):  # either way it is the proxy that looks names up
            return httpcore2.SOCKSProxy(**common)
        if url.scheme in PORTS:
            context = self._certificates if url.scheme == "https" else None
            return httpcore2.HTTPProxy(**common, proxy_ssl_context=context)
        raise httpx2.ProxyError("of a kind that we do not speak")

    def _send(self, request: httpx2.Request, pool: httpcore2.ConnectionPool) -> httpx2.Response:
        url = request.url
        inner = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            extensions=request.extensions,
        )
        with _translated():
            response = pool.handle_request(inner)
        return httpx2.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(cast("Iterable[bytes]", response.stream)),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close all connections; whoever still waits for one is woken with an error."""
        self._open.close()
        for pool in self._pools.values():
            pool.close()


def _environments(url: httpx2.URL) -> str:
    """The proxy that the environment names for a URL, or ``""``."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all", "")
    host = plain_host(url.host)
    if not proxy:
        return ""
    if proxy_bypass(f"{host}:{url.port}" if url.port else host):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"
