"""The exceptions of feed2book, their exit codes, and the stable codes of notices.

::

    Feed2BookError            1
    ├── UsageError            2   an option, a value or a file that the user named is wrong
    │   └── ConfigError       2   several things in a configuration are wrong
    ├── SourcesError          1   of several sources not one could be read
    ├── FetchError            1   the network, or a file, did not give what was asked for
    │   └── BlockedError      1   an address that a feed may not reach
    ├── FeedError             1   what came is not a feed, or a feed with nothing in it
    │   └── EmptyFeedError    1   a feed, and it holds no posts
    ├── RenderError           1   a book that could not be written (Pango missing, a template's fault)
    ├── ClusterError          1   the cluster that work is to be done on cannot be used
    ├── StateError            1   what was delivered cannot be remembered (locked, full, damaged)
    ├── CheckError            4   a check failed (``check``, ``--strict``)
    └── DeliveryError         5   a finished file that could not be put where it belongs

Exit codes: 0 done · 1 failed · 2 usage · 3 partial · 4 a check failed · 5 delivery failed.
"""

from __future__ import annotations

from enum import StrEnum

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_PARTIAL = 3
EXIT_CHECK = 4
EXIT_DELIVERY = 5


class Feed2BookError(Exception):
    """Base of all errors that a user can meet.

    Args:
        message: what went wrong, one line, without the place and without a full stop.
        where: the URL, file, option or entry that it is about.
        remedy: what the user can do, one short sentence; ``""`` when there is nothing.

    Attributes:
        causes: the errors that this one only counts.
    """

    exit_code = EXIT_FAILED
    causes: tuple[Feed2BookError, ...] = ()

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" — {self.remedy}" if self.remedy else ""
        return " ".join(f"{place}{self.message}{advice}".split())

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword arguments do not survive pickling by themselves (process pools).
        return (_rebuild, (type(self), self.message, self.where, self.remedy), self.__dict__)


def _rebuild(kind: type[Feed2BookError], message: str, where: str, remedy: str) -> Feed2BookError:
    return kind(message, where=where, remedy=remedy)


class UsageError(Feed2BookError):
    """An option, a value or a file that the user named is wrong."""

    exit_code = EXIT_USAGE


class ConfigError(UsageError):
    """Several things in a configuration are wrong; ``causes`` names them in the order of their lines."""

    def __init__(self, where: str, causes: tuple[UsageError, ...]) -> None:
        super().__init__(f"{len(causes)} errors", where=where)
        self.causes = causes

    def __reduce__(self) -> tuple[object, ...]:
        return (ConfigError, (self.where, self.causes))


class SourcesError(Feed2BookError):
    """Of several sources not one could be read; ``causes`` says why, in the order of the sources."""

    def __init__(self, causes: tuple[Feed2BookError, ...]) -> None:
        super().__init__(f"not one of the {len(causes)} sources could be read")
        self.causes = causes
        self.exit_code = max(cause.exit_code for cause in causes)

    def __reduce__(self) -> tuple[object, ...]:
        return (SourcesError, (self.causes,))


class FetchError(Feed2BookError):
    """The network, or a file, did not give what was asked for.

    Attributes:
        status: what the server answered (404, 503 …); 0 where that is not what went wrong.
        patience: seconds that the server wants to be left alone (Retry-After), None where it does not say.
    """

    status = 0
    patience: float | None = None


class BlockedError(FetchError):
    """An address that a feed's content may not reach (private, loopback, ``file:`` …)."""


class FeedError(Feed2BookError):
    """What came is not a feed, or it is one with nothing in it."""


class EmptyFeedError(FeedError):
    """It is a feed, and it holds no posts."""


class RenderError(Feed2BookError):
    """A book could not be written."""


class ClusterError(Feed2BookError):
    """The cluster that work is to be done on cannot be used."""


class StateError(Feed2BookError):
    """What was seen and delivered cannot be read or written down, or another run is doing that."""


class CheckError(Feed2BookError):
    """A check found something (``check``, ``--strict``)."""

    exit_code = EXIT_CHECK


class DeliveryError(Feed2BookError):
    """A finished file could not be put where it belongs."""

    exit_code = EXIT_DELIVERY


class Code(StrEnum):
    """Stable codes of notices. A code, once released, keeps its meaning."""

    FEED_MALFORMED = "feed-malformed"
    FEED_MOVED = "feed-moved"
    FEED_CHOSEN = "feed-chosen"
    ARCHIVE_READ = "archive-read"
    ARCHIVE_UNKNOWN = "archive-unknown"
    ARCHIVE_INCOMPLETE = "archive-incomplete"
    ENTRY_EMPTY = "entry-empty"
    ENTRY_DUPLICATE = "entry-duplicate"
    ENTRY_UNDATED = "entry-undated"
    ARTICLE_DAMAGED = "article-damaged"
    CONTENT_LOST = "content-lost"
    IMAGE_MISSING = "image-missing"
    IMAGE_DAMAGED = "image-damaged"
    IMAGE_BLOCKED = "image-blocked"
    EMBED_DROPPED = "embed-dropped"
    MARKUP_DROPPED = "markup-dropped"
    FORMULA_UNREAD = "formula-unread"
    LINK_DEAD = "link-dead"
    RULE_UNREAD = "rule-unread"
    TEXT_INCOMPLETE = "text-incomplete"
    LANGUAGE_UNKNOWN = "language-unknown"
    LANGUAGE_DIFFERS = "language-differs"
    JUNK_KEPT = "junk-kept"
    BOOK_TOO_LARGE = "book-too-large"
    CACHE_FAILED = "cache-failed"
    LOGIN_UNUSED = "login-unused"
    COVER_FAILED = "cover-failed"
    MAIL_SHORTENED = "mail-shortened"
    FONT_MISSING = "font-missing"
    WORKER_DIED = "worker-died"
    RECIPIENT_SKIPPED = "recipient-skipped"
