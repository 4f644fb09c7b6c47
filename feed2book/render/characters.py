"""Characters of a text: those that may stand in XML, and no more than there is room for."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return the text without the characters that XML 1.0 (2.2) forbids."""
    return text if text.isprintable() else _NOT_XML.sub("", text)  # nearly all is, and is told at once


def cut_short(text: str, most: int) -> str:
    """Return at most so many characters of the text, cut between words if there are several, with ``…``."""
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
