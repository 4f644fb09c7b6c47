"""How a post begins: as much of it as a reader needs to know whether to go on, with its markup.

Works on the HTML that the article room writes (each tag closed, ``<`` and ``>`` escaped in attributes), in
one walk over its tags.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN

ENOUGH = 400
"""Characters of text after which the excerpt ends with the paragraph, about 70 words."""

MOST = 800
"""Characters of text that an excerpt may have; a longer paragraph is cut after a sentence."""

_LEAST = 100  # characters; a cut at a word says more than a shorter sentence

_PIECE = re.compile(
    rf"<(/?)([a-z][a-z0-9]*)[^<>]*?(/?)>|{TOKEN_OPEN}[^{TOKEN_CLOSE}]*{TOKEN_CLOSE}|&[#\w]+;|[^<&{TOKEN_OPEN}]+|."
)
_PROSE = frozenset({"p", "ul", "ol", "blockquote", "dl", "div"})
_NOT_PROSE = frozenset({"aside", "figure", "hr", "h2", "h3", "h4", "h5", "h6", "pre", "table"})
_NOTE_MARK = re.compile(r'<sup\b[^<>]*><a\b[^<>]* class="noteref"[^<>]*>[^<>]*</a></sup>')
_PICTURE = re.compile(r'<img class="picture"[^<>]*/>')
_OWN_ID = re.compile(rf'\sid="{TOKEN_OPEN}id:[^"]*"')
_SENTENCE = re.compile(r"[.!?…]['\"”’»)]*(?=\s|$)|[。！？][」』”）]*")


def excerpt(html: str) -> str:
    """Return the beginning of an article, of whole paragraphs or at least sentences, in valid markup.

    It is prose: pictures, tables, code and headings are left out. An article that is short anyway is returned
    as it is.
    """
    if len(html) <= MOST:
        return html
    writer = _Writer()
    writer.take(_PICTURE.sub("", _NOTE_MARK.sub("", html)))
    return _OWN_ID.sub("", "".join(writer.out)).strip()


def _is_left_out(name: str, tag: str) -> bool:
    return name in _NOT_PROSE or ' class="post-toc"' in tag


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that is open: its name, and how many pieces and characters had been written before it."""

    name: str
    pieces: int
    written: int


@dataclass(slots=True)
class _Writer:
    """Collects the prose of an article until there is enough of it."""

    out: list[str] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _skipped: int = 0  # elements that are open inside of one that is no prose
    _written: int = 0  # characters of text; a picture in a line is one
    _sentence: tuple[int, str, list[_Open]] | None = None
    """The last sentence that ended: pieces before its run of text, that run up to there, what was open."""

    def take(self, html: str) -> None:
        """Walk over the article, and stop when there is enough."""
        for match in _PIECE.finditer(html):
            closes, name, empty = match.groups()
            if name is None:
                if not self._skipped and self._open and not self._text(match[0]):
                    return
            elif self._skipped:
                self._skipped += 0 if empty else -1 if closes else 1
            elif closes:
                self._close()
                if not self._open and self._written >= ENOUGH:
                    return
            elif _is_left_out(name, match[0]) or not (self._open or name in _PROSE):
                self._skipped = 0 if empty else 1
            else:
                self._tag(name, match[0], empty=bool(empty))

    def _tag(self, name: str, tag: str, *, empty: bool) -> None:
        if not empty:
            self._open.append(_Open(name, len(self.out), self._written))
        self._written += name == "img"
        self.out.append(tag)

    def _close(self) -> None:
        last = self._open.pop()
        if self._written > last.written:
            self.out.append(f"</{last.name}>")
        else:  # it held a picture, and nothing else
            del self.out[last.pieces :]

    def _text(self, text: str) -> bool:
        """Write the text; return False if this was the last of it."""
        is_run = text[0] not in f"&{TOKEN_OPEN}"
        fits = text[: MOST - self._written] if is_run else text
        ends = [match.end() for match in _SENTENCE.finditer(fits)]
        if ends and self._written + ends[-1] >= _LEAST:
            self._sentence = len(self.out), fits[: ends[-1]], [*self._open]
        if len(fits) == len(text):
            self.out.append(text)
            self._written += 0 if text.isspace() else len(text) if is_run else 1
            return True
        self._end(fits)
        return False

    def _end(self, fits: str) -> None:
        """End with the last sentence, or, where there was none, with a word."""
        if self._sentence:
            pieces, last, self._open = self._sentence
            self.out[pieces:] = [last]
        else:
            self.out.append(fits.rpartition(" ")[0].rstrip() + "…")
        self._written += 1
        while self._open:
            self._close()
