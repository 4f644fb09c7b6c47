"""Lists of feeds (OPML), in and out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from feed2book.models import Artifact, Blob, Response, Source

_HEAD = 2_000  # octets in which a list says that it is one
_LARGEST = 10_000_000  # octets of a list


def listed(source: str) -> tuple[str, ...]:
    """Return the addresses of the feeds of an OPML file; a source that is something else stands for itself.

    Raises:
        FeedError: it is a list that names no feeds.
    """
    try:
        with Path(source).open("rb") as stream:
            head = stream.read(_HEAD)
            data = head + stream.read(_LARGEST - _HEAD) if b"<opml" in head.lower() else b""
    except (OSError, ValueError):  # no file; what else it may be is found out when it is fetched
        return (source,)
    return tuple(feed.address for feed in read_opml(data, source)) if data else (source,)


def read_opml(data: bytes, where: str) -> tuple[Source, ...]:
    """Return the feeds of a list as sources; see :func:`feed2book.feed.parse_opml`."""
    from feed2book.feed import parse_opml

    return parse_opml(Response(where, 200, (), data))


def make_opml(title: str, sources: Iterable[Source]) -> Artifact:
    """Make a list of the sources that are on the web; see :func:`feed2book.feed.write_opml`."""
    from feed2book.feed import write_opml

    return Artifact("feeds.opml", "text/x-opml", Blob(write_opml(title, sources)))
