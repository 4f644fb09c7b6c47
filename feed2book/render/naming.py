"""What a finished file is called: see :func:`filename`."""

from __future__ import annotations

import re
import unicodedata

from feed2book.models import Book
from feed2book.render.dates import iso_date, period

MAX_CHARACTERS = 80
_MAX_BYTES = 240  # file systems take 255 bytes; a temporary name beside it needs a few more
_RESERVED = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9¹²³]", re.IGNORECASE)
_VANISH = "'’ʼ\u200c\u200d\u00ad"  # "don't" is one word; joiners and soft hyphens are no gaps either


def filename(book: Book, extension: str) -> str:
    """Return a file name for the book, the same for each build that is to replace an older one.

    ``The-Harbour-Letter.epub`` for a living book (Kobo, and Kindle over a cable, tell books by the file's
    name), ``The-Harbour-Letter-no-12.epub`` for an issue, and for the posts of some range of dates those of
    the first and the last: ``The-Harbour-Letter-2026-11-02-to-2026-11-11.epub``; one date when they are the
    same, the date of issue when no post has one.

    Letters and digits of every script stay, everything else becomes a hyphen: there is no separator,
    control character or leading dot to worry about, and no name that Windows reserves (``CON``, ``NUL`` …).

    Args:
        book: the book.
        extension: with or without the dot (``.epub``).

    Returns:
        At most 80 characters and 240 bytes of UTF-8.
    """
    ending = f".{extension.removeprefix('.')}"
    tail = _tail(book) + ending
    name = book.title.removesuffix(f", no. {book.number}")
    title = _title(name, MAX_CHARACTERS - len(tail), _MAX_BYTES - len(tail.encode()))
    return f"book-{title}{tail}" if _RESERVED.fullmatch(title) and tail == ending else title + tail


def _tail(book: Book) -> str:
    if book.number is not None:
        return f"-no-{book.number}"
    return "" if book.living else f"-{_dates(book)}"


def _dates(book: Book) -> str:
    first, last = (iso_date(moment) for moment in period(book) or (book.issued, book.issued))
    return first if first == last else f"{first}-to-{last}"


def _title(title: str, characters: int, octets: int) -> str:
    """Return as many whole words of the title as fit, joined by hyphens; a cut one if none does."""
    kept = "".join(
        char if char.isalnum() or unicodedata.category(char)[0] == "M" else " "
        for char in unicodedata.normalize("NFC", title)
        if char not in _VANISH
    )
    words = kept.split() or ["book"]
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word
        if len(longer) > characters or len(longer.encode()) > octets:
            break
        name = longer
    return name or words[0][:characters].encode()[:octets].decode(errors="ignore")
