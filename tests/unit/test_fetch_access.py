"""What the user gives for a source reaches that source's place, and nothing and nobody else."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from server.app import Exchange, Route, Server, body, redirect, serve, status
from traces import left_behind

from feed2book.errors import Code, FetchError, UsageError
from feed2book.fetch import Fetcher
from feed2book.fetch.network import Network
from feed2book.models import FetchOptions, Grant, Response

FAR = "9999999999"


def cookie_line(
    name: str, *, domain: str = "127.0.0.1", path: str = "/", secure: str = "FALSE", expiry: str = FAR
) -> str:
    return "\t".join([domain, "TRUE" if domain.startswith(".") else "FALSE", path, secure, expiry, name, "v"])


def heads(server: Server, name: str) -> list[tuple[str, str | None]]:
    return [(seen.path, seen.headers.get(name)) for seen in server.log]


def sent(grant: Grant, path: str = "/feed") -> dict[str, str]:
    """Fetch a source with that grant; return the head of the request."""
    with serve({"/*": body(b"feed")}) as server, Fetcher(FetchOptions()) as fetcher:
        fetcher.source(f"{server.url}{path}", grant=grant)
        return {name.lower(): value for name, value in server.log[0].headers.items()}


def here(host: str) -> tuple[str, ...]:
    return ("127.0.0.1",)


def test_headers_are_added_and_replace_ours() -> None:
    found = sent(Grant(headers=(("user-agent", "Mozilla/5.0"), ("x-api-key", "k"), ("referer", "http://a/"))))
    assert (found["user-agent"], found["x-api-key"], found["referer"]) == ("Mozilla/5.0", "k", "http://a/")


@pytest.mark.parametrize(
    ("line", "goes"),
    [
        (cookie_line("a"), True),
        ("#HttpOnly_" + cookie_line("a"), True),
        (cookie_line("a", expiry="0"), True),
        (cookie_line("a", expiry="-1"), True),
        (cookie_line("a", expiry=""), True),
        (cookie_line("a", expiry="9999999999.123"), True),
        (cookie_line("a") + "\r", True),
        (cookie_line("a").replace("FALSE", "TRUE", 1), True),
        (cookie_line("a", expiry="1000"), False),
        (cookie_line("a", path="/feeds"), False),
        (cookie_line("a", path="/feed"), True),
        (cookie_line("a", secure="TRUE"), False),
        (cookie_line("a", domain="127.0.0.2"), False),
        (cookie_line("a", domain="example.org"), False),
        ("# " + cookie_line("a"), False),
    ],
)
@pytest.mark.parametrize("head", ["# Netscape HTTP Cookie File\n\n", "", "\ufeff# any\n"])
def test_cookies_of_a_file_go_where_they_belong(head: str, line: str, goes: bool) -> None:
    assert sent(Grant(cookies=head + line + "\n")).get("cookie") == ("a=v" if goes else None)


@pytest.mark.parametrize(
    ("domain", "goes"),
    [
        (".example.org", True),
        (".blog.example.org", True),
        ("blog.example.org", True),
        ("example.org", False),
        (".log.example.org", False),
        (".org.example", False),
    ],
)
def test_cookies_of_a_domain_go_to_its_hosts(domain: str, goes: bool) -> None:
    grant = Grant(cookies=cookie_line("a", domain=domain))
    with (
        serve({"/*": body(b"feed")}) as server,
        Fetcher(FetchOptions(), transport=Network(2, here)) as fetcher,
    ):
        fetcher.source(f"http://blog.example.org:{server.port}/feed", grant=grant)
        assert heads(server, "cookie") == [("/feed", "a=v" if goes else None)]


@pytest.mark.parametrize(
    "text",
    [
        "s3cret",
        cookie_line("s3cret\x01"),
        "a\tb\tc",
        cookie_line("s3cret", expiry="soon"),
        cookie_line("a") + "\ts3cret",
        "1\x00s",
    ],
)
def test_a_file_that_has_no_cookies_is_told_without_its_text(text: str) -> None:
    with Fetcher(FetchOptions()) as fetcher, pytest.raises(UsageError, match="line 2 is not") as caught:
        fetcher.source("https://example.org/feed", grant=Grant(cookies=f"#\n{text}"))
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_cookies_that_a_host_sets_go_back_to_it_for_the_run(tmp_path: Path) -> None:
    routes = {"/feed": body(b"feed", set_cookie="sid=s3cret; Path=/; Domain=example.org"), "/*": body(b"x")}
    with serve(routes) as server:
        urls = [(f"http://{host}.example.org:{server.port}/1.png",) for host in ("blog", "img")]
        options = FetchOptions(cache_dir=tmp_path, allow_private=True, concurrency=1)
        with Fetcher(options, transport=Network(2, here)) as fetcher:
            response = fetcher.source(f"http://blog.example.org:{server.port}/feed")
            fetcher.images(urls, bytes_of, trusted=[])
        with Fetcher(options, transport=Network(2, here)) as fetcher:
            fetcher.source(f"http://blog.example.org:{server.port}/feed")
        assert [seen.headers.get("cookie") for seen in server.log] == [None, "sid=s3cret", None, None]
    assert not response.header("set-cookie")
    assert b"s3cret" not in left_behind(tmp_path)


def test_a_site_may_set_a_cookie_and_send_us_back() -> None:
    def gate(exchange: Exchange) -> None:
        if exchange.headers.get("cookie") == "seen=1":
            exchange.send(200, b"feed")
        else:
            exchange.send(302, location="/feed", set_cookie="seen=1")

    with serve({"/feed": gate}) as server, Fetcher(FetchOptions()) as fetcher:
        assert fetcher.source(f"{server.url}/feed").body == b"feed"


def test_a_site_that_sets_ever_new_cookies_is_left() -> None:
    def gate(exchange: Exchange) -> None:
        exchange.send(302, location="/feed", set_cookie=f"seen={exchange.count}")

    with serve({"/feed": gate}) as server, Fetcher(FetchOptions(max_redirects=3)) as fetcher:
        with pytest.raises(FetchError, match="more than 3 redirects"):
            fetcher.source(f"{server.url}/feed")
        assert len(server.log) == 4


def test_a_site_that_sets_cookies_without_end_gets_few_back() -> None:
    sent: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.headers.get("cookie", ""))
        new = [
            f"huge={'x' * 4_096}",
            *(f"c{len(sent)}-{number}={len(sent)}" for number in range(30)),
            "c1-0=new",
        ]
        return httpx2.Response(200, headers=[("set-cookie", line) for line in new], content=b"feed")

    with Fetcher(FetchOptions(), transport=httpx2.MockTransport(answer)) as fetcher:
        for _ in range(3):
            fetcher.source(
                "https://example.org/feed", grant=Grant(cookies=cookie_line("a", domain="example.org"))
            )
    assert [line.count("=") for line in sent] == [1, 31, 51]
    assert {"a=v", "c1-0=new", "c1-29=1", "c2-0=2"} <= set(sent[-1].split("; "))


def test_a_grant_counts_for_its_place_alone() -> None:
    """``localhost`` is another name, and the second server another port: other places, both."""
    grant = Grant(headers=(("x-key", "k"), ("authorization", "Bearer t")), cookies=cookie_line("a"))
    options = FetchOptions(allow_private=True, ignore_robots=True)
    with serve({"/*": body(b"x")}) as other:
        routes: dict[str, Route] = {"/away": redirect(f"{other.url}/from-feed"), "/*": body(b"x")}
        with serve(routes) as mine, Fetcher(options) as fetcher:
            fetcher.source(f"{mine.url}/feed", grant=grant)
            fetcher.page(f"{mine.url}/feed?page=2")
            fetcher.pages([(f"{place.url}/post", "") for place in (mine, other)], bytes_of, trusted=[])
            fetcher.images(
                [(f"http://localhost:{mine.port}/1.png",), (f"{other.url}/2.png",)], bytes_of, trusted=[]
            )
            fetcher.source(f"{mine.url}/away", grant=grant)
            near = {path for path, key in heads(mine, "x-key") if key}
            assert near == {"/feed", "/feed?page=2", "/post", "/away"}
            for name in ("x-key", "authorization", "cookie"):
                assert {value for path, value in heads(mine, name) if path in near} != {None}
                assert {value for _, value in heads(other, name)} == {None}
                assert dict(heads(mine, name))["/1.png"] is None


def bytes_of(response: Response) -> bytes:
    return response.body


@pytest.mark.parametrize("names", ["abc", "cba"])
def test_a_page_gets_what_its_own_source_got(names: str) -> None:
    """Of three neighbours ``a`` was given nothing. Who is none of them gets what the first other one got."""

    def whose(exchange: Exchange) -> None:
        exchange.send(200, (exchange.headers.get("x-key") or "a").encode())

    keys = {"a": Grant(), "b": Grant(headers=(("x-key", "b"),)), "c": Grant(headers=(("x-key", "c"),))}
    with serve({"/robots.txt": status(404), "/*": whose}) as server, Fetcher(FetchOptions()) as fetcher:
        post, places = f"{server.url}/post", {name: f"{server.url}/{name}" for name in names}
        for name, source in places.items():
            assert fetcher.source(source, grant=keys[name]).body == name.encode()
            assert fetcher.page(post, source=source).body == name.encode()
        got = fetcher.pages([(post, source) for source in (*places.values(), "")], bytes_of, trusted=[])
        assert got == {(post, source): name.encode() for name, source in places.items()} | {(post, ""): b"b"}
        assert server.paths.count("/post") == 6  # once where two get the same


def test_different_grants_see_different_answers(tmp_path: Path) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.send(200, (exchange.headers.get("x-key") or "-").encode(), cache_control="max-age=99")

    with serve({"/*": answer}) as server:
        for key in ("a", "b"):
            with Fetcher(FetchOptions(cache_dir=tmp_path)) as fetcher:
                fetcher.source(f"{server.url}/feed", grant=Grant(headers=(("x-key", key),)))
        for key in ("a", "b"):
            with Fetcher(FetchOptions(cache_dir=tmp_path, offline=True)) as fetcher:
                found = fetcher.source(f"{server.url}/feed", grant=Grant(headers=(("x-key", key),)))
                assert found.body == key.encode()


# netrc.

NETRC = "machine 127.0.0.1 login ada password s3cret\ndefault login anyone password s3cret\n"


@pytest.fixture
def netrc(tmp_path: Path) -> Path:
    file = tmp_path / "netrc"
    file.write_text(NETRC)
    file.chmod(0o600)
    return file


def asked(options: FetchOptions, grant: Grant = Grant()) -> tuple[str | None, list[str]]:  # noqa: B008
    """Fetch a source; return the login that it got, and the notices' codes."""
    with serve({"/*": body(b"feed")}) as server, Fetcher(options) as fetcher:
        fetcher.source(f"{server.url}/feed", grant=grant)
        return server.log[0].headers.get("authorization"), [notice.code for notice in fetcher.notices]


def test_a_login_may_come_from_netrc(netrc: Path) -> None:
    assert asked(FetchOptions(netrc=netrc)) == ("Basic YWRhOnMzY3JldA==", [])


def test_what_a_source_was_given_goes_before_netrc(netrc: Path) -> None:
    assert asked(FetchOptions(netrc=netrc), Grant(headers=(("authorization", "Bearer t"),)))[0] == "Bearer t"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_netrc_that_others_can_read_is_not_used(netrc: Path, mode: int) -> None:
    netrc.chmod(mode)
    assert asked(FetchOptions(netrc=netrc)) == (None, [Code.LOGIN_UNUSED])


@pytest.mark.parametrize("text", ["machine 127.0.0.1 s3cret", "password s3cret", "\udcff"])
def test_a_netrc_that_cannot_be_understood_is_told_without_its_text(netrc: Path, text: str) -> None:
    netrc.write_text(text, errors="surrogateescape")
    with serve({"/*": body(b"feed")}) as server, Fetcher(FetchOptions(netrc=netrc)) as fetcher:
        fetcher.source(f"{server.url}/feed")
        assert [notice.code for notice in fetcher.notices] == [Code.LOGIN_UNUSED]
        assert "s3cret" not in repr(fetcher.notices)


def test_the_default_of_a_netrc_is_for_nobody_and_nothing_goes_over_http(netrc: Path) -> None:
    netrc.write_text(NETRC.replace("127.0.0.1", "blog.example"))
    options = FetchOptions(netrc=netrc)
    with serve({"/*": body(b"feed")}) as server, Fetcher(options, transport=Network(2, here)) as fetcher:
        for host in ("blog.example", "127.0.0.1"):
            fetcher.source(f"http://{host}:{server.port}/feed")
        assert [value for _, value in heads(server, "authorization")] == [None, None]


def test_no_netrc_is_no_problem(tmp_path: Path) -> None:
    assert asked(FetchOptions(netrc=tmp_path / "none")) == (None, [])


# Proxies.


@contextmanager
def socks(answer: bytes, login: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """A SOCKS 5 proxy (RFC 1928, RFC 1929) that answers itself; yields its place and what it heard."""
    heard: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        with connection:
            connection.recv(64)
            connection.sendall(b"\x05\x02" if login else b"\x05\x00")
            if login:
                heard.append(connection.recv(64))
                connection.sendall(b"\x01\x00")
            heard.append(connection.recv(512))
            connection.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
            connection.recv(4096)
            head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(answer)}\r\nconnection: close\r\n\r\n"
            connection.sendall(head.encode() + answer)

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            talk(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", heard
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_source_may_have_its_own_proxy() -> None:
    with serve({"*": body(b"from the proxy")}) as proxy, serve({"*": body(b"for all")}) as usual:
        with Fetcher(FetchOptions(proxy=usual.url)) as fetcher:
            fetcher.source("http://blog.example/feed", grant=Grant(proxy=proxy.url))
            fetcher.images(
                [("http://blog.example/1.png",), ("http://pictures.example/2.png",)], bytes_of, trusted=[]
            )
        assert proxy.paths == ["http://blog.example/feed", "http://blog.example/1.png"]
        assert usual.paths == ["http://pictures.example/2.png"]


def test_a_socks_proxy_looks_names_up_itself() -> None:
    with socks(b"feed", b"ada:pw") as (place, heard), Fetcher(FetchOptions()) as fetcher:
        found = fetcher.source("http://blog.onion/feed", grant=Grant(proxy=f"socks5://ada:pw@{place}"))
    assert found.body == b"feed"
    assert heard == [b"\x01\x03ada\x02pw", b"\x05\x01\x00\x03\x0ablog.onion\x00\x50"]


def test_a_proxy_of_the_users_gets_no_names_of_local_use() -> None:
    with serve({"*": body(b"x")}) as proxy, Fetcher(FetchOptions(proxy=proxy.url)) as fetcher:
        urls = ["http://router/", "http://wiki.corp/", "http://10.0.0.1/", "http://localhost:9/"]
        found = fetcher.images([(url,) for url in urls], bytes_of, trusted=[])
        assert all(isinstance(outcome, FetchError) for outcome in found.values())
        assert proxy.log == []


@pytest.mark.parametrize(
    "proxy", ["s3cret", "ftp://s3cret@x", "http://", "socks4://s3cret:1", "http://[s3cret"]
)
def test_what_is_no_proxy_is_told_without_it(proxy: str) -> None:
    with Fetcher(FetchOptions(proxy=proxy)) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.source("http://blog.example/feed")
    assert caught.value.message == "the proxy cannot be used"
    assert "s3cret" not in str(caught.value)


def test_debugging_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    grant = Grant(headers=(("x-key", "s3cret1"),), cookies=cookie_line("s3cret2"))
    with serve({"*": body(b"feed", set_cookie="a=s3cret3")}) as server, Fetcher(FetchOptions()) as fetcher:
        fetcher.source(f"{server.url}/feed", grant=grant)
    with socks(b"feed", b"ada:s3cret") as (place, _), Fetcher(FetchOptions()) as fetcher:
        fetcher.source("http://blog.example/feed", grant=Grant(proxy=f"socks5://ada:s3cret@{place}"))
    assert "s3cret" not in caplog.text
    assert "s3cret" not in repr(grant)
