"""What a source is to get, as flags and the configuration say it; and where logins may lie."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from feed2book.errors import UsageError

if TYPE_CHECKING:
    from feed2book.models import Access, Secret

# What the client says itself, of the connection, the transfer and the cache.
_OURS = re.compile(
    r"host|connection|keep-alive|content-.*|transfer-encoding|te|trailer|upgrade|expect|accept-encoding|range"
    r"|if-.*|cache-control|pragma|proxy-.*",
    re.IGNORECASE,
)


def header_name(name: str) -> str:
    """Return the name of a header that may be set.

    Raises:
        UsageError: it is none (RFC 9110, section 5.1), or it is not the user's to set.
    """
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        raise UsageError("this is not the name of a header", where=name, remedy="write it as User-Agent")
    if _OURS.fullmatch(name):
        raise UsageError("feed2book sets this header itself", where=name, remedy="leave it out")
    return name


def access(cookies: Path | None, headers: Sequence[str]) -> Access | None:
    """Return what the flags ask for; None if they ask for nothing.

    Args:
        cookies: the file that ``--cookies`` names.
        headers: each ``Name: value`` or ``Name: env:VARIABLE``.

    Raises:
        UsageError: a header is none.
    """
    from feed2book.models import Access, Secret

    if cookies is None and not headers:
        return None
    return Access(
        cookies=Secret("file", (str(cookies),)) if cookies else None,
        headers=tuple(map(_header, headers)),
    )


def _header(text: str) -> tuple[str, str | Secret]:
    from feed2book.models import Secret

    name, colon, value = text.partition(":")
    if not colon:  # it may be a value without its name, so it is not shown
        raise UsageError(
            "a header is missing its colon", where="--header", remedy="write --header 'Name: value'"
        )
    variable = re.fullmatch(r"\s*env:(\w+)\s*", value)
    return header_name(name.strip()), Secret("env", (variable[1],)) if variable else value


def netrc_file(environ: Mapping[str, str]) -> Path | None:
    """Return where the user keeps logins for programs: ``NETRC``, else ``~/.netrc``; None without a home."""
    try:
        return Path(environ.get("NETRC") or "~/.netrc").expanduser()
    except RuntimeError:
        return None
