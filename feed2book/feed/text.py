"""Small readers for what feeds put in their fields."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

# Titles may hold inline markup (RSS says nothing of it). Other tags, as in "The <dialog> element",
# are what the title is about, and stay as text.
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|br|cite|code|del|em|font|i|img|ins|kbd|mark|p|q|s|small|span|strike|strong|sub|sup|"
    r"tt|u|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028\u2029\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_LONGEST_TITLE = 2_000  # characters


def plain(value: object, *, markup: bool = False) -> str:
    """Return a field as one line of plain text.

    Args:
        value: what the feed said; anything but a string becomes ``""``.
        markup: the field holds HTML: inline tags go, entities are resolved.
    """
    if not isinstance(value, str):
        return ""
    value = value[:_LONGEST_TITLE]
    if markup:
        value = unescape(_INLINE_TAG.sub("", _SCRIPT.sub("", value)))
    return " ".join(_INVISIBLE.sub(" ", value).split())


def markup_of(text: str) -> str:
    """Return plain text as HTML: a blank line parts paragraphs, a single line end breaks the line."""
    paragraphs = re.split(r"\n\s*\n", text.strip().replace("\r\n", "\n"))
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs if part.strip())


def address(value: object, base: str = "") -> str:
    """Return an absolute http(s) address, or ``""`` when it is none (``javascript:``, ``mailto:`` …)."""
    if not isinstance(value, str) or not value.strip():
        return ""
    try:
        url = urljoin(base, _INVISIBLE.sub("", value).strip())
        return url if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname else ""
    except ValueError:
        return ""


def moment(parts: object) -> datetime | None:
    """Return feedparser's UTC time tuple as an aware datetime, or None when it is impossible."""
    if not isinstance(parts, tuple) or len(parts) < 6:
        return None
    try:
        # A leap second or 24:00 is somebody's clock, not a reason to lose the date.
        year, month, day, hour, minute, second = parts[:6]
        return told(datetime(year, month, day, min(hour, 23), min(minute, 59), min(second, 59), tzinfo=UTC))
    except (TypeError, ValueError):
        return None


def iso_moment(value: object) -> datetime | None:
    """Return an RFC 3339 time (also with a space for the T), or None; one without an offset counts as UTC."""
    if not isinstance(value, str):
        return None
    # Fractions of any length: Python reads at most six digits.
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value.strip()))
        return told((found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def rfc822_moment(value: str) -> datetime | None:
    """Return the time of RSS and HTTP (RFC 5322), or None; one without an offset counts as UTC."""
    try:
        found = parsedate_to_datetime(value)
        return told((found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def told(found: datetime) -> datetime | None:
    """Return a time, or None for a program's zero (Go's year 1, Unix's 1970): then none is known."""
    return None if found.year == 1 or found.timestamp() == 0 else found


def count(value: object) -> int | None:
    """Return a whole number that is not negative, or None."""
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def language(value: object) -> str:
    """Return a BCP 47 tag in its usual spelling (``pt-BR``), or ``""`` when it is none."""
    if not isinstance(value, str):
        return ""
    parts = value.strip().replace("_", "-").split("-")
    if not re.fullmatch(r"[A-Za-z]{2,3}", parts[0]) or not all(
        re.fullmatch(r"[A-Za-z0-9]{1,8}", p) for p in parts
    ):
        return ""
    if parts[0].lower() in ("und", "mul", "zxx", "xx"):
        return ""
    return "-".join([parts[0].lower(), *map(_subtag, parts[1:])])


def _subtag(part: str) -> str:
    if len(part) == 2 and part.isalpha():
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part.lower()
