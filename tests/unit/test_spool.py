"""What is large lies in files while a run lasts, is never held whole, and leaves nothing behind."""

from __future__ import annotations

import gc
import os
import pickle
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import make_article, make_book, make_part
from server.app import body, serve

from feed2book import pipeline
from feed2book.fetch import Fetcher
from feed2book.models import Asset, Blob, FetchOptions, Job, RenderOptions
from feed2book.render.epub import render_epub
from feed2book.spool import DiskSpool

NOW = datetime(2026, 11, 24, tzinfo=UTC)
FEED = """<rss version="2.0"><channel><title>Notes</title><item><title>One</title><link>https://n.example/1</link>
<description>&lt;p&gt;A post.&lt;/p&gt;</description></item></channel></rss>"""


def test_a_folder_lives_as_long_as_what_lies_in_it(tmp_path: Path) -> None:
    spool = DiskSpool(tmp_path)
    assert list(tmp_path.iterdir()) == []
    one, two = spool.keep(Blob(b"one")), spool.write(lambda stream: (stream.write(b"two") and None) or None)
    assert one.path is not None
    assert one.path.parent.stat().st_mode & 0o777 == 0o700
    assert (one.read(), two.read(), two.size) == (b"one", b"two", 3)
    del spool, one
    gc.collect()
    assert two.read() == b"two"
    del two
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_blob_travels_without_its_folder(tmp_path: Path) -> None:
    blob = DiskSpool(tmp_path).keep(Blob(b"data"))
    sent = pickle.loads(pickle.dumps(blob))
    assert sent == blob
    assert sent.keeper is None
    assert sent.read() == b"data"
    with sent.open() as stream:
        assert stream.read(2) == b"da"


def test_folders_of_killed_runs_go(tmp_path: Path) -> None:
    old, new, other = (tmp_path / name for name in ("run-old", "run-new", "http.sqlite3"))
    for place in (old, new, other):
        place.mkdir()
    for place in (old, other):
        os.utime(place, (1, 1))
    blob = DiskSpool(tmp_path).keep(Blob(b"data"))
    assert not old.exists()
    assert new.exists()
    assert other.exists()
    assert blob.read() == b"data"


def test_a_cache_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    blob = DiskSpool(tmp_path / "file" / "cache").keep(Blob(b"data"))
    assert blob.read() == b"data"


def test_a_finished_book_lies_in_a_file(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(FEED, encoding="utf-8")
    job = Job((str(feed),), fetch=FetchOptions(cache_dir=tmp_path / "cache"))
    _, report = pipeline.make_epub(job, NOW)
    blob = report.artifacts[0].blob
    assert blob.path is not None
    pipeline.save(report.artifacts[0], tmp_path / "book.epub")
    assert (tmp_path / "book.epub").read_bytes() == blob.read()
    folder = blob.path.parent
    del report, blob
    gc.collect()
    assert not folder.exists()


def test_memory_is_flat_in_the_number_of_pictures(tmp_path: Path) -> None:
    spool = DiskSpool(tmp_path)

    def peak(count: int) -> int:
        blobs = [spool.keep(Blob(bytes([number]) * 1_000_000)) for number in range(count)]
        assets = [Asset(f"img-{number}", "image/jpeg", blob, 9, 9) for number, blob in enumerate(blobs)]
        book = replace(make_book((make_part("F", make_article("A", "<p>b</p>")),)), assets=tuple(assets))
        tracemalloc.start()
        artifact = render_epub(book, RenderOptions(), spool)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert artifact.blob.size > count * 1_000_000
        return most

    peak(1)
    assert peak(40) < peak(4) + 1_000_000


def test_answers_are_not_kept_beyond_what_is_made_of_them() -> None:
    with serve({"/*": body(bytes(1000))}) as server, Fetcher(FetchOptions()) as fetcher:
        wanted = [(f"{server.url}/{number}",) for number in range(3)]
        sizes = fetcher.images(wanted, lambda response: len(response.body), trusted=[server.place])
    assert list(sizes.values()) == [1000] * 3


@pytest.mark.parametrize("spooled", [True, False])
def test_a_picture_in_a_file_gives_the_same_book(tmp_path: Path, spooled: bool) -> None:
    held = Asset("img-1", "image/jpeg", Blob(b"jpeg" * 10_000), 9, 9)
    laid = replace(held, blob=DiskSpool(tmp_path).keep(held.blob)) if spooled else held
    book = make_book((make_part("F", make_article("A", "<p>b</p>")),))
    one, two = (render_epub(replace(book, assets=(asset,)), RenderOptions()) for asset in (held, laid))
    assert one.data == two.data
