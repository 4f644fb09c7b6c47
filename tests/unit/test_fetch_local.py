"""Sources that need no network, and what the user may type for one that does."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from answers import whole
from server.app import body, serve

from feed2book.errors import FetchError, UsageError
from feed2book.fetch import Fetcher
from feed2book.fetch.local import address_of
from feed2book.models import FetchOptions

FEED = b"<rss/>"


def source(text: str, base: str = "", limit: int = 1_000) -> tuple[str, bytes, str]:
    with Fetcher(FetchOptions(max_file_bytes=limit)) as fetcher:
        response = fetcher.source(text, base=base)
    assert response.status == 200
    return response.url, response.body, response.header("content-type")


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://example.org/feed", "https://example.org/feed"),
        (" HTTP://example.org/feed\n", "HTTP://example.org/feed"),
        ("feed://example.org/x", "https://example.org/x"),
        ("feed:example.org/x", "https://example.org/x"),
        ("feed:https://example.org/x", "https://example.org/x"),
        ("feed:http://example.org/x", "http://example.org/x"),
        ("example.org", "https://example.org"),
        ("example.org/feed.xml", "https://example.org/feed.xml"),
        ("example.org:8080/feed", "https://example.org:8080/feed"),
        ("blog.example.co.uk?feed=rss2", "https://blog.example.co.uk?feed=rss2"),
        ("bücher.example/feed", "https://bücher.example/feed"),
        ("xn--bcher-kva.xn--p1ai/feed", "https://xn--bcher-kva.xn--p1ai/feed"),
        ("localhost:8000/feed", "http://localhost:8000/feed"),
        ("127.0.0.1:8000/feed", "http://127.0.0.1:8000/feed"),
        ("192.168.1.2/feed", "https://192.168.1.2/feed"),
        ("feed.xml", ""),
        ("missing.rss", ""),
        ("dir/feed.xml", ""),
        ("./example.org", ""),
        ("/tmp/feed", ""),
        ("feed", ""),
        ("some file.xml", ""),
        ("file:///tmp/feed.xml", ""),
        ("2.0", ""),
        ("", ""),
    ],
)
def test_what_a_source_means(typed: str, address: str) -> None:
    assert address_of(typed) == address


def test_a_file_wins_over_a_host_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("example.org").write_bytes(FEED)
    assert source("example.org") == ((tmp_path / "example.org").as_uri(), FEED, "")


@pytest.mark.parametrize("typed", ["ftp://example.org/x", "mailto:a@example.org", "javascript:alert(1)"])
def test_other_schemes_are_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="cannot be fetched — give an http"):
        source(typed)


def test_a_file_knows_its_address_or_the_given_one(tmp_path: Path) -> None:
    file = tmp_path / "a b.xml"
    file.write_bytes(FEED)
    assert source(str(file)) == (file.as_uri(), FEED, "")
    assert source(file.as_uri()) == (file.as_uri(), FEED, "")
    assert source(str(file), base="https://example.org/")[0] == "https://example.org/"


def test_the_type_of_a_file_is_told_only_where_its_name_tells(tmp_path: Path) -> None:
    for name, kind in (("a.json", "application/json"), ("a.HTML", "text/html"), ("a.rss", "")):
        (tmp_path / name).write_bytes(FEED)
        assert source(str(tmp_path / name))[2] == kind


def test_errors_of_files_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file — check the name"):
        source(str(tmp_path / "none.xml"))
    with pytest.raises(UsageError, match="this is a directory"):
        source(str(tmp_path))
    with pytest.raises(FetchError, match="not a file name"):
        source("a\0b")
    with pytest.raises(FetchError, match="cannot be read"):
        source("x" * 5_000)


def test_a_file_that_may_not_be_read_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "secret.xml"
    file.write_bytes(FEED)
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(UsageError, match="may not be read"):
        source(str(file))


@pytest.mark.parametrize("size", [1_000, 1_001])
def test_files_and_streams_have_a_limit_too(tmp_path: Path, size: int) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(bytes(size))
    with Fetcher(FetchOptions(max_file_bytes=1_000)) as fetcher:
        if size <= 1_000:
            assert len(fetcher.source(str(file)).body) == size
            assert len(fetcher.source("-", stdin=io.BytesIO(bytes(size))).body) == size
        else:
            with pytest.raises(FetchError, match="larger than 1000 bytes"):
                fetcher.source(str(file))
            with pytest.raises(FetchError, match="-: it is larger"):
                fetcher.source("-", stdin=io.BytesIO(bytes(size)))


def test_an_endless_file_is_not_read_to_the_end() -> None:
    with pytest.raises(FetchError, match="larger"):
        source("/dev/zero")


def test_standard_input_has_the_address_that_is_given() -> None:
    with Fetcher(FetchOptions()) as fetcher:
        response = fetcher.source("-", base="https://example.org/", stdin=io.BytesIO(FEED))
    assert (response.url, response.body) == ("https://example.org/", FEED)


def test_a_pipe_is_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(FEED,))
    writer.start()
    assert source(str(pipe))[1] == FEED
    writer.join()


def test_files_cost_no_network_library() -> None:
    code = "import sys, feed2book.fetch as f, feed2book.models as m\n"
    code += "f.Fetcher(m.FetchOptions()).source(sys.argv[1])\n"
    code += "sys.exit(bool({'httpx2', 'hishel', 'sqlite3'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code, __file__], check=True)


def test_a_host_without_a_scheme_is_fetched() -> None:
    with serve({"/feed": body(FEED)}) as server:
        assert source(f"localhost:{server.port}/feed")[:2] == (f"http://localhost:{server.port}/feed", FEED)


def test_what_was_typed_without_a_scheme_is_trusted_for_its_pictures() -> None:
    with serve({"/*": body(FEED)}) as server, Fetcher(FetchOptions()) as fetcher:
        fetcher.source(f"localhost:{server.port}/feed")
        picture = (f"http://localhost:{server.port}/x.png",)
        assert not isinstance(fetcher.images([picture], whole, trusted=[])[picture], FetchError)
