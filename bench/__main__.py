"""Measure feed2book: each stage, and each output as a process of its own. Prints medians of a few runs."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter
from urllib.parse import urlsplit

from bench import posts

ENDINGS = {"epub": "epub", "pdf": "pdf", "digest": "eml"}
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Row:
    """One line of the table. Memory is the peak of the first process; size that of the file, in bytes."""

    posts: int
    what: str
    seconds: float
    megabytes: float
    size: int = 0


def timed(words: Sequence[object], log: Path) -> tuple[float, float]:
    """Run a program; return its seconds and its peak memory in MB.

    Raises:
        SystemExit: it failed; the message is what it said.
    """
    with log.open("w") as said:
        started = perf_counter()
        process = subprocess.Popen(
            [str(word) for word in words], stdout=said, stderr=subprocess.STDOUT, cwd=ROOT
        )
        _, status, usage = os.wait4(process.pid, 0)  # this child's own peak, not that of all before it
        seconds = perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(
            f"{' '.join(map(str, words))[:200]}: exit {process.returncode}\n{log.read_text()[-2000:]}"
        )
    return seconds, usage.ru_maxrss / 1024


class Bench:
    """The measurements, in a folder that is thrown away."""

    def __init__(self, folder: Path, repeat: int) -> None:
        self.folder, self.repeat = folder, repeat
        self.cache = folder / "cache"
        os.environ["FEED2BOOK_CACHE"] = str(self.cache)

    def whole(
        self, count: int, what: str, words: Sequence[object], target: Path, known: Path | None = None
    ) -> Row:
        """Measure one program that writes ``target``. Each run begins without a cache, or with ``known``."""
        runs = []
        for _ in range(self.repeat):
            shutil.rmtree(self.cache, ignore_errors=True)
            if known:
                shutil.copytree(known, self.cache)
            runs.append(timed(words, self.folder / "log"))
        seconds, megabytes = (median(run[i] for run in runs) for i in (0, 1))
        return Row(count, what, seconds, megabytes, target.stat().st_size)

    def stages(self, count: int, feed: Path) -> Iterator[Row]:
        """Measure the stages of a book, in a process of their own."""
        runs = []
        for _ in range(self.repeat):
            timed([sys.executable, "-m", "bench.stages", feed], self.folder / "log")
            runs.append(json.loads((self.folder / "log").read_text()))
        for stage in runs[0]:
            seconds, megabytes = (
                median(run[stage][unit] for run in runs) for unit in ("seconds", "megabytes")
            )
            yield Row(count, f"  {stage}", seconds, megabytes)

    def output(self, count: int, command: str, source: str | Path, note: str = "") -> Row:
        """Measure one command, whole: start, reading, writing."""
        target = self.folder / f"book.{ENDINGS[command]}"
        words = [sys.executable, "-m", "feed2book", command, source, "-q", "-o", target]
        return self.whole(count, command + note, words, target)

    def rebuild(self, count: int) -> Row:
        """Measure an EPUB after one new post: all others were in the book that was made before."""
        feed, target, known = (self.folder / name for name in ("grown.xml", "book.epub", "known"))
        words = [sys.executable, "-m", "feed2book", "epub", feed, "-q", "-o", target]
        feed.write_text(posts.feed(count), encoding="utf-8")
        shutil.rmtree(self.cache, ignore_errors=True)
        timed(words, self.folder / "log")
        shutil.rmtree(known, ignore_errors=True)
        self.cache.rename(known)
        feed.write_text(posts.feed(count, new=1), encoding="utf-8")
        return self.whole(count + 1, "epub, one post new", words, target, known)

    def photographs(self, count: int) -> Iterator[Row]:
        """Measure an EPUB with photographs from a server on loopback, and how long it takes to fetch them."""
        with _served(count) as source:
            place = source.removesuffix("/feed")
            wanted = [url for number in range(count) for url in posts.places(number, place)]
            log = self.folder / "urls"
            log.write_text("\n".join(wanted), encoding="utf-8")
            yield self.whole(count, "  fetching alone", [sys.executable, "-m", "bench.fetching", log], log)
            yield self.output(count, "epub", source, ", photographs")

    def pandoc(self, count: int) -> Row:
        """Measure pandoc on the same posts, each a file."""
        pages = []
        for number, page in enumerate(posts.pages(count)):
            path = self.folder / f"page-{number:04}.html"
            path.write_text(page, encoding="utf-8")
            pages.append(path)
        target = self.folder / "pandoc.epub"
        words = ["pandoc", "--from=html", "--to=epub3", "--metadata=title:Bench", "-o", target, *pages]
        return self.whole(count, "pandoc → epub", words, target)


@cache
def _photograph(number: int) -> bytes:
    return posts.photograph(number)


class _Photographs(BaseHTTPRequestHandler):
    """Serves the feed with photographs, and the photographs."""

    protocol_version = "HTTP/1.1"
    feed = b""

    def do_GET(self) -> None:
        name = urlsplit(self.path).path.strip("/")
        is_picture = name.endswith(".jpg")
        body = _photograph(int(name.removesuffix(".jpg"))) if is_picture else self.feed
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg" if is_picture else "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        pass


@contextmanager
def _served(count: int) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Photographs) as server:
        base = f"http://127.0.0.1:{server.server_port}"
        _Photographs.feed = posts.feed(count, base).encode()
        for number in range(count * posts.PHOTOGRAPHS):
            _photograph(number)
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"{base}/feed"
        server.shutdown()


def measure(bench: Bench, options: argparse.Namespace) -> Iterator[Row]:
    """Measure all that was asked for, the small first."""
    for count in sorted(options.sizes):
        feed = bench.folder / f"feed-{count}.xml"
        feed.write_text(posts.feed(count), encoding="utf-8")
        yield from bench.stages(count, feed)
        for command in ("epub", "digest", "pdf"):
            if command != "pdf" or count <= options.pdf_up_to:
                yield bench.output(count, command, feed)
        if count == 100 and shutil.which("pandoc"):
            yield bench.pandoc(count)
        if options.rebuild:
            yield bench.rebuild(count)
        if options.photos:
            yield from bench.photographs(count)


def show(row: Row) -> None:
    """Print one line of the table."""
    size = f"{row.size / 1e6:10.1f}" if row.size else ""
    print(f"{row.posts:6,}  {row.what:<20} {row.seconds:9.2f} {row.megabytes:9.0f} {size}", flush=True)


def main() -> None:
    """Measure, print, and write JSON if wanted."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[7, 100, 1000], help="how many posts")
    parser.add_argument(
        "--pdf-up-to", type=int, default=100, metavar="N", help="no PDF beyond N posts (%(default)s)"
    )
    parser.add_argument(
        "--photos", action="store_true", help="also with three photographs of 1600×1000 in each post"
    )
    parser.add_argument(
        "--rebuild", action="store_true", help="also the book made again after one new post, the cache warm"
    )
    parser.add_argument(
        "--repeat", type=int, default=3, help="runs that the median is taken of (%(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(f" posts  {'what':<20} {'seconds':>9} {'peak MB':>9} {'file MB':>10}")
        rows = []
        for row in measure(Bench(Path(folder), options.repeat), options):
            show(row)
            rows.append(row)
    ours = next((row.seconds for row in rows if (row.posts, row.what) == (100, "epub")), None)
    theirs = next((row.seconds for row in rows if row.what.startswith("pandoc")), None)
    if ours and theirs:
        times = f"feed2book {ours:.2f} s, pandoc {theirs:.2f} s"
        print(f"100 posts to EPUB: {times} ({theirs / ours:.1f} times that)")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
