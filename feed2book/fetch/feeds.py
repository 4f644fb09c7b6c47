"""Feeds, the pages that lead to one, and the archives behind them: asked for each time, and with patience."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from feed2book.errors import Code
from feed2book.fetch.guard import Trust, shown
from feed2book.models import FetchOptions, Notice, Response

if TYPE_CHECKING:
    from feed2book.fetch.client import Client
    from feed2book.fetch.crawls import Crawl, Crawls
    from feed2book.fetch.exchange import Wish
    from feed2book.fetch.many import Progress


class Feeds:
    """Fetches feeds and the pages of their archives. Safe to use from several threads.

    Args:
        options: limits.
        connected: gives the client.
        permitted: fetches something as far as robots.txt lets us.

    Attributes:
        notices: feeds that moved for good, or broke off, in the order of their coming.
    """

    def __init__(
        self, options: FetchOptions, connected: Callable[[], Client], permitted: Callable[[Wish], Response]
    ) -> None:
        self._options = options
        self._connected = connected
        self._permitted = permitted
        self._lock = threading.Lock()
        self._crawls: Crawls | None = None
        self._archived = count(1)
        self.notices: list[Notice] = []

    def close(self) -> None:
        """Close the record of crawls."""
        with self._lock:
            if self._crawls:
                self._crawls.close()

    def fetch(self, url: str, trust: Trust, source: str, *, start: str = "", kept: bool = False) -> Response:
        """Fetch a feed or page; see :meth:`feed2book.fetch.Fetcher.source`. ``source`` is its address."""
        wish = replace(self._wish(url, trust, source), start=start, good_for=math.inf if kept else 0.0)
        answer = self._connected().get(wish)
        where = shown(url)
        if answer.moved:
            message = f"the feed has moved for good to {shown(answer.response.url)}"
            self.notices.append(Notice(Code.FEED_MOVED, message, where))
        if answer.broken:
            message = f"only a part of the feed came: {answer.broken}"
            self.notices.append(Notice(Code.FEED_MALFORMED, message, where))
        return replace(answer.response, moved=answer.moved, partial=bool(answer.broken))

    def crawl(
        self, way: str, feed: Response, trust: Trust, source: str, *, beside: bool, progress: Progress | None
    ) -> Crawl:
        """Return the record of an archive; see :meth:`feed2book.fetch.Fetcher.crawl`."""
        from feed2book.fetch.crawls import Crawl, Crawls

        client = self._connected()
        with self._lock:
            self._crawls = self._crawls or Crawls(self._options.cache_dir)

        def get(url: str) -> Response:
            wish = replace(self._wish(url, trust, source), salvage=False)
            is_list = beside and url != feed.requested
            response = self._permitted(wish) if is_list else client.get(wish).response
            if progress:
                progress(next(self._archived), 0)
            return response

        return Crawl(self._crawls, f"{way} {feed.url} {client.name(feed.url, source)}", get)

    def _wish(self, url: str, trust: Trust, source: str) -> Wish:
        from feed2book.fetch.exchange import Wish

        return Wish(
            url,
            self._options.max_feed_bytes,
            trust,
            retries=self._options.retries,
            stubborn=True,
            refresh=True,
            salvage=True,
            source=source,
        )
