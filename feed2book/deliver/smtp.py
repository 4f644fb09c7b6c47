"""Letters → a mail server: some connections, used again and again; what is put off is tried again later."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from itertools import chain

from feed2book.deliver.smtp_session import BusyError, Letter, Session
from feed2book.errors import DeliveryError
from feed2book.models import Outcome, SmtpServer, Status

__all__ = ["Letter", "send"]

_PAUSE = 30.0  # seconds before the second attempt; servers that put strangers off want some to pass
_LONGER = 4  # times as long before each further one


def send(
    server: SmtpServer,
    password: str,
    letters: Iterable[Letter],
    *,
    begun: Callable[[Letter], None],
    ended: Callable[[Letter, Outcome], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Send letters, each to its recipient alone, over at most ``server.connections`` connections.

    A letter that the server puts off (4xx) is tried again when all others have been, ``server.attempts``
    times in all. A connection that is lost, or that the server closes (421), rests until then, and its letter
    with it. When all rest, the server is given the same pauses, if it has ever let us in.

    Args:
        server: where to and how. Its certificate is verified; no password goes over a network without TLS.
        password: the user's; ``""`` if there is no user.
        letters: taken one by one as connections become free, so that there may be any number.
        begun: called before each attempt, in the caller's thread, as ``ended``; when it returns, the letter
            goes out.
        ended: called after each attempt. ``waiting`` may be followed by another attempt.
        sleep: waits for that many seconds.

    Raises:
        DeliveryError: the server takes nothing from us, or for too long nothing at all. Letters without an
            outcome, or whose last one is ``waiting``, are for another time.
        Feed2BookError: a letter could not be composed; likewise.
    """
    if server.user and server.in_the_open:
        raise DeliveryError(
            "a password is never sent in the open",
            where=f"{server.host}:{server.port}",
            remedy='use security = "tls" or "starttls"',
        )
    context = _context(server)
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(server.connections, "smtp"))
        sessions = [Session(server, password, context) for _ in range(server.connections)]
        for session in sessions:
            stack.callback(session.close)
        _Work(server, sessions, threads, begun, ended).send(iter(letters), sleep)


def _context(server: SmtpServer) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca_file)
    except OSError as error:  # as those of ssl are, too
        reason = error.strerror or "it holds no certificate"
        raise DeliveryError(
            f"the certificates cannot be read ({reason})", where=str(server.ca_file), remedy="check ca_file"
        ) from error


class _Work:
    """Letters given out to connections, and what comes of them."""

    def __init__(
        self,
        server: SmtpServer,
        sessions: list[Session],
        threads: ThreadPoolExecutor,
        begun: Callable[[Letter], None],
        ended: Callable[[Letter, Outcome], None],
    ) -> None:
        self._server = server
        self._sessions = sessions
        self._threads = threads
        self._begun = begun
        self._ended = ended
        self._idle: list[Session] = []
        self._working: dict[Future[Outcome], tuple[Session, Letter]] = {}
        self._again: list[Letter] = []
        self._settled = 0
        self._busy = ""
        self._error: BaseException | None = None
        self._next = 0.0  # when the rate lets the next letter go, by the monotonic clock

    def send(self, letters: Iterator[Letter], sleep: Callable[[float], None]) -> None:
        """Try all letters, then those again that were put off; see :func:`send`."""
        attempts = 0
        older: Iterator[Letter] = iter(())
        while True:
            settled = self._settled
            cut = self._round(chain(letters, older), sleep)
            if self._error:
                raise self._error
            if not (cut or self._again):
                return
            # A server that stops in the midst of its work uses up nobody's attempt.
            if not cut or self._settled == settled:
                attempts += 1
            answered = any(session.answered for session in self._sessions)
            if attempts >= self._server.attempts or not answered:
                break
            sleep(_PAUSE * _LONGER ** max(attempts - 1, 0))
            older = iter([*older, *self._again])
            self._again.clear()
        if cut or not answered:
            place = f"{self._server.host}:{self._server.port}"
            raise DeliveryError(self._busy, where=place, remedy="what is left is sent the next time")

    def _round(self, letters: Iterator[Letter], sleep: Callable[[float], None]) -> bool:
        """Give out letters until there are no more, or no connection takes any: then return True."""
        self._idle = sorted(self._sessions, key=lambda session: session.is_open)  # the last one works first
        more = True
        try:
            while self._working or (more and self._idle):
                delay = max(0.0, self._next - time.monotonic()) if more and self._idle else None
                if delay == 0.0:
                    more = self._start(next(letters, None))
                elif self._working:
                    self._finish(wait(self._working, delay, FIRST_COMPLETED).done)
                else:
                    sleep(delay or 0.0)
        finally:  # what is under way is not cut off: whoever keeps the journal should know what came of it
            self._finish(wait(self._working).done)
        return more

    def _start(self, letter: Letter | None) -> bool:
        if letter is None:
            return False
        if self._server.rate:
            self._next = max(self._next, time.monotonic()) + 1 / self._server.rate
        self._begun(letter)
        session = self._idle.pop()
        self._working[self._threads.submit(session.deliver, letter)] = (session, letter)
        return True

    def _finish(self, done: Iterable[Future[Outcome]]) -> None:
        for future in done:
            session, letter = self._working.pop(future)
            error = future.exception()
            if error is None:
                outcome = future.result()
                self._idle.append(session)
            else:
                outcome = Outcome(Status.WAITING, str(error))
            if isinstance(error, BusyError):  # the session rests until the next round
                self._busy = str(error)
            elif error:
                self._error = self._error or error
            if outcome.status is Status.WAITING:
                self._again.append(letter)
            else:
                self._settled += 1
            self._ended(letter, outcome)
        if self._error:
            self._idle.clear()
