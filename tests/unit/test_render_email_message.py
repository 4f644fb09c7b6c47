"""A mail as each of its recipients gets it: MIME, lists, attachments."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import factories
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feed2book.errors import UsageError
from feed2book.models import Artifact, Blob, MailOptions, Recipient
from feed2book.render.email_body import UNSUBSCRIBE, quoted_printable, write_body
from feed2book.render.email_digest import Digest
from feed2book.render.email_message import message, message_id

DIGEST = Digest(
    "Harbour – 港のたより",
    factories.ISSUED,
    f"Hello.\nUnsubscribe: <{UNSUBSCRIBE}>\n",
    f'<p>Hello.</p><p><a href="{UNSUBSCRIBE}">Unsubscribe</a></p>',
)
BODY = write_body(DIGEST)
ADA = Recipient("ada@example.org", "Ada Marsh", "k/1=&é")
MAIL = MailOptions(
    sender="Häfen <digest@example.org>",
    reply_to="Editors <editors@example.org>",
    list_id="weekly.example.org",
    unsubscribe_url="https://example.org/u?a={address}&t={token}&i={edition}-{issue}",
    unsubscribe_mail="leave+{token}@example.org",
    archive="https://example.org/archive",
    feedback_id="12:weekly:digest:example",
)
URL = "https://example.org/u?a=ada%40example.org&t=k%2F1%3D%26%C3%A9&i=weekly-12"


def written(mail: MailOptions = MAIL, to: Recipient = ADA, body: bytes = BODY) -> bytes:
    return message(body, mail, to, "1@example.org", edition="weekly", number=12)


def read(data: bytes) -> EmailMessage:
    parsed = message_from_bytes(data, policy=policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    assert not [defect for part in parsed.walk() for defect in part.defects]
    return parsed


def text(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_list_says_what_it_is_and_how_to_leave_it() -> None:
    mail = read(written())
    said = {name: str(mail[name]) for name in mail if name.startswith("List-") or name == "Feedback-ID"}
    assert said == {
        "List-Id": "<weekly.example.org>",
        "List-Unsubscribe": f"<{URL}>, <mailto:leave+k%2F1%3D%26%C3%A9@example.org?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": "<https://example.org/archive>",
        "Feedback-ID": "12:weekly:digest:example",
    }
    assert (mail["from"], mail["to"]) == ("Häfen <digest@example.org>", "Ada Marsh <ada@example.org>")
    assert mail["reply-to"] == "Editors <editors@example.org>"


def test_what_is_not_set_is_not_said() -> None:
    mail = read(written(MailOptions()))
    assert [name for name in mail if name.startswith(("List", "Reply", "Feedback"))] == []


def test_one_click_needs_a_page() -> None:
    mail = read(written(MailOptions(unsubscribe_mail="leave@example.org?subject=leave%20{edition}")))
    assert mail["list-unsubscribe"] == "<mailto:leave@example.org?subject=leave%20weekly>"
    assert mail["list-unsubscribe-post"] is None


def test_an_address_without_its_token_is_left_out() -> None:
    mail = read(written(to=Recipient("bob@example.org")))
    assert mail["list-unsubscribe"] is None
    assert mail["list-unsubscribe-post"] is None


def test_text_and_page_say_where_this_recipient_unsubscribes() -> None:
    mail = read(written())
    assert text(mail, "plain") == f"Hello.\r\nUnsubscribe: <{URL}>\r\n"
    assert f'<a href="{URL.replace("&", "&amp;")}">Unsubscribe</a>' in text(mail, "html")


def test_who_has_no_token_is_shown_how_to_write_to_the_sender() -> None:
    mail = read(written(to=Recipient("bob@example.org")))
    assert "<mailto:digest@example.org?subject=unsubscribe>" in text(mail, "plain")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200), st.integers(0, 300))
def test_quoted_printable_leaves_room_for_a_soft_break(said: str, length: int) -> None:
    encoded = quoted_printable(said) + b"=\r\n" + quoted_printable("x" * length) + b"=\r\n\r\n"
    part = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    assert str(read(part + encoded).get_content()) == said + "x" * length + "\r\n"
    assert max(map(len, encoded.split(b"\r\n"))) <= 76


def test_without_an_address_the_recipients_are_not_disclosed() -> None:
    assert read(written(MailOptions(), Recipient("")))["to"] == "undisclosed-recipients:;"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "nobody"},
        {"reply_to": "a@b.example\r\nBcc: c@d.example"},
        {"list_id": "weekly"},
        {"list_id": "a.b>\r\nBcc: c@d.example"},
        {"unsubscribe_url": "javascript:alert(1)"},
        {"unsubscribe_url": "https://example.org/{adress}"},
        {"unsubscribe_url": "https://example.org/>,<mailto:x@y.example"},
        {"unsubscribe_url": f"https://example.org/{'a' * 900}"},
        {"unsubscribe_mail": "example.org"},
        {"unsubscribe_mail": "a@b.example\r\nBcc: c@d.example"},
        {"archive": "https://example.org/\r\nBcc: c@d.example"},
    ],
    ids=str,
)
def test_what_cannot_stand_in_a_message_is_the_users_fault(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        written(replace(MAIL, **wrong))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["a@b\r\nBcc: c@d", "<a@b.example>", "a b@c.example", "a@b,c@d", "a"])
def test_a_hostile_recipient_reaches_no_header(address: str) -> None:
    with pytest.raises(UsageError, match="recipient"):
        written(to=Recipient(address))


def test_a_hostile_name_and_token_stay_what_they_are() -> None:
    to = Recipient("ada@example.org", "Ada\r\nBcc: <c@d.example>", ">\r\nBcc: c@d.example")
    mail = read(written(to=to))
    assert mail["bcc"] is None
    assert mail["to"].addresses[0].display_name == "Ada Bcc: <c@d.example>"
    assert "t=%3E%0D%0ABcc%3A%20c%40d.example&" in str(mail["list-unsubscribe"])


NAMES = [
    "book.epub",
    "The-Harbour-Letter-no-12.epub",
    "港のたより" * 14 + ".epub",
    'a "b"; c\r\nd.pdf',
    "é" * 40,
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_what_is_attached_keeps_its_name_type_and_bytes(name: str) -> None:
    book = Artifact(name, "application/epub+zip", Blob(bytes(range(256)) * 300))
    data = written(body=write_body(DIGEST, (book,)))
    mail = read(data)
    assert mail.get_content_type() == "multipart/mixed"
    first, attached = mail.iter_parts()
    assert first.get_content_type() == "multipart/alternative"
    assert attached.get_filename() == name
    assert attached.get_content_type() == "application/epub+zip"
    assert attached.get_content_disposition() == "attachment"
    assert attached.get_content() == book.data
    assert max(map(len, data.split(b"\r\n"))) <= 998


def test_text_alone_is_one_part_beside_what_is_attached() -> None:
    book = Artifact("book.epub", "application/epub+zip", Blob(b"PK"))
    mail = read(written(body=write_body(replace(DIGEST, html=""), (book,))))
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "application/epub+zip"]


def test_no_two_boundaries_are_the_same() -> None:
    """So that one mail may be a part of another, or of the same mail again."""
    book = Artifact("book.epub", "application/epub+zip", Blob(b"PK"))
    bodies = (BODY, write_body(DIGEST, (book,)), write_body(replace(DIGEST, text="Else."), (book,)))
    bounds = [re.findall(rb'boundary="([^"]+)"', body) for body in bodies]
    assert list(map(len, bounds)) == [1, 2, 2]
    assert bounds[0][0] == bounds[1][1]  # the same alternative
    assert len({bound for found in bounds for bound in found}) == 4


def test_the_message_id_derives_from_each_fact_and_the_senders_domain() -> None:
    facts = ("weekly", "12", "by mail", "ada@example.org")
    first = message_id("Häfen <digest@example.org>", *facts)
    assert re.fullmatch(r"[0-9a-f]{32}@example\.org", first)
    others = {message_id("digest@example.org", *facts[:n], "else", *facts[n + 1 :]) for n in range(4)}
    assert len(others | {first}) == 5
    assert message_id(f"a@{'b' * 60}.example", *facts).endswith("@feed2book.invalid")


@pytest.mark.validators
def test_an_independent_reader_finds_nothing(validators: Path, tmp_path: Path) -> None:
    files = []
    for number, name in enumerate(NAMES):
        body = write_body(DIGEST, (Artifact(name, "application/epub+zip", Blob(b"PK" * 900)),))
        for to in (ADA, Recipient(""), Recipient("bob@example.org", "Б" * 90)):
            files.append(tmp_path / f"{number}-{to.name[:1]}.eml")
            files[-1].write_bytes(written(to=to, body=body))
    command = [str(validators / "bin" / "eml_lint"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
