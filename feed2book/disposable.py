"""SQLite files that may be lost: one that is damaged begins anew, one that cannot be used is done without."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path


def open_file(
    file: Path, wait: float, prepare: Callable[[sqlite3.Connection], object]
) -> sqlite3.Connection | None:
    """Open a file that several threads use in turn, each statement for good unless it says ``BEGIN``.

    Args:
        file: made if need be, and its folder, for its owner only.
        wait: seconds for another run to be done writing.
        prepare: makes its tables, and whatever else it begins with.

    Returns:
        The connection; None if the file cannot be used.
    """
    for _ in range(2):
        database = None
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            database = sqlite3.connect(file, timeout=wait, isolation_level=None, check_same_thread=False)
            prepare(database)
        except (OSError, sqlite3.OperationalError):
            close(database)
            return None
        except sqlite3.DatabaseError:  # no database, or a damaged one: begin anew
            close(database)
            delete(file)
        else:
            return database
    return None


def close(database: sqlite3.Connection | None) -> None:
    """Close a connection, whatever it says to that."""
    if database is not None:
        with contextlib.suppress(sqlite3.Error):
            database.close()


def give_up(file: Path, database: sqlite3.Connection, error: sqlite3.Error) -> None:
    """Close a connection that failed; a damaged file goes.

    One that is busy or full stays, and one in which another run forgot what this one has in hand.
    """
    close(database)
    if not isinstance(error, (sqlite3.OperationalError, sqlite3.IntegrityError)):
        delete(file)


def delete(file: Path) -> None:
    """Delete a database and what SQLite keeps beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            file.with_name(file.name + ending).unlink(missing_ok=True)
