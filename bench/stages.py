"""Run the stages of one book in this process and print how long each took, as JSON. Started by the bench."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from feed2book.models import Article, BookOptions, RenderOptions, Response

T = TypeVar("T")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Watch:
    """Measures stages, one after the other."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, float]] = {}

    def measure(self, stage: str, work: Callable[[], T]) -> T:
        """Do the work; note its seconds, and the peak of the whole process so far in MB."""
        started = perf_counter()
        outcome = work()
        seconds = perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.found[stage] = {"seconds": seconds, "megabytes": peak}
        return outcome


def load() -> None:
    """Import what the stages need, so that no stage pays for it."""
    import feed2book.article
    import feed2book.book
    import feed2book.feed
    import feed2book.render.epub  # noqa: F401 (all four: for the import's own sake)


def main(path: Path) -> None:
    """Measure the import and four stages: parse, clean, bind (with cover), render (EPUB)."""
    watch = Watch()
    watch.measure("import", load)

    from feed2book.article import address_book, article_keys, clean
    from feed2book.book import bind, make_cover, select
    from feed2book.feed import parse_feed
    from feed2book.render.epub import render_epub

    response = Response(f"file://{path}", 200, (("content-type", "application/rss+xml"),), path.read_bytes())
    feed = watch.measure("parse", lambda: parse_feed(response))
    ((feed, entries),), _ = select((feed,), BookOptions())

    def articles() -> tuple[Article, ...]:
        keys = article_keys([(feed.home, entry) for entry in entries])
        addresses = address_book(list(zip(keys, entries, strict=True)))
        pairs = zip(keys, entries, strict=True)
        return tuple(clean(entry, key, addresses, language=feed.language) for key, entry in pairs)

    cleaned = watch.measure("clean", articles)
    book, _ = watch.measure("bind", lambda: bind(((feed, cleaned),), {}, BookOptions(), NOW))
    titles = [article.title for article in cleaned[:5]]
    watch.measure("cover", lambda: make_cover(book.title, "", "", titles, book.identifier, "en"))
    watch.measure("render", lambda: render_epub(book, RenderOptions()))
    print(json.dumps(watch.found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
