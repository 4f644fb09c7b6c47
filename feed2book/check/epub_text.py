"""Rules for the documents of an EPUB, each looked through once, and for what leads from one to another."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed2book.check.archive import EPUB_TYPE, MATHML, XHTML, Archive, Document
from feed2book.check.rules import ERROR, NOTE, WARNING, Problem, Rules

if TYPE_CHECKING:
    from lxml import etree

PAGE_RULES = Rules()
"""Each looks at one document."""

LINK_RULES = Rules()
"""Each looks at the links of the whole book, after the documents."""

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DECLARED = re.compile(rb"^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}encoding=[\"']([A-Za-z0-9._-]+)[\"']")
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}charset=[\"']?utf-8", re.IGNORECASE)
_VARIABLE = re.compile(r"var\(\s*--|(?:^|[{;\s])--[A-Za-z][\w-]*\s*:")
_ELSEWHERE = re.compile(r"(?:@import\s{1,9}|url\(\s{0,9})[\"']?(?:https?:)?//", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_ACTIVE = re.compile(r"[\x00-\x20]*(?:java|vb)script\s*:", re.IGNORECASE)
_SHOWN = ("src", "poster", "data", "srcset")
_BOXES = frozenset(
    ["form", "input", "button", "select", "textarea", "iframe", "object", "embed", "audio", "video"]
)
_HEADINGS = {f"{XHTML}h{level}": level for level in range(1, 7)}
_KOBO_DOCUMENT = 10_000_000  # bytes
_POP_UP = (9, 5_000)  # characters
_MOST_NODES = 2_000  # of text, looked at in one target


@dataclass(frozen=True, slots=True)
class Page:
    """One document and the book that it is in."""

    book: Archive
    document: Document

    @property
    def path(self) -> str:
        """The document's file name."""
        return self.document.path

    @property
    def elements(self) -> Iterator[etree._Element]:
        """All elements (no comments), in document order."""
        return self.document.root.iter("*") if self.document.root is not None else iter(())

    def at(self, element: etree._Element) -> str:
        """Name the place of an element."""
        return f"{self.path}:{element.sourceline or 0}"


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


@PAGE_RULES.add(
    "epub-encoding", ERROR, "documents are UTF-8 and say so", "write UTF-8 with an XML declaration"
)
def encoding(page: Page) -> Iterator[Problem]:
    """A missing declaration is one of the reported causes of Kindle's E999."""
    found = _DECLARED.match(page.document.data)
    if found and found[1].lower() != b"utf-8":
        yield page.path, f"it is declared as {found[1].decode()}"
    elif not found and not _META_CHARSET.search(page.document.data[:2_000]):
        yield page.path, "nothing in it says that it is UTF-8"
    try:
        page.document.data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield page.path, f"byte {error.start} is not UTF-8"


@PAGE_RULES.add(
    "epub-markup", ERROR, "documents are well-formed, without entities of their own", "correct the markup"
)
def markup(page: Page) -> Iterator[Problem]:
    """Readers show a blank page, or an error, from the first fault on."""
    if page.document.fault:
        yield f"{page.path}:{page.document.line}", page.document.fault


@PAGE_RULES.add("epub-comment", ERROR, "comments hold no double hyphen", "take the comment out")
def comments(page: Page) -> Iterator[Problem]:
    """XML forbids them, and Kindle answers E999."""
    data, at, line = page.document.data, 0, 1
    while (start := data.find(b"<!--", at)) >= 0:
        line += data.count(b"\n", at, start)
        end = data.find(b"-->", start + 4)
        end = end if end >= 0 else len(data)
        inner = data[start + 4 : end]
        if b"--" in inner or inner.endswith(b"-"):
            yield f"{page.path}:{line}", "there is -- in a comment"
        line += inner.count(b"\n")
        at = end


@PAGE_RULES.add("epub-css-variable", ERROR, "style sheets hold no variables", "write the values out")
def variables_in_page(page: Page) -> Iterator[Problem]:
    """CSS variables are one of the reported causes of Kindle's E999."""
    for element in page.elements:
        text = (element.text or "") if _name(element) == "style" else element.get("style") or ""
        if text and _VARIABLE.search(text):
            yield page.at(element), "a CSS variable"


@PAGE_RULES.add("epub-empty", ERROR, "every document shows something", "leave the document out")
def empty(page: Page) -> Iterator[Problem]:
    """An empty body is one of the reported causes of Kindle's E999."""
    if page.document.root is None:
        return
    body = page.document.root.find(f"{XHTML}body")
    shown = (f"{XHTML}img", f"{MATHML}math", "{http://www.w3.org/2000/svg}svg")
    if body is None or not (
        any(map(str.strip, map(str, body.itertext()))) or any(True for _ in body.iter(*shown))
    ):
        yield page.path, "its body is empty"


@PAGE_RULES.add("epub-page-language", WARNING, "every document says its language", "set xml:lang on html")
def page_language(page: Page) -> Iterator[Problem]:
    """Screen readers and hyphenation go by it."""
    root = page.document.root
    said = root.get(_XML_LANG) if root is not None else None
    if root is not None and (not said or root.get("lang", said) != said):
        yield page.path, "html has no xml:lang, or lang says another"


@PAGE_RULES.add("epub-page-title", WARNING, "every document has a title", "fill its title element")
def page_title(page: Page) -> Iterator[Problem]:
    """It is what a screen reader says first."""
    root = page.document.root
    if root is not None and not (root.findtext(f"{XHTML}head/{XHTML}title") or "").strip():
        yield page.path, "it has no title"


@PAGE_RULES.add("epub-id-twice", ERROR, "an id stands in a document once", "rename the second one")
def ids_twice(page: Page) -> Iterator[Problem]:
    """A link to it leads to either."""
    count = Counter(value for element in page.elements if (value := element.get("id")))
    yield from (
        (f"{page.path}#{name}", "this id stands there twice") for name, times in count.items() if times > 1
    )


@PAGE_RULES.add("epub-alt", WARNING, "every picture has an alternative text", "give it an alt attribute")
def alternative_texts(page: Page) -> Iterator[Problem]:
    """An empty one is right for an ornament; none at all never is (WCAG 1.1.1)."""
    for element in page.elements:
        if element.tag == f"{XHTML}img" and element.get("alt") is None:
            yield page.at(element), f"{element.get('src', 'a picture')} has no alt"


@PAGE_RULES.add("epub-script", ERROR, "nothing runs", "take the script out")
def scripts(page: Page) -> Iterator[Problem]:
    """Kindle rejects scripts; other readers drop them."""
    for element in page.elements:
        if _name(element) == "script":
            yield page.at(element), "a script"
        for name, value in element.attrib.items():
            if str(name).lower().startswith("on") or (
                str(name).endswith("href") and _ACTIVE.match(str(value))
            ):
                yield page.at(element), f"a script in {str(name).rpartition('}')[2]}"


@PAGE_RULES.add("epub-embedded", ERROR, "there is no form, frame or player", "take it out")
def embedded(page: Page) -> Iterator[Problem]:
    """E-readers show an empty box, if they take the book."""
    for element in page.elements:
        if _name(element) in _BOXES:
            yield page.at(element), f"<{_name(element)}>"


@PAGE_RULES.add(
    "epub-remote-picture", ERROR, "pictures and sheets are in the book", "put the file into the book"
)
def remote(page: Page) -> Iterator[Problem]:
    """What is elsewhere stays blank, and tells on who reads."""
    for element in page.elements:
        names = ("href",) if element.tag == f"{XHTML}link" else _SHOWN
        for name in names:
            if _REMOTE.match(element.get(name) or ""):
                yield page.at(element), f"{element.get(name)} is elsewhere"


@PAGE_RULES.add(
    "epub-document-size", WARNING, "no document is larger than the device takes", "split the document"
)
def document_size(page: Page) -> Iterator[Problem]:
    """Old readers fail near 300 KB, and calibre splits at 260; Kobo fails above 10 MB."""
    size, device = len(page.document.data), page.book.device
    if page.path not in page.book.places:
        return  # contents that the reader shows by itself are no page
    most = _KOBO_DOCUMENT if device.kepub else device.chapter_bytes
    if size > most:
        yield page.path, f"{size:,} bytes, where {device.label} takes {most:,}"


@PAGE_RULES.add("epub-headings", WARNING, "headings go down one step at a time", "correct the level")
def heading_order(page: Page) -> Iterator[Problem]:
    """Readers who move by headings miss a level that is not there."""
    level = 0
    for element in page.elements:
        here = _HEADINGS.get(str(element.tag))
        if here and here > level + 1 and (level or here > 1):
            yield page.at(element), f"h{here} follows {f'h{level}' if level else 'nothing'}"
        level = here or level


@PAGE_RULES.add(
    "epub-mathml-device", WARNING, "formulas are of a kind that the device shows", "make it with --device"
)
def mathml_on_device(page: Page) -> Iterator[Problem]:
    """Kindle and Adobe's engine show MathML as loose letters."""
    if not page.book.device.mathml and any(element.tag == f"{MATHML}math" for element in page.elements):
        yield page.path, f"MathML, which {page.book.device.label} does not show"


@PAGE_RULES.add(
    "epub-mathml-property", ERROR, "the manifest says which documents hold MathML", "add properties=mathml"
)
def mathml_property(page: Page) -> Iterator[Problem]:
    """EPUB 3.3, 5.3.2."""
    said = "mathml" in page.book.by_path[page.path].properties
    if not said and any(element.tag == f"{MATHML}math" for element in page.elements):
        yield page.path, "it holds MathML, and the manifest does not say so"


@dataclass(slots=True)
class Link:
    """A link of one document to a place in the book."""

    where: str
    source: str
    path: str
    fragment: str
    typed: bool


@dataclass
class Web:
    """What the documents hold that others may lead to, and where their links lead."""

    book: Archive
    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    """Ids of each document; on Kobo with the length of the text under each, as far as it counts."""
    links: list[Link] = field(default_factory=list)

    def add(self, page: Page) -> None:
        """Take note of a document."""
        if page.document.root is None:
            return
        measured = self.book.device.flat
        self.ids[page.path] = {
            name: _length(element) if measured else 0
            for element in page.elements
            if (name := element.get("id"))
        }
        for element in page.document.root.iter(f"{XHTML}a"):
            href = element.get("href")
            path, fragment = self.book.resolve(page.path, href) if href else ("", "")
            if path:
                typed = element.get(EPUB_TYPE) is not None
                self.links.append(Link(page.at(element), page.path, path, fragment, typed))


def _length(element: etree._Element) -> int:
    """Count the characters under an element, and stop when they are too many to matter."""
    total = 0
    for text in itertools.islice(element.itertext(), _MOST_NODES):
        total += len(text)
        if total > _POP_UP[1]:
            break
    return total


@LINK_RULES.add("epub-link-dead", ERROR, "links lead to files of the book", "correct the link")
def dead_links(web: Web) -> Iterator[Problem]:
    """They do nothing, or make the reader fail."""
    for link in web.links:
        if link.path not in web.book.names:
            yield link.where, f"there is no {link.path}"


@LINK_RULES.add(
    "epub-fragment-dead", ERROR, "links lead to places that are there", "correct the link, or add the id"
)
def dead_fragments(web: Web) -> Iterator[Problem]:
    """A missing id is one of the reported causes of Kindle's E999."""
    for link in web.links:
        if link.fragment and link.path in web.ids and link.fragment not in web.ids[link.path]:
            yield link.where, f"there is no {link.path}#{link.fragment}"


@LINK_RULES.add(
    "epub-pop-up", WARNING, "on Kobo no link opens a pop-up by mistake", "point it at an empty anchor"
)
def pop_ups(web: Web) -> Iterator[Problem]:
    """Kobo opens an untyped link to a later node of 9 to 5,000 characters as a pop-up."""
    if not web.book.device.flat:
        return
    places = web.book.places
    for link in web.links:
        here, there = places.get(link.source), places.get(link.path)
        length = web.ids.get(link.path, {}).get(link.fragment, 0)
        later = here is not None and there is not None and there >= here
        if not link.typed and later and _POP_UP[0] <= length <= _POP_UP[1]:
            yield link.where, f"{link.path}#{link.fragment} has {length} characters and would pop up"


@LINK_RULES.add("epub-sheet-variable", ERROR, "style sheets hold no variables", "write the values out")
def variables_in_sheets(web: Web) -> Iterator[Problem]:
    """CSS variables are one of the reported causes of Kindle's E999."""
    for path, text in _sheets(web.book):
        found = _VARIABLE.search(text)
        if found:
            yield f"{path}:{text.count(chr(10), 0, found.start()) + 1}", "a CSS variable"


@LINK_RULES.add(
    "epub-sheet-remote", ERROR, "style sheets load nothing from elsewhere", "put the file into the book"
)
def remote_in_sheets(web: Web) -> Iterator[Problem]:
    """It stays away, and tells on who reads."""
    for path, text in _sheets(web.book):
        if _ELSEWHERE.search(text):
            yield path, "it loads a file from elsewhere"


@LINK_RULES.add("epub-animation", NOTE, "no picture moves", "use still pictures, or tell what they do")
def animations(web: Web) -> Iterator[Problem]:
    """GIFs may flash; most e-readers show the first picture of one."""
    for item in web.book.items:
        if item.media_type == "image/gif":
            yield item.path, "a GIF, which may move"


def _sheets(book: Archive) -> Iterable[tuple[str, str]]:
    for item in book.items:
        if item.media_type == "text/css" and item.path:
            yield item.path, (book.read(item.path) or b"").decode("utf-8", "replace")
