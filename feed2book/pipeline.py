"""The only wiring: fetch the feed → clean each article → bind the book → render it. One function a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from feed2book.errors import Code, Feed2BookError, FeedError, SourcesError, UsageError
from feed2book.models import (
    Article,
    Artifact,
    Asset,
    Book,
    Device,
    Entry,
    Failure,
    Feed,
    Finding,
    Job,
    Notice,
    Record,
    RenderOptions,
    Report,
)
from feed2book.spool import DiskSpool
from feed2book.store import Shelf, Store
from feed2book.workers import Workers

if TYPE_CHECKING:
    from feed2book.article import Cleaner, Task
    from feed2book.book import Missing, Plan
    from feed2book.fetch import Fetcher

Progress = Callable[[str, int, int], None]
"""Called with a stage (``feeds``, ``posts``, ``images``, ``render``), how many are done, and of how many."""

_LAYS_OUT = ("feed2book.render.pdf_warm",)
"""What a process has loaded that lays out a part of a PDF. All processes of a run are forked from one."""

_LEAST_WORK = 1_500_000
"""Characters of markup for which processes are started: they then save more than their start costs."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The cleaned articles of each feed, and what fell short on the way."""

    feeds: tuple[tuple[Feed, tuple[Article, ...]], ...]
    plan: Plan
    notices: tuple[Notice, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles in reading order."""
        return tuple(article for _, articles in self.feeds for article in articles)


@dataclass(frozen=True, slots=True)
class _Tools:
    """What a run works with: processes, the memory of earlier runs, and room for what is large."""

    workers: Workers
    store: Store
    spool: DiskSpool


@dataclass(frozen=True, slots=True)
class Made:
    """A book (None: no post was wanted), and what fell short on the way."""

    book: Book | None
    notices: tuple[Notice, ...] = ()
    failures: tuple[Failure, ...] = ()


def _quiet(stage: str, done: int, total: int) -> None:
    """Show no progress."""


def make_epub(
    job: Job,
    now: datetime,
    *,
    stdin: bytes = b"",
    progress: Progress = _quiet,
    executor: Executor | None = None,
) -> tuple[Made, Report]:
    """Make an EPUB of the job's sources.

    Args:
        job: what to make.
        now: the time that goes into the book, UTC.
        stdin: what a source ``-`` stands for.
        progress: told how far each stage is.
        executor: where the work on single posts is done, in the place of ``job.jobs`` processes. The book
            is the same.

    Returns:
        The book, and a report with one artifact (none when no post was wanted; one for each volume when the
        device does not take the whole book).

    Raises:
        Feed2BookError: no source could be read, or the book could not be written.
    """
    with _tools(job, executor) as tools:
        made, report = _make(job, now, stdin, progress, tools, lambda book, tools: _epubs(book, job, tools))
    return made, _weighed(report, job.render.device)


def make_pdf(
    job: Job,
    now: datetime,
    *,
    stdin: bytes = b"",
    progress: Progress = _quiet,
    executor: Executor | None = None,
) -> tuple[Made, Report]:
    """Make a PDF of the job's sources; see :func:`make_epub`."""
    from feed2book.render.pdf import render_pdf
    from feed2book.render.pdf_page import page_of

    page_of(job.render)  # what is wrong with the options is told before anything is fetched

    said: list[Notice] = []

    def render(book: Book, tools: _Tools) -> tuple[Artifact, ...]:
        with _each_alone(job, executor) as processes:
            made = render_pdf(
                book,
                job.render,
                tools.spool,
                executor=processes,
                shelf=Shelf(tools.store, bytes),
                tell=said.append,
                progress=lambda done, total: progress("render", done, total),
            )
        return (made,)

    with _tools(job, executor, _LAYS_OUT) as tools:
        made, report = _make(job, now, stdin, progress, tools, render)
    return made, replace(report, notices=(*report.notices, *said))


def make_digest(
    job: Job,
    now: datetime,
    *,
    sender: str,
    recipient: str,
    stdin: bytes = b"",
    progress: Progress = _quiet,
    executor: Executor | None = None,
) -> tuple[Made, Report]:
    """Make a digest mail (``.eml``) of the job's sources; see :func:`make_epub`."""
    from feed2book.render.email import render_digest

    def render(book: Book, _: _Tools) -> tuple[Artifact, ...]:
        return (render_digest(book, job.render, sender=sender, recipient=recipient),)

    with _tools(job, executor) as tools:
        return _make(job, now, stdin, progress, tools, render)


def make_digest_page(
    job: Job,
    now: datetime,
    *,
    stdin: bytes = b"",
    progress: Progress = _quiet,
    executor: Executor | None = None,
) -> tuple[Made, Report]:
    """Make the digest as one self-contained HTML page; see :func:`make_epub`."""
    from feed2book.render.email import render_digest_html

    def render(book: Book, _: _Tools) -> tuple[Artifact, ...]:
        return (render_digest_html(book, job.render),)

    with _tools(job, executor) as tools:
        return _make(job, now, stdin, progress, tools, render)


def update_epub(
    job: Job,
    older: Path,
    now: datetime,
    *,
    stdin: bytes = b"",
    progress: Progress = _quiet,
    executor: Executor | None = None,
) -> tuple[Made, Report]:
    """Bring an EPUB of ours up to date; see :func:`make_epub`.

    Posts that are new come in, those that the feed has changed are made anew, all others stay as they are,
    whether the feed still has them or not. Identifier, title and series stay.

    Args:
        job: what to make; no ``order`` means that of the older book.
        older: the book. It is only read.
        now: the time that goes into the book, UTC.
        stdin: what a source ``-`` stands for.
        progress: told how far each stage is.
        executor: as for :func:`make_epub`.

    Returns:
        The book, and a report with one artifact (none when nothing is new).

    Raises:
        UsageError: the file is not an EPUB of ours, or it is damaged.
        Feed2BookError: no source could be read, or the book could not be written.
    """
    from feed2book.book import order_of
    from feed2book.render.epub import render_epub
    from feed2book.render.epub_older import open_older

    with open_older(older) as found, _tools(job, executor) as tools:
        device = job.render.device.name
        if device != found.record.device:
            message = f"this book was made for {found.record.device}, not for {device}"
            remedy = f"say --device {found.record.device}, or make the book anew without --update"
            raise UsageError(message, where=str(older), remedy=remedy)
        order = job.book.order or order_of(found.record)
        job = replace(job, book=replace(job.book, order=order))
        made, report = _make(
            job,
            now,
            stdin,
            progress,
            tools,
            lambda book, tools: (render_epub(book, job.render, tools.spool, found),),
            found.record,
        )
    return made, _weighed(report, job.render.device)


def gather(
    job: Job,
    fetcher: Fetcher,
    tools: _Tools,
    *,
    stdin: bytes = b"",
    progress: Progress = _quiet,
    record: Record | None = None,
) -> Gathered:
    """Fetch and read the sources, choose the posts, clean them; those of ``record`` that stay are clean.

    Raises:
        Feed2BookError: not one source could be read; the first one's error.
    """
    from feed2book.book import plan_anew, plan_update, select
    from feed2book.render.epub_record import look

    feeds, failures = _read_sources(job, fetcher, tools, stdin, progress)
    selected, notices = select(feeds, job.book)
    plan = plan_update(selected, record, job.book, look(job.render)) if record else plan_anew(selected)
    gathered = _clean(plan, job, tools, progress)
    said = [notice for feed in feeds for notice in feed.notices]
    said += [notice for _, found in gathered for article in found for notice in article.notices]
    return Gathered(gathered, plan, (*said, *notices, *plan.notices), failures)


def outline(job: Job, *, stdin: bytes = b"", progress: Progress = _quiet) -> Gathered:
    """Gather the articles and fetch no picture: what would go into the book.

    Raises:
        Feed2BookError: not one source could be read.
    """
    from feed2book.fetch import Fetcher

    with Fetcher(job.fetch) as fetcher, _tools(job, None) as tools:
        gathered = gather(job, fetcher, tools, stdin=stdin, progress=progress)
        return replace(gathered, notices=(*fetcher.notices, *gathered.notices))


def make_book(
    job: Job,
    now: datetime,
    *,
    stdin: bytes = b"",
    progress: Progress = _quiet,
    executor: Executor | None = None,
) -> Made:
    """Gather the articles, fetch their pictures, bind them and draw the cover; see :func:`make_epub`.

    Raises:
        Feed2BookError: not one source could be read.
    """
    with _tools(job, executor) as tools:
        return _make_book(job, now, stdin, progress, tools)


def _make_book(
    job: Job,
    now: datetime,
    stdin: bytes,
    progress: Progress,
    tools: _Tools,
    record: Record | None = None,
) -> Made:
    from feed2book.book import adds_nothing, bind, settle
    from feed2book.fetch import Fetcher

    with Fetcher(job.fetch) as fetcher:
        gathered = gather(job, fetcher, tools, stdin=stdin, progress=progress, record=record)
        if gathered.plan.nothing_new:
            return Made(None, (*fetcher.notices, *gathered.notices), gathered.failures)
        pictures = _pictures(gathered.articles, fetcher, job, tools.spool, progress)
        said = (*fetcher.notices, *gathered.notices)
    plan = gathered.plan
    book, notices = bind(gathered.feeds, pictures, job.book, now, _detected(gathered.articles), plan.kept)
    if record:
        book = settle(book, record, job.book, plan)
        if adds_nothing(book, record, plan):
            return Made(None, (*said, *notices), gathered.failures)
    if book.language == "und":
        message = "the language of this book is not known; say it with --language"
        notices = (*notices, Notice(Code.LANGUAGE_UNKNOWN, message, book.title))
    if job.book.cover:
        book = replace(book, cover=_cover(book, job.render))
    return Made(book, (*said, *notices), gathered.failures)


def save(artifact: Artifact, target: Path | BinaryIO) -> None:
    """Write the artifact to a file, whole or not at all, or to a stream.

    Raises:
        DeliveryError: it could not be written.
    """
    from feed2book.deliver import write_file, write_stdout

    if isinstance(target, Path):
        write_file(artifact.blob, target)
    else:
        write_stdout(artifact.blob, target)


def check_file(path: Path, device: Device, *, epubcheck: bool = True) -> tuple[str, tuple[Finding, ...]]:
    """Check a finished file; see :func:`feed2book.check.check_file`."""
    from feed2book.check import check_file as check

    return check(path, device, epubcheck=epubcheck)


def epubcheck_absent() -> str:
    """Say in one line why EPUBCheck cannot run and what to install, ``""`` if it can."""
    from feed2book.check import epubcheck_absent as absent

    return absent()


@contextmanager
def _tools(job: Job, executor: Executor | None, preload: tuple[str, ...] = ()) -> Iterator[_Tools]:
    place = job.fetch.cache_dir
    with (
        Store(place) as store,
        Workers(job.jobs, executor, preload=("feed2book.article.cleaner", *preload)) as workers,
    ):
        yield _Tools(workers, store, DiskSpool(place))


@contextmanager
def _each_alone(job: Job, executor: Executor | None) -> Iterator[Executor | None]:
    """Give the caller's executor, or one that starts a process for each task; None where one is enough."""
    if executor or job.jobs == 1:
        yield executor
        return
    from feed2book.processes import FreshProcesses

    processes = FreshProcesses(job.jobs, _LAYS_OUT)
    try:
        yield processes
    finally:
        processes.shutdown(cancel_futures=True)


def _make(
    job: Job,
    now: datetime,
    stdin: bytes,
    progress: Progress,
    tools: _Tools,
    render: Callable[[Book, _Tools], tuple[Artifact, ...]],
    record: Record | None = None,
) -> tuple[Made, Report]:
    made = _make_book(job, now, stdin, progress, tools, record)
    if made.book is None:
        return made, Report((), made.notices, made.failures)
    progress("render", 0, 1)
    artifacts = render(made.book, tools)
    progress("render", 1, 1)
    return made, Report(artifacts, made.notices, made.failures)


def _epubs(book: Book, job: Job, tools: _Tools) -> tuple[Artifact, ...]:
    """Render the book in as many volumes as the device needs, each with its own cover."""
    from feed2book.book import volumes
    from feed2book.render.epub import render_epub
    from feed2book.render.naming import filename
    from feed2book.render.templating import words_of
    from feed2book.render.zipping import Packed

    known = Shelf(tools.store, Packed)
    device = job.render.device
    said = words_of(book.language, job.render.templates)
    cut = volumes(
        book, device.book_bytes, lambda number, total: str(said.say("volume", number=number, total=total))
    )
    if len(cut) == 1:
        return (render_epub(book, job.render, tools.spool, known=known),)
    name = filename(book, device.ending)
    made = []
    for number, volume in enumerate(cut, 1):
        cover = _cover(volume, job.render) if job.book.cover else None
        artifact = render_epub(replace(volume, cover=cover), job.render, tools.spool, known=known)
        made.append(replace(artifact, filename=numbered(name, number), volume=number))
    return tuple(made)


def numbered(name: str, number: int) -> str:
    """Return the file name of a volume: ``book.kepub.epub`` → ``book-2.kepub.epub``."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        return f"{name}-{number}"
    stem, kepub = (stem.removesuffix(".kepub"), ".kepub") if stem.endswith(".kepub") else (stem, "")
    return f"{stem}-{number}{kepub}{dot}{ending}"


def _weighed(report: Report, device: Device) -> Report:
    """Return the report with a notice for each file that the device may refuse for its size."""
    most = device.book_bytes or 0
    sizes = {artifact.filename: artifact.blob.size for artifact in report.artifacts}
    found = tuple(
        Notice(
            Code.BOOK_TOO_LARGE,
            f"it has {size / 1e6:.0f} MB, and {device.label} takes {most / 1e6:.0f} MB",
            name,
        )
        for name, size in sizes.items()
        if size > most > 0
    )
    return replace(report, notices=(*report.notices, *found))


def _clean(
    plan: Plan, job: Job, tools: _Tools, progress: Progress
) -> tuple[tuple[Feed, tuple[Article, ...]], ...]:
    """Clean every entry whose chapter is not kept; all of them know each other's addresses beforehand."""
    from feed2book.article import Cleaner, Ends, Task, address_book, article_keys, ends, repeated_blocks

    pairs = [(feed, entry) for feed, entries in plan.selected for entry in entries]
    keys = article_keys([(feed.home or feed.url, entry) for feed, entry in pairs], plan.keys)
    told = Shelf(tools.store, Ends)
    cleaner = Cleaner(
        address_book([(key, entry) for key, (_, entry) in zip(keys, pairs, strict=True)]),
        {
            feed.url: repeated_blocks(told.made(ends, entry) for entry in feed.entries)
            for feed, _ in plan.selected
        },
        images=job.book.images,
    )
    tasks = [
        Task(key, entry, feed.url, feed.language)
        for key, (feed, entry) in zip(keys, pairs, strict=True)
        if key not in plan.kept
    ]
    articles = {key: chapter.article for key, chapter in plan.kept.items()}
    for number, (task, article) in enumerate(zip(tasks, _cleaned(cleaner, tasks, tools), strict=True), 1):
        articles[task.key] = replace(article, entry=task.entry, digest=task.entry.digest)
        progress("posts", number, len(tasks))
    remaining = map(articles.__getitem__, keys)
    return tuple((feed, tuple(islice(remaining, len(entries)))) for feed, entries in plan.selected)


def _cleaned(cleaner: Cleaner, tasks: Sequence[Task], tools: _Tools) -> Iterator[Article]:
    """Yield the article of each task: those of earlier builds that still hold, and new ones."""
    from feed2book.article import Cleaned

    shelf = Shelf(tools.store, Cleaned)
    names = [shelf.name(task, cleaner.images, sorted(cleaner.repeated[task.feed])) for task in tasks]
    known = [found if (found := shelf.get(name)) and cleaner.holds(found) else None for name in names]
    new = [task for task, found in zip(tasks, known, strict=True) if found is None]
    worth = sum(len(task.entry.content) for task in new) > _LEAST_WORK
    made = tools.workers.map(cleaner, new, worth=worth)
    for name, found in zip(names, known, strict=True):
        if found is None:
            found = next(made)
            if not any(notice.code == Code.ARTICLE_DAMAGED for notice in found.article.notices):
                shelf.put(name, found)  # what went wrong (for want of memory, say) may go well next time
        yield found.article


def _read_sources(
    job: Job, fetcher: Fetcher, tools: _Tools, stdin: bytes, progress: Progress
) -> tuple[tuple[Feed, ...], tuple[Failure, ...]]:
    """Read all sources at once, keeping their order; one that fails does not stop the others."""
    known = Shelf(tools.store, Entry)

    def read(source: str) -> Feed | Feed2BookError:
        try:
            return _read(source, job, fetcher, stdin, known)
        except Feed2BookError as error:
            return error

    progress("feeds", 0, len(job.sources))
    outcomes: list[Feed | Feed2BookError] = []
    with ThreadPoolExecutor(max_workers=job.fetch.concurrency) as pool:
        try:
            for outcome in pool.map(read, job.sources):
                outcomes.append(outcome)
                progress("feeds", len(outcomes), len(job.sources))
        except BaseException:
            fetcher.close()  # wakes threads that wait on a host, so that Ctrl-C ends at once
            raise
    feeds = tuple(outcome for outcome in outcomes if isinstance(outcome, Feed))
    errors = [
        (source, error)
        for source, error in zip(job.sources, outcomes, strict=True)
        if isinstance(error, Feed2BookError)
    ]
    if not feeds:
        causes = tuple(error for _, error in errors)
        raise causes[0] if len(causes) == 1 else SourcesError(causes)
    return feeds, tuple(Failure(source, str(error)) for source, error in errors)


def _read(source: str, job: Job, fetcher: Fetcher, stdin: bytes, known: Shelf[Entry]) -> Feed:
    from feed2book.feed import find_feeds, looks_like_page, parse_feed

    response = fetcher.source(source, base=job.base, stdin=BytesIO(stdin))
    if not looks_like_page(response):
        try:
            return parse_feed(response, known)
        except FeedError as error:  # in the words that the user typed, not as file:///…
            raise FeedError(error.message, where=source, remedy=error.remedy) from error
    candidates = find_feeds(response)
    if not candidates:
        raise FeedError(
            "this is a web page, and it names no feed",
            where=source,
            remedy="give the address of the feed itself",
        )
    return parse_feed(fetcher.page(candidates[0], trusted=_trusted(job)), known)


def _trusted(job: Job) -> frozenset[str]:
    """The hosts (with port) that the user typed: these may be private ones."""
    places = (urlsplit(source) for source in (*job.sources, job.base) if "://" in source)
    return frozenset(place.netloc.rpartition("@")[2].lower() for place in places)


def _pictures(
    articles: Iterable[Article], fetcher: Fetcher, job: Job, spool: DiskSpool, progress: Progress
) -> dict[tuple[str, ...], Asset | Missing]:
    """Fetch each picture once, make it ready (Pillow lets go of the GIL), and lay it into a file."""
    from feed2book.book import Missing, make_asset
    from feed2book.models import Response

    wanted = list(dict.fromkeys(image.urls for article in articles for image in article.images))
    if not wanted:
        return {}

    def ready(response: Response) -> Asset | Missing:
        made = make_asset(response.body, response.url, job.render.device)
        return replace(made, blob=spool.keep(made.blob)) if isinstance(made, Asset) else made

    fetched = fetcher.images(
        wanted, ready, trusted=_trusted(job), progress=lambda done, total: progress("images", done, total)
    )
    return {
        urls: Missing(found.message) if isinstance(found, Feed2BookError) else found
        for urls, found in fetched.items()
    }


def _detected(articles: Sequence[Article]) -> str:
    """The language of the text as a whole, where each post alone was too short to tell."""
    if any(article.language for article in articles):
        return ""
    from feed2book.article import detect_language

    return detect_language(" ".join(f"{article.title} {article.excerpt}" for article in articles))


def _cover(book: Book, options: RenderOptions) -> Asset:
    from feed2book.book import make_cover
    from feed2book.render.templating import words_of

    names = [part.title for part in book.parts if part.title != book.title]
    subtitle = names[0] if len(names) == 1 else book.subtitle
    latest = sorted(book.articles, key=lambda article: str(article.entry.date or ""), reverse=True)[:5]
    titles = [article.title for article in book.articles if article in latest]
    period = words_of(book.language, options.templates).period(book)
    return make_cover(book.title, subtitle, period, titles, book.identifier, book.language, options.device)
