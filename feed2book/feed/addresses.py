"""Small changes to addresses: a parameter, a path, what a header links to."""

from __future__ import annotations

import re
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


def header_link(response: Response, relation: str) -> str:
    """Return the first address that a ``Link`` header (RFC 8288) gives for a relation, or ``""``."""
    for name, value in response.headers:
        for url, parameters in _LINK.findall(value) if name == "link" else ():
            if re.search(
                rf";\s*rel=(?:\"{re.escape(relation)}\"|{re.escape(relation)}(?:[\s;,]|$))", parameters
            ):
                return str(url)
    return ""
