"""One chapter of an EPUB: from its article to its files as they lie in the ZIP."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from markupsafe import Markup

from feed2book.models import Article, Book, Counts, Ledger, token_values
from feed2book.render import templating
from feed2book.render.epub_body import prepared, spelled, typed_notes
from feed2book.render.epub_kobo import with_spans
from feed2book.render.templating import language_tag
from feed2book.render.zipping import Packed, pack

_NEVER = datetime.fromtimestamp(0, UTC)

_UNDESCRIBED = re.compile(r'<img\b(?![^<>]*?\salt="[^"])')


@dataclass(frozen=True, slots=True)
class Frame:
    """What all chapters of a book share. Of the book only title, language and direction are there."""

    book: Book
    styles: tuple[str, ...]
    templates: Path | None
    kepub: bool

    @classmethod
    def of(cls, book: Book, styles: tuple[str, ...], templates: Path | None, *, kepub: bool) -> Frame:
        """Return the frame of the chapters of ``book``."""
        shell = Book("", book.title, "", (), book.language, book.direction, _NEVER, (), ())
        return cls(shell, styles, templates, kepub)

    def values(self, language: str = "", direction: str = "") -> dict[str, object]:
        """Return what ``epub/page.xhtml`` asks for, in the book's language unless told otherwise."""
        return {
            "book": self.book,
            "styles": self.styles,
            "language": language_tag(language, self.book.language),
            "direction": direction or self.book.direction,
        }


@dataclass(frozen=True, slots=True)
class Typeset:
    """A finished chapter: its files, a hash of each, which of them hold MathML; what it shows and leads to.

    See :class:`feed2book.models.Chapter` for the rest.
    """

    files: tuple[Packed, ...]
    sha256: tuple[str, ...]
    maths: tuple[bool, ...]
    assets: tuple[str, ...]
    links: tuple[str, ...]
    undescribed: int
    missing: int


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A chapter that is to be typeset, and all that this takes.

    ``article`` is as templates may see it. ``pieces`` are its HTML as EPUB has it, for each of its files, if
    that was made already. ``files`` are where the places stand that it leads to, those in posts of several
    files; ``assets`` are the names of its pictures, by id.
    """

    frame: Frame
    article: Article
    pieces: tuple[str, ...]
    files: Mapping[tuple[str, str], str]
    assets: Mapping[str, str]

    def name(self, templates: str) -> str:
        """Return a name for all that decides the chapter; ``templates`` is one for those of the user."""
        import msgspec

        frame = (templates, self.frame.values(), self.frame.kepub)
        texts = [text.encode() for text in (self.article.html, *self.pieces)]
        short = replace(self.article, html=""), list(map(len, texts))  # the rest would be copied to be hashed
        facts = (frame, *short, sorted(self.files.items()), sorted(self.assets.items()))
        name = hashlib.sha256(msgspec.msgpack.encode(facts))
        for text in texts:
            name.update(text)
        return name.hexdigest()

    def typeset(self) -> Typeset:
        """Return the finished chapter: a pure function, the same bytes in any process.

        Raises:
            RenderError: a template is wrong, or a token stands for something that is not in the book.
        """
        text = self.article.html
        pieces = self.pieces or (typed_notes(prepared(text)),)
        documents = [self._document(piece, number, len(pieces)) for number, piece in enumerate(pieces, 1)]
        return Typeset(
            files=tuple(map(pack, documents)),
            sha256=tuple(hashlib.sha256(document.encode()).hexdigest() for document in documents),
            maths=tuple("<math " in document for document in documents),
            assets=tuple(dict.fromkeys(token_values(text, "asset"))),
            links=tuple(dict.fromkeys(f"{key}#{fragment}" for key, fragment in led_to(text) if fragment)),
            undescribed=len(_UNDESCRIBED.findall(text)),
            missing=text.count('<span class="missing">'),
        )

    def _document(self, piece: str, number: int, count: int) -> str:
        article, frame = self.article, self.frame
        body = spelled(piece, article, self.assets, self.files)
        values = {
            **frame.values(article.language, article.direction),
            "article": article,
            "number": number,
            "count": count,
            "body": Markup(body),  # noqa: S704 (the article room has cleaned it)
        }
        text = templating.render("epub/article.xhtml", values, frame.templates)
        return with_spans(text) if frame.kepub else text


def as_seen(article: Article) -> Article:
    """Return the article as templates may see it: without what decides nothing, or only how it came to be."""
    entry = replace(article.entry, content="", enclosures=(), aliases=())
    ledger = Ledger(after=Counts(words=article.ledger.after.words))
    return replace(article, entry=entry, ledger=ledger, images=(), ids=(), notices=(), digest="")


def led_to(text: str) -> list[tuple[str, str]]:
    """Return key and fragment of each place in the book that the HTML of an article leads to."""
    places = (html.unescape(place).partition("#") for place in token_values(text, "post"))
    return [(key, fragment) for key, _, fragment in places]
