"""Issues → a catalogue of static files: OPDS 1.2 and 2.0 for reading apps, a page for people, the books.

All links are relative, so that it works in any folder of any web server. See https://specs.opds.io/.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urljoin
from uuid import NAMESPACE_URL, uuid5

from markupsafe import Markup

from feed2book.models import Artifact, Blob, Delivery, Edition, Issue, IssueFile
from feed2book.render import templating
from feed2book.render.catalogue_covers import Thumbnail, cover_of, thumbnail_of
from feed2book.render.templating import words_of

PER_PAGE = 50
"""Issues in one list; the rest is on further pages."""

_AUTHORS = 3  # named for an issue; a digest of many feeds has too many to list
_TITLES = 500  # characters of the summary of an issue
_KINDS = {"application/epub+zip": "EPUB", "application/pdf": "PDF"}
_ATOM = "application/atom+xml;profile=opds-catalog"
_OPDS2 = "application/opds+json"
_OPEN_ACCESS = "http://opds-spec.org/acquisition/open-access"


def render_catalogue(edition: Edition, delivery: Delivery, issues: Sequence[Issue]) -> tuple[Artifact, ...]:
    """Return the files of a catalogue, in the order in which they should be written: what is linked to first.

    Args:
        edition: what the issues are of; its title, or else its name, is the catalogue's.
        delivery: which of its ``outputs`` to offer (none named: all books), how many issues to ``keep``, and
            the ``url`` at which the folder will be, which makes ids that are unique in the world.
        issues: at least one, in any order; their files must be there.

    Returns:
        The books and covers (``12/Name.epub``), the pages (``issues-2.xml``), the roots (``opds.xml``,
        ``opds.json``, ``index.html``); ``filename`` is the path in the catalogue. The same issues give the
        same bytes.

    Raises:
        RenderError: a template is wrong.
    """
    newest = sorted(issues, key=lambda issue: issue.number, reverse=True)[: delivery.keep]
    title = edition.book.title or edition.name
    base = delivery.url if delivery.url.endswith("/") or not delivery.url else delivery.url + "/"
    files: list[Artifact] = []
    shown = []
    for issue in newest:
        books = tuple(_books(issue, delivery.outputs))
        cover = next(filter(None, (cover_of(file.path) for file in books)), None)
        thumbnail = thumbnail_of(cover) if cover else None
        shown.append(_shown(issue, books, thumbnail, edition))
        files += [_file(issue, file) for file in books]
        if cover and thumbnail:
            files.append(Artifact(f"{issue.number}/cover.jpg", "image/jpeg", Blob(cover)))
            files.append(Artifact(f"{issue.number}/thumbnail.jpg", "image/jpeg", Blob(thumbnail.data)))

    def address(name: str) -> str:
        return urljoin(base, name) if base else f"urn:uuid:{uuid5(NAMESPACE_URL, f'{edition.name} {name}')}"

    said = words_of(newest[0].language, edition.render.templates)
    values = {
        "title": title,
        "language": newest[0].language,
        "updated": _moment(max(issue.issued for issue in newest)),
        "summary": f"{newest[0].title} · {said.date(newest[0].issued)}",
        "address": address,
        "issues": shown,
        "sheet": Markup(templating.render("css/catalogue.css", {}, edition.render.templates).strip()),  # noqa: S704 (ours)
    }
    return (*files, *_lists(values, base, edition))


def _books(issue: Issue, outputs: tuple[str, ...]) -> Iterator[IssueFile]:
    for file in issue.files:
        if file.media_type in _KINDS and (not outputs or file.output in outputs):
            yield file


def _file(issue: Issue, file: IssueFile) -> Artifact:
    return Artifact(_name(issue, file), file.media_type, Blob(path=file.path))


def _name(issue: Issue, file: IssueFile) -> str:
    return f"{issue.number}/{file.name.rpartition('/')[2]}"


def _shown(
    issue: Issue, books: Sequence[IssueFile], thumbnail: Thumbnail | None, edition: Edition
) -> dict[str, Any]:
    """Return what the lists say of an issue."""
    said = words_of(issue.language, edition.render.templates)
    authors = tuple(dict.fromkeys(name for post in issue.posts for name in post.authors))
    summary = " · ".join(post.title for post in issue.posts)
    return {
        "number": issue.number,
        "identifier": issue.identifier,
        "title": issue.title,
        "issued": _moment(issue.issued),
        "date": said.date(issue.issued),
        "language": issue.language,
        "authors": authors if len(authors) <= _AUTHORS else (),
        "summary": summary if len(summary) <= _TITLES else summary[: _TITLES - 1].rsplit(" ", 1)[0] + "…",
        "posts": issue.posts,
        "cover": f"{issue.number}/cover.jpg" if thumbnail else "",
        "thumbnail": f"{issue.number}/thumbnail.jpg" if thumbnail else "",
        "width": thumbnail.width if thumbnail else 0,
        "height": thumbnail.height if thumbnail else 0,
        "files": [_offer(issue, file) for file in books],
    }


def _offer(issue: Issue, file: IssueFile) -> dict[str, Any]:
    size = file.path.stat().st_size
    return {
        "href": quote(_name(issue, file)),
        "type": file.media_type,
        "kind": _KINDS[file.media_type],
        "size": size,
        "said": f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB",
    }


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _lists(values: dict[str, Any], base: str, edition: Edition) -> Iterator[Artifact]:
    """Yield the pages of both catalogues, their roots last, and the page for people."""
    templates = edition.render.templates
    issues = values["issues"]
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


def _publication(issue: dict[str, Any], series: str) -> dict[str, Any]:
    metadata = {
        "@type": "http://schema.org/Book",
        "identifier": issue["identifier"],
        "title": issue["title"],
        "language": templating.language_tag(issue["language"]),
        "modified": issue["issued"],
        "published": issue["issued"],
        "description": issue["summary"],
        "belongsTo": {"series": {"name": series, "position": issue["number"]}},
    }
    if issue["authors"]:
        metadata["author"] = list(issue["authors"])
    found = {
        "metadata": metadata,
        "links": [
            {"rel": _OPEN_ACCESS, "href": file["href"], "type": file["type"], "size": file["size"]}
            for file in issue["files"]
        ],
    }
    if issue["cover"]:
        size = {"width": issue["width"], "height": issue["height"]}
        found["images"] = [
            {"href": issue["cover"], "type": "image/jpeg"},
            {"href": issue["thumbnail"], "type": "image/jpeg", **size},
        ]
    return found
