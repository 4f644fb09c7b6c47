"""A PDF → what is wrong with it: what keeps it from being opened, read aloud, searched or printed."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

from feed2book.check.rules import ERROR, NOTE, WARNING, Problem, Rules
from feed2book.models import Device, Finding

if TYPE_CHECKING:
    import pikepdf

RULES = Rules()
OPENING_RULES = Rules()
"""These come first: when one finds something, there is nothing to look into."""

_LARGEST_SIDE = 14_400  # points: what PDF 1.7 allows
_MANY_PAGES = 20  # from which on a reader wants bookmarks
_DEEPEST = 200  # of bookmarks in bookmarks, and of a tree of names
_LOCAL = {"/GoTo"}
_ACTIVE = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData"}
_STANDARD = ("/Type3",)  # needs no file: its glyphs are in it


@dataclass(slots=True)
class Opening:
    """A file that is to be opened as PDF, and what came of it."""

    stream: BinaryIO
    pdf: pikepdf.Pdf | None = None
    fault: str = ""
    encrypted: bool = False


@dataclass
class Sheets:
    """An opened PDF, for the rules to look into."""

    pdf: pikepdf.Pdf
    size: int
    device: Device

    @cached_property
    def root(self) -> Any:
        """The document catalogue."""
        return self.pdf.Root

    @cached_property
    def metadata(self) -> str:
        """The XMP packet as text, ``""`` without one."""
        try:
            return bytes(self.root.Metadata.read_bytes()).decode("utf-8", "replace")[:1_000_000]
        except Exception:  # noqa: BLE001 (whatever a damaged stream makes the library raise)
            return ""

    @cached_property
    def page_ids(self) -> frozenset[tuple[int, int]]:
        """The object numbers of all pages."""
        return frozenset((int(page.objgen[0]), int(page.objgen[1])) for page in self.pdf.pages)

    @cached_property
    def fonts(self) -> list[tuple[int, Any]]:
        """Each font once, with the first page that uses it."""
        found: dict[tuple[int, int], tuple[int, Any]] = {}
        for number, page in enumerate(self.pdf.pages, 1):
            for font in _values(_get(_get(page.obj, "/Resources"), "/Font")):
                found.setdefault(font.objgen if font.is_indirect else (-number, len(found)), (number, font))
        return list(found.values())

    @cached_property
    def names(self) -> frozenset[str]:
        """All named destinations."""
        old = _get(self.root, "/Dests")
        return frozenset(
            [*_tree(_get(_get(self.root, "/Names"), "/Dests"), 0), *(str(k)[1:] for k in _keys(old))]
        )

    def lands(self, target: Any) -> bool:
        """Say whether a destination leads to a page of this file."""
        import pikepdf

        if isinstance(target, pikepdf.Array):
            return len(target) > 0 and getattr(target[0], "objgen", None) in self.page_ids
        return target is None or str(target).removeprefix("/") in self.names


def _get(thing: Any, name: str) -> Any:
    try:
        return thing.get(name) if thing is not None else None
    except (AttributeError, ValueError, TypeError):
        return None


def _keys(thing: Any) -> Iterable[Any]:
    try:
        return list(thing.keys()) if thing is not None else []
    except (AttributeError, ValueError, TypeError):
        return []


def _values(thing: Any) -> Iterator[Any]:
    yield from (thing[key] for key in _keys(thing))


def _tree(node: Any, depth: int) -> Iterator[str]:
    """Yield the names of a name tree."""
    if node is None or depth > _DEEPEST:
        return
    names = _get(node, "/Names")
    if names is not None:
        yield from (str(name) for name in list(names)[::2])
    for kid in list(_get(node, "/Kids") or ()):
        yield from _tree(kid, depth + 1)


def check_pdf(stream: BinaryIO, device: Device) -> tuple[Finding, ...]:
    """Return what is wrong with a PDF, in the order of the rules.

    Args:
        stream: the file, seekable.
        device: what it is to be read on.
    """
    import pikepdf

    logging.getLogger("pikepdf").addHandler(logging.NullHandler())  # what it remarks comes as findings
    opening = Opening(stream)
    try:
        opening.pdf = pikepdf.open(stream)
        opening.encrypted = opening.pdf.is_encrypted
    except pikepdf.PasswordError:
        opening.encrypted = True
    except Exception as error:  # noqa: BLE001 (the library raises almost anything on damaged files)
        opening.fault = " ".join(str(error).split()) or type(error).__name__
    found = [finding for rule in OPENING_RULES for finding in rule.findings(opening)]
    if opening.pdf is None or any(finding.severity == ERROR for finding in found):
        return tuple(found)
    with opening.pdf as pdf:
        sheets = Sheets(pdf, stream.seek(0, io.SEEK_END), device)
        return (*found, *(finding for rule in RULES for finding in rule.findings(sheets)))


@OPENING_RULES.add("pdf-damaged", ERROR, "the file opens", "make it anew")
def damaged(opening: Opening) -> Iterator[Problem]:
    """A file that needs repair is refused by printers and e-readers."""
    if opening.fault:
        yield "", opening.fault
    elif opening.pdf is not None:
        yield from (("", " ".join(str(warning).split())) for warning in opening.pdf.get_warnings())


@OPENING_RULES.add("pdf-encrypted", ERROR, "the file is not encrypted", "make it without a password")
def encrypted(opening: Opening) -> Iterator[Problem]:
    """Send-to-Kindle, reMarkable and most programs refuse it."""
    if opening.encrypted:
        yield "", "it is encrypted"


@OPENING_RULES.add("pdf-empty", ERROR, "there are pages", "make it anew")
def empty(opening: Opening) -> Iterator[Problem]:
    """A PDF without pages opens nowhere."""
    if opening.pdf is not None and not len(opening.pdf.pages):
        yield "", "it has no page"


@RULES.add("pdf-title", WARNING, "the document has a title, and readers show it", "set the title")
def title(sheets: Sheets) -> Iterator[Problem]:
    """Without it the window and the screen reader say the file's name (PDF/UA-1, 7.1)."""
    if not str(_get(sheets.pdf.docinfo, "/Title") or "").strip() and "dc:title" not in sheets.metadata:
        yield "", "it has no title"
    elif _get(_get(sheets.root, "/ViewerPreferences"), "/DisplayDocTitle") is not True:
        yield "", "readers show the file's name in the place of its title (DisplayDocTitle)"


@RULES.add("pdf-language", WARNING, "the document says its language", "say it with --language")
def language(sheets: Sheets) -> Iterator[Problem]:
    """Screen readers choose their voice by it."""
    if not str(_get(sheets.root, "/Lang") or "").strip():
        yield "", "it says no language"


@RULES.add("pdf-tagged", WARNING, "the document is tagged", "make it anew with feed2book")
def tagged(sheets: Sheets) -> Iterator[Problem]:
    """Without tags there is no reading order, and no text that reflows."""
    if _get(_get(sheets.root, "/MarkInfo"), "/Marked") is not True:
        yield "", "it is not marked as tagged"
    elif _get(sheets.root, "/StructTreeRoot") is None:
        yield "", "it is marked as tagged, and there is no tag tree"


@RULES.add(
    "pdf-claim", ERROR, "what it claims (PDF/UA, PDF/A) can be true", "make it anew, or drop the claim"
)
def claims(sheets: Sheets) -> Iterator[Problem]:
    """A claim is for programs to rely on; veraPDF proves it, this only refutes the plainly false."""
    untagged = _get(sheets.root, "/StructTreeRoot") is None
    if "pdfuaid:part" in sheets.metadata and untagged:
        yield "", "it claims PDF/UA, and is not tagged"
    if "pdfaid:part" in sheets.metadata:
        if any(not _embedded(font) for _, font in sheets.fonts):
            yield "", "it claims PDF/A, and a font is not embedded"
        if untagged and (
            "pdfaid:conformance>A" in sheets.metadata or 'pdfaid:conformance="A"' in sheets.metadata
        ):
            yield "", "it claims PDF/A level A, and is not tagged"


@RULES.add("pdf-font", ERROR, "every font is embedded", "make it anew with feed2book")
def fonts(sheets: Sheets) -> Iterator[Problem]:
    """Else another machine shows another font, or none."""
    for page, font in sheets.fonts:
        if not _embedded(font):
            yield f"page {page}", f"{str(_get(font, '/BaseFont') or 'a font').lstrip('/')} is not embedded"


@RULES.add("pdf-unicode", WARNING, "text can be searched and copied", "make it anew with feed2book")
def unicode_maps(sheets: Sheets) -> Iterator[Problem]:
    """A font needs a ToUnicode map, or an encoding that says as much."""
    for page, font in sheets.fonts:
        if _get(font, "/ToUnicode") is None and _get(font, "/Encoding") in {
            None,
            "/Identity-H",
            "/Identity-V",
        }:
            yield (
                f"page {page}",
                f"{str(_get(font, '/BaseFont') or 'a font').lstrip('/')} has no ToUnicode map",
            )


def _embedded(font: Any) -> bool:
    if str(_get(font, "/Subtype")) in _STANDARD:
        return True
    inner = list(_get(font, "/DescendantFonts") or [font])
    described = [_get(one, "/FontDescriptor") for one in inner]
    return all(any(key.startswith("/FontFile") for key in map(str, _keys(one))) for one in described)


@RULES.add("pdf-page-size", WARNING, "pages are of a size that prints", "choose a paper with --page")
def page_sizes(sheets: Sheets) -> Iterator[Problem]:
    """PDF 1.7 ends at 14,400 points; a page of none is a fault of its maker."""
    for number, page in enumerate(sheets.pdf.pages, 1):
        try:
            left, bottom, right, top = (float(value) for value in page.mediabox)
        except (AttributeError, TypeError, ValueError):
            yield f"page {number}", "it has no size"
            continue
        sides = (right - left, top - bottom)
        if not all(0 < side <= _LARGEST_SIDE for side in sides):
            yield f"page {number}", f"{sides[0]:.0f} × {sides[1]:.0f} points"


@RULES.add("pdf-destination", ERROR, "every link and bookmark lands on a page", "make it anew")
def destinations(sheets: Sheets) -> Iterator[Problem]:
    """Nobody else looks: validators pass destinations that are not there."""
    for where, action, target in (*_links(sheets), *_bookmarks(sheets)):
        if action is not None and str(_get(action, "/S")) in _LOCAL:
            target = _get(action, "/D")
        if not sheets.lands(target):
            yield where, f"it leads to {str(target)[:80]}, which is not there"


def _links(sheets: Sheets) -> Iterator[tuple[str, Any, Any]]:
    for number, page in enumerate(sheets.pdf.pages, 1):
        for note in list(_get(page.obj, "/Annots") or ()):
            if str(_get(note, "/Subtype")) == "/Link":
                yield f"page {number}", _get(note, "/A"), _get(note, "/Dest")


def _bookmarks(sheets: Sheets) -> Iterator[tuple[str, Any, Any]]:
    seen: set[tuple[int, int]] = set()
    left = [_get(_get(sheets.root, "/Outlines"), "/First")]
    while left:
        mark = left.pop()
        if mark is None or mark.objgen in seen:
            continue
        seen.add(mark.objgen)
        left += [_get(mark, "/Next"), _get(mark, "/First")]
        yield f"bookmark {str(_get(mark, '/Title'))[:60]!r}", _get(mark, "/A"), _get(mark, "/Dest")


@RULES.add("pdf-script", ERROR, "nothing runs", "take the script out")
def scripts(sheets: Sheets) -> Iterator[Problem]:
    """Readers warn of such files, and mail servers drop them."""
    if _get(_get(sheets.root, "/Names"), "/JavaScript") is not None:
        yield "", "it holds scripts"
    openers = [("", _get(sheets.root, "/OpenAction"))] + [(where, one) for where, one, _ in _links(sheets)]
    for where, action in openers:
        if str(_get(action, "/S")) in _ACTIVE:
            yield where, f"an action {str(_get(action, '/S')).lstrip('/')}"


@RULES.add("pdf-bookmarks", WARNING, "a long document has bookmarks", "make it with a larger --toc-depth")
def bookmarks(sheets: Sheets) -> Iterator[Problem]:
    """E-readers show nothing else as contents."""
    pages = len(sheets.pdf.pages)
    if pages > _MANY_PAGES and _get(_get(sheets.root, "/Outlines"), "/First") is None:
        yield "", f"{pages} pages, and no bookmark"


@RULES.add(
    "pdf-size", WARNING, "the file is no larger than the device takes", "use --limit, or smaller pictures"
)
def file_size(sheets: Sheets) -> Iterator[Problem]:
    """Send-to-Kindle takes 50 MB a mail, reMarkable 100 MB."""
    most = sheets.device.book_bytes
    if most is not None and sheets.size > most:
        yield "", f"{sheets.size:,} bytes, where {sheets.device.label} takes {most:,}"


@RULES.add("pdf-mixed-pages", NOTE, "all pages are of one size", "choose one paper with --page")
def mixed_pages(sheets: Sheets) -> Iterator[Problem]:
    """A printer asks for other paper half-way."""
    sizes = {tuple(round(float(value)) for value in page.mediabox) for page in sheets.pdf.pages}
    if len(sizes) > 1:
        yield "", f"{len(sizes)} sizes of page"
