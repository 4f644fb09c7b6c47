"""HTML → a part of a PDF: laid out by WeasyPrint, its tags mended, packed for the joiner.

WeasyPrint, and Pango under it, are loaded when the first part is made, never before: EPUB and digest need
neither.
"""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from feed2book.errors import RenderError
from feed2book.models import Asset
from feed2book.render.pdf.pango import install_command

_TURN = threading.Lock()
"""Held while a part is laid out: what is changed meanwhile is the whole process's."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is laid out by itself.

    ``titles`` say where links lead. ``prefix`` begins all ids of the tag tree. ``numbered`` pages get their
    numbers when all parts are joined; others have those that WeasyPrint counts. ``whole`` says that this is
    the part whose metadata the joined file takes. ``variant`` is WeasyPrint's name for the standard that the
    file keeps, ``grey`` says that nothing has a colour.
    """

    html: str
    sheet: str
    assets: tuple[tuple[str, Asset], ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    prefix: str = ""
    numbered: bool = True
    whole: bool = False
    variant: str = "pdf/ua-1"
    grey: bool = False


def weasyprint() -> Any:
    """Return WeasyPrint, which prints advice of its own on stdout when a library is missing.

    Raises:
        RenderError: Pango is not there.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import weasyprint
    except (ImportError, OSError) as error:
        raise RenderError(
            "PDF needs the Pango library, which is not there", remedy=f"install it: {install_command()}"
        ) from error
    # Its warnings are about the markup of strangers; once any library has set up logging, they would show.
    logging.getLogger("weasyprint").propagate = False
    return weasyprint


def lay_out(leaf: Leaf) -> bytes:
    """Return the packed part that this HTML makes: a pure function, the same bytes in any process.

    Nothing is loaded but the leaf's own assets and our fonts; what a feed or a style sheet names besides
    is refused.
    """
    printer = weasyprint()
    with _TURN, _collector_off(), _page_list_kept(), _fonts_undated():
        return _Printer(printer, leaf).part()


class _Printer:
    def __init__(self, printer: Any, leaf: Leaf) -> None:
        from weasyprint.text.fonts import FontConfiguration

        from feed2book.render.pdf.fetcher import BookFetcher
        from feed2book.render.pdf.page_numbers import hold_places

        self._weasyprint = printer
        self._leaf = leaf
        sheet = hold_places(leaf.sheet) if leaf.numbered else leaf.sheet
        self._fetcher = BookFetcher(leaf.assets, sheet)
        self._fonts = FontConfiguration()
        self._packed = b""
        self._missing: frozenset[str] = frozenset()

    def part(self) -> bytes:
        from feed2book.render.pdf.glyphs import box_missing

        head, start, body = self._leaf.html.partition("<body")
        body, self._missing = box_missing(body, lambda text: self._render(f"{head}<body>{text}").write_pdf())
        # The file that WeasyPrint would write is not wanted: all is packed before.
        with contextlib.suppress(_PackedError):
            self._render(head + start + body).write_pdf(finisher=self._finish, pdf_variant=self._leaf.variant)
        return self._packed

    def _render(self, html: str) -> Any:
        # Hints are the attributes start and value of lists, width and height of images.
        page = self._weasyprint.HTML(string=html, url_fetcher=self._fetcher)
        return page.render(font_config=self._fonts, presentational_hints=True, pdf_variant=self._leaf.variant)

    def _finish(self, document: Any, pdf: Any) -> None:
        """Take over the document before it is written: WeasyPrint's documented hook."""
        from feed2book.render.pdf.finish import pack

        self._packed = pack(document, pdf, self._leaf, self._missing).to_bytes()
        raise _PackedError


class _PackedError(Exception):
    """Leaves WeasyPrint once all is packed."""


@contextlib.contextmanager
def _collector_off() -> Iterator[None]:
    """Keep the garbage collector out of the layout: it finds little and walks every box again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextlib.contextmanager
def _fonts_undated() -> Iterator[None]:
    """Keep the time out of the fonts that WeasyPrint writes by fontTools: those with emoji, variable ones."""
    from weasyprint.pdf import fonts

    dated = fonts.TTFont
    fonts.TTFont = partial(dated, recalcTimestamp=False)
    try:
        yield
    finally:
        fonts.TTFont = dated


@contextlib.contextmanager
def _page_list_kept() -> Iterator[None]:
    """Let pydyf 0.13 keep its list of pages, which it makes anew for each element of the tag tree."""
    import pydyf

    slow = pydyf.PDF.page_references

    def page_references(pdf: Any) -> tuple[bytes, ...]:
        known: tuple[bytes, ...] = pdf.__dict__.get("_page_list", ())
        if 3 * len(known) != len(pdf.pages["Kids"]):
            known = pdf.__dict__["_page_list"] = slow.fget(pdf)
        return known

    pydyf.PDF.page_references = property(page_references)
    try:
        yield
    finally:
        pydyf.PDF.page_references = slow
