"""What is learnt of a source by asking it: whether it answers, where it moved, when it is due again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_DEAD = timedelta(days=30)  # of failures alone


class Ask(StrEnum):
    """Which sources a run asks: all, those that are due, or as usual (none that is gone or has us wait)."""

    USUAL = "usual"
    DUE = "due"
    ALL = "all"


class Condition(StrEnum):
    """How a source is. ``dead``: it has been failing for more than thirty days."""

    GONE = "gone"
    DEAD = "dead"
    FAILING = "failing"
    MOVED = "moved"
    ACTIVE = "active"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a feed may be left alone, and who says so.

    ``said`` is ``ttl``, ``sy:updatePeriod``, ``Cache-Control``, ``Expires``, ``posts`` (how far apart they
    are) or ``""`` where nothing tells.
    """

    every: timedelta = HOUR
    said: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """What was learnt of a source up to the last time that it was asked. Times are UTC.

    ``status`` is the last answer's, 304 for an unchanged feed, 0 where there was none from a web server.
    ``error`` says why it failed, ``""`` if it did not; it has then failed ``failures`` times in a row, the
    first time at ``since``. ``moved`` is where it is asked for from now on, ``""`` for its own address.
    ``etag`` and ``modified`` are the validators of the last good answer, as the server spells them; it held
    ``posts``, of which ``new`` were. Not before ``patience`` the server wants to be asked again.
    """

    asked: datetime
    status: int = 0
    error: str = ""
    failures: int = 0
    since: datetime | None = None
    moved: str = ""
    etag: str = ""
    modified: str = ""
    pace: Pace = Pace()
    patience: datetime | None = None
    posts: int = 0
    new: int = 0

    @property
    def condition(self) -> Condition:
        """How the source was when it was last asked."""
        if self.status == 410:
            return Condition.GONE
        if self.error:
            return Condition.DEAD if self.since and self.asked - self.since > _DEAD else Condition.FAILING
        return Condition.MOVED if self.moved else Condition.ACTIVE

    @property
    def due(self) -> datetime | None:
        """When it is to be asked again, None for never. It fails: after an hour, two, four, up to a day."""
        if self.condition == Condition.GONE:
            return None
        wait = min(HOUR * 2 ** min(self.failures - 1, 5), DAY) if self.error else self.pace.every
        return max(self.asked + wait, self.patience or self.asked)
