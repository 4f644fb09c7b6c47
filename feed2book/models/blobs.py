"""What large work is given: bytes that need not be held, a memory of what was made, other processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that are held, or lie in a file (``path``) until they are wanted.

    ``keeper`` is what the file lives as long as. It does not go along to another process: who sends a
    blob there keeps it for as long as the other works.
    """

    held: bytes = field(default=b"", repr=False)
    path: Path | None = None
    keeper: object = field(default=None, repr=False, compare=False)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size if self.path else len(self.held)

    def open(self) -> BinaryIO:
        """Return a stream to read from; close it."""
        return self.path.open("rb") if self.path else BytesIO(self.held)

    def read(self) -> bytes:
        """Return all bytes."""
        return self.path.read_bytes() if self.path else self.held

    def __reduce__(self) -> tuple[type[Blob], tuple[bytes, Path | None]]:
        return Blob, (self.held, self.path)


class Shelf(Protocol[T]):
    """What was made before, by a name for all that decides it. It may lose anything at any time."""

    def get(self, key: str) -> T | None:
        """Return what was put under the key, or None."""

    def put(self, key: str, value: T) -> None:
        """Keep the value under the key."""


class Each(Protocol):
    """What applies a function to each of some things, in order, in whichever process."""

    def __call__(self, function: Callable[[A], B], items: Sequence[A], *, seconds: float) -> Iterable[B]:
        """Return the results, in order; ``seconds`` is about how long all of it takes in one process."""


class Spool(Protocol):
    """Where what is large lies while a run lasts."""

    def write(self, fill: Callable[[BinaryIO], None]) -> Blob:
        """Return what ``fill`` writes into the stream that it is given, which can seek."""


class Memory:
    """A spool that holds everything."""

    def write(self, fill: Callable[[BinaryIO], None]) -> Blob:
        """See :meth:`Spool.write`."""
        stream = BytesIO()
        fill(stream)
        return Blob(stream.getvalue())


MEMORY: Spool = Memory()
