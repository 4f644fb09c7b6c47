"""Make the book of what was gathered: pictures, binding, cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Unpack

from feed2book.errors import Code, Feed2BookError, FetchError
from feed2book.models import (
    Article,
    Asset,
    Book,
    Failure,
    Job,
    Notice,
    Record,
    RenderOptions,
    Response,
)
from feed2book.pipeline.gathering import Choose, gather
from feed2book.pipeline.reading import trusted_hosts
from feed2book.pipeline.run import Run, RunOptions, started
from feed2book.store import Shelf

if TYPE_CHECKING:
    from feed2book.book import Missing
    from feed2book.fetch import Fetcher


_DECODED = 5  # pictures in memory at a time


@dataclass(frozen=True, slots=True)
class Made:
    """A book (None: no post was wanted), and what fell short on the way."""

    book: Book | None
    notices: tuple[Notice, ...] = ()
    failures: tuple[Failure, ...] = ()


def make_book(job: Job, now: datetime, **options: Unpack[RunOptions]) -> Made:
    """Gather the articles, fetch their pictures, bind them and draw the cover; see :func:`make_epub`.

    Raises:
        Feed2BookError: not one source could be read.
    """
    with started(job, **options) as run:
        return book_of(run, now)


def book_of(run: Run, now: datetime, record: Record | None = None, choose: Choose | None = None) -> Made:
    """Make the book of a run, or bring the one up to date that ``record`` tells of; see :func:`gather`."""
    from feed2book.book import adds_nothing, bind, settle
    from feed2book.fetch import Fetcher

    job = run.job
    with Fetcher(job.fetch, hosts=run.hosts) as fetcher:
        gathered = gather(run, fetcher, record, choose)
        if gathered.plan.nothing_new:
            return Made(None, (*fetcher.notices, *gathered.notices), gathered.failures)
        pictures = _pictures(gathered.articles, fetcher, run)
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
        book = replace(book, cover=cover_of(book, job.render))
    return Made(book, (*said, *notices), gathered.failures)


def _pictures(
    articles: Sequence[Article], fetcher: Fetcher, run: Run
) -> dict[tuple[str, ...], Asset | Missing]:
    """Fetch each picture once, make it ready (Pillow lets go of the GIL), and lay it into a file.

    Those of a post that is as it was in an earlier run are in the cache, and no server is asked for them.
    Decoded, a picture is large: few at a time are.
    """
    from feed2book.book import Missing, make_asset

    most = run.job.fetch.max_post_images
    wanted = list(dict.fromkeys(image.urls for article in articles for image in article.images[:most]))
    if not wanted:
        return {}
    beyond = Missing(f"its post has more than {most}")
    pictures: dict[tuple[str, ...], Asset | Missing] = {
        image.urls: beyond for article in articles for image in article.images[most:]
    }
    known = Shelf(run.store, bool)
    names = {known.name(one.digest, [image.urls for image in one.images]): one for one in articles}
    new = [one for name, one in names.items() if not known.get(name)]
    table = BoundedSemaphore(_DECODED)

    def ready(response: Response) -> Asset | Missing:
        with table:
            made = make_asset(response.body, response.url, run.job.render.device)
        if isinstance(made, Asset):
            return replace(made, blob=run.spool.keep(made.blob))
        if made.silent:
            return made
        raise FetchError(made.reason)  # perhaps another of its addresses gives the picture

    fetched = fetcher.images(
        wanted,
        ready,
        trusted=trusted_hosts(run.job),
        fresh={url for one in new for image in one.images for url in image.urls},
        progress=lambda done, total: run.progress("images", done, total),
    )
    for name in names:
        known.put(name, True)
    pictures.update(
        (urls, Missing(found.message) if isinstance(found, Feed2BookError) else found)
        for urls, found in fetched.items()
    )
    return pictures


def _detected(articles: Sequence[Article]) -> str:
    """The language of the text as a whole, where each post alone was too short to tell."""
    if any(article.language for article in articles):
        return ""
    from feed2book.article import detect_language

    return detect_language(" ".join(f"{article.title} {article.excerpt}" for article in articles))


def cover_of(book: Book, options: RenderOptions) -> Asset:
    """Return the cover of a book: its title, its feed, the dates and titles of its newest posts."""
    from feed2book.book import make_cover
    from feed2book.render.templating import words_of

    names = [part.title for part in book.parts if part.title != book.title]
    subtitle = names[0] if len(names) == 1 else book.subtitle
    latest = sorted(book.articles, key=lambda article: str(article.entry.date or ""), reverse=True)[:5]
    titles = [article.title for article in book.articles if article in latest]
    period = words_of(book.language, options.templates).period(book)
    return make_cover(book.title, subtitle, period, titles, book.identifier, book.language, options.device)
