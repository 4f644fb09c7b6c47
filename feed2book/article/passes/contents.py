"""The contents list that an author put into a post: known, kept, and believed.

A list is one if its makers call it so, or if all that it holds are links to places of the post itself. It
stays, as ``ul.post-toc`` or ``ol.post-toc``. A place that it names and that is not a heading becomes one,
so that the book's contents have it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.passes.contents_shapes import CONTENTS, name_contents
from feed2book.article.passes.links import own_fragments
from feed2book.article.passes.notes import ids_of
from feed2book.article.text import collapse, count_words, normal
from feed2book.article.tree import ancestor, attribute, elements, inside, shows, text_of, tokens
from feed2book.article.vocabulary import DIVISIONS, HEADINGS

_LISTS = frozenset({"ul", "ol"})
_MOST_LINKED = 0.8  # share of a list's words that stand in its links
_NUMBER = re.compile(r"^[\W_]*(?:\d+(?:\.\d+)*|[ivxl]+|[a-z])[.)\s]+", re.IGNORECASE)
_MOST_CHARACTERS = 250
_MOST_WORDS = 25  # of a line that can be a heading


def mark_contents(draft: Draft) -> None:
    """Mark the post's own contents lists, and make headings of the places that they name."""
    ids = ids_of(draft)
    own = {id(link): name for link, name in own_fragments(draft)}
    lists = [tag for tag in draft.elements(_LISTS) if not inside(tag, _LISTS) and _is_contents(tag, own)]
    for tag in draft.marked():
        if "post-toc" in attribute(tag, "class").split():
            tag.attrs["class"] = " ".join(
                name for name in attribute(tag, "class").split() if name != "post-toc"
            )
    titles = _titles(draft) if lists else {}
    for contents in lists:
        contents = _innermost(draft, contents)
        contents.attrs["class"] = "post-toc"
        _find_lost(contents, titles, own, ids)
        _believe(draft, contents, own, ids)
        name_contents(draft, contents)


def _is_contents(tag: Tag, own: dict[int, str]) -> bool:
    links = elements(tag, {"a"})
    inner = [link for link in links if id(link) in own]
    if not inner or len(inner) < len([link for link in links if attribute(link, "href")]):
        return False
    linked = sum(_named(link) for link in inner)
    if linked < _MOST_LINKED * _named(tag):
        return False
    return len(inner) > 1 or any(not CONTENTS.isdisjoint(tokens(node)) for node in _around(tag))


def _named(tag: Tag) -> int:
    """Count the words, numbers and bullets apart."""
    return sum(any(map(str.isalpha, word)) for word in text_of(tag).split())


def _innermost(draft: Draft, contents: Tag) -> Tag:
    """Return the list that is all there is in a list: Hugo writes one for each level that is not there."""
    while True:
        item = _only_child(contents)
        inner = _only_child(item) if item is not None else None
        if item is None or inner is None or inner.name not in _LISTS:
            return contents
        draft.rename(contents, "div")
        draft.rename(item, "div")
        contents = inner


def _only_child(tag: Tag) -> Tag | None:
    shown = [child for child in tag.contents if shows(child)]
    return shown[0] if len(shown) == 1 and isinstance(shown[0], Tag) else None


def _around(tag: Tag) -> Iterator[Tag]:
    yield tag
    for parent in list(tag.parents)[:3]:
        if parent.name in DIVISIONS | {"details"} and parent.name != "body":
            yield parent


def _find_lost(contents: Tag, titles: dict[str, list[Tag]], own: dict[int, str], ids: dict[str, Tag]) -> None:
    """Lead links whose ids a feed has lost to the headings, or lines, that say what the links say."""
    for link in elements(contents, {"a"}):
        if own.get(id(link), "") in ids or id(link) not in own:
            continue
        found = titles.get(normal(text_of(link)), [])
        if len(found) == 1:
            ident = str(found[0].attrs.setdefault("id", own[id(link)]))
            link.attrs["href"], own[id(link)], ids[ident] = f"#{ident}", ident, found[0]


def _titles(draft: Draft) -> dict[str, list[Tag]]:
    """Return the headings, and the lines that may be some, by what they say."""
    titles: dict[str, list[Tag]] = {}
    for tag in draft.elements({"p", *HEADINGS}):
        text = text_of(tag)
        if len(text) <= _MOST_CHARACTERS and (name := normal(text)):
            titles.setdefault(name, []).append(tag)
    return titles


def _believe(draft: Draft, contents: Tag, own: dict[int, str], ids: dict[str, Tag]) -> None:
    """Make headings of the lines that the list names, as deep as the headings that it names beside them."""
    ranks: dict[int, int] = {}
    missed: list[tuple[Tag, int]] = []
    for link in elements(contents, {"a"}):
        target = ids.get(own.get(id(link), ""))
        if target is None or any(node is contents for node in target.parents):
            continue
        depth = sum(node.name in _LISTS for node in link.parents)
        heading = _heading(target)
        if heading is not None:
            ranks.setdefault(depth, int(heading.name[1]))
            continue
        line = _line(target)
        if line is not None and _says(line, link):
            missed.append((line, depth))
    base = min((rank - depth for depth, rank in ranks.items()), default=1)
    for line, depth in missed:
        _promote(draft, line, min(max(ranks.get(depth, base + depth), 2), 6))


def _heading(target: Tag) -> Tag | None:
    """Return the heading that a place is, stands in, or stands right before."""
    if target.name in HEADINGS:
        return target
    inner = elements(target, HEADINGS)[:1] if target.name in DIVISIONS else []
    around = ancestor(target, HEADINGS)
    following = _next(target) if not shows(target) else None
    if following is not None and following.name in HEADINGS:
        return following
    return around or (inner[0] if inner else None)


def _line(target: Tag) -> Tag | None:
    """Return the paragraph that a place is, stands in, or, when it is empty, stands right before."""
    node: Tag | None = target
    if not shows(target) and (following := _next(target)) is not None:
        node = following
    while node is not None and node.name not in {"p", "div", "body"}:
        node = node.parent
    if node is None or node.name == "body" or inside(node, {"li", "td", "th", "blockquote", "figure"}):
        return None
    return node


def _next(target: Tag) -> Tag | None:
    """Return the element that comes next after an empty one, out of an otherwise empty paragraph too."""
    node: Tag | None = target
    while node is not None and node.name != "body":
        after = node.next_sibling
        while after is not None and not shows(after):
            after = after.next_sibling
        if after is not None:
            return after if isinstance(after, Tag) else None
        if node.parent is None or shows(node.parent):
            return None
        node = node.parent
    return None


def _says(line: Tag, link: Tag) -> bool:
    """Say whether the line is what the link calls it, the numbers of either apart."""
    text = collapse(text_of(line))
    if count_words(text) > _MOST_WORDS or elements(line, {"p", "div", "ul", "ol", "table", "pre"}):
        return False
    said, called = normal(text), normal(collapse(text_of(link)))
    bare = normal(_NUMBER.sub("", collapse(text_of(link))))
    return bool(bare) and (said in {called, bare} or normal(_NUMBER.sub("", text)) == bare)


def _promote(draft: Draft, line: Tag, rank: int) -> None:
    for tag in elements(line, {"strong", "b"}):
        draft.rename(tag, "span")
    draft.rename(line, f"h{rank}")
