"""The outputs of all samples, made once by the command and served over HTTP, for every validator."""

from __future__ import annotations

from pathlib import Path

import pytest
from runner import once, shared_folder

from samples.make import make
from samples.serve import FEEDS, serve


def _make_all(folder: Path) -> None:
    with serve() as base:
        for name, path in FEEDS.items():
            make(f"{base}/{path}", folder, name)


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ``blog.epub``, ``blog.pdf``, ``blog.eml`` and the same of the other samples."""
    return once(shared_folder(tmp_path_factory) / "outputs", _make_all)
