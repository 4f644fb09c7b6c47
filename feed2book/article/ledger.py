"""The ledger: what went into an article and what came out, counted in the same way on both sides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from bs4.element import NavigableString, Tag

from feed2book.article.draft import Draft
from feed2book.article.passes.code import count_lines
from feed2book.article.passes.maths import VERBATIM, is_drawn, is_marked, is_whole
from feed2book.article.passes.pictured import is_pictured
from feed2book.article.tex import only_defines
from feed2book.article.tex_delimiters import find, may_hold_tex, uses_dollars
from feed2book.article.text import count_words, lost_words
from feed2book.article.tree import attribute, text_of
from feed2book.article.vocabulary import HEADINGS
from feed2book.article.writer import Writer
from feed2book.errors import Code
from feed2book.models import TOKEN_OPEN, Counts, Ledger

_EMBEDS = frozenset({"iframe", "object", "embed", "video", "audio"})
_NOTE = re.compile(
    r"#(?:user-content-)?(?:_?fn|_?ftn|_?edn|footnote|note|sn|mn)(?!ref|back)[\w:-]*", re.IGNORECASE
)
_NOTE_REFERENCE = re.compile(r"<a\b[^>]* class=\"(?:[^\"]* )?noteref[ \"]")
_FORMULA_SOURCE = re.compile(r'<code class="[^"]*\bformula\b')


def count_source(draft: Draft) -> tuple[Counts, str]:
    """Return what the source of ``draft`` holds, before any pass, and its text."""
    text = text_of(draft.root)
    tags = draft.elements()
    names = Counter(tag.name for tag in tags)
    links = [attribute(tag, "href") for tag in tags if tag.name == "a"]
    return Counts(
        words=count_words(text),
        headings=sum(names[name] for name in HEADINGS),
        images=names["img"],
        links=sum(map(bool, links)),
        list_items=names["li"],
        table_cells=names["td"] + names["th"],
        code_lines=sum(count_lines(tag) for tag in tags if tag.name == "pre"),
        formulas=_count_formulas(tags, text),
        notes=len({link for link in links if _NOTE.fullmatch(link)}),
        embeds=sum(names[name] for name in _EMBEDS),
    ), text


def _count_formulas(tags: Sequence[Tag], text: str) -> int:
    """Count formulas in markup, pictures and text; what was drawn from a source beside it is not another."""
    scripts = sum(tag.name == "script" and attribute(tag, "type").startswith("math/") for tag in tags)
    drawn = {id(tag) for tag in tags if scripts and is_drawn(tag)}
    outer = {
        id(tag) for tag in tags if is_whole(tag) or (tag.attrs and (is_marked(tag) or is_pictured(tag)))
    } - drawn
    inner = (
        {id(tag) for tag in tags if any(id(parent) in outer | drawn for parent in tag.parents)}
        if outer
        else set()
    )
    shown = scripts + len(outer - inner)
    if not may_hold_tex(text):
        return shown
    told = outer | inner | drawn
    return shown + _delimited([tag for tag in tags if id(tag) not in told], formulas=bool(shown))


def _delimited(tags: Sequence[Tag], *, formulas: bool) -> int:
    """Count the formulas between delimiters in the text that stands right in ``tags``."""
    texts = [
        "".join(node for node in tag.contents if isinstance(node, NavigableString))
        for tag in tags
        if tag.name not in VERBATIM
    ]
    texts = [text for text in texts if may_hold_tex(text)]
    dollars = uses_dollars(texts, formulas=formulas)
    return sum(not only_defines(found.tex) for text in texts for found in find(text, dollars=dollars))


def _lines(code: str) -> int:
    return code.strip("\n").count("\n") + 1


def make_ledger(draft: Draft, before: Counts, writer: Writer, html: str, text: str, formulas: int) -> Ledger:
    """Return the ledger of an article.

    Args:
        draft: with the drops that the passes told of.
        before: what the source held.
        writer: what was written, in numbers.
        html: what was written.
        text: the text of that.
        formulas: images among the article's that are formulas.
    """
    seen = writer.seen
    images = html.count(f"{TOKEN_OPEN}image:")
    after = Counts(
        words=count_words(text),
        headings=len(writer.headings),
        images=images,
        links=html.count(" href="),
        list_items=seen["li"],
        table_cells=seen["td"] + seen["th"],
        code_lines=sum(_lines(text) for name, text in writer.paragraphs if name == "pre"),
        formulas=formulas + html.count(f"{TOKEN_OPEN}formula:") + len(_FORMULA_SOURCE.findall(html)),
        notes=len(_NOTE_REFERENCE.findall(html)),
        embeds=html.count('class="embed"'),
    )
    drops = tuple(draft.drops)
    told_images = sum(drop.images for drop in drops)
    ledger = Ledger(
        before,
        after,
        drops,
        lost_words=max(0, lost_words(draft.source, text) - sum(drop.words for drop in drops)),
        lost_images=max(0, before.images + draft.added_images - images - told_images),
    )
    if not ledger.whole:
        words, images = ledger.unexplained_words, ledger.unexplained_images
        draft.notice(
            Code.CONTENT_LOST,
            f"{words} of {before.words} words and {images} images are gone without a reason",
        )
    return ledger
