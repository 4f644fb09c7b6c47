"""Measure a run over hundreds of feeds, a tenth of them faulty, and the run after it.

Each feed has a host of its own on loopback (``127.0.x.y``), but for some that share a slow one. That host
answers each request after ``--pace`` seconds and is asked for two things at once, as any host is. Its share,
the time before which nobody can be done, is that times half its feeds. A run should take no more than three
such shares, whatever the faulty feeds do, and the second run one conditional request a feed.

Faulty feeds drip, hang, ask for patience, fail, break off, redirect in a loop, unpack without end, or are no
feeds; the report must name each.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import io
import json
import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from bench.__main__ import Run, timed
from bench.posts import Writer

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
FAULTS: Mapping[str, str] = {
    "drip": "it was not done within",
    "hang": "within",  # one time-out or all of them
    "patience": "the server asks us to slow down",
    "failing": "the server failed (500)",
    "truncated": "only a part of the feed came",
    "loop": "the server redirects in a loop",
    "bomb": "it unpacks to more than 100 times its size",
    "page": "this is a web page that names no feed",
}
"""Kinds of faulty feeds, and what a report says of them."""

_SLOW_HOST = "127.1.0.1"
_CONTROL = "127.0.0.1"
_POSTS = 10  # of a feed, of which two are new in the first run: they are five days apart
_TEN_MEGABYTES = bytes(10_000_000)


@dataclass(frozen=True)
class World:
    """Which feeds there are: ``count``, of which ``slow`` share a host that takes ``pace`` seconds.

    Of the others one in ``every`` is faulty.
    """

    count: int
    slow: int
    pace: float
    every: int = 10
    port: int = 0

    @property
    def share(self) -> float:
        """Seconds that the slow host needs for its own feeds, two at once."""
        return -(-self.slow // 2) * self.pace

    @property
    def addresses(self) -> tuple[str, ...]:
        """The feeds' addresses; those of the slow host come first, where they would hold up all others."""
        slow = [f"http://{_SLOW_HOST}:{self.port}/{number}/feed" for number in range(self.slow)]
        others = range(self.slow, self.count)
        return (*slow, *(f"http://{_host(number)}:{self.port}/{number}/feed" for number in others))

    @property
    def faulty(self) -> dict[str, str]:
        """The kind of each faulty feed, by its address."""
        return {
            address: kind for number, address in enumerate(self.addresses) if (kind := self.fault(number))
        }

    def fault(self, number: int) -> str:
        """Return what is wrong with a feed, ``""`` for a sound one; the kinds come in turn."""
        place, rest = divmod(number - self.slow, self.every)
        return list(FAULTS)[place % len(FAULTS)] if number >= self.slow and rest == 0 else ""


def _host(number: int) -> str:
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


class _Server:
    """Answers for all hosts; counts what it is asked for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                await self._answer(head, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, head: str, writer: asyncio.StreamWriter) -> None:
        path = head.split(" ", 2)[1]
        if path == "/seen":
            _send(writer, 200, json.dumps(self.seen).encode())
            self.seen.clear()
            return
        number, _, what = path.strip("/").partition("/")
        known = "if-none-match: " in head.lower()
        self.seen[f"{'conditional' if known else 'plain'} {path}"] += 1
        if writer.get_extra_info("sockname")[0] == _SLOW_HOST:
            await asyncio.sleep(self.world.pace)
        if not number.isdigit():  # where sites often have their feeds
            _send(writer, 404)
        elif what == "picture":
            _send(writer, 200, _picture())
        elif fault := self.world.fault(int(number)):
            await _misbehave(fault, path, writer)
        elif known:
            _send(writer, 304, etag='"1"')
        else:
            place = head.lower().partition("host: ")[2].split()[0]
            body = feed(int(number), place, pictured=int(number) >= self.world.slow)
            _send(writer, 200, body, etag='"1"', content_type="application/rss+xml")


async def _misbehave(fault: str, path: str, writer: asyncio.StreamWriter) -> None:
    if fault == "hang":
        await asyncio.sleep(3_600)
    elif fault == "drip":
        _send(writer, 200, content_length=1_000_000)
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.2)
    elif fault == "patience":
        _send(writer, 429, retry_after=7_200)
    elif fault == "failing":
        _send(writer, 500)
    elif fault == "truncated":
        body = feed(0, "bench.example", pictured=False)
        _send(writer, 200, body[: len(body) // 2], content_length=len(body))
        writer.close()
    elif fault == "loop":
        _send(writer, 302, location=path)
    elif fault == "bomb":
        _send(writer, 200, _bomb(), content_encoding="gzip")
    else:
        _send(writer, 200, b"<!doctype html><title>Parked</title><p>For sale.", content_type="text/html")


def _send(writer: asyncio.StreamWriter, status: int, body: bytes = b"", **headers: object) -> None:
    headers.setdefault("content_length", len(body))
    lines = [
        f"HTTP/1.1 {status} .",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)


def feed(number: int, place: str, *, pictured: bool) -> bytes:
    """Return a feed of ten posts of some 9 kB, of which two are of the last week; one may have a picture."""
    items = []
    for post in range(_POSTS):
        date = NOW - timedelta(days=5 * post + 1)
        picture = f'<img src="http://{place}/{number}/picture">' if pictured and post == 0 else ""
        body = f"<p>Post {post} of feed {number}.</p>{picture}{_body((number * 7 + post) % 60)}"
        items.append(
            f"<item><title>{number}: {post}</title><link>http://{place}/{number}/{post}</link>"
            f"<guid>{number}-{post}</guid><pubDate>{format_datetime(date)}</pubDate>"
            f"<description><![CDATA[{body}]]></description></item>"
        )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Feed {number}</title>'
        f"<link>http://{place}/{number}/</link>{''.join(items)}</channel></rss>"
    ).encode()


@cache
def _body(number: int) -> str:
    writer = Writer(number, 60)
    return writer.section(0) + writer.section(1)


@cache
def _picture() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise((640, 400), 40).save(out, "JPEG")
    return out.getvalue()


@cache
def _bomb() -> bytes:
    return gzip.compress(_TEN_MEGABYTES * 20, 9)


@contextmanager
def served(world: World) -> Iterator[World]:
    """Run the server in a thread; gives the world with its port. What is measured is another process."""
    server, loop = _Server(world), asyncio.new_event_loop()
    hosts = [_CONTROL, _SLOW_HOST, *(_host(number) for number in range(world.slow, world.count))]

    async def listen() -> list[asyncio.Server]:
        first = await asyncio.start_server(server.serve, hosts[0], 0)
        return [first, await asyncio.start_server(server.serve, hosts[1:], _port(first))]

    _bomb()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    try:
        yield replace(world, port=_port(listening[0]))
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


async def _end(listening: list[asyncio.Server]) -> None:
    """Close the servers and end what is being answered."""
    for server in listening:
        server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def seen(world: World) -> Counter[str]:
    """Return what the server was asked for since it was last asked this: ``conditional /7/feed`` → 1."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(f"http://{_CONTROL}:{world.port}/seen") as answer:
        return Counter(json.load(answer))


def unnamed(world: World, report: str) -> list[str]:
    """Return the faulty feeds that no line of a report names with their cause."""
    lines = report.splitlines()
    return [
        f"{kind}: {address}"
        for address, kind in world.faulty.items()
        if not any(address in line and FAULTS[kind] in line for line in lines)
    ]


def _configured(world: World, folder: Path) -> Path:
    """Write a configuration with all feeds."""
    sources = "".join(f'[[edition.all.source]]\naddress = "{address}"\n' for address in world.addresses)
    file = folder / "feed2book.toml"
    file.write_text(f'data = "data"\n[edition.all]\nperiod = "7d"\n{sources}', encoding="utf-8")
    return file


def measure(world: World) -> None:
    """Run twice; print how long it took, how much memory the largest process had, what was asked for.

    Raises:
        SystemExit: a fault is not named.
    """
    with tempfile.TemporaryDirectory() as name, served(world) as world:
        folder, log = Path(name), Path(name) / "log"
        os.environ |= {
            "FEED2BOOK_CACHE": str(folder / "cache"),
            "SOURCE_DATE_EPOCH": str(int(NOW.timestamp())),
        }
        words = [sys.executable, "-m", "feed2book", "run", "-v", "--config", _configured(world, folder)]
        print(
            f"{world.count} feeds, {len(world.faulty)} faulty; the slow host's share is {world.share:.0f} s"
        )
        for what in ("first run", "second run"):
            _show(what, timed(words, log, expected=3), world)
            if missing := unnamed(world, log.read_text()):
                raise SystemExit("not named in the report:\n" + "\n".join(missing))
        print(log.read_text().splitlines()[-1])


def _show(what: str, run: Run, world: World) -> None:
    asked = Counter[str]()
    for line, times in seen(world).items():
        kind, path = line.split()
        asked[f"{kind} {path.rpartition('/')[2]}"] += times
    requests = ", ".join(f"{times} {kind}" for kind, times in sorted(asked.items()))
    numbers = f"{run.seconds:6.1f} s ({run.seconds / world.share:.1f} shares), {run.cpu:.1f} s of CPU"
    print(f"{what:<10} {numbers}, {run.megabytes:.0f} MB; {requests}", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.feeds", description=__doc__)
    parser.add_argument("--feeds", type=int, default=500, help="how many (%(default)s)")
    parser.add_argument("--slow", type=int, default=24, help="how many on the slow host (%(default)s)")
    parser.add_argument("--pace", type=float, default=2.5, help="seconds of the slow host (%(default)s)")
    options = parser.parse_args()
    measure(World(options.feeds, options.slow, options.pace))


if __name__ == "__main__":
    main()
