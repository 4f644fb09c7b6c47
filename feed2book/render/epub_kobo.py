"""Kobo's own marks in a document, which its better reading program counts, highlights and turns pages by.

A ``span.koboSpan`` holds a sentence, or a picture. Its id is ``kobo.P.S``: the number of its paragraph in the
file, and its own in the paragraph. Paragraphs are counted as Kobo and kepubify do it. Two boxes stand around
all. Only tags are looked at; text stays as it is, to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BODY = re.compile(r"(<body\b[^<>]*>)(.*)(</body>)", re.DOTALL)
_TAG = re.compile(r"<!--.*?-->|</?([A-Za-z][A-Za-z0-9:]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
_SENTENCE = re.compile(r"[.!?](?:['\"”’“…]|&(?:quot|apos|#34|#39);)?[ \t\r\n\f]+")
_OWN_IDS = re.compile(r"\sid=\"(kobo\.[0-9]+\.[0-9]+|book-(?:columns|inner))\"")
_SPAN = len('<span class="koboSpan" id="kobo.99999.9999"></span>')
_PARAGRAPHS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "table", "ul"})
_LEFT_ALONE = frozenset({"audio", "math", "pre", "rp", "rt", "script", "style", "svg", "video"})


def with_spans(document: str) -> str:
    """Return the XHTML document with Kobo's spans and boxes in its body."""
    parts = _BODY.search(document)
    if not parts:
        return document
    content = "".join(_Spans(parts[2]).pieces())
    if "book-inner" not in parts[2] and "book-columns" not in parts[2]:
        content = f'<div id="book-columns"><div id="book-inner">{content}</div></div>'
    return f"{document[: parts.start(2)]}{content}{document[parts.end(2) :]}"


def bytes_of_spans(text: str) -> int:
    """Return how many bytes the spans will at most add to a tag or a run of text."""
    if text.startswith("<"):
        return _SPAN if text.startswith("<img") else 0
    return _SPAN * (1 + len(_SENTENCE.findall(text)))


class _Spans:
    """One walk over a body."""

    def __init__(self, content: str) -> None:
        self._content = content
        self._taken = set(_OWN_IDS.findall(content)) if "kobo." in content else set()
        self._paragraph = 0
        self._segment = 0
        self._next = False
        self._stack: list[str] = []
        self._alone = 0

    def pieces(self) -> Iterator[str]:
        """Yield the body again, tag by tag and sentence by sentence."""
        end = 0
        for match in _TAG.finditer(self._content):
            if match.start() > end:
                yield from self._text(self._content[end : match.start()])
            end = match.end()
            name = match[1]
            if name == "img" and not self._alone:
                self._paragraph, self._segment, self._next = self._paragraph + 1, 0, False
                yield self._span(match[0])
                continue
            if name:
                self._step(match[0], name)
            yield match[0]
        yield from self._text(self._content[end:])

    def _step(self, tag: str, name: str) -> None:
        """Keep account of what is open."""
        if tag.startswith("</"):
            del self._stack[-1:]  # a template of the user's may have a tag too many
            self._alone -= name in _LEFT_ALONE
            return
        if not self._alone and name in _PARAGRAPHS:
            self._next = True
        if not tag.endswith("/>"):
            self._stack.append(name)
            self._alone += name in _LEFT_ALONE

    def _text(self, text: str) -> Iterator[str]:
        if self._alone or not text:
            yield text
            return
        start = 0
        for match in _SENTENCE.finditer(text):
            yield self._sentence(text[start : match.end()])
            start = match.end()
        if start < len(text):
            yield self._sentence(text[start:])

    def _sentence(self, text: str) -> str:
        if text.isspace() and self._stack[-1:] != ["p"]:
            return text
        if self._next:
            self._paragraph, self._segment, self._next = self._paragraph + 1, 0, False
        return self._span(text)

    def _span(self, text: str) -> str:
        self._segment += 1
        while (ident := f"kobo.{self._paragraph}.{self._segment}") in self._taken:
            self._segment += 1
        return f'<span class="koboSpan" id="{ident}">{text}</span>'
