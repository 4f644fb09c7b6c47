"""Prose and verse in ``pre``: mails, letters and poems that were pasted with their lines."""

from __future__ import annotations

import re

from bs4.element import NavigableString, Tag

from feed2book.article.draft import Draft
from feed2book.article.languages import language_of
from feed2book.article.passes.asides import break_lines
from feed2book.article.text import count_words
from feed2book.article.tree import attribute, elements, inside, tokens

_OF_CODE = re.compile(
    r"code|highlight|syntax|prettyprint|console|terminal|lang|brush|src|output", re.IGNORECASE
)
_NO_PROSE = re.compile(r"[{}<>=\\|_$@#^~`\[\]]|[;:]$|\S {3,}\S|\t|--|://", re.MULTILINE)
_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»)\]]*(?:\s|$)")
_LEAST_WORDS = 20
_WORDS_A_LINE = 4
_LONG = 55  # characters of a line that was wrapped because it was full
_FAR = 4  # levels up that may call it code


def free_prose(draft: Draft) -> None:
    """Make paragraphs of a ``pre`` that holds nothing but sentences.

    Lines that were wrapped because they were full flow again; shorter ones stay lines.
    """
    for pre in draft.elements({"pre"}):
        text = pre.get_text().strip("\n")
        if not _is_prose(text) or _is_code(pre):
            continue
        lines = [line for line in text.split("\n") if line.strip()]
        full = [len(line) >= _LONG for line in lines[:-1]]
        kept = {name: attribute(pre, name) for name in ("id", "lang", "dir") if attribute(pre, name)}
        if len(lines) > 1 and sum(full) * 3 < len(full) * 2:
            break_lines(draft, pre)
            draft.change(pre, "p", **{"class": "verse"}, **kept)
        else:
            _part_paragraphs(draft, pre)
            draft.change(pre, "div", **kept)


def _is_code(pre: Tag) -> bool:
    around = [pre, *list(pre.parents)[:_FAR]]
    return (
        bool(elements(pre, {"code", "samp", "kbd", "img", "table", "br"}))
        or inside(pre, {"code", "table"})
        or language_of(pre) is not None
        or any(_OF_CODE.search(name) for tag in around for name in tokens(tag))
    )


def _is_prose(text: str) -> bool:
    words = count_words(text)
    lines = [line for line in text.split("\n") if line.strip()]
    return (
        words >= max(_LEAST_WORDS, _WORDS_A_LINE * len(lines))
        and not _NO_PROSE.search(text)
        and not any(line.startswith("    ") for line in lines)
        and len(_SENTENCE.findall(text)) * 3 >= words / 12
        and sum(character.isalpha() or character.isspace() for character in text) >= 0.9 * len(text)
    )


def _part_paragraphs(draft: Draft, pre: Tag) -> None:
    """Put two breaks where a blank line parts paragraphs: there the writer begins a new one."""
    for string in [node for node in pre.descendants if isinstance(node, NavigableString) and "\n" in node]:
        box = draft.new("span")
        string.replace_with(box)
        for number, part in enumerate(re.split(r"\n[ \t]*\n", str(string))):
            if number:
                box.extend([draft.new("br"), draft.new("br")])
            box.append(part)
