"""The store remembers what it was given, forgets what is too much, and never does harm."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from feed2book.store import Store, version

FILE = "store.sqlite3"


def test_what_was_put_is_there_at_once_and_later(tmp_path: Path) -> None:
    with Store(tmp_path / "cache") as store:
        assert store.get("a") is None
        store.put("a", b"one")
        assert store.get("a") == b"one"
        store.put("a", b"two")
    with Store(tmp_path / "cache") as store:
        assert store.get("a") == b"two"
        assert store.get("b") is None
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700


def test_no_directory_keeps_nothing() -> None:
    with Store(None) as store:
        store.put("a", b"one")
        assert store.get("a") is None


def test_the_entries_used_longest_ago_go(tmp_path: Path) -> None:
    for number in range(5):
        with Store(tmp_path, limit=250) as store:
            store.get("first")
            store.put("first" if number == 0 else f"entry {number}", bytes(100))
    with Store(tmp_path) as store:
        kept = [key for key in ("first", *(f"entry {number}" for number in range(1, 5))) if store.get(key)]
    assert kept == ["first", "entry 4"]


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b"", b"SQLite format 3\x00" + bytes(5000)])
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / FILE).write_bytes(damage)
    with Store(tmp_path) as store:
        assert store.get("a") is None
        store.put("a", b"one")
    with Store(tmp_path) as store:
        assert store.get("a") in {b"one", None}  # damage may show only when it is written
        store.put("a", b"two")
    with Store(tmp_path) as store:
        assert store.get("a") == b"two"


def test_a_damaged_page_is_survived(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        for number in range(50):
            store.put(str(number), bytes([number]) * 5000)
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:8192] + b"\xff" * 8192 + whole[16384:])
    with Store(tmp_path) as store:
        for number in range(50):
            assert store.get(str(number)) in {bytes([number]) * 5000, None}
            store.put(str(number), b"new")


def test_an_entry_that_does_not_match_its_hash_is_absent(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.put("a", b"one")
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("UPDATE made SET data = ?", (b"two",))
    with Store(tmp_path) as store:
        assert store.get("a") is None


def test_another_run_that_writes_is_no_obstacle(tmp_path: Path) -> None:
    with Store(tmp_path) as one, Store(tmp_path) as two:
        one.put("a", b"one")
        two.put("b", b"two")
    busy = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    busy.execute("BEGIN EXCLUSIVE")
    with Store(tmp_path) as store:
        store.put("c", b"three")
        assert store.get("a") is None
    busy.execute("ROLLBACK")
    busy.close()
    with Store(tmp_path) as store:
        assert (store.get("a"), store.get("b")) == (b"one", b"two")


def test_a_folder_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with Store(tmp_path) as store:
        store.put("a", b"one")
    assert not (tmp_path / FILE).exists()


def test_much_is_written_in_batches(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        for number in range(20):
            store.put(str(number), bytes(1_000_000))
        with Store(tmp_path) as other:
            assert other.get("0") is not None
            assert other.get("19") is None


def test_the_version_is_that_of_the_source() -> None:
    assert len(version()) == 32
    assert version() == version()
