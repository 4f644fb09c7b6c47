"""An article in the making: the tree that the passes work on and what they find out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from feed2book.article.addresses import AddressBook
from feed2book.article.tex_macros import Macro
from feed2book.article.text import collapse, count_words, shorten
from feed2book.article.tree import APART, elements, text_of
from feed2book.errors import Code
from feed2book.models import Drop, Entry, Formula, Image, Notice

_SAMPLE = 60  # characters of a dropped text that the ledger keeps

# Junk is small. A rule that would take out more than this has met prose, and leaves it alone.
_MOST_WORDS = 60
_MOST_SHARE = 0.15
_SURE_SHARE = 0.5  # for what a known tool wrote
_SHOWN = frozenset({"img", "iframe", "object", "embed", "video", "audio", "svg", "math"})
_ALWAYS = 12  # words that a rule may take even from a very short article


@dataclass(slots=True)
class Draft:
    """One entry on its way through the passes.

    ``source`` is the text that the entry held at first, ``words`` how many words that was, ``dropped`` how
    many of them were taken out; ``repeated`` are the blocks that most posts of its feed share;
    ``images`` are numbered as they stand in the tree (``n``), ``added_images`` counts those that the passes
    made, less those that became formulas; ``macros`` are those that its formulas may use; ``fragments`` maps
    the ids of the source to those of the article,
    ``linked`` are those of them that a link of this article leads to; ``own`` has the fragment of each link
    that was found to lead to this article, ``""`` of the others; ``previews`` are the ``id()`` of
    images that may be missing without a word.
    """

    entry: Entry
    key: str
    title: str
    addresses: AddressBook
    root: BeautifulSoup
    with_images: bool = True
    repeated: frozenset[str] = frozenset()
    source: str = ""
    words: int = 0
    dropped: int = 0
    added_images: int = 0
    images: list[Image] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)
    macros: dict[str, Macro] = field(default_factory=dict)
    fragments: dict[str, str] = field(default_factory=dict)
    linked: set[str] = field(default_factory=set)
    own: dict[str, str] = field(default_factory=dict)
    previews: set[int] = field(default_factory=set)
    drops: list[Drop] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    _tags: list[Tag] = field(default_factory=list)
    _places: dict[str, list[int]] = field(default_factory=dict)
    _stale: bool = True

    def elements(self, names: Collection[str] = ()) -> list[Tag]:
        """Return the elements of the whole tree in document order, all or those with one of ``names``."""
        if self._stale:
            self._tags, self._stale = elements(self.root), False
            self._places.clear()
        if not names:
            return list(self._tags)
        if not self._places:
            for place, tag in enumerate(self._tags):
                self._places.setdefault(tag.name, []).append(place)
        found = (self._places[name] for name in self._places.keys() & names)
        return [self._tags[place] for place in sorted(chain.from_iterable(found))]

    def marked(self, names: Collection[str] = ()) -> list[Tag]:
        """Return those elements that have attributes: all that a class, an id or a style can tell of."""
        return [tag for tag in self.elements(names) if tag.attrs]

    def new(self, name: str, **attributes: str) -> Tag:
        """Return a new element, to be put into the tree."""
        self._stale = True
        self.added_images += name == "img"
        return self.root.new_tag(name, attrs=attributes)

    def rename(self, tag: Tag, name: str) -> None:
        """Make ``tag`` an element of another name, and nothing else of it."""
        tag.name = name
        self._places.clear()

    def change(self, tag: Tag, name: str, content: str | None = None, **attributes: str) -> None:
        """Make ``tag`` another element in place; with ``content``, that text replaces what it held."""
        self.added_images += name == "img" != tag.name
        self.rename(tag, name)
        tag.attrs = dict(attributes)
        if content is not None:
            self._stale = True
            tag.clear()
            if content:
                tag.append(content)

    def vanish(self, tag: Tag) -> None:
        """Make ``tag`` one that is not written; what stands around it stays apart if it was a block."""
        self.change(tag, "div" if tag.name in APART else "span", "")

    @property
    def base(self) -> str:
        """What relative addresses count from, or ``""``."""
        return self.entry.base or self.entry.url

    def drop(self, step: str, reason: str, tag: Tag) -> None:
        """Take ``tag`` out, and say so in the ledger if it showed anything."""
        self.drop_nodes(step, reason, [tag])

    def drop_nodes(self, step: str, reason: str, nodes: Iterable[PageElement]) -> None:
        """Take neighbours out, elements and pieces of text, as one entry of the ledger."""
        nodes = list(nodes)
        text = collapse("".join(map(text_of, nodes)))
        tags = [node for node in nodes if isinstance(node, Tag)]
        images = sum(len(elements(tag, {"img"})) + (tag.name == "img") for tag in tags)
        if text or images:
            words = count_words(text)
            self.dropped += words
            self.drops.append(Drop(step, reason, words, images, shorten(text, _SAMPLE)))
        for node in nodes:
            if isinstance(node, Tag):
                self.vanish(node)
            else:
                node.replace_with(NavigableString(""))

    def drop_junk(self, step: str, reason: str, tag: Tag, *, sure: bool = False) -> bool:
        """Take ``tag`` out unless it holds so much text, or all there is, that it may be prose.

        Says whether it went.

        Of a short article half may go if it is ``sure`` who wrote it: a box to subscribe is often as long
        as the note over it.
        """
        words = count_words(text_of(tag))
        alone = 0 < words >= self.words - self.dropped and not self.elements(_SHOWN)
        if (
            alone
            or words > _MOST_WORDS
            or words > max(_ALWAYS, self.words * (_SURE_SHARE if sure else _MOST_SHARE))
        ):
            self.notice(Code.JUNK_KEPT, f"{words} words in what looks like {reason} were kept")
            return False
        self.drop(step, reason, tag)
        return True

    def unread_formula(self, source: str) -> None:
        """Note that a formula could not be read; its source or its picture stands in its place."""
        message = f"a formula could not be read: {shorten(collapse(source), _SAMPLE)}"
        self.notice(Code.FORMULA_UNREAD, message)

    def notice(self, code: str, message: str) -> None:
        """Note something that went less than well."""
        self.notices.append(Notice(code, message, self.title or self.entry.url))
