"""What an entry holds, as markup that can be parsed."""

from __future__ import annotations

import html
import re

from feed2book.article.text import legible, plain
from feed2book.models import Entry

MAX_CHARACTERS = 8_000_000
MAX_TAGS = 150_000

_ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|<!\[CDATA\[")
_ESCAPED_TAG = re.compile(
    r"&lt;(?:/(?:p|div|a|em|strong|b|i|ul|ol|li|h[1-6]|blockquote|pre|code|span)|br ?/?)&gt;"
)
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


def markup_of(entry: Entry) -> tuple[str, bool]:
    """Return the entry's text as HTML, and whether it had to be reduced to plain text.

    Plain text becomes paragraphs; markup that was escaped twice is unescaped once more.
    """
    content = legible(entry.content if entry.content.strip() else entry.summary)
    if "<![CDATA[" in content:  # a feed that wrapped its markup twice
        content = content.replace("<![CDATA[", "").replace("]]>", "")
    if len(content) > MAX_CHARACTERS or content.count("<") > MAX_TAGS:
        return paragraphs(plain(content[:MAX_CHARACTERS])), True
    if not _ANY_TAG.search(content):
        if _ESCAPED_TAG.search(content):
            return html.unescape(content), False
        return paragraphs(html.unescape(content)), False
    return content, False


def paragraphs(text: str) -> str:
    """Return plain text as HTML: blank lines part paragraphs, line ends become line breaks."""
    blocks = (block.strip() for block in _BLANK_LINE.split(legible(text)))
    return "\n".join(
        "<p>" + html.escape(block).replace("\n", "<br/>\n") + "</p>" for block in blocks if block
    )
