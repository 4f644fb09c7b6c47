"""What a source asks for before it answers: where that is to be had, and what was had."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is to be had, never the secret itself.

    ``kind`` is ``env`` (a variable's name), ``file`` (a path), ``command`` (words to run) or ``keyring``
    (service, user).
    """

    kind: str
    place: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """What a source asks for before it answers.

    A ``user`` with a ``password`` (RFC 7617) or a bearer ``token`` (RFC 6750); ``cookies``, a file in
    Netscape's format; ``headers``, more fields of each request by their names; ``proxy``, the address of one
    that the source is to be asked through.
    """

    user: str = ""
    password: Secret | None = None
    token: Secret | None = None
    cookies: Secret | None = None
    headers: tuple[tuple[str, str | Secret], ...] = ()
    proxy: str | Secret = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What :class:`Access` stands for, itself secret: meant for the source's own scheme, host and port alone.

    ``headers`` have lower-case names; ``cookies`` is the text of a file. Nothing of it is ever shown.
    """

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cookies: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)
