"""What feeds and themes add at the two ends of a post: footers, "read more", reading times, repeated bios.

Blocks are taken from an end inwards, one at a time, until one is the author's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from typing import NamedTuple

from bs4.element import PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.repetition import LEAST_WORDS, MOST_BLOCKS, MOST_WORDS, fingerprint
from feed2book.article.text import collapse, count_words
from feed2book.article.tree import APART, attribute, elements, shows, text_of, tokens
from feed2book.article.urls import absolute, valid_link
from feed2book.article.vocabulary import HEADINGS
from feed2book.errors import Code

# Repeated blocks may take this share of an article, a picture counting as so many words.
_SHARE = 0.35
_ALWAYS = 12
_PICTURE = 30

# The Yoast line and its translations, written by plugins under every post of a feed.
_APPEARED = re.compile(
    r"(?:the post .{1,300} (?:appeared first|first appeared) on .{1,200}"
    r"|(?:der beitrag|dieser beitrag) .{1,300} erschien zuerst auf .{1,200}"
    r"|(?:l.article|cet article) .{1,300} est apparu en premier sur .{1,200}"
    r"|la entrada .{1,300} (?:aparece primero|se publicó primero) en .{1,200}"
    r"|o post .{1,300} apareceu primeiro em .{1,200}"
    r"|l.articolo .{1,300} (?:proviene da|sembra essere il primo su) .{1,200}"
    r"|het bericht .{1,300} verscheen eerst op .{1,200}"
    r"|(?:artykuł|wpis) .{1,300} pochodzi z serwisu .{1,200}"
    r"|сообщение .{1,300} появились? сначала на .{1,200}"
    r"|投稿 .{1,300} は .{1,200} に最初に表示されました。?)",
    re.IGNORECASE | re.DOTALL,
)
_MORE = re.compile(
    r"[\[(…. ]*(?:continue reading|read (?:more|on|the (?:rest|full)|full)|keep reading|more|view original"
    r"|weiterlesen|mehr lesen|lire la suite|en savoir plus|leer más|seguir leyendo|leia mais"
    r"|continua a leggere|leggi tutto|lees verder|читать (?:далее|дальше|полностью)|続きを読む|阅读全文)"
    r"(?P<what> .{1,150}?)??[\]).… →»>›]*",
    re.IGNORECASE,
)
_COMMENT = (
    r"(?:(?:no|\d{1,5}) comments?|comments? ?(?:\(\d{1,5}\))?|(?:leave|add|post|write) a (?:comment|reply)"
    r"|(?:read|view|see) (?:the )?comments?)"
)
_COMMENTS = re.compile(
    rf"[\[(| ]*{_COMMENT}(?:[ |·•/,–-]+{_COMMENT}){{0,2}}(?: on .{{1,150}})?[\])| ]*", re.IGNORECASE
)
_FILED = re.compile(
    r"(?:filed (?:under|in)|posted (?:in|under)|tagged(?: with| as)?|tags|categories)\b.*", re.IGNORECASE
)
_READING_TIME = re.compile(
    r"[(⏱⌛🕒 ]*(?:(?:estimated )?reading time|lesezeit|temps de lecture|tiempo de lectura|tempo di lettura"
    r"|tempo de leitura|leestijd)[: ]*(?:about |ca\. |env\. |<)? ?\d{1,3} ?(?:min\w*)?[.) ]*"
    r"|[(⏱⌛🕒 ]*(?:about )?\d{1,3}[ -]?min(?:ute)?s?[ -](?:read|to read|reading time)[.) ]*",
    re.IGNORECASE,
)
_PLAYERS = ("iframe", "object", "embed", "video", "audio", "svg", "math", "input")
_MORE_CLASSES = frozenset({"more-link", "read-more", "readmore", "continue-reading"})
_EDGES = APART - {"br"}
_REPEATED = "repeated in most posts"
_RULE = "a rule"
_MOST_OWN_WORDS = 8  # of a link to the post that it stands in


class _Run(NamedTuple):
    """Neighbours that make up one block, all that their parent shows or a part of it."""

    nodes: list[PageElement]
    text: str

    def tags(self, name: str) -> list[Tag]:
        """Return the elements of that name among the nodes and in them."""
        return [
            tag
            for node in self.nodes
            if isinstance(node, Tag)
            for tag in ([node] if node.name == name else elements(node, {name}))
        ]

    @property
    def images(self) -> list[Tag]:
        """The images in it."""
        return self.tags("img")

    @property
    def weight(self) -> int:
        """Its words, a picture counting as many."""
        return count_words(self.text) + _PICTURE * len(self.images)

    @property
    def heads(self) -> bool:
        """Whether it is a heading: one without anything below it."""
        parent = self.nodes[0].parent
        return parent is not None and parent.name in HEADINGS

    def plays(self) -> bool:
        """Say whether there is more in it than text and images."""
        return any(self.tags(name) for name in _PLAYERS)


def drop_tails(draft: Draft) -> None:
    """Take out feed footers, "Continue reading →", comment counts and repeated blocks at both ends."""
    for tag in draft.elements({"a"}):
        if not _MORE_CLASSES.isdisjoint(tokens(tag)) and _MORE.fullmatch(collapse(text_of(tag))):
            draft.drop_junk("drop_tails", "read more", tag)
    budget = _Budget(draft)
    for at_end in (True, False):
        _drop_end(draft, budget, at_end=at_end)


class _Budget:
    """How much of an article repeated blocks may still take."""

    def __init__(self, draft: Draft) -> None:
        weight = draft.words + _PICTURE * len(draft.elements({"img"}))
        self.left = min(max(_ALWAYS, _SHARE * weight), weight - 1)
        self.refused = False

    def take(self, runs: Iterable[tuple[str, _Run]]) -> bool:
        """Say whether there is room for the repeated ones among them, and take it."""
        weight = sum(run.weight for reason, run in runs if reason == _REPEATED)
        if weight > self.left:
            return False
        self.left -= weight
        return True


def _drop_end(draft: Draft, budget: _Budget, *, at_end: bool) -> None:
    """Take blocks out from one end inwards, up to the innermost one that tells by itself that it is junk.

    A short block without link or picture does not: it goes only with what stands around it.
    """
    waiting: list[tuple[str, _Run]] = []
    gone = False
    for run in islice(_runs(draft.root, at_end=at_end), MOST_BLOCKS):
        reason = _reason(draft, run, at_end=at_end)
        if not reason:
            break
        waiting.append((reason, run))
        if reason == _RULE or not (reason != _REPEATED or _tells(run) or (gone and run.heads)):
            continue
        if not budget.take(waiting):
            if not budget.refused:
                draft.notice(Code.JUNK_KEPT, "what most posts repeat is much of this one, and was kept")
            budget.refused = True
            return
        _drop(draft, waiting)
        waiting, gone = [], True
    if gone:  # a rule that parted the article from what went
        _drop(draft, takewhile(lambda pair: pair[0] == _RULE, waiting))


def _drop(draft: Draft, runs: Iterable[tuple[str, _Run]]) -> None:
    for reason, run in runs:
        draft.drop_nodes("drop_tails", reason, run.nodes)


def _reason(draft: Draft, run: _Run, *, at_end: bool) -> str:
    """Return why a block at an end may go, ``""`` for one that stays."""
    if count_words(run.text) > MOST_WORDS or run.plays():
        return ""
    if not run.text and not run.images:
        return _RULE
    told = _tail_reason(draft, run) if at_end else ""
    if not at_end and _READING_TIME.fullmatch(run.text):
        told = "reading time"
    sources = [attribute(tag, "src") for tag in run.images]
    return told or (_REPEATED if fingerprint(run.text, sources) in draft.repeated else "")


def _tells(run: _Run) -> bool:
    return bool(run.images or run.tags("a")) or count_words(run.text) >= LEAST_WORDS


def _tail_reason(draft: Draft, run: _Run) -> str:
    if _APPEARED.fullmatch(run.text):
        return "feed footer"
    links = run.tags("a")
    if not links or run.images:
        return ""
    linked = sum(count_words(text_of(link)) for link in links)
    if _FILED.fullmatch(run.text) and count_words(run.text) - linked <= 4 and count_words(run.text) <= 40:
        return "filing"
    if _COMMENTS.fullmatch(run.text):
        return "comments and counters"
    here = _leads_here(draft, links[-1])
    more = _MORE.fullmatch(run.text)
    if more and (here or not more["what"]):
        return "read more"  # "Read more about whales" with a link elsewhere is the author's word
    only = len(links) == 1 and collapse(text_of(links[0])) == run.text
    return "read more" if here and only and linked <= _MOST_OWN_WORDS else ""


def _leads_here(draft: Draft, link: Tag) -> bool:
    """Say whether a link leads to this post as a whole: not to one of its notes or sections."""
    address = valid_link(absolute(attribute(link, "href"), draft.base))
    fragment = address.partition("#")[2]
    return fragment in {"", "more"} and bool(address) and draft.addresses.find(address) == draft.key


def _runs(node: Tag, *, at_end: bool) -> Iterator[_Run]:
    """Yield the blocks that show something, the innermost ones, from one end inwards."""
    run: list[PageElement] = []
    for child in list(reversed(node.contents) if at_end else node.contents):
        edge = isinstance(child, Tag) and (child.name in _EDGES or bool(elements(child, _EDGES)))
        if edge and run:
            yield _run(run, at_end=at_end)
            run = []
        if not shows(child):
            continue
        if not edge:
            run.append(child)
        elif isinstance(child, Tag) and child.name != "hr":
            yield from _runs(child, at_end=at_end)
        else:
            yield _Run([child], "")
    if run:
        yield _run(run, at_end=at_end)


def _run(nodes: list[PageElement], *, at_end: bool) -> _Run:
    nodes = nodes[::-1] if at_end else nodes
    return _Run(nodes, collapse("".join(map(text_of, nodes))))
