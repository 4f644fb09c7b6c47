"""The commands as a user types them: exit codes, messages, files, environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Small Notes</title>
<link>https://notes.example/</link><language>en</language>
<item><title>First note</title><link>https://notes.example/1</link>
<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>
<description><![CDATA[<h2>Rain</h2>
<p>It rained. See <a href="https://notes.example/2#sun">the second</a>.</p>]]></description></item>
<item><title>Second note</title><link>https://notes.example/2</link>
<pubDate>Tue, 03 Nov 2026 10:00:00 GMT</pubDate>
<description><![CDATA[<h2 id="sun">Sun</h2><p>It shone.</p>]]></description></item>
</channel></rss>
"""


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed.xml"
    path.write_text(FEED, encoding="utf-8")
    return path


def run(
    *words: str | Path, cwd: Path, stdin: bytes = b"", **environ: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "feed2book", *map(str, words)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        env={
            **os.environ,
            "FEED2BOOK_CACHE": str(cwd / "cache"),
            "SOURCE_DATE_EPOCH": "1795435200",
            **environ,
        },
    )


def test_epub_with_a_readable_name_and_a_last_line(feed: Path, tmp_path: Path) -> None:
    done = run("epub", feed, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    name = "Small-Notes.epub"
    assert zipfile.is_zipfile(tmp_path / name)
    assert done.stderr.decode().startswith(f"{name}: 2 posts, ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("command", "start"), [("epub", b"PK\x03\x04"), ("pdf", b"%PDF-"), ("digest", b"From: ")]
)
def test_each_output_goes_to_stdout(command: str, start: bytes, feed: Path, tmp_path: Path) -> None:
    done = run(command, feed, "-o", "-", "-q", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert start in done.stdout[:400]


def test_a_directory_gets_the_default_name(feed: Path, tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    assert run("digest", feed, "-o", "books", cwd=tmp_path).returncode == 0
    assert [path.suffix for path in (tmp_path / "books").iterdir()] == [".eml"]


def test_digest_as_a_page(feed: Path, tmp_path: Path) -> None:
    done = run("digest", feed, "--html", "page.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.index("Second note") < page.index("First note"), "a digest begins with the newest"


def test_a_digest_of_titles_within_a_limit(feed: Path, tmp_path: Path) -> None:
    limits = ["--posts", "title", "--pictures", "none", "--max-html", "10000", "--max-message", "100000"]
    done = run("digest", feed, *limits, "-o", "a.eml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    mail = (tmp_path / "a.eml").read_text(encoding="ascii")
    assert "First note" in mail
    assert 'class=3D"post"' not in mail


def test_stdin_with_a_base(tmp_path: Path) -> None:
    done = run(
        "list", "-", "--url", "https://notes.example/feed", "--json", cwd=tmp_path, stdin=FEED.encode()
    )
    report = json.loads(done.stdout)
    articles = report["feeds"][0]["articles"]
    assert report["exit_code"] == 0
    assert [article["title"] for article in articles] == ["First note", "Second note"]
    assert [section["title"] for section in articles[0]["contents"]] == ["Rain"]


def test_list_shows_posts_dates_words_and_contents(feed: Path, tmp_path: Path) -> None:
    done = run("list", feed, cwd=tmp_path)
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "Small Notes"
    assert lines[1].split() == ["2026-11-02", "6", "words", "0", "images", "First", "note"]
    assert lines[2].strip() == "Rain"


def test_list_shows_the_ledger(tmp_path: Path) -> None:
    shared = "<p><a class='a2a_kit' href='https://x.example/'>Share</a></p>"
    (tmp_path / "feed.xml").write_text(FEED.replace("<p>It shone.</p>", f"<p>It shone.</p>{shared}"))
    done = run("list", "feed.xml", "--ledger", cwd=tmp_path)
    lines = [line.split() for line in done.stdout.decode().splitlines()]
    assert ["words", "4", "3"] in lines
    assert ["dropped", "1", "word", "sharing", "[drop_junk]:", "Share"] in lines
    report = json.loads(run("list", "feed.xml", "--json", cwd=tmp_path).stdout)
    ledger = report["feeds"][0]["articles"][1]["ledger"]
    assert (ledger["in"]["words"], ledger["out"]["words"], ledger["kept"]) == (4, 3, 1)
    assert ledger["drops"][0]["reason"] == "sharing"


def test_strict_minds_words_that_are_lost(tmp_path: Path) -> None:
    lost = "<video src='https://x.example/v'>" + "A paragraph inside of a player. " * 20 + "</video>"
    (tmp_path / "feed.xml").write_text(FEED.replace("<p>It shone.</p>", f"<p>It shone.</p>{lost}"))
    assert run("epub", "feed.xml", "-o", "a.epub", cwd=tmp_path).returncode == 0
    done = run("epub", "feed.xml", "-o", "a.epub", "--strict", "-v", cwd=tmp_path)
    assert done.returncode == 4
    assert b"content-lost" in done.stderr


def test_options_stand_in_the_environment(feed: Path, tmp_path: Path) -> None:
    done = run("list", feed, "--json", cwd=tmp_path, FEED2BOOK_LIMIT="1", FEED2BOOK_ORDER="newest")
    articles = json.loads(done.stdout)["feeds"][0]["articles"]
    assert [article["title"] for article in articles] == ["Second note"]


def test_a_pdf_lists_the_addresses_of_links_unless_told_otherwise() -> None:
    from feed2book.cli.options import wish

    values: dict[str, Any] = {
        "sources": ("a.xml",),
        "url": "",
        "since": "",
        "until": "",
        "language": "",
        "limit": None,
    }
    values |= {
        "order": None,
        "as_json": False,
        "offline": False,
        "allow_private": False,
        "ignore_robots": False,
        "full_text": "auto",
        "site_rules": None,
    }
    values |= {"verbose": 0, "quiet": False, "links": None}
    values |= {"whole": False, "archive": None}
    values |= {"cookies": None, "headers": (), "proxy": ""}
    assert wish(values, "oldest").job.render.links == "keep"
    assert wish(values, "oldest", links="footnote").job.render.links == "footnote"
    assert wish(values | {"links": "strip"}, "oldest", links="footnote").job.render.links == "strip"


def test_the_report_as_json(feed: Path, tmp_path: Path) -> None:
    done = run("epub", feed, "-o", "a.epub", "--json", "-q", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert report["artifacts"] == [
        {
            "file": "a.epub",
            "media_type": "application/epub+zip",
            "bytes": (tmp_path / "a.epub").stat().st_size,
            "pages": None,
        }
    ]
    assert (report["title"], report["language"], report["failures"]) == ("Small Notes", "en", [])


def test_nothing_new_is_no_failure_and_no_file(feed: Path, tmp_path: Path) -> None:
    done = run("epub", feed, "--since", "2026-11-20", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.startswith(b"Nothing new")
    assert not list(tmp_path.glob("*.epub"))


def test_one_dead_source_does_not_stop_the_others(feed: Path, tmp_path: Path) -> None:
    done = run("epub", feed, "gone.xml", "-o", "a.epub", cwd=tmp_path)
    assert done.returncode == 3
    assert (tmp_path / "a.epub").is_file()
    assert b"gone.xml" in done.stderr
    assert b"1 source failed" in done.stderr


def test_when_all_sources_fail_each_has_its_line(tmp_path: Path) -> None:
    done = run("epub", "one.xml", "two.xml", cwd=tmp_path)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 2
    assert ["one.xml" in lines[0], "two.xml" in lines[1], "not one of the 2" in lines[2]] == [True] * 3


def test_strict_exits_with_4_and_writes_all_the_same(feed: Path, tmp_path: Path) -> None:
    feed.write_text(FEED.replace("It shone.", '<img src="http://127.0.0.1:9/x.png">'), encoding="utf-8")
    done = run("epub", feed, "-o", "a.epub", "--strict", cwd=tmp_path)
    assert done.returncode == 4, done.stderr
    assert (tmp_path / "a.epub").is_file()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["epub"], 2, "SOURCE"),
        (["epub", "no-such-file.xml"], 2, "no-such-file.xml"),
        (["epub", "feed.xml", "--since", "soon"], 2, "--since"),
        (["epub", "feed.xml", "--since", "1d", "--until", "2d"], 2, "--since"),
        (["epub", "feed.xml", "--language", "english"], 2, "--language"),
        (["epub", "feed.xml", "--css", "no.css"], 2, "no.css"),
        (["epub", "feed.xml", "--json", "-o", "-"], 2, "--json"),
        (["epub", "-", "-"], 2, "once"),
        (["digest", "feed.xml", "-o", "a.eml", "--html", "b.html"], 2, "--html"),
        (["epub", "."], 2, "there is no web page in this folder"),
        (["epub", "feed.xml", "-o", "no/such/place.epub"], 5, "no/such"),
        (["epub", "feed.xml", "-o", "x" * 300], 5, "the file name is too long"),
        (["epub", "empty.xml"], 1, "no posts"),
        (["epub", "http://127.0.0.1:9/feed"], 1, "127.0.0.1"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_every_error_is_clear_and_has_its_code(
    words: list[str], code: int, said: str, feed: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.xml").write_text("<rss version='2.0'><channel><title>x</title></channel></rss>")
    done = run(*words, cwd=tmp_path)
    message = done.stderr.decode()
    assert done.returncode == code, message
    assert said in message
    assert "Traceback" not in message
    assert feed.is_file()
    assert {path.name for path in tmp_path.iterdir()} <= {"feed.xml", "empty.xml", "cache"}


def test_verbose_twice_shows_the_traceback(tmp_path: Path) -> None:
    assert b"Traceback" in run("epub", "no-such-file.xml", "-vv", cwd=tmp_path).stderr


def test_the_users_own_template_and_sheet_are_used(feed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.css").write_text("p.mine { margin: 1em }")
    assert run("epub", feed, "--css", "mine.css", "-o", "a.epub", cwd=tmp_path).returncode == 0
    with zipfile.ZipFile(tmp_path / "a.epub") as book:
        sheets = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".css"))
    assert sheets.rstrip().endswith("p.mine { margin: 1em }")


def test_a_broken_template_names_its_file_and_line(feed: Path, tmp_path: Path) -> None:
    broken = tmp_path / "mine" / "base"
    broken.mkdir(parents=True)
    (broken / "macros.html").write_text("\n{% if %}")
    done = run("epub", feed, "--templates", "mine", cwd=tmp_path)
    assert done.returncode == 1
    assert b"macros.html:2" in done.stderr


@pytest.mark.parametrize("command", ["epub", "pdf", "digest"])
def test_two_builds_have_the_same_bytes(command: str, tmp_path: Path) -> None:
    made = []
    for place, seed in (("a", "1"), ("b", "2")):
        folder = tmp_path / place
        folder.mkdir()
        (folder / "feed.xml").write_text(FEED, encoding="utf-8")
        done = run(command, "feed.xml", "-o", "out", cwd=folder, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
        made.append((folder / "out").read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, tmp_path: Path) -> None:
    assert b"_FEED2BOOK_COMPLETE" in run("completion", shell, cwd=tmp_path).stdout
