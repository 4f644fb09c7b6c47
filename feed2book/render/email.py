"""Book → digest: a mail that is finished but for its sending, or one HTML page to open in a browser."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from feed2book.errors import Code
from feed2book.models import (
    Article,
    Artifact,
    Blob,
    Book,
    MailOptions,
    Notice,
    Recipient,
    RenderOptions,
)
from feed2book.render import email_html, templating
from feed2book.render.characters import cut_short
from feed2book.render.columns import hanging, underlined
from feed2book.render.email_body import UNSUBSCRIBE, cid, quoted_printable, write_body
from feed2book.render.email_digest import Digest
from feed2book.render.email_excerpt import excerpt
from feed2book.render.email_fit import LEVELS
from feed2book.render.email_headers import parse_address
from feed2book.render.email_images import fit_images, in_base64
from feed2book.render.email_layout import lay_out
from feed2book.render.email_message import message, message_id
from feed2book.render.email_text import WIDTH, article_text
from feed2book.render.naming import filename
from feed2book.render.outside_links import treat_links
from feed2book.render.templating import words_of
from feed2book.render.words import Words

_CID = re.compile(r' src="cid:([^"]*)"')
_LONGEST_TITLE = 300  # characters; of real ones none that we know has 160
_HEADS = 8_000  # bytes of a message beside its parts, at most
_LEAST_HTML = 10_000  # bytes; in fewer there is no letter
_WORST = 6  # quoted-printable makes three bytes of one, and the text part says all that again


def render_digest(book: Book, options: RenderOptions, mail: MailOptions, *, attached: int = 0) -> Digest:
    """Return what a digest mail of the book says: text, HTML, and the images that the HTML shows.

    Unless ``mail`` wants pictures on the web, the HTML loads nothing from anywhere: images are parts of the
    message (RFC 2392 ``cid:``).

    Args:
        book: what to write; ``issued`` is the message's date.
        options: ``links``, ``css`` and ``templates`` count here.
        mail: how much is shown, and how large it may be. Posts for which there is no room are shown as
            excerpts or titles, pictures as their words; notices say so.
        attached: bytes of the files that will go along.

    Raises:
        RenderError: a template is wrong, or a token stands for something that is not in the book.
    """
    book = _short_titles(book)
    room = mail.message_bytes - _HEADS - in_base64(attached)
    mail = replace(mail, html_bytes=min(mail.html_bytes, max(_LEAST_HTML, room // _WORST)))
    layout, levels = lay_out(book, options, mail)
    html, shown = layout.html(levels)
    text = _text(book, options, mail, levels)
    written = sum(len(quoted_printable(part)) for part in (text, html))
    images = fit_images(shown, room - written)
    left_out = frozenset(image.id for image in shown) - {image.id for image in images}
    if left_out:
        html, _ = layout.html(levels, left_out)
    notices = _notices(levels, mail, len(left_out), book.title)
    return Digest(book.title, book.issued, text, html, images, tuple(notices))


def _short_titles(book: Book) -> Book:
    """Return the book with titles that leave room for others: what is always shown may not fill a mail."""

    def short(title: str) -> str:
        return cut_short(title, _LONGEST_TITLE)

    parts = (
        replace(
            part,
            title=short(part.title),
            articles=tuple(replace(article, title=short(article.title)) for article in part.articles),
        )
        for part in book.parts
    )
    return replace(book, title=short(book.title), subtitle=short(book.subtitle), parts=tuple(parts))


def render_message(book: Book, digest: Digest, mail: MailOptions, recipient: str) -> Artifact:
    """Return a digest of the book as a message to one recipient.

    The same arguments give the same bytes, in any process.

    Args:
        book: what the digest is of.
        digest: see :func:`render_digest`.
        mail: what the message says of itself.
        recipient: ``name@host`` or ``Name <name@host>``.

    Returns:
        A ``message/rfc822`` file, ``.eml``.

    Raises:
        UsageError: sender or recipient is not an address.
    """
    to = parse_address(recipient, "recipient")
    name = message_id(mail.sender, book.identifier, book.issued.isoformat(), recipient)
    data = message(write_body(digest), mail, Recipient(to.addr_spec, to.display_name), name)
    return Artifact(filename(book, ".eml"), "message/rfc822", Blob(data))


def render_digest_html(book: Book, digest: Digest) -> Artifact:
    """Return a digest of the book as one HTML page that carries its images (``data:``)."""
    images = {cid(image): image for image in digest.images}

    def data(source: re.Match[str]) -> str:
        image = images[source[1]]
        return f' src="data:{image.media_type};base64,{b64encode(image.data).decode("ascii")}"'

    html = _CID.sub(data, digest.html.replace(UNSUBSCRIBE, "#"))
    return Artifact(filename(book, ".html"), "text/html", Blob(html.encode("utf-8", "replace")))


def _notices(levels: Mapping[str, str], mail: MailOptions, pictures: int, where: str) -> Iterator[Notice]:
    counted = Counter(level for level in levels.values() if level != mail.posts)
    if counted:
        said = ", ".join(f"{counted[level]} as {level}" for level in LEVELS if counted[level])
        message = f"posts shown in short, for the HTML may have {mail.html_bytes:,} bytes: {said}"
        yield Notice(Code.MAIL_SHORTENED, message, where)
    if pictures:
        message = f"{pictures} pictures left out, for the mail may have {mail.message_bytes:,} bytes"
        yield Notice(Code.MAIL_SHORTENED, message, where)


def _text(book: Book, options: RenderOptions, mail: MailOptions, levels: Mapping[str, str]) -> str:
    if options.links == "strip":  # the text lists the addresses anyway, and then should not
        book = treat_links(book, options)
    articles = book.articles

    def byline(article: Article) -> str:
        return _byline(article, words_of(article.language or book.language, options.templates))

    shown = [
        (one.key, one if levels[one.key] == "full" else replace(one, html=excerpt(one.html)))
        for one in articles
        if levels[one.key] in ("full", "excerpt")
    ]
    values = {
        "book": book,
        "several": len(book.parts) > 1,
        "summary": email_html.summary(book, options),
        "numbers": {article.key: number for number, article in enumerate(articles, 1)},
        "texts": {key: article_text(article) for key, article in shown},
        "byline": byline,
        "heading": lambda text, mark: "\n".join(underlined(text, mark, WIDTH)),
        "filled": lambda text, first="": hanging(first, text, WIDTH),
        "attached": email_html.attached(mail),
        "unsubscribe": email_html.unsubscribe(mail),
    }
    return templating.render("email/digest.txt", values, options.templates)


def _byline(article: Article, said: Words) -> str:
    authors = ", ".join(article.entry.authors)
    minutes = said.say("min", number=article.minutes)
    return " · ".join(filter(None, (authors, said.date(article.entry.date), minutes)))
