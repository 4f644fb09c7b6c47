"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feed2book.deliver import write_file, write_stdout
from feed2book.errors import DeliveryError
from feed2book.models import Blob

DATA = bytes(range(256)) * 1_000


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def no_room(size: int) -> Iterator[None]:
    """Let no file grow beyond ``size`` bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_file_is_written_and_nothing_else(tmp_path: Path) -> None:
    write_file(Blob(DATA), tmp_path / "book.epub")
    assert (tmp_path / "book.epub").read_bytes() == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["book.epub"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_mode_of_a_new_file_follows_the_umask(tmp_path: Path, mask: int, mode: int) -> None:
    with umask(mask):
        write_file(Blob(DATA), tmp_path / "book.epub")
        assert os.umask(mask) == mask
    assert stat.S_IMODE((tmp_path / "book.epub").stat().st_mode) == mode


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "book.epub"
    file.write_bytes(b"old")
    file.chmod(0o640)
    write_file(Blob(DATA), file)
    assert file.read_bytes() == DATA
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "book.epub"
    link.symlink_to(tmp_path / "there" / "real.epub")
    write_file(Blob(DATA), link)
    assert link.is_symlink()
    assert (tmp_path / "there" / "real.epub").read_bytes() == DATA


def test_a_name_as_long_as_a_name_can_be(tmp_path: Path) -> None:
    write_file(Blob(DATA), tmp_path / ("x" * 250 + ".epub"))


def test_a_relative_name_goes_into_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_file(Blob(DATA), Path("book.epub"))
    assert (tmp_path / "book.epub").read_bytes() == DATA


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "book.epub"
    file.write_bytes(b"old")
    with no_room(10_000), pytest.raises(DeliveryError) as caught:
        write_file(Blob(DATA), file)
    assert caught.value.remedy
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["book.epub"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interruption_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def interrupted(descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(error):
        write_file(Blob(DATA), tmp_path / "book.epub")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none/book.epub", "there is no such directory — make it first"),
        ("file/book.epub", "there is no such directory"),
        ("", "this is a directory — name a file in it"),
        ("x" * 300, "the file name is too long"),
        ("a\0b", "it cannot be written"),
    ],
)
def test_each_failure_is_one_clear_line(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DeliveryError, match=message) as caught:
        write_file(Blob(DATA), tmp_path / name)
    assert caught.value.exit_code == 5
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_ring_of_links_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(DeliveryError, match="cannot be written"):
        write_file(Blob(DATA), tmp_path / "a")


def test_a_place_without_permission_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(DeliveryError, match="not permitted"):
            write_file(Blob(DATA), tmp_path / "book.epub")
    finally:
        tmp_path.chmod(0o700)


def test_what_is_no_regular_file_is_written_straight(tmp_path: Path) -> None:
    write_file(Blob(DATA), Path("/dev/null"))
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_file(Blob(DATA), pipe)
    reader.join()
    assert got == [DATA]
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_the_full_device_is_a_full_disk() -> None:
    with pytest.raises(DeliveryError, match="the disk is full"):
        write_file(Blob(DATA), Path("/dev/full"))


def test_standard_output_gets_everything() -> None:
    stream = io.BytesIO()
    write_stdout(Blob(DATA), stream)
    assert stream.getvalue() == DATA


SCRIPT = """
import sys
from feed2book.deliver import write_stdout
from feed2book.models import Blob
from feed2book.errors import DeliveryError
try:
    write_stdout(Blob(bytes(10_000_000)), sys.stdout.buffer)
except DeliveryError as error:
    sys.exit(str(error))
"""


def run_script(stdout: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], check=False, stdout=stdout, stderr=subprocess.PIPE, text=True
    )


def test_a_reader_that_goes_away_is_one_clear_line() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        run = run_script(write)
    finally:
        os.close(write)
    assert run.stderr == "standard output: the reader closed the pipe\n"


def test_standard_output_on_a_full_disk_is_one_clear_line() -> None:
    with Path("/dev/full").open("wb") as full:
        run = run_script(full.fileno())
    assert run.stderr.startswith("standard output: the disk is full")
    assert run.stderr.count("\n") == 1
    assert os.strerror(errno.ENOSPC) not in run.stderr
