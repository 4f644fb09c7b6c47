"""Marks in the HTML of articles that each renderer spells in its own way.

Article HTML never spells a link inside the book, an id or an image address. It carries tokens
instead, which each renderer replaces in its own way by plain substitution (:func:`substitute`).
A token is ``U+FDD0 kind:value U+FDD1``. Both characters are Unicode noncharacters, and
``article`` removes them from whatever a feed sends, so that no feed can forge a token.

==================  ========================  =============================================
kind                stands for                where
==================  ========================  =============================================
``id:FRAGMENT``     an id of this article     ``id``, ``for``, ``headers``, ``aria-*`` values
``post:KEY#FRAG``   a post of this book       ``href`` (``post:KEY`` is the top of the post)
``image:N``         ``Article.images[N]``     as text, in the place of the whole ``<img>``
``asset:ID``        an asset of the book      ``src`` (written by the binder, never before)
``formula:N``       ``Article.formulas[N]``   as text, in the place of the formula
``unsubscribe:``    where to unsubscribe      a mail's text and ``href`` (written by its templates)
==================  ========================  =============================================
"""

from __future__ import annotations

import re
from collections.abc import Callable

TOKEN_OPEN = "\ufdd0"  # noqa: S105 (not a password)

TOKEN_CLOSE = "\ufdd1"  # noqa: S105

_VALUE = f"([^{TOKEN_OPEN}{TOKEN_CLOSE}]*){TOKEN_CLOSE}"
_TOKEN = re.compile(f"{TOKEN_OPEN}([a-z]+):{_VALUE}")


def token(kind: str, value: str) -> str:
    """Return the token of that ``kind`` (``id``, ``post``, ``image``, ``formula`` …) and ``value``."""
    return f"{TOKEN_OPEN}{kind}:{value}{TOKEN_CLOSE}"


def token_values(html: str, kind: str) -> list[str]:
    """Return the values of the tokens of that ``kind`` in ``html``, in order."""
    return re.findall(f"{TOKEN_OPEN}{kind}:{_VALUE}", html)


def substitute(html: str, spell: Callable[[str, str], str]) -> str:
    """Replace each token of ``html`` by what ``spell(kind, value)`` returns, in one pass."""
    return _TOKEN.sub(lambda match: spell(match[1], match[2]), html)
