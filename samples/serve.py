"""Serve the samples over HTTP on loopback, with the standard library alone.

Run it (``python samples/serve.py --port 8017``), or use :func:`serve` in a program. In the feeds,
``__BASE__`` stands for the address of this server and ``__HOST__`` for the address without its scheme,
so that their links are absolute at any port.
"""

from __future__ import annotations

import argparse
import hashlib
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, unquote, urlsplit

HERE = Path(__file__).resolve().parent
FEEDS = {"blog": "blog/feed.xml", "notes": "notes.json", "world": "world.xml", "broken": "broken.xml"}
FEED_TYPES = {
    ".xml": "application/xml",
    ".json": "application/feed+json",
    ".html": "text/html; charset=utf-8",
}


def formula_file(tex: str) -> Path:
    """Return where the picture of a formula is kept, whether or not it is there."""
    return HERE / "blog" / "formulas" / f"{hashlib.sha256(tex.encode()).hexdigest()[:16]}.png"


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD with the samples, their pictures, and ``latex.php?latex=TEX`` as a picture."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a file, with 304 if the client has it, or with 404."""
        target = urlsplit(self.path)
        file = self._file(unquote(target.path), target.query)
        if file is None:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"not found\n")
            return
        body = file.read_bytes()
        kind = FEED_TYPES.get(file.suffix)
        if kind:
            host = "{}:{}".format(*self.connection.getsockname())
            body = body.replace(b"__BASE__", b"http://__HOST__").replace(b"__HOST__", host.encode())
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        if self.headers.get("If-None-Match") == etag:
            self._answer(HTTPStatus.NOT_MODIFIED, "", b"", etag)
            return
        kind = kind or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self._answer(HTTPStatus.OK, kind, body, etag)

    do_HEAD = do_GET  # noqa: N815

    def _file(self, path: str, query: str) -> Path | None:
        if path.endswith("/latex.php"):
            file = formula_file("".join(parse_qs(query).get("latex", [])))
        elif path.endswith("/"):
            file = HERE / path.lstrip("/") / "index.html"
        else:
            file = HERE / path.lstrip("/")
        file = file.resolve()
        return file if file.is_relative_to(HERE) and file.is_file() else None

    def _answer(self, status: HTTPStatus, kind: str, body: bytes, etag: str = "") -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        """Stay silent."""


@contextmanager
def serve(port: int = 0) -> Iterator[str]:
    """Serve the samples on 127.0.0.1 for the time of the ``with`` block.

    Args:
        port: the TCP port; 0 takes any free one.

    Yields:
        The address, such as ``http://127.0.0.1:8017``, without a slash at its end.

    Raises:
        OSError: the port is taken.
    """
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve the sample feeds on loopback.")
    parser.add_argument("--port", type=int, default=8017, help="0 takes any free port (default: %(default)s)")
    with serve(parser.parse_args().port) as base:
        for path in FEEDS.values():
            print(f"{base}/{path}", flush=True)
        with suppress(KeyboardInterrupt):
            Event().wait()


if __name__ == "__main__":
    main()
