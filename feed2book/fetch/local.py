"""Sources that need no network: files, standard input, and ``data:`` addresses."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from feed2book.errors import FetchError, UsageError
from feed2book.fetch.failures import too_large
from feed2book.fetch.guard import is_here, literal, plain_host, shown
from feed2book.models import Response

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w-]+(?:\.[\w-]+)*)(:\d{1,5})?([/?].*)?", re.DOTALL)
_FILE_ENDING = re.compile(r"\.(atom|csv|gz|htm|html|json|opml|rdf|rss|txt|xml|zip)$", re.IGNORECASE)
_TYPES = {".json": "application/json", ".htm": "text/html", ".html": "text/html"}
_CHUNK = 1 << 20


def address_of(source: str) -> str:
    """Return the web address that a user's source means, or ``""`` if it names a file.

    ``feed:`` addresses are https. What has no scheme, names no file and looks like a host is https,
    too (this machine: http).

    Raises:
        UsageError: its scheme is none that we can fetch.
    """
    text = source.strip()
    if _exists(source):
        return ""
    scheme = _SCHEME.match(text)
    if scheme:
        return _with_scheme(text, scheme[1].lower())
    host = _HOST.fullmatch(text)
    if not host or not _looks_remote(host):
        return ""
    return f"{'http' if is_here(host[1]) else 'https'}://{text}"


def _exists(source: str | Path) -> bool:
    try:
        return Path(source).exists()
    except (OSError, ValueError):  # no possible name, such as one of 5,000 characters
        return False


def _with_scheme(text: str, scheme: str) -> str:
    if scheme in ("http", "https"):
        return text
    if scheme == "feed":
        rest = text[5:]
        return rest if re.match(r"https?:", rest, re.IGNORECASE) else f"https://{rest.lstrip('/')}"
    if scheme == "file":
        return ""
    raise UsageError(
        f"{scheme}: addresses cannot be fetched",
        where=shown(text),
        remedy="give an http(s) address or a file",
    )


def _looks_remote(match: re.Match[str]) -> bool:
    host, port, rest = match.groups()
    if plain_host(host) == "localhost" or host.startswith("[") or (port and literal(host)):
        return True
    if "." not in host or (not rest and _FILE_ENDING.search(host)):
        return False
    return bool(re.search(r"\.[^\W\d_]{2,}$|\.xn--[\w-]+$", host)) or bool(
        literal(host) and host.count(".") == 3
    )


def path_of(source: str) -> Path | None:
    """Return the path of a source that names something in the file system, else None."""
    path = _path(source)
    return path if _exists(path) else None


def _path(source: str) -> Path:
    return Path(unquote(urlsplit(source).path)) if source[:5].lower() == "file:" else Path(source)


def read_picture(path: Path, limit: int) -> Response:
    """Read a picture in a folder that the user named.

    Raises:
        FetchError: it is too large, or cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return Response(path.name, 200, (), _read(stream, limit, path.name))
    except OSError as error:
        raise FetchError(f"the file cannot be read ({error.strerror})", where=path.name) from error


def read_file(source: str, limit: int, base: str) -> Response:
    """Read a file that the user named (a path, or a ``file:`` address).

    Args:
        source: what was typed.
        limit: size in bytes that it may have at most.
        base: the address to report as its own; ``""``: its ``file:`` address.

    Raises:
        UsageError: it is not there, is a directory, or may not be read.
        FetchError: it is too large, or the system failed to read it.
    """
    path = _path(source)
    try:
        if path.is_dir():
            raise UsageError("this is a directory", where=str(path), remedy="name a file in it")
        with path.open("rb") as stream:
            body = _read(stream, limit, str(path))
        address = base or path.absolute().as_uri()
    except FileNotFoundError as error:
        remedy = "check the name; a web address starts with https://"
        raise UsageError("there is no such file", where=shown(source), remedy=remedy) from error
    except PermissionError as error:
        raise UsageError("this file may not be read", where=source, remedy="check its permissions") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a file name"
        raise FetchError(f"the file cannot be read ({reason})", where=shown(source)) from error
    media_type = _TYPES.get(path.suffix.lower(), "")
    return Response(address, 200, (("content-type", media_type),), body, source)


def read_stdin(stream: BinaryIO, limit: int, base: str) -> Response:
    """Read a feed from standard input, to its end.

    Raises:
        FetchError: it is too large.
    """
    return Response(base, 200, (("content-type", ""),), _read(stream, limit, "-"), "-")


def _read(stream: BinaryIO, limit: int, where: str) -> bytes:
    """Read all, in pieces: a size is not known of a pipe, and must not be trusted of a file."""
    parts, size = [], 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise too_large(limit, where)
        parts.append(chunk)
    return b"".join(parts)


def read_data(url: str, limit: int) -> Response:
    """Decode a ``data:`` address (RFC 2397).

    Raises:
        FetchError: it is damaged, or too large.
    """
    head, comma, data = url[5:].partition(",")
    if not comma:
        raise FetchError("this data: address has no data", where=shown(url))
    if len(data) > 3 * limit:
        raise too_large(limit, url)
    media_type, *parameters = (part.strip().lower() for part in head.split(";"))
    body = unquote_to_bytes(data)
    if "base64" in parameters:
        try:
            packed = bytes(byte for byte in body if byte not in b" \t\r\n\f").rstrip(b"=")
            body = b64decode(packed + b"=" * (-len(packed) % 4), altchars=_altchars(packed), validate=True)
        except ValueError as error:
            raise FetchError("this data: address is damaged", where=shown(url)) from error
    if len(body) > limit:
        raise too_large(limit, url)
    headers = (("content-type", media_type or "text/plain"),)
    return Response(shown(url), 200, headers, body, url)


def _altchars(packed: bytes) -> bytes | None:
    return b"-_" if b"-" in packed or b"_" in packed else None
