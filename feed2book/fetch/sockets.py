"""Sockets: names are looked up once, connections are checked when made, and end with their deadline."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from contextvars import ContextVar

import httpcore2

from feed2book.fetch.guard import check_address, literal

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
            return self._known.setdefault(host, self._look_up(host, timeout))
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

    def __init__(self, inner: httpcore2.NetworkStream, kept: OpenStreams) -> None:
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


class OpenStreams:
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


class Backend(httpcore2.SyncBackend):
    """Looks a name up, checks the addresses if it is to, and connects to the first that answers.

    Args:
        names: where names are looked up.
        kept: where connections are remembered.
        guarded: connect to public addresses only.
        to_proxy: it is a proxy that we connect to, and its failures are to be called so.
    """

    def __init__(self, names: Names, kept: OpenStreams, *, guarded: bool, to_proxy: bool = False) -> None:
        self._names = names
        self._kept = kept
        self._guarded = guarded
        self._to_proxy = to_proxy

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 (of the interface; the pools never set it)
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to a host; see :class:`httpcore2.NetworkBackend`.

        Raises:
            BlockedError: it is guarded, and one of the host's addresses is not public.
        """
        try:
            return self._connect(host, port, _left(timeout), socket_options)
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
            if self._to_proxy:
                raise httpcore2.ProxyError("no connection") from error
            raise

    def _connect(
        self, host: str, port: int, budget: float, options: Iterable[httpcore2.SOCKET_OPTION] | None
    ) -> httpcore2.NetworkStream:
        started = time.monotonic()
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
                stream = super().connect_tcp(address, port, share, None, options)
                return self._kept.take(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure
