"""The chapters of a book and their pictures, whether they were made now or stand in an older build."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from feed2book.models import Article, Asset, Book, Chapter, Each, RenderOptions, Shelf, token_values
from feed2book.render import templating
from feed2book.render.epub_body import document
from feed2book.render.epub_layout import Layout, old_address
from feed2book.render.epub_record import chapter_of, write_record
from feed2book.render.epub_typeset import Frame, Manuscript, Typeset, as_seen, led_to
from feed2book.render.zipping import Data, Packed

if TYPE_CHECKING:
    from feed2book.render.epub_older import Older

_PACE = 0.15e-6  # seconds that it takes to typeset a character
File = bytes | Packed | Callable[[], Packed]


class Chapters:
    """What is known of each chapter, and its files.

    Args:
        book: the bound book.
        older: the build that has ``book.chapters``; None where there are none.
        layout: where everything stands.

    Attributes:
        all: the chapters, by key; complete once those that stay are kept and the others typeset.
        files: their files, by name.
        maths: the files that hold MathML.
    """

    def __init__(self, book: Book, older: Older | None, layout: Layout) -> None:
        self.all: dict[str, Chapter] = {}
        self.files: dict[str, File] = {}
        self.maths: set[str] = set()
        self._layout = layout
        self._book = book
        self._older = older
        self._ids = {article.key: frozenset(article.ids) for article in book.articles}

    def keep(self) -> None:
        """Take over the chapters that stay.

        Raises:
            UsageError: the older build is damaged.
        """
        if self._older is None:
            return
        old = self._older.record.chapters
        for key, chapter in self._book.chapters.items():
            alive = tuple(place for place in chapter.links if self._leads_somewhere(place))
            now = {place: self._layout.address(*_split(place, place in alive)) for place in chapter.links}
            moves = {old_address(old, place): address for place, address in now.items()}
            moved = {was: address for was, address in moves.items() if was != address}
            hashes = []
            for number, was in enumerate(chapter.sha256, 1):
                name = document(key, number)
                data, maths = self._older.chapter(name, was, moved)
                hashes.append(hashlib.sha256(data).hexdigest() if isinstance(data, bytes) else was)
                self._put(name, data, maths=maths)
            self.all[key] = replace(chapter, links=alive, sha256=tuple(hashes))

    def typeset(self, frame: Frame, each: Each | None, known: Shelf[Typeset] | None) -> None:
        """Typeset all other chapters, those apart that an earlier build has typeset.

        Raises:
            RenderError: a template is wrong, or a token stands for something that is not in the book.
        """
        articles = [article for article in self._book.articles if article.key not in self.all]
        assets = {asset.id: f"images/{asset.id}{asset.extension}" for asset in self._book.assets}
        manuscripts = [
            Manuscript(
                frame,
                as_seen(article),
                self._layout.pieces(article),
                self._layout.elsewhere(led_to(article.html)),
                {name: assets[name] for name in token_values(article.html, "asset") if name in assets},
            )
            for article in articles
        ]
        templates = templating.fingerprint(frame.templates)
        names = [one.name(templates) for one in manuscripts] if known else []
        found = [known.get(name) for name in names] if known else [None] * len(manuscripts)
        rest = [one for one, made in zip(manuscripts, found, strict=True) if made is None]
        seconds = _PACE * sum(len(one.article.html) for one in rest)
        new = iter(each(Manuscript.typeset, rest, seconds=seconds) if each else map(Manuscript.typeset, rest))
        for number, (article, old) in enumerate(zip(articles, found, strict=True)):
            made = old or next(new)
            if known and old is None:
                known.put(names[number], made)
            self._add(article, made)

    def _add(self, article: Article, made: Typeset) -> None:
        places = self._layout.places(article)
        self.all[article.key] = chapter_of(article, made, places)
        for number, (data, maths) in enumerate(zip(made.files, made.maths, strict=True), 1):
            self._put(document(article.key, number), data, maths=maths)

    def _put(self, name: str, data: File, *, maths: bool) -> None:
        self.files[name] = data
        if maths:
            self.maths.add(name)

    def names(self, key: str) -> list[str]:
        """Return the names of a chapter's files, in order."""
        return [document(key, number) for number in range(1, len(self.all[key].sha256) + 1)]

    def _leads_somewhere(self, place: str) -> bool:
        key, _, fragment = place.partition("#")
        return fragment in self._ids.get(key, ())

    def pictures(self) -> dict[str, tuple[str, Data]]:
        """Return media type and data of each picture of the posts, by file name."""
        new = {asset.id for asset in self._book.assets}
        found: dict[str, tuple[str, Data]] = {}
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
