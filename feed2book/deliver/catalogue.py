"""A catalogue of static files, kept in a folder that a web server shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from feed2book.deliver.files import failure, write_file
from feed2book.models import Artifact, Blob

_ISSUE = re.compile(r"[1-9][0-9]*")
_PAGE = re.compile(r"(?:issues|opds)-[0-9]+\.(?:xml|json)")
_PIECE = 1 << 20  # bytes compared at a time


def write_catalogue(path: Path, files: Sequence[Artifact]) -> None:
    """Make the folder hold this catalogue and no older issues. A repeat changes nothing.

    Each file appears whole. They are written in the order given, so that no list names a book that is not
    there yet; what the catalogue no longer has goes last. Of what else lies in the folder only folders whose
    name is a number, and further pages of lists, are taken to be ours.

    Args:
        path: the folder; it is made if need be.
        files: their ``filename`` is the path in the folder, of at most two parts.

    Raises:
        DeliveryError: something cannot be written.
    """
    try:
        for file in files:
            target = path / file.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            if not _same(target, file.blob):
                write_file(file.blob, target)
        _clear(path, {path / file.filename for file in files})
    except OSError as error:
        raise failure(error, path) from error


def _same(path: Path, blob: Blob) -> bool:
    """Say whether the file is there with just these bytes: books of older issues are, each time."""
    if not path.is_file() or path.stat().st_size != blob.size:
        return False
    with path.open("rb") as there, blob.open() as wanted:
        while piece := wanted.read(_PIECE):
            if there.read(_PIECE) != piece:
                return False
    return True


def _clear(path: Path, kept: set[Path]) -> None:
    for found in sorted(path.iterdir()):
        if _PAGE.fullmatch(found.name) and found not in kept:
            found.unlink()
        elif _ISSUE.fullmatch(found.name) and found.is_dir() and not found.is_symlink():
            for file in sorted(found.iterdir()):
                if file not in kept and (file.is_symlink() or not file.is_dir()):
                    file.unlink()
            if not any(found.iterdir()):
                found.rmdir()
