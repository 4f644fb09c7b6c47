"""Characters that may stand in XML."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return the text without the characters that XML 1.0 (2.2) forbids."""
    return text if text.isprintable() else _NOT_XML.sub("", text)  # nearly all is, and is told at once
