"""From a job to finished files: one function a recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Unpack

from feed2book.errors import Code, UsageError
from feed2book.models import Artifact, Book, Device, Finding, Job, MailOptions, Notice, Record, Report
from feed2book.pipeline.binding import Made, book_of, cover_of
from feed2book.pipeline.run import LAYS_OUT, Run, RunOptions, each_alone, started
from feed2book.store import Shelf

if TYPE_CHECKING:
    from feed2book.render.email_digest import Digest


def make_epub(job: Job, now: datetime, **options: Unpack[RunOptions]) -> tuple[Made, Report]:
    """Make an EPUB of the job's sources.

    Args:
        job: what to make.
        now: the time that goes into the book, UTC.
        **options: standard input, who is told of progress, who does the work; see :class:`RunOptions`.

    Returns:
        The book, and a report with one artifact (none when no post was wanted; one for each volume when the
        device does not take the whole book).

    Raises:
        Feed2BookError: no source could be read, or the book could not be written.
    """
    with started(job, **options) as run:
        made, report = _make(run, now, lambda book: epubs_of(book, run))
    return made, _weighed(report, job.render.device)


def make_pdf(job: Job, now: datetime, **options: Unpack[RunOptions]) -> tuple[Made, Report]:
    """Make a PDF of the job's sources; see :func:`make_epub`."""
    from feed2book.render.pdf.page import page_of

    page_of(job.render)  # what is wrong with the options is told before anything is fetched
    said: list[Notice] = []
    with started(job, *LAYS_OUT, **options) as run:
        made, report = _make(run, now, lambda book: (pdf_of(book, run, said.append),))
    return made, replace(report, notices=(*report.notices, *said))


def make_digest(
    job: Job, now: datetime, *, mail: MailOptions, recipient: str, **options: Unpack[RunOptions]
) -> tuple[Made, Report]:
    """Make a digest mail (``.eml``) of the job's sources for one recipient; see :func:`make_epub`."""
    from feed2book.render.email import render_message

    return _digest(
        job, now, mail, lambda book, digest: render_message(book, digest, mail, recipient), options
    )


def make_digest_page(
    job: Job, now: datetime, *, mail: MailOptions, **options: Unpack[RunOptions]
) -> tuple[Made, Report]:
    """Make the digest as one self-contained HTML page; see :func:`make_epub`."""
    from feed2book.render.email import render_digest_html

    return _digest(job, now, mail, render_digest_html, options)


def _digest(
    job: Job,
    now: datetime,
    mail: MailOptions,
    finish: Callable[[Book, Digest], Artifact],
    options: RunOptions,
) -> tuple[Made, Report]:
    from feed2book.render.email import render_digest

    said: list[Notice] = []

    def render(book: Book, run: Run) -> tuple[Artifact, ...]:
        (digest,) = run.workers.map(partial(render_digest, options=job.render, mail=mail), [book])
        said.extend(digest.notices)
        return (finish(book, digest),)

    with started(job, **options) as run:
        made, report = _make(run, now, lambda book: render(book, run))
    return made, replace(report, notices=(*report.notices, *said))


def update_epub(job: Job, older: Path, now: datetime, **options: Unpack[RunOptions]) -> tuple[Made, Report]:
    """Bring an EPUB of ours up to date; see :func:`make_epub`.

    Posts that are new come in, those that the feed has changed are made anew, all others stay as they are,
    whether the feed still has them or not. Identifier, title and series stay.

    Args:
        job: what to make; no ``order`` means that of the older book.
        older: the book. It is only read.
        now: the time that goes into the book, UTC.
        **options: as for :func:`make_epub`.

    Returns:
        The book, and a report with one artifact (none when nothing is new).

    Raises:
        UsageError: the file is not an EPUB of ours, or it is damaged.
        Feed2BookError: no source could be read, or the book could not be written.
    """
    from feed2book.book import order_of
    from feed2book.render.epub import render_epub
    from feed2book.render.epub_older import open_older

    with open_older(older) as found:
        device = job.render.device.name
        if device != found.record.device:
            message = f"this book was made for {found.record.device}, not for {device}"
            remedy = f"say --device {found.record.device}, or make the book anew without --update"
            raise UsageError(message, where=str(older), remedy=remedy)
        order = job.book.order or order_of(found.record)
        job = replace(job, book=replace(job.book, order=order))
        with started(job, **options) as run:
            made, report = _make(
                run,
                now,
                lambda book: (render_epub(book, job.render, run.spool, found, each=run.workers.map),),
                found.record,
            )
    return made, _weighed(report, job.render.device)


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


def _make(
    run: Run,
    now: datetime,
    render: Callable[[Book], tuple[Artifact, ...]],
    record: Record | None = None,
) -> tuple[Made, Report]:
    made = book_of(run, now, record)
    if made.book is None:
        return made, Report((), made.notices, made.failures)
    run.progress("render", 0, 1)
    artifacts = render(made.book)
    run.progress("render", 1, 1)
    return made, Report(artifacts, made.notices, made.failures)


def pdf_of(book: Book, run: Run, tell: Callable[[Notice], None]) -> Artifact:
    """Render the book as a PDF; ``tell`` hears what fell short."""
    from feed2book.render.pdf import render_pdf

    with each_alone(run) as processes:
        return render_pdf(
            book,
            run.job.render,
            run.spool,
            executor=processes,
            eager=run.executor is not None,
            shelf=Shelf(run.store, bytes),
            tell=tell,
            progress=lambda done, total: run.progress("render", done, total),
        )


def epubs_of(book: Book, run: Run) -> tuple[Artifact, ...]:
    """Render the book in as many volumes as the device needs, each with its own cover."""
    from feed2book.book import volumes
    from feed2book.render.epub import render_epub
    from feed2book.render.epub_typeset import Typeset
    from feed2book.render.naming import filename
    from feed2book.render.templating import words_of

    options, known = run.job.render, Shelf(run.store, Typeset)
    device = options.device
    said = words_of(book.language, options.templates)
    cut = volumes(
        book, device.book_bytes, lambda number, total: str(said.say("volume", number=number, total=total))
    )
    if len(cut) == 1:
        return (render_epub(book, options, run.spool, known=known, each=run.workers.map),)
    name = filename(book, device.ending)
    made = []
    for number, volume in enumerate(cut, 1):
        cover = cover_of(volume, options) if run.job.book.cover else None
        artifact = render_epub(
            replace(volume, cover=cover), options, run.spool, known=known, each=run.workers.map
        )
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
