"""One connection to a mail server: opened when needed, used again, replaced when it was lost (RFC 5321)."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

from feed2book.errors import DeliveryError
from feed2book.models import Outcome, SmtpServer, Status, is_mail_address

_OURSELVES = "[127.0.0.1]"  # said in EHLO: looking our name up may take long, and tells more than need be
_PIECE = 1 << 16  # octets; the time-out is for each, not for a message that a slow line needs minutes for
_LAST_ANSWER = 600.0  # seconds (RFC 5321, 4.5.3.2.6): giving up sooner sends what has arrived once more
_LONGEST = 300  # characters of an answer that are told
_DONE, _WILL_FORWARD, _GO_ON, _CLOSING, _FOR_GOOD = 250, 251, 354, 421, 500  # answers (RFC 5321, 4.2.3)
# Refusals of a recipient that are meant for all: no relaying without a login, the day's quota used up. Never
# a word that could be a reader's name, or one letter would keep all others back for ever.
_EVERYBODY = re.compile(
    r"^53[058] |^5\d\d 5\.4\.5 |\brelay(?:ing)?(?: access)?(?: is)? (?:denied|not (?:permitted|allowed))"
    r"|\b(?:unable|not (?:permitted|allowed)) to relay\b",
    re.IGNORECASE,
)

# What keeps us out and will not pass by itself; the first that fits says what and what to do.
_HOPELESS: tuple[tuple[type[Exception], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "its certificate cannot be trusted",
        "check the host's name, or name its authority with ca_file",
    ),
    (
        ssl.SSLError,
        "it does not speak TLS here",
        'use security = "tls" with port 465, or "starttls" with port 587',
    ),
    (
        smtplib.SMTPAuthenticationError,
        "it refuses the login",
        "check user and password; many services want a password made for this program",
    ),
    (
        smtplib.SMTPNotSupportedError,
        "it lacks what is asked for",
        "check security (starttls goes with port 587, tls with 465) and whether it wants a login",
    ),
    (smtplib.SMTPResponseException, "it lets nobody in", "ask who runs it"),
    (smtplib.SMTPException, "it offers no login that is known here", "leave user and password out"),
    (socket.gaierror, "there is no such host", "check host"),
    (UnicodeError, "this is no host's name", "check host"),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way to one recipient.

    ``key`` is the caller's, to know it by. ``sender`` and ``recipient`` are bare addresses. ``compose``
    makes the message (CRLF, 7-bit) when it is about to be sent, in another thread.
    """

    key: object
    sender: str
    recipient: str
    compose: Callable[[], bytes] = field(repr=False)


class BusyError(Exception):
    """Nothing goes through now, but may do so later: the server says so, or the connection is lost."""


class Session:
    """A connection that letters are sent over, one after the other, by one thread at a time.

    Args:
        server: where to and how.
        password: the user's.
        context: how TLS is spoken.
    """

    def __init__(self, server: SmtpServer, password: str, context: ssl.SSLContext) -> None:
        self._server = server
        self._password = password
        self._context = context
        self._smtp: smtplib.SMTP | None = None
        self.answered = False
        """Whether the server has ever let us in."""

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._smtp is not None

    def deliver(self, letter: Letter) -> Outcome:
        """Send a letter.

        Raises:
            BusyError: nothing goes through now; what it says tells whether the letter may have arrived.
            DeliveryError: the server takes nothing from us.
        """
        if not is_mail_address(letter.recipient):
            return Outcome(Status.REFUSED, "this is not an address that can be sent to")
        if not is_mail_address(letter.sender):
            raise self._hopeless(f"{_one_line(letter.sender)!r} is no sender's address", "check sender")
        message = letter.compose()
        if self._smtp:
            # A server may have hung up since: that nothing was sent before DATA makes it safe to begin anew.
            with contextlib.suppress(smtplib.SMTPServerDisconnected):
                return self._transact(self._smtp, letter, message)
        try:
            return self._transact(self._open(), letter, message)
        except smtplib.SMTPServerDisconnected as error:
            raise BusyError(f"the connection was lost ({_one_line(str(error))})") from error

    def close(self) -> None:
        """Say goodbye, if there is anybody."""
        if self._smtp:
            with contextlib.suppress(OSError):  # which smtplib's exceptions are, too
                self._smtp.quit()
            self._drop()

    def _drop(self) -> None:
        if self._smtp:
            self._smtp.close()
            self._smtp = None

    # Opening

    def _open(self) -> smtplib.SMTP:
        self._drop()
        try:
            self._smtp = self._connect()
            # Each write is a whole command, or a piece of a message: none gains by waiting for more.
            _socket(self._smtp).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._secure(self._smtp)
        except (OSError, UnicodeError) as error:
            self._drop()
            raise self._trouble(error) from error
        self.answered = True
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            return smtplib.SMTP_SSL(
                server.host, server.port, _OURSELVES, timeout=server.timeout, context=self._context
            )
        return smtplib.SMTP(server.host, server.port, _OURSELVES, timeout=server.timeout)

    def _secure(self, smtp: smtplib.SMTP) -> None:
        if self._server.security == "starttls":
            smtp.starttls(context=self._context)
        smtp.ehlo_or_helo_if_needed()
        user, password = self._server.user, self._password
        if user and user.isascii() and password.isascii():
            smtp.login(user, password)
        elif user:  # smtplib knows only ASCII; PLAIN is UTF-8 (RFC 4616)
            secret = b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
            code, said = smtp.docmd("AUTH", f"PLAIN {secret}")
            if code not in (235, 503):
                raise smtplib.SMTPAuthenticationError(code, said)

    def _trouble(self, error: OSError | UnicodeError) -> BusyError | DeliveryError:
        """Return what it means that the server could not be reached, or did not let us in."""
        said = _said(error)
        if not _passes(error):
            for kind, message, remedy in _HOPELESS:
                if isinstance(error, kind):
                    return self._hopeless(f"{message} ({said})", remedy)
        return BusyError(f"the server cannot be reached ({said})")

    def _hopeless(self, message: str, remedy: str) -> DeliveryError:
        return DeliveryError(message, where=f"{self._server.host}:{self._server.port}", remedy=remedy)

    # One letter

    def _transact(self, smtp: smtplib.SMTP, letter: Letter, message: bytes) -> Outcome:
        """Send one message.

        Raises:
            SMTPServerDisconnected: the connection was lost before any of the message was sent.
        """
        announced = smtp.esmtp_features.get("size", "")
        most = self._server.max_bytes
        if announced.isdecimal():  # 0 says that there is no limit (RFC 1870)
            most = min(most, int(announced) or most)
        if len(message) > most:
            return Outcome(
                Status.REFUSED, f"it has {len(message):,} bytes, and no more than {most:,} are taken"
            )
        try:
            code, said = smtp.mail(letter.sender, [f"SIZE={len(message)}"] if announced else [])
            if code != _DONE:
                raise self._no_sender(letter.sender, code, said)
            code, said = smtp.rcpt(letter.recipient)
            if code in (_DONE, _WILL_FORWARD):
                code, said = smtp.docmd("DATA")
                if code == _GO_ON:
                    return self._send(smtp, message)
            return self._refused(smtp, code, said)
        except OSError as error:
            self._drop()
            raise smtplib.SMTPServerDisconnected(_said(error)) from error

    def _send(self, smtp: smtplib.SMTP, message: bytes) -> Outcome:
        # A dot at the begin of a line becomes two (RFC 5321, 4.5.2); a message begins with a header field.
        data = memoryview(message.replace(b"\r\n.", b"\r\n.."))
        whole = len(data) - len(data) % _PIECE
        try:
            for start in range(0, whole, _PIECE):
                smtp.send(data[start : start + _PIECE])
            smtp.send(bytes(data[whole:]) + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n"))
            _socket(smtp).settimeout(_LAST_ANSWER)
            code, said = smtp.getreply()
            _socket(smtp).settimeout(self._server.timeout)
        except OSError as error:
            self._drop()
            lost = f"the connection was lost, the message may have arrived ({_said(error)})"
            raise BusyError(lost) from error
        if code == _DONE:
            return Outcome(Status.ACCEPTED, _answer(code, said))
        return self._refused(smtp, code, said)

    def _no_sender(self, sender: str, code: int, said: bytes) -> BusyError | DeliveryError:
        """Return what it means that the server takes nothing from this sender."""
        self._drop()
        answer = _answer(code, said)
        if code < _FOR_GOOD:
            return BusyError(answer)
        remedy = "check sender, and user and password if it wants a login"
        return self._hopeless(f"it takes nothing from {sender} ({answer})", remedy)

    def _refused(self, smtp: smtplib.SMTP, code: int, said: bytes) -> Outcome:
        """Return what a refusal means, and make the connection ready for the next letter."""
        answer = _answer(code, said)
        if code == _CLOSING:
            self._drop()
            raise BusyError(answer)
        if _EVERYBODY.search(answer):
            self._drop()
            raise self._hopeless(f"it sends nothing for us ({answer})", "check user, password and its limits")
        try:
            smtp.rset()
        except OSError:
            self._drop()
        return Outcome(Status.REFUSED if code >= _FOR_GOOD else Status.WAITING, answer)


def _socket(smtp: smtplib.SMTP) -> socket.socket:
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("it is closed")
    return smtp.sock


def _passes(error: OSError | UnicodeError) -> bool:
    """Say whether it may be otherwise later."""
    match error:
        case smtplib.SMTPServerDisconnected() | ssl.SSLEOFError():
            return True
        case smtplib.SMTPResponseException():
            return error.smtp_code < _FOR_GOOD
        case socket.gaierror():
            return error.errno == socket.EAI_AGAIN
    return False


def _said(error: OSError | UnicodeError) -> str:
    match error:
        case smtplib.SMTPResponseException():
            said = error.smtp_error
            return _answer(error.smtp_code, said if isinstance(said, bytes) else said.encode())
        case ssl.SSLCertVerificationError():
            return error.verify_message
        case OSError(strerror=str(said)):
            return said
    return _one_line(str(error))


def _answer(code: int, said: bytes) -> str:
    return _one_line(f"{code} {said.decode('utf-8', 'replace')}")


def _one_line(text: str) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
