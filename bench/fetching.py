"""Fetch the addresses that a file lists, as a book would, and keep nothing. Started by the bench."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from feed2book.fetch import Fetcher
from feed2book.models import FetchOptions, Response


def size(response: Response) -> int:
    """Return how many bytes came."""
    return len(response.body)


def main(listed: Path) -> None:
    """Fetch them with the cache of the bench; fail if one does not come."""
    urls = listed.read_text(encoding="utf-8").split()
    options = FetchOptions(cache_dir=Path(os.environ["FEED2BOOK_CACHE"]))
    with Fetcher(options) as fetcher:
        found = fetcher.images([(url,) for url in urls], size, trusted={urlsplit(url).netloc for url in urls})
    for outcome in found.values():
        if isinstance(outcome, Exception):
            raise outcome


if __name__ == "__main__":
    main(Path(sys.argv[1]))
