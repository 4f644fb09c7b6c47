"""An EPUB → what is wrong with it, by our own rules: what shops and devices are known to reject."""

from __future__ import annotations

import io
from typing import BinaryIO

from feed2book.check.archive import Archive
from feed2book.check.epub_nav import RULES as NAV_RULES
from feed2book.check.epub_package import RULES as PACKAGE_RULES
from feed2book.check.epub_text import LINK_RULES, PAGE_RULES, Page, Web
from feed2book.models import Device, Finding


def check_epub(stream: BinaryIO, device: Device) -> tuple[Finding, ...]:
    """Return what is wrong with an EPUB, in the order of the rules.

    Args:
        stream: the file, seekable; whatever it holds does no harm.
        device: what it is to be read on.
    """
    book = Archive(stream, device)
    web = Web(book)
    found: dict[str, list[Finding]] = {rule.code: [] for rule in PAGE_RULES}
    for document in book.documents():
        page = Page(book, document)
        web.add(page)
        for rule in PAGE_RULES:
            found[rule.code] += rule.findings(page)
    stream.seek(0, io.SEEK_SET)
    whole = [finding for rule in PACKAGE_RULES for finding in rule.findings(book)]
    texts = [finding for findings in found.values() for finding in findings]
    links = [finding for rule in (*LINK_RULES, *NAV_RULES) for finding in rule.findings(web)]
    return (*whole, *texts, *links)
