"""The benchmark's posts are always the same, and the benchmark runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from bench import posts

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
