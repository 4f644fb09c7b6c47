"""A small real HTTP server on loopback, for tests: it serves a folder, or routes that behave and misbehave.

>>> with serve({"/feed": body(b"<rss/>")}) as server:  # doctest: +SKIP
...     fetch(server.url + "/feed")
...     assert server.paths == ["/feed"]
"""

from __future__ import annotations

import gzip as gzip_module
import mimetypes
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Route = Callable[["Exchange"], None]


@dataclass(frozen=True)
class Seen:
    """A request that the server got; ``headers`` finds names in any case."""

    path: str
    headers: Message
    host: str


class Exchange:
    """One request and the means to answer it. ``count`` says how often this path was asked for, from 1."""

    def __init__(
        self,
        handler: BaseHTTPRequestHandler,
        server: Server,
        count: int,
        answered: Callable[[Exchange], object],
    ) -> None:
        self._answered = answered
        self.headers = handler.headers
        self.path = handler.path
        self.count = count
        self.server = server
        self._handler = handler

    def send(self, status: int, data: bytes = b"", **headers: str) -> None:
        """Send a whole answer; ``_`` in header names stands for ``-``. A length given by hand is kept."""
        handler = self._handler
        handler.send_response(status)
        names = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        if status not in (204, 304) and "transfer-encoding" not in names:
            names.setdefault("content-length", str(len(data)))
        for name, value in names.items():
            handler.send_header(name, value)
        self._answered(self)  # before it is whole: the client may then ask for the next thing at once
        handler.end_headers()
        handler.wfile.write(data)
        handler.wfile.flush()

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def wait(self, seconds: float) -> bool:
        """Wait; True if the server is closing."""
        return self.server.closing.wait(seconds)

    def reset(self) -> None:
        """Break the connection off, as a crash would (RST)."""
        self._handler.close_connection = True
        linger_at_once = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_at_once)
        self._handler.connection.close()

    def hang_up(self) -> None:
        """End the connection in good order after this answer."""
        self._handler.close_connection = True


@dataclass
class Server:
    """A running server, and what it saw."""

    port: int
    log: list[Seen] = field(default_factory=list)
    most_at_once: int = 0
    most_per_host: Counter[str] = field(default_factory=Counter)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def place(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [seen.path for seen in self.log]


@contextmanager
def serve(
    routes: Mapping[str, Route] | None = None,
    directory: Path | None = None,
    *,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    """Run a server on a free port of 127.0.0.1.

    Args:
        routes: what answers a path (with its query); a key that ends in ``*`` answers all that begin so.
        directory: a folder whose files answer all other paths.
        tls: speak https with this certificate.
    """
    lock = threading.Lock()
    active: dict[Exchange, str] = {}
    counts: Counter[str] = Counter()
    table = dict(routes or {})

    def answered(exchange: Exchange) -> None:
        with lock:
            active.pop(exchange, None)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes; the second need not wait 40 ms

        def do_GET(self) -> None:
            host = self.headers.get("host", "").partition(":")[0]
            with lock:
                server.log.append(Seen(self.path, self.headers, host))
                counts[self.path] += 1
                exchange = Exchange(self, server, counts[self.path], answered)
                active[exchange] = host
                server.most_at_once = max(server.most_at_once, len(active))
                of_host = list(active.values()).count(host)
                server.most_per_host[host] = max(server.most_per_host[host], of_host)
            try:
                _route(table, directory, self.path)(exchange)
            except OSError:
                self.close_connection = True  # the client went away; many tests want that
            finally:
                answered(exchange)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in http.server)
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    with Quiet(("127.0.0.1", 0), Handler) as inner:
        server = Server(inner.server_port)
        if tls:
            # The handshake belongs into the thread of its connection: a failed one must not stop the server.
            inner.socket = tls.wrap_socket(inner.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=inner.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            inner.shutdown()
            thread.join()


def _route(routes: Mapping[str, Route], directory: Path | None, path: str) -> Route:
    if path in routes:
        return routes[path]
    for key, route in routes.items():
        if key.endswith("*") and path.startswith(key[:-1]):
            return route
    if directory is not None:
        file = (directory / path.partition("?")[0].lstrip("/")).resolve()
        if file.is_file() and file.is_relative_to(directory.resolve()):
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return body(file.read_bytes(), content_type=kind)
    return status(404)


def body(data: bytes, **headers: str) -> Route:
    """Answer 200 with ``data``."""
    return lambda exchange: exchange.send(200, data, **headers)


def status(code: int, data: bytes = b"", **headers: str) -> Route:
    """Answer with a status."""
    return lambda exchange: exchange.send(code, data, **headers)


def redirect(target: str, code: int = 302, **headers: str) -> Route:
    """Answer with a redirect."""
    return lambda exchange: exchange.send(code, b"moved", location=target, **headers)


def in_turn(*routes: Route) -> Route:
    """Answer the first request with the first route, and so on; the last one answers all the rest."""
    return lambda exchange: routes[min(exchange.count, len(routes)) - 1](exchange)


def tagged(data: Callable[[], bytes], **headers: str) -> Route:
    """Answer with an ETag that derives from the data, and with 304 to whoever has it."""

    def answer(exchange: Exchange) -> None:
        content = data()
        tag = f'"{hash(content) & 0xFFFFFFFF:x}"'
        if exchange.headers.get("if-none-match") == tag:
            exchange.send(304, b"", etag=tag, **headers)
        else:
            exchange.send(200, content, etag=tag, **headers)

    return answer


def zipped(data: bytes, **headers: str) -> Route:
    """Answer with gzip."""
    return body(gzip_module.compress(data), content_encoding="gzip", **headers)


def hang(exchange: Exchange) -> None:
    """Take the request and say nothing."""
    exchange.wait(30)
    exchange.hang_up()


def drip(piece: bytes = b"x", every: float = 0.05, length: int = 1_000_000) -> Route:
    """Promise a body of ``length`` bytes and send up to 200 pieces of it, slowly."""

    def answer(exchange: Exchange) -> None:
        exchange.send(200, b"", content_length=str(length))
        for _ in range(200):
            if exchange.wait(every):
                break
            exchange.write(piece)
        exchange.hang_up()

    return answer


def drip_headers(exchange: Exchange) -> None:
    """Do not finish the headers, for ten seconds."""
    exchange.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
    for _ in range(200):
        if exchange.wait(0.05):
            break
        exchange.write(b"x")
    exchange.hang_up()


def reset(exchange: Exchange) -> None:
    """Break off without a word."""
    exchange.reset()


def truncated(data: bytes, missing: int = 100, **headers: str) -> Route:
    """Promise more than is sent."""

    def answer(exchange: Exchange) -> None:
        exchange.send(200, data, content_length=str(len(data) + missing), **headers)
        exchange.hang_up()

    return answer


def slow(route: Route, seconds: float) -> Route:
    """Answer after a while."""

    def answer(exchange: Exchange) -> None:
        time.sleep(seconds)
        route(exchange)

    return answer
