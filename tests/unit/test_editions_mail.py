"""An edition's issues arrive by mail: at readers, at a Kindle, in mailboxes."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from runner import feed2book
from server.mail import MailServer, serve_mail
from test_editions import MONDAY, WEEK, Desk, ago, no_secret, write_feed

from feed2book.models import Delivery, MailOptions, Recipient, Recipients, Status
from feed2book.pipeline import draft_edition, resend

ADA, BOB, KINDLE = "ada@example.org", "bob@example.org", "ada_1@kindle.com"


def mailed(desk: Desk, server: MailServer, **changes: object) -> Desk:
    """Let the issues of the desk go to Ada, Bob and a Kindle."""
    deliveries = (
        Delivery("email", "mail", server.options(), Recipients((Recipient(ADA, "Ada"), Recipient(BOB)))),
        Delivery("kindle", "kindle", server.options(), Recipients((Recipient(KINDLE),))),
    )
    desk.edition = replace(
        desk.edition,
        outputs=("epub", "email"),
        deliveries=deliveries,
        mail=MailOptions("Häfen <me@example.org>", list_id="weekly.example.org", attach=("epub",)),
        **changes,  # type: ignore[arg-type]
    )
    return desk


def test_each_reader_gets_the_digest_with_the_book_and_the_kindle_the_book_alone(tmp_path: Path) -> None:
    with serve_mail() as server:
        desk = mailed(Desk(tmp_path), server)
        desk.publish(("ebb", ago(1)))
        report = desk.run()
    assert (report.exit_code, report.counts) == (0, {Status.ACCEPTED: 3})
    mails = {mail.recipient: message_from_bytes(mail.data, policy=policy.SMTP) for mail in server.received}
    assert sorted(mails) == [ADA, KINDLE, BOB]
    assert {mail.sender for mail in server.received} == {"me@example.org"}
    assert len({mail.message_id for mail in server.received}) == 3
    assert [str(mails[who]["to"]) for who in (ADA, BOB)] == [f"Ada <{ADA}>", BOB]
    kinds = {who: [part.get_content_type() for part in mail.walk()] for who, mail in mails.items()}
    assert kinds[ADA] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/epub+zip",
    ]
    assert kinds[KINDLE] == ["multipart/mixed", "text/plain", "application/epub+zip"]
    assert mails[ADA]["list-id"] == "<weekly.example.org>"
    assert mails[KINDLE]["list-id"] is None


def test_what_is_put_off_is_sent_by_the_next_run_as_it_was(tmp_path: Path) -> None:
    tries = []

    def behave(stage: str, who: str, count: int) -> str | None:
        if (stage, who) == ("end", BOB):
            tries.append(count)
            return "451 later" if count == 1 else None
        return None

    with serve_mail(behave) as server:
        desk = mailed(Desk(tmp_path), server)
        deliveries = (replace(desk.edition.deliveries[0], server=server.options(attempts=1)),)
        desk.publish(("ebb", ago(1)))
        first = desk.run(deliveries=deliveries)
        assert (first.exit_code, first.counts) == (5, {Status.ACCEPTED: 1, Status.WAITING: 1})
        assert "451 later" in first.undelivered[0].message
        second = desk.run(MONDAY + WEEK, deliveries=deliveries)
    assert (second.exit_code, second.issue, tries) == (0, None, [1, 2])
    assert [mail.recipient for mail in server.received] == [ADA, BOB]


def test_a_reader_gets_it_once_more_however_the_address_is_written(tmp_path: Path) -> None:
    with serve_mail() as server:
        desk = mailed(Desk(tmp_path), server)
        to = Recipients((Recipient("bob@bücher.example"), Recipient(ADA)))
        desk.edition = replace(desk.edition, deliveries=(replace(desk.edition.deliveries[0], recipients=to),))
        desk.publish(("ebb", ago(1)))
        desk.run()
        again = resend(desk.edition, desk.data, MONDAY, 1, reveal=no_secret, address="Bob@Bücher.example")
    assert again.counts == {Status.ACCEPTED: 1}
    to_bob = [mail.message_id for mail in server.received if mail.recipient == "bob@xn--bcher-kva.example"]
    assert to_bob == [to_bob[0]] * 2


def test_who_unsubscribes_meanwhile_gets_nothing_more(tmp_path: Path) -> None:
    gone = tmp_path / "gone.txt"
    gone.touch()

    def behave(stage: str, who: str, count: int) -> str | None:
        return "451 later" if stage == "rcpt" and count == 1 else None

    with serve_mail(behave) as server:
        desk = mailed(Desk(tmp_path), server)
        mail = replace(desk.edition.deliveries[0], server=server.options(attempts=1))
        mail = replace(mail, recipients=replace(mail.recipients, suppressed=gone))
        desk.publish(("ebb", ago(1)))
        desk.run(deliveries=(mail,))
        gone.write_text("Bob@Example.org\n")
        report = desk.run(MONDAY + WEEK, deliveries=(mail,))
    assert report.counts == {Status.ACCEPTED: 1, Status.SUPPRESSED: 1}
    assert [mail.recipient for mail in server.received] == [ADA]


def test_a_book_that_a_kindle_would_refuse_is_refused_here_and_the_rest_arrives(tmp_path: Path) -> None:
    with serve_mail() as server:
        desk = mailed(Desk(tmp_path), server)
        desk.publish(("ebb", ago(1)))
        report = desk.run(outputs=("email",), mail=MailOptions("me@example.org"))
    assert report.exit_code == 5
    assert report.counts == {Status.ACCEPTED: 2, Status.REFUSED: 1}
    assert [(failure.where, "without an EPUB" in failure.message) for failure in report.undelivered] == [
        (f"kindle: {KINDLE}", True)
    ]


@pytest.mark.parametrize(
    ("kind", "output"),
    [("email", "email"), ("kindle", "epub"), ("eml", "email"), ("folder", "email"), ("catalogue", "epub")],
)
def test_an_issue_whose_file_is_lost_waits_until_it_is_put_back(
    tmp_path: Path, kind: str, output: str
) -> None:
    with serve_mail() as server:
        desk = mailed(Desk(tmp_path), server)
        to = Recipients((Recipient(ADA),))
        desk.edition = replace(
            desk.edition,
            deliveries=(Delivery(kind, "way", server.options(), to, desk.shelf, (output,)),),
            mail=MailOptions("me@example.org"),
        )
        desk.publish(("ebb", ago(1)))
        made = desk.run().issue
        assert made
        (lost,) = (file.path for file in made.files if file.output == output)
        lost.rename(tmp_path / "lost")
        again = resend(desk.edition, desk.data, MONDAY, 1, reveal=no_secret)
        assert (again.exit_code, again.counts) == (5, {Status.WAITING: 1})
        assert f"{lost}: it cannot be read" in again.undelivered[0].message
        (tmp_path / "lost").rename(lost)
        assert desk.run(MONDAY + WEEK).counts == {Status.ACCEPTED: 1}


def test_a_line_that_names_nobody_is_told_with_its_number(tmp_path: Path) -> None:
    readers = tmp_path / "readers.csv"
    readers.write_text(f"email\nnobody\n{BOB}\n")
    with serve_mail() as server:
        desk = mailed(Desk(tmp_path), server)
        mail = replace(desk.edition.deliveries[0], recipients=Recipients(csv=readers))
        desk.publish(("ebb", ago(1)))
        desk.edition = replace(desk.edition, deliveries=(mail,))
        draft = draft_edition(desk.edition, desk.data, MONDAY, reveal=no_secret)
        report = desk.run()
    assert [mail.recipient for mail in server.received] == [BOB]
    for told in (draft, report):
        assert f"{readers}, line 2" in [notice.where for notice in told.notices]


def test_a_run_says_how_much_fell_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(MONDAY.timestamp())))
    write_feed(tmp_path / "tides.xml", [("ebb", ago(1))])
    (tmp_path / "readers.csv").write_text(f"email\nnobody\n{BOB}\n")
    with serve_mail() as server:
        (tmp_path / "feed2book.toml").write_text(f"""
            data = "state"
            mail.sender = "me@example.org"
            server.here = {{ host = "127.0.0.1", port = {server.port}, security = "none" }}
            [edition.weekly]
            language = "en"
            [[edition.weekly.source]]
            address = "tides.xml"
            [[edition.weekly.deliver]]
            kind = "email"
            recipients = {{ csv = "readers.csv" }}
        """)
        done = feed2book("run")
    assert (done.code, len(server.received)) == (0, 1)
    assert done.said.rstrip().endswith("1 post; 1 accepted; 1 notice, -v tells more")
