"""Which addresses a feed's content may reach."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest
from answers import whole
from server.app import body, drip_headers, redirect, serve

from feed2book.errors import BlockedError, FetchError
from feed2book.fetch import Fetcher
from feed2book.fetch.guard import Trust, check_host, is_public, literal, shown
from feed2book.fetch.network import Network
from feed2book.models import FetchOptions, Response

PRIVATE = (
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
)
PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "198.17.255.255",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
)
# What a feed may write for a host, and is caught before any name is looked up.
DISGUISED = (
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0.0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0",
    "0x0",
    "3232235521",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:0:0:1]",
    "[fe80::1%25eth0]",
    "[64:ff9b::7f00:1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "app.localhost",
    "a.b.LocalHost.",
)
# Names that a proxy would look up for us.
LOCAL_NAMES = (
    "router",
    "nas.local",
    "wiki.corp",
    "db.internal",
    "printer.lan",
    "x.home.arpa",
    "tv.home",
    "x.intranet",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", DISGUISED)
def test_a_host_that_says_it_is_private_is_refused(host: str) -> None:
    with pytest.raises(BlockedError, match="a feed may not reach"):
        check_host(host, "http://there/")


@pytest.mark.parametrize("host", LOCAL_NAMES)
def test_a_name_of_local_use_is_refused_only_if_a_proxy_looks_it_up(host: str) -> None:
    check_host(host, "http://there/")
    with pytest.raises(BlockedError):
        check_host(host, "http://there/", by_name=True)


@pytest.mark.parametrize(
    "host", ["example.org", "8.8.8.8", "localhost.example.org", "[2606:4700::1111]", "face.example"]
)
def test_other_hosts_pass(host: str) -> None:
    check_host(host, "http://there/", by_name=True)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0x7f.1", "127.0.0.1"),
        ("134744072", "8.8.8.8"),
        ("[::1]", "::1"),
        ("face", ""),
        ("example.org", ""),
        ("1.2.3.4.5", ""),
    ],
)
def test_the_old_forms_of_addresses_are_read(host: str, address: str) -> None:
    assert literal(host) == address


@pytest.mark.parametrize(
    ("names", "host", "port", "covered"),
    [
        (["localhost:8000"], "localhost", 8000, True),
        (["localhost:8000"], "LOCALHOST.", 8000, True),
        (["localhost:8000"], "localhost", 8001, False),
        (["localhost:8000"], "127.0.0.1", 8000, False),
        (["example.org"], "example.org", 443, True),
        (["example.org"], "example.org", 80, True),
        (["example.org"], "example.org", 22, False),
        (["example.org"], "x.example.org", 443, False),
        (["[::1]:8000"], "::1", 8000, True),
        (["::1"], "::1", 80, True),
        ([], "example.org", 443, False),
    ],
)
def test_trust_counts_for_one_host_and_port(names: list[str], host: str, port: int, covered: bool) -> None:
    assert Trust(names).covers(host, port) is covered


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://user:secret@example.org/feed", "https://example.org/feed"),
        ("https://user:se@cret@example.org/feed", "https://example.org/feed"),
        ("feed://user:secret@example.org/feed", "feed://example.org/feed"),
        ("Feed:https://user:secret@example.org/feed", "Feed:https://example.org/feed"),
        ("https://example.org/a@b", "https://example.org/a@b"),
        ("//token@example.org/", "//example.org/"),
        ("http://example.org/\x1b[31m\nx", "http://example.org/%1B[31m%0Ax"),
        ("http://example.org/‮x", "http://example.org/%E2%80%AEx"),
        ("data:image/png;base64,AAAA", "data:image/png;base64,…"),
    ],
)
def test_what_is_shown_of_an_address(url: str, text: str) -> None:
    assert shown(url) == text


def test_a_long_address_is_cut() -> None:
    assert len(shown("http://example.org/" + "x" * 9_000)) == 300


# Real connections, and ports of all kinds, so that hosts alone decide; test_fetch_hostile.py has the attacks.

ANY = range(65_536)


def fetch(url: str, *, trusted: tuple[str, ...] = (), allow_private: bool = False) -> Response | FetchError:
    options = FetchOptions(connect_timeout=1, read_timeout=1, total_timeout=3, allow_private=allow_private)
    with Fetcher(replace(options, ports=ANY)) as fetcher:
        return fetcher.images([(url,)], whole, trusted=trusted)[(url,)]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/x", "gopher://x/", "javascript:1", "/x", "x"]
)
def test_only_the_web_is_fetched(url: str) -> None:
    assert isinstance(fetch(url), BlockedError)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///x",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://[::1",
        "http://exa\nmple.org/",
        "",
        "http://%00/",
        "http://-/",
        "http://" + "x" * 300 + ".org/",
        "http://.../",
        "http://a..b/",
    ],
)
def test_an_invalid_address_is_one_clear_error(url: str) -> None:
    outcome = fetch(url)
    assert isinstance(outcome, FetchError)
    assert "\n" not in str(outcome)


def test_a_trusted_place_is_asked_and_others_beside_it_are_not() -> None:
    with serve({"/*": body(b"public")}) as mine, serve({"/*": body(b"secret")}) as other:
        assert isinstance(fetch(f"{mine.url}/x", trusted=(mine.place,)), Response)
        assert isinstance(fetch(f"{other.url}/x", trusted=(mine.place,)), BlockedError)
        assert isinstance(fetch(f"http://localhost:{mine.port}/x", trusted=(mine.place,)), BlockedError)
        assert other.log == []


def test_a_redirect_from_a_trusted_place_does_not_carry_the_trust() -> None:
    with serve({"/*": body(b"secret")}) as other, serve({"/x": redirect(f"{other.url}/x")}) as mine:
        outcome = fetch(f"{mine.url}/x", trusted=(mine.place,))
        assert isinstance(outcome, BlockedError)
        assert other.log == []


def test_allow_private_allows() -> None:
    with serve({"/x": body(b"mine")}) as mine:
        outcome = fetch(f"{mine.url}/x", allow_private=True)
        assert isinstance(outcome, Response)
        assert outcome.body == b"mine"


def test_a_source_may_be_local_and_redirect_within_its_host_only() -> None:
    with serve({"/feed": body(b"feed")}) as second:
        routes = {
            "/near": redirect(f"{second.url}/feed"),
            "/far": redirect(f"http://localhost:{second.port}/feed"),
        }
        with serve(routes) as first, Fetcher(FetchOptions(ports=ANY)) as fetcher:
            assert fetcher.source(f"{first.url}/near").body == b"feed"
            with pytest.raises(BlockedError):
                fetcher.source(f"{first.url}/far")
            assert second.paths == ["/feed"]


def resolved(*answers: tuple[str, ...] | OSError) -> Network:
    """A network in which names mean what we say, one answer after the other."""
    left = list(answers)

    def resolve(host: str) -> tuple[str, ...]:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, OSError):
            raise answer
        return answer

    return Network(2, resolve)


def test_a_name_cannot_change_its_mind() -> None:
    """The source's host first means one machine, then, for its pictures, another (DNS rebinding)."""
    with serve({"/*": body(b"feed", connection="close")}) as server:
        url = f"http://blog.example:{server.port}"
        network = resolved(("127.0.0.1",), ("127.0.0.2",))
        with Fetcher(FetchOptions(), transport=network) as fetcher:
            fetcher.source(f"{url}/feed")
            fetcher.images([(f"{url}/1",), (f"{url}/2",)], whole, trusted=[])
        assert sorted(server.paths) == ["/1", "/2", "/feed"]


def test_a_proxy_gets_no_names_of_local_use(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve({"*": body(b"from the proxy")}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        outside = fetch("http://pictures.example/x")
        assert isinstance(outside, Response)
        assert outside.body == b"from the proxy"
        for url in ("http://router/", "http://wiki.corp/", "http://10.0.0.1/", "http://localhost:9/"):
            assert isinstance(fetch(url), BlockedError)
        assert proxy.paths == ["http://pictures.example/x"]


@pytest.mark.parametrize(
    "proxy", ["http://localhost:9", "127.0.0.1:9", "socks5://127.0.0.1:9", "ftp://x", "http://[", "x y"]
)
def test_a_proxy_that_cannot_be_used_is_called_so(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    outcome = fetch("https://pictures.example/x")
    assert isinstance(outcome, FetchError)
    assert outcome.message == "the proxy cannot be used"


def test_a_slow_proxy_is_cut_off_by_the_total_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve({"*": drip_headers}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        options = FetchOptions(read_timeout=0.3, total_timeout=0.4, retries=0)
        with Fetcher(options) as fetcher, pytest.raises(FetchError, match="it was not done within"):
            fetcher.source("http://blog.example/feed")


def test_hosts_without_a_proxy_are_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve({"*": body(b"from the proxy")}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "pictures.example")
        unknown = socket.gaierror(socket.EAI_NONAME, "unknown")
        with Fetcher(FetchOptions(), transport=resolved(unknown)) as fetcher:
            found = fetcher.images(
                [("http://pictures.example/",), ("http://other.example/",)], whole, trusted=[]
            )
        assert [type(outcome) for outcome in found.values()] == [FetchError, Response]
        assert proxy.paths == ["http://other.example/"]


def test_this_machine_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serve({"/feed": body(b"feed")}) as server, Fetcher(FetchOptions()) as fetcher:
        assert fetcher.source(f"{server.url}/feed").body == b"feed"


def test_a_name_that_is_not_known_is_said_so() -> None:
    unknown = socket.gaierror(socket.EAI_NONAME, "unknown")
    message = "there is no host of that name"
    with (
        Fetcher(FetchOptions(), transport=resolved(unknown)) as fetcher,
        pytest.raises(FetchError, match=message),
    ):
        fetcher.source("http://blog.example/feed")
