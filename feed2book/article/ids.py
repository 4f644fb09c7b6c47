"""Ids that are XML names, the same in every build, whatever the author's ids were."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_LENGTH = 60  # characters

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,59}")


def xml_id(raw: str) -> str:
    """Return ``raw`` if it is an ASCII XML name of sensible length, else a name that derives from it.

    Links from other posts find the same name without seeing the element.
    """
    raw = raw.strip()
    if _NAME.fullmatch(raw):
        return raw
    base = _ascii(raw)
    digest = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{base}-{digest}" if base else f"n-{digest}"


def slug(text: str) -> str:
    """Return an id made of the Latin letters and digits of ``text``, or ``""`` when it has too few."""
    name = _ascii(text).lower()
    return name if sum(character.isalpha() for character in name) > 1 else ""


def _ascii(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text[:500]).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_]+", "-", folded).strip("-")
    name = re.sub(r"^(?=[0-9])", "n-", name)
    return name[: MAX_LENGTH - 10].rstrip("-")
