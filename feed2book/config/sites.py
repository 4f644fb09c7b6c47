"""The user's rules for the pages of sites: CSS selectors → XPath, which the pages are searched with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from feed2book.config.lines import Keys
from feed2book.config.places import is_folder
from feed2book.config.reading import Reading
from feed2book.config.schema import Patterns, SiteTable
from feed2book.models import SiteRule, Sites

_HOST = re.compile(r"\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


def sites(tables: Mapping[str, Any], folder: str, reading: Reading) -> Sites:
    """Return the rules that the configuration has or names.

    Args:
        tables: ``[site."HOST"]`` as TOML has it, by host.
        folder: ``site-rules``.
        reading: takes what is wrong.
    """
    place = reading.place(folder)
    if place and not is_folder(place):
        reading.fault(("site-rules",), f"there is no folder {place}", "make it, or remove the key")
    rules = {host: _rule(host, msgspec.convert(raw, SiteTable), reading) for host, raw in tables.items()}
    return Sites(rules, place)


def _rule(host: str, table: SiteTable, reading: Reading) -> SiteRule:
    if not _HOST.fullmatch(host):
        remedy = 'write it without www., as "example.org"; ".example.org" means all hosts under it, too'
        reading.fault(("site", host), "this is no host", remedy)

    def xpaths(key: str, said: Patterns) -> tuple[str, ...]:
        selectors = [said] if isinstance(said, str) else said
        return tuple(_xpath(selector, ("site", host, key), reading) for selector in selectors)

    return SiteRule(
        body=xpaths("body", table.body),
        strip=xpaths("strip", table.strip),
        title=xpaths("title", table.title),
        author=xpaths("author", table.author),
        date=xpaths("date", table.date),
        next_page=xpaths("next-page", table.next_page),
        single_page=xpaths("single-page", table.single_page),
    )


def _xpath(selector: str, keys: Keys, reading: Reading) -> str:
    from cssselect import HTMLTranslator, SelectorError

    try:
        return HTMLTranslator().css_to_xpath(selector)
    except SelectorError as error:
        remedy = 'write it as in a style sheet, such as "div.entry"'
        reading.fault(keys, f"{selector!r} is not a CSS selector: {error}", remedy)
        return ""
