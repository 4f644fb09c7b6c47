"""Issues → a catalogue of static files: OPDS 1.2 and 2.0 for reading apps, a page for people, the books.

All links are relative, so that it works in any folder of any web server. See https://specs.opds.io/.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urljoin
from uuid import NAMESPACE_URL, uuid5

from markupsafe import Markup

from feed2book.models import Artifact, Blob, Delivery, Edition, Issue, RenderOptions
from feed2book.render import templating
from feed2book.render.catalogue_covers import cover_of, size_of, thumbnail_of
from feed2book.render.catalogue_lists import Offer, Shown, lists
from feed2book.render.characters import cut_short
from feed2book.render.dates import iso_moment
from feed2book.render.templating import words_of

_AUTHORS = 3  # named for an issue; a digest of many feeds has too many to list
_TITLES = 500  # characters of the summary of an issue
_KINDS = {"application/epub+zip": "EPUB", "application/pdf": "PDF"}


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
    base = delivery.url if delivery.url.endswith("/") or not delivery.url else delivery.url + "/"
    files: list[Artifact] = []
    shown: list[Shown] = []
    for issue in newest:
        held = _held(issue, delivery.outputs)
        files += held
        shown.append(_shown(issue, held, edition.render))

    def address(name: str) -> str:
        return urljoin(base, name) if base else f"urn:uuid:{uuid5(NAMESPACE_URL, f'{edition.name} {name}')}"

    sheet = templating.render("css/catalogue.css", {}, edition.render.templates)
    values = {
        "title": edition.book.title or edition.name,
        "language": newest[0].language,
        "updated": iso_moment(max(issue.issued for issue in newest)),
        "summary": f"{shown[0].title} · {shown[0].date}",
        "address": address,
        "issues": shown,
        "sheet": Markup(sheet.strip()),  # noqa: S704 (ours, or the user's)
    }
    return (*files, *lists(values, base, edition.render.templates))


def _held(issue: Issue, outputs: tuple[str, ...]) -> tuple[Artifact, ...]:
    """Return the files of an issue: its books, and the cover of the first that has one, whole and small."""
    books = tuple(
        Artifact(f"{issue.number}/{file.name.rpartition('/')[2]}", file.media_type, Blob(path=file.path))
        for file in issue.files
        if file.media_type in _KINDS and (not outputs or file.output in outputs)
    )
    cover = next(filter(None, (cover_of(book.blob) for book in books)), None)
    if cover is None:
        return books
    pictures = {"cover.jpg": cover, "thumbnail.jpg": thumbnail_of(cover)}
    return (
        *books,
        *(Artifact(f"{issue.number}/{name}", "image/jpeg", Blob(data)) for name, data in pictures.items()),
    )


def _shown(issue: Issue, held: Sequence[Artifact], options: RenderOptions) -> Shown:
    authors = tuple(dict.fromkeys(name for post in issue.posts for name in post.authors))
    summary = " · ".join(post.title for post in issue.posts)
    pictures = {file.filename.rpartition("/")[2]: file for file in held if file.media_type == "image/jpeg"}
    width, height = size_of(pictures["thumbnail.jpg"].data) if pictures else (0, 0)
    return Shown(
        number=issue.number,
        identifier=issue.identifier,
        title=issue.title,
        issued=iso_moment(issue.issued),
        date=words_of(issue.language, options.templates).date(issue.issued),
        language=issue.language,
        authors=authors if len(authors) <= _AUTHORS else (),
        summary=cut_short(summary, _TITLES),
        posts=issue.posts,
        files=tuple(
            Offer(quote(file.filename), file.media_type, _KINDS[file.media_type], file.blob.size)
            for file in held
            if file.media_type in _KINDS
        ),
        cover=pictures["cover.jpg"].filename if pictures else "",
        thumbnail=pictures["thumbnail.jpg"].filename if pictures else "",
        width=width,
        height=height,
    )
