"""A real WordPress on loopback: Debian's packages, on a database of its own that nothing else can reach."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_CORE = Path("/usr/share/wordpress")
_PATIENCE = 15  # seconds until a server must have started


@dataclass(frozen=True)
class Blog:
    """A running blog: its address, without a slash at the end, and how many posts it has."""

    url: str
    posts: int
    environment: Mapping[str, str]

    def export(self) -> bytes:
        """Return what Tools → Export gives (WXR)."""
        return _php("export", self.environment)


def missing() -> str:
    """Return what a blog needs and is not installed, or ``""``."""
    programs = [name for name in ("mariadbd", "php") if not shutil.which(name)]
    return " ".join(programs if (_CORE / "wp-settings.php").exists() else [*programs, "wordpress"])


@contextmanager
def wordpress(folder: Path, posts: int) -> Iterator[Blog]:
    """Run a blog with so many posts; its files and its database lie in the folder."""
    (folder / "data").mkdir()
    (folder / "content").mkdir()
    (folder / "content" / "themes").symlink_to(_CORE / "wp-content" / "themes")
    database = (
        "mariadbd",
        "--no-defaults",  # must come first
        "--skip-networking",
        "--skip-grant-tables",
        "--innodb-flush-log-at-trx-commit=0",
        f"--user={getpass.getuser()}",
        f"--datadir={folder / 'data'}",
        f"--socket={folder / 'socket'}",
        f"--pid-file={folder / 'pid'}",
    )
    environment = {
        **os.environ,
        "WORDPRESS_CONTENT": str(folder / "content"),
        "WORDPRESS_SOCKET": str(folder / "socket"),
        "WORDPRESS_POSTS": str(posts),
    }
    server = ("php", "-S", "127.0.0.1:0", str(_HERE / "router.php"))
    with (
        _running(database, folder / "database.log", "ready for connections", environment),
        _running(server, folder / "server.log", r"http://127\.0\.0\.1:\d+", environment) as url,
    ):
        environment["WORDPRESS_URL"] = url
        _php("install", environment)
        yield Blog(url, posts, environment)


@contextmanager
def _running(words: tuple[str, ...], log: Path, ready: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a program that says something like ``ready`` when it is; yield these words, and end it."""
    with log.open("wb") as stream:
        process = subprocess.Popen(words, stdout=stream, stderr=stream, env=environment)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not (said := re.search(ready, log.read_text(errors="replace"))):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(errors="replace")[-3000:])
            time.sleep(0.05)
        yield said[0]
    finally:
        process.terminate()
        process.wait()


def _php(task: str, environment: Mapping[str, str]) -> bytes:
    words = ("php", str(_HERE / "blog.php"), task)
    done = subprocess.run(words, env=environment, capture_output=True, check=False)
    if done.returncode or (task == "install" and done.stdout.strip()):
        raise RuntimeError((done.stdout + done.stderr).decode(errors="replace")[-3000:])
    return done.stdout
