"""Old names for new ones, ruby, languages handed down."""

from __future__ import annotations

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.language import direction
from feed2book.article.text import is_blank
from feed2book.article.tree import attribute, elements, inside, text_of
from feed2book.article.vocabulary import DIVISIONS

_RENAMED = {
    "acronym": "abbr",
    "dir": "ul",
    "listing": "pre",
    "menu": "ul",
    "plaintext": "pre",
    "strike": "s",
    "tt": "code",
    "xmp": "pre",
}
_RUBY_CHILDREN = frozenset({"rt", "rp"})


def rename_obsolete(draft: Draft) -> None:
    """Give obsolete elements the names of today; unwrapping the rest is the writer's work."""
    for tag in draft.elements({*_RENAMED, *_RUBY_CHILDREN, "ruby", "summary"}):
        if tag.name in _RENAMED:
            draft.rename(tag, _RENAMED[tag.name])
        elif tag.name == "summary":
            make_subhead(draft, tag)
        elif tag.name == "ruby" and not _is_ruby(tag):
            for child in [tag, *elements(tag, _RUBY_CHILDREN)]:
                draft.rename(child, "span")
        elif tag.name in _RUBY_CHILDREN and not inside(tag, {"ruby"}):
            draft.rename(tag, "span")


def make_subhead(draft: Draft, tag: Tag) -> None:
    """Turn a heading that is no section into a bold paragraph."""
    ident = attribute(tag, "id")
    strong = draft.new("strong")
    strong.extend(list(tag.contents))
    draft.change(tag, "p", **{"class": "subhead"}, **({"id": ident} if ident else {}))
    tag.append(strong)


def _is_ruby(tag: Tag) -> bool:
    """Say whether base texts and annotations take turns, each with something in it."""
    expected, last = False, ""
    for child in tag.contents:
        if isinstance(child, Tag):
            if child.name in _RUBY_CHILDREN:
                if elements(child) or is_blank(text_of(child)) or not expected:
                    return False
                last = "rt" if child.name == "rt" else last
                continue
            if elements(child) or child.name not in {"span", "b", "i", "em", "strong", "rb"}:
                return False
        if not is_blank(text_of(child)):
            expected, last = True, ""
    return last == "rt"


def hand_down_language(draft: Draft) -> None:
    """Give the language and direction of a division to its children: the division is not written."""
    for tag in draft.elements(DIVISIONS):
        given = {name: tag.attrs[name] for name in ("lang", "xml:lang", "dir") if name in tag.attrs}
        if given:
            for child in tag.contents:
                if isinstance(child, Tag):
                    for name, value in given.items():
                        child.attrs.setdefault(name, value)


def turn_code(draft: Draft) -> None:
    """Let code run from left to right in an article that runs the other way."""
    tags = draft.elements({"pre", "code", "kbd", "samp"})
    if tags and direction(text_of(draft.root), "") == "rtl":
        for tag in tags:
            if not inside(tag, {"pre"}):
                tag.attrs.setdefault("dir", "ltr")
