"""``feed2book check``."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feed2book import config
from feed2book.cli.options import device_option, option
from feed2book.errors import EXIT_CHECK, EXIT_OK

if TYPE_CHECKING:
    from feed2book.models import Finding

_SHOWN = 5  # places of one rule
_COLOURS = {"error": "red", "warning": "yellow", "note": None}


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@device_option
@option("--epubcheck/--no-epubcheck", default=True, help="Let EPUBCheck look too, if it is installed.")
@option("--json", "as_json", is_flag=True, help="Print what was found as JSON on stdout.")
def command(files: tuple[Path, ...], device: str, epubcheck: bool, as_json: bool) -> int:
    """Check an EPUB, a PDF or a mail for what shops, devices and mail programs reject.

    Exits with 4 if anything but notes was found. docs/checks.md has all rules.
    """
    from feed2book.pipeline import check_file, epubcheck_absent

    wanted = config.device(device)
    outcomes = [(path, *check_file(path, wanted, epubcheck=epubcheck)) for path in files]
    absent = epubcheck_absent() if epubcheck and any(kind == "epub" for _, kind, _ in outcomes) else ""
    code = EXIT_CHECK if any(_counts(found) for _, _, found in outcomes) else EXIT_OK
    if as_json:
        told = [_as_json(path, kind, found) for path, kind, found in outcomes]
        report = {"exit_code": code, "device": wanted.name, "epubcheck": absent or "ran", "files": told}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return code
    for path, _, found in outcomes:
        _tell(path, found)
    if absent:
        click.echo(f"feed2book: {absent}", err=True)
    return code


def _counts(found: tuple[Finding, ...]) -> int:
    return sum(finding.severity != "note" for finding in found)


def _tell(path: Path, found: tuple[Finding, ...]) -> None:
    """Print what was found, rule by rule, and one last line for the file."""
    for (severity, code), same in groupby(found, key=lambda finding: (finding.severity, finding.code)):
        findings = list(same)
        click.echo(f"{click.style(f'{severity:<7}', fg=_COLOURS[severity])} {code}")
        for finding in findings[:_SHOWN]:
            place = f"{finding.where}: " if finding.where else ""
            click.echo(f"        {_plain(place + finding.message)}")
        if len(findings) > _SHOWN:
            click.echo(f"        … and {len(findings) - _SHOWN} more")
        if findings[0].fix:
            click.echo(f"        → {findings[0].fix}")
    count = _counts(found)
    what = f"{count} finding{'' if count == 1 else 's'}" if count else "no findings"
    click.echo(f"{_plain(str(path))}: {what}")


def _plain(text: str) -> str:
    """Return text of a file for a terminal: no control characters."""
    return "".join(char if char.isprintable() else "�" for char in text)


def _as_json(path: Path, kind: str, found: tuple[Finding, ...]) -> dict[str, Any]:
    fields = ("code", "severity", "where", "message", "fix")
    return {
        "file": str(path),
        "kind": kind,
        "findings": [{name: getattr(finding, name) for name in fields} for finding in found],
    }
