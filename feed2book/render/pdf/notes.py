"""Puts the notes of an article at the foot of the page that refers to them.

WeasyPrint takes an element with ``float: footnote`` from where it stands to the foot of the page. A note
therefore moves behind its first reference, made of elements that may stand in a paragraph. What cannot be
made of those (tables, lists, code), what is long, and what a heading, a table or a caption refers to, stays
at the end of the article, as in a book. Numbers of notes stay on the line of what they refer to.
"""

from __future__ import annotations

import re

from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN

_MOST_CHARACTERS = 900
_NOTE = re.compile(r'<aside( id="[^"]*")[^<>]*? class="note"([^<>]*)>(.*?)</aside>\n?', re.DOTALL)
_REF = re.compile(
    rf'<a[^<>]* class="noteref" href="{TOKEN_OPEN}post:[^"#]*#([^"]*){TOKEN_CLOSE}"[^<>]*>[^<>]*</a>'
)
# A line may end after these characters, and the number of a note would begin the next one.
_LOOSE = re.compile(
    rf"([!?…—–%。、，！？：；）」』】》〉\u3040-\u30ff\u3400-\u9fff])(<sup[^<>]*>{_REF.pattern}</sup>)"
)
_ID = re.compile(rf"{TOKEN_OPEN}id:([^{TOKEN_CLOSE}]*){TOKEN_CLOSE}")
_NOT_INLINE = re.compile(r"<(?:ul|ol|dl|table|pre|blockquote|figure|h[1-6]|hr|img)\b")
_CLOSED = re.compile(r"(<(table|h[1-6]|figcaption|dt|pre)\b.*?</\2>)", re.DOTALL)
_PARAGRAPH = re.compile(r"<(/?)p\b([^<>]*)>\n?")


def set_notes(html: str) -> str:
    """Return an article's HTML, its tokens in place, with its short notes where they are referred to."""
    if 'class="noteref"' not in html:
        return html
    html = _LOOSE.sub(r'<span class="kept">\1\2</span>', html)
    notes = {_ID.findall(match[1])[0]: match for match in _NOTE.finditer(html) if _fits(match[3])}
    placed: set[str] = set()

    def place(match: re.Match[str]) -> str:
        ident = match[1]
        if ident not in notes or ident in placed:
            return match[0]
        placed.add(ident)
        return match[0] + _inline(notes[ident])

    at = first.start() if (first := _NOTE.search(html)) else len(html)
    pieces = _CLOSED.split(html[:at])  # text, a closed element, its name, text …
    pieces[::3] = (_REF.sub(place, piece) for piece in pieces[::3])
    del pieces[2::3]
    rest = _NOTE.sub(lambda match: "" if _ID.findall(match[1])[0] in placed else match[0], html[at:])
    return "".join(pieces) + rest


def _fits(note: str) -> bool:
    return len(note) <= _MOST_CHARACTERS and not _NOT_INLINE.search(note)


def _inline(note: re.Match[str]) -> str:
    text = _PARAGRAPH.sub(lambda tag: "</span>" if tag[1] else f'<span class="p"{tag[2]}>', note[3])
    return f'<span{note[1]} class="footnote"{note[2]}>{text.strip()}</span>'
