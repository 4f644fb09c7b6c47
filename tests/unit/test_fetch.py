"""Sources over real HTTP: redirects, sizes, compression, time-outs, retries, errors."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it has no types
import httpx2
import pytest
import trustme
from answers import whole
from server.app import (
    Exchange,
    Route,
    body,
    drip,
    drip_headers,
    hang,
    in_turn,
    redirect,
    reset,
    serve,
    slow,
    status,
    truncated,
    zipped,
)

from feed2book import __version__
from feed2book.errors import FetchError
from feed2book.fetch import Fetcher
from feed2book.models import FetchOptions, Response

FEED = b"<rss><channel><title>x</title></channel></rss>" * 10
QUICK = FetchOptions(connect_timeout=1.0, read_timeout=0.2, total_timeout=1.0, retries=0)


class Clock:
    """A clock that sleeping moves, so that no test waits."""

    def __init__(self) -> None:
        self.naps: list[float] = []

    def monotonic(self) -> float:
        return time.monotonic() + sum(self.naps)

    def now(self) -> float:
        return time.time() + sum(self.naps)

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)


def patient(clock: Clock, options: FetchOptions | None = None) -> Fetcher:
    return Fetcher(options or FetchOptions(), now=clock.now, monotonic=clock.monotonic, sleep=clock.sleep)


def fetch(route: Route, options: FetchOptions = QUICK) -> Response:
    with serve({"/feed": route}) as server, Fetcher(options) as fetcher:
        return fetcher.source(f"{server.url}/feed")


def failure(route: Route, options: FetchOptions = QUICK) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(route, options)
    assert caught.value.where.startswith("http://127.0.0.1:")
    assert "\n" not in str(caught.value)
    return caught.value


def no_web_server(exchange: Exchange) -> None:
    exchange.write(b"220 mail.example ESMTP\r\n")
    exchange.hang_up()


def test_a_source_comes_whole_and_says_who_asks() -> None:
    with (
        serve({"/feed": body(FEED, content_type="application/rss+xml")}) as server,
        Fetcher(QUICK) as fetcher,
    ):
        url = f"{server.url}/feed"
        response = fetcher.source(f"{url}#top")
    assert response.body == FEED
    assert (response.url, response.status, response.unchanged) == (url, 200, False)
    assert response.header("Content-Type") == "application/rss+xml"
    assert server.log[0].headers["user-agent"] == f"feed2book/{__version__}"
    assert server.log[0].headers["cookie"] is None


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("br", brotli.compress),
        ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
        ("identity", bytes),
    ],
)
def test_compression_is_undone(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    assert fetch(body(pack(FEED), content_encoding=encoding)).body == FEED


def test_what_we_cannot_unpack_is_said_so() -> None:
    assert "compression is unknown (zstd)" in str(failure(body(FEED, content_encoding="zstd")))


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_bomb_stops_early(encoding: str) -> None:
    bomb = bytes(100_000_000)
    packed = gzip.compress(bomb, 1) if encoding == "gzip" else brotli.compress(bomb, quality=1)
    options = FetchOptions(max_feed_bytes=1_000_000)
    with serve({"/feed": body(packed, content_encoding=encoding)}) as server, Fetcher(options) as fetcher:
        tracemalloc.start()
        with pytest.raises(FetchError, match="it is larger than 1 MB"):
            fetcher.source(f"{server.url}/feed")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize("size", [999, 1_000, 1_001])
def test_the_limit_of_size_is_exact(size: int) -> None:
    options = FetchOptions(max_feed_bytes=1_000)
    for route in (body(bytes(size)), zipped(bytes(size))):
        if size <= 1_000:
            assert len(fetch(route, options).body) == size
        else:
            assert failure(route, options).message == "it is larger than 1000 bytes"


def test_an_announced_size_is_refused_unread() -> None:
    assert "larger" in failure(drip(length=10**12)).message


def test_redirects_are_followed() -> None:
    routes = {
        "/a": redirect("b?x=1", 301),
        "/b?x=1": redirect("/c", 307),
        "/c": redirect("/d", 308),
        "/d": body(FEED),
    }
    with serve(routes) as server, Fetcher(QUICK) as fetcher:
        response = fetcher.source(f"{server.url}/a")
        assert (response.url, response.requested) == (f"{server.url}/d", f"{server.url}/a")
        assert fetcher.notices == ()


def test_a_feed_that_moved_for_good_is_noted() -> None:
    with serve({"/a": redirect("/b", 301), "/b": body(FEED)}) as server, Fetcher(QUICK) as fetcher:
        fetcher.source(f"{server.url}/a")
        (notice,) = fetcher.notices
        assert (notice.code, notice.where) == ("feed-moved", f"{server.url}/a")
        assert notice.message == f"the feed has moved for good to {server.url}/b"


def test_a_loop_is_named() -> None:
    with serve({"/a": redirect("/b"), "/b": redirect("/c"), "/c": redirect("/b")}) as server:
        with Fetcher(QUICK) as fetcher, pytest.raises(FetchError) as caught:
            fetcher.source(f"{server.url}/a")
        loop = f"{server.url}/b → {server.url}/c → {server.url}/b"
        assert caught.value.message == f"the server redirects in a loop: {loop}"
        assert server.paths == ["/a", "/b", "/c"]


def test_redirects_end_somewhere() -> None:
    def onward(exchange: Exchange) -> None:
        exchange.send(302, location=f"/{int(exchange.path[1:]) + 1}")

    with serve({"/*": onward}) as server:
        with Fetcher(FetchOptions(max_redirects=4)) as fetcher, pytest.raises(FetchError) as caught:
            fetcher.source(f"{server.url}/0")
        assert caught.value.message == f"more than 4 redirects, the last to {server.url}/5"
        assert len(server.log) == 5


@pytest.mark.parametrize(
    ("route", "message"),
    [
        (status(302), "redirects to nowhere"),
        (redirect(""), "redirects to nowhere"),
        (redirect("http://[::1"), "redirects to an invalid address (http://[::1)"),
        (status(304), "refused (304)"),
        (status(401), "asks for a login (401)"),
        (status(403), "refuses access (403)"),
        (status(404), "nothing at this address (404)"),
        (status(410), "gone for good (410)"),
        (status(418), "refused (418)"),
        (status(429), "slow down (429)"),
        (status(500), "failed (500)"),
        (status(503), "overloaded or closed for maintenance (503)"),
        (hang, "did not answer within 0.2 s"),
        (reset, "broke off"),
        (drip(length=100_000), "not done within 1 s"),
        (drip_headers, "not done within 1 s"),
        (truncated(b""), "broke off"),
        (body(b"not gzip", content_encoding="gzip"), "compression is damaged"),
        (body(b"not brotli", content_encoding="br"), "compression is damaged"),
        (no_web_server, "not a web server"),
        (lambda exchange: exchange.write(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000), "not a web server"),
        (body(b"", content_length="abc"), "not a web server"),
    ],
)
def test_each_failure_is_one_clear_line(route: Route, message: str) -> None:
    assert message in str(failure(route))


def test_a_refused_connection_is_one_clear_line() -> None:
    with serve() as gone:
        pass
    with Fetcher(QUICK) as fetcher, pytest.raises(FetchError, match="the host refuses connections"):
        fetcher.source(f"{gone.url}/feed")


@pytest.mark.parametrize(
    "trouble", [status(429), status(500), status(502), status(503), status(504), reset, truncated(b"<")]
)
def test_what_may_pass_is_tried_again_with_growing_patience(trouble: Route) -> None:
    clock = Clock()
    with serve({"/feed": in_turn(trouble, trouble, body(FEED))}) as server, patient(clock) as fetcher:
        assert fetcher.source(f"{server.url}/feed").body == FEED
    assert clock.naps == [0.5, 1.0]


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 501])
def test_what_will_not_pass_is_not_tried_again(code: int) -> None:
    clock = Clock()
    with serve({"/feed": status(code)}) as server:
        with patient(clock) as fetcher, pytest.raises(FetchError):
            fetcher.source(f"{server.url}/feed")
        assert len(server.log) == 1


def test_retries_end() -> None:
    clock = Clock()
    with serve({"/feed": status(503)}) as server:
        with patient(clock) as fetcher, pytest.raises(FetchError):
            fetcher.source(f"{server.url}/feed")
        assert len(server.log) == 3


def test_a_host_that_hangs_is_not_tried_again_for_less_than_a_time_out() -> None:
    clock = Clock()

    def hangs(request: httpx2.Request) -> httpx2.Response:
        clock.sleep(request.extensions["timeout"]["read"])
        raise httpx2.ReadTimeout("")

    transport = httpx2.MockTransport(hangs)
    with (
        Fetcher(FetchOptions(), monotonic=clock.monotonic, sleep=clock.sleep, transport=transport) as fetcher,
        pytest.raises(FetchError, match="did not answer within 20 s"),
    ):
        fetcher.source("http://feeds.example/feed")
    assert clock.naps == [20.0, 0.5, 20.0]


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_is_honoured(code: int) -> None:
    clock = Clock()
    busy = status(code, retry_after="7")
    with serve({"/feed": in_turn(busy, body(FEED))}) as server, patient(clock) as fetcher:
        assert fetcher.source(f"{server.url}/feed").body == FEED
    assert sum(clock.naps) == pytest.approx(7, abs=0.5)


def test_retry_after_may_be_a_date() -> None:
    clock = Clock()
    busy = status(503, retry_after=formatdate(time.time() + 20, usegmt=True))
    with serve({"/feed": in_turn(busy, body(FEED))}) as server, patient(clock) as fetcher:
        fetcher.source(f"{server.url}/feed")
    assert 18 < sum(clock.naps) < 21


@pytest.mark.parametrize("value", ["3600", "99999999999999999999", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_server_cannot_make_us_wait_beyond_the_total_time(value: str) -> None:
    clock = Clock()
    with serve({"/feed": status(503, retry_after=value), "/other": body(FEED)}) as server:
        with patient(clock) as fetcher:
            with pytest.raises(FetchError, match="503"):
                fetcher.source(f"{server.url}/feed")
            with pytest.raises(FetchError, match="slow down"):
                fetcher.source(f"{server.url}/other")
        assert clock.naps == []
        assert server.paths == ["/feed"], "the host asked to be left in peace"


@pytest.mark.parametrize("value", ["", "soon", "-5", "²"])
def test_a_senseless_retry_after_means_our_own_patience(value: str) -> None:
    clock = Clock()
    route = in_turn(status(503, retry_after=value), body(FEED))
    with serve({"/feed": route}) as server, patient(clock) as fetcher:
        fetcher.source(f"{server.url}/feed")
    assert sum(clock.naps) <= 0.5


def test_a_feed_that_breaks_off_is_kept_as_far_as_it_came_and_noted() -> None:
    clock = Clock()
    with serve({"/feed": truncated(FEED)}) as server, patient(clock) as fetcher:
        assert fetcher.source(f"{server.url}/feed").body == FEED
        (notice,) = fetcher.notices
        assert notice.code == "feed-malformed"
        assert "only a part of the feed came" in notice.message
        assert len(server.log) == 3


def test_a_second_try_may_bring_it_whole() -> None:
    clock = Clock()
    with serve({"/feed": in_turn(truncated(b"<rs"), body(FEED))}) as server, patient(clock) as fetcher:
        assert fetcher.source(f"{server.url}/feed").body == FEED
        assert fetcher.notices == ()


def test_damaged_compression_keeps_what_came_before() -> None:
    noise = bytes(range(256)) * 2_000
    packed = bytearray(gzip.compress(noise, 0))
    packed[-300_000] ^= 0xFF
    packed[-8:-4] = b"oops"
    response = fetch(body(bytes(packed), content_encoding="gzip"))
    assert response.body
    assert len(response.body) <= len(noise)


def test_a_login_goes_to_its_own_host_only_and_is_never_shown() -> None:
    def closed(exchange: Exchange) -> None:
        exchange.send(401 if exchange.headers["authorization"] != "Basic dTpwQHc=" else 200, FEED)

    with serve({"/*": status(404)}) as other:
        routes = {"/feed": closed, "/away": redirect(f"{other.url.replace('127.0.0.1', 'localhost')}/x")}
        with serve(routes) as server, Fetcher(FetchOptions(allow_private=True)) as fetcher:
            url = f"http://u:p%40w@{server.place}"
            response = fetcher.source(f"{url}/feed")
            assert response.url == response.requested == f"{server.url}/feed"
            picture = (f"{server.url}/feed",)
            assert isinstance(fetcher.images([picture], whole, trusted=[])[picture], Response)
            with pytest.raises(FetchError) as caught:
                fetcher.source(f"{url}/away")
    assert "p%40w" not in str(caught.value)
    assert "u:" not in str(caught.value)
    assert [seen.headers["authorization"] for seen in other.log] == [None]


def test_a_login_in_a_feeds_content_is_not_sent() -> None:
    with serve({"/*": body(FEED)}) as server, Fetcher(QUICK) as fetcher:
        fetcher.images([(f"http://u:p@{server.place}/x",)], whole, trusted=[server.place])
        assert server.log[0].headers["authorization"] is None


def test_a_page_that_another_page_named_must_be_public_or_trusted() -> None:
    with serve({"/feed": body(FEED)}) as server, Fetcher(replace(QUICK, ports=range(65_536))) as fetcher:
        with pytest.raises(FetchError, match="may not reach the private address"):
            fetcher.page(f"{server.url}/feed")
        assert fetcher.page(f"{server.url}/feed", trusted=[server.place]).body == FEED


def at_once(fetcher: Fetcher, urls: list[str]) -> list[Response]:
    with ThreadPoolExecutor(len(urls)) as pool:
        return list(pool.map(fetcher.source, urls))


def test_many_sources_at_once_keep_the_limits() -> None:
    options = FetchOptions(concurrency=3, per_host=2)
    with serve({"/*": slow(body(FEED), 0.05)}) as server, Fetcher(options) as fetcher:
        hosts = ("127.0.0.1", "localhost")
        at_once(fetcher, [f"http://{host}:{server.port}/{number}" for number in range(6) for host in hosts])
    assert len(server.log) == 12
    assert server.most_at_once == 3
    assert max(server.most_per_host.values()) == 2


def test_one_host_gets_no_more_than_its_share() -> None:
    options = FetchOptions(concurrency=5, per_host=2)
    with serve({"/*": slow(body(FEED), 0.05)}) as server, Fetcher(options) as fetcher:
        at_once(fetcher, [f"{server.url}/{number}" for number in range(6)])
    assert server.most_at_once == 2


def test_who_waits_for_a_hosts_patience_holds_up_no_other() -> None:
    options = FetchOptions(concurrency=1, retries=1)
    patience = in_turn(status(429, retry_after="1"), body(FEED))
    with serve({"/asks": patience, "/*": body(FEED)}) as server, Fetcher(options) as fetcher:
        others = [f"http://localhost:{server.port}/{number}" for number in range(5)]
        found = fetcher.each([f"{server.url}/asks", *others], fetcher.source, lambda done, total: None)
    assert [response.body for response in found if isinstance(response, Response)] == [FEED] * 6
    assert (server.paths.count("/asks"), server.paths[-1]) == (2, "/asks")


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
def test_what_is_raised_in_a_thread_ends_the_run(error: type[BaseException]) -> None:
    def read(_source: str) -> None:
        raise error

    with Fetcher(FetchOptions()) as fetcher, pytest.raises(error):
        fetcher.each(["https://a.example/", "https://b.example/"], read, lambda done, total: None)


def test_the_feeds_of_a_slow_host_hold_up_no_other() -> None:
    others_done = threading.Event()

    def last(exchange: Exchange) -> None:
        assert others_done.wait(10)
        exchange.send(200, FEED)

    def note(done: int, total: int) -> None:
        if done == 5:
            others_done.set()

    options = FetchOptions(concurrency=3)
    with serve({"/slow*": last, "/*": body(FEED)}) as server, Fetcher(options) as fetcher:
        slow = [f"{server.url}/slow/{number}" for number in range(9)]
        others = [f"http://localhost:{server.port}/{number}" for number in range(5)]
        found = fetcher.each([*slow, *others], fetcher.source, note)
    assert [response.url for response in found if isinstance(response, Response)] == [*slow, *others]


def test_waiting_for_others_does_not_count_as_time() -> None:
    options = FetchOptions(concurrency=1, total_timeout=0.6, retries=0)
    with serve({"/*": slow(body(FEED), 0.2)}) as server, Fetcher(options) as fetcher:
        found = at_once(fetcher, [f"{server.url}/{number}" for number in range(6)])
    assert {response.body for response in found} == {FEED}


def test_closing_wakes_who_still_waits() -> None:
    outcome: list[BaseException] = []

    def ask(fetcher: Fetcher, url: str) -> None:
        try:
            fetcher.source(url)
        except FetchError as error:
            outcome.append(error)

    with serve({"/feed": hang}) as server:
        fetcher = Fetcher(FetchOptions(retries=0))
        thread = threading.Thread(target=ask, args=(fetcher, f"{server.url}/feed"))
        thread.start()
        while not server.log:
            time.sleep(0.01)
        fetcher.close()
        thread.join(10)
    assert not thread.is_alive()
    assert isinstance(outcome[0], FetchError)


@pytest.mark.parametrize(
    ("name", "expired", "known", "refused"),
    [
        ("localhost", False, True, ""),
        ("localhost", False, False, "unable to get local issuer certificate"),
        ("other.example", False, True, "Hostname mismatch"),
        ("localhost", True, True, "certificate has expired"),
    ],
)
def test_a_certificate_must_be_valid(
    name: str, expired: bool, known: bool, refused: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    end = datetime.now(UTC) + timedelta(days=-1 if expired else 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=end).configure_cert(context)
    (authority if known else trustme.CA()).cert_pem.write_to_path(str(tmp_path / "known.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "known.pem"))
    with serve({"/feed": body(FEED)}, tls=context) as server, Fetcher(QUICK) as fetcher:
        url = f"https://localhost:{server.port}/feed"
        if refused:
            with pytest.raises(FetchError, match=f"TLS certificate is not valid.*{refused}"):
                fetcher.source(url)
            assert server.log == []
        else:
            assert fetcher.source(url).body == FEED


def test_http_where_https_is_asked_for_is_one_clear_line() -> None:
    with (
        serve({"/feed": body(FEED)}) as server,
        Fetcher(QUICK) as fetcher,
        pytest.raises(FetchError, match="no secure connection"),
    ):
        fetcher.source(f"https://127.0.0.1:{server.port}/feed")
