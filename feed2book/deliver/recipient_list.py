"""Who gets a letter: the configuration's own list, a CSV file, what a command prints, less who wants none."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from feed2book.errors import Code, DeliveryError, UsageError
from feed2book.models import Notice, Recipient, Recipients, ascii_address, is_mail_address, same_mailbox

_PATIENCE = 120.0  # seconds that a command may take
_SEPARATORS = ",;\t"
_LONGEST_LINE = 10_000  # characters


def recipients(wanted: Recipients) -> tuple[tuple[Recipient, ...], tuple[Notice, ...]]:
    """Return who gets a letter, each address once, in the order in which they are named.

    Args:
        wanted: where they are named. The first to name an address says name and token.

    Returns:
        The recipients, their addresses in ASCII (a host such as ``bücher.example`` becomes
        ``xn--bcher-kva.example``), and a notice for each line that names none.

    Raises:
        UsageError: a file is not there, or has no column ``email``; a command is not there.
        DeliveryError: the command failed.
    """
    notices: list[Notice] = []
    gone = suppressed(wanted.suppressed)
    found: dict[str, Recipient] = {}
    for place, recipient in _named(wanted):
        address = ascii_address(recipient.address)
        if not is_mail_address(address):
            message = f"{recipient.address[:80]!r} is not a mail address, and gets nothing"
            notices.append(Notice(Code.RECIPIENT_SKIPPED, message, place))
        elif same_mailbox(address) not in gone:
            found.setdefault(same_mailbox(address), Recipient(address, recipient.name, recipient.token))
    return tuple(found.values()), tuple(notices)


def suppressed(file: Path | None) -> frozenset[str]:
    """Return the addresses that get nothing, as :func:`same_mailbox` spells them.

    Args:
        file: one address a line; empty lines and those that begin with ``#`` do not count. None: nobody.

    Raises:
        UsageError: the file cannot be read. To send as if nobody had unsubscribed would be worse.
    """
    if file is None:
        return frozenset()
    lines = (line.strip() for line in _text(_read(file), str(file)))
    return frozenset(same_mailbox(ascii_address(line)) for line in lines if line and not line.startswith("#"))


def _named(wanted: Recipients) -> Iterator[tuple[str, Recipient]]:
    """Yield all that are named, whoever they are, with the place."""
    for recipient in wanted.listed:
        yield "recipients", recipient
    if wanted.csv:
        yield from _rows(_read(wanted.csv), str(wanted.csv))
    if wanted.command:
        yield from _rows(_output(wanted.command), wanted.command[0])


def _rows(data: bytes, place: str) -> Iterator[tuple[str, Recipient]]:
    """Yield the lines of a CSV file.

    Each line is read by itself: no address, name or token goes over two, and a quote that somebody forgot to
    close does not swallow the readers below it.
    """
    lines = _text(data, place)
    head = next(lines, "")
    separator = max(_SEPARATORS, key=head.count)
    columns = [name.strip().casefold() for name in _cells(head, separator)]
    if "email" not in columns:
        remedy = "begin it with a line such as: email,name,token"
        raise UsageError("this CSV has no column email", where=place, remedy=remedy)
    for number, line in enumerate(lines, 2):
        cells = dict(zip(columns, (cell.strip() for cell in _cells(line, separator)), strict=False))
        if any(cells.values()):
            recipient = Recipient(cells.get("email", ""), cells.get("name", ""), cells.get("token", ""))
            yield f"{place}, line {number}", recipient


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line[:_LONGEST_LINE]], delimiter=separator), [])


def _text(data: bytes, place: str) -> Iterator[str]:
    """Yield the lines of UTF-8, with or without a mark at its begin."""
    try:
        return (line.rstrip("\n") for line in io.StringIO(data.decode("utf-8-sig"), newline=None))
    except UnicodeDecodeError as error:
        raise UsageError("this is not UTF-8", where=place, remedy="save it as UTF-8 (CSV UTF-8)") from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror}", where=str(file)) from error


def _output(command: Iterable[str]) -> bytes:
    words = list(command)
    try:
        done = subprocess.run(  # noqa: S603 (the user's own command, without a shell)
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        message = f"the command for recipients took more than {_PATIENCE:.0f} seconds"
        raise DeliveryError(message, where=words[0]) from error
    except (OSError, ValueError) as error:
        raise UsageError(f"the command for recipients cannot be run: {error}", where=words[0]) from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").split("\n")
        said = next((line.strip()[:200] for line in reversed(lines) if line.strip()), "it says nothing")
        message = f"the command for recipients failed with status {done.returncode}: {said}"
        raise DeliveryError(message, where=words[0])
    return done.stdout
