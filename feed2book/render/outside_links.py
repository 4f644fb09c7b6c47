"""What becomes of links that lead out of the book: kept, spelled out in print, or taken off.

This works on the HTML that the article room writes (one spelling, attributes in a known order, no link in a
link), so that nothing is parsed again.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape, unescape

from feed2book.models import Article, Book, RenderOptions
from feed2book.render.templating import words_of
from feed2book.render.words import Words

_LINK = re.compile(
    r'(<pre\b.*?</pre>)|<a([^<>]*) href="((?:https?|ftp)://[^"<>]*)"([^<>]*)>(.*?)</a>', re.DOTALL
)
_TAG = re.compile(r"<[^<>]*>")
_PREFIX = re.compile(r"^(?:https?://|ftp://)?(?:www\.)?")


def treat_links(book: Book, options: RenderOptions) -> Book:
    """Return the book with its outside links treated.

    Args:
        book: a bound book.
        options: of ``links``, ``keep`` leaves them; ``footnote`` keeps them, numbers them and lists their
            addresses at the end of each article; ``strip`` leaves their text alone. An address that is
            spelled in the text needs no number, the same address has one number in an article.
    """
    if options.links == "keep":
        return book

    def numbered(article: Article) -> str:
        return _numbered(article, words_of(article.language or book.language, options.templates))

    treat = numbered if options.links == "footnote" else _stripped
    parts = (
        replace(part, articles=tuple(replace(one, html=treat(one)) for one in part.articles))
        for part in book.parts
    )
    return replace(book, parts=tuple(parts))


def _stripped(article: Article) -> str:
    def strip(match: re.Match[str]) -> str:
        code, before, _, after, text = match.groups()
        return code or (f"<span{before}{after}>{text}</span>" if before or after else text)

    return _LINK.sub(strip, article.html)


def _numbered(article: Article, said: Words) -> str:
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        code, _, address, _, text = match.groups()
        if code or not _needs_number(_TAG.sub("", text), address):
            return match[0]
        mark = numbers.setdefault(address, len(numbers) + 1)
        return f'{match[0]}<sup class="linkref">[{mark}]</sup>'

    body = _LINK.sub(number, article.html)
    if not numbers:
        return body
    items = "".join(f'<li><span dir="ltr">{address}</span></li>\n' for address in numbers)
    head = f'<p class="links-head">{escape(said.say("links"))}</p>'
    return f'{body.rstrip()}\n{head}\n<ol class="links">\n{items}</ol>\n'


def _needs_number(text: str, address: str) -> bool:
    shown = unescape(text).strip()
    return bool(shown) and _bare(shown) != _bare(unescape(address))


def _bare(address: str) -> str:
    return _PREFIX.sub("", address.lower()).rstrip("/")
