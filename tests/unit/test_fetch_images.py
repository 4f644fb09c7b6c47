"""Pictures: alternatives, limits, and hosts that do not answer."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from answers import whole
from server.app import Exchange, Route, body, hang, reset, serve, slow, status, truncated

from feed2book.errors import FetchError
from feed2book.fetch import Fetcher
from feed2book.fetch.network import Network
from feed2book.models import FetchOptions, Response

PNG = b"\x89PNG\r\n\x1a\n"
QUICK = FetchOptions(connect_timeout=0.3, read_timeout=0.3, total_timeout=1.0)
Outcomes = dict[tuple[str, ...], Response | FetchError]


class Counting(httpx2.BaseTransport):
    """The network, and how often it was asked."""

    def __init__(self, resolver: Callable[[str], tuple[str, ...]] | None = None) -> None:
        self.network = Network(2, resolver) if resolver else Network(2)
        self.hosts: list[str] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.hosts.append(request.url.host)
        return self.network.handle_request(request)

    def close(self) -> None:
        self.network.close()


def images(
    wanted: Sequence[tuple[str, ...]], options: FetchOptions = QUICK, trusted: tuple[str, ...] = ()
) -> Outcomes:
    with Fetcher(options, sleep=lambda _: None) as fetcher:
        return fetcher.images(wanted, whole, trusted=trusted)


def messages(outcomes: Outcomes) -> set[str]:
    return {outcome.message if isinstance(outcome, FetchError) else "came" for outcome in outcomes.values()}


def test_pictures_come_by_their_addresses_in_order_each_once() -> None:
    with serve({"/*": body(PNG)}) as server:
        a, b, c = (f"{server.url}/{name}" for name in "abc")
        wanted = [(a,), (b, a), (a,), (c,), (a, c)]
        outcomes = images(wanted, trusted=(server.place,))
        assert list(outcomes) == [(a,), (b, a), (c,), (a, c)]
        assert sorted(server.paths) == ["/a", "/b", "/c"]
        assert [outcome.url for outcome in outcomes.values() if isinstance(outcome, Response)] == [a, b, c, a]


def test_the_next_address_is_tried_where_the_best_one_fails() -> None:
    page = body(b"<!DOCTYPE html><p>Not found", content_type="text/html; charset=utf-8")
    with serve({"/gone": status(404), "/page": page, "/ok": body(PNG)}) as server:
        url = server.url
        one = (f"{url}/gone", "http://10.0.0.1/x", f"{url}/page", f"{url}/ok")
        none = (f"{url}/gone", f"{url}/page")
        outcomes = images([one, none], trusted=(server.place,))
    assert isinstance(outcomes[one], Response)
    failed = outcomes[none]
    assert isinstance(failed, FetchError)
    assert "404" in failed.message
    assert failed.where == f"{url}/gone"


def test_a_page_is_no_picture_but_mislabelled_svg_is() -> None:
    routes = {
        "/page": body(b"  <html>", content_type="text/html"),
        "/svg": body(b"<?xml version='1.0'?><svg/>", content_type="text/html"),
        "/png": body(PNG, content_type="text/html"),
    }
    with serve(routes) as server:
        wanted = [(f"{server.url}{path}",) for path in routes]
        outcomes = images(wanted, trusted=(server.place,))
    assert [type(outcome) for outcome in outcomes.values()] == [FetchError, Response, Response]


def test_no_address_is_an_error() -> None:
    assert messages(images([()])) == {"it has no address"}


@pytest.mark.parametrize(
    ("url", "data", "kind"),
    [
        ("data:image/png;base64," + base64.b64encode(PNG).decode(), PNG, "image/png"),
        ("DATA:image/PNG;name=x;BASE64," + base64.b64encode(PNG).decode().rstrip("="), PNG, "image/png"),
        ("data:image/png;base64,iVBO%0ARw0K%20GgoK", b"\x89PNG\r\n\x1a\n\n", "image/png"),
        ("data:image/gif;base64,__--", b"\xff\xff\xbe", "image/gif"),
        ("data:image/svg+xml,%3Csvg/%3E", b"<svg/>", "image/svg+xml"),
        ("data:image/svg+xml;utf8,<svg>é</svg>", "<svg>é</svg>".encode(), "image/svg+xml"),
        ("data:,", b"", "text/plain"),
    ],
)
def test_data_addresses_are_decoded_here(url: str, data: bytes, kind: str) -> None:
    outcome = images([(url,)])[(url,)]
    assert isinstance(outcome, Response)
    assert outcome.body == data
    assert outcome.header("content-type") == kind


@pytest.mark.parametrize(
    "url", ["data:", "data:image/png", "data:image/png;base64,AAA*", "data:image/png;base64,A"]
)
def test_damaged_data_addresses_are_errors(url: str) -> None:
    assert isinstance(images([(url,)])[(url,)], FetchError)


@pytest.mark.parametrize("size", [100, 101])
def test_the_limit_of_size_holds_for_data_addresses_too(size: int) -> None:
    options = FetchOptions(max_image_bytes=100)
    for url in (
        "data:image/png;base64," + base64.b64encode(bytes(size)).decode(),
        "data:,".ljust(6 + size, "x"),
    ):
        assert isinstance(images([(url,)], options)[(url,)], Response if size <= 100 else FetchError)


def test_the_number_of_pictures_is_limited_over_the_whole_run() -> None:
    with serve({"/*": body(PNG)}) as server, Fetcher(FetchOptions(max_images=3)) as fetcher:
        found = [
            list(
                fetcher.images(
                    [(f"{server.url}/{part}{number}",) for number in range(2)], whole, trusted=[server.place]
                ).values()
            )
            for part in "abc"
        ]
        assert [[isinstance(one, Response) for one in part] for part in found] == [
            [True] * 2,
            [True, False],
            [False] * 2,
        ]
        assert len(server.log) == 3
    assert "more than 3 pictures" in str(found[1][1])


def test_the_size_of_all_pictures_is_limited() -> None:
    options = FetchOptions(concurrency=1, max_total_bytes=2_000)
    with serve({"/*": body(bytes(1_500))}) as server:
        outcomes = images([(f"{server.url}/{number}",) for number in range(5)], options, (server.place,))
        assert len(server.log) == 2
    assert "together" in str(list(outcomes.values())[4])


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    threads = set()

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        threads.add(threading.current_thread())

    with serve({"/ok*": body(PNG)}) as server, Fetcher(QUICK) as fetcher:
        wanted = [(f"{server.url}/ok{number}",) for number in range(5)] + [(f"{server.url}/no",)]
        fetcher.images(wanted, whole, trusted=[server.place], progress=progress)
    assert told[0] == (0, 6)
    assert told[-1] == (6, 6)
    assert told == sorted(told)
    assert threads == {threading.main_thread()}


def test_the_limits_hold_and_one_busy_host_does_not_hold_up_another() -> None:
    routes: dict[str, Route] = {"/slow*": slow(body(PNG), 0.05), "/quick*": body(PNG)}
    with serve(routes) as server:
        wanted = [(f"http://127.0.0.1:{server.port}/slow{number}",) for number in range(8)]
        wanted += [(f"http://localhost:{server.port}/quick{number}",) for number in range(8)]
        trusted = (server.place, f"localhost:{server.port}")
        outcomes = images(wanted, FetchOptions(concurrency=3, per_host=2), trusted)
        assert messages(outcomes) == {"came"}
        assert server.most_at_once <= 3
        assert server.most_per_host["127.0.0.1"] == 2
        assert server.paths.index("/quick7") < server.paths.index("/slow7")


def test_the_limits_hold_across_redirects() -> None:
    """Pictures on four hosts all redirect to one."""

    def onward(exchange: Exchange) -> None:
        exchange.send(302, location=f"{target.url}{exchange.path}")

    with serve({"/*": slow(body(PNG), 0.03)}) as target, serve({"/*": onward}) as server:
        wanted = [(f"http://host{number % 4}.example:{server.port}/{number}",) for number in range(8)]
        options = FetchOptions(concurrency=4, per_host=1, allow_private=True)
        outcomes = ask(Counting(lambda host: ("127.0.0.1",)), wanted, options)
        assert messages(outcomes) == {"came"}
        assert target.most_at_once == 1


# Hosts that do not answer. What is counted is how often they were asked: that is the time it takes.


def many(place: str, count: int = 300) -> list[tuple[str, ...]]:
    return [(f"http://{place}/{number}.png",) for number in range(count)]


def ask(
    transport: Counting, wanted: Sequence[tuple[str, ...]], options: FetchOptions = QUICK, *trusted: str
) -> Outcomes:
    with Fetcher(options, transport=transport, sleep=lambda _: None) as fetcher:
        return fetcher.images(wanted, whole, trusted=trusted)


def test_a_host_that_refuses_is_given_up_at_once() -> None:
    with serve() as gone:
        pass
    transport = Counting()
    outcomes = ask(transport, many(gone.place), QUICK, gone.place)
    assert messages(outcomes) == {"the host refuses connections"}
    assert len(outcomes) == 300
    assert len(transport.hosts) <= 2


@pytest.mark.parametrize("error", [socket.EAI_NONAME, socket.EAI_AGAIN])
def test_a_name_that_is_not_found_is_looked_up_once(error: int) -> None:
    def resolve(host: str) -> tuple[str, ...]:
        raise socket.gaierror(error, "no")

    transport = Counting(resolve)
    assert len(messages(ask(transport, many("dead.example")))) == 1
    assert len(transport.hosts) <= 2


@contextmanager
def deaf() -> Iterator[str]:
    """A port that takes no connection and refuses none: its queue is full, further SYNs are dropped."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for caller in callers:
                caller.close()


def test_a_host_where_packets_vanish_is_given_up_after_one_time_out() -> None:
    with deaf() as place:
        transport = Counting()
        outcomes = ask(transport, many(place), QUICK, place)
    assert messages(outcomes) == {"the host did not take the connection within 0.3 s"}
    assert len(transport.hosts) <= 2


def test_a_network_where_names_are_never_answered_is_taken_to_be_down() -> None:
    release = threading.Event()

    def resolve(host: str) -> tuple[str, ...]:
        release.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "no")

    transport = Counting(resolve)
    wanted: list[tuple[str, ...]] = [(f"http://host{number}.example/x",) for number in range(300)]
    outcomes = ask(transport, wanted)
    release.set()
    assert messages(outcomes) == {"host names cannot be looked up", "the network does not answer"}
    assert len(transport.hosts) <= QUICK.concurrency + 3


def test_a_network_where_no_name_is_known_is_taken_to_be_down() -> None:
    def resolve(host: str) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "no")

    transport = Counting(resolve)
    wanted: list[tuple[str, ...]] = [(f"http://host{number}.example/x",) for number in range(300)]
    outcomes = ask(transport, wanted)
    assert messages(outcomes) == {"there is no host of that name", "the network does not answer"}
    assert 12 <= len(transport.hosts) <= 12 + QUICK.concurrency


def test_one_answer_shows_that_the_network_is_up() -> None:
    def resolve(host: str) -> tuple[str, ...]:
        if host == "localhost":
            return ("127.0.0.1",)
        raise socket.gaierror(socket.EAI_AGAIN, "no")

    with serve({"/*": body(PNG)}) as server:
        local: list[tuple[str, ...]] = [(f"http://localhost:{server.port}/{number}",) for number in range(9)]
        dead: list[tuple[str, ...]] = [(f"http://host{number}.example/",) for number in range(9)]
        transport = Counting(resolve)
        options = FetchOptions(concurrency=1)
        outcomes = ask(transport, [local[0], *dead, *local[1:]], options, f"localhost:{server.port}")
    assert sum(isinstance(outcome, Response) for outcome in outcomes.values()) == 9
    assert len(transport.hosts) == 18


def test_a_host_that_hangs_is_given_up_after_two_time_outs() -> None:
    with serve({"/*": hang}) as server:
        outcomes = images(many(server.place), QUICK, (server.place,))
        assert messages(outcomes) == {"the host did not answer within 0.3 s"}
        assert len(server.log) <= 3


@pytest.mark.parametrize("trouble", [status(500), status(503), reset, truncated(PNG)])
def test_a_host_that_always_fails_is_given_up(trouble: Route) -> None:
    with serve({"/*": trouble}) as server:
        outcomes = images(many(server.place), FetchOptions(), (server.place,))
        assert len(messages(outcomes)) == 1
        assert len(server.log) <= 10


def test_a_host_that_fails_now_and_then_is_not_given_up() -> None:
    def sometimes(exchange: Exchange) -> None:
        exchange.send(500 if exchange.path.endswith("5.png") else 200, PNG)

    with serve({"/*": sometimes}) as server:
        outcomes = images(many(server.place, 60), FetchOptions(), (server.place,))
    assert sum(isinstance(outcome, Response) for outcome in outcomes.values()) == 54


def test_missing_pictures_do_not_make_a_host_dead() -> None:
    with serve({"/59.png": body(PNG)}) as server:
        outcomes = images(many(server.place, 60), FetchOptions(), (server.place,))
        assert len(server.log) == 60
    assert isinstance(list(outcomes.values())[59], Response)


def test_a_host_that_asks_for_an_hour_is_left_in_peace() -> None:
    with serve({"/*": status(429, retry_after="3600")}) as server:
        outcomes = images(many(server.place), FetchOptions(), (server.place,))
        assert all(isinstance(outcome, FetchError) for outcome in outcomes.values())
        assert len(server.log) <= 2


@pytest.mark.parametrize("after", [0, 4])
def test_ctrl_c_stops_at_once_and_keeps_the_cache(after: int, tmp_path: Path) -> None:
    with serve({"/ok": body(PNG), "/*": hang}) as server:
        before = set(threading.enumerate())

        def interrupt(done: int, total: int) -> None:
            while len(server.log) < after + 1:
                time.sleep(0.01)
            raise KeyboardInterrupt

        options = FetchOptions(concurrency=4, per_host=4, cache_dir=tmp_path)
        with Fetcher(options) as fetcher:
            fetcher.source(f"{server.url}/ok")
        with pytest.raises(KeyboardInterrupt), Fetcher(options) as fetcher:
            fetcher.images(many(server.place, 8), whole, trusted=[server.place], progress=interrupt)
        workers = [
            thread for thread in set(threading.enumerate()) - before if thread.name.startswith("fetch")
        ]
        for worker in workers:
            worker.join(10)
        assert not any(worker.is_alive() for worker in workers)
        with Fetcher(FetchOptions(cache_dir=tmp_path, offline=True)) as fetcher:
            assert fetcher.source(f"{server.url}/ok").body == PNG
