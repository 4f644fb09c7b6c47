"""Make the next issue of an edition: what is new, bound once, rendered in every output, stored."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from feed2book.errors import StateError
from feed2book.models import (
    Article,
    Artifact,
    Blob,
    Book,
    Edition,
    Failure,
    Feed,
    Issue,
    IssueFile,
    IssuePost,
    Job,
    Mark,
    Notice,
)
from feed2book.pipeline.binding import book_of
from feed2book.pipeline.gathering import Chosen
from feed2book.pipeline.recipes import epubs_of, numbered, pdf_of
from feed2book.pipeline.run import LAYS_OUT, Run, RunOptions, started

if TYPE_CHECKING:
    from feed2book.book import Choice
    from feed2book.state import State


@dataclass(frozen=True, slots=True)
class Pressed:
    """What became of an edition's sources.

    ``issue`` is None where too little was new: ``waiting`` counts the posts that then stay for a later run.
    ``marks`` are what to remember, ``read`` the addresses of the sources that could be read.
    """

    issue: Issue | None = None
    marks: tuple[Mark, ...] = ()
    read: tuple[str, ...] = ()
    waiting: int = 0
    notices: tuple[Notice, ...] = ()
    failures: tuple[Failure, ...] = ()


def press(edition: Edition, state: State, now: datetime, **options: Unpack[RunOptions]) -> Pressed:
    """Fetch the sources, choose what is new, bind and render it, and lay the files into their place.

    Nothing is written into the state, and what lay in that place is replaced: it is the rest of a run that
    was cut off.

    Raises:
        Feed2BookError: no source could be read, or the issue could not be made or stored.
    """
    number = state.next_number(edition.name)
    chooser = Chooser(edition, state)
    with started(job_of(edition, number), *(LAYS_OUT if "pdf" in edition.outputs else ()), **options) as run:
        made = book_of(run, now, choose=chooser)
        said = list(made.notices)
        if made.book is None:
            return Pressed(None, chooser.marks(0), chooser.read, chooser.waiting, made.notices, made.failures)
        book = chooser.marked(made.book)
        files = store(edition, book, run, state.place(edition.name, number), said)
    issue = Issue(
        edition=edition.name,
        number=number,
        title=book.title,
        identifier=book.identifier,
        language=book.language,
        issued=now,
        posts=chooser.posts(book),
        files=files,
    )
    return Pressed(issue, chooser.marks(number), chooser.read, 0, tuple(said), made.failures)


def job_of(edition: Edition, number: int) -> Job:
    """Return the job that makes an issue of an edition."""
    title = edition.book.title or edition.name
    has_cover = edition.book.cover and edition.outputs != ("email",)  # a mail has a masthead instead
    book = replace(edition.book, title=title, number=number, cover=has_cover, limit=None)
    addresses = tuple(source.address for source in edition.sources)
    return Job(addresses, fetch=edition.fetch, book=book, render=edition.render, jobs=edition.jobs)


class Chooser:
    """Chooses the posts of the next issue when the feeds are read (see :func:`gather`), and remembers which.

    Attributes:
        read: the addresses of the sources that were read.
        waiting: how many posts are new, where they are too few for an issue.
    """

    def __init__(self, edition: Edition, state: State) -> None:
        self._edition = edition
        self._state = state
        self._choice: Choice | None = None
        self.read: tuple[str, ...] = ()
        self.waiting = 0

    def __call__(self, feeds: Sequence[Feed]) -> Chosen:
        """Choose; see :func:`feed2book.book.choose`."""
        from feed2book.book import Window, choose
        from feed2book.feed import sight

        name = self._edition.name
        self.read = tuple(feed.source for feed in feeds)
        windows = {address: Window(*found) for address, found in self._state.windows(name).items()}
        sighted = sight(feeds, lambda marks: self._state.known(name, marks))
        self._choice = choose(self._edition, feeds, sighted, windows)
        count = len(self._choice.sent)
        if 0 < count < self._edition.min_posts:
            self.waiting = count
            return (), ()
        return self._choice.selected, ()

    def marks(self, number: int) -> tuple[Mark, ...]:
        """Return what to remember when issue ``number`` was made; nothing while posts wait for company."""
        if self._choice is None or self.waiting:
            return ()
        return (*self._choice.seen, *(replace(mark, number=number) for mark in self._choice.sent))

    def marked(self, book: Book) -> Book:
        """Return the book with those posts marked that go again because they were changed."""
        updated = self._choice.updated if self._choice else ()
        keys = (
            article.key for source, article in self._sourced(book) if (source, article.entry.id) in updated
        )
        return replace(book, news=dict.fromkeys(keys, "updated"))

    def posts(self, book: Book) -> tuple[IssuePost, ...]:
        """Return what is remembered of the book's posts."""
        return tuple(
            IssuePost(
                article.key,
                article.title,
                article.entry.url,
                article.entry.authors,
                article.entry.date,
                source,
            )
            for source, article in self._sourced(book)
        )

    def _sourced(self, book: Book) -> Iterator[tuple[str, Article]]:
        """Yield each article with the address of its source."""
        selected = self._choice.selected if self._choice else ()
        for (feed, _), part in zip(selected, book.parts, strict=True):
            yield from ((feed.source, article) for article in part.articles)


def store(edition: Edition, book: Book, run: Run, place: Path, said: list[Notice]) -> tuple[IssueFile, ...]:
    """Render the book in every output and write the files, durably, into an empty folder of their own.

    Args:
        edition: which outputs.
        book: the issue.
        run: what the work is done with.
        place: the folder; what is in it goes.
        said: notices are added to it.

    Raises:
        Feed2BookError: it could not be rendered or written.
    """
    from feed2book.deliver import write_file

    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
    except OSError as error:
        message = f"the folder of the issue cannot be made ({error.strerror})"
        raise StateError(message, where=str(place), remedy="free some space there") from error
    stem = f"{edition.name}-{book.number}-{book.issued:%Y-%m-%d}"
    files = []
    for output, artifact in _rendered(edition, book, run, said):
        ending = "".join(Path(artifact.filename).suffixes[-1:])
        name = numbered(f"{stem}{ending}", artifact.volume) if artifact.volume else f"{stem}{ending}"
        write_file(artifact.blob, place / name)
        files.append(IssueFile(output, name, artifact.media_type, place / name))
    return tuple(files)


def _rendered(edition: Edition, book: Book, run: Run, said: list[Notice]) -> Iterator[tuple[str, Artifact]]:
    made: dict[str, tuple[Artifact, ...]] = {}
    if "epub" in edition.outputs:
        made["epub"] = epubs_of(book, run)
    if "pdf" in edition.outputs:
        made["pdf"] = (pdf_of(book, run, said.append),)
    if "email" in edition.outputs:
        attached = [artifact for output in edition.mail.attach for artifact in made.get(output, ())]
        made["email"] = (_mail(edition, book, attached, said),)
    yield from ((output, artifact) for output, artifacts in made.items() for artifact in artifacts)


def _mail(edition: Edition, book: Book, attached: Sequence[Artifact], said: list[Notice]) -> Artifact:
    """Return the body of the digest mail, which all recipients get alike."""
    from feed2book.render.email import render_digest
    from feed2book.render.email_body import write_body

    size = sum(artifact.blob.size for artifact in attached)
    digest = render_digest(book, edition.render, edition.mail, attached=size)
    said += digest.notices
    return Artifact("body.eml", "message/rfc822", Blob(write_body(digest, attached)))
