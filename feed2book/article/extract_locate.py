"""Where the article stands in a page. trafilatura says which text it is; the page's own markup is taken.

What trafilatura hands back is written anew: headings, lists, figures, notes, formulas and the languages of
code go missing on the way. So its text is looked for in the page, and the smallest element that holds nearly
all of it is the article, with all that stands in it; our own passes clean it as they clean what feeds hold.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree, html

from feed2book.article.extract_rules import drop
from feed2book.article.furniture import by_shape, by_tool
from feed2book.article.vocabulary import BLOCKS, DIVISIONS, HEADINGS, names

if TYPE_CHECKING:
    from configparser import ConfigParser

_SHARE = 0.9  # of the text: the rest is a byline, or a caption that stands apart
_WORD = re.compile(r"\w+")
_APART = BLOCKS | DIVISIONS | {"p", "br", "hr", "iframe", *HEADINGS}
#: Elements that an article may be: a paragraph, a list or a quote is only a part of one.
_HOLDERS = DIVISIONS - names("fieldset form legend optgroup option search summary tfoot") | {"td", "li", "dd"}
#: Elements that no reader sees.
UNREAD = names("script style noscript template")
_CHANCE = 0.1  # of the runs of words in what is none of the article: a title stands in many places
# What says by its name that it is none of the article, where trafilatura found no text of it either.
_BESIDE = names("nav footer form dialog button")
_COMMENTS = names("comments comment-list commentlist respond disqus_thread")


def locate(root: html.HtmlElement, url: str) -> html.HtmlElement | None:
    """Return the element that is the article, or None where there is no text; ``root`` is changed.

    Args:
        root: the tree of a whole page.
        url: its address.
    """
    import trafilatura

    # Any: of its many results this call has the one with a tree
    found: Any = trafilatura.bare_extraction(
        root, url=url, include_comments=False, include_images=True, config=_config()
    )
    if found is None:
        return None
    etree.strip_elements(root, *UNREAD, with_tail=False)
    for title in root.iterfind("head/title"):  # some have all of a short text
        title.text = None
    weights, sizes = _weights(root, runs(" ".join(found.body.itertext())))
    if not weights[root]:
        return None
    article = _smallest(root, weights)
    for tag in list(article.iterdescendants(etree.Element)):
        called = f"{tag.get('class', '')} {tag.get('id', '')}".lower().split()
        named = by_tool(called) or by_shape(called) or not _COMMENTS.isdisjoint(called)
        if weights[tag] <= _CHANCE * sizes[tag] and (named or tag.tag in _BESIDE):
            drop(tag)
    return article


@cache
def _config() -> ConfigParser:
    """Return trafilatura's settings: a short post is a post."""
    import logging

    from trafilatura.settings import use_config

    for name in ("trafilatura", "htmldate", "courlan"):  # what they would say on stderr is told by a notice
        logging.getLogger(name).addHandler(logging.NullHandler())
    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "50")  # characters
    return config


def runs(text: str, length: int = 3) -> frozenset[tuple[str, ...]]:
    """Return all runs of so many words: single ones stand in any text, three in a row tell it."""
    words = _WORD.findall(text.casefold())
    return frozenset(zip(*(islice(words, start, None) for start in range(length)), strict=False))


def _weights(
    root: html.HtmlElement, wanted: frozenset[tuple[str, ...]]
) -> tuple[dict[html.HtmlElement, int], dict[html.HtmlElement, int]]:
    """Return how many runs of words each element holds, those that are wanted and all. One walk.

    From the root: where a page names no body (it need not), libxml2 leaves what is new in HTML 5 in the head.
    """
    weights: dict[html.HtmlElement, int] = dict.fromkeys(root.iter(etree.Element), 0)
    sizes = dict(weights)
    owners = [root]
    pieces: list[str] = []

    def settle() -> None:
        if pieces:
            found = runs("".join(pieces))
            weights[owners[-1]] += len(found & wanted)
            sizes[owners[-1]] += len(found)
            pieces.clear()

    for event, tag in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            if tag.tag in _APART:
                settle()
                owners.append(tag)
            pieces.append(tag.text or "")
            continue
        if event == "end" and tag.tag in _APART:
            settle()
            owners.pop()
        if tag is not root:
            pieces.append(tag.tail or "")
    for tag in reversed(list(weights)):  # children before their parents
        parent = tag.getparent()
        if tag is not root and parent is not None:
            weights[parent] += weights[tag]
            sizes[parent] += sizes[tag]
    return weights, sizes


def _smallest(root: html.HtmlElement, weights: dict[html.HtmlElement, int]) -> html.HtmlElement:
    """Return the innermost element that may be an article and holds nearly all of the text."""
    least = _SHARE * weights[root]
    article = inner = root
    while True:
        heavy = next((tag for tag in inner.iterchildren(etree.Element) if weights[tag] >= least), None)
        if heavy is None:
            return article
        inner = heavy
        if inner.tag in _HOLDERS:
            article = inner
