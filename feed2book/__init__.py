"""feed2book turns web feeds into books: an EPUB, a PDF, a digest for the inbox.

The public names are loaded when they are first used, so that importing the package costs nothing::

    from datetime import UTC, datetime
    from feed2book import Job, make_epub

    made, report = make_epub(Job(sources=("https://example.org/feed",)), datetime.now(UTC))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feed2book.errors import Feed2BookError
    from feed2book.models import (
        Article,
        Artifact,
        Book,
        BookOptions,
        Device,
        Entry,
        Feed,
        FetchOptions,
        Job,
        MailOptions,
        Notice,
        RenderOptions,
        Report,
    )
    from feed2book.pipeline import (
        make_book,
        make_digest,
        make_digest_page,
        make_epub,
        make_pdf,
        outline,
        update_epub,
    )

__all__ = [
    "Article",
    "Artifact",
    "Book",
    "BookOptions",
    "Device",
    "Entry",
    "Feed",
    "Feed2BookError",
    "FetchOptions",
    "Job",
    "MailOptions",
    "Notice",
    "RenderOptions",
    "Report",
    "make_book",
    "make_digest",
    "make_digest_page",
    "make_epub",
    "make_pdf",
    "outline",
    "update_epub",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'feed2book' has no attribute {name!r}")
    from importlib import import_module

    homes = {"Feed2BookError": "errors"} | {n: "pipeline" for n in __all__ if n.islower()}
    return getattr(import_module(f"feed2book.{homes.get(name, 'models')}"), name)
