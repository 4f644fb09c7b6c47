"""A feed cut into its entries, so that each can be read once and known again in the next build.

Only what is plainly a row of entries is cut: one after the other, with nothing but white space between,
outside of CDATA and comments. What a reader can know of an entry is then its own text and the tags that are
open around it. Everything else is read in one piece.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_HEAD_TAG = re.compile(r"<(/?)([A-Za-z_][\w.:-]*+)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*?)(/?)>")
_OPAQUE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_MARK = re.compile(r"<(?:!\[CDATA\[|!--|(/?)(item|entry)(?=[\s>]))")
# Media RSS under a name of an entry's own would change how the entries beside it are read (:mod:`.media`).
_MEDIA = re.compile(r"xmlns:[\w.-]+\s*=\s*[\"'](?i:https?://search\.yahoo\.com/)")
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->"}
_DEEPEST = 8  # levels around the entries


@dataclass(frozen=True, slots=True)
class Pieces:
    """``head`` and ``tail`` are what stands around the entries, ``opening`` and ``closing`` its open tags."""

    head: str
    entries: tuple[str, ...]
    tail: str
    opening: str
    closing: str


def cut(text: str) -> Pieces | None:
    """Return the pieces of a feed that is XML, or None where it does not come apart plainly."""
    spans = _spans(text)
    if not spans:
        return None
    head, tail = text[: spans[0][0]], text[spans[-1][1] :]
    gaps = (text[end:start] for (_, end), (start, _) in pairwise(spans))
    if "<!DOCTYPE" in head or any(map(str.strip, gaps)) or _MEDIA.search(text, len(head)):
        return None
    around = _open_tags(head)
    if not around:
        return None
    return Pieces(
        head,
        tuple(text[start:end] for start, end in spans),
        tail,
        "".join(tag for _, tag in around),
        "".join(f"</{name}>" for name, _ in reversed(around)),
    )


def _spans(text: str) -> list[tuple[int, int]]:
    """Return where each entry begins and ends; nothing if they are not all of one kind, side by side."""
    spans: list[tuple[int, int]] = []
    start, name, place = -1, "", 0
    while mark := _MARK.search(text, place):
        place = mark.end()
        if end := _ENDS.get(mark[0]):
            place = text.find(end, place) + len(end)
            if place < len(end):
                return []
        elif (name := name or mark[2]) != mark[2] or bool(mark[1]) == (start < 0):
            return []  # items and entries, one in another, or an end without a start
        elif mark[1]:
            close = text.find(">", place) + 1
            spans.append((start, close))
            start, place = -1, close
        else:
            start = mark.start()
    return spans if start < 0 else []


def _open_tags(head: str) -> list[tuple[str, str]]:
    """Return name and text of the tags that are open at the end of ``head``, the outermost first."""
    tags: list[tuple[str, str]] = []
    for match in _HEAD_TAG.finditer(_OPAQUE.sub("", head)):
        closing, name, _, empty = match.groups()
        if closing and (not tags or tags.pop()[0] != name):
            return []
        if not closing and not empty:
            tags.append((name, match[0]))
    return tags if len(tags) <= _DEEPEST else []
