"""Book → digest: a mail that is finished but for its sending, or one HTML page to open in a browser."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from feed2book.errors import RenderError
from feed2book.models import Article, Artifact, Asset, Blob, Book, RenderOptions, substitute
from feed2book.render import email_html, templating
from feed2book.render.columns import hanging, underlined
from feed2book.render.email_message import Letter, cid, write
from feed2book.render.email_text import WIDTH, article_text
from feed2book.render.naming import filename
from feed2book.render.outside_links import treat_links
from feed2book.render.templating import words_of
from feed2book.render.words import Words


def render_digest(book: Book, options: RenderOptions, *, sender: str, recipient: str) -> Artifact:
    """Return the book as a message: text, HTML, and the images that it shows.

    The HTML loads nothing from anywhere: images are parts of the message (RFC 2392 ``cid:``). The same
    book, options, sender and recipient give the same bytes, in any process.

    Args:
        book: what to write; ``issued`` is the message's date.
        options: ``links``, ``css`` and ``templates`` count here.
        sender: ``name@host`` or ``Name <name@host>``.
        recipient: likewise.

    Returns:
        A ``message/rfc822`` file, ``.eml``.

    Raises:
        RenderError: a template is wrong, or a token stands for something that is not in the book.
        UsageError: sender or recipient is not an address.
    """
    shown: dict[str, Asset] = {}

    def spell(asset: Asset) -> str:
        shown[asset.id] = asset
        return f"cid:{cid(asset)}"

    html = _html(book, options, spell)
    letter = Letter(
        name=f"{book.identifier} {book.issued.isoformat()}",
        subject=book.title,
        sender=sender,
        recipient=recipient,
        date=book.issued,
        text=_text(book, options),
        html=html,
        images=tuple(shown.values()),
    )
    return Artifact(filename(book, ".eml"), "message/rfc822", Blob(write(letter)))


def render_digest_html(book: Book, options: RenderOptions) -> Artifact:
    """Return the same digest as one HTML page that carries its images (``data:``); see above."""

    def spell(asset: Asset) -> str:
        return f"data:{asset.media_type};base64,{b64encode(asset.data).decode('ascii')}"

    html = _html(book, options, spell)
    return Artifact(filename(book, ".html"), "text/html", Blob(html.encode("utf-8", "replace")))


def _html(book: Book, options: RenderOptions, spell: Callable[[Asset], str]) -> str:
    """Return the page; what ``spell`` returns is the address of an image."""
    assets = {asset.id: asset for asset in book.assets}
    html = email_html.page(book, options, assets)

    def replace(kind: str, value: str) -> str:
        if kind != "asset" or value not in assets:
            raise RenderError(f"nothing in the book answers to {kind} {value!r}", where=book.title)
        return spell(assets[value])

    return substitute(html, replace)


def _text(book: Book, options: RenderOptions) -> str:
    if options.links == "strip":  # the text lists the addresses anyway, and then should not
        book = treat_links(book, options)
    articles = book.articles

    def byline(article: Article) -> str:
        return _byline(article, words_of(article.language or book.language, options.templates))

    values = {
        "book": book,
        "several": len(book.parts) > 1,
        "summary": email_html.summary(book, options),
        "numbers": {article.key: number for number, article in enumerate(articles, 1)},
        "texts": {article.key: article_text(article) for article in articles},
        "byline": byline,
        "heading": lambda text, mark: "\n".join(underlined(text, mark, WIDTH)),
        "filled": lambda text, first="": hanging(first, text, WIDTH),
    }
    return templating.render("email/digest.txt", values, options.templates)


def _byline(article: Article, said: Words) -> str:
    authors = ", ".join(article.entry.authors)
    minutes = said.say("min", number=article.minutes)
    return " · ".join(filter(None, (authors, said.date(article.entry.date), minutes)))
