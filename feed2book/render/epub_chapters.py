"""The chapters of a book and their pictures, whether they were made now or stand in an older build."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from feed2book.models import Asset, Blob, Book, Chapter, RenderOptions
from feed2book.render.epub_body import document, ncname
from feed2book.render.epub_record import chapter_of, write_record
from feed2book.render.zipping import Packed

if TYPE_CHECKING:
    from feed2book.render.epub_older import Older

Data = str | bytes | Packed


class Chapters:
    """What is known of each chapter, and the files of those that stay.

    Args:
        book: the bound book.
        older: the build that has ``book.chapters``; None where there are none.
    """

    def __init__(self, book: Book, older: Older | None) -> None:
        self.all: dict[str, Chapter] = {}
        self._book = book
        self._older = older
        self._ids = {article.key: frozenset(article.ids) for article in book.articles}

    def kept(self) -> dict[str, Data]:
        """Return the documents of the chapters that stay, by file name.

        Raises:
            UsageError: the older build is damaged.
        """
        found: dict[str, Data] = {}
        if self._older is None:
            return found
        for key, chapter in self._book.chapters.items():
            dead = [place for place in chapter.links if not self._leads_somewhere(place)]
            spelled = frozenset(_spelled(place) for place in dead)
            data = self._older.chapter(key, spelled)
            found[document(key)] = data
            self.all[key] = chapter
            if isinstance(data, bytes):
                alive = tuple(place for place in chapter.links if place not in dead)
                self.all[key] = replace(chapter, links=alive, sha256=hashlib.sha256(data).hexdigest())
        return found

    def add(self, documents: Mapping[str, Data]) -> None:
        """Take note of the chapters that were made now."""
        for article in self._book.articles:
            made = documents[document(article.key)]
            if article.key not in self.all and isinstance(made, str):
                self.all[article.key] = chapter_of(article, made)

    def _leads_somewhere(self, place: str) -> bool:
        key, _, fragment = place.partition("#")
        return fragment in self._ids.get(key, ())

    def pictures(self) -> dict[str, tuple[str, Blob | Packed]]:
        """Return media type and data of each picture of the posts, by file name."""
        new = {asset.id for asset in self._book.assets}
        found: dict[str, tuple[str, Blob | Packed]] = {}
        for name, asset in self._assets().items():
            kept = self._older is not None and name not in new
            data = self._older.picture(asset) if self._older and kept else asset.blob
            found[f"images/{name}{asset.extension}"] = (asset.media_type, data)
        return found

    def _assets(self) -> dict[str, Asset]:
        """Return the pictures that chapters show: those of now, and those of the older build."""
        stored = self._older.record.assets if self._older else {}
        wanted = {name for chapter in self._book.chapters.values() for name in chapter.assets}
        kept = {name: stored[name] for name in sorted(wanted)}
        return dict(sorted((kept | {asset.id: asset for asset in self._book.assets}).items()))

    def sheets(self, name: str) -> dict[str, str]:
        """Return the reader's own style sheet, if chapters that stay were made with one."""
        text = self._older.sheet(name) if self._older and self._book.chapters else ""
        return {name: text} if text else {}

    def record(self, options: RenderOptions) -> str:
        """Return the record for a later build."""
        return write_record(self._book, self.all, self._assets(), options)


def _spelled(place: str) -> str:
    """Spell a place as chapters do."""
    key, _, fragment = place.partition("#")
    return f"{document(key)}#{ncname(fragment)}"
