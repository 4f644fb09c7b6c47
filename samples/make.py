"""Make an EPUB, a PDF and a digest mail of one feed, or of every sample, with the ``feed2book`` command.

Samples are served over HTTP on loopback meanwhile, so that they take the path of a real feed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from samples.serve import FEEDS, serve

PORT = 8017  # fixed, so that the same samples give the same books; another if it is taken
OUTPUTS = (("epub", ".epub"), ("pdf", ".pdf"), ("digest", ".eml"))
PUBLISHED = (0, 3)  # done, and done but for what the message says


def make(source: str, out: Path, name: str) -> bool:
    """Run the three commands on a source; say whether all of them made their file."""
    made = True
    for command, ending in OUTPUTS:
        target = out / f"{name}{ending}"
        run = subprocess.run(
            [sys.executable, "-m", "feed2book", command, source, "-o", str(target)], check=False
        )
        made = made and run.returncode in PUBLISHED and target.is_file()
    return made


def main() -> int:
    """Return 0 if every file was made, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("feed", nargs="?", help="a URL or a file (default: the sample blog)")
    parser.add_argument("--all", action="store_true", help="all samples")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the files (default: out)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.feed:
        return 0 if make(options.feed, options.out, "book") else 1
    names = list(FEEDS) if options.all else ["blog"]
    with ExitStack() as stack:
        try:
            base = stack.enter_context(serve(PORT))
        except OSError:
            base = stack.enter_context(serve())
        made = [make(f"{base}/{FEEDS[name]}", options.out, name) for name in names]
    return 0 if all(made) else 1


if __name__ == "__main__":
    sys.exit(main())
