"""Sockets: connections that are checked when they are made, and never outlive their deadline.

Two pools of connections. The open one serves hosts that the user named; the guarded one, for whatever
a feed or a redirect named, connects to public addresses only, and to the very address that was
checked. A proxy from the environment (``HTTPS_PROXY``, ``NO_PROXY`` …) is honoured: what it can reach
is then its own affair, so only the name is judged. TLS certificates are always verified.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import cached_property
from typing import cast
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from feed2book.fetch.guard import check_address, check_host, literal, plain_host, shown

Resolver = Callable[[str], tuple[str, ...]]

# Seconds that the request running in this thread still has. Set by the client for each request.
remaining: ContextVar[Callable[[], float] | None] = ContextVar("remaining", default=None)


def _left(timeout: float | None) -> float:
    """The time-out of one socket operation: what is asked for, never more than the request has left."""
    budget = remaining.get()
    left = budget() if budget else float("inf")
    if left <= 0:
        raise httpcore2.ReadTimeout
    return min(60.0 if timeout is None else timeout, left)


def system_resolver(host: str) -> tuple[str, ...]:
    """Return the addresses of a host, as the system orders them."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Names:
    """Addresses of hosts, looked up once a run: quick, and a name cannot change its mind.

    ``getaddrinfo`` knows no time-out, so it runs in a thread that may be left behind.
    """

    def __init__(self, resolver: Resolver = system_resolver) -> None:
        self._resolver = resolver
        self._known: dict[str, tuple[str, ...]] = {}

    def addresses(self, host: str, timeout: float) -> tuple[str, ...]:
        """Return all addresses of ``host``.

        Raises:
            OSError: there is none (``socket.gaierror``), or no answer within ``timeout`` seconds.
        """
        address = literal(host)
        if address:
            return (address,)
        if host not in self._known:
            self._known[host] = self._look_up(host, timeout)
        return self._known[host]

    def _look_up(self, host: str, timeout: float) -> tuple[str, ...]:
        outcome: list[tuple[str, ...] | Exception] = []

        def run() -> None:
            try:
                outcome.append(self._resolver(host))
            except (OSError, UnicodeError) as error:
                outcome.append(error)

        thread = threading.Thread(target=run, name=f"look up {host}", daemon=True)
        thread.start()
        thread.join(timeout)
        if not outcome:
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        if isinstance(outcome[0], UnicodeError):
            raise socket.gaierror(socket.EAI_NONAME, "not a name")
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]


class _Stream(httpcore2.NetworkStream):
    """A connection whose every operation ends with the request's deadline."""

    def __init__(self, inner: httpcore2.NetworkStream, kept: _OpenStreams) -> None:
        self._inner = inner
        self._kept = kept

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return self._kept.take(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)

    def abort(self) -> None:
        """End what another thread may be waiting for."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._inner.get_extra_info("socket"), socket.SHUT_RDWR)


class _OpenStreams:
    """All connections, so that closing can wake the threads that wait on them."""

    def __init__(self) -> None:
        self._streams: weakref.WeakSet[_Stream] = weakref.WeakSet()
        self._lock = threading.Lock()
        self.closed = False

    def take(self, inner: httpcore2.NetworkStream) -> _Stream:
        """Wrap and remember a connection; one that comes too late is ended."""
        stream = _Stream(inner, self)
        with self._lock:
            self._streams.add(stream)
            if self.closed:
                stream.abort()
        return stream

    def close(self) -> None:
        """End all connections, now and later."""
        with self._lock:
            self.closed = True
            for stream in self._streams:
                stream.abort()


class _Backend(httpcore2.SyncBackend):
    """Looks a name up, checks the addresses if it is to, and connects to the first that answers."""

    def __init__(self, names: Names, kept: _OpenStreams, *, guarded: bool) -> None:
        self._names = names
        self._kept = kept
        self._guarded = guarded

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        started, budget = time.monotonic(), _left(timeout)
        try:
            addresses = self._names.addresses(host, budget)
        except OSError as error:
            raise httpcore2.ConnectError(error) from error
        if self._guarded:
            for address in addresses:  # one private address among public ones is an attack, not a mistake
                check_address(address, host)
        failure: Exception = httpcore2.ConnectError("no address")
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share = max(0.1, (budget - (time.monotonic() - started)) / left)
            try:
                stream = super().connect_tcp(address, port, share, local_address, socket_options)
                return self._kept.take(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


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
        resolver: looks host names up.
    """

    def __init__(self, connections: int, resolver: Resolver = system_resolver) -> None:
        self._connections = connections
        self._names = Names(resolver)
        self._open = _OpenStreams()
        self._pools: dict[tuple[str, bool], httpcore2.ConnectionPool] = {}
        self._proxied: dict[str, httpx2.HTTPTransport] = {}
        self._lock = threading.RLock()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; see :class:`httpx2.BaseTransport`.

        Raises:
            RuntimeError: the network was closed.
        """
        if self._open.closed:
            raise RuntimeError("the network is closed")
        guarded = not request.extensions.get("trusted", False)
        proxy = _proxy_for(request.url)
        if guarded:
            check_host(request.url.host, shown(str(request.url)), by_name=bool(proxy))
        if proxy:
            return self._through(proxy).handle_request(request)
        return self._direct(request, self._pool(request.url.scheme, guarded=guarded))

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        # Reading all authorities takes a while: never done for a run that needs none.
        return httpx2.create_ssl_context()

    def _pool(self, scheme: str, *, guarded: bool) -> httpcore2.ConnectionPool:
        with self._lock:
            if (scheme, guarded) not in self._pools:
                self._pools[scheme, guarded] = httpcore2.ConnectionPool(
                    ssl_context=self._certificates if scheme == "https" else None,
                    max_connections=None,  # the client counts
                    max_keepalive_connections=self._connections,
                    keepalive_expiry=15.0,
                    network_backend=_Backend(self._names, self._open, guarded=guarded),
                )
            return self._pools[scheme, guarded]

    def _direct(self, request: httpx2.Request, pool: httpcore2.ConnectionPool) -> httpx2.Response:
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

    def _through(self, proxy: str) -> httpx2.HTTPTransport:
        with self._lock:
            if proxy not in self._proxied:
                self._proxied[proxy] = httpx2.HTTPTransport(verify=self._certificates, proxy=proxy)
            return self._proxied[proxy]

    def close(self) -> None:
        """Close all connections; whoever still waits for one is woken with an error."""
        self._open.close()
        for pool in self._pools.values():
            pool.close()
        for transport in self._proxied.values():
            transport.close()


def _proxy_for(url: httpx2.URL) -> str:
    """The proxy that the environment names for a URL, or ``""``. This machine never needs one."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all", "")
    host = plain_host(url.host)
    if not proxy or host == "localhost" or literal(host).startswith("127.") or literal(host) == "::1":
        return ""
    if proxy_bypass(f"{host}:{url.port}" if url.port else host):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"
