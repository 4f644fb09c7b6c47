"""What stands in the running heads: titles of posts and sections, cut to the room that they have."""

from __future__ import annotations

import html
import re

from feed2book.render.columns import collapse, width

_SECTION = re.compile(r"<h2\b([^<>]*)>(.*?)</h2>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_POST, _REST = 0.56, 0.4  # the shares of the line that a post and its section have


def room_for_post(letters: int, *, alone: bool) -> int:
    """Return how many letters of a post's title fit: ``letters`` is the line, ``alone`` without a section."""
    return letters if alone else int(letters * _POST)


def room_for_section(letters: int, *, alone: bool) -> int:
    """Return how many letters of a section's title fit."""
    return letters if alone else int(letters * _REST)


def name_sections(body: str, room: int) -> str:
    """Return an article's HTML with ``data-head`` on its top headings: what a running head says of them."""

    def name(match: re.Match[str]) -> str:
        words = html.unescape(_TAG.sub("", match[2]))
        return f'<h2 data-head="{html.escape(shorten(words, room))}"{match[1]}>{match[2]}</h2>'

    return _SECTION.sub(name, body)


def shorten(text: str, room: int) -> str:
    """Return the text, cut between words with an ellipsis to ``room`` letters (East Asian ones count two)."""
    text = collapse(text).strip()
    if width(text) <= room:
        return text
    cut = text[: room - 1]
    while width(cut) > room - 1:
        cut = cut[:-1]
    words = cut.rsplit(" ", 1)[0] if " " in cut[room // 2 :] else cut
    return words.rstrip(" ,;:.–—-") + "…"
