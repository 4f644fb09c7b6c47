"""Rules for the pages of a site: what their expressions find, and the files that FiveFilters' collection has.

The format is described at https://help.fivefilters.org/full-text-rss/site-patterns.html: a directive and its
value a line, ``#`` before comments. What asks for another way of fetching or of tidying is passed over: there
is no need of it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from lxml import etree, html

from feed2book.article.text import collapse
from feed2book.article.urls import absolute
from feed2book.models import SiteRule

_LINE = re.compile(r"\s*([a-z_]+)(?:\((.*)\))?\s*:\s?(.*?)\s*", re.DOTALL)
_DIRECTIVES = {
    "body": "body",
    "strip": "strip",
    "title": "title",
    "author": "author",
    "date": "date",
    "next_page_link": "next_page",
    "single_page_link": "single_page",
}


def read_site_file(text: str) -> tuple[SiteRule, tuple[str, ...]]:
    """Read a site configuration.

    Returns:
        The rule, and the lines that are no XPath: they are not in it.
    """
    found: dict[str, list[str]] = {name: [] for name in _DIRECTIVES.values()}
    replace: list[tuple[str, str]] = []
    wrong: list[str] = []
    fallback, looked_for = True, ""
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if line.lstrip().startswith("#") or match is None:
            continue
        directive, argument, value = match[1], match[2], match[3]
        if directive == "find_string":
            looked_for = value
        elif directive == "replace_string":
            replace.append((looked_for if argument is None else argument, value))
        elif directive == "autodetect_on_failure":
            fallback = value.lower() != "no"
        elif expression := _expression(directive, value):
            if _compiled(expression) is None:
                wrong.append(line.strip())
            else:
                found[_DIRECTIVES.get(directive, "strip")].append(expression)
    pairs = tuple((find, put) for find, put in replace if find)
    return SiteRule(
        **{name: tuple(values) for name, values in found.items()}, replace=pairs, fallback=fallback
    ), tuple(wrong)


def _expression(directive: str, value: str) -> str:
    """Return the XPath of a line, ``""`` for a directive that has none."""
    name = value.strip("'\"")
    quoted = f'"{name}"' if '"' not in name else f"'{name}'"
    if directive in _DIRECTIVES:
        return value
    if directive == "strip_id_or_class" and name:
        return f"//*[contains(@class, {quoted}) or contains(@id, {quoted})]"
    if directive == "strip_image_src" and name:
        return f"//img[contains(@src, {quoted})]"
    return ""


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> etree.XPath | None:
    """Return the expression ready for use, None where it is no XPath."""
    try:
        return etree.XPath(expression, smart_strings=False)
    except etree.XPathError:
        return None


def elements_of(root: html.HtmlElement, expressions: Sequence[str]) -> list[html.HtmlElement]:
    """Return the elements that the first expression with any finds, without those inside of others."""
    for expression in expressions:
        found = [one for one in _results(root, expression) if isinstance(one, html.HtmlElement)]
        if found:
            inner = set(found)
            return [one for one in found if inner.isdisjoint(one.iterancestors())]
    return []


def first_text(root: html.HtmlElement, expressions: Sequence[str]) -> str:
    """Return the text that the first expression finds that finds any, on one line."""
    texts = (collapse(_text(one)) for expression in expressions for one in _results(root, expression))
    return next(filter(None, texts), "")


def first_address(root: html.HtmlElement, expressions: Sequence[str], base: str) -> str:
    """Return the address that a link's element, its ``href`` or a text gives, absolute, or ``""``."""
    found = (
        one.get("href") or "" if isinstance(one, html.HtmlElement) else _text(one)
        for expression in expressions
        for one in _results(root, expression)
    )
    return next(filter(None, (absolute(one, base) for one in found)), "")


def strip(articles: Iterable[html.HtmlElement], root: html.HtmlElement, expressions: Sequence[str]) -> None:
    """Empty what the expressions find in the whole page, but nothing that an article stands in."""
    kept = {node for article in articles for node in article.iterancestors()}
    for expression in expressions:
        for one in _results(root, expression):
            if isinstance(one, html.HtmlElement) and one not in kept:
                drop(one)


def drop(tag: html.HtmlElement) -> None:
    """Empty an element in place; what stands around it stays apart if it was a block."""
    tail = tag.tail
    tag.clear()
    tag.tail = tail
    tag.tag = "div"


def _results(root: html.HtmlElement, expression: str) -> Iterator[object]:
    compiled = _compiled(expression)
    try:
        found = compiled(root.getroottree()) if compiled else ()
    except etree.XPathError:  # an unknown function, a namespace that nobody declared
        return
    yield from found if isinstance(found, list) else [found]


def _text(found: object) -> str:
    if isinstance(found, html.HtmlElement):
        return str(found.text_content())
    return found if isinstance(found, str) else ""
