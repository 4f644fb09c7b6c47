"""The SQLite file: opened, brought up to date, and its troubles told in one line."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from feed2book.errors import StateError

FILE = "state.sqlite3"

_PATIENCE = 10.0  # seconds for another program that writes
_REMEDY = {
    sqlite3.SQLITE_BUSY: ("another program holds it", "close that program and run again"),
    sqlite3.SQLITE_LOCKED: ("another program holds it", "close that program and run again"),
    sqlite3.SQLITE_FULL: ("the disk is full", "free some space and run again"),
    sqlite3.SQLITE_READONLY: ("it is read-only", "make the file and its folder writable"),
    sqlite3.SQLITE_PERM: ("reading it is not permitted", "make the file and its folder readable"),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "make the folder readable and writable"),
    sqlite3.SQLITE_IOERR: ("the disk reports an error", "check the disk and its free space"),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "put a copy in its place; state.sqlite3.before-… is one"),
    sqlite3.SQLITE_NOTADB: ("it is no database", "put a copy in its place, or move it away to begin anew"),
}

_MIGRATIONS = (
    """
    CREATE TABLE sources (
        edition TEXT NOT NULL, address TEXT NOT NULL,
        since INTEGER NOT NULL, -- seconds since 1970: older posts are never sent
        read INTEGER NOT NULL DEFAULT 0, -- 1 once its posts have been looked at
        PRIMARY KEY (edition, address)) WITHOUT ROWID;
    CREATE TABLE issues (
        edition TEXT NOT NULL, number INTEGER NOT NULL,
        title TEXT NOT NULL, identifier TEXT NOT NULL, language TEXT NOT NULL,
        issued INTEGER NOT NULL, delivered INTEGER,
        PRIMARY KEY (edition, number)) WITHOUT ROWID;
    CREATE TABLE posts (
        edition TEXT NOT NULL, number INTEGER NOT NULL, position INTEGER NOT NULL,
        key TEXT NOT NULL, title TEXT NOT NULL, url TEXT NOT NULL,
        authors TEXT NOT NULL, -- a JSON list
        published INTEGER, source TEXT NOT NULL,
        PRIMARY KEY (edition, number, position),
        FOREIGN KEY (edition, number) REFERENCES issues) WITHOUT ROWID;
    CREATE TABLE files (
        edition TEXT NOT NULL, number INTEGER NOT NULL, position INTEGER NOT NULL,
        output TEXT NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL,
        PRIMARY KEY (edition, number, position),
        FOREIGN KEY (edition, number) REFERENCES issues) WITHOUT ROWID;
    CREATE TABLE dispatches (
        edition TEXT NOT NULL, number INTEGER NOT NULL, delivery TEXT NOT NULL, address TEXT NOT NULL,
        name TEXT NOT NULL, token TEXT NOT NULL, message_id TEXT NOT NULL,
        status TEXT NOT NULL, attempts INTEGER NOT NULL, said TEXT NOT NULL,
        PRIMARY KEY (edition, number, delivery, address),
        FOREIGN KEY (edition, number) REFERENCES issues) WITHOUT ROWID;
    CREATE TABLE marks (
        id INTEGER PRIMARY KEY, edition TEXT NOT NULL, feed TEXT NOT NULL, post TEXT NOT NULL,
        guid TEXT NOT NULL, link TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
        digest TEXT NOT NULL, number INTEGER NOT NULL);
    CREATE INDEX marks_guid ON marks (edition, guid, link, title, text);
    CREATE INDEX marks_link ON marks (edition, link);
    CREATE INDEX marks_title ON marks (edition, title);
    CREATE INDEX marks_text ON marks (edition, text);
    """,
    """
    CREATE TABLE polls (
        address TEXT NOT NULL, access TEXT NOT NULL, -- of all editions that ask alike
        asked INTEGER NOT NULL, -- as all times: seconds since 1970
        status INTEGER NOT NULL, error TEXT NOT NULL, failures INTEGER NOT NULL, since INTEGER,
        moved TEXT NOT NULL, etag TEXT NOT NULL, modified TEXT NOT NULL,
        every INTEGER NOT NULL, -- seconds
        said TEXT NOT NULL, patience INTEGER, posts INTEGER NOT NULL, new INTEGER NOT NULL,
        PRIMARY KEY (address, access)) WITHOUT ROWID;
    """,
)
"""What brings a database from version N to N + 1 (``PRAGMA user_version``). Only added to, never changed."""


def made(folder: Path) -> Path:
    """Return the folder; made if need be, for its owner only.

    Raises:
        StateError: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder for what was delivered cannot be made ({error.strerror})"
        raise StateError(message, where=str(folder), remedy="make it, or set XDG_DATA_HOME") from error
    return folder


def connected(folder: Path, *, writable: bool) -> sqlite3.Connection:
    """Open the database in the folder and bring it up to date; the file as it was before is kept beside it.

    Args:
        folder: the data folder.
        writable: else nothing on the disk changes, and where there is no database an empty one is given.

    Raises:
        StateError: it cannot be opened, is damaged, or is of another version than this program's.
    """
    file = folder / FILE
    with troubles(file):
        database = _opened(file, writable=writable)
        try:
            _check_version(database, file, writable=writable)
        except BaseException:
            database.close()
            raise
        return database


def _opened(file: Path, *, writable: bool) -> sqlite3.Connection:
    if not writable:
        place = f"{file.resolve().as_uri()}?mode=ro" if file.exists() else ":memory:"
        return sqlite3.connect(place, timeout=_PATIENCE, isolation_level=None, uri=True)
    database = sqlite3.connect(made(file.parent) / FILE, timeout=_PATIENCE, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        database.close()
        raise
    return database


def _check_version(database: sqlite3.Connection, file: Path, *, writable: bool) -> None:
    ours = len(_MIGRATIONS)
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    if version > ours:
        message = f"it was written by a newer feed2book (version {version}, this one knows {ours})"
        raise StateError(message, where=str(file), remedy="install the newer feed2book again")
    if version < ours and not writable and file.exists():
        message = "it was written by an older feed2book"
        raise StateError(message, where=str(file), remedy="run an edition once, which brings it up to date")
    if 0 < version < ours:
        _back_up(database, file.with_name(f"{FILE}.before-{ours}"))
    for number, script in enumerate(_MIGRATIONS[version:], version + 1):
        database.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")


def _back_up(database: sqlite3.Connection, copy: Path) -> None:
    """Write a copy that is whole or not there."""
    half = copy.with_name(f"{copy.name}.half")
    half.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(half)) as target:
        database.backup(target)
    half.replace(copy)


@contextlib.contextmanager
def troubles(file: Path) -> Iterator[None]:
    """Turn what SQLite raises into one line with the remedy.

    Raises:
        StateError: the database could not be read or written.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        message, remedy = _REMEDY.get(code, (str(error), "run again with -vv and tell us"))
        raise StateError(f"the record of deliveries: {message}", where=str(file), remedy=remedy) from error
    except OSError as error:
        message = f"the record of deliveries cannot be used ({error.strerror})"
        raise StateError(message, where=str(file), remedy="check its folder") from error


@contextlib.contextmanager
def transaction(database: sqlite3.Connection, *, durable: bool = False) -> Iterator[None]:
    """Do all of it or nothing. A ``durable`` one outlives a power cut from the moment on that it is over."""
    if durable:
        database.execute("PRAGMA synchronous = FULL")
    try:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
            database.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back already
                database.execute("ROLLBACK")
            raise
    finally:
        if durable:
            database.execute("PRAGMA synchronous = NORMAL")
