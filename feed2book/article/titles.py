"""The title of an article, and the first line that contents show under it."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from feed2book.article.tex import in_a_line, read_tex
from feed2book.article.tex_delimiters import find, uses_dollars
from feed2book.article.text import collapse, count_words, legible, normal, plain, shorten
from feed2book.models import Entry

_TITLE_LENGTH = 60  # characters of a title that is made from the text
_EXCERPT_LENGTH = 140
_TAG = re.compile(
    r"</?(a|abbr|b|br|cite|code|del|em|font|i|img|ins|kbd|mark|p|q|s|small|span|strike|strong|sub|sup|tt|u)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"</([a-z]+)\s*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
_SENTENCE = re.compile(r"(.{30,}?[.!?…]['\"”’»)]*)(?=\s)|(.{10,}?[。！？])", re.DOTALL)


def clean_title(title: str) -> str:
    """Return a title without markup and on one line. ``Using <b> well`` is no markup and stays."""
    text = legible(title)
    if _ENTITY.search(text):
        text = html.unescape(text)
    closed = {match.lower() for match in _CLOSING.findall(text)} | {"br", "img"}
    text = _TAG.sub(lambda match: "" if match[1].lower() in closed else match[0], text)
    return collapse(_say_formulas(legible(text)))


def _say_formulas(title: str) -> str:
    """Return the title with its formulas as plain signs; those that cannot be read stay TeX."""
    parts: list[str] = []
    at = 0
    for found in find(title, dollars=uses_dollars([title], formulas=False)):
        formula = read_tex(found.tex, display=False)
        parts += [title[at : found.start], in_a_line(formula) if formula else title[found.start : found.end]]
        at = found.end
    return "".join(parts) + title[at:]


def make_title(entry: Entry, headings: Sequence[str], text: str) -> str:
    """Return a title for an entry that has none: its first heading, its first words, its date."""
    first = headings[0] if headings else ""
    date = entry.date.date().isoformat() if entry.date else ""
    return first or shorten(collapse(text), _TITLE_LENGTH) or date or "Untitled"


def make_excerpt(paragraphs: Sequence[tuple[str, str]], summary: str) -> str:
    """Return the first sentence of the text, at most 140 characters; short paragraphs are put together.

    Args:
        paragraphs: name and text of each block; the first of prose is taken.
        summary: HTML, for an article that has no prose.
    """
    prose = [text for name, text in paragraphs if name in {"p", "dd", "li", ""}]
    first = next((text for text in map(collapse, prose) if count_words(text) > 5), "")
    if not first:
        first = collapse(plain(legible(summary[:5000])))
        if prose and normal(first).startswith(normal(prose[0])):  # the text again, with its tables and all
            first = " ".join(map(collapse, prose[:5]))
    sentence = _SENTENCE.match(first[: _EXCERPT_LENGTH + 1] + " ")
    return shorten(sentence[0] if sentence else first, _EXCERPT_LENGTH)
