"""The lists of a catalogue: OPDS 1.2 (Atom), OPDS 2.0 (JSON), and a page for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from feed2book.models import Artifact, Blob, IssuePost
from feed2book.render import templating

PER_PAGE = 50
"""Issues in one list; the rest is on further pages."""

_ATOM = "application/atom+xml;profile=opds-catalog"
_OPDS2 = "application/opds+json"
_OPEN_ACCESS = "http://opds-spec.org/acquisition/open-access"


@dataclass(frozen=True, slots=True)
class Offer:
    """A book of an issue: its address in the catalogue, its media type, what people call that, its bytes."""

    href: str
    type: str
    kind: str
    size: int

    @property
    def said(self) -> str:
        """Its size as people say it."""
        return f"{self.size / 1e6:.1f} MB" if self.size >= 1e5 else f"{self.size / 1e3:.0f} kB"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the lists say of an issue.

    ``issued`` is as RFC 3339 has it, ``date`` as people do. ``cover`` and ``thumbnail`` are addresses in the
    catalogue, or ``""``; ``width`` and ``height`` are those of the thumbnail in pixels.
    """

    number: int
    identifier: str
    title: str
    issued: str
    date: str
    language: str
    authors: tuple[str, ...]
    summary: str
    posts: tuple[IssuePost, ...]
    files: tuple[Offer, ...]
    cover: str = ""
    thumbnail: str = ""
    width: int = 0
    height: int = 0


def lists(values: Mapping[str, Any], base: str, templates: Path | None) -> Iterator[Artifact]:
    """Yield the pages of both catalogues, their roots last, and the page for people.

    Args:
        values: what the templates get: ``title``, ``language`` and ``updated`` of the catalogue, ``summary``,
            ``issues`` (newest first), ``address`` (name → id), ``sheet``.
        base: the address of the catalogue's folder, or ``""``.
        templates: the user's.

    Raises:
        RenderError: a template is wrong.
    """
    issues: list[Shown] = values["issues"]
    count = -(-len(issues) // PER_PAGE)
    atoms = ["issues.xml", *(f"issues-{number}.xml" for number in range(2, count + 1))]
    jsons = ["opds.json", *(f"opds-{number}.json" for number in range(2, count + 1))]
    for at in reversed(range(count)):
        page = {**values, "issues": issues[at * PER_PAGE : (at + 1) * PER_PAGE]}
        text = templating.render(
            "catalogue/acquisition.xml", {**page, "name": atoms[at], "pages": _pages(atoms, at)}, templates
        )
        yield Artifact(atoms[at], f"{_ATOM};kind=acquisition", Blob(text.strip().encode() + b"\n"))
        feed = _opds2(page, jsons, at, len(issues), base)
        yield Artifact(
            jsons[at], _OPDS2, Blob(json.dumps(feed, ensure_ascii=False, indent=1).encode() + b"\n")
        )
    for name, template, kind in (
        ("opds.xml", "catalogue/navigation.xml", f"{_ATOM};kind=navigation"),
        ("index.html", "catalogue/index.html", "text/html"),
    ):
        text = templating.render(template, values, templates)
        yield Artifact(name, kind, Blob(text.strip().encode() + b"\n"))


def _pages(names: Sequence[str], at: int) -> dict[str, str]:
    """Return the other pages by their relation (RFC 5005, 3); nothing for a list of one page."""
    if len(names) == 1:
        return {}
    found = {"first": names[0], "last": names[-1]}
    if at:
        found["previous"] = names[at - 1]
    if at + 1 < len(names):
        found["next"] = names[at + 1]
    return found


def _opds2(values: dict[str, Any], names: Sequence[str], at: int, total: int, base: str) -> dict[str, Any]:
    """Return one page of the OPDS 2.0 catalogue; ``self`` is absolute where its address is known."""
    links = [{"rel": "self", "href": urljoin(base, names[at]), "type": _OPDS2}]
    links += [{"rel": relation, "href": page, "type": _OPDS2} for relation, page in _pages(names, at).items()]
    links += [{"rel": "alternate", "href": "index.html", "type": "text/html"}]
    return {
        "metadata": {
            "title": values["title"],
            "modified": values["updated"],
            "numberOfItems": total,
            "itemsPerPage": PER_PAGE,
            "currentPage": at + 1,
        },
        "links": links,
        "publications": [_publication(issue, values["title"]) for issue in values["issues"]],
    }


def _publication(issue: Shown, series: str) -> dict[str, Any]:
    metadata = {
        "@type": "http://schema.org/Book",
        "identifier": issue.identifier,
        "title": issue.title,
        "language": templating.language_tag(issue.language),
        "modified": issue.issued,
        "published": issue.issued,
        "description": issue.summary,
        "belongsTo": {"series": {"name": series, "position": issue.number}},
    }
    if issue.authors:
        metadata["author"] = list(issue.authors)
    found = {
        "metadata": metadata,
        "links": [
            {"rel": _OPEN_ACCESS, "href": file.href, "type": file.type, "size": file.size}
            for file in issue.files
        ],
    }
    if issue.cover:
        size = {"width": issue.width, "height": issue.height}
        found["images"] = [
            {"href": issue.cover, "type": "image/jpeg"},
            {"href": issue.thumbnail, "type": "image/jpeg", **size},
        ]
    return found
