"""A small real SMTP server on loopback, for tests: it keeps what arrives, and misbehaves on demand.

>>> with serve_mail() as server:  # doctest: +SKIP
...     send(server.options(), "", letters, begun=..., ended=...)
...     assert [mail.recipient for mail in server.received] == ["ada@example.org"]
"""

from __future__ import annotations

import asyncio
import re
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from feed2book.models import SmtpServer

HOST = "127.0.0.1"
CUT = "cut"
"""What a server does that breaks the connection off (RST)."""

STAGES = ("connect", "mail", "rcpt", "data", "during", "end")
"""Where a server can misbehave: greeting, ``MAIL``, ``RCPT``, ``DATA``, amid the message, after its dot."""

Behaviour = Callable[[str, str, int], str | float | None]
"""Stage, address and how often that came up (from 1) → an answer (``451 later``), :data:`CUT`, seconds to
wait before going on as usual, or None.

Up to ``MAIL`` the address is the sender's (``""`` at the greeting), then the recipient's. A message that is
cut after its dot has arrived; one that is answered 4xx or 5xx there has not.
"""


@dataclass(frozen=True)
class Mail:
    """A message that arrived, and how."""

    sender: str
    recipient: str
    data: bytes
    secure: bool
    user: str

    @property
    def message_id(self) -> str:
        """Its Message-ID, without angle brackets."""
        found = re.search(rb"(?im)^Message-ID: <([^>]*)>", self.data)
        return found[1].decode() if found else ""


@dataclass
class MailServer:
    """A running server, and what it saw. ``connections`` counts all that were made."""

    port: int = 0
    ca_file: Path | None = None
    security: str = "none"
    received: list[Mail] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0

    def options(self, **changes: Any) -> SmtpServer:
        """Return how to reach it."""
        options = {"security": self.security, "ca_file": self.ca_file, "timeout": 5.0, **changes}
        return SmtpServer(**{"host": HOST, "port": self.port, **options})


@contextmanager
def serve_mail(
    behave: Behaviour = lambda stage, address, count: None,
    *,
    security: str = "none",
    login: tuple[str, str] | None = None,
    folder: Path | None = None,
    size: int = 33_000_000,
) -> Iterator[MailServer]:
    """Run a server on a free port of 127.0.0.1.

    Args:
        behave: what it does at each stage.
        security: ``none``, ``starttls`` or ``tls``, with a certificate for 127.0.0.1.
        login: the user and the password without which it takes nothing.
        folder: where the certificate of its authority is written, if there is TLS.
        size: the most octets of a message; 0 says nothing of sizes.
    """
    server = MailServer(security=security)
    context = None
    if security != "none":
        assert folder is not None
        authority = trustme.CA()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(HOST).configure_cert(context)
        server.ca_file = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(server.ca_file))

    loop = asyncio.new_event_loop()
    counts: Counter[tuple[str, str]] = Counter()
    open_now: set[_Protocol] = set()

    def protocol() -> _Protocol:
        return _Protocol(
            server,
            lambda stage, address: behave(stage, address, counts[stage, address]),
            counts,
            open_now,
            login=login,
            loop=loop,
            data_size_limit=size or None,
            hostname="mail.example",
            enable_SMTPUTF8=True,
            tls_context=context if security == "starttls" else None,
            auth_require_tls=security == "starttls",
            authenticator=lambda _server, _session, _envelope, _mechanism, data: AuthResult(
                success=login == (data.login.decode(), data.password.decode()), handled=False, auth_data=data
            ),
        )

    async def close() -> None:
        listener.close()
        for connection in list(open_now):
            connection.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listener = asyncio.run_coroutine_threadsafe(
        loop.create_server(protocol, HOST, 0, ssl=context if security == "tls" else None), loop
    ).result()
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Protocol(SMTP):
    """One connection: asks how to behave before each step."""

    def __init__(
        self,
        seen: MailServer,
        behave: Callable[[str, str], str | float | None],
        counts: Counter[tuple[str, str]],
        open_now: set[_Protocol],
        *,
        login: tuple[str, str] | None,
        **options: Any,
    ) -> None:
        super().__init__(self, **options)
        self._seen = seen
        self._behave = behave
        self._counts = counts
        self._open_now = open_now
        self._login = login

    def abort(self) -> None:
        """Break the connection off."""
        transport: Any = self._original_transport or self.transport
        if transport is not None:
            transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self not in self._open_now:  # STARTTLS comes here a second time
            self._seen.connections += 1
        self._open_now.add(self)
        self._seen.most_at_once = max(self._seen.most_at_once, len(self._open_now))
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open_now.discard(self)
        super().connection_lost(error)

    async def _acts(self, stage: str, address: str) -> bool:
        """Misbehave, if it is time to; True: nothing more is to be done."""
        self._seen.commands.append(stage)
        self._counts[stage, address] += 1
        action = self._behave(stage, address)
        if isinstance(action, int | float):
            await asyncio.sleep(action)
            return False
        if action == CUT:
            self.abort()
        elif action is not None:
            await self.push(action)
            if action.startswith("421"):
                transport: Any = self.transport
                transport.close()
        return action is not None

    async def _handle_client(self) -> None:
        if not await self._acts("connect", ""):
            await super()._handle_client()

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 (aiosmtpd's name)
        session: Any = self.session
        if self._login and not session.authenticated:
            await self.push("530 5.7.0 Authentication required")
        elif not await self._acts("mail", _address(arg)):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        if not await self._acts("rcpt", _address(arg)):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        envelope: Any = self.envelope
        recipient = envelope.rcpt_tos[0] if envelope.rcpt_tos else ""
        if await self._acts("data", recipient):
            return
        action = self._behave("during", recipient) if recipient else None
        self._counts["during", recipient] += 1
        if action == CUT:
            await self.push("354 go on")
            await self._reader.read(1)
            self.abort()
        else:
            await super().smtp_DATA(arg)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        login: Any = session.auth_data
        mail = Mail(
            sender=envelope.mail_from or "",
            recipient=recipient,
            data=bytes(envelope.original_content or b""),
            secure=session.ssl is not None or self._seen.security == "tls",
            user=login.login.decode() if login else "",
        )
        self._counts["end", recipient] += 1
        action = self._behave("end", recipient)
        self._seen.commands.append("end")
        if isinstance(action, str) and action != CUT:
            if action.startswith("421"):
                self.loop.call_later(0.05, self.abort)
            return action
        self._seen.received.append(mail)
        if isinstance(action, int | float):
            await asyncio.sleep(action)
        if action == CUT:
            self.abort()
        return "250 2.0.0 taken"


def _address(arg: str | None) -> str:
    found = re.search("<([^>]*)>", arg or "")
    return found[1] if found else ""
