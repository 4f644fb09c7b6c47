"""A folder of saved web pages, with the pictures that browsers put beside them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urljoin

from feed2book.errors import FetchError, UsageError
from feed2book.fetch.failures import too_large
from feed2book.models import SAVED, Folder, Response

_PAGE = re.compile(r"\.x?html?$", re.IGNORECASE)
# What browsers call the folder for the parts of ``NAME.html``, in several languages.
_PARTS = re.compile(
    r"[_.-](?:files|Dateien|fichiers|archivos|ficheiros|arquivos|bestanden|file|filer|pliki)$", re.IGNORECASE
)
_MOST_FILES = 200_000
_NUMBER = re.compile(r"(\d+)")


def open_folder(path: Path, base: str, limit: int) -> Folder:
    """List a folder that the user named; its pages are read one after the other.

    What a link in the file system leads to is left out, since pages of the web may be anybody's and the
    pictures that they name are read. Pages in the folder of another page's parts are frames of that.

    Args:
        path: where it is.
        base: the web address that the folder stands for (a mirror of a site), or ``""``.
        limit: bytes that all pages may have together.

    Raises:
        UsageError: it may not be read, or there is no page in it.
        FetchError: there is too much in it.
    """
    try:
        files = sorted(_files(path), key=_natural)
    except OSError as error:
        raise UsageError(
            f"this folder cannot be read ({error.strerror})", where=str(path), remedy="check its permissions"
        ) from error
    known = set(files)
    pages = [name for name in files if _PAGE.search(name) and not _is_part(name, known)]
    if not pages:
        raise UsageError(
            "there is no web page in this folder", where=str(path), remedy="name one with saved *.html files"
        )
    place = path.absolute()
    digest = hashlib.sha256(os.fsencode(place.resolve())).hexdigest()[:8]
    return Folder(
        name=place.name,
        url=place.as_uri(),
        pages=_read(place, pages, base, limit),
        pictures=frozenset(known.difference(pages)),
        prefix=f"{SAVED}{digest}/",
    )


def _files(top: Path) -> Iterator[str]:
    """Yield the paths, from the folder, of all files in it that are no links."""

    def fail(error: OSError) -> None:
        if error.filename == os.fspath(top):
            raise error

    count = 0
    for folder, names, files in os.walk(top, onerror=fail):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in files:
            path = Path(folder, name)
            if path.is_symlink() or not path.is_file():
                continue
            count += 1
            if count > _MOST_FILES:
                raise FetchError(f"more than {_MOST_FILES:,} files are in this folder", where=str(top))
            yield path.relative_to(top).as_posix()


def _natural(name: str) -> tuple[object, ...]:
    """Sort ``2.html`` before ``10.html``."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in _NUMBER.split(name)
    )


def _is_part(name: str, known: set[str]) -> bool:
    """Whether a page lies in the folder of the parts of another one."""
    for parent in Path(name).parents:
        if match := _PARTS.search(parent.name):
            whole = parent.as_posix()[: -len(match[0])]
            if not known.isdisjoint((f"{whole}.html", f"{whole}.htm", f"{whole}.xhtml")):
                return True
    return False


def _read(top: Path, pages: list[str], base: str, limit: int) -> Iterator[Response]:
    left = limit
    for name in pages:
        path = top / name
        try:
            with path.open("rb") as stream:
                body = stream.read(left + 1)
        except OSError as error:
            raise FetchError(f"the file cannot be read ({error.strerror})", where=str(path)) from error
        left -= len(body)
        if left < 0:
            raise too_large(limit, str(top))
        url = urljoin(base, quote(name)) if base else path.as_uri()
        yield Response(url, 200, (("content-type", "text/html"),), body, requested=name)
