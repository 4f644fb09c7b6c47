"""What all parts of the reading of a configuration share: its folder, and the list of what is wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from feed2book.config.faults import Fault
from feed2book.config.lines import Keys
from feed2book.config.schema import SecretTable
from feed2book.errors import UsageError
from feed2book.models import Secret

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """One configuration that is being read.

    Attributes:
        folder: what relative paths count from.
        environ: the variables.
        faults: what was found to be wrong, by the key: one thing at each, the first.
    """

    folder: Path
    environ: Mapping[str, str]
    faults: dict[Keys, Fault] = field(default_factory=dict)

    def fault(self, keys: Keys, message: str, remedy: str = "") -> None:
        """Write down that something is wrong at a key."""
        self.faults.setdefault(keys, Fault(keys, message, remedy))

    def attempt(self, keys: Keys, read: Callable[[str], T], value: str) -> T | None:
        """Return what a value means; where ``read`` refuses it, that is written down."""
        try:
            return read(value)
        except UsageError as error:
            self.fault(keys, error.message, error.remedy)
            return None

    def place(self, text: str) -> Path | None:
        """Return a path that counts from the configuration's folder; None for no text."""
        if not text:
            return None
        with contextlib.suppress(RuntimeError):  # ~nobody: a folder of that name, if there is one
            return self.folder / Path(text).expanduser()
        return self.folder / text

    def secret(self, table: SecretTable | None, keys: Keys) -> Secret | None:
        """Return where a secret is to be had."""
        if table is None:
            return None
        ways = {
            "env": (table.env,) if table.env else (),
            "file": (str(self.place(table.file)),) if table.file else (),
            "command": tuple(table.command),
            "keyring": tuple(table.keyring),
        }
        named = [Secret(kind, place) for kind, place in ways.items() if place]
        if len(named) != 1:
            self.fault(keys, "a secret has one place", f"keep one of {', '.join(ways)}")
            return None
        return named[0]
