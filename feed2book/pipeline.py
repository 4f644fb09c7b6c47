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

from feed2book.errors import Code, Feed2BookError, FeedError, SourcesError
from feed2book.models import (
    Article,
    Artifact,
    Asset,
    Book,
    Entry,
    Failure,
    Feed,
    Job,
    Notice,
    RenderOptions,
    Report,
)
from feed2book.spool import DiskSpool
from feed2book.store import Shelf, Store
from feed2book.workers import Workers

if TYPE_CHECKING:
    from feed2book.article import Cleaner, Task
    from feed2book.book import Missing
    from feed2book.fetch import Fetcher

Progress = Callable[[str, int, int], None]
"""Called with a stage (``feeds``, ``posts``, ``images``, ``render``), how many are done, and of how many."""

_LEAST_WORK = 1_500_000
"""Characters of markup for which processes are started: they then save more than their start costs."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The cleaned articles of each feed, and what fell short on the way."""

    feeds: tuple[tuple[Feed, tuple[Article, ...]], ...]
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
        The book, and a report with one artifact (none when no post was wanted).

    Raises:
        Feed2BookError: no source could be read, or the book could not be written.
    """
    from feed2book.render.epub import render_epub
    from feed2book.render.zipping import Packed

    def render(book: Book, tools: _Tools) -> Artifact:
        return render_epub(book, job.render, tools.spool, Shelf(tools.store, Packed))

    with _tools(job, executor) as tools:
        return _make(job, now, stdin, progress, tools, render)


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

    with _tools(job, executor) as tools:
        return _make(job, now, stdin, progress, tools, lambda book, _: render_pdf(book, job.render))


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

    def render(book: Book, _: _Tools) -> Artifact:
        return render_digest(book, job.render, sender=sender, recipient=recipient)

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

    with _tools(job, executor) as tools:
        return _make(job, now, stdin, progress, tools, lambda book, _: render_digest_html(book, job.render))


def gather(
    job: Job, fetcher: Fetcher, tools: _Tools, *, stdin: bytes = b"", progress: Progress = _quiet
) -> Gathered:
    """Fetch and read the sources, choose the posts, clean them.

    Raises:
        Feed2BookError: not one source could be read; the first one's error.
    """
    from feed2book.book import select

    feeds, failures = _read_sources(job, fetcher, tools, stdin, progress)
    selected, notices = select(feeds, job.book)
    gathered = _clean(selected, job, tools, progress)
    said = [notice for feed in feeds for notice in feed.notices]
    said += [notice for _, found in gathered for article in found for notice in article.notices]
    return Gathered(gathered, (*said, *notices), failures)


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


def _make_book(job: Job, now: datetime, stdin: bytes, progress: Progress, tools: _Tools) -> Made:
    from feed2book.book import bind
    from feed2book.fetch import Fetcher

    with Fetcher(job.fetch) as fetcher:
        gathered = gather(job, fetcher, tools, stdin=stdin, progress=progress)
        if not gathered.feeds:
            return Made(None, (*fetcher.notices, *gathered.notices), gathered.failures)
        pictures = _pictures(gathered.articles, fetcher, job, tools.spool, progress)
        said = (*fetcher.notices, *gathered.notices)
    book, notices = bind(gathered.feeds, pictures, job.book, now, _detected(gathered.articles))
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


@contextmanager
def _tools(job: Job, executor: Executor | None) -> Iterator[_Tools]:
    place = job.fetch.cache_dir
    with (
        Store(place) as store,
        Workers(job.jobs, executor, preload=("feed2book.article.cleaner",)) as workers,
    ):
        yield _Tools(workers, store, DiskSpool(place))


def _make(
    job: Job,
    now: datetime,
    stdin: bytes,
    progress: Progress,
    tools: _Tools,
    render: Callable[[Book, _Tools], Artifact],
) -> tuple[Made, Report]:
    made = _make_book(job, now, stdin, progress, tools)
    if made.book is None:
        return made, Report((), made.notices, made.failures)
    progress("render", 0, 1)
    artifact = render(made.book, tools)
    progress("render", 1, 1)
    return made, Report((artifact,), made.notices, made.failures)


def _clean(
    selected: Sequence[tuple[Feed, tuple[Entry, ...]]], job: Job, tools: _Tools, progress: Progress
) -> tuple[tuple[Feed, tuple[Article, ...]], ...]:
    """Clean every entry; all of them know each other's addresses beforehand."""
    from feed2book.article import Cleaner, Ends, Task, address_book, article_keys, ends, repeated_blocks

    pairs = [(feed, entry) for feed, entries in selected for entry in entries]
    keys = article_keys([(feed.home or feed.url, entry) for feed, entry in pairs])
    told = Shelf(tools.store, Ends)
    cleaner = Cleaner(
        address_book([(key, entry) for key, (_, entry) in zip(keys, pairs, strict=True)]),
        {feed.url: repeated_blocks(told.made(ends, entry) for entry in feed.entries) for feed, _ in selected},
        images=job.book.images,
    )
    tasks = [
        Task(key, entry, feed.url, feed.language) for key, (feed, entry) in zip(keys, pairs, strict=True)
    ]
    cleaned = []
    for task, article in zip(tasks, _cleaned(cleaner, tasks, tools), strict=True):
        cleaned.append(replace(article, entry=task.entry))
        progress("posts", len(cleaned), len(pairs))
    remaining = iter(cleaned)
    return tuple((feed, tuple(islice(remaining, len(entries)))) for feed, entries in selected)


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
