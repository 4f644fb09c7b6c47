"""The ways that an issue goes: which keys each kind of delivery needs, may have and has no use for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feed2book.config.lines import Keys
from feed2book.config.mail import recipients
from feed2book.config.reading import Reading
from feed2book.config.schema import DeliverTable
from feed2book.config.words import nearest
from feed2book.models import Delivery, SmtpServer

_COMMON = {"kind", "name"}
_BY_MAIL = ({"recipients"}, {"server", "suppressed"})
_TO_PATH: tuple[set[str], set[str]] = ({"path"}, set())
# By kind: the keys that it needs, and those that it may have besides.
_KEYS: Mapping[str, tuple[set[str], set[str]]] = {
    "email": _BY_MAIL,
    "kindle": _BY_MAIL,
    "eml": _TO_PATH,
    "maildir": _TO_PATH,
    "mbox": _TO_PATH,
    "folder": ({"path"}, {"outputs"}),
    "catalogue": ({"path"}, {"outputs", "url", "keep"}),
}
# What a kind is made of; the others take the outputs that they name.
_OUTPUT = {"email": "email", "kindle": "epub", "eml": "email", "maildir": "email", "mbox": "email"}


def outputs_of(tables: Sequence[DeliverTable], attached: Sequence[str]) -> tuple[str, ...]:
    """Return the outputs that deliveries need; one that names none, or no delivery at all, needs ``epub``."""
    wanted = {name for table in tables for name in (_needed(table) or ("epub",))}
    wanted.update(attached if "email" in wanted else ())
    return tuple(name for name in ("epub", "pdf", "email") if name in wanted) or ("epub",)


def is_mailed(table: DeliverTable) -> bool:
    """Whether a delivery goes by a server to recipients."""
    return "recipients" in _KEYS[table.kind][0]


def _needed(table: DeliverTable) -> Sequence[str]:
    """Return the outputs that a delivery cannot do without."""
    return (_OUTPUT[table.kind],) if table.kind in _OUTPUT else table.outputs or ()


def deliveries(
    tables: Sequence[DeliverTable],
    raw: Sequence[Mapping[str, Any]],
    outputs: Sequence[str],
    servers: Mapping[str, SmtpServer | None],
    keys: Keys,
    reading: Reading,
) -> tuple[Delivery, ...]:
    """Return the deliveries of an edition.

    Args:
        tables: what the edition says of them.
        raw: the same as the file has it, where a key that is not there differs from one with its default.
        outputs: what the edition makes.
        servers: by name; None where one is wrong, which is told elsewhere.
        keys: the edition's.
        reading: takes what is wrong.
    """
    made = []
    for index, (table, given) in enumerate(zip(tables, raw, strict=True)):
        at = (*keys, "deliver", index)
        _check_keys(table.kind, given, at, reading)
        made.append(_delivery(table, outputs, servers, at, reading))
    _check_unique(made, keys, reading)
    return tuple(made)


def _check_keys(kind: str, given: Mapping[str, Any], keys: Keys, reading: Reading) -> None:
    needs, may = _KEYS[kind]
    for key in sorted(given.keys() - needs - may - _COMMON):
        reading.fault((*keys, key), f"a delivery of the kind {kind} has no use for it", "remove it")
    for key in sorted(needs):
        if not given.get(key):
            example = '["name@example.org"]' if key == "recipients" else '"…"'
            reading.fault((*keys, key), "it is missing", f"add {key} = {example}")


def _delivery(
    table: DeliverTable,
    outputs: Sequence[str],
    servers: Mapping[str, SmtpServer | None],
    keys: Keys,
    reading: Reading,
) -> Delivery:
    wanted = tuple(_needed(table) or (name for name in outputs if name != "email"))
    if not wanted:
        reading.fault((*keys, "outputs"), "the edition makes no book", 'add "epub" to its outputs')
    for name in wanted:
        if name not in outputs:
            reading.fault(
                keys,
                f"it needs the output {name}, and the edition makes none",
                f'add "{name}" to its outputs',
            )
    return Delivery(
        kind=table.kind,
        name=table.name or table.kind,
        server=_server(table.server, servers, (*keys, "server"), reading) if is_mailed(table) else None,
        recipients=recipients(table, keys, reading),
        path=reading.place(table.path),
        outputs=wanted,
        url=table.url,
        keep=table.keep,
    )


def _server(
    name: str, servers: Mapping[str, SmtpServer | None], keys: Keys, reading: Reading
) -> SmtpServer | None:
    """Return the server of that name; where there is only one, it need not be named."""
    if name in servers:
        return servers[name]
    if not servers:
        reading.fault(keys, "no server is described", f"add [server.{name or 'NAME'}] with its host")
    elif name:
        reading.fault(keys, f"there is no server {name!r}", nearest(name, servers))
    elif len(servers) == 1:
        return next(iter(servers.values()))
    else:
        reading.fault(keys, "it is missing, and there are several", nearest(name, servers))
    return None


def _check_unique(made: Sequence[Delivery], keys: Keys, reading: Reading) -> None:
    names: set[str] = set()
    places: set[object] = set()
    for index, delivery in enumerate(made):
        at = (*keys, "deliver", index)
        if delivery.name in names:
            reading.fault(
                (*at, "name"),
                f"another delivery is called {delivery.name}, too",
                "give each a name of its own",
            )
        names.add(delivery.name)
        if delivery.path and delivery.path in places:
            reading.fault(
                (*at, "path"),
                f"another delivery goes to {delivery.path}, too",
                "give each a place of its own",
            )
        places.add(delivery.path)
