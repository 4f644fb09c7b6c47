"""What feeds and themes add at the two ends of a post: footers, "read more", reading times, repeated bios.

Blocks are taken from an end inwards, one at a time, until one is the author's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from bs4.element import PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.repetition import MOST_BLOCKS, MOST_WORDS, fingerprint
from feed2book.article.text import collapse, count_words
from feed2book.article.tree import APART, attribute, elements, shows, text_of, tokens
from feed2book.article.urls import absolute, valid_link
from feed2book.errors import Code

# Repeated blocks may take this share of an article, a picture counting as so many words.
_SHARE = 0.25
_ALWAYS = 12
_PICTURE = 50

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
_COMMENTS = re.compile(
    r"[\[(| ]*(?:(?:no|\d{1,5}) comments?|comments? ?(?:\(\d{1,5}\))?"
    r"|(?:leave|add|post|write) a (?:comment|reply)|(?:read|view|see) (?:the )?comments?)"
    r"(?: on .{1,150})?[\])| ]*",
    re.IGNORECASE,
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
_BLOCK_EDGES = APART - {"br"}
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
        for _ in range(MOST_BLOCKS):
            run = _outermost(draft.root, at_end=at_end)
            if run is None or not _drop_run(draft, run, budget, at_end=at_end):
                break


class _Budget:
    """How much of an article repeated blocks may still take."""

    def __init__(self, draft: Draft) -> None:
        weight = draft.words + _PICTURE * len(draft.elements({"img"}))
        self.left = min(max(_ALWAYS, _SHARE * weight), weight - 1)

    def take(self, weight: int) -> bool:
        """Say whether there is room for so much more, and take it."""
        if weight > self.left:
            return False
        self.left -= weight
        return True


def _drop_run(draft: Draft, run: _Run, budget: _Budget, *, at_end: bool) -> bool:
    """Take the block out if it is no one's prose; say whether it went."""
    words = count_words(run.text)
    if words > MOST_WORDS or run.plays():
        return False
    if not words and all(isinstance(node, Tag) and node.name == "hr" for node in run.nodes):
        return at_end and _only_rule(draft, run)
    reason = (
        _tail_reason(draft, run) if at_end else ("reading time" if _READING_TIME.fullmatch(run.text) else "")
    )
    if reason:
        draft.drop_nodes("drop_tails", reason, run.nodes)
        return True
    sources = [attribute(tag, "src") for tag in run.tags("img")]
    if not draft.repeated or fingerprint(run.text, sources) not in draft.repeated:
        return False
    if not budget.take(words + _PICTURE * len(sources)):
        draft.notice(
            Code.JUNK_KEPT, f"{words} words that most posts repeat were kept: they are most of this one"
        )
        return False
    draft.drop_nodes("drop_tails", "repeated in most posts", run.nodes)
    return True


def _only_rule(draft: Draft, run: _Run) -> bool:
    """Take out a rule that parted the article from what was taken out below it."""
    if not any(drop.step == "drop_tails" for drop in draft.drops):
        return False
    draft.drop_nodes("drop_tails", "rule", run.nodes)
    return True


def _tail_reason(draft: Draft, run: _Run) -> str:
    if _APPEARED.fullmatch(run.text):
        return "feed footer"
    links = run.tags("a")
    if not links or run.tags("img"):
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


def _outermost(root: Tag, *, at_end: bool) -> _Run | None:
    """Return the first or last block that shows something, the innermost one."""
    node: Tag | None = root
    while node is not None:
        run: list[PageElement] = []
        inner: Tag | None = None
        for child in _inwards(node, at_end=at_end):
            edge = isinstance(child, Tag) and (
                child.name in _BLOCK_EDGES or bool(elements(child, _BLOCK_EDGES))
            )
            if edge and run:
                break
            if not shows(child):
                continue
            if isinstance(child, Tag) and edge and child.name != "hr":
                inner = child
                break
            run.append(child)
            if edge:
                break
        if run:
            run = run[::-1] if at_end else run
            return _Run(run, collapse("".join(map(text_of, run))))
        node = inner
    return None


def _inwards(node: Tag, *, at_end: bool) -> Iterable[PageElement]:
    return reversed(node.contents) if at_end else iter(node.contents)
