"""Send-to-Kindle gets a mail with the book, or is left alone with what it would refuse."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import factories
import pytest

from feed2book.errors import DeliveryError
from feed2book.models import Device, Issue, IssueFile, MailOptions, Recipient, RenderOptions
from feed2book.pipeline.kindle import kindle_body
from feed2book.render.email_message import message
from feed2book.render.epub import render_epub

EPUB = render_epub(factories.small_book(), RenderOptions()).data


def issue(folder: Path, *books: bytes) -> Issue:
    files = []
    for number, data in enumerate(books, 1):
        path = folder / f"{number}.epub"
        path.write_bytes(data)
        files.append(IssueFile("epub", f"Häfen-{number}.epub", "application/epub+zip", path))
    files.append(IssueFile("email", "body.eml", "message/rfc822", folder / "absent"))
    return Issue("weekly", 12, "Häfen, no. 12", "urn:uuid:1", "de", factories.ISSUED, files=tuple(files))


def test_each_volume_is_attached_to_a_plain_mail(tmp_path: Path) -> None:
    body = kindle_body(issue(tmp_path, EPUB, EPUB), Device())
    mail = message_from_bytes(
        message(body, MailOptions("me@example.org"), Recipient("me_1@kindle.com"), "1@x"), policy=policy.SMTP
    )
    assert isinstance(mail, EmailMessage)
    text, *books = mail.iter_parts()
    assert (mail["subject"], text.get_content()) == ("Häfen, no. 12", "Häfen, no. 12\r\n")
    assert [(book.get_filename(), book.get_content_type(), book.get_content()) for book in books] == [
        ("Häfen-1.epub", "application/epub+zip", EPUB),
        ("Häfen-2.epub", "application/epub+zip", EPUB),
    ]


@pytest.mark.parametrize(
    ("books", "said"),
    [
        ((), 'without an EPUB — add "epub" to outputs'),
        ((EPUB,) * 26, "26 volumes"),
        ((b"\0" * 30_000_000,) * 2, "60 MB, and Send-to-Kindle takes 50"),
        (
            (EPUB.replace(b"application/epub+zip", b"application/zip+epub", 1),),
            "would refuse it.*epub-mimetype",
        ),
    ],
    ids=["none", "too many", "too large", "wrong"],
)
def test_what_would_be_refused_is_not_sent(books: tuple[bytes, ...], said: str, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=said):
        kindle_body(issue(tmp_path, *books), Device())
