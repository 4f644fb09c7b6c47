"""The only wiring: fetch the feed → clean each article → bind the book → render it. One function a recipe."""

from __future__ import annotations

from feed2book.pipeline.batch import run_editions
from feed2book.pipeline.binding import Made, make_book
from feed2book.pipeline.editions import (
    EditionReport,
    Past,
    draft_edition,
    history,
    resend,
    run_edition,
)
from feed2book.pipeline.finding import Offer, discover
from feed2book.pipeline.gathering import Gathered, outline
from feed2book.pipeline.granting import grants
from feed2book.pipeline.lists import listed, make_opml, read_opml
from feed2book.pipeline.polling import Standing, standings
from feed2book.pipeline.recipes import (
    check_file,
    epubcheck_absent,
    make_digest,
    make_digest_page,
    make_epub,
    make_pdf,
    numbered,
    save,
    update_epub,
)
from feed2book.pipeline.run import Progress, RunOptions, connected

__all__ = [
    "EditionReport",
    "Gathered",
    "Made",
    "Offer",
    "Past",
    "Progress",
    "RunOptions",
    "Standing",
    "check_file",
    "connected",
    "discover",
    "draft_edition",
    "epubcheck_absent",
    "grants",
    "history",
    "listed",
    "make_book",
    "make_digest",
    "make_digest_page",
    "make_epub",
    "make_opml",
    "make_pdf",
    "numbered",
    "outline",
    "read_opml",
    "resend",
    "run_edition",
    "run_editions",
    "save",
    "standings",
    "update_epub",
]
