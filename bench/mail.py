"""Measure how fast an issue goes to many readers by mail, and that a killed run goes on where it was.

A server in a process of its own takes the letters; a run of an edition, in another, makes the issue of a feed
of seven posts and sends it. What the server had to say is what counts.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from aiosmtpd.smtp import SMTP

from bench import posts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_POSTS = 7
_MESSAGE_ID = re.compile(rb"(?m)^Message-ID: (<[^>]*>)")


class Sink(SMTP):
    """A connection of a server that takes everything and keeps who got what, and when."""

    # That of a whole message: taken line by line, it would be the server that is measured.
    line_length_limit = 1 << 25

    def __init__(self, log: Path, **options: Any) -> None:
        super().__init__(self, **options)
        self._log = log

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: ARG002, N802 (aiosmtpd's names)
        """Take a message."""
        await self.push("354 go on")
        data = await self._reader.readuntil(b"\r\n.\r\n")
        found = _MESSAGE_ID.search(data)
        envelope: Any = self.envelope
        with self._log.open("a") as log:
            name = found[1].decode() if found else "none"
            log.write(f"{monotonic()} {len(data)} {envelope.rcpt_tos[0]} {name}\n")
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push("250 2.0.0 taken")


async def serve(log: Path) -> None:
    """Print the port, and take mail until the process ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Sink(log, loop=loop, hostname="mail.example", data_size_limit=1 << 25), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def run(folder: Path, port: int, connections: int) -> None:
    """Run the edition once; print the peak of the process in MB."""
    from feed2book.models import (
        BookOptions,
        Delivery,
        Edition,
        FetchOptions,
        MailOptions,
        Recipients,
        RenderOptions,
        SmtpServer,
        Source,
    )
    from feed2book.pipeline import run_edition

    server = SmtpServer("127.0.0.1", port, security="none", connections=connections)
    edition = Edition(
        name="weekly",
        sources=(Source(str(folder / "feed.xml")),),
        fetch=FetchOptions(),
        book=BookOptions(),
        render=RenderOptions(),
        outputs=("email",),
        deliveries=(Delivery("email", "mail", server, Recipients(csv=folder / "readers.csv")),),
        period=timedelta(days=100_000),
        mail=MailOptions(
            "Letters <letters@example.org>",
            list_id="weekly.example.org",
            unsubscribe_url="https://example.org/leave?reader={token}",
        ),
    )
    report = run_edition(edition, folder / "data", NOW, reveal=lambda _: "")
    if report.exit_code:
        raise SystemExit(f"exit code {report.exit_code}: {report.undelivered or report.error}")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


@dataclass(frozen=True)
class Arrival:
    """A message that the server took: when (seconds), how large, whose."""

    moment: float
    size: int
    recipient: str
    message_id: str


@dataclass
class Bench:
    """A folder with a feed and readers, and a server that writes down what arrives."""

    folder: Path
    readers: int
    connections: int
    port: int = 0

    def __post_init__(self) -> None:
        (self.folder / "feed.xml").write_text(posts.feed(_POSTS), encoding="utf-8")
        lines = [f"reader{number}@example.org,Reader {number},{number:x}" for number in range(self.readers)]
        (self.folder / "readers.csv").write_text("\n".join(["email,name,token", *lines]))
        self._log.touch()

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def arrivals(self) -> list[Arrival]:
        """Return what has arrived so far."""
        lines = [line.split() for line in self._log.read_text().splitlines()]
        return [Arrival(float(moment), int(size), who, name) for moment, size, who, name in lines]

    @contextmanager
    def server(self) -> Iterator[None]:
        """Run the server."""
        with subprocess.Popen(_words("serve", self._log), stdout=subprocess.PIPE, text=True) as process:
            try:
                self.port = int(process.stdout.readline() if process.stdout else 0)
                yield
            finally:
                process.kill()

    def start(self) -> subprocess.Popen[str]:
        """Begin a run of the edition."""
        words = _words("run", self.folder, self.port, self.connections)
        environment = {**os.environ, "FEED2BOOK_CACHE": str(self.folder / "cache")}
        return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)

    def finish(self) -> int:
        """Let a run come to its end; return its peak in MB."""
        process = self.start()
        said, _ = process.communicate()
        if process.returncode:
            raise SystemExit(process.returncode)
        return int(said)

    def kill_halfway(self) -> int:
        """Kill a run when half of the readers have their letter; return how many have."""
        process = self.start()
        while self._log.read_bytes().count(b"\n") < self.readers / 2:
            sleep(0.01)
            if process.poll() is not None:
                raise SystemExit("the run ended before it could be killed")
        process.kill()
        process.communicate()
        return len(self.arrivals())


def _words(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "bench.mail", *map(str, arguments)]


def measure(readers: int, connections: int) -> None:
    """Send an issue to that many readers; print the rate, from the first letter to the last, and the peak."""
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), readers, connections)
        with bench.server():
            peak = bench.finish()
        arrived = bench.arrivals()
        seconds = arrived[-1].moment - arrived[0].moment
        whose = {arrival.recipient for arrival in arrived}
        if len(whose) != readers or len(arrived) != readers:
            raise SystemExit(f"{len(arrived)} letters at {len(whose)} of {readers} readers")
        rate = (readers - 1) / seconds
        size = arrived[0].size / 1000
        print(f"{readers:9,} {connections:12} {size:10.0f} {seconds:9.1f} {rate:9.0f} {peak:9}", flush=True)


def kill(readers: int, connections: int) -> None:
    """Kill a run halfway and run again; print what came of it."""
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), readers, connections)
        with bench.server():
            before = bench.kill_halfway()
            bench.finish()
        names = defaultdict(list)
        for arrival in bench.arrivals():
            names[arrival.recipient].append(arrival.message_id)
        missing = readers - len(names)
        twice = [found for found in names.values() if len(found) > 1]
        other = sum(len(set(found)) > 1 for found in twice)
        print(f"killed after {before:,} of {readers:,} and run again: {missing} missing, {len(twice)} twice,")
        print(f"of these {other} with another Message-ID")
        if missing or other or len(twice) > connections:
            raise SystemExit(1)


def main() -> None:
    """Measure, or be one of the processes that are measured."""
    match sys.argv[1:]:
        case ["serve", log]:
            logging.disable(logging.CRITICAL)
            asyncio.run(serve(Path(log)))
        case ["run", folder, port, connections]:
            run(Path(folder), int(port), int(connections))
        case _:
            parser = argparse.ArgumentParser(prog="python -m bench.mail", description=__doc__)
            parser.add_argument("--readers", type=int, nargs="+", default=[1_000, 10_000])
            parser.add_argument("--connections", type=int, default=2)
            options = parser.parse_args()
            print("  readers  connections  kB a mail   seconds  a second   peak MB")
            for readers in options.readers:
                measure(readers, options.connections)
            kill(max(options.readers), options.connections)


if __name__ == "__main__":
    main()
