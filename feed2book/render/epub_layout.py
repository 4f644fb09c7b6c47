"""Where each thing of an EPUB stands: which article fills several files, and the address of every id."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import count

from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Article, Book, Chapter, Device, Node
from feed2book.render.epub_body import address, document, prepared, typed_notes
from feed2book.render.epub_kobo import bytes_of_spans
from feed2book.render.epub_split import split

_FRAME = 4_000  # bytes: what stands around a piece in its file
_IDS = re.compile(f' id="{TOKEN_OPEN}id:([^{TOKEN_OPEN}{TOKEN_CLOSE}]*){TOKEN_CLOSE}"')
_FORMULAS = re.compile(f"{TOKEN_OPEN}formula:([0-9]+){TOKEN_CLOSE}")
_REFERENCES = re.compile(
    f'class="noteref"[^<>]* href="{TOKEN_OPEN}post:[^#<>]*#([^{TOKEN_OPEN}{TOKEN_CLOSE}]*){TOKEN_CLOSE}"'
)
_ASIDE = re.compile("<(/?)aside\\b[^<>]*>")
_TAGS = re.compile("<[^<>]*>")
_NOTE = re.compile('<aside[^<>]* class="note"')


class Layout:
    """The files of a book's articles.

    Args:
        book: the book, its links treated.
        device: how large a chapter may be.
    """

    def __init__(self, book: Book, device: Device) -> None:
        self._limit = device.chapter_bytes - _FRAME
        self._more = bytes_of_spans if device.kepub else _nothing
        self._pieces: dict[str, tuple[str, ...]] = {}  # of the articles that may fill several files
        self._files: dict[tuple[str, str], str] = {}
        for key, chapter in book.chapters.items():
            self._files.update(_places(key, chapter))
        for article in book.articles:
            if _may_be_large(article, self._limit, spans=device.kepub):
                self._split(article)

    def pieces(self, article: Article) -> tuple[str, ...]:
        """Return an article's HTML as EPUB has it, for each of its files; nothing if it is not yet made."""
        return self._pieces.get(article.key, ())

    def elsewhere(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return the files of those places (key and id) that are not in the first file of their post."""
        return {place: self._files[place] for place in places if place in self._files}

    def address(self, key: str, fragment: str = "") -> str:
        """Return the address of a post, or of an id in it, relative to the package."""
        return address(self._files, key, fragment)

    def places(self, article: Article) -> tuple[int, ...]:
        """Return in which of its files each id of the article is; nothing where there is one."""
        names = [document(article.key, number) for number, _ in enumerate(self.pieces(article), 1)]
        if len(names) < 2:
            return ()
        return tuple(names.index(self._files.get((article.key, one), names[0])) + 1 for one in article.ids)

    def of_node(self, node: Node) -> str:
        """Return the address of a line of the contents."""
        return self.address(node.key, node.fragment)

    def _split(self, article: Article) -> None:
        whole = prepared(article.html)
        text, notes, rest = _parted(whole)
        pieces = split(text, self._limit, _scales(article, notes, self._more))
        if len(pieces) == 1:
            self._pieces[article.key] = (typed_notes(whole),)
            return
        _hand_out(pieces, notes)
        pieces[-1] += rest
        self._pieces[article.key] = tuple(map(typed_notes, pieces))
        for number, piece in enumerate(pieces, 1):
            for match in _IDS.finditer(piece):
                self._files[article.key, html.unescape(match[1])] = document(article.key, number)


def old_address(chapters: Mapping[str, Chapter], place: str) -> str:
    """Return the address that a place (``post-1a2b3c4d#id``) had in an older build."""
    key, _, fragment = place.partition("#")
    return address(_places(key, chapters[key]) if key in chapters else {}, key, fragment)


def _places(key: str, chapter: Chapter) -> dict[tuple[str, str], str]:
    """Return the file of each id of a chapter that fills several."""
    placed = zip(chapter.article.ids, chapter.places, strict=False)
    return {(key, one): document(key, number) for one, number in placed}


def _nothing(text: str) -> int:  # noqa: ARG001 (stands for what counts something)
    return 0


def _may_be_large(article: Article, limit: int, *, spans: bool) -> bool:
    """Say, without much work, whether the article may fill more than one file."""
    # A long line of code takes a hundred bytes more in the EPUB, a short sentence with a span fifty.
    growth = 5 if spans or "<pre" in article.html else 1.5
    formulas = sum(len(formula.mathml) for formula in article.formulas)
    if len(article.html) * 4 * growth + formulas <= limit:
        return False
    return len(article.html.encode()) * growth + formulas > limit


def _parted(text: str) -> tuple[str, dict[str, str], str]:
    """Return the text before the notes, each note by its id, and what follows them."""
    first = _NOTE.search(text)
    if not first:
        return text, {}, ""
    notes: dict[str, str] = {}
    start = end = first.start()
    unnamed = count()
    depth = 0
    for match in _ASIDE.finditer(text, start):
        depth += -1 if match[1] else 1
        if depth == 0:
            note = text[end : match.end()]
            name = _IDS.search(note)
            notes[html.unescape(name[1]) if name else f" {next(unnamed)}"] = note
            end = match.end()
    return text[:start], notes, text[end:]


def _scales(article: Article, notes: dict[str, str], more: Callable[[str], int]) -> Callable[[str], int]:
    """Return what weighs a bit of text: its bytes, with its formulas and the notes that it brings along."""
    brought: set[str] = set()

    def weigh(text: str) -> int:
        weight = len(text.encode()) + more(text)
        if TOKEN_OPEN not in text:
            return weight
        weight += sum(len(article.formulas[int(match[1])].mathml) for match in _FORMULAS.finditer(text))
        for match in _REFERENCES.finditer(text):
            name = html.unescape(match[1])
            if name in notes and name not in brought:
                brought.add(name)
                weight += len(notes[name].encode()) + more(_TAGS.sub("", notes[name]))
        return weight

    return weigh


def _hand_out(pieces: list[str], notes: dict[str, str]) -> None:
    """Put each note at the end of the first piece that refers to it, so that it can open in its place."""
    left = dict(notes)
    for number, piece in enumerate(pieces):
        named = dict.fromkeys(html.unescape(match[1]) for match in _REFERENCES.finditer(piece))
        pieces[number] += "".join(left.pop(name) for name in named if name in left)
    pieces[-1] += "".join(left.values())
