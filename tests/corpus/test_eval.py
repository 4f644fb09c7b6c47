"""The figures of ``make eval`` stay at their floor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.corpus
def test_no_figure_is_below_its_floor(corpus: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.eval", "--check", "--worst", "10"],
        cwd=ROOT,
        env={**os.environ, "FEED2BOOK_CORPUS": str(corpus)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "full text defuddle headings" in done.stdout
