"""QR codes beside the cards of videos, recordings and pages, for who holds the book on paper."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import replace
from io import BytesIO

from feed2book.models import Article, Asset, Blob, Book, token

_CARD = re.compile(r'(<aside class="embed"[^<>]*>)(.*?)(?=</aside>)', re.DOTALL)
_ADDRESS = re.compile(r'<a href="(https?://[^"<>]+)">')
_LONGEST = 1000  # characters; denser codes cannot be read from paper
_QUIET = 4  # modules of white around the code (ISO/IEC 18004, 9.1)


def add_codes(book: Book) -> Book:
    """Return the book with a QR code in each card, drawn as SVG, once for each address.

    Args:
        book: a bound book whose links were not treated yet.
    """
    assets: dict[str, Asset] = {}

    def beside(article: Article) -> Article:
        return replace(article, html=_CARD.sub(lambda card: _with_code(card, assets), article.html))

    parts = tuple(replace(part, articles=tuple(map(beside, part.articles))) for part in book.parts)
    return replace(book, parts=parts, assets=(*book.assets, *assets.values()))


def _with_code(card: re.Match[str], assets: dict[str, Asset]) -> str:
    link = _ADDRESS.search(card[2])
    address = html.unescape(link[1]) if link else ""
    if not address or len(address) > _LONGEST:
        return card[0]
    code = _draw(address)
    assets[code.id] = code
    return (
        f'{card[1]}<img class="qr" src="{token("asset", code.id)}"'
        f' alt="QR: {html.escape(address)}"/>{card[2]}'
    )


def _draw(address: str) -> Asset:
    import segno  # only here: few books have codes

    code = segno.make(address, error="m", micro=False, boost_error=False)
    drawn = BytesIO()
    code.save(drawn, kind="svg", border=_QUIET, light="#fff", omitsize=True, xmldecl=False, nl=False)
    width, height = code.symbol_size(border=_QUIET)
    name = f"qr-{hashlib.sha256(address.encode()).hexdigest()[:16]}"
    return Asset(name, "image/svg+xml", Blob(drawn.getvalue()), int(width), int(height), address)
