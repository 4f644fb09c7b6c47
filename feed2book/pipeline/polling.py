"""How the sources of an edition are asked, by what earlier runs learnt of them; and what this run learns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from feed2book.errors import Feed2BookError, FetchError
from feed2book.fetch.guard import shown
from feed2book.models import Ask, Condition, Edition, Feed, Poll, Response, Source

if TYPE_CHECKING:
    from feed2book.state import State

_LONGEST_WAIT = 7 * 86_400.0  # seconds that a server can make us wait between two runs
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Way:
    """How a source is asked: ``start`` is where it moved for good, ``kept`` takes what the cache has."""

    start: str = ""
    kept: bool = False


class Polling:
    """What is known of the sources of one run. Its methods may be called in several threads.

    Args:
        known: what earlier runs learnt, by the source's address; nothing of new ones.
        now: the time of the run, UTC.
        ask: which sources are asked at all.

    Attributes:
        learnt: what this run learns, by the source's address; nothing of those that were not asked.
    """

    def __init__(
        self, known: Mapping[str, Poll] | None = None, now: datetime = _NO_TIME, ask: Ask = Ask.ALL
    ) -> None:
        self._known = known or {}
        self._now = now
        self._ask = ask
        self.learnt: dict[str, Poll] = {}

    def refusal(self, source: str) -> FetchError | None:
        """Return why a source is not asked now, nor had from the cache; None where nothing is wrong."""
        poll = self._known.get(source)
        if poll is None or self._ask == Ask.ALL:
            return None
        message, remedy = "", "--force asks it all the same"
        if poll.condition == Condition.GONE:
            message, remedy = (
                f"{poll.error}; it was not asked again",
                f"remove it from your sources; {remedy}",
            )
        elif poll.patience and self._now < poll.patience:
            message = f"{poll.error}; it was not asked again before {_told(poll.patience)}"
        elif poll.error and not poll.posts and self._is_early(poll):
            message = f"{poll.error}; it is due again at {_told(poll.due or self._now)}"
        return FetchError(message, where=shown(source), remedy=remedy) if message else None

    def way(self, source: str) -> Way:
        """Return how a source is asked. One that fails where it moved to is asked for at its own address."""
        poll = self._known.get(source)
        return Way("" if poll.error else poll.moved, self._is_early(poll)) if poll else Way()

    def _is_early(self, poll: Poll) -> bool:
        return self._ask == Ask.DUE and poll.due is not None and self._now < poll.due

    def read(self, source: str, feed: Feed, response: Response, moved: str) -> None:
        """Note that a source was read; ``moved`` is where all redirects on the way to it led for good."""
        if response.fresh:  # nobody was asked
            return
        self.learnt[source] = Poll(
            asked=self._now,
            status=304 if response.unchanged else response.status,
            moved=moved or self.way(source).start,
            etag=response.header("etag"),
            modified=response.header("last-modified"),
            pace=feed.pace,
            posts=len(feed.entries),
        )

    def failed(self, source: str, error: Feed2BookError) -> Feed2BookError:
        """Note that a source could not be read; returns the error, which tells of one that is long dead."""
        before = self._known.get(source) or Poll(self._now)
        status, patience = (error.status, error.patience) if isinstance(error, FetchError) else (0, None)
        wait = None if patience is None else timedelta(seconds=min(patience, _LONGEST_WAIT))
        poll = replace(
            before,
            asked=self._now,
            status=status,
            error=error.message,
            failures=before.failures + 1,
            since=before.since or self._now,
            patience=None if wait is None else self._now + wait,
        )
        self.learnt[source] = poll
        if poll.condition == Condition.DEAD and poll.since:
            error.message += f", and it has failed for {(self._now - poll.since).days} days"
            error.remedy = "look for its new address, or remove it from your sources"
        return error


def polling_of(edition: Edition, state: State, now: datetime, ask: Ask) -> Polling:
    """Return what is known of an edition's sources."""
    known = state.polls(map(_key, edition.sources))
    polls = {source.address: known.get(_key(source)) for source in edition.sources}
    return Polling({address: poll for address, poll in polls.items() if poll}, now, ask)


def remember(edition: Edition, state: State, learnt: Mapping[str, Poll], news: Mapping[str, int]) -> None:
    """Write down what was learnt of an edition's sources, and how many of their posts were new to it."""
    asked = [(source, learnt[source.address]) for source in edition.sources if source.address in learnt]
    state.polled({_key(one): replace(poll, new=news.get(one.address, 0)) for one, poll in asked})


@dataclass(frozen=True, slots=True)
class Standing:
    """A source, the editions that have it, and what is known of it (None: it was never asked)."""

    address: str
    name: str
    editions: tuple[str, ...]
    poll: Poll | None

    @property
    def condition(self) -> Condition:
        """How it was when it was last asked."""
        return self.poll.condition if self.poll else Condition.NEW


def standings(editions: Iterable[Edition], data: Path) -> tuple[Standing, ...]:
    """Return how the sources of editions are, each once, those that need a look first.

    Args:
        editions: whose sources.
        data: the folder of what is remembered.

    Raises:
        StateError: what is remembered cannot be read.
    """
    from feed2book.state import State

    found: dict[tuple[str, str], Standing] = {}
    with State(data, writable=False) as state:
        for edition in editions:
            polls = state.polls(map(_key, edition.sources))
            for source in edition.sources:
                key = _key(source)
                before = found.get(key)
                names = (*(before.editions if before else ()), edition.name)
                found[key] = Standing(shown(source.address), source.name, names, polls.get(key))
    order = list(Condition)
    return tuple(sorted(found.values(), key=lambda one: order.index(one.condition)))


def _key(source: Source) -> tuple[str, str]:
    """Return what is equal for sources of all editions that ask for one address alike. It holds no secret."""
    access = hashlib.sha256(str(source.access).encode()).hexdigest()[:16] if source.access else ""
    return source.address, access  # an edition's addresses have no login in them


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
