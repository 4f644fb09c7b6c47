"""Header fields of a message, written by hand (RFC 5322, 2047, 2231).

The standard library's folding lets lines grow too long and leaves marks undecodable for titles such as
feeds have (long addresses, quotes beside emoji), so that each field is encoded here, once and simply.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from email.headerregistry import Address
from email.utils import parseaddr
from functools import lru_cache
from urllib.parse import quote

from feed2book.errors import UsageError
from feed2book.models import is_mail_address
from feed2book.render.characters import cut_short

_LINE = 76
_LONGEST = 200  # characters of a subject or a name
_OCTETS = 39  # of an encoded word: with its marks and the longest field name it stays below 78
_PIECE = 50  # characters of a long parameter's piece
_FOLD = "\r\n "
_PLAIN = re.compile(r"[A-Za-z0-9=_.-]{1,60}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~ -]*")


def field(name: str, value: str) -> str:
    """Return one field, its value already encoded and folded, with its line end."""
    return f"{name}: {value}\r\n"


def one_line(text: str) -> str:
    """Return text fit for a header: one line, no control characters, at most 200 characters.

    Nothing in it reads as an encoded word, and U+FFFD (a letter that was lost before) becomes ``?``.
    """
    kept = (" " if char.isspace() else char for char in text if char.isspace() or _printable(char))
    line = " ".join("".join(kept).replace("\ufffd", "?").replace("=?", "= ?").split())
    return cut_short(line, _LONGEST)


def _printable(char: str) -> bool:
    # Joiners make Persian words and emoji what they are; other format characters only do harm here.
    return char in "\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def unstructured(text: str, name: str) -> str:
    """Return the text as the value of a field of that name (``Subject``): folded, encoded if need be.

    Nothing left of it: ``Digest``, for a subject may not be missing.
    """
    line = one_line(text) or "Digest"
    if line.isascii() and all(len(word) < _LINE - len(name) - 3 for word in line.split(" ")):
        return _folded(line, len(name) + 2)
    return _FOLD.join(_encoded_words(line))


def _folded(line: str, used: int) -> str:
    """Break plain text before words, so that no line is too long; the first one has ``used`` less."""
    out, at = "", used
    for word in line.split(" "):
        if out and at + 1 + len(word) > _LINE:
            out, at = f"{out}{_FOLD}{word}", 1 + len(word)
        else:
            out, at = f"{out} {word}" if out else word, at + 1 + len(word)
    return out


def _encoded_words(text: str) -> Iterator[str]:
    """Yield the text as encoded words (RFC 2047), each of whole characters."""
    chunk = b""
    for char in text:
        octets = char.encode("utf-8", "replace")
        if len(chunk) + len(octets) > _OCTETS:
            yield _encoded_word(chunk)
            chunk = b""
        chunk += octets
    yield _encoded_word(chunk)


def _encoded_word(octets: bytes) -> str:
    return f"=?utf-8?b?{b64encode(octets).decode('ascii')}?="


@lru_cache(maxsize=16)  # each letter asks for the same sender
def parse_address(value: str, role: str) -> Address:
    """Return the parsed address.

    Args:
        value: ``name@host`` or ``Name <name@host>``.
        role: what it is the address of, for the error.

    Raises:
        UsageError: it is not an address, or one that needs more than ASCII outside of its name.
    """
    name, spec = parseaddr(value)
    # parseaddr repairs what it cannot read; an address is taken as it was written, or not at all.
    if re.search(r"[\r\n\0]", value) or spec not in value:
        raise _not_an_address(value, role)
    return address_of(name, spec, role)


def address_of(name: str, spec: str, role: str) -> Address:
    """Return the address of that name (``""`` for none) and ``name@host``; see :func:`parse_address`."""
    if not is_mail_address(spec):
        raise _not_an_address(spec, role)
    user, _, host = spec.partition("@")
    return Address(one_line(name), user, host)


def _not_an_address(value: str, role: str) -> UsageError:
    remedy = "write it as name@example.org or 'Name <name@example.org>'"
    return UsageError(f"the {role} is not a mail address", where=one_line(value), remedy=remedy)


def mailbox(address: Address) -> str:
    """Return an address as the value of a field: ``Name <name@host>``, its name quoted or encoded."""
    name, spec = address.display_name, address.addr_spec
    if not name:
        return spec
    if not name.isascii() or len(name) > _LINE - 10:
        name = _FOLD.join(_encoded_words(name))
    elif not _ATOMS.fullmatch(name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    last = len(name) - name.rfind("\r\n")
    gap = " " if last + len(spec) + 10 < _LINE else _FOLD
    return f"{name}{gap}<{spec}>"


def parameter(name: str, value: str) -> str:
    """Return a parameter of a MIME field, on lines of its own: a plain value quoted, another by RFC 2231."""
    if _PLAIN.fullmatch(value):
        return f';{_FOLD}{name}="{value}"'
    pieces = [""]
    for char in value:
        code = quote(char.encode("utf-8", "replace"), safe="")
        if len(pieces[-1]) + len(code) > _PIECE:
            pieces.append("")
        pieces[-1] += code
    pieces[0] = f"utf-8''{pieces[0]}"
    if len(pieces) == 1:
        return f";{_FOLD}{name}*={pieces[0]}"
    return "".join(f";{_FOLD}{name}*{number}*={piece}" for number, piece in enumerate(pieces))
