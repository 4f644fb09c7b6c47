"""The sources of an edition, and which of their posts it wants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from feed2book.config.access import header_name
from feed2book.config.faults import IN_THE_OPEN
from feed2book.config.lines import Keys
from feed2book.config.places import exists
from feed2book.config.reading import Reading
from feed2book.config.schema import EditionTable, FilterTable, SecretTable, SourceTable
from feed2book.config.words import nearest
from feed2book.models import Access, Filter, Reach, Secret, Source, without_login

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
_SCHEMES = ("https", "http", "feed", "file")
_PATHS = ("/", "./", "../", "~")


def sources(tables: Sequence[SourceTable], reach: Reach, keys: Keys, reading: Reading) -> tuple[Source, ...]:
    """Return the sources of an edition; two with the same address are a fault.

    Args:
        tables: what the configuration says of each.
        reach: what holds where a source says nothing of how much of it is read.
        keys: the edition.
        reading: takes what is wrong.
    """
    made: dict[str, Source] = {}
    for index, table in enumerate(tables):
        at = (*keys, "source", index)
        source = _source(table, reach, at, reading)
        if source.address in made:
            reading.fault(
                (*at, "address"), "another source of the edition has it, too", "remove one of the two"
            )
        made[source.address] = source
    return tuple(made.values())


def _source(table: SourceTable, reach: Reach, keys: Keys, reading: Reading) -> Source:
    return Source(
        address=_address(table.address, keys, reading),
        name=table.name,
        group=table.group,
        limit=table.limit,
        order=table.order or "",
        include=_filter(table.include, (*keys, "include"), reading),
        exclude=_filter(table.exclude, (*keys, "exclude"), reading),
        access=_access(table, keys, reading),
        reach=reach_of(table, reach) if table.archive or table.full_text else None,
    )


def reach_of(table: SourceTable | EditionTable, reach: Reach) -> Reach:
    """Return ``reach`` with what a table has otherwise."""
    archive = reach.archive if table.archive is None else "" if table.archive == "none" else table.archive
    return Reach(archive, table.full_text or reach.full_text)


def _address(value: str, keys: Keys, reading: Reading) -> str:
    """Return an address; one that names a file counts from the configuration's folder."""
    text = value.strip()
    if text == "-":
        reading.fault(
            (*keys, "address"), "standard input is read once, and an edition comes again", "name a file"
        )
    if scheme := _SCHEME.match(text):
        if scheme[1].lower() not in _SCHEMES:
            reading.fault(
                (*keys, "address"), f"nothing is fetched by {scheme[1]}:", nearest(scheme[1], _SCHEMES)
            )
        elif without_login(text) != text:
            remedy = 'take it out, and add user = "…" and password = { env = "NAME" }'
            reading.fault((*keys, "address"), "a login does not stand here in the open", remedy)
        return text
    path = reading.place(text)
    return str(path) if path and (text.startswith(_PATHS) or exists(path)) else text


def _filter(table: FilterTable | None, keys: Keys, reading: Reading) -> Filter | None:
    if table is None:
        return None
    found = {}
    for key in ("title", "tag", "author", "text"):
        value = getattr(table, key)
        found[key] = (value,) if isinstance(value, str) else tuple(value)
        for pattern in found[key]:
            try:
                re.compile(pattern)
            except (re.error, RecursionError, OverflowError) as error:
                remedy = "put a backslash before a sign that is meant as it stands (in TOML: 'quotes')"
                reading.fault((*keys, key), f"{pattern!r} is not a regular expression: {error}", remedy)
    if not any(found.values()):
        reading.fault(keys, "it has no rule", 'add one, such as title = "…", or remove it')
    return Filter(**found)


def _access(table: SourceTable, keys: Keys, reading: Reading) -> Access | None:
    password = reading.secret(table.password, (*keys, "password"))
    token = reading.secret(table.token, (*keys, "token"))
    if table.token and (table.user or table.password):
        reading.fault((*keys, "token"), "a source has a token or a user, not both", "remove one")
    elif bool(table.user) != bool(table.password):
        missing = "password" if table.user else "user"
        reading.fault((*keys, missing), "it is missing", "a user and a password go together")
    cookies = reading.place(table.cookies)
    found = Access(
        table.user,
        password,
        token,
        Secret("file", (str(cookies),)) if cookies else None,
        tuple(_headers(table.headers, (*keys, "headers"), reading)),
        _said(table.proxy, (*keys, "proxy"), reading, secret="@" in str(table.proxy)),
    )
    return found if found != Access() else None


def _headers(
    tables: Mapping[str, str | SecretTable], keys: Keys, reading: Reading
) -> Iterator[tuple[str, str | Secret]]:
    for name, value in tables.items():
        reading.attempt((*keys, name), header_name, name)
        secret = name.lower() in ("authorization", "cookie")
        yield name, _said(value, (*keys, name), reading, secret=secret)


def _said(value: str | SecretTable, keys: Keys, reading: Reading, *, secret: bool) -> str | Secret:
    """Return a value that may stand in the file itself unless it is secret, or where it is to be had."""
    if not isinstance(value, str):
        return reading.secret(value, keys) or ""
    if secret:
        reading.fault(keys, *IN_THE_OPEN)
    return value
