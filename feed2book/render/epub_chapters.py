"""The chapters of a book and their pictures, whether they were made now or stand in an older build."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from feed2book.models import Asset, Blob, Book, Chapter, RenderOptions
from feed2book.render.epub_layout import Layout, document, old_address
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
        layout: where everything stands.
    """

    def __init__(self, book: Book, older: Older | None, layout: Layout) -> None:
        self.all: dict[str, Chapter] = {}
        self._maths: set[str] = set()
        self._layout = layout
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
        old = self._older.record.chapters
        for key, chapter in self._book.chapters.items():
            alive = tuple(place for place in chapter.links if self._leads_somewhere(place))
            now = {place: self._layout.address(*_split(place, place in alive)) for place in chapter.links}
            moves = {old_address(old, place): address for place, address in now.items()}
            moved = {was: address for was, address in moves.items() if was != address}
            files = self._kept_files(key, chapter, moved)
            found.update(files)
            hashes = tuple(
                hashlib.sha256(data).hexdigest() if isinstance(data, bytes) else was
                for data, was in zip(files.values(), chapter.sha256, strict=True)
            )
            self.all[key] = replace(chapter, links=alive, sha256=hashes)
        return found

    def _kept_files(self, key: str, chapter: Chapter, moved: Mapping[str, str]) -> dict[str, Data]:
        found: dict[str, Data] = {}
        if self._older is None:
            return found
        for number, sha256 in enumerate(chapter.sha256, 1):
            name = document(key, number)
            found[name], maths = self._older.chapter(name, sha256, moved)
            self._maths |= {name} if maths else set()
        return found

    def kept_texts(self) -> Iterator[str]:
        """Yield the text of each file that stays."""
        if self._older is None:
            return
        for key, chapter in self._book.chapters.items():
            for number in range(1, len(chapter.sha256) + 1):
                yield self._older.text(document(key, number))

    def add(self, documents: Mapping[str, Data]) -> None:
        """Take note of the chapters that were made now."""
        for article in self._book.articles:
            if article.key in self.all:
                continue
            names = self._layout.files(article)
            made = [str(documents[name]) for name in names]
            self._maths |= {name for name, text in zip(names, made, strict=True) if "<math " in text}
            self.all[article.key] = chapter_of(article, made, self._layout.places(article))

    @property
    def maths(self) -> frozenset[str]:
        """The files that hold MathML."""
        return frozenset(self._maths)

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
        made = {asset.id: asset for asset in self._book.assets}
        return dict(sorted((kept | made).items()))

    def sheets(self, name: str) -> dict[str, str]:
        """Return the reader's own style sheet, if chapters that stay were made with one."""
        text = self._older.sheet(name) if self._older and self._book.chapters else ""
        return {name: text} if text else {}

    def record(self, options: RenderOptions) -> str:
        """Return the record for a later build."""
        return write_record(self._book, self.all, self._assets(), options)


def _split(place: str, alive: bool) -> tuple[str, str]:
    """Return key and fragment of a place; of one that is gone the top of its article."""
    key, _, fragment = place.partition("#")
    return key, fragment if alive else ""
