"""An issue's EPUBs as a mail that Send-to-Kindle takes, if it takes them."""

from __future__ import annotations

from pathlib import Path

from feed2book.errors import DeliveryError
from feed2book.models import Artifact, Blob, Device, Issue

# What Amazon says of Send-to-Kindle by mail.
_MOST_FILES = 25
_MOST_BYTES = 50_000_000


def kindle_body(issue: Issue, device: Device) -> bytes:
    """Return the mail that brings the books, without the fields that name sender and recipient.

    Args:
        issue: whose EPUBs are sent, each volume as an attachment.
        device: what they were made for.

    Raises:
        DeliveryError: Send-to-Kindle would not take them. It says so hours later (E999), or never.
        OSError: a file cannot be read.
    """
    from feed2book.render.email_body import write_body
    from feed2book.render.email_digest import Digest

    files = [file for file in issue.files if file.output == "epub"]
    books = tuple(Artifact(file.name, file.media_type, Blob(path=file.path)) for file in files)
    place = f"issue {issue.number}"
    if not books:
        raise DeliveryError("it was made without an EPUB", where=place, remedy='add "epub" to outputs')
    if len(books) > _MOST_FILES:
        message = f"it has {len(books)} volumes, and Send-to-Kindle takes {_MOST_FILES}"
        raise DeliveryError(message, where=place, remedy="set a limit for its sources")
    size = sum(book.blob.size for book in books)
    if size > _MOST_BYTES:
        message = f"it has {size / 1e6:.0f} MB, and Send-to-Kindle takes {_MOST_BYTES / 1e6:.0f}"
        raise DeliveryError(message, where=place, remedy="set images = false, or a limit for its sources")
    for file in files:
        _check(file.path, file.name, device)
    return write_body(Digest(issue.title, issue.issued, issue.title, ""), books)


def _check(path: Path, name: str, device: Device) -> None:
    from feed2book.check import check_file

    _, findings = check_file(path, device, epubcheck=False)
    for found in findings:
        if found.severity == "error":
            message = f"Send-to-Kindle would refuse it: {found.message} ({found.code}, {found.where})"
            raise DeliveryError(message, where=name, remedy=found.fix)
