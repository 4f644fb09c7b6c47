"""Make the next issue of an edition: what is new, bound once, rendered in every output, stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

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
    News,
    Notice,
)
from feed2book.pipeline.binding import book_of
from feed2book.pipeline.gathering import Chosen, gather
from feed2book.pipeline.granting import Reveal, grants
from feed2book.pipeline.recipes import epubs_of, numbered, pdf_of
from feed2book.pipeline.run import LAYS_OUT, Run, RunOptions, started

if TYPE_CHECKING:
    from feed2book.book import Window
    from feed2book.state import State


@dataclass(frozen=True, slots=True)
class Pressed:
    """What became of an edition's sources.

    ``issue`` is None where too little was new: ``waiting`` counts the posts that then stay for a later run.
    ``marks`` are what to remember, ``read`` the addresses of the sources that could be read, ``news`` how
    many posts of each are new.
    """

    issue: Issue | None = None
    marks: tuple[Mark, ...] = ()
    read: tuple[str, ...] = ()
    news: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0
    notices: tuple[Notice, ...] = ()
    failures: tuple[Failure, ...] = ()


def press(
    edition: Edition, state: State, now: datetime, place: Path, reveal: Reveal, **options: Unpack[RunOptions]
) -> Pressed:
    """Fetch the sources, choose what is new, bind and render it, and lay the files into their place.

    Nothing is written into the state.

    Args:
        edition: what to make.
        state: what was seen before.
        now: the time of the issue, UTC.
        place: the folder for the files; what was in it goes (the rest of a run that was cut off).
        reveal: returns a secret.
        **options: as for :func:`make_epub`.

    Raises:
        Feed2BookError: no source could be read, or the issue could not be made or stored.
    """
    chooser = Chooser(edition, state, now)
    preload = LAYS_OUT if "pdf" in edition.outputs else ()
    options["grants"] = grants(edition.sources, reveal)
    with started(chooser.job, *preload, **options) as run:
        made = book_of(run, now, choose=chooser)
        said = list(made.notices)
        if made.book is None:
            waiting = chooser.waiting
            return Pressed(
                None, chooser.marks, chooser.read, chooser.news, waiting, made.notices, made.failures
            )
        book = chooser.marked(made.book)
        files = store(edition, book, run, place, said)
    issue = replace(chooser.issue(part.articles for part in book.parts), files=files)
    issue = replace(issue, title=book.title, identifier=book.identifier, language=book.language)
    return Pressed(issue, chooser.marks, chooser.read, chooser.news, 0, tuple(said), made.failures)


def outline_issue(
    edition: Edition, state: State, now: datetime, reveal: Reveal, **options: Unpack[RunOptions]
) -> Pressed:
    """Do as :func:`press` up to the choice and the cleaning of posts: nothing is rendered or written."""
    from feed2book.fetch import Fetcher

    chooser = Chooser(edition, state, now)
    options["grants"] = grants(edition.sources, reveal)
    with started(chooser.job, **options) as run, Fetcher(edition.fetch) as fetcher:
        gathered = gather(run, fetcher, choose=chooser)
        issue = chooser.issue(articles for _, articles in gathered.feeds) if gathered.feeds else None
        notices = (*fetcher.notices, *gathered.notices)
    return Pressed(issue, waiting=chooser.waiting, notices=notices, failures=gathered.failures)


class Chooser:
    """Chooses the posts of the next issue when the feeds are read (see :func:`gather`), and remembers which.

    Attributes:
        read: the addresses of the sources that were read.
        news: how many of their posts are new.
        waiting: how many posts are new, where they are too few for an issue.
    """

    def __init__(self, edition: Edition, state: State, now: datetime) -> None:
        from feed2book.book import Choice

        self._edition = edition
        self._state = state
        self._now = now
        self._number = state.next_number(edition.name)
        self._choice = Choice()
        self._seen: tuple[Mark, ...] = ()
        self.read: tuple[str, ...] = ()
        self.news: Mapping[str, int] = {}
        self.waiting = 0

    @property
    def job(self) -> Job:
        """What is to be made."""
        edition = self._edition
        has_cover = edition.book.cover and edition.outputs != ("email",)  # a mail has a masthead instead
        title = edition.book.title or edition.name
        addresses = tuple(source.address for source in edition.sources)
        book = replace(
            edition.book,
            title=title,
            number=self._number,
            cover=has_cover,
            # Nothing older can be chosen; how many posts are, is told when it is known which are new.
            since=min(window.since for window in self._windows(addresses).values()),
            limit=None,
        )
        return Job(
            addresses,
            fetch=edition.fetch,
            book=book,
            render=edition.render,
            jobs=edition.jobs,
            reach=edition.reach,
            reaches={source.address: source.reach for source in edition.sources if source.reach},
            orders={source.address: source.order for source in edition.sources if source.order},
            sites=edition.sites,
        )

    def __call__(self, feeds: Sequence[Feed]) -> Chosen:
        """Choose; see :func:`feed2book.book.choose`."""
        from feed2book.book import choose
        from feed2book.feed import sight

        name = self._edition.name
        self.read = tuple(feed.source for feed in feeds)
        windows = self._windows(self.read)
        sighted = sight(feeds, lambda marks: self._state.known(name, marks))
        self._choice = choose(self._edition, feeds, sighted, windows)
        self.news = {
            source: sum(sighting.news == News.NEW for sighting in sightings)
            for source, sightings in zip(self.read, sighted, strict=True)
        }
        self._seen = tuple(sighting.mark for sightings in sighted for sighting in sightings)
        count = len(self._choice.posts)
        if 0 < count < self._edition.min_posts:
            self.waiting = count
            return (), ()
        return self._choice.selected, ()

    def _windows(self, addresses: Iterable[str]) -> dict[str, Window]:
        from feed2book.book import Window

        begun = self._state.windows(self._edition.name)
        first = Window(self._now - self._edition.period)
        return {address: Window(*begun[address]) if address in begun else first for address in addresses}

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What to remember once the issue is made; nothing while posts wait for company."""
        if self.waiting:
            return ()
        sent = self._choice.posts
        return tuple(replace(mark, number=self._number) if mark.post in sent else mark for mark in self._seen)

    def marked(self, book: Book) -> Book:
        """Return the book with those posts marked that go again because they were changed."""
        updated = self._choice.updated
        sourced = self._sourced(part.articles for part in book.parts)
        keys = (article.key for source, article in sourced if (source, article.entry.id) in updated)
        return replace(book, news=dict.fromkeys(keys, "updated"))

    def issue(self, parts: Iterable[Sequence[Article]]) -> Issue:
        """Return the issue of these articles of each chosen feed, as it is known before it is bound."""
        posts = tuple(starmap(_post, self._sourced(parts)))
        name, title = self._edition.name, self.job.book.title
        return Issue(name, self._number, title, "", self._edition.book.language, self._now, posts)

    def _sourced(self, parts: Iterable[Sequence[Article]]) -> Iterator[tuple[str, Article]]:
        """Yield each article with the address of its source."""
        for (feed, _), articles in zip(self._choice.selected, parts, strict=True):
            yield from ((feed.source, article) for article in articles)


def _post(source: str, article: Article) -> IssuePost:
    entry = article.entry
    return IssuePost(article.key, article.title, entry.url, entry.authors, entry.date, source)


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
    from feed2book.deliver import make_folder, write_file

    make_folder(place)
    stem = f"{edition.name}-{book.number}-{book.issued:%Y-%m-%d}"
    files = []
    for output, artifact in _rendered(edition, book, run, said):
        ending = artifact.filename[artifact.filename.index(".") :]  # a title's own dots are hyphens there
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
    attached = [artifact for output in edition.mail.attach for artifact in made.get(output, ())]
    for output in {"email", "page"}.intersection(edition.outputs):
        made[output] = (_mail(edition, book, attached, run, said, page=output == "page"),)
    yield from ((output, artifact) for output, artifacts in made.items() for artifact in artifacts)


def _mail(
    edition: Edition,
    book: Book,
    attached: Sequence[Artifact],
    run: Run,
    said: list[Notice],
    *,
    page: bool,
) -> Artifact:
    """Return the body of the digest mail, which all recipients get alike; or a page that looks like it."""
    from feed2book.render.email import render_digest, render_digest_html
    from feed2book.render.email_body import write_body

    octets = sum(artifact.blob.size for artifact in attached)
    render = partial(render_digest, options=edition.render, mail=edition.mail, attached=octets)
    (digest,) = run.workers.map(render, [book])
    said += digest.notices
    if page:
        return render_digest_html(book, digest)
    return Artifact("body.eml", "message/rfc822", Blob(write_body(digest, attached)))
