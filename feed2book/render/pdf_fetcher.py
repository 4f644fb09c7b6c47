"""What WeasyPrint may load: the book's own images and our fonts, and nothing else. Imported lazily."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from weasyprint.urls import URLFetcher, URLFetcherResponse

from feed2book.models import Asset

ASSET = "book:asset/"
FONT = "book:font/"
SHEET = "book:sheet"

_PACKAGES = {"SourceSerifPro": "font_source_serif_pro", "SourceSansPro": "font_source_sans_pro"}
_FONT_FILE = re.compile(r"(SourceSerifPro|SourceSansPro)-[A-Za-z]+\.ttf")


class BookFetcher(URLFetcher):  # type: ignore[misc]  # weasyprint has no types
    """Answers ``book:asset/ID``, ``book:font/FILE`` and ``book:sheet``; refuses every other address.

    WeasyPrint has no safe mode: by itself it would read ``file:``, ``http:`` and ``data:`` addresses
    that a feed or a style sheet names.
    """

    def __init__(self, assets: Iterable[tuple[str, Asset]], sheet: str) -> None:
        super().__init__(allowed_protocols=())
        self._sheet = sheet
        self._assets = dict(assets)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ARG002
        """Return the file that a private address names.

        Raises:
            ValueError: the address is not one of ours, or names nothing in this book. WeasyPrint
                turns this into a log line and goes on without the file.
        """
        if url.startswith(ASSET):
            asset = self._assets.get(url.removeprefix(ASSET))
            if asset:
                return URLFetcherResponse(url, asset.data, {"Content-Type": asset.media_type})
        elif url.startswith(FONT):
            match = _FONT_FILE.fullmatch(url.removeprefix(FONT))
            if match:
                font = files(_PACKAGES[match[1]]) / "files" / match[0]
                return URLFetcherResponse(url, font.read_bytes(), {"Content-Type": "font/ttf"})
        elif url == SHEET:
            return URLFetcherResponse(url, self._sheet, {"Content-Type": "text/css"})
        raise ValueError(f"refused, not part of this book: {url}")
