"""A source's own password or token reaches that source, and nothing and nobody else."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from server.app import Exchange, Server, redirect, serve
from test_editions import MONDAY, WEEK, Desk, ago
from traces import left_behind

from feed2book.models import Access, FetchOptions, Secret, Source
from feed2book.pipeline import EditionReport, run_edition

BASIC = "Basic YWRhOm/CoG9wZW4="  # ada, "o\u00a0open" in UTF-8
PASSWORD, TOKEN, OTHER = "o\u00a0open", "t0ken-1", "t0ken-2"
COOKIES = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tc00kie\n"
SECRETS: dict[tuple[str, ...], str] = {
    ("password",): PASSWORD,
    ("token",): TOKEN,
    ("other",): OTHER,
    ("cookies",): COOKIES,
}


def secret(name: str) -> Secret:
    return Secret("env", (name,))


def reveal(secret: Secret) -> str:
    return SECRETS[secret.place]


def guarded(feed: bytes, wanted: str) -> object:
    """Answer with the feed to whoever says the right thing, else 401."""

    def answer(exchange: Exchange) -> None:
        if exchange.headers.get("authorization") == wanted:
            exchange.send(200, feed, content_type="application/rss+xml", etag='"1"')
        else:
            exchange.send(401, b"who are you?")

    return answer


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.publish(("ebb", ago(1)))
    desk.edition = replace(desk.edition, fetch=FetchOptions(cache_dir=tmp_path / "cache", retries=0))
    return desk


def run(desk: Desk, *sources: Source) -> EditionReport:
    return run_edition(replace(desk.edition, sources=sources), desk.data, MONDAY, reveal=reveal)


def authorizations(server: Server) -> list[tuple[str, str | None]]:
    return [(seen.path, seen.headers.get("authorization")) for seen in server.log]


@pytest.mark.parametrize(
    ("access", "wanted"),
    [
        (Access("ada", password=secret("password")), BASIC),
        (Access(token=secret("token")), f"Bearer {TOKEN}"),
    ],
    ids=["basic", "bearer"],
)
def test_a_source_gets_what_it_asks_for(desk: Desk, access: Access, wanted: str) -> None:
    with serve({"/feed": guarded(desk.feed.read_bytes(), wanted)}) as server:  # type: ignore[dict-item]
        report = run(desk, Source(f"{server.url}/feed", access=access))
    assert (desk.titles(report), report.exit_code) == (["ebb"], 0)


def test_two_sources_on_one_host_have_each_their_own(desk: Desk) -> None:
    routes = {
        "/one": guarded(desk.feed.read_bytes(), f"Bearer {TOKEN}"),
        "/two": guarded(desk.feed.read_bytes().replace(b"ebb", b"flood"), f"Bearer {OTHER}"),
    }
    with serve(routes) as server:  # type: ignore[arg-type]
        report = run(
            desk,
            Source(f"{server.url}/one", access=Access(token=secret("token"))),
            Source(f"{server.url}/two", access=Access(token=secret("other"))),
        )
    assert (sorted(desk.titles(report)), report.failures) == (["ebb", "flood"], ())


def test_another_host_gets_nothing(desk: Desk) -> None:
    """``localhost`` is the same machine by another name, as any redirect may lead to another one."""
    feed = desk.feed.read_bytes()
    desk.edition = replace(desk.edition, fetch=replace(desk.edition.fetch, allow_private=True))
    with (
        serve({"/moved": lambda exchange: exchange.send(200, feed)}) as other,
        serve({"/feed": redirect(f"http://127.0.0.1:{other.port}/moved")}) as server,
    ):
        address = f"http://localhost:{server.port}/feed"
        report = run(desk, Source(address, access=Access(token=secret("token"))))
    assert desk.titles(report) == ["ebb"]
    assert authorizations(server) == [("/feed", f"Bearer {TOKEN}")]
    assert authorizations(other) == [("/moved", None)]


def test_secrets_leave_no_trace(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    access = Access(
        "ada", secret("password"), cookies=secret("cookies"), headers=(("X-Key", secret("token")),)
    )
    feed = desk.feed.read_bytes()
    with serve({"/feed": guarded(feed, BASIC), "/gone": guarded(feed, "")}) as server:  # type: ignore[dict-item]
        sources = [Source(f"{server.url}/{name}", access=access) for name in ("feed", "gone")]
        report = run(desk, *sources)
        run_edition(desk.edition, desk.data, MONDAY + WEEK, reveal=reveal)
    assert report.exit_code == 3
    assert {(seen.headers["cookie"], seen.headers["x-key"]) for seen in server.log} == {("sid=c00kie", TOKEN)}
    kept = left_behind(tmp_path)
    said = repr(report) + caplog.text + "".join(capfd.readouterr())
    for trace in (PASSWORD, BASIC.removeprefix("Basic "), TOKEN, "c00kie"):
        assert trace not in said
        assert trace.encode() not in kept


def test_a_token_that_cannot_be_sent_is_told_without_showing_it(desk: Desk) -> None:
    report = run_edition(
        replace(desk.edition, sources=(Source("https://a.example/", access=Access(token=secret("token"))),)),
        desk.data,
        MONDAY,
        reveal=lambda _: "two\r\nlines",
    )
    assert report.exit_code == 2
    assert "cannot be sent" in str(report.error)
    assert "lines" not in str(report.error)
