"""Who gets a letter, mailboxes on disk, signatures."""

from __future__ import annotations

import mailbox
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import factories
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from feed2book.deliver import place, recipients, sign, suppressed
from feed2book.errors import DeliveryError, UsageError
from feed2book.models import Dkim, MailOptions, Recipient, Recipients, Secret, is_mail_address
from feed2book.render.email_body import write_body
from feed2book.render.email_digest import Digest
from feed2book.render.email_message import message

PEM = serialization.Encoding.PEM
BODY = write_body(Digest("Häfen", factories.ISSUED, "Hello.\nFrom here\n>From there", "<p>Hello.</p>"))
NAME = "0123456789abcdef@example.org"
MAIL = message(BODY, MailOptions("digest@example.org"), Recipient("ada@example.org"), NAME)


# Addresses


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("ada@example.org", True),
        ("a.b+c_d=e@sub.example-host.org", True),
        ("a@localhost", True),
        (f"{'a' * 64}@{'b' * 63}.example", True),
        (f"{'a' * 65}@example.org", False),
        (f"a@{'b' * 64}.example", False),
        (f"a@{'b.' * 95}example", False),
        *(
            (wrong, False)
            for wrong in ("", "a", "@b", "a@", "a b@c", "a@b@c", "a..b@c", ".a@b", "a.@b", "a@b.")
        ),
        *(
            (wrong, False)
            for wrong in ("a@-b", "a@b..c", "<a@b>", '"a"@b', "a@[127.0.0.1]", "ä@b", "a@ä", "a@b\n")
        ),
    ],
)
def test_an_address_is_a_name_at_a_host(address: str, is_one: bool) -> None:
    assert is_mail_address(address) is is_one


# Recipients


@pytest.fixture
def csv(tmp_path: Path) -> Callable[[str | bytes], Recipients]:
    def write(content: str | bytes) -> Recipients:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / "readers.csv").write_bytes(data)
        return Recipients(csv=tmp_path / "readers.csv")

    return write


ADA = Recipient("ada@example.org", "Ada Marsh", "k1")


@pytest.mark.parametrize(
    "content",
    [
        "email,name,token\nada@example.org,Ada Marsh,k1\n",
        "\ufeffEmail;Name;Token\r\nada@example.org;Ada Marsh;k1\r\n",
        "token\tname\temail\rk1\tAda Marsh\tada@example.org",
        'email,name,since,token\n" ada@example.org ","Ada Marsh",2020,k1,and,more\n\n,,,\n',
    ],
)
def test_a_csv_is_read_as_tables_are_saved(content: str, csv: Callable[[str], Recipients]) -> None:
    assert recipients(csv(content)) == ((ADA,), ())


def test_names_and_hosts_of_all_scripts(csv: Callable[[str], Recipients]) -> None:
    found, notices = recipients(csv("email,name\nada@BÜCHER.example,Ада 港\nбоб@example.org,Боб\n"))
    assert found == (Recipient("ada@xn--bcher-kva.example", "Ада 港"),)
    assert [(notice.code, notice.where.rpartition(", ")[2]) for notice in notices] == [
        ("recipient-skipped", "line 3")
    ]


def test_a_bad_line_costs_itself(csv: Callable[[str], Recipients]) -> None:
    content = (
        'email,name\nnobody\neve@example.org,"Eve\nbob@example.org,Bob "B" O\nx@y\0z,Nul\nada@example.org\n'
    )
    found, notices = recipients(csv(content))
    assert [one.address for one in found] == ["eve@example.org", "bob@example.org", "ada@example.org"]
    assert [notice.where.rpartition(", ")[2] for notice in notices] == ["line 2", "line 5"]


def test_each_address_once_and_nobody_who_wants_none(tmp_path: Path) -> None:
    (tmp_path / "readers.csv").write_text(
        "email,name\nADA@Example.org,Else\nbob@example.org\neve@example.org\n"
    )
    (tmp_path / "gone.txt").write_text("# asked on Monday\n\n  Bob@EXAMPLE.org\r\nzoe@bücher.example\n")
    wanted = Recipients(
        listed=(ADA, Recipient("zoe@xn--bcher-kva.example")),
        csv=tmp_path / "readers.csv",
        command=(sys.executable, "-c", "print('email\\neve@example.org\\nfay@example.org')"),
        suppressed=tmp_path / "gone.txt",
    )
    found, notices = recipients(wanted)
    assert found == (ADA, Recipient("eve@example.org"), Recipient("fay@example.org"))
    assert notices == ()
    assert suppressed(tmp_path / "gone.txt") == {"bob@example.org", "zoe@xn--bcher-kva.example"}


@pytest.mark.parametrize(
    ("wanted", "error", "said"),
    [
        (Recipients(csv=Path("/nowhere/readers.csv")), UsageError, "cannot be read: No such file"),
        (Recipients(suppressed=Path("/nowhere/gone.txt")), UsageError, "cannot be read: No such file"),
        (Recipients(command=("/nowhere/program",)), UsageError, "cannot be run"),
        (
            Recipients(command=(sys.executable, "-c", "exit('no\\naccess')")),
            DeliveryError,
            "status 1: access",
        ),
        (Recipients(command=(sys.executable, "-c", "print('x')")), UsageError, "no column email"),
    ],
    ids=str,
)
def test_recipients_that_cannot_be_had_are_an_error(
    wanted: Recipients, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        recipients(wanted)


def test_a_command_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feed2book.deliver.recipient_list._PATIENCE", 0.2)
    with pytest.raises(DeliveryError, match="took more than"):
        recipients(Recipients(command=(sys.executable, "-c", "import time; time.sleep(60)")))


@given(st.binary(max_size=60) | st.text('ab@.",;\t\r\n\0é\u2028\u0130 ', max_size=60).map(str.encode))
def test_whatever_a_table_holds_addresses_or_notices_come_of_it(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "readers.csv"
        file.write_bytes(b"name,email\n" + content)
        with suppress(UsageError):
            found, _ = recipients(Recipients(csv=file, suppressed=file))
            assert all(is_mail_address(one.address) for one in found)


def test_a_table_in_another_encoding_is_an_error(csv: Callable[[bytes], Recipients]) -> None:
    for encoding in ("utf-16", "latin-1"):
        with pytest.raises(UsageError, match="not UTF-8"):
            recipients(csv("email,name\nada@example.org,Häfen".encode(encoding)))


# Mailboxes


def test_an_eml_is_the_message(tmp_path: Path) -> None:
    for _ in range(2):
        place("eml", tmp_path, MAIL, NAME, "weekly-12.eml")
    assert [path.name for path in tmp_path.iterdir()] == ["weekly-12.eml"]
    assert (tmp_path / "weekly-12.eml").read_bytes() == MAIL


def test_a_maildir_gets_a_message_once(tmp_path: Path) -> None:
    box = tmp_path / "mail"
    place("maildir", box, MAIL, NAME, "")
    assert {path.relative_to(box).as_posix() for path in box.rglob("*")} == {
        "cur",
        "new",
        "tmp",
        f"new/{NAME}",
    }
    place("maildir", box, MAIL, NAME, "")
    (box / "new" / NAME).rename(box / "cur" / f"{NAME}:2,S")  # as a mail program does
    place("maildir", box, MAIL, NAME, "")
    place("maildir", box, MAIL, "else/x:1@example.org", "")
    (read, other) = sorted(mailbox.Maildir(box), key=lambda found: found.get_subdir())
    assert read.as_bytes() == other.as_bytes() == MAIL.replace(b"\r\n", b"\n")


def other_mail(name: str) -> bytes:
    return MAIL.replace(NAME.encode(), name.encode())


def test_an_mbox_gets_a_message_once_and_can_be_read(tmp_path: Path) -> None:
    box = tmp_path / "mbox"
    for name in (NAME, "2@example.org", NAME, "2@example.org"):
        place("mbox", box, other_mail(name), name, "")
    with closing(mailbox.mbox(box, create=False)) as read:
        assert [str(found["Message-ID"]) for found in read] == [f"<{NAME}>", "<2@example.org>"]
        assert next(iter(read)).get_from() == "MAILER-DAEMON Mon Nov 23 06:30:00 2026"
    raw = box.read_bytes()
    assert b"\n>From here\n>>From there" in raw
    assert b"\r" not in raw
    assert [path.name for path in tmp_path.iterdir()] == ["mbox"]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.999])
@pytest.mark.parametrize("before", [0, 1])
def test_what_a_killed_run_left_in_an_mbox_is_replaced(before: int, share: float, tmp_path: Path) -> None:
    box = tmp_path / "mbox"
    for name in ["1@example.org"] * before:
        place("mbox", box, other_mail(name), name, "")
    start = box.stat().st_size if before else 0
    place("mbox", box, MAIL, NAME, "")
    whole = box.read_bytes()
    box.write_bytes(whole[: start + int((len(whole) - start) * share)])
    place("mbox", box, MAIL, NAME, "")
    assert box.read_bytes() == whole


def test_a_locked_mbox_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feed2book.deliver.mailboxes._INTERVAL", 0)
    (tmp_path / "mbox.lock").touch()
    with pytest.raises(DeliveryError, match="locked"):
        place("mbox", tmp_path / "mbox", MAIL, NAME, "")


@pytest.mark.parametrize("kind", ["eml", "maildir", "mbox"])
def test_a_place_that_is_not_there_is_told(kind: str, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="no such directory"):
        place(kind, tmp_path / "absent" / "box", MAIL, NAME, "weekly.eml")


# Signatures


FORMS = (serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8)


@pytest.fixture(scope="session", params=FORMS, ids=["PKCS1", "PKCS8"])
def key(request: pytest.FixtureRequest) -> str:
    made = rsa.generate_private_key(65537, 2048)
    return made.private_bytes(PEM, request.param, serialization.NoEncryption()).decode()


def public(key: str) -> str:
    half = serialization.load_pem_private_key(key.encode(), None).public_key()
    text = half.public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return "".join(text.splitlines()[1:-1])


DKIM = Dkim("example.org", "weekly", Secret("env", ("KEY",)))


def verifies(data: bytes, key: str) -> bool:
    import dkim

    return bool(dkim.verify(data, dnsfunc=lambda *_, **__: f"v=DKIM1; k=rsa; p={public(key)}".encode()))


def test_a_signature_holds_and_breaks_with_what_it_seals(key: str) -> None:
    options = MailOptions(
        "digest@example.org", unsubscribe_url="https://example.org/u", list_id="weekly.example.org"
    )
    data = message(BODY, options, Recipient("ada@example.org"), NAME)
    signed = sign(data, DKIM, key)
    assert signed.endswith(data)
    assert verifies(signed, key)
    assert verifies(signed.replace(b"Subject: ", b"Subject:  "), key)
    for name in (b"From", b"To", b"Subject", b"Date", b"Reply-To", b"Message-ID", b"Content-Type"):
        assert not verifies(name + b": x@y.example\r\n" + signed, key), name
    for name in (b"List-Unsubscribe", b"List-Unsubscribe-Post", b"List-Id"):
        assert not verifies(signed.replace(b"\r\n%s: " % name, b"\r\n%s: x" % name), key), name
    assert max(map(len, signed.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, "no key"),
        ({}, "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----"),
        ({"domain": "ü"}, ""),
    ],
    ids=str,
)
def test_a_key_that_is_none_is_not_told_again(changes: dict[str, str], wrong: str, key: str) -> None:
    with pytest.raises(UsageError, match="cannot be signed") as caught:
        sign(MAIL, replace(DKIM, **changes), wrong or key)  # type: ignore[arg-type]
    assert "MII" not in str(caught.value)


def test_without_its_library_signing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dkim", None)
    with pytest.raises(UsageError, match=r"feed2book\[mail\]"):
        sign(MAIL, DKIM, "")


@pytest.mark.validators
def test_an_independent_reader_finds_the_signature_good(validators: Path, tmp_path: Path, key: str) -> None:
    file = tmp_path / "signed.eml"
    file.write_bytes(sign(MAIL, DKIM, key))
    for command in (["dkim_check", str(file), "--signed", f"weekly:{public(key)}"], ["eml_lint", str(file)]):
        command[0] = str(validators / "bin" / command[0])
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
