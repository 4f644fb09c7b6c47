"""Loads what lays out a part of a PDF: imported by the process from which those are forked that do."""

from __future__ import annotations

import contextlib

from feed2book.errors import RenderError
from feed2book.render.pdf.layout import weasyprint

with contextlib.suppress(RenderError):  # without Pango, who wants a PDF is told later
    weasyprint()
    import feed2book.render.pdf.finish
    import feed2book.render.pdf.glyphs
    import feed2book.render.pdf.parts  # noqa: F401 (all three: for the import's own sake)
