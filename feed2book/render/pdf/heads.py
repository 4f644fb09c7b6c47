"""What stands in the running heads: titles of posts and sections, cut to the room that they have."""

from __future__ import annotations

import html
import re

from feed2book.render.columns import collapse, width

_SECTION = re.compile(r"<h2\b([^<>]*)>(.*?)</h2>", re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CLAUSE = re.compile(r"[:;]\s|\s[–—·|-]\s|\s\(|[：；（]|(?<=[?!。！？])")
_CUT = " ,;:.–—-…"
_SMALL = 3  # letters of words that leave the reader hanging: of, the, und, de
_TAG = re.compile(r"<[^<>]*>")
_POST, _REST = 0.56, 0.4  # the shares of the line that a post and its section have
_POST_WORDS, _REST_WORDS = 4, 3  # a head of more words reads like a line of the text, to screen readers too


def room_for_post(letters: int, *, alone: bool) -> int:
    """Return how many letters of a post's title fit: ``letters`` is the line, ``alone`` without a section."""
    return letters if alone else int(letters * _POST)


def room_for_section(letters: int, *, alone: bool) -> int:
    """Return how many letters of a section's title fit."""
    return letters if alone else int(letters * _REST)


def words_of_post(*, alone: bool) -> int:
    """Return how many words a post's title may have beside a section, or alone (0: any number)."""
    return 0 if alone else _POST_WORDS


def name_sections(body: str, room: int, *, alone: bool) -> str:
    """Return an article's HTML with ``data-head`` on its top headings: what a running head says of them."""

    def name(match: re.Match[str]) -> str:
        words = html.unescape(_TAG.sub("", match[2]))
        head = html.escape(shorten(words, room, 0 if alone else _REST_WORDS))
        return f'<h2 data-head="{head}"{match[1]}>{match[2]}</h2>'

    return _SECTION.sub(name, body)


def shorten(text: str, room: int, most: int = 0) -> str:
    """Return the text, cut to what has room: where a clause ends if that says enough, else between words.

    Args:
        text: a title.
        room: letters; East Asian ones count two.
        most: words; 0 for any number.
    """
    text = collapse(text).strip()
    starts = [word.start() for word in _WORD.finditer(text)]
    end = starts[most] if 0 < most < len(starts) else len(text)
    if end == len(text) and width(text) <= room:
        return text
    while width(text[:end]) >= room:  # an ellipsis comes
        end -= 1
    clauses = [clause.start() for clause in _CLAUSE.finditer(text, end // 2, end + 1)]
    if clauses:
        return text[: clauses[-1]]
    space = text.rfind(" ", end // 2, end + 1)
    words = text[: space if space > 0 else end].split(" ")
    while len(words) > 2 and len(words[-1]) <= _SMALL and words[-1].islower():
        words.pop()
    return " ".join(words).rstrip(_CUT) + "…"
