"""Secrets: from the environment, a file, a command or the system's keyring. They are never shown."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feed2book.errors import UsageError

if TYPE_CHECKING:
    from feed2book.models import Secret

_PATIENCE = 30  # seconds that a command may take: time to touch a key or type a PIN
_LONGEST = 2_000_000  # bytes of a secret's file; a DKIM key has 4,000, a browser's cookies a million
# Words after a command's name can be secret themselves, and are not shown.
_SHOWN = {
    "env": "the variable {}",
    "file": "the file {}",
    "command": "the command {}",
    "keyring": "the keyring's entry {} {}",
}


class _AbsentError(Exception):
    """A secret is not where it should be; the message says why."""


def reveal(secret: Secret, environ: Mapping[str, str]) -> str:
    """Return a secret.

    Args:
        secret: where it is to be had.
        environ: the variables; a command gets them, too.

    Returns:
        The variable's value; the file without line ends at its end; the first line of what the command
        prints; the keyring's password.

    Raises:
        UsageError: it is not there, or it is empty. The message names the place, never what was found.
    """
    try:
        found = _found(secret, environ)
    except _AbsentError as absent:
        remedy = "pipx inject feed2book keyring" if isinstance(absent.__cause__, ImportError) else ""
        raise UsageError(
            f"the secret cannot be had: {absent}", where=described(secret), remedy=remedy
        ) from absent
    if not found:
        raise UsageError("the secret is empty", where=described(secret))
    return found


def described(secret: Secret) -> str:
    """Return where a secret is to be had, in a few words without anything secret."""
    return _SHOWN[secret.kind].format(*secret.place)


def all_secrets(value: object) -> Iterator[Secret]:
    """Yield the secrets of a configuration, or of any part of it."""
    from feed2book.models import Secret

    if isinstance(value, Secret):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from all_secrets(each)
    elif is_dataclass(value):
        for part in fields(value):
            yield from all_secrets(getattr(value, part.name))


def exposed(secret: Secret) -> bool:
    """Whether others on this machine may read the secret's file."""
    try:
        mode = Path(secret.place[0]).stat().st_mode if secret.kind == "file" else 0
    except OSError:
        return False  # reveal() says so better
    return bool(mode & (stat.S_IRGRP | stat.S_IROTH))


def _found(secret: Secret, environ: Mapping[str, str]) -> str:
    if secret.kind == "command":
        return _printed(secret.place, environ)
    if secret.kind == "keyring":
        return _kept(*secret.place)
    if secret.kind == "file":
        return _read(Path(secret.place[0]))
    if secret.place[0] not in environ:
        raise _AbsentError("there is no such variable")
    return environ[secret.place[0]]


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LONGEST + 1)
    except (OSError, ValueError) as error:
        raise _AbsentError(_reason(error)) from error
    if len(data) > _LONGEST:
        raise _AbsentError(f"it has more than {_LONGEST:,} bytes")
    try:
        return data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise _AbsentError("it is not UTF-8 text") from None  # the error holds the bytes


def _printed(words: tuple[str, ...], environ: Mapping[str, str]) -> str:
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 (the user's own command, and no shell)
            words, stdout=subprocess.PIPE, timeout=_PATIENCE, check=False, env=environ
        )
    except subprocess.TimeoutExpired:
        raise _AbsentError(
            f"it was not done after {_PATIENCE} seconds"
        ) from None  # it holds what was printed
    except (OSError, ValueError) as error:
        raise _AbsentError(_reason(error)) from error
    if done.returncode:
        raise _AbsentError(f"it ended with {done.returncode}")
    return done.stdout.decode("utf-8", "replace").partition("\n")[0].rstrip("\r")


def _kept(service: str, user: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise _AbsentError("keyring is not installed") from error
    try:
        found = keyring.get_password(service, user)
    except KeyringError as error:
        raise _AbsentError("no keyring answers") from error
    if found is None:
        raise _AbsentError("there is no such entry")
    return found


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or "this is no name of a file").lower()
