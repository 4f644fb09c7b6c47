"""What feeds and themes add at the two ends of a post: footers, "read more", reading times, repeated bios.

Blocks are taken from an end inwards, one at a time, until one is the author's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import islice, takewhile

from feed2book.article.draft import Draft
from feed2book.article.passes.blocks import PICTURE, PLAYERS, Run, runs
from feed2book.article.passes.endings import RELATED_POSTS, ending_reason, heads_others, leads_to_others
from feed2book.article.phrases import MORE, READING_TIME
from feed2book.article.repetition import LEAST_WORDS, MOST_BLOCKS, MOST_WORDS, fingerprint
from feed2book.article.text import collapse, count_words
from feed2book.article.tree import attribute, text_of, tokens
from feed2book.errors import Code

# Repeated blocks may take this share of an article, a picture counting as so many words.
_SHARE = 0.35
_ALWAYS = 12

_MORE_CLASSES = frozenset({"more-link", "read-more", "readmore", "continue-reading"})
_REPEATED = "repeated in most posts"
_RULE = "a rule"


def drop_tails(draft: Draft) -> None:
    """Take out feed footers, "Continue reading →", comment counts and repeated blocks at both ends."""
    for tag in draft.elements({"a"}):
        if not _MORE_CLASSES.isdisjoint(tokens(tag)) and MORE.fullmatch(collapse(text_of(tag))):
            draft.drop_junk("drop_tails", "read more", tag)
    budget = _Budget(draft)
    for at_end in (True, False):
        _drop_end(draft, budget, at_end=at_end)


class _Budget:
    """How much of an article repeated blocks may still take."""

    def __init__(self, draft: Draft) -> None:
        weight = draft.words + PICTURE * len(draft.elements({"img"}))
        self.left = min(max(_ALWAYS, _SHARE * weight), weight - 1)
        self.refused = False
        self._draft = draft

    @cached_property
    def rest(self) -> float:
        """What is left of the article; counted only when something is to go, which is rare."""
        draft = self._draft
        pictures = PICTURE * len(draft.elements({"img"}))
        return count_words(text_of(draft.root)) + pictures + len(draft.elements(PLAYERS))

    def take(self, blocks: list[tuple[str, Run]]) -> bool:
        """Say whether there is room for the repeated ones, and anything left without all; take it."""
        weight = sum(run.weight for reason, run in blocks if reason == _REPEATED)
        whole = sum(run.weight for _, run in blocks)
        if weight > self.left or whole >= self.rest > 0:
            return False
        self.left -= weight
        self.rest -= whole
        return True


def _drop_end(draft: Draft, budget: _Budget, *, at_end: bool) -> None:
    """Take blocks out from one end inwards, up to the innermost one that tells by itself that it is junk.

    A short block without link or picture does not: it goes only with what stands around it. Links to other
    posts go only with a line over them that says what they are.
    """
    waiting: list[tuple[str, Run]] = []
    gone = False
    for run in islice(runs(draft.root, at_end=at_end), MOST_BLOCKS):
        heads = any(reason == RELATED_POSTS for reason, _ in waiting) and heads_others(run)
        reason = RELATED_POSTS if heads else _reason(draft, run, at_end=at_end)
        if not reason:
            break
        waiting.append((reason, run))
        if not heads and not _settles(reason, run, gone=gone):
            continue
        told = [pair for pair in waiting if heads or pair[0] != RELATED_POSTS]
        if not budget.take(told):
            if not budget.refused:
                draft.notice(Code.JUNK_KEPT, "what looks like junk is much of this post, and was kept")
            budget.refused = True
            return
        _drop(draft, told)
        waiting, gone = [], True
    if gone:  # a rule that parted the article from what went
        _drop(draft, takewhile(lambda pair: pair[0] == _RULE, waiting))


def _drop(draft: Draft, blocks: Iterable[tuple[str, Run]]) -> None:
    for reason, run in blocks:
        draft.drop_nodes("drop_tails", reason, run.nodes)


def _reason(draft: Draft, run: Run, *, at_end: bool) -> str:
    """Return why a block at an end may go, ``""`` for one that stays."""
    if count_words(run.text) > MOST_WORDS or run.plays():
        return ""
    if not run.text and not run.images:
        return _RULE
    told = ending_reason(draft, run) if at_end else ""
    if not at_end and READING_TIME.fullmatch(run.text):
        told = "reading time"
    sources = [attribute(tag, "src") for tag in run.images]
    if not told and fingerprint(run.text, sources) in draft.repeated:
        return _REPEATED
    return told or (RELATED_POSTS if at_end and leads_to_others(draft, run) else "")


def _settles(reason: str, run: Run, *, gone: bool) -> bool:
    """Say whether a block is junk whatever stands around it."""
    if reason == _REPEATED:
        tells = bool(run.images or run.tags({"a"})) or count_words(run.text) >= LEAST_WORDS
        return tells or (gone and run.heads)
    return reason not in {_RULE, RELATED_POSTS}
