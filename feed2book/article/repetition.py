"""Blocks that a feed repeats in most of its posts: author bios, calls to subscribe, "visit the original".

What stands at the end or the start of most posts says nothing of any one of them, whatever it is called in
the markup. Only the two ends of each post are looked at, as raw text cut at the tags of blocks: no tree is
made for it, a post costs a fraction of a millisecond however long it is, and what comes of it is a small
set of texts that can be sent to another process. The pass that takes them out (:mod:`.passes.tails`) finds
the same blocks in the tree, and no more than stand together at an end.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from feed2book.article.text import count_words, legible, normal
from feed2book.article.vocabulary import BLOCKS, DIVISIONS, HEADINGS
from feed2book.models import Entry

MOST_WORDS = 120  # of one repeated block; what is longer is a text of its own
LEAST_WORDS = 8  # of a block without link and picture: shorter ones may be the author's way to end
MOST_BLOCKS = 12  # at each end

_WINDOW = 8000  # characters at each end of a post that are looked at
_FEWEST_POSTS = 3
_SHARE = 0.6  # of the feed's posts

_UNREAD = re.compile(r"<!--.*?-->|<(script|style|template)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_BLOCKS = "|".join(sorted(BLOCKS | DIVISIONS | {"p", "hr", *HEADINGS}))
_EDGE = re.compile(rf"</?(?:{_BLOCKS})(?=[\s/>])[^<>]*>", re.IGNORECASE)
_SOURCE = re.compile(r"<img\b[^<>]*?\ssrc\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def fingerprint(text: str, sources: Iterable[str]) -> str:
    """Return what two blocks are compared by: a hash of their text's letters and their images' addresses."""
    told = "\n".join([normal(text), *sources])
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Ends:
    """The fingerprints of the blocks at both ends of one post, and whether it says anything at all."""

    marks: tuple[str, ...]
    told: bool


def ends(entry: Entry) -> Ends:
    """Return the two ends of a post. Pure, and the dear part of finding what posts share."""
    markup = entry.content if entry.content.strip() else entry.summary
    return Ends(tuple(sorted(_ends(markup))), bool(markup.strip()))


def repeated_blocks(posts_ends: Iterable[Ends]) -> frozenset[str]:
    """Return the fingerprints of the blocks that most of a feed's posts begin or end with.

    Args:
        posts_ends: the :func:`ends` of all entries of one feed, as it says them.
    """
    posts = 0
    seen: Counter[str] = Counter()
    for found in posts_ends:
        posts += found.told
        seen.update(found.marks)
    enough = max(_FEWEST_POSTS, _SHARE * posts)
    return frozenset(block for block, times in seen.items() if times >= enough)


def _ends(markup: str) -> set[str]:
    """Return the fingerprints of the blocks at both ends of a post that are worth comparing."""
    head, tail = _EDGE.split(_read(markup[:_WINDOW])), _EDGE.split(_read(markup[-_WINDOW:]))
    if len(markup) > _WINDOW:  # the window cuts through a block
        head, tail = head[:-1], tail[1:]
    found: set[str] = set()
    for blocks in (head, tail[::-1]):
        told = (block for block in blocks if block.strip())
        for _, block in zip(range(2 * MOST_BLOCKS), told, strict=False):  # twice: some will be gone by then
            if mark := _mark(block):
                found.add(mark)
    return found


def _read(markup: str) -> str:
    return _UNREAD.sub("", legible(markup))


def _mark(block: str) -> str:
    """Return the fingerprint of a block, or ``""`` for one that shows nothing or is too long to be junk."""
    sources = [html.unescape(next(filter(None, found), "")) for found in _SOURCE.findall(block)]
    text = html.unescape(_TAG.sub("", block))
    words = count_words(text)
    return fingerprint(text, sources) if (words or sources) and words <= MOST_WORDS else ""
