"""One dated run of an edition, and the journal of where it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from feed2book.models.edition import Recipient

FACETS = ("guid", "link", "title", "text")
"""What a post is known by: see :class:`Mark`."""

COMMON = 8
"""A guid, a link, a title or a text that more posts share tells none of them from another."""


class Status(StrEnum):
    """How far a dispatch is: ``waiting`` → ``sending`` (written down before it is sent) → an end.

    What is still ``sending`` when a run begins was cut off: it may have arrived, and goes again as it was.
    """

    WAITING = "waiting"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class IssueFile:
    """A finished file of an issue. ``output`` is ``epub``, ``pdf`` or ``email``; ``name`` the file's name."""

    output: str
    name: str
    media_type: str
    path: Path


@dataclass(frozen=True, slots=True)
class IssuePost:
    """What is remembered of a post in an issue. ``key`` is the article's."""

    key: str
    title: str
    url: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """One dated run of an edition, made once and kept until it is delivered. ``number`` counts from 1.

    ``identifier`` is the book's (``urn:uuid:``). ``delivered`` is when its last dispatch came to an end.
    """

    edition: str
    number: int
    title: str
    identifier: str
    language: str
    issued: datetime
    posts: tuple[IssuePost, ...] = ()
    files: tuple[IssueFile, ...] = ()
    delivered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What is remembered of a post that an edition has looked at, so that it is known again.

    ``guid``, ``link``, ``title`` and ``text`` are hashes of these, ``""`` where there is none that tells it
    from others. ``post`` is equal for all copies of a post, of which each ``feed`` has its own; ``digest`` is
    :attr:`Entry.digest` there. ``number`` is the issue that it went in, 0 for none; ``id`` is its place in
    the state, 0 before it has one.
    """

    feed: str
    post: str
    guid: str
    link: str
    title: str
    text: str
    digest: str
    number: int = 0
    id: int = 0

    @property
    def facets(self) -> tuple[str, ...]:
        """Guid, link, title and text."""
        return self.guid, self.link, self.title, self.text


class News(StrEnum):
    """What an entry of a feed is to an edition; ``changed``: it went in an issue, and was edited since."""

    NEW = "new"
    CHANGED = "changed"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entry that was looked at: what is to be remembered of it, and what it is to the edition."""

    mark: Mark
    news: News


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One way of one issue to one recipient (no address where it goes to a folder).

    ``delivery`` is its name in the edition. ``message_id`` is without angle brackets, derived from edition,
    issue, delivery and recipient: the same for each attempt. ``said`` is the server's last answer.
    """

    number: int
    delivery: str
    recipient: Recipient
    message_id: str
    status: Status = Status.WAITING
    attempts: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: ``accepted``, ``refused`` (for good) or ``waiting`` (again later); why."""

    status: Status
    said: str = ""
