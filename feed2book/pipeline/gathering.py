"""Read the sources, choose the posts, complete and clean them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Unpack

from feed2book.errors import Code
from feed2book.models import Article, Entry, Failure, Feed, Job, Notice, Record
from feed2book.pipeline.full_text import Completed, complete, dated
from feed2book.pipeline.reading import read_sources
from feed2book.pipeline.run import PACE, Run, RunOptions, started
from feed2book.store import Shelf

if TYPE_CHECKING:
    from feed2book.article import Cleaner, Task
    from feed2book.book import Plan
    from feed2book.fetch import Fetcher

Chosen = tuple[tuple[tuple[Feed, tuple[Entry, ...]], ...], tuple[Notice, ...]]
Choose = Callable[[Sequence[Feed]], Chosen]
"""Chooses entries of the feeds that were read; returns the feeds with these, newest first; and notices."""

_LOADING = 0.3
"""Seconds that it takes to load what cleans."""

_TOLD = 6e-4
"""Seconds that it takes to find the two ends of a post."""


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


def gather(
    run: Run, fetcher: Fetcher, record: Record | None = None, choose: Choose | None = None
) -> Gathered:
    """Fetch and read the sources, choose the posts, make them whole, clean them, put them in order.

    The posts of ``record`` that stay are whole and clean.

    ``choose`` says which posts; without it, it is those that the job's options ask for. It is given whole
    posts only: half a post would be sent now, and the whole one taken for it later.

    Raises:
        Feed2BookError: not one source could be read; the first one's error.
    """
    from feed2book.book import in_reading_order, plan_anew, plan_update, select
    from feed2book.render.epub_record import look

    wanted = run.job.book
    feeds, failures = read_sources(run, fetcher, whole=choose is not None)
    dating: tuple[Notice, ...] = ()
    if choose is None:
        feeds, dating = dated(feeds, run, fetcher)
    selected, notices = choose(feeds) if choose else select(feeds, wanted)
    plan = plan_update(selected, record, look(run.job.render)) if record else plan_anew(selected)
    whole = complete(plan, run, fetcher)
    gathered = tuple(
        (feed, in_reading_order(articles, run.job.order_of(feed.source)))
        for feed, articles in _clean(plan, whole, run)
    )
    said = [notice for feed in feeds for notice in feed.notices]
    said += [notice for _, found in gathered for article in found for notice in article.notices]
    pages = dict.fromkeys((*dating, *whole.notices))
    return Gathered(gathered, plan, (*said, *notices, *plan.notices, *pages), failures)


def outline(job: Job, **options: Unpack[RunOptions]) -> Gathered:
    """Gather the articles and fetch no picture: what would go into the book.

    Raises:
        Feed2BookError: not one source could be read.
    """
    from feed2book.fetch import Fetcher

    with Fetcher(job.fetch) as fetcher, started(job, **options) as run:
        gathered = gather(run, fetcher)
        return replace(gathered, notices=(*fetcher.notices, *gathered.notices))


def _clean(plan: Plan, whole: Completed, run: Run) -> tuple[tuple[Feed, tuple[Article, ...]], ...]:
    """Clean every entry whose chapter is not kept; all of them know each other's addresses beforehand."""
    from feed2book.article import Cleaner, Task, address_book, article_keys

    pairs = [(feed, entry) for feed, entries in whole.selected for entry in entries]
    keys = article_keys([(feed.home or feed.url, entry) for feed, entry in pairs], plan.keys)
    cleaner = Cleaner(
        address_book([(key, entry) for key, (_, entry) in zip(keys, pairs, strict=True)]),
        _repeated(whole, run),
        images=run.job.book.images,
    )
    tasks = [
        Task(key, entry, feed.url, feed.language)
        for key, (feed, entry) in zip(keys, pairs, strict=True)
        if key not in plan.kept
    ]
    articles = {key: chapter.article for key, chapter in plan.kept.items()}
    digests = dict(zip(keys, whole.digests, strict=True))
    made = _cleaned(cleaner, tasks, run)
    for number, (task, article) in enumerate(zip(tasks, made, strict=True), 1):
        articles[task.key] = replace(article, entry=task.entry, digest=digests[task.key])
        run.progress("posts", number, len(tasks))
    remaining = map(articles.__getitem__, keys)
    return tuple((feed, tuple(islice(remaining, len(entries)))) for feed, entries in whole.selected)


def _repeated(whole: Completed, run: Run) -> dict[str, frozenset[str]]:
    """Return the blocks that each feed repeats in most of its posts, as all that is known of them tells."""
    from feed2book.article import Ends, ends, repeated_blocks

    posts = {feed.url: tuple(_all_entries(feed, entries)) for feed, entries in whole.selected}
    told = Shelf(run.store, Ends).made(
        {entry.digest: entry for entries in posts.values() for entry in entries},
        lambda new: run.workers.map(ends, new, seconds=_TOLD * len(new)),
    )
    return {url: repeated_blocks(told[entry.digest] for entry in entries) for url, entries in posts.items()}


def _all_entries(feed: Feed, selected: Sequence[Entry]) -> Iterable[Entry]:
    """Return all that is known of a feed's posts: its entries, and the selected ones as they are now."""
    return {entry.id: entry for entry in (*feed.entries, *selected) if entry.content}.values()


def _cleaned(cleaner: Cleaner, tasks: Sequence[Task], run: Run) -> Iterator[Article]:
    """Yield the article of each task: those of earlier builds that still hold, and new ones."""
    from feed2book.article import Cleaned

    shelf = Shelf(run.store, Cleaned)
    repeated = {feed: sorted(blocks) for feed, blocks in cleaner.repeated.items()}
    names = [
        shelf.name(task.entry.digest, _small(task), cleaner.images, repeated[task.feed]) for task in tasks
    ]
    known = [found if (found := shelf.get(name)) and cleaner.holds(found) else None for name in names]
    new = [task for task, found in zip(tasks, known, strict=True) if found is None]
    seconds = _LOADING + PACE * sum(len(task.entry.content) for task in new)
    made = run.workers.map(cleaner, new, seconds=seconds)
    for name, found in zip(names, known, strict=True):
        if found is None:
            found = next(made)
            if not any(notice.code == Code.ARTICLE_DAMAGED for notice in found.article.notices):
                shelf.put(name, found)  # what went wrong (for want of memory, say) may go well next time
        yield found.article


def _small(task: Task) -> Task:
    """Return the task without what the digest of its entry stands for, since all else is short."""
    return replace(task, entry=replace(task.entry, content="", summary=""))
