"""A configuration file's tables → editions: what takes more than one key to judge is judged here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from feed2book.config import flags
from feed2book.config.access import netrc_file
from feed2book.config.deliveries import deliveries, is_mailed, outputs_of
from feed2book.config.faults import faults
from feed2book.config.lines import Keys
from feed2book.config.mail import mail_options, server
from feed2book.config.places import is_folder
from feed2book.config.reading import Reading
from feed2book.config.schedules import schedule
from feed2book.config.schema import Document, EditionTable, MailTable, ServerTable
from feed2book.config.sites import sites
from feed2book.config.sources import reach_of, sources
from feed2book.models import Config, Edition, FetchOptions, Reach, RenderOptions, Sites, SmtpServer
from feed2book.papers import paper_of

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def read_config(document: Mapping[str, Any], path: Path, reading: Reading) -> Config:
    """Return the configuration, as far as nothing in it is wrong.

    Args:
        document: the file as TOML has it.
        path: the file.
        reading: takes what is wrong; then the result is of no use.
    """
    for fault in faults(document, Document):
        reading.faults[fault.path] = fault
    # What has the wrong form has been told about, and there is no more to say of it.
    broken = {keys[:length] for keys in reading.faults for length in (1, 2)}
    servers: dict[str, SmtpServer | None] = {}
    for name, raw in _tables(document, "server"):
        sound = ("server", name) not in broken
        servers[name] = (
            server(msgspec.convert(raw, ServerTable), ("server", name), reading) if sound else None
        )
    known = sites(
        {name: raw for name, raw in _tables(document, "site") if ("site", name) not in broken},
        document.get("site-rules", "") if ("site-rules",) not in broken else "",
        reading,
    )
    common = {key: value for key, value in _tables(document, "mail") if ("mail", key) not in broken}
    editions = {
        name: _edition(name, raw, common, servers, known, reading)
        for name, raw in _tables(document, "edition")
        if ("edition", name) not in broken
    }
    _check_names(editions, reading)
    _check_catalogues(editions.values(), reading)
    said = reading.place(document.get("data", "")) if ("data",) not in broken else None
    address = document.get("executor", "") if ("executor",) not in broken else ""
    executor = reading.attempt(("executor",), lambda value: flags.executor(value, "executor"), address)
    return Config(path, flags.data_directory(reading.environ, said), tuple(editions.values()), executor or "")


def _tables(document: Mapping[str, Any], key: str) -> Iterable[tuple[str, Any]]:
    """Return what stands in a table of the file, none where it is no table."""
    found = document.get(key)
    return found.items() if isinstance(found, dict) else ()


def _check_names(names: Iterable[str], reading: Reading) -> None:
    """Write down what is no name for an edition: they name folders, where large and small may be the same."""
    seen: dict[str, str] = {}
    for name in names:
        if not _NAME.fullmatch(name):
            remedy = "use letters, digits, - and _, at most 64"
            reading.fault(("edition", name), "this is no name for an edition", remedy)
        if seen.setdefault(name.lower(), name) != name:
            reading.fault(
                ("edition", name), f"another one is called {seen[name.lower()]}", "name it otherwise"
            )


def _check_catalogues(editions: Iterable[Edition], reading: Reading) -> None:
    """Write down where two editions have one catalogue: each would take out what the other put in."""
    owners: dict[Path | None, str] = {}
    for edition in editions:
        for index, delivery in enumerate(edition.deliveries):
            if (
                delivery.kind == "catalogue"
                and owners.setdefault(delivery.path, edition.name) != edition.name
            ):
                keys: Keys = ("edition", edition.name, "deliver", index, "path")
                problem = f"the catalogue of {owners[delivery.path]} is in {delivery.path}, too"
                reading.fault(keys, problem, "give each a place of its own")


def _edition(
    name: str,
    raw: Mapping[str, Any],
    common: Mapping[str, Any],
    servers: Mapping[str, SmtpServer | None],
    known: Sites,
    reading: Reading,
) -> Edition:
    keys: Keys = ("edition", name)
    table = msgspec.convert(raw, EditionTable)
    own = raw.get("mail", {})
    mail = msgspec.convert({**common, **own}, MailTable)
    outputs = tuple(dict.fromkeys(table.outputs or outputs_of(table.deliver, mail.attach)))

    def at(key: str) -> Keys:
        return (*keys, "mail", key) if key in own else ("mail", key)

    if not mail.sender and any(map(is_mailed, table.deliver)):
        reading.fault(at("sender"), "it is missing", 'add sender = "Name <name@example.org>" to [mail]')
    for missing in set(mail.attach).difference(outputs):
        reading.fault(at("attach"), f"the edition makes no {missing}", f'add "{missing}" to its outputs')
    values = msgspec.structs.asdict(table)
    reach = reach_of(table, Reach())
    order = "newest" if "email" in outputs else "oldest"
    period = reading.attempt((*keys, "period"), flags.age, table.period)
    reading.attempt((*keys, "schedule"), schedule, table.schedule)
    reading.attempt((*keys, "language"), flags.language, table.language)
    return Edition(
        name=name,
        sources=sources(table.source, reach, keys, reading),
        fetch=FetchOptions(
            cache_dir=flags.cache_directory(reading.environ),
            allow_private=table.allow_private,
            ignore_robots=table.ignore_robots,
            netrc=netrc_file(reading.environ),
        ),
        book=flags.book_options(values, order),
        render=_render(table, values, keys, reading),
        outputs=outputs,
        deliveries=deliveries(table.deliver, raw.get("deliver", []), outputs, servers, keys, reading),
        period=period or timedelta(),
        schedule=table.schedule.strip().lower(),
        updates=table.updates,
        min_posts=table.min_posts,
        keep=table.keep,
        mail=mail_options(mail, at, reading),
        jobs=table.jobs or flags.processors(),
        reach=reach,
        sites=known,
    )


def _render(table: EditionTable, values: Mapping[str, Any], keys: Keys, reading: Reading) -> RenderOptions:
    device = reading.attempt((*keys, "device"), lambda name: flags.device(name, table.max_size), table.device)
    css = reading.attempt((*keys, "css"), lambda name: flags.style_sheet(reading.place(name)), table.css)
    if table.page:
        reading.attempt((*keys, "page"), paper_of, table.page)
    templates = reading.place(table.templates)
    if templates and not is_folder(templates):
        reading.fault((*keys, "templates"), f"there is no folder {templates}", "make it, or remove the key")
    # As the commands have it: addresses are listed on paper.
    links = "footnote" if table.outputs == ["pdf"] else "keep"
    return flags.render_options(
        {**values, "templates": templates}, device or flags.device("generic"), css or "", links
    )
