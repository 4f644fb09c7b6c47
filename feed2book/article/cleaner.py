"""The recipe: an entry's markup is parsed once, passed through, written, walled, and told about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from feed2book.article.addresses import AddressBook
from feed2book.article.attributes import language_tag, markup_language
from feed2book.article.draft import Draft
from feed2book.article.highlight import highlight
from feed2book.article.language import contradiction, detect_language, direction, is_doubtful
from feed2book.article.ledger import count_source, make_ledger
from feed2book.article.passes import PASSES
from feed2book.article.source import markup_of, paragraphs
from feed2book.article.text import count_words, plain
from feed2book.article.titles import clean_title, make_excerpt, make_title
from feed2book.article.tree import parse
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

_FORMULA_TOKEN = re.compile(f"{TOKEN_OPEN}formula:(\\d+){TOKEN_CLOSE}")
_PLACE_LINK = re.compile(
    f'<a([^<>]*) href="{TOKEN_OPEN}post:([^#{TOKEN_CLOSE}]*)#([^{TOKEN_CLOSE}]*){TOKEN_CLOSE}"([^<>]*)>'
    "(.*?)</a>",
    re.DOTALL,
)
_IMAGE_TOKEN = re.compile(f"{TOKEN_OPEN}image:(\\d+){TOKEN_CLOSE}")


def clean_entry(
    entry: Entry,
    key: str,
    addresses: AddressBook,
    *,
    images: bool,
    language: str,
    repeated: frozenset[str] = frozenset(),
) -> Article:
    """Return the article of ``entry``; see :func:`feed2book.article.clean`."""
    markup, reduced = markup_of(entry)
    draft = Draft(entry, key, clean_title(entry.title), addresses, parse(markup), images, repeated)
    if reduced:
        draft.notice(Code.ARTICLE_DAMAGED, "the markup is too large to be read; only its text was kept")
    before, draft.source = count_source(draft)
    draft.words = before.words
    said = markup_language(draft.root) or language_tag(entry.language) or language_tag(language)
    for step in PASSES:
        try:
            step(draft)
        except Exception as error:  # noqa: BLE001 (no markup may stop a book; the notice says what happened)
            draft.notice(
                Code.ARTICLE_DAMAGED, f"{step.__name__} failed ({type(error).__name__}) and was skipped"
            )
    writer = Writer(frozenset(draft.linked))
    written = highlight(writer.write(draft.root))
    walled = pass_wall(written)
    if walled != written:
        draft.notice(Code.MARKUP_DROPPED, "markup that has no place in a book was taken out")
    if not is_well_formed(walled):
        raise ValueError("not well-formed")
    tongue = _language(draft, said, writer)
    return _article(draft, writer, walled, tongue, before)


def _language(draft: Draft, said: str, writer: Writer) -> str:
    """Return the language that the text is in: as it is said, unless the text clearly says another."""
    if said and not is_doubtful(said):
        return said
    prose = " ".join(text for name, text in writer.paragraphs if name != "pre")
    if not said:
        return detect_language(prose)
    found = contradiction(prose)
    if found:
        draft.notice(Code.LANGUAGE_DIFFERS, f"said to be {said}, but the text is {found}: the text wins")
    return found or said


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
        language=(tongue := language_tag(entry.language) or language_tag(language) or detect_language(text)),
        direction=direction(text, tongue),
        ledger=Ledger(counts, counts),
        notices=tuple(draft.notices),
    )


def _article(draft: Draft, writer: Writer, written: str, tongue: str, before: Counts) -> Article:
    html, images = _number_images(_drop_dead_links(written, draft.key, frozenset(writer.ids)), draft, writer)
    html = _number_formulas(html, writer)
    text = "\n".join(text for _, text in writer.paragraphs)
    headings = [title for _, _, title in writer.headings]
    formulas = sum(image.kind == "formula" for image in images)
    ledger = make_ledger(draft, before, writer, html, text, formulas)
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
        ledger=ledger,
        notices=tuple(draft.notices),
        formulas=tuple(draft.formulas[number] for number in writer.formulas),
    )


def _drop_dead_links(html: str, key: str, ids: frozenset[str]) -> str:
    """Make text of links to fragments that did not survive; what else such an element says stays."""
    if f"{TOKEN_OPEN}post:{key}#" not in html:
        return html

    def checked(match: re.Match[str]) -> str:
        before, post, fragment, after, text = match.groups()
        if post != key or fragment in ids:
            return match[0]
        return f"<span{before}{after}>{text}</span>" if before or after else text

    return _PLACE_LINK.sub(checked, html)


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


def _number_formulas(html: str, writer: Writer) -> str:
    """Number the formulas in the order in which they stand."""
    numbers = {str(number): str(place) for place, number in enumerate(writer.formulas)}
    return _FORMULA_TOKEN.sub(lambda match: token("formula", numbers[match[1]]), html)


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
