"""Measure feed2book: each stage, and each output as a process of its own. Prints medians of a few runs."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter
from urllib.parse import urlsplit

from bench import posts
from feed2book.models import FetchOptions

ENDINGS = {"epub": "epub", "pdf": "pdf", "digest": "eml"}
MOST_PHOTOGRAPHED = FetchOptions().max_images // posts.PHOTOGRAPHS
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Memory is the peak of the largest process, ``cpu`` the seconds of all of them; size that of the file, in
    bytes; ``pages`` how many it has.
    """

    posts: int
    what: str
    seconds: float
    megabytes: float
    size: int = 0
    cpu: float = 0.0
    pages: int = 0


@dataclass(frozen=True)
class Run:
    """How long a program ran and processors worked, in seconds; the peak of its largest process, in MB."""

    seconds: float
    megabytes: float
    cpu: float


def timed(words: Sequence[object], log: Path, expected: int = 0) -> Run:
    """Run a program, and wait for all processes that it starts.

    Args:
        words: the program, and what it is told.
        log: a file for what it says.
        expected: its exit code.

    Raises:
        SystemExit: it ended otherwise; the message is what it said.
    """
    _adopt()
    with log.open("w") as said:
        started = perf_counter()
        process = subprocess.Popen(
            [str(word) for word in words], stdout=said, stderr=subprocess.STDOUT, cwd=ROOT
        )
        _, status, usage = os.wait4(process.pid, 0)  # this child's own peak, not that of all before it
        seconds = perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected:
        raise SystemExit(
            f"{' '.join(map(str, words))[:200]}: exit {process.returncode}\n{log.read_text()[-2000:]}"
        )
    usages = [usage, *_left_behind()]
    return Run(
        seconds,
        max(one.ru_maxrss for one in usages) / 1024,
        sum(one.ru_utime + one.ru_stime for one in usages),
    )


@cache
def _adopt() -> None:
    """Become the parent of those whose parent ends (Linux): the processes of a pool, by way of its server."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def _left_behind() -> Iterator[resource.struct_rusage]:
    """Wait for those that a program left behind; yield what they used."""
    while True:
        try:
            yield os.wait4(-1, 0)[2]
        except ChildProcessError:
            return


class Bench:
    """The measurements, in a folder that is thrown away."""

    def __init__(self, folder: Path, repeat: int) -> None:
        self.folder, self.repeat = folder, repeat
        self.cache = folder / "cache"
        os.environ["FEED2BOOK_CACHE"] = str(self.cache)
        # Our modules are compiled once, as those of an installed program are.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")

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
        seconds, megabytes, cpu = (
            median(getattr(run, unit) for run in runs) for unit in ("seconds", "megabytes", "cpu")
        )
        pages = _pages(target) if target.suffix == ".pdf" else 0
        return Row(count, what, seconds, megabytes, target.stat().st_size, cpu, pages)

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

    def paper(self, count: int) -> Iterator[Row]:
        """Measure a PDF made by one process and by two, again, after a new post; and what others take."""
        feed, target, known = (self.folder / name for name in ("grown.xml", "book.pdf", "known"))
        words = [sys.executable, "-m", "feed2book", "pdf", feed, "-q", "-o", target, "--jobs"]
        feed.write_text(posts.feed(count), encoding="utf-8")
        yield self.whole(count, "pdf, one process", [*words, 1], target)
        yield self.whole(count, "pdf, two processes", [*words, 2], target)
        shutil.rmtree(known, ignore_errors=True)
        self.cache.rename(known)
        yield self.whole(count, "pdf, nothing new", [*words, 2], target, known)
        feed.write_text(posts.feed(count, new=1), encoding="utf-8")
        yield self.whole(count + 1, "pdf, one post new", [*words, 2], target, known)

    def others(self, count: int) -> Iterator[Row]:
        """Measure WeasyPrint by itself on a document of some 350 pages, and Chromium on all posts."""
        target = self.folder / "others.pdf"
        started = [sys.executable, "-m", "bench.printing"]
        row = self.whole(24, "WeasyPrint alone", [*started, "weasyprint", 24, target], target)
        cpu = json.loads((self.folder / "log").read_text())["cpu"]
        yield replace(row, cpu=cpu)
        browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
        if browser and count <= 100:
            page = self.folder / "page.html"
            timed([*started, "html", count, page], self.folder / "log")
            words = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
            words += [f"--user-data-dir={self.folder / 'browser'}", f"--print-to-pdf={target}", page.as_uri()]
            yield self.whole(count, "Chromium prints", words, target)

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


def _pages(path: Path) -> int:
    import pikepdf

    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


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
        if options.paper and count <= options.pdf_up_to:
            yield from bench.paper(count)
            yield from bench.others(count)
        if options.photos and count <= MOST_PHOTOGRAPHED:
            yield from bench.photographs(count)


def show(row: Row) -> None:
    """Print one line of the table."""
    size = f"{row.size / 1e6:10.1f}" if row.size else ""
    speed = f"{row.pages:8,} {row.pages / row.cpu:11.1f}" if row.pages and row.cpu else ""
    numbers = f"{row.seconds:9.2f} {row.megabytes:9.0f} {size:>10} {speed}"
    print(f"{row.posts:6,}  {row.what:<20} {numbers}".rstrip(), flush=True)


def main() -> None:
    """Measure, print, and write JSON if wanted."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[7, 100, 1000], help="how many posts")
    parser.add_argument(
        "--kind", choices=posts.KINDS, default=posts.KINDS[0], help="what the posts are like (%(default)s)"
    )
    parser.add_argument(
        "--pdf-up-to", type=int, default=100, metavar="N", help="no PDF beyond N posts (%(default)s)"
    )
    parser.add_argument(
        "--photos",
        action="store_true",
        help=f"also with three photographs of 1600×1000 in each post, up to {MOST_PHOTOGRAPHED} posts",
    )
    parser.add_argument(
        "--rebuild", action="store_true", help="also the book made again after one new post, the cache warm"
    )
    parser.add_argument(
        "--paper",
        action="store_true",
        help="also PDFs by one process, by two, again, after a new post; WeasyPrint and Chromium too",
    )
    parser.add_argument(
        "--repeat", type=int, default=3, help="runs that the median is taken of (%(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there, too")
    options = parser.parse_args()
    os.environ[posts.KIND] = options.kind
    with tempfile.TemporaryDirectory() as folder:
        print(
            f" posts  {'what':<20} {'seconds':>9} {'peak MB':>9} {'file MB':>10} {'pages':>8} {'a CPU s':>11}"
        )
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
