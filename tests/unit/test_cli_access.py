"""The flags that give a source what it asks for; and what they leave behind: nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from server.app import Exchange, Server, body, serve
from test_cli import FEED, run

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


SECRETS = {"TOKEN": "Bearer s3cret-token", "KEY": "s3cret-key"}


@pytest.mark.parametrize("environ", [SECRETS, SECRETS | {"KEY": "s3cret-wrong"}], ids=["right", "wrong"])
@pytest.mark.parametrize("command", [("epub", "--json"), ("list", "--json"), ("digest", "--html", "a.html")])
def test_secrets_of_the_command_line_leave_no_trace(
    tmp_path: Path, command: tuple[str, ...], environ: dict[str, Any]
) -> None:
    with serve({"/feed": feed, "/*": body(b"x")}) as server:
        done = run(*command, *words(server, tmp_path), "-vv", cwd=tmp_path, **environ)
    assert done.returncode == (0 if environ == SECRETS else 1), done.stderr
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert (b"First note" in kept) is (environ == SECRETS)
    assert b"s3cret" not in kept + done.stdout + done.stderr


def test_a_password_in_an_address_leaves_no_trace(tmp_path: Path) -> None:
    with serve({"/feed": body(FEED.encode()), "/*": body(b"x")}) as server:
        addresses = [f"http://ada:s3cret@{server.place}/{name}" for name in ("feed", "none")]
        done = run("epub", *addresses, "--json", "-vv", cwd=tmp_path)
        assert server.log[0].headers["authorization"].startswith("Basic ")
    assert (done.returncode, len(json.loads(done.stdout)["failures"])) == (3, 1)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"s3cret" not in kept + done.stdout + done.stderr


def test_headers_in_the_environment_stand_one_a_line(tmp_path: Path) -> None:
    lines = "X-Key: two words\nUser-Agent: me"
    with serve({"/feed": body(FEED.encode())}) as server:
        done = run("list", f"{server.url}/feed", cwd=tmp_path, FEED2BOOK_HEADER=lines)
        assert done.returncode == 0, done.stderr
        head = server.log[0].headers
    assert (head["x-key"], head["user-agent"]) == ("two words", "me")


def test_a_proxy_serves_all(tmp_path: Path) -> None:
    with serve({"*": body(FEED.encode())}) as proxy:
        done = run("epub", "http://blog.example/feed", "--proxy", proxy.url, "-o", "-", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
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
def test_what_cannot_be_sent_is_told_without_it(tmp_path: Path, flags: list[str], said: str) -> None:
    (tmp_path / "bad.txt").write_text("s3cret")
    done = run("list", "https://blog.example/feed", *flags, "-vv", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert b"s3cret" not in done.stderr
