"""Lists of feeds (OPML), in and out."""

from __future__ import annotations

from collections.abc import Iterable

from feed2book.models import Artifact, Blob, Response, Source


def read_opml(data: bytes, where: str) -> tuple[Source, ...]:
    """Return the feeds of a list as sources; see :func:`feed2book.feed.parse_opml`."""
    from feed2book.feed import parse_opml

    return parse_opml(Response(where, 200, (), data))


def make_opml(title: str, sources: Iterable[Source]) -> Artifact:
    """Make a list of the sources that are on the web; see :func:`feed2book.feed.write_opml`."""
    from feed2book.feed import write_opml

    return Artifact("feeds.opml", "text/x-opml", Blob(write_opml(title, sources)))
