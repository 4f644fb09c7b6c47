"""What posts consist of and lead to, pictures and pages: many, so that a run has limits for all together."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from feed2book.errors import BlockedError, FetchError
from feed2book.fetch import local
from feed2book.fetch.failures import too_much
from feed2book.fetch.guard import Trust, shown
from feed2book.fetch.robots import MOST, Robots
from feed2book.models import SAVED, FetchOptions, Response

if TYPE_CHECKING:
    from feed2book.fetch.client import Client
    from feed2book.fetch.exchange import Wish
    from feed2book.fetch.many import Progress

_GOOD_FOR = 3_600.0  # seconds that a page is not asked for again: by a run that goes on with one cut off, say

T = TypeVar("T")


@dataclass
class _Spent:
    """What a run has had so far. ``lock`` is for who changes it."""

    images: int = 0
    pages: int = 0
    bytes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Bulk:
    """Fetches pictures and pages. Safe to use from several threads.

    Args:
        options: limits.
        connected: gives the client.
        folders: of each folder of saved pages that the user named, by how addresses in it begin, its path
            and the names of its pictures.
        monotonic: a clock in seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        options: FetchOptions,
        connected: Callable[[], Client],
        folders: Mapping[str, tuple[Path, Collection[str]]],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._options = options
        self._connected = connected
        self._folders = folders
        self._robots = Robots(options, self._rules, monotonic, sleep)
        self._spent = _Spent()

    def images(
        self,
        wanted: Sequence[tuple[str, ...]],
        take: Callable[[Response], T],
        trust: Trust,
        progress: Progress | None,
        fresh: Container[str] | None = None,
    ) -> dict[tuple[str, ...], T | FetchError]:
        """Fetch pictures; see :meth:`feed2book.fetch.Fetcher.images`."""
        from feed2book.fetch.many import fetch_all, host_of

        distinct = list(dict.fromkeys(wanted))
        with self._spent.lock:
            room = max(0, self._options.max_images - self._spent.images)
            taken = list(islice(distinct, room))
            self._spent.images += len(taken)

        def fetch(url: str) -> T:
            kept = fresh is not None and url not in fresh
            return take(self._image(url, trust, good_for=math.inf if kept else 0.0))

        found = fetch_all(
            taken,
            fetch,
            host=host_of,
            concurrency=self._options.concurrency,
            per_host=self._options.per_host,
            progress=progress,
        )
        for addresses in distinct[room:]:
            message = f"more than {self._options.max_images} pictures are wanted"
            found[addresses] = FetchError(message, where=shown(addresses[0]) if addresses else "")
        return found

    def pages(
        self,
        wanted: Iterable[tuple[str, str]],
        take: Callable[[Response], T],
        trust: Trust,
        progress: Progress | None,
    ) -> dict[tuple[str, str], T | FetchError]:
        """Fetch pages; see :meth:`feed2book.fetch.Fetcher.pages`."""
        from feed2book.fetch.many import fetch_all, host_of

        found = fetch_all(
            ((page,) for page in wanted),
            lambda page: take(self._page(*page, trust)),
            host=lambda page: host_of(page[0]),
            concurrency=self._options.concurrency,
            per_host=self._options.per_host,
            progress=progress,
        )
        return {page: outcome for (page,), outcome in found.items()}

    def _image(self, url: str, trust: Trust, good_for: float) -> Response:
        limit = self._options.max_image_bytes
        self._check_room(url)
        if url[:5].lower() == "data:":
            return self._counted(local.read_data(url, limit))
        if url.startswith(SAVED):
            return self._counted(local.read_picture(self._saved(url), limit))
        from feed2book.fetch.exchange import Wish

        # One more try at most: there are many pictures, and one missing is no harm.
        wish = Wish(url, limit, trust, retries=min(1, self._options.retries), good_for=good_for)
        response = self._connected().get(wish).response
        if _is_page(response):
            raise FetchError("a web page came instead of a picture", where=shown(url))
        return self._counted(response)

    def _saved(self, url: str) -> Path:
        prefix, slash, name = url.partition("/")
        path, pictures = self._folders.get(prefix + slash, (Path(), ()))
        if unquote(name) not in pictures:
            raise BlockedError("it is no picture in a folder that was named", where=shown(url))
        return path / unquote(name)

    def _page(self, url: str, source: str, trust: Trust) -> Response:
        from feed2book.fetch.exchange import Wish

        self._check_room(url)
        with self._spent.lock:
            self._spent.pages += 1
            if self._spent.pages > self._options.max_pages:
                raise FetchError(f"more than {self._options.max_pages} pages are wanted", where=shown(url))
        wish = Wish(
            url,
            self._options.max_page_bytes,
            trust,
            retries=min(1, self._options.retries),
            good_for=_GOOD_FOR,
            source=local.address_of(source),
        )
        return self._counted(self.permitted(wish))

    def permitted(self, wish: Wish) -> Response:
        """Fetch something as far as its host's robots.txt lets us, and not before.

        Raises:
            FetchError: it could not be had, or may not be.
        """
        client, trust = self._connected(), wish.trust
        wish = replace(wish, permit=lambda onward: self._robots.permit(onward, trust))
        return self._robots.in_turn(client.plain(wish.url), trust, lambda: client.get(wish).response)

    def _rules(self, url: str, trust: Trust) -> Response:
        from feed2book.fetch.exchange import Wish

        return self._connected().get(Wish(url, MOST, trust, retries=self._options.retries)).response

    def _check_room(self, url: str) -> None:
        """Refuse what would come after more than a run may have."""
        if self._spent.bytes > self._options.max_total_bytes:
            raise too_much(self._options.max_total_bytes, url)

    def _counted(self, response: Response) -> Response:
        with self._spent.lock:
            self._spent.bytes += len(response.body)
        return response


def _is_page(response: Response) -> bool:
    """Whether a server sent its "not found" page as if all were well. SVG is told by its root."""
    if "html" not in response.header("content-type").lower():
        return False
    start = response.body[:500].lstrip().lower()
    return start.startswith(b"<") and b"<svg" not in start
