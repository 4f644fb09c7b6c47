"""What the user said (flags, environment) → frozen options. Every error names the option and the fix."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feed2book.errors import UsageError

if TYPE_CHECKING:
    from feed2book.models import BookOptions, Device, RenderOptions

_UNITS = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "m": timedelta(days=30),
    "y": timedelta(days=365),
}
_AGE = re.compile(r"(\d{1,5})\s*([hdwmy])", re.IGNORECASE)
_EXECUTOR = re.compile(r"(?:dask|tls)://(?:[^\s/:@\[\]]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}/?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def clock(environ: Mapping[str, str]) -> datetime:
    """Return the time that goes into books: ``SOURCE_DATE_EPOCH`` if it is set, else now. UTC, whole seconds.

    See https://reproducible-builds.org/specs/source-date-epoch/.

    Raises:
        UsageError: the variable is not a number of seconds.
    """
    epoch = environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"{epoch!r} is not a time in seconds since 1970", where="SOURCE_DATE_EPOCH", remedy="unset it"
        ) from error


def moment(value: str, option: str, now: datetime, *, end_of_day: bool = False) -> datetime | None:
    """Read a date of the user's: ``2026-11-23``, a full ISO 8601 time, or an age as ``7d`` (h, d, w, m, y).

    Args:
        value: what was typed; ``""`` means no limit and gives None.
        option: its name, for the message.
        now: the clock, which ages count back from.
        end_of_day: a bare date means the end of that day (for ``--until``).

    Raises:
        UsageError: it is none of these.
    """
    text = value.strip()
    if not text:
        return None
    try:
        if past := _AGE.fullmatch(text):
            return now - _length(past)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        remedy = "write a date as 2026-11-23 or an age as 7d, 2w, 6m"
        raise UsageError(f"{value!r} is not a date", where=option, remedy=remedy) from error
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    is_bare = len(text) <= len("2026-11-23")
    return (found + timedelta(days=1) if is_bare and end_of_day else found).astimezone(UTC)


def age(value: str) -> timedelta:
    """Read a length of time: ``7d``, ``2w`` (h, d, w, m, y).

    Raises:
        UsageError: it is none, or none at all.
    """
    found = _AGE.fullmatch(value.strip())
    length = _length(found) if found else timedelta()
    if not length:
        raise UsageError(
            f"{value!r} is not a length of time", where="period", remedy="write it as 7d, 2w, 6m"
        )
    return length


def _length(found: re.Match[str]) -> timedelta:
    return int(found[1]) * _UNITS[found[2].lower()]


def language(value: str) -> str:
    """Check a language tag (BCP 47).

    Raises:
        UsageError: it is none.
    """
    if value and not _LANGUAGE.fullmatch(value):
        remedy = "use a tag such as en, de or pt-BR"
        raise UsageError(f"{value!r} is not a language tag", where="--language", remedy=remedy)
    return value


def device(name: str, megabytes: int | None = None) -> Device:
    """Return the device of that name, in any case of letters.

    Args:
        name: as in the table of devices.
        megabytes: the most that a file may have, if not what the device takes.

    Raises:
        UsageError: there is none.
    """
    from feed2book.devices import DEVICES

    found = DEVICES.get(name.strip().lower())
    if found is None:
        remedy = f"use one of {', '.join(DEVICES)}"
        raise UsageError(f"{name!r} is not a device that we know", where="--device", remedy=remedy)
    return replace(found, book_bytes=megabytes * 1_000_000) if megabytes else found


def style_sheet(path: Path | None) -> str:
    """Return the text of the user's style sheet, ``""`` without one.

    Raises:
        UsageError: it cannot be read as UTF-8 text.
    """
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, or no name of a file
        remedy = "name a file of UTF-8 text"
        raise UsageError(
            f"the style sheet cannot be read: {error}", where=f"--css {path}", remedy=remedy
        ) from error


def cache_directory(environ: Mapping[str, str]) -> Path:
    """Return where fetched files are kept: ``FEED2BOOK_CACHE``, else the XDG cache directory."""
    own = environ.get("FEED2BOOK_CACHE", "")
    if own:
        return Path(own).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("feed2book"))


def data_directory(environ: Mapping[str, str], said: Path | None) -> Path:
    """Return where it is remembered what was delivered: ``FEED2BOOK_DATA``, what the file says, or XDG's."""
    own = environ.get("FEED2BOOK_DATA", "")
    if own:
        return Path(own).expanduser().absolute()
    import platformdirs

    return said or Path(platformdirs.user_data_dir("feed2book"))


def book_options(
    values: Mapping[str, Any], order: str, since: datetime | None = None, until: datetime | None = None
) -> BookOptions:
    """Return what goes into a book.

    Args:
        values: by the names of the flags (``language``, ``limit`` …), each already checked.
        order: where ``values`` have none.
        since: the range of dates.
        until: its end.
    """
    from feed2book.models import BookOptions

    return BookOptions(
        title=values.get("title", ""),
        author=values.get("author", ""),
        language=values["language"],
        limit=values["limit"],
        since=since,
        until=until,
        order=values["order"] or order,
        cover=values.get("cover", False),
        images=values.get("images", True),
        series=values.get("series", ""),
        number=values.get("number"),
    )


def render_options(values: Mapping[str, Any], device: Device, css: str, links: str) -> RenderOptions:
    """Return how a book looks.

    Args:
        values: by the names of the flags (``page``, ``two_sided`` …), each already checked.
        device: what it is made for.
        css: the text of the user's style sheet.
        links: where ``values`` have none.
    """
    from feed2book.models import RenderOptions

    return RenderOptions(
        page=values.get("page") or device.paper,
        layout=values.get("layout", "book"),
        two_sided=values.get("two_sided", False),
        grayscale=values.get("grayscale", False) or device.gray,
        archive=values.get("pdf_a") or "",
        toc_depth=values.get("toc_depth", 3),
        links=values.get("links") or links,
        qr=values.get("qr", False),
        css=css,
        templates=values.get("templates"),
        embed_fonts=values.get("embed_fonts", False),
        device=device,
    )


def executor(value: str, where: str) -> str:
    """Check the address of a cluster, ``""`` for none.

    Args:
        value: ``dask://host:port`` or ``tls://host:port``.
        where: the option or key, for the message.

    Raises:
        UsageError: it is neither.
    """
    if value and not _EXECUTOR.fullmatch(value):
        remedy = "write it as dask://host:8786"
        raise UsageError(f"{value!r} is not the address of a scheduler", where=where, remedy=remedy)
    return value


def processors() -> int:
    """Return how many processors this process may use."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
