"""Values of JSON that anybody may have written: each is of its kind, of a sane size and shape, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN

_LONGEST = 10_000  # characters of one text
_MOST = 50_000  # items of one list
_LARGEST = 10**9
_FORBIDDEN = re.compile(f"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[{TOKEN_OPEN}{TOKEN_CLOSE}]")


class WrongValueError(ValueError):
    """A value is missing or not of its kind; the message says which, for people."""


class Values:
    """The fields of a JSON object. A missing one is empty: ``""``, 0, no items.

    Raises:
        WrongValueError: ``said`` is no object, or, from each method, the field is not of that kind.
    """

    def __init__(self, said: object) -> None:
        if not isinstance(said, dict):
            raise WrongValueError("its record is not what feed2book writes")
        self._said: dict[str, Any] = said

    def text(self, name: str, longest: int = _LONGEST) -> str:
        """Return a text without the characters that XML forbids, and no token."""
        return _text(name, self._said.get(name, ""), longest)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(_text(name, value, _LONGEST) for value in self.list(name))

    def shaped(self, name: str, shape: re.Pattern[str]) -> str:
        """Return a text that wholly matches."""
        return _shaped(name, self.text(name), shape)

    def all_shaped(self, name: str, shape: re.Pattern[str]) -> tuple[str, ...]:
        """Return a list of texts that all match."""
        return tuple(_shaped(name, value, shape) for value in self.texts(name))

    def number(self, name: str) -> int:
        """Return a whole number from 0."""
        value = self._said.get(name)
        if value is None:
            return 0
        if not isinstance(value, int) or not 0 <= value <= _LARGEST:
            raise _wrong(name)
        return int(value)

    def moment(self, name: str) -> datetime | None:
        """Return a time in UTC, or None."""
        text = self.text(name, 40)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise _wrong(name) from error

    def list(self, name: str) -> list[Any]:
        """Return a list of whatever it holds."""
        value = self._said.get(name, [])
        if not isinstance(value, list) or len(value) > _MOST:
            raise _wrong(name)
        return value

    def inner(self, name: str) -> dict[str, Any]:
        """Return an object, by name."""
        value = self._said.get(name, {})
        if not isinstance(value, dict) or len(value) > _MOST:
            raise _wrong(name)
        return value

    def inners(self, name: str) -> Iterator[Values]:
        """Yield a list of objects."""
        return map(Values, self.list(name))


def _text(name: str, value: object, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise _wrong(name)
    return _FORBIDDEN.sub("", value)


def _shaped(name: str, value: str, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(value):
        raise _wrong(name)
    return value


def _wrong(name: str) -> WrongValueError:
    return WrongValueError(f"its record holds a wrong value ({name})")
