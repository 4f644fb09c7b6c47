"""No address that a feed, a page or a redirect names reaches this machine or its network.

Whatever connects is seen twice: by a canary that listens on all addresses of this machine, and where
connections are made.
"""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx2
import pytest

from feed2book.errors import BlockedError, FetchError
from feed2book.fetch import Fetcher
from feed2book.fetch.guard import is_public
from feed2book.fetch.network import Network
from feed2book.models import FetchOptions, Response

connect = socket.create_connection


@dataclass
class Canary:
    """A port that nobody may come to, and the addresses that were tried."""

    port: int
    visits: int = 0
    tried: list[str] = field(default_factory=list)

    @property
    def sings(self) -> bool:
        """Whether all is well."""
        return self.visits == 0 and all(map(is_public, self.tried))


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        found = Canary(listener.getsockname()[1])

        def listen() -> None:
            while True:
                try:
                    listener.accept()[0].close()
                except OSError:
                    return
                found.visits += 1

        def record(address: tuple[str, int], *rest: object, **named: object) -> socket.socket:
            found.tried.append(address[0])
            if is_public(address[0]):  # no test goes out
                raise OSError(errno.ENETUNREACH, "unreachable")
            return connect(address, timeout=1)

        monkeypatch.setattr(socket, "create_connection", record)
        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield found
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


# What names stand for; all others are public, at an address where nobody answers.
NAMES = {
    "rebound.example": ("127.0.0.1",),
    "both.example": ("8.8.8.8", "127.0.0.1"),
    "private.example": ("10.0.0.1",),
    "mapped.example": ("::ffff:127.0.0.1",),
    "six.example": ("::1",),
    "scoped.example": ("fe80::1%lo",),
    "translated.example": ("64:ff9b::7f00:1",),
    "metadata.google.internal": ("169.254.169.254",),
    "instance-data": ("169.254.169.254",),
    "metadata.example": ("fd00:ec2::254",),
    "localhost.localdomain": ("127.0.0.1",),
    "router": ("192.168.0.1",),
    "nowhere.example": (),
}


def resolve(host: str) -> tuple[str, ...]:
    return NAMES.get(host.rstrip(".").lower(), ("8.8.4.4",))


def options(canary: Canary) -> FetchOptions:
    ports = (*FetchOptions().ports, canary.port)  # so that the address alone decides
    return FetchOptions(connect_timeout=1, read_timeout=1, total_timeout=3, retries=0, ports=ports)


def picture(fetcher: Fetcher, url: str) -> bytes | FetchError:
    return fetcher.images([(url,)], body, trusted=[])[(url,)]


def post(fetcher: Fetcher, url: str) -> bytes | FetchError:
    return fetcher.pages([(url, "")], body, trusted=[])[url, ""]


def next_page(fetcher: Fetcher, url: str) -> bytes | FetchError:
    try:
        return fetcher.page(url).body
    except FetchError as error:
        return error


def body(response: Response) -> bytes:
    return response.body


ROOMS = (picture, post, next_page)

# What stands where a host belongs. {port} is the canary's.
HOSTS = (
    # this machine, in all spellings
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "2130706433.",
    "0x7f000001",
    "0X7F000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "017700000001",
    "0177.0.0.1",
    "00000177.0.0.01",
    "127.000.000.001",
    "127.0x0.0.1",
    "0",
    "0.0.0.0",
    "0x0",
    "0.1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[::1%25lo]",
    "[::1%lo]",
    "[fe80::1%25lo]",
    "localhost",
    "LocalHost",
    "localhost.",
    "a.b.localhost",
    "localhost.localdomain",
    # signs that look like others
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "loca\u00adlhost",
    "loc\u200dalhost",
    "[::ﬀﬀ:7f00:1]",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "local%68ost",
    "127.0.0.1%00.example.org",
    "127.0.0.1%0d%0a",
    "127.0.0.1%20",
    # logins, slashes and spaces
    "example.org@127.0.0.1",
    "example.org:80@127.0.0.1",
    "a@example.org@127.0.0.1",
    "example.org%40127.0.0.1",
    "example.org\\@127.0.0.1",
    "127.0.0.1\\@example.org",
    " 127.0.0.1",
    "127.0.0.1\t",
    "127.0.\n0.1",
    "\\127.0.0.1",
    "/127.0.0.1",
    # networks that are not the world's
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
    # what clouds tell their machines
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "169.254.170.2",
    "169.254.0.23",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fd00:42::42]",
    # names that stand for such addresses
    *NAMES,
)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_of_this_machine_or_network_is_not_reached(host: str, canary: Canary) -> None:
    with Fetcher(options(canary), transport=Network(2, resolve)) as fetcher:
        for ask in ROOMS:
            for scheme in ("http", "https"):
                assert isinstance(ask(fetcher, f"{scheme}://{host}:{canary.port}/x"), FetchError)
    assert canary.sings, canary


# A proxy looks names up itself: those of public form (rebound.example) cannot be judged.
@pytest.mark.parametrize(
    "host", [host for host in HOSTS if not host.endswith((".example", "\\@example.org"))]
)
@pytest.mark.parametrize("kind", ["http", "socks5"])
def test_a_proxy_is_not_asked_for_such_a_host(host: str, kind: str, canary: Canary) -> None:
    network = Network(2, resolve, proxy=f"{kind}://127.0.0.1:{canary.port}")
    with Fetcher(options(canary), transport=network) as fetcher:
        for ask in ROOMS:
            assert isinstance(ask(fetcher, f"http://{host}:{canary.port}/x"), FetchError)
    assert canary.sings, canary


# Where a redirect may lead; a part of these is only an address beside the one that redirects.
TARGETS = (
    *(f"http://{host}:{{port}}/x" for host in HOSTS if not {*host} & {"\n", "\t", "\\", " "}),
    "https://127.0.0.1:{port}/x",
    "//127.0.0.1:{port}/x",
    "///127.0.0.1:{port}/x",
    "\\\\127.0.0.1:{port}\\x",
    "/\\127.0.0.1:{port}/x",
    "http:127.0.0.1:{port}/x",
    "http:/127.0.0.1:{port}/x",
    "http:\\\\127.0.0.1:{port}\\x",
    "HTTP://127.0.0.1:{port}/x",
    " http://127.0.0.1:{port}/x ",
    "http://127.0.0.1:{port}",
    "http://127.0.0.1:{port}?x",
    "http://127.0.0.1:{port}#@example.org/",
    "file:///etc/passwd",
    "file://127.0.0.1:{port}/x",
    "ftp://127.0.0.1:{port}/x",
    "gopher://127.0.0.1:{port}/_x",
    "dict://127.0.0.1:{port}/x",
    "ldap://127.0.0.1:{port}/x",
    "ws://127.0.0.1:{port}/x",
    "jar:http://127.0.0.1:{port}/x!/",
    "view-source:http://127.0.0.1:{port}/x",
    "blob:http://127.0.0.1:{port}/x",
    "feed://127.0.0.1:{port}/x",
    "data:text/html,x",
    "javascript:x",
    "",
)


class Outside(httpx2.BaseTransport):
    """The network, and in it a public site that redirects from /1 to /2 …, and at the end to ``target``."""

    def __init__(self, target: str, hops: int) -> None:
        self._target = target
        self._hops = hops
        self._network = Network(2, resolve)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.host != "outside.example":
            return self._network.handle_request(request)
        number = int(request.url.path[1:]) if request.url.path[1:].isdecimal() else 0
        if not number:
            return httpx2.Response(404)
        onward = self._target if number == self._hops else f"/{number + 1}"
        return httpx2.Response(302, headers=[(b"location", onward.encode())])

    def close(self) -> None:
        self._network.close()


def source(fetcher: Fetcher, url: str) -> bytes | FetchError:
    try:
        return fetcher.source(url).body
    except FetchError as error:
        return error


@pytest.mark.parametrize("hops", [1, 3])
@pytest.mark.parametrize("target", TARGETS)
def test_a_redirect_does_not_lead_there(target: str, hops: int, canary: Canary) -> None:
    for ask in (*ROOMS, source):
        transport = Outside(target.format(port=canary.port), hops)
        with Fetcher(options(canary), transport=transport) as fetcher:
            assert isinstance(ask(fetcher, "http://outside.example/1"), FetchError)
    assert canary.sings, canary


def test_a_name_is_looked_up_once_and_what_was_checked_is_what_is_connected_to(canary: Canary) -> None:
    answers = [("8.8.8.8",), ("127.0.0.1",)]

    def fickle(host: str) -> tuple[str, ...]:
        return answers.pop(0)

    with Fetcher(options(canary), transport=Network(2, fickle)) as fetcher:
        for ask in ROOMS:
            ask(fetcher, f"http://fickle.example:{canary.port}/x")
    assert set(canary.tried) == {"8.8.8.8"}
    assert canary.visits == 0


@pytest.mark.parametrize(
    ("port", "open_"),
    [("", True), (":80", True), (":443", True), (":8080", True), (":8443", True)]
    + [(f":{port}", False) for port in (1, 21, 22, 25, 110, 3306, 5432, 6379, 9200, 11211, 27017, 65535)],
)
@pytest.mark.parametrize("ask", ROOMS)
def test_only_ports_of_the_web_are_asked(
    ask: Callable[[Fetcher, str], bytes | FetchError], port: str, open_: bool, canary: Canary
) -> None:
    with Fetcher(FetchOptions(retries=0), transport=Network(2, resolve)) as fetcher:
        outcome = ask(fetcher, f"http://public.example{port}/x")
        assert isinstance(outcome, FetchError)
        assert isinstance(outcome, BlockedError) is not open_
    assert bool(canary.tried) is open_
