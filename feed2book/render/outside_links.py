"""What becomes of links that lead out of the book: kept, spelled out in print, or taken off.

This works on the HTML that the article room writes (one spelling, attributes in a known order, no link in a
link), so that nothing is parsed again.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from html import escape, unescape
from urllib.parse import unquote

from feed2book.models import Article, Book, RenderOptions
from feed2book.render.templating import words_of
from feed2book.render.words import Words

_LINK = re.compile(
    r'(<pre\b.*?</pre>)|<a([^<>]*) href="((?:https?://|ftp://|mailto:|tel:)[^"<>]*)"([^<>]*)>(.*?)</a>',
    re.DOTALL,
)
_CARD = re.compile(rf'(<aside class="embed".*?</aside>)|{_LINK.pattern}', re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_PREFIX = re.compile(r"^(?:https?://|ftp://|mailto:|tel:)?(?:www\.)?")
_HOST = re.compile(r"(?<=://)[^/?#:]*\bxn--[^/?#:]*")
_ENCODED = re.compile(r"(?:%[89A-F][0-9A-F])+", re.IGNORECASE)


def treat_links(book: Book, options: RenderOptions, *, cards: bool = True) -> Book:
    """Return the book with its outside links treated.

    Args:
        book: a bound book.
        options: of ``links``, ``keep`` leaves them; ``footnote`` keeps them, numbers them and lists their
            addresses at the end of each article; ``strip`` leaves their text alone. An address that is
            spelled in the text needs no number, the same address has one number in an article.
        cards: whether the links of cards are numbered too; where the card spells its address, they need not.
    """
    if options.links == "keep":
        return book

    def numbered(article: Article) -> str:
        said = words_of(article.language or book.language, options.templates)
        return _numbered(article, said, cards=cards)

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


def _numbered(article: Article, said: Words, *, cards: bool) -> str:
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        code, _, address, _, text = match.groups()[-5:]
        if not address or code or not _needs_number(_TAG.sub("", text), address):
            return match[0]
        mark = numbers.setdefault(address, len(numbers) + 1)
        return f'{match[0]}<sup class="linkref" dir="ltr">[{mark}]</sup>'

    body = (_LINK if cards else _CARD).sub(number, article.html)
    if not numbers:
        return body
    items = "".join(f'<li><span dir="ltr">{_readable(address)}</span></li>\n' for address in numbers)
    head = f'<p class="links-head">{escape(said.say("links"))}</p>'
    return f'{body.rstrip()}\n{head}\n<ol class="links">\n{items}</ol>\n'


def _needs_number(text: str, address: str) -> bool:
    shown = unescape(text).strip()
    return bool(shown) and _bare(shown) != _bare(unescape(address))


def _readable(address: str) -> str:
    """Return an address as people read and type it: its letters as they are, a mail's without its scheme."""
    if address.startswith(("mailto:", "tel:")):
        return address.partition(":")[2].partition("?")[0]
    return _ENCODED.sub(_letters, _HOST.sub(_host, address))


def _host(match: re.Match[str]) -> str:
    try:
        return escape(match[0].encode("ascii").decode("idna"))
    except UnicodeError:
        return match[0]


def _letters(match: re.Match[str]) -> str:
    """Return the letters that a run of percent codes stands for, where they are letters (RFC 3987, §3.2)."""
    text = unquote(match[0])
    return text if all(unicodedata.category(letter)[0] in "LMN" for letter in text) else match[0]


def _bare(address: str) -> str:
    return _PREFIX.sub("", address.lower()).rstrip("/")
