"""Makes the parts of a PDF: in line, or on an executor; those that an earlier build made are kept."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace

from feed2book.errors import Code, Feed2BookError
from feed2book.models import Notice, Shelf
from feed2book.render.pdf.layout import Leaf, lay_out
from feed2book.render.pdf.pack import PdfPart
from feed2book.render.pdf.parts import Chapters

_AHEAD = 16  # parts that are worked on, or wait for an earlier one


class Nothing:
    """A shelf that keeps nothing."""

    def get(self, key: str) -> bytes | None:  # noqa: ARG002
        """See :class:`Shelf`."""
        return None

    def put(self, key: str, value: bytes) -> None:
        """See :class:`Shelf`."""


class Maker:
    """Makes parts.

    Args:
        executor: where parts are laid out; None does it in line. Where it breaks, the rest is done in line.
        eager: the executor gets also what is done as soon in line, and leaves this processor free.
        shelf: what earlier builds made.
        stamp: names the programs and fonts that decide how a part looks, besides its own content.
        tell: told what went less than well.
    """

    def __init__(
        self,
        executor: Executor | None,
        shelf: Shelf[bytes],
        stamp: str,
        tell: Callable[[Notice], None],
        *,
        eager: bool = False,
    ) -> None:
        self._executor = executor
        self._eager = eager
        self._shelf = shelf
        self._stamp = stamp
        self._tell = tell

    def parts(self, wanted: Iterable[Chapters]) -> Iterator[tuple[PdfPart, int]]:
        """Yield the part of each run of chapters, in order, and how many posts are in it.

        Chapters that cannot be laid out together, or kill their process, make a part each. A post that
        cannot be laid out by itself is set as plain text.
        """
        all_chapters = list(wanted)
        if len(all_chapters) == 1 and not self._eager:  # it would only cost a start
            self._executor = None
        waiting: deque[tuple[Chapters, PdfPart | Future[bytes] | None]] = deque()
        for chapters in all_chapters:
            waiting.append((chapters, self._kept(chapters) or self._start(chapters)))
            if len(waiting) >= _AHEAD:
                yield from self._finish(*waiting.popleft())
        while waiting:
            yield from self._finish(*waiting.popleft())

    def lay_out(self, leaf: Leaf) -> bytes:
        """Return the packed part of a leaf that is not kept and holds no posts."""
        if self._executor and self._eager:
            with contextlib.suppress(BrokenExecutor):
                return self._executor.submit(lay_out, leaf).result()
        return lay_out(leaf)

    def _kept(self, chapters: Chapters) -> PdfPart | None:
        data = self._shelf.get(chapters.name(self._stamp))
        try:
            return PdfPart.from_bytes(data) if data else None
        except ValueError:  # damaged, or of an older version
            return None

    def _start(self, chapters: Chapters) -> Future[bytes] | None:
        """Hand chapters over; None where there is nobody to take them."""
        if self._executor is None:
            return None
        try:
            return self._executor.submit(Chapters.lay_out, chapters)
        except BrokenExecutor:
            self._executor = None
            return None

    def _finish(
        self, chapters: Chapters, begun: PdfPart | Future[bytes] | None
    ) -> Iterator[tuple[PdfPart, int]]:
        if isinstance(begun, PdfPart):
            yield begun, len(chapters.book.articles)
            return
        data = self._outcome(chapters, begun)
        if data is None:
            yield from self._rescued(chapters)
            return
        self._shelf.put(chapters.name(self._stamp), data)
        yield PdfPart.from_bytes(data), len(chapters.book.articles)

    def _outcome(self, chapters: Chapters, begun: Future[bytes] | None) -> bytes | None:
        """Return what was laid out, None where that cannot be done."""
        try:
            return begun.result() if begun else chapters.lay_out()
        except BrokenExecutor:
            if self._sound():
                message = "a process died while it laid out posts; they are laid out again"
                self._tell(Notice(Code.WORKER_DIED, message, chapters.book.articles[0].title))
            return self._again(chapters)
        except Feed2BookError:  # a template is wrong: no fault of a post
            raise
        except Exception:  # noqa: BLE001 (nobody knows what WeasyPrint raises on odd markup)
            return None

    def _sound(self) -> bool:
        """Find out whether the executor can do anything at all, and do without it if not."""
        try:
            return self._executor is not None and self._executor.submit(bool, True).result()
        except BrokenExecutor:
            self._executor = None
            return False

    def _again(self, chapters: Chapters) -> bytes | None:
        """Try once more, in a process if there are any; None where that one dies as well."""
        try:
            begun = self._start(chapters)
            return begun.result() if begun else chapters.lay_out()
        except Feed2BookError:
            raise
        except Exception:  # noqa: BLE001
            return None

    def _rescued(self, chapters: Chapters) -> Iterator[tuple[PdfPart, int]]:
        """Yield the part with the posts that are to blame as plain text, or the posts one by one."""
        alone = len(chapters.book.articles) == 1
        made = [(single, None if alone else self._again(single)) for single in chapters.singly()]
        bad = frozenset(single.prefix for single, data in made if data is None)
        for article in chapters.book.articles:
            if article.key in bad:
                message = "this post cannot be laid out; its text is set without its form"
                self._tell(Notice(Code.ARTICLE_DAMAGED, message, article.title))
        data = self._again(replace(chapters, plain=bad)) if bad else None
        if data is not None:
            yield PdfPart.from_bytes(data), len(chapters.book.articles)
            return
        for single, made_alone in made:
            yield PdfPart.from_bytes(made_alone or replace(single, plain=bad).lay_out()), 1
