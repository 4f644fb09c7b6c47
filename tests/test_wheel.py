"""What is installed from the wheel, in another environment and another folder, makes all three books."""

from __future__ import annotations

import email
import os
import subprocess
import sys
import sysconfig
import zipfile
from email.policy import default
from pathlib import Path

import pytest

from samples.serve import FEEDS, serve

ROOT = Path(__file__).resolve().parent.parent


def run(*words: str | Path, cwd: Path) -> str:
    # Nothing of this tree may be found by way of the environment.
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FEED2BOOK"))
    }
    environ["FEED2BOOK_CACHE"] = str(cwd / "cache")
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(
        *pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, ROOT, cwd=folder
    )
    (built,) = folder.glob("feed2book-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ``feed2book`` command of a new environment, which borrows the libraries of this one."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "-q", "--no-deps", "--no-index", wheel, cwd=folder)
    purelib = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    )
    # A path in a .pth is searched, but its own .pth files (our editable install) are not read.
    (purelib / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    where = run(python, "-c", "import feed2book; print(feed2book.__file__)", cwd=folder).strip()
    assert Path(where).is_relative_to(purelib)
    return folder / "venv" / "bin" / "feed2book"


def test_the_wheel_holds_code_and_templates_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    templates = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "templates").rglob("*") if path.is_file()
    }
    assert templates
    assert {f"feed2book/{name}" for name in templates} <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"feed2book"}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "feed2book/py.typed" in names


def test_all_three_books_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    with serve() as base:
        source = f"{base}/{FEEDS['notes']}"
        for command, name in (("epub", "book.epub"), ("pdf", "book.pdf"), ("digest", "book.eml")):
            run(installed, command, source, "-o", name, cwd=tmp_path)
    assert zipfile.ZipFile(tmp_path / "book.epub").read("mimetype") == b"application/epub+zip"
    assert (tmp_path / "book.pdf").read_bytes().startswith(b"%PDF-")
    mail = email.message_from_bytes((tmp_path / "book.eml").read_bytes(), policy=default)
    body = mail.get_body(("html",))
    assert body is not None
    assert "Warum Notizen kurz sind" in body.get_content()
