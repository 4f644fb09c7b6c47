"""The benchmark's posts are always the same, and the benchmark runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from bench import feeds, posts
from feed2book.models import BookOptions, Edition, FetchOptions, RenderOptions, Source
from feed2book.pipeline import run_edition

ROOT = Path(__file__).resolve().parent.parent


def test_posts_are_the_same_and_as_long_as_they_say() -> None:
    assert posts.bodies(3) == posts.bodies(3)
    for body in posts.bodies(3):
        assert 2_500 < len(re.sub(r"<[^>]+>", " ", body).split()) < 3_600
        assert 22_000 < len(body) < 34_000
        assert "<table>" in body or "<pre>" in body or "<ul>" in body
        assert set(re.findall(r'href="([^"#]+)', body)) <= {posts.address(number) for number in range(3)}


def test_a_new_post_leaves_the_others_as_they_were() -> None:
    before, after = posts.bodies(3), posts.bodies(3, new=1)
    assert after[:3] == before
    assert len(after) == 4


def test_no_two_photographs_are_the_same() -> None:
    assert len({posts.photograph(number) for number in range(10)}) == 10


def test_the_bench_measures_every_stage_and_output(tmp_path: Path) -> None:
    rows = tmp_path / "rows.json"
    words = ["--sizes", "2", "--pdf-up-to", "0", "--repeat", "1", "--rebuild", "--photos", "--json"]
    subprocess.run([sys.executable, "-m", "bench", *words, rows], cwd=ROOT, check=True, capture_output=True)
    measured = json.loads(rows.read_text(encoding="utf-8"))
    what = [row["what"].strip() for row in measured]
    stages = ["import", "parse", "clean", "bind", "cover", "render"]
    more = ["epub, one post new", "fetching alone", "epub, photographs"]
    assert what == [*stages, "epub", "digest", *more]
    assert all(row["seconds"] > 0 and row["megabytes"] > 5 for row in measured)


def test_among_forty_feeds_each_fault_is_named_and_each_sound_one_is_asked_once_again(tmp_path: Path) -> None:
    fetch = FetchOptions(cache_dir=tmp_path / "cache", read_timeout=2.0, total_timeout=4.0)
    with feeds.served(feeds.World(44, slow=4, pace=0.05, every=5)) as world:
        sources = tuple(map(Source, world.addresses))
        edition = Edition("all", sources, fetch, BookOptions(cover=False), RenderOptions())
        assert set(world.faulty.values()) == set(feeds.FAULTS)
        for posts_each in (2, 0):
            feeds.seen(world)
            report = run_edition(edition, tmp_path / "data", feeds.NOW, reveal=str)
            said = [failure.message for failure in report.failures]
            said += [f"{notice.where}: {notice.message}" for notice in report.notices]
            assert feeds.unnamed(world, "\n".join(said)) == []
            sound = 44 - len(world.faulty)  # the one that breaks off has posts of another
            assert len(report.issue.posts if report.issue else ()) == posts_each * sound
        asked = feeds.seen(world)
        paths = [urlsplit(address).path for address in world.addresses if address not in world.faulty]
    assert [asked[f"conditional {path}"] for path in paths] == [1] * sound
    assert not any(line.endswith("picture") for line in asked)
