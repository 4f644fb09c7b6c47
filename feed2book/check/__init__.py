"""A finished file → what is wrong with it. Each rule is one small function with a code that never changes.

Whatever is looked at is taken for hostile: nothing is unpacked to disk, no entity is expanded, no address is
asked, sizes are limited. EPUBCheck, if it is there, runs in a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from feed2book.errors import UsageError
from feed2book.models import Device, Finding

if TYPE_CHECKING:
    from feed2book.check.rules import Rule

__all__ = ["all_rules", "check_file", "epubcheck_absent"]


def check_file(path: Path, device: Device, *, epubcheck: bool = True) -> tuple[str, tuple[Finding, ...]]:
    """Check an EPUB, a PDF or a mail, told by what it holds.

    Args:
        path: the file.
        device: what it is to be read on.
        epubcheck: let EPUBCheck look at an EPUB as well, if it is there.

    Returns:
        ``epub``, ``pdf`` or ``mail``, and what was found, gravest first.

    Raises:
        UsageError: the file cannot be read, or is of no kind that can be checked.
    """
    try:
        with path.open("rb") as stream:
            kind = _kind(stream.read(1_100))
            stream.seek(0)
            if kind == "epub":
                from feed2book.check.epub import check_epub

                found = check_epub(stream, device)
            elif kind == "pdf":
                from feed2book.check.pdf import check_pdf

                found = check_pdf(stream, device)
            else:
                from feed2book.check.mail import check_mail

                found = check_mail(stream)
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror or error}", where=str(path)) from error
    except ValueError as error:
        if str(error) != _UNKNOWN:
            raise
        raise UsageError(_UNKNOWN, where=str(path), remedy="name a file that feed2book made") from error
    if kind == "epub" and epubcheck and not epubcheck_absent():
        from feed2book.check.epubcheck import run_epubcheck

        found += run_epubcheck(path)
    return kind, tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))


_ORDER = ("error", "warning", "note")
_UNKNOWN = "this is no EPUB, PDF or mail"


def _kind(head: bytes) -> str:
    from feed2book.check.mail import looks_like_mail

    if head.startswith(b"PK"):
        return "epub"
    if b"%PDF-" in head[:1_024]:
        return "pdf"
    if looks_like_mail(head):
        return "mail"
    raise ValueError(_UNKNOWN)


def epubcheck_absent() -> str:
    """Say in one line why EPUBCheck cannot run and what to install, ``""`` if it can."""
    from feed2book.check.epubcheck import absent

    return absent()


def all_rules() -> Iterator[Rule]:
    """Yield every rule of ours, by kind of file and in the order in which they are asked."""
    from feed2book.check import epub_nav, epub_package, epub_text, mail, pdf

    yield from (*epub_package.RULES, *epub_text.PAGE_RULES, *epub_text.LINK_RULES, *epub_nav.RULES)
    yield from (*pdf.OPENING_RULES, *pdf.RULES, *mail.RULES)
