"""Letters reach a real server, or it is known why not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import factories
import pytest
from server.mail import CUT, Behaviour, MailServer, serve_mail

from feed2book.deliver import Letter, send
from feed2book.errors import DeliveryError, UsageError
from feed2book.models import MailOptions, Outcome, Recipient, SmtpServer
from feed2book.render.email_body import write_body
from feed2book.render.email_digest import Digest
from feed2book.render.email_message import message, message_id

BODY = write_body(Digest("Häfen", factories.ISSUED, "Hello.\n.\nFrom here", "<p>Hello.</p>"))
SENDER = "digest@example.org"
ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"


def letter(address: str, body: bytes = BODY) -> Letter:
    name = message_id(SENDER, "weekly", "12", "mail", address)
    return Letter(
        address, SENDER, address, lambda: message(body, MailOptions(SENDER), Recipient(address), name)
    )


class Journal:
    """What was begun and what came of it, in order; pauses are noted and not made."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []
        self.pauses: list[float] = []

    def send(self, server: SmtpServer, letters: Iterable[Letter], password: str = "") -> None:
        here = threading.current_thread()

        def begun(sent: Letter) -> None:
            assert threading.current_thread() is here
            self.lines.append((sent.recipient, "sending", ""))

        def ended(sent: Letter, outcome: Outcome) -> None:
            assert threading.current_thread() is here
            self.lines.append((sent.recipient, outcome.status, outcome.said))

        send(server, password, letters, begun=begun, ended=ended, sleep=self.pauses.append)

    def course(self, address: str) -> str:
        return " ".join(status for who, status, _ in self.lines if who == address)

    def said(self, address: str) -> str:
        return [said for who, _, said in self.lines if who == address][-1]


@pytest.fixture
def journal() -> Journal:
    return Journal()


def arrived(server: MailServer) -> list[str]:
    return sorted(mail.recipient for mail in server.received)


def at(stage: str, answer: str | float, times: int = 99) -> Behaviour:
    """Misbehave towards Ada (or, before she is named, the sender) the first times."""
    first = {"connect": "", "mail": SENDER}.get(stage, ADA)
    return lambda now, who, count: answer if (now, who) == (stage, first) and count <= times else None


# The good case


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_each_recipient_gets_his_own_over_few_connections(
    security: str, tmp_path: Path, journal: Journal
) -> None:
    addresses = [f"reader{number}@example.org" for number in range(30)]
    with serve_mail(security=security, folder=tmp_path) as server:
        journal.send(server.options(connections=2), map(letter, addresses))
    assert arrived(server) == sorted(addresses)
    assert {journal.course(address) for address in addresses} == {"sending accepted"}
    assert (server.connections, server.most_at_once) == (2, 2)
    assert {mail.secure for mail in server.received} == {security != "none"}
    assert {mail.sender for mail in server.received} == {SENDER}
    for mail in server.received:
        assert mail.data == letter(mail.recipient).compose()


@pytest.mark.parametrize("size", [0, 65_536, 200_000])
def test_lines_that_begin_with_a_dot_arrive_and_one_without_an_end(size: int, journal: Journal) -> None:
    text = b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\na.\r\n" + b".x\r\n" * (size // 4) + b"."
    with serve_mail() as server:
        journal.send(server.options(), [Letter(1, SENDER, ADA, lambda: text)])
    assert [mail.data for mail in server.received] == [text + b"\r\n"]


def test_no_letter_is_taken_before_a_connection_is_free(journal: Journal) -> None:
    taken: list[int] = []

    def letters() -> Iterable[Letter]:
        for number in range(20):
            done = sum(line[1] == "accepted" for line in journal.lines)
            taken.append(number - done)
            yield letter(f"reader{number}@example.org")

    with serve_mail() as server:
        journal.send(server.options(connections=3), letters())
    assert max(taken) <= 3
    assert len(server.received) == 20


def test_the_rate_is_kept(journal: Journal) -> None:
    with serve_mail() as server:
        started = time.monotonic()
        journal.send(server.options(rate=20), [letter(f"reader{number}@example.org") for number in range(9)])
        assert time.monotonic() - started >= 8 / 20
    assert len(server.received) == 9


# Logging in


@pytest.mark.parametrize("user", ["digest", "häfen"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_login_opens_the_door(security: str, user: str, tmp_path: Path, journal: Journal) -> None:
    with serve_mail(security=security, login=(user, "pass wörd"), folder=tmp_path) as server:
        journal.send(server.options(user=user), [letter(ADA)], "pass wörd")
    assert [mail.user for mail in server.received] == [user]


@pytest.mark.parametrize("password", ["wrong", "fälsch"])
def test_a_wrong_login_is_told_at_once_and_nobody_is_refused(
    password: str, tmp_path: Path, journal: Journal
) -> None:
    with (
        serve_mail(security="tls", login=("digest", "right"), folder=tmp_path) as server,
        pytest.raises(DeliveryError, match=r"refuses the login \(535 .*check user and password") as caught,
    ):
        journal.send(server.options(user="digest", connections=1), map(letter, [ADA, BOB, EVE]), password)
    assert password not in str(caught.value)
    assert (journal.course(ADA), journal.course(BOB)) == ("sending waiting", "")


def test_a_password_is_never_sent_in_the_open_but_to_this_machine(journal: Journal) -> None:
    with pytest.raises(DeliveryError, match="in the open"):
        journal.send(SmtpServer("mail.example.org", security="none", user="digest"), [letter(ADA)], "secret")
    assert journal.lines == []
    with serve_mail(login=("digest", "secret")) as server:
        journal.send(server.options(user="digest"), [letter(ADA)], "secret")
    assert [mail.user for mail in server.received] == ["digest"]


# Servers that take nothing


def test_a_certificate_is_verified(tmp_path: Path, journal: Journal) -> None:
    for security in ("tls", "starttls"):
        with (
            serve_mail(security=security, folder=tmp_path) as server,
            pytest.raises(DeliveryError, match="certificate cannot be trusted"),
        ):
            journal.send(server.options(ca_file=None), [letter(ADA)])
    with (
        serve_mail(security="tls", folder=tmp_path) as server,
        pytest.raises(DeliveryError, match="certificate cannot be trusted"),
    ):
        journal.send(server.options(host="localhost"), [letter(ADA)])
    assert server.received == []


def test_security_that_the_server_does_not_have_is_told(tmp_path: Path, journal: Journal) -> None:
    with serve_mail() as server:
        with pytest.raises(DeliveryError, match="starttls goes with port 587"):
            journal.send(server.options(security="starttls"), [letter(ADA)])
        with pytest.raises(DeliveryError, match="does not speak TLS here"):
            journal.send(server.options(security="tls"), [letter(ADA)])
    with serve_mail(security="tls", folder=tmp_path) as server, pytest.raises(DeliveryError):
        journal.send(server.options(security="none", timeout=0.3), [letter(ADA)])


@pytest.mark.parametrize(
    ("host", "said"), [("nowhere.invalid", "no such host"), ("a..b", "no host's name"), ("x" * 70, "host")]
)
def test_a_host_that_is_none_is_told(host: str, said: str, journal: Journal) -> None:
    with pytest.raises(DeliveryError, match=said):
        journal.send(SmtpServer(host, security="none"), [letter(ADA)])


def test_an_authority_that_is_none_is_told(tmp_path: Path, journal: Journal) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "absent.pem"):
        with pytest.raises(DeliveryError, match=f"{name}: the certificates cannot be read"):
            journal.send(SmtpServer("127.0.0.1", ca_file=tmp_path / name), [letter(ADA)])


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("connect", "554 no service"),
        ("connect", "421 busy"),
        ("connect", CUT),
        ("mail", "550 5.7.1 who are you"),
        ("rcpt", "554 5.7.1 Relay access denied"),
        ("rcpt", "550 5.7.54 Unable to relay recipient in non-accepted domain"),
        ("rcpt", "530 5.7.0 authentication required"),
        ("end", "550 5.4.5 daily quota"),
    ],
)
def test_who_refuses_everybody_refuses_once(stage: str, answer: str, journal: Journal) -> None:
    with serve_mail(at(stage, answer)) as server, pytest.raises(DeliveryError) as caught:
        journal.send(server.options(connections=1), map(letter, [ADA, BOB, EVE]))
    assert caught.value.where == f"127.0.0.1:{server.port}"
    assert caught.value.remedy
    assert (journal.course(ADA), journal.course(BOB), journal.pauses) == ("sending waiting", "", [])


def test_what_is_under_way_is_not_cut_off(journal: Journal) -> None:
    def behave(stage: str, who: str, count: int) -> str | float | None:
        if stage == "rcpt" and who == BOB:
            return 0.3
        return "554 relay denied" if (stage, who) == ("rcpt", ADA) else None

    with serve_mail(behave) as server, pytest.raises(DeliveryError, match="relay"):
        journal.send(server.options(connections=2), map(letter, [ADA, BOB, EVE]))
    assert journal.course(BOB) == "sending accepted"
    assert journal.course(EVE) == ""


def test_a_letter_that_cannot_be_composed_ends_the_work(journal: Journal) -> None:
    with serve_mail() as server, pytest.raises(UsageError, match="recipient"):
        journal.send(
            server.options(),
            [Letter(1, SENDER, ADA, lambda: message(BODY, MailOptions(), Recipient("a b"), "1@x"))],
        )
    assert server.received == []


# One recipient's troubles


@pytest.mark.parametrize("stage", ["rcpt", "data", "end"])
@pytest.mark.parametrize(
    ("answer", "course"),
    [
        ("550 5.1.1 no such user", "sending refused"),
        ("550 5.1.1 <relay@example.org>: 530 of that name, but not this", "sending refused"),
        ("451 4.7.1 later", "sending waiting sending waiting sending accepted"),
    ],
)
def test_a_refusal_is_one_recipients_alone(stage: str, answer: str, course: str, journal: Journal) -> None:
    with serve_mail(at(stage, answer, 2)) as server:
        journal.send(server.options(connections=1), map(letter, [ADA, BOB, EVE]))
    assert journal.course(ADA) == course
    assert journal.lines[1] == (ADA, course.split()[1], answer)
    assert [journal.course(who) for who in (BOB, EVE)] == ["sending accepted"] * 2
    assert server.connections == 1


def test_attempts_are_counted_and_spaced(journal: Journal) -> None:
    with serve_mail(at("rcpt", "451 later")) as server:
        journal.send(server.options(attempts=4), map(letter, [ADA, BOB]))
    assert journal.course(ADA) == " ".join(["sending waiting"] * 4)
    assert journal.pauses == [30, 120, 480]
    assert arrived(server) == [BOB]


CUTS: list[tuple[str, str | float]] = [
    ("mail", CUT),
    ("rcpt", CUT),
    ("data", CUT),
    ("during", CUT),
    ("end", CUT),
    ("mail", "421 closing"),
    ("rcpt", "421 closing"),
    ("end", "421 closing"),
    ("mail", "451 too many"),
    ("rcpt", 1.0),
]


@pytest.mark.parametrize(("stage", "fault"), CUTS, ids=str)
@pytest.mark.parametrize("connections", [1, 2])
def test_a_lost_connection_loses_no_letter(
    stage: str, fault: str | float, connections: int, journal: Journal
) -> None:
    with serve_mail(at(stage, fault, 1)) as server:
        journal.send(server.options(connections=connections, timeout=0.5), map(letter, [ADA, BOB, EVE]))
    assert set(arrived(server)) == {ADA, BOB, EVE}
    assert {journal.lines[-1][1], journal.course(BOB).split()[-1]} == {"accepted"}
    assert len(server.received) == (4 if (stage, fault) == ("end", CUT) else 3)
    assert len({mail.message_id for mail in server.received}) == 3


def test_a_message_that_may_have_arrived_is_told_so(journal: Journal) -> None:
    with serve_mail(at("end", CUT)) as server:
        journal.send(server.options(attempts=1), [letter(ADA)])
    assert journal.course(ADA) == "sending waiting"
    assert "may have arrived" in journal.said(ADA)
    assert len(server.received) == 1


def test_a_server_that_loses_every_message_is_not_sent_them_all(journal: Journal) -> None:
    with (
        serve_mail(lambda stage, who, count: CUT if stage == "end" else None) as server,
        pytest.raises(DeliveryError, match="may have arrived"),
    ):
        journal.send(
            server.options(connections=2), [letter(f"r{number}@example.org") for number in range(99)]
        )
    assert len(server.received) == 6
    assert journal.pauses == [30, 120]


def test_a_slow_last_answer_is_waited_for(journal: Journal) -> None:
    with serve_mail(at("end", 1.2)) as server:
        journal.send(server.options(timeout=0.4, connections=1), map(letter, [ADA, BOB]))
    assert journal.course(ADA) == "sending accepted"
    assert len(server.received) == 2


def test_a_server_that_hangs_up_after_each_letter_is_called_again(journal: Journal) -> None:
    def behave(stage: str, who: str, count: int) -> str | None:
        return CUT if stage == "mail" and count % 2 == 0 else None

    with serve_mail(behave) as server:
        journal.send(server.options(connections=1), map(letter, [ADA, BOB, EVE]))
    assert journal.pauses == []
    assert {journal.course(who) for who in (ADA, BOB, EVE)} == {"sending accepted"}
    assert server.connections == 3


def test_a_server_that_takes_one_connection_gets_one(journal: Journal) -> None:
    def behave(stage: str, who: str, count: int) -> str | float | None:
        if stage == "connect":
            return "421 too many connections" if server.most_at_once > 1 and count > 1 else None
        return 0.05 if stage == "mail" else None

    with serve_mail(behave) as server:
        journal.send(server.options(connections=2), [letter(f"r{number}@example.org") for number in range(9)])
    assert len(server.received) == 9
    assert journal.pauses == [30]


def test_a_server_that_stops_halfway_is_given_time_then_up(journal: Journal) -> None:
    def behave(stage: str, who: str, count: int) -> str | None:
        return "421 closing" if stage == "mail" and count > 2 else None

    with serve_mail(behave) as server, pytest.raises(DeliveryError, match=r"421 closing.*next time"):
        journal.send(server.options(connections=1), map(letter, [ADA, BOB, EVE]))
    assert arrived(server) == [ADA, BOB]
    assert journal.pauses == [30, 30, 120]
    assert journal.course(EVE).endswith("sending waiting")


# What never reaches the wire


@pytest.mark.parametrize(
    "address",
    [
        "a@b\r\nRCPT TO:<c@d>",
        "<a@b>",
        "a@b> SIZE=1",
        "a b@c",
        "",
        "a",
        "é@example.org",
        "a@b\0",
        "a@" + "b" * 300,
    ],
)
def test_a_hostile_recipient_is_refused_here(address: str, journal: Journal) -> None:
    with serve_mail() as server:
        journal.send(server.options(), [Letter(1, SENDER, address, lambda: b"\r\n"), letter(BOB)])
    assert journal.course(address) == "sending refused"
    assert arrived(server) == [BOB]
    assert "rcpt" in server.commands
    assert server.commands.count("rcpt") == 1


def test_a_hostile_sender_is_nobodys_fault_but_the_options(journal: Journal) -> None:
    with serve_mail() as server, pytest.raises(DeliveryError, match="no sender's address"):
        journal.send(server.options(), [Letter(1, "a@b>\r\nDATA", ADA, lambda: b"\r\n")])
    assert server.commands == []


@pytest.mark.parametrize(
    ("size", "changes"), [(1000, {}), (0, {"max_bytes": 1000})], ids=["the server's", "ours"]
)
def test_a_message_that_is_too_large_is_not_sent(
    size: int, changes: dict[str, int], journal: Journal
) -> None:
    large = Letter(1, SENDER, ADA, lambda: b"Subject: x\r\n\r\n" + b"x\r\n" * 1000)
    small = Letter(2, SENDER, BOB, lambda: b"Subject: x\r\n\r\n")
    with serve_mail(size=size) as server:
        journal.send(server.options(**changes), [large, small])
    assert journal.said(ADA) == "it has 3,014 bytes, and no more than 1,000 are taken"
    assert journal.course(ADA) == "sending refused"
    assert arrived(server) == [BOB]


def test_an_answer_is_told_in_one_line(journal: Journal) -> None:
    with serve_mail(at("rcpt", "550-first\r\n550 s\x1becond " + "é" * 500)) as server:
        journal.send(server.options(), [letter(ADA)])
    assert journal.said(ADA).startswith("550 first s econd é")
    assert len(journal.said(ADA)) == 300


@pytest.mark.parametrize("callback", ["begun", "ended"])
def test_a_journal_that_fails_stops_the_work(callback: str) -> None:
    seen: list[str] = []

    def note(name: str) -> Callable[..., None]:
        def call(*_: object) -> None:
            seen.append(name)
            if name == callback and seen.count(name) == 2:
                raise OSError("the disk is full")

        return call

    with serve_mail() as server, pytest.raises(OSError, match="disk"):
        send(
            server.options(connections=1),
            "",
            [letter(f"r{number}@example.org") for number in range(9)],
            begun=note("begun"),
            ended=note("ended"),
        )
    assert len(server.received) == (1 if callback == "begun" else 2)
