"""Book → digest: a mail that is finished but for its sending, or one HTML page to open in a browser."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from feed2book.errors import RenderError
from feed2book.models import (
    Article,
    Artifact,
    Asset,
    Blob,
    Book,
    MailOptions,
    Recipient,
    RenderOptions,
    substitute,
    token,
)
from feed2book.render import email_html, templating
from feed2book.render.columns import hanging, underlined
from feed2book.render.email_body import cid, write_body
from feed2book.render.email_digest import Digest
from feed2book.render.email_headers import parse_address
from feed2book.render.email_message import message, message_id
from feed2book.render.email_text import WIDTH, article_text
from feed2book.render.naming import filename
from feed2book.render.outside_links import treat_links
from feed2book.render.templating import words_of
from feed2book.render.words import Words


def render_digest(book: Book, options: RenderOptions, mail: MailOptions) -> Digest:  # noqa: ARG001 (to come)
    """Return what a digest mail of the book says: text, HTML, and the images that the HTML shows.

    The HTML loads nothing from anywhere: images are parts of the message (RFC 2392 ``cid:``).

    Args:
        book: what to write; ``issued`` is the message's date.
        options: ``links``, ``css`` and ``templates`` count here.
        mail: how much of each post is shown.

    Raises:
        RenderError: a template is wrong, or a token stands for something that is not in the book.
    """
    shown: dict[str, Asset] = {}

    def spell(asset: Asset) -> str:
        shown[asset.id] = asset
        return f"cid:{cid(asset)}"

    html = _html(book, options, spell)
    return Digest(book.title, book.issued, _text(book, options), html, tuple(shown.values()))


def render_message(book: Book, options: RenderOptions, mail: MailOptions, recipient: str) -> Artifact:
    """Return the book as a message to one recipient.

    The same book, options and recipient give the same bytes, in any process.

    Args:
        book: what to write.
        options: see :func:`render_digest`.
        mail: likewise; ``sender`` is the message's.
        recipient: ``name@host`` or ``Name <name@host>``.

    Returns:
        A ``message/rfc822`` file, ``.eml``.

    Raises:
        RenderError: see :func:`render_digest`.
        UsageError: sender or recipient is not an address.
    """
    to = parse_address(recipient, "recipient")
    name = message_id(mail.sender, book.identifier, book.issued.isoformat(), recipient)
    body = write_body(render_digest(book, options, mail))
    data = message(body, mail, Recipient(to.addr_spec, to.display_name), name)
    return Artifact(filename(book, ".eml"), "message/rfc822", Blob(data))


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
        if kind == "unsubscribe":  # known only when the message is addressed
            return token(kind, value)
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
