"""Small changes to addresses: a parameter, a path, what a header links to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit, urlunsplit

from feed2book.models import Response

_LINK = re.compile(r"<([^<>]{1,2000})>([^<>]*)")


def with_query(url: str, /, **values: object) -> str:
    """Return the address with these parameters of its query set; all others stay as they are."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0] not in values]
    said = [f"{name}={quote(str(value), safe='')}" for name, value in values.items()]
    return urlunsplit(parts._replace(query="&".join([*kept, *said]), fragment=""))


def number_in(url: str, name: str, default: int) -> int:
    """Return the whole number that a parameter of the query has."""
    found = re.search(rf"(?:^|&){re.escape(name)}=(\d{{1,9}})(?:&|$)", urlsplit(url).query)
    return int(found[1]) if found else default


def with_path(url: str, path: str) -> str:
    """Return the address with another path and no query."""
    return urlunsplit(urlsplit(url)._replace(path=path, query="", fragment=""))


def header_links(response: Response) -> Iterator[tuple[str, str]]:
    """Yield the addresses in ``Link`` headers (RFC 8288), each with its parameters as they are written."""
    for name, value in response.headers:
        if name == "link":
            yield from _LINK.findall(value)


def header_link(response: Response, relation: str) -> str:
    """Return the first address that a ``Link`` header gives for a relation, or ``""``."""
    name = re.escape(relation)
    wanted = re.compile(rf";\s*rel=(?:\"{name}\"|{name}(?:[\s;,]|$))")
    return next((url for url, parameters in header_links(response) if wanted.search(parameters)), "")
