"""The commands around ``feed2book.toml``, as a user types them."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path

import pytest
from runner import feed2book

from feed2book import config

CONFIG = """\
data = "state"

[mail]
sender = "Me <me@example.org>"

[server.post]
host = "smtp.example.org"
user = "me"
password = { file = "password" }

[edition.weekly]
title = "My week"
schedule = "mon 07:00"
outputs = ["epub", "email"]

[[edition.weekly.source]]
address = "https://a.example/feed"
name = "A"
group = "Friends"

[[edition.weekly.source]]
address = "https://b.example/feed"

[[edition.weekly.deliver]]
kind = "email"
recipients = { listed = ["a@example.org"], csv = "readers.csv" }

[[edition.weekly.deliver]]
kind = "folder"
path = "books"

[edition.now-and-then]
[[edition.now-and-then.source]]
address = "https://a.example/feed"
"""
OPML = '<opml><body><outline text="F"><outline text="C" xmlUrl="https://c.example/"/></outline></body></opml>'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795435200")  # Monday, 2026-11-23, 12:00 UTC
    monkeypatch.setenv("TZ", "Europe/Berlin")
    (tmp_path / "feed2book.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def test_a_first_configuration_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert feed2book("init").code == 0
    done = feed2book("config", "check")
    assert (done.code, "weekly: My weekly reading" in done.said) == (0, True)


def test_the_ideas_in_a_first_configuration_are_right(tmp_path: Path) -> None:
    # what stands behind a mark and is no sentence
    ideas = re.sub(r"^# (?=\[|[a-z-]+ = )", "", config.example().decode("utf-8"), flags=re.MULTILINE)
    place = tmp_path / "feed2book.toml"
    place.write_text(ideas, encoding="utf-8")
    (edition,) = config.load(place, {}).editions
    assert [delivery.kind for delivery in edition.deliveries] == ["folder", "email"]
    assert edition.render.device.name == "kobo"


def test_a_name_that_is_too_long_for_a_file_is_told(here: Path) -> None:
    done = feed2book("init", "x" * 300)
    assert (done.code, "the file name is too long" in done.said) == (5, True)


def test_a_configuration_is_replaced_only_when_told_so(here: Path) -> None:
    done = feed2book("init")
    assert (done.code, "--force" in done.said) == (2, True)
    assert (here / "feed2book.toml").read_text(encoding="utf-8") == CONFIG
    assert feed2book("init", "--force", here).code == 0
    assert (here / "feed2book.toml").read_bytes() == config.example()


def test_what_was_understood(here: Path) -> None:
    (here / "books").mkdir()
    (here / "readers.csv").touch()
    done = feed2book("config", "check")
    assert done.code == 0
    assert (
        done.said.replace(str(here), "HERE")
        == """\
file        HERE/feed2book.toml
data        HERE/state

edition     weekly: My week
  sources   https://a.example/feed  (Friends / A)
            https://b.example/feed
  outputs   epub, email
  goes      email by smtp.example.org to 1 listed + HERE/readers.csv
            folder to HERE/books (epub)
  next due  Mon 2026-11-30 07:00 CET

edition     now-and-then
  sources   https://a.example/feed
  outputs   epub
  goes      nowhere: it is kept in the data folder
  next due  when you run it
"""
    )


def test_a_secret_that_others_may_read_is_a_warning(here: Path) -> None:
    (here / "password").touch(stat.S_IRUSR)
    assert "read by others" not in feed2book("config", "check").said
    (here / "password").chmod(0o644)
    done = feed2book("config", "check")
    assert (done.code, "password can be read by others — chmod 600" in done.said) == (0, True)


def test_what_is_not_there_yet_is_a_warning(here: Path) -> None:
    done = feed2book("config", "check")
    assert done.code == 0
    assert [line for line in done.said.splitlines() if line.startswith("feed2book:")] == [
        f"feed2book: weekly: email: {here}/readers.csv is not there yet",
        f"feed2book: weekly: folder: {here}/books is not there yet",
    ]


def test_all_that_is_wrong_is_told_a_line_each(here: Path) -> None:
    Path("feed2book.toml").write_text("x = 1\n" + CONFIG.replace("title", "titel"), encoding="utf-8")
    done = feed2book("config", "check")
    assert done.code == 2
    assert [line.partition("toml:")[2] for line in done.said.splitlines()] == [
        "1: x: there is no such key — use one of data, edition, executor, mail, server, site, site-rules",
        "13: edition.weekly.titel: there is no such key — did you mean title?",
        " 2 errors",
    ]


def test_the_configuration_that_is_read(here: Path) -> None:
    assert feed2book("config", "path").said == f"{here / 'feed2book.toml'}\n"
    assert feed2book("config", "path", "--config", "other.toml").said == f"{here / 'other.toml'}\n"


def test_feeds_come_in_once_and_nothing_else_changes(here: Path) -> None:
    Path("list.opml").write_text(OPML, encoding="utf-8")
    done = feed2book("opml", "import", "list.opml", "--edition", "weekly")
    assert (done.code, "1 of 1 feeds are new in weekly" in done.said) == (0, True)
    added = '[[edition.weekly.source]]\naddress = "https://c.example/"\nname = "C"\ngroup = "F"\n\n'
    grown = (here / "feed2book.toml").read_text(encoding="utf-8")
    assert grown.replace(added, "") == CONFIG
    assert "0 of 1" in feed2book("opml", "import", "list.opml", "--edition", "weekly").said
    assert (here / "feed2book.toml").read_text(encoding="utf-8") == grown


def test_logins_in_a_list_are_left_out(here: Path) -> None:
    Path("list.opml").write_text(OPML.replace("https://", "https://me:s3cret@"), encoding="utf-8")
    done = feed2book("opml", "import", "list.opml", "--edition", "weekly")
    assert (done.code, "https://c.example/: its login was left out" in done.said) == (0, True)
    assert "s3cret" not in done.said + (here / "feed2book.toml").read_text(encoding="utf-8")
    assert feed2book("config", "check").code == 0
    assert "left out" not in feed2book("opml", "import", "list.opml", "--edition", "weekly").said


def test_a_list_that_is_too_large_is_not_taken_in_part(here: Path) -> None:
    Path("list.opml").write_text(OPML.replace("<body>", f"<body>{' ' * 10_000_000}"), encoding="utf-8")
    done = feed2book("opml", "import", "list.opml", "--edition", "weekly")
    assert (done.code, "no more than 10,000,000 bytes" in done.said) == (2, True)


def test_feeds_begin_an_edition(here: Path) -> None:
    Path("list.opml").write_text(OPML, encoding="utf-8")
    assert feed2book("opml", "import", "list.opml", "--edition", "daily").code == 0
    said = tomllib.loads((here / "feed2book.toml").read_text(encoding="utf-8"))
    assert said["edition"]["daily"] == {
        "source": [{"address": "https://c.example/", "name": "C", "group": "F"}]
    }


def test_an_edition_is_named_where_there_are_several(here: Path) -> None:
    done = feed2book("opml", "export")
    assert (done.code, "use one of now-and-then, weekly" in done.said) == (2, True)
    assert "did you mean weekly?" in feed2book("opml", "export", "--edition", "weakly").said


def test_feeds_go_out_and_come_in_again(here: Path) -> None:
    assert feed2book("opml", "export", "--edition", "weekly", "-o", "list.opml").code == 0
    assert (
        "2 of 2 feeds are new in other" in feed2book("opml", "import", "list.opml", "--edition", "other").said
    )
    weekly, _, other = config.load(None, {}).editions
    assert other.sources == weekly.sources
