"""Rules for the contents of an EPUB: the navigation document, and the NCX for older readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from feed2book.check.archive import EPUB_TYPE, NCX, XHTML, Archive
from feed2book.check.epub_text import Web
from feed2book.check.rules import ERROR, WARNING, Problem, Rules

if TYPE_CHECKING:
    from lxml import etree

RULES = Rules()

_DEEPEST = 20  # levels that are looked at


def _navs(book: Archive) -> dict[str, etree._Element]:
    root = book.tree(book.nav_path) if book.nav_path else None
    found = root.iter(f"{XHTML}nav") if root is not None else ()
    return {one.get(EPUB_TYPE) or "": one for one in found}


@RULES.add("epub-nav", ERROR, "there is one navigation document with contents", "make the book anew")
def nav(web: Web) -> Iterator[Problem]:
    """EPUB 3.3, 7: without entries no reader shows contents, and Kindle rejects the book."""
    book = web.book
    if book.package is None:
        return
    count = sum("nav" in item.properties for item in book.items)
    if count != 1:
        yield book.package_path, f"the manifest names {count} navigation documents"
        return
    toc = _navs(book).get("toc")
    if toc is None:
        yield book.nav_path, "there is no nav of epub:type toc"
    elif toc.find(f".//{XHTML}li") is None:
        yield book.nav_path, "its contents are empty"


@RULES.add(
    "epub-landmarks", WARNING, "landmarks say where the text begins", "add a nav of epub:type landmarks"
)
def landmarks(web: Web) -> Iterator[Problem]:
    """Readers open the book there, and go to the contents by them."""
    toc = _navs(web.book)
    if web.book.nav_path and "landmarks" not in toc:
        yield web.book.nav_path, "there are no landmarks"


@RULES.add("epub-page-list", WARNING, "a page list stands for a printed edition", "take the page list out")
def page_list(web: Web) -> Iterator[Problem]:
    """Page numbers that no print has are invented (EPUB Accessibility 1.1, 3.3)."""
    if (
        "page-list" in _navs(web.book)
        and not web.book.metas("dcterms:source")
        and not web.book.texts("source")
    ):
        yield web.book.nav_path, "there is a page list, and no source whose pages they are"


@RULES.add("epub-nav-dead", ERROR, "every line of the contents leads somewhere", "correct the contents")
def nav_targets(web: Web) -> Iterator[Problem]:
    """A line that leads nowhere is what readers see first."""
    places = web.book.places
    for toc in _navs(web.book).values():
        for link in toc.iter(f"{XHTML}a"):
            path, fragment = web.book.resolve(web.book.nav_path, link.get("href") or "")
            where = f"{web.book.nav_path}:{link.sourceline or 0}"
            if path not in places:
                yield where, f"{link.get('href')} is not in the spine"
            elif fragment and path in web.ids and fragment not in web.ids[path]:
                yield where, f"there is no {link.get('href')}"


@RULES.add(
    "epub-nav-depth", WARNING, "contents are no deeper than the device shows", "use a smaller --toc-depth"
)
def nav_depth(web: Web) -> Iterator[Problem]:
    """Kindle shows two levels, Kobo three."""
    toc = _navs(web.book).get("toc")
    depth = _depth(toc)
    if depth > web.book.device.levels:
        yield (
            web.book.nav_path,
            f"{depth} levels, where {web.book.device.label} shows {web.book.device.levels}",
        )


def _depth(toc: etree._Element | None) -> int:
    deepest, level = 0, list(toc.findall(f"{XHTML}ol")) if toc is not None else []
    while level and deepest < _DEEPEST:
        deepest += 1
        level = [inner for one in level for inner in one.findall(f"{XHTML}li/{XHTML}ol")]
    return deepest


@RULES.add("epub-ncx", WARNING, "there are EPUB 2 contents too", "add an NCX, named by the spine's toc")
def ncx(web: Web) -> Iterator[Problem]:
    """Older readers know no other contents."""
    book = web.book
    if book.package is not None and not book.ncx_path:
        yield book.package_path, "there is no NCX"


@RULES.add("epub-ncx-identifier", ERROR, "the NCX has the identifier of the book", "correct dtb:uid")
def ncx_identifier(web: Web) -> Iterator[Problem]:
    """A mismatch is one of the reported causes of Kindle's E999."""
    book = web.book
    root = book.tree(book.ncx_path) if book.ncx_path else None
    if root is None or book.package is None:
        return
    metas = (one for one in root.iter(f"{NCX}meta") if one.get("name") == "dtb:uid")
    said = next((one.get("content") or "" for one in metas), "")
    if said not in {text for _, text in book.texts("identifier")}:
        yield book.ncx_path, f"dtb:uid is {said!r}"


@RULES.add(
    "epub-ncx-order", ERROR, "the NCX numbers its points in order", "number playOrder from 1 without a gap"
)
def ncx_order(web: Web) -> Iterator[Problem]:
    """A playOrder with gaps is one of the reported causes of Kindle's E999."""
    root = web.book.tree(web.book.ncx_path) if web.book.ncx_path else None
    said = [one.get("playOrder") or "" for one in root.iter(f"{NCX}navPoint")] if root is not None else []
    if said and said != [str(number) for number in range(1, len(said) + 1)]:
        yield web.book.ncx_path, "playOrder does not count from 1 without a gap"


@RULES.add("epub-ncx-dead", ERROR, "every point of the NCX leads somewhere", "correct the NCX")
def ncx_targets(web: Web) -> Iterator[Problem]:
    """Older readers jump nowhere, or fail."""
    root = web.book.tree(web.book.ncx_path) if web.book.ncx_path else None
    for content in root.iter(f"{NCX}content") if root is not None else ():
        path, fragment = web.book.resolve(web.book.ncx_path, content.get("src") or "")
        if path not in web.book.places or (fragment and path in web.ids and fragment not in web.ids[path]):
            yield f"{web.book.ncx_path}:{content.sourceline or 0}", f"there is no {content.get('src')}"
