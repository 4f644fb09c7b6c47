"""Messages → mailboxes on disk. A message that comes again finds itself there, and nothing happens."""

from __future__ import annotations

import contextlib
import mailbox
import mmap
import os
import re
import time
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from glob import escape
from io import BufferedRandom
from pathlib import Path
from urllib.parse import quote

from feed2book.deliver.files import failure, sync_directory, write_file
from feed2book.errors import DeliveryError
from feed2book.models import Blob

_FROM = re.compile(rb"^(>*From )", re.MULTILINE)
_PATIENCE = 100  # times that a locked mbox is tried,
_INTERVAL = 0.1  # so many seconds apart


def place(kind: str, path: Path, message: bytes, message_id: str, name: str) -> None:
    """Put a message into a mailbox, whole or not at all, once however often this is done.

    Args:
        kind: ``eml`` (a file ``name`` in the folder ``path``), ``maildir`` or ``mbox``.
        path: the folder, the Maildir, the mbox. Maildir and mbox are made if they are not there.
        message: with CRLF.
        message_id: its Message-ID, without angle brackets.
        name: what the file is called.

    Raises:
        DeliveryError: it cannot be written, or another program has the mbox locked.
    """
    if kind == "eml":
        write_file(Blob(message), path / name)
    else:
        try:
            _BOXES[kind](path, message, message_id)
        except OSError as error:
            raise failure(error, path) from error


def _to_maildir(path: Path, message: bytes, message_id: str) -> None:
    waiting, new, read = (path / name for name in ("tmp", "new", "cur"))
    for folder in (path, waiting, new, read):
        folder.mkdir(mode=0o700, exist_ok=True)
    name = quote(message_id, safe="@")  # no colon, which begins the flags, and no slash
    if (new / name).exists() or any(read.glob(f"{escape(name)}*")):
        return
    write_file(Blob(message), waiting / name)
    (waiting / name).rename(new / name)
    sync_directory(new)


def _to_mbox(path: Path, message: bytes, message_id: str) -> None:
    entry = _entry(message)
    with contextlib.closing(mailbox.mbox(path)) as box:
        _lock(box, path)
        with path.open("r+b") as file:
            end = _end(file, entry, message_id.encode("ascii", "replace"))
            if end is None:
                return
            file.truncate(end)
            file.seek(end)
            file.write(entry)
            file.flush()
            os.fsync(file.fileno())


def _entry(message: bytes) -> bytes:
    """Return a message as it stands in an mbox: a line that begins it, and none in it that could."""
    date = BytesHeaderParser().parsebytes(message)["Date"]
    moment = parsedate_to_datetime(date).utctimetuple() if date else time.gmtime(0)
    head = f"From MAILER-DAEMON {time.asctime(moment)}\n".encode("ascii")
    return head + _FROM.sub(rb">\1", message.replace(b"\r\n", b"\n")) + b"\n"


def _end(file: BufferedRandom, entry: bytes, message_id: bytes) -> int | None:
    """Return where the entry goes in an mbox, None if it is there. What a killed run left of it goes."""
    size = os.fstat(file.fileno()).st_size
    if not size:
        return 0
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        last = data.rfind(b"\nFrom ") + 1
        if size - last < len(entry) and entry.startswith(data[last:]):
            return last
        if data.find(b"\nMessage-ID: <%s>\n" % message_id) >= 0:
            return None
    return size


def _lock(box: mailbox.mbox, path: Path) -> None:
    for _ in range(_PATIENCE):
        try:
            return box.lock()
        except mailbox.ExternalClashError:
            time.sleep(_INTERVAL)
    raise DeliveryError("another program has it locked", where=str(path), remedy="close it and try again")


_BOXES = {"maildir": _to_maildir, "mbox": _to_mbox}
