"""What WeasyPrint may load: the book's own images and our fonts, and nothing else. Imported lazily."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from weasyprint.urls import URLFetcher, URLFetcherResponse

from feed2book.models import Asset
from feed2book.render.pdf.addresses import ASSET, FONT, SHEET, WRAP

# The mark of a line of code that goes on: drawn, so that nobody copies it along with the code.
_WRAP = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20" viewBox="0 0 20 20">'
    b'<path d="M3 2v9h13M11 6.5l5 4.5-5 4.5" fill="none" stroke="#737373" stroke-width="1.6"/></svg>'
)

_PACKAGES = {"SourceSerifPro": "font_source_serif_pro", "SourceSansPro": "font_source_sans_pro"}
_FONT_FILE = re.compile(r"(SourceSerifPro|SourceSansPro)-[A-Za-z]+\.ttf")


class BookFetcher(URLFetcher):  # type: ignore[misc]  # weasyprint has no types
    """Answers ``book:asset/ID``, ``book:font/FILE``, ``book:sheet``, ``book:wrap``; nothing else.

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
        elif url == WRAP:
            return URLFetcherResponse(url, _WRAP, {"Content-Type": "image/svg+xml"})
        elif url == SHEET:
            return URLFetcherResponse(url, self._sheet, {"Content-Type": "text/css"})
        raise ValueError(f"refused, not part of this book: {url}")
