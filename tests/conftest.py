"""Fixtures and options for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rebuild-goldens",
        action="store_true",
        help="write the golden files anew; read every line of the diff before committing it",
    )


@pytest.fixture(scope="session")
def rebuild_goldens(request: pytest.FixtureRequest) -> bool:
    """Whether the golden files are to be written instead of compared."""
    return bool(request.config.getoption("--rebuild-goldens"))


@pytest.fixture(scope="session", autouse=True)
def _own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the developer's options, logins and cache out of the tests, and the tests out of his cache."""
    kept = {"FEED2BOOK_CORPUS", "FEED2BOOK_VALIDATORS"}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("FEED2BOOK_") and name not in kept]:
            patch.delenv(name)
        patch.setenv("NETRC", os.devnull)
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        yield


def _named_folder(variable: str) -> Path:
    """Return the folder that the variable names: unset: skip; set but not there: fail."""
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set")
    folder = Path(value)
    if not folder.is_dir():
        pytest.fail(f"{variable} names {folder}, which is not a folder")
    return folder.resolve()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder with real feeds (``feeds/``, ``micro/`` …) that ``FEED2BOOK_CORPUS`` names."""
    return _named_folder("FEED2BOOK_CORPUS")


@pytest.fixture(scope="session")
def validators() -> Path:
    """Return the folder with independent validators in ``bin/`` that ``FEED2BOOK_VALIDATORS`` names."""
    return _named_folder("FEED2BOOK_VALIDATORS")
