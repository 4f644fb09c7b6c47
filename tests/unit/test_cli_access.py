"""The flags that give a source what it asks for; and what they leave behind: nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from runner import feed2book
from server.app import Exchange, Server, body, serve
from test_cli import FEED
from traces import left_behind

COOKIES = "# Netscape HTTP Cookie File\n#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\ts3cret-cookie\n"


def feed(exchange: Exchange) -> None:
    """Answer with the feed to whoever says all the right things, else show what was said."""
    head = exchange.headers
    wanted = {"authorization": "Bearer s3cret-token", "cookie": "sid=s3cret-cookie", "x-key": "s3cret-key"}
    if all(head.get(name) == value for name, value in wanted.items()):
        exchange.send(200, FEED.encode(), content_type="application/rss+xml", set_cookie="sid=s3cret-set")
    else:
        exchange.send(401, b"s3cret-page")


def words(server: Server, folder: Path) -> list[str]:
    cookies = folder.parent / f"{folder.name}-cookies.txt"
    cookies.write_text(COOKIES)
    return [
        f"{server.url}/feed",
        *("--cookies", str(cookies)),
        *("--header", "Authorization: env:TOKEN"),
        *("--header", "X-Key: env:KEY"),
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a command is typed, with one process and a cache beneath it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FEED2BOOK_CACHE", "cache")
    monkeypatch.setenv("FEED2BOOK_JOBS", "1")
    return tmp_path


@pytest.mark.parametrize("key", ["s3cret-key", "s3cret-wrong"])
@pytest.mark.parametrize("command", [("epub", "--json"), ("list", "--json"), ("digest", "--html", "a.html")])
def test_secrets_of_the_command_line_leave_no_trace(
    folder: Path, command: tuple[str, ...], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "Bearer s3cret-token")
    monkeypatch.setenv("KEY", key)
    with serve({"/feed": feed, "/*": body(b"x")}) as server:
        done = feed2book(*command, *words(server, folder), "-vv")
    right = key == "s3cret-key"
    assert done.code == (0 if right else 1), done.said
    kept = left_behind(folder)
    assert (b"First note" in kept) is right
    assert b"s3cret" not in kept
    assert "s3cret" not in done.said


def test_a_password_in_an_address_leaves_no_trace(folder: Path) -> None:
    with serve({"/feed": body(FEED.encode()), "/*": body(b"x")}) as server:
        addresses = [f"http://ada:s3cret@{server.place}/{name}" for name in ("feed", "none")]
        done = feed2book("epub", *addresses, "--json", "-vv")
        assert server.log[0].headers["authorization"].startswith("Basic ")
    assert (done.code, done.said.count("/none: this is not a feed")) == (3, 2)  # in the report, and on stderr
    assert b"s3cret" not in left_behind(folder)
    assert "s3cret" not in done.said


def test_headers_in_the_environment_stand_one_a_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED2BOOK_HEADER", "X-Key: two words\nUser-Agent: me")
    with serve({"/feed": body(FEED.encode())}) as server:
        assert feed2book("list", f"{server.url}/feed").code == 0
        head = server.log[0].headers
    assert (head["x-key"], head["user-agent"]) == ("two words", "me")


def test_a_proxy_serves_all(folder: Path) -> None:
    with serve({"*": body(FEED.encode())}) as proxy:
        assert feed2book("list", "http://blog.example/feed", "--proxy", proxy.url).code == 0
        assert proxy.paths == ["http://blog.example/feed"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--header", "s3cret"], "a header is missing its colon"),
        (["--header", "Host: s3cret"], "feed2book sets this header itself"),
        (["--header", "X Y: s3cret"], "this is not the name of a header"),
        (["--header", "X-Key: env:GONE"], "the variable GONE: the secret cannot be had"),
        (["--header", "X-Key: s3cret\r\nHost: b"], "its header X-Key has signs that cannot be sent"),
        (["--cookies", "none.txt"], "none.txt"),
        (["--cookies", "bad.txt"], "line 1 is not a cookie in Netscape's format"),
    ],
)
def test_what_cannot_be_sent_is_told_without_it(folder: Path, flags: list[str], said: str) -> None:
    Path("bad.txt").write_text("s3cret")
    done = feed2book("list", "https://blog.example/feed", *flags, "-vv")
    assert done.code == 2
    assert said in done.said
    assert "s3cret" not in done.said
