"""The recipe: an entry's markup is parsed once, passed through, written, walled, and told about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bs4.element import Tag

from feed2book.article.addresses import AddressBook
from feed2book.article.attributes import language_tag
from feed2book.article.draft import Draft
from feed2book.article.language import detect_language, direction, is_latin
from feed2book.article.passes import PASSES
from feed2book.article.source import markup_of, paragraphs
from feed2book.article.text import count_words, plain
from feed2book.article.titles import clean_title, make_excerpt, make_title
from feed2book.article.tree import attribute, elements, parse, text_of
from feed2book.article.wall import is_well_formed, pass_wall
from feed2book.article.writer import Writer
from feed2book.errors import Code
from feed2book.models import (
    TOKEN_CLOSE,
    TOKEN_OPEN,
    Article,
    Counts,
    Entry,
    Image,
    Ledger,
    Section,
    token,
)

_IMAGE_TOKEN = re.compile(f"{TOKEN_OPEN}image:(\\d+){TOKEN_CLOSE}")


def clean_entry(entry: Entry, key: str, addresses: AddressBook, *, images: bool, language: str) -> Article:
    """Return the article of ``entry``; see :func:`feed2book.article.clean`."""
    markup, reduced = markup_of(entry)
    draft = Draft(entry, key, clean_title(entry.title), addresses, parse(markup), images)
    if reduced:
        draft.notice(Code.ARTICLE_DAMAGED, "the markup is too large to be read; only its text was kept")
    before = _count(draft.root)
    draft.words = before.words
    for step in PASSES:
        try:
            step(draft)
        except Exception as error:  # noqa: BLE001 (no markup may stop a book; the notice says what happened)
            draft.notice(
                Code.ARTICLE_DAMAGED, f"{step.__name__} failed ({type(error).__name__}) and was skipped"
            )
    writer = Writer(frozenset(draft.linked))
    written = writer.write(draft.root)
    walled = pass_wall(written)
    if walled != written:
        draft.notice(Code.MARKUP_DROPPED, "markup that has no place in a book was taken out")
    if not is_well_formed(walled):
        raise ValueError("not well-formed")
    return _article(draft, writer, walled, before, language)


def plain_entry(entry: Entry, key: str, *, language: str, reason: str) -> Article:
    """Return the article of an entry that nothing else could make sense of: its text, escaped."""
    markup, _ = markup_of(entry)
    text = plain(markup)
    html = paragraphs(text)
    words = count_words(text)
    draft = Draft(entry, key, clean_title(entry.title), AddressBook(), parse(""))
    draft.notice(Code.ARTICLE_DAMAGED, f"the markup could not be read ({reason}); only its text was kept")
    counts = Counts(words=words)
    return Article(
        key=key,
        entry=entry,
        title=draft.title or make_title(entry, (), text),
        html=html,
        excerpt=make_excerpt((("p", text),), ""),
        language=_language(entry, language, text),
        direction=direction(text, language),
        ledger=Ledger(counts, counts),
        notices=tuple(draft.notices),
    )


def _article(draft: Draft, writer: Writer, html: str, before: Counts, language: str) -> Article:
    html, images = _number_images(_drop_dead_links(html, draft.key, frozenset(writer.ids)), draft, writer)
    text = "\n".join(text for _, text in writer.paragraphs)
    tongue = _language(draft.entry, language, text)
    headings = [title for _, _, title in writer.headings]
    return Article(
        key=draft.key,
        entry=draft.entry,
        title=draft.title or make_title(draft.entry, headings, text),
        html=html,
        sections=outline(writer.headings),
        images=images,
        ids=tuple(writer.ids),
        excerpt=make_excerpt(writer.paragraphs, draft.entry.summary),
        language=tongue,
        direction=direction(text, tongue),
        ledger=Ledger(before, _written(writer, html, len(images)), tuple(draft.drops)),
        notices=tuple(draft.notices),
    )


def _language(entry: Entry, language: str, text: str) -> str:
    said = language_tag(entry.language) or language_tag(language)
    if said.startswith("en") and not is_latin(text):
        return detect_language(text) or said  # English is what tools write into a feed when nobody says
    return said or detect_language(text)


def _drop_dead_links(html: str, key: str, ids: frozenset[str]) -> str:
    """Make text of links to fragments that did not survive; what else such an element says stays."""
    mark = f"post:{re.escape(key)}#"
    link = re.compile(
        f'<a([^<>]*) href="{TOKEN_OPEN}{mark}([^{TOKEN_CLOSE}]*){TOKEN_CLOSE}"([^<>]*)>(.*?)</a>', re.DOTALL
    )

    def checked(match: re.Match[str]) -> str:
        before, fragment, after, text = match.groups()
        if fragment in ids:
            return match[0]
        return f"<span{before}{after}>{text}</span>" if before or after else text

    return link.sub(checked, html)


def _number_images(html: str, draft: Draft, writer: Writer) -> tuple[str, tuple[Image, ...]]:
    """Number the images in the order in which they stand, and note how each stands there."""
    places = {number: (kind, linked) for number, kind, linked in writer.placed}
    images: list[Image] = []

    def numbered(match: re.Match[str]) -> str:
        image = draft.images[int(match[1])]
        kind, linked = places[int(match[1])]
        images.append(
            replace(image, kind=image.kind if image.kind in {"formula", "preview"} else kind, linked=linked)
        )
        return token("image", str(len(images) - 1))

    return _IMAGE_TOKEN.sub(numbered, html), tuple(images)


def outline(headings: Sequence[tuple[int, str, str]]) -> tuple[Section, ...]:
    """Return the tree of sections for headings in reading order, each a level, an id and a title."""
    levels: list[tuple[int, list[Section]]] = [(0, [])]
    waiting: list[tuple[int, str, str]] = []

    def close(level: int) -> None:
        while len(levels) > 1 and levels[-1][0] >= level:
            _, children = levels.pop()
            mine, ident, title = waiting.pop()
            levels[-1][1].append(Section(ident, mine, title, tuple(children)))

    for level, ident, title in headings:
        close(level)
        levels.append((level, []))
        waiting.append((level, ident, title))
    close(0)
    return tuple(levels[0][1])


def _count(root: Tag) -> Counts:
    tags = elements(root)
    names = [tag.name for tag in tags]
    return Counts(
        words=count_words(text_of(root)),
        headings=sum(name in {"h1", "h2", "h3", "h4", "h5", "h6"} for name in names),
        images=names.count("img"),
        links=sum(tag.name == "a" and bool(attribute(tag, "href")) for tag in tags),
        list_items=names.count("li"),
        table_cells=names.count("td") + names.count("th"),
        code_lines=sum(_lines(tag.get_text()) for tag in tags if tag.name == "pre"),
    )


def _lines(code: str) -> int:
    return code.strip("\n").count("\n") + 1


def _written(writer: Writer, html: str, images: int) -> Counts:
    seen = writer.seen
    return Counts(
        words=count_words("\n".join(text for _, text in writer.paragraphs)),
        headings=len(writer.headings),
        images=images,
        links=html.count(" href="),
        list_items=seen.get("li", 0),
        table_cells=seen.get("td", 0) + seen.get("th", 0),
        code_lines=sum(_lines(text) for name, text in writer.paragraphs if name == "pre"),
    )
