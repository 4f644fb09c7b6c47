"""Where secrets come from, and that no message shows one."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import keyring
import pytest
from keyring.errors import NoKeyringError

from feed2book.config import all_secrets, exposed, reveal
from feed2book.errors import UsageError
from feed2book.models import Access, Secret, Source

PYTHON = sys.executable
SLOW = "import time; print('s3cret', flush=True); time.sleep(9)"


def test_a_variable() -> None:
    assert reveal(Secret("env", ("PW",)), {"PW": "s3cret"}) == "s3cret"


def test_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("s3cret two\n", encoding="utf-8")
    assert reveal(Secret("file", (str(tmp_path / "pw"),)), {}) == "s3cret two"


def test_the_first_line_of_a_command() -> None:
    program = "import os; print(os.environ['PW']); print('more')"
    assert reveal(Secret("command", (PYTHON, "-c", program)), {"PW": "s3cret"}) == "s3cret"


def test_an_entry_of_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {("smtp", "me"): "s3cret"}
    monkeypatch.setattr(keyring, "get_password", lambda *entry: entries.get(entry))
    assert reveal(Secret("keyring", ("smtp", "me")), {}) == "s3cret"
    with pytest.raises(UsageError, match=r"the keyring's entry smtp you: .*there is no such entry"):
        reveal(Secret("keyring", ("smtp", "you")), {})


def test_a_machine_without_a_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(service: str, user: str) -> str:
        raise NoKeyringError

    monkeypatch.setattr(keyring, "get_password", fail)
    with pytest.raises(UsageError, match="no keyring answers"):
        reveal(Secret("keyring", ("smtp", "me")), {})


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (Secret("env", ("GONE",)), "the variable GONE: .*no such variable"),
        (Secret("env", ("EMPTY",)), "the variable EMPTY: the secret is empty"),
        (Secret("file", ("gone",)), "the file gone: .*no such file"),
        (Secret("file", (".",)), r"the file \.: .*is a directory"),
        (Secret("file", ("a\0b",)), "this is no name of a file"),
        (Secret("file", ("tricky",)), "it is not UTF-8"),
        (Secret("file", ("large",)), "it has more than 2,000,000 bytes"),
        (Secret("command", ("no-such-program",)), "the command no-such-program: .*no such file"),
        (Secret("command", (PYTHON, "-c", "print('s3cret'); exit(3)")), "it ended with 3"),
        (Secret("command", (PYTHON, "-c", SLOW)), "it was not done after"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_without_any_secret(
    secret: Secret, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("feed2book.config.secrets._PATIENCE", 0.5)
    Path("tricky").write_bytes(b"s3cret\xff")
    Path("large").write_bytes(b"s3cret" * 400_000)
    with pytest.raises(UsageError, match=said) as caught:
        reveal(secret, {"EMPTY": ""})
    # what -vv prints; its lines of code are of this file
    shown = [line for error in traceback.format_exception(caught.value) for line in error.splitlines()]
    assert "s3cret" not in "".join(line for line in shown if not line.startswith("  "))


def test_a_file_that_others_may_read(tmp_path: Path) -> None:
    place = tmp_path / "pw"
    place.touch(0o600)
    secret = Secret("file", (str(place),))
    assert not exposed(secret)
    place.chmod(0o640)
    assert exposed(secret)
    assert not exposed(Secret("file", (str(tmp_path / "gone"),)))
    assert not exposed(Secret("env", (str(place),)))


def test_secrets_are_found_wherever_they_are() -> None:
    one, two, three = (Secret("env", (name,)) for name in "ABC")
    sources = (
        Source("a", access=Access("me", password=one)),
        Source("b", access=Access(token=two, headers=(("X-Key", three), ("Referer", "a")))),
    )
    assert list(all_secrets(sources)) == [one, two, three]
