"""Rules for the container, the package document and the pictures of an EPUB."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator

from feed2book.check.archive import OPF, Archive, parse
from feed2book.check.rules import ERROR, WARNING, Problem, Rules

RULES = Rules()

_MIMETYPE = b"application/epub+zip"
_RATIO = 200  # text packs to a tenth, an empty table to a hundredth
_FREE = ("META-INF/", "mimetype")  # what no manifest lists
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)
_MODIFIED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_TYPES = {
    ".xhtml": "application/xhtml+xml",
    ".ncx": "application/x-dtbncx+xml",
    ".css": "text/css",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".avif": "image/avif",
}
_LEAST_COVER = (625, 1000)
_ACCESSIBILITY = ("accessMode", "accessibilityFeature", "accessibilityHazard", "accessibilitySummary")


@RULES.add("epub-damaged", ERROR, "every file can be unpacked", "make the book anew")
def damaged(book: Archive) -> Iterable[Problem]:
    """The ZIP opens and the files that the manifest names can be read."""
    for item in book.items:
        if item.media_type != "application/xhtml+xml":  # those are read anyway
            book.verify(item.path)
    return [*book.faults]


@RULES.add("epub-file-name", ERROR, "no file name leads out of the book", "rename the file")
def unsafe_names(book: Archive) -> Iterator[Problem]:
    """Names are relative, without ``..``, backslash, drive or control character (a ZIP slip)."""
    for name in book.names:
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or "\\" in name or ":" in name or not name.isprintable():
            yield repr(name), "this name leads out of the book, or no system takes it"


@RULES.add("epub-file-twice", ERROR, "no file stands in the ZIP twice", "make the book anew")
def files_twice(book: Archive) -> Iterator[Problem]:
    """Which copy a reader takes is anybody's guess."""
    count = Counter(member.filename for member in book.members)
    yield from ((name, f"it stands there {times} times") for name, times in count.items() if times > 1)


@RULES.add("epub-bomb", ERROR, "no file unpacks to a monstrous size", "leave the file out")
def bombs(book: Archive) -> Iterator[Problem]:
    """A member that grows two hundredfold beyond 10 MB is made to hurt."""
    for member in book.members:
        if member.file_size > 10_000_000 and member.file_size > _RATIO * max(1, member.compress_size):
            yield member.filename, f"{member.compress_size:,} bytes unpack to {member.file_size:,}"


@RULES.add(
    "epub-mimetype", ERROR, "the ZIP begins with a bare, stored mimetype", "write mimetype first, stored"
)
def mimetype(book: Archive) -> Iterator[Problem]:
    """OCF 3.3, 4.2.3: readers tell an EPUB by its first 58 bytes."""
    first = book.members[0] if book.members else None
    if first is None or first.filename != "mimetype":
        yield "mimetype", "it is not the first file of the ZIP"
    elif first.compress_type != zipfile.ZIP_STORED or first.extra:
        yield "mimetype", "it is packed, or has extra fields"
    elif book.head("mimetype", 40) != _MIMETYPE:
        yield "mimetype", f"it does not say {_MIMETYPE.decode()}"


@RULES.add("epub-encrypted", ERROR, "nothing is encrypted or obfuscated", "make the book without protection")
def encrypted(book: Archive) -> Iterator[Problem]:
    """Send-to-Kindle takes no protected book, and obfuscated fonts count as such."""
    for name in ("META-INF/encryption.xml", "META-INF/rights.xml"):
        if name in book.names:
            yield name, "parts of this book are encrypted or obfuscated"
    yield from ((one.filename, "it is encrypted") for one in book.members if one.flag_bits & 1)


@RULES.add("epub-package", ERROR, "container.xml leads to a package document", "make the book anew")
def package(book: Archive) -> Iterator[Problem]:
    """Without it no reader finds the book."""
    if book.zip is None:
        return
    if not book.package_path:
        yield "META-INF/container.xml", "it is missing, or names no package document"
    elif book.package is None:
        data = book.read(book.package_path)
        why = "it is missing" if data is None else parse(book.package_path, data).fault
        yield book.package_path, why


@RULES.add(
    "epub-identifier", ERROR, "the book has the identifier that it says is unique", "set dc:identifier"
)
def identifier(book: Archive) -> Iterator[Problem]:
    """A mismatch is one of the reported causes of Kindle's E999."""
    if book.package is None:
        return
    wanted = book.package.get("unique-identifier") or ""
    if not any(name == wanted and text for name, text in book.texts("identifier")):
        yield book.package_path, f"no dc:identifier has the id {wanted!r} that unique-identifier names"


@RULES.add("epub-title", ERROR, "the book has a title", "set dc:title")
def title(book: Archive) -> Iterator[Problem]:
    """A book without one is lost on a shelf."""
    if book.package is not None and not any(text for _, text in book.texts("title")):
        yield book.package_path, "there is no dc:title"


@RULES.add(
    "epub-language", ERROR, "dc:language is a valid tag", "set dc:language to a tag such as en or pt-BR"
)
def language(book: Archive) -> Iterator[Problem]:
    """A bad one is one of the reported causes of Kindle's E999."""
    if book.package is None:
        return
    tags = [text for _, text in book.texts("language")]
    if not tags:
        yield book.package_path, "there is no dc:language"
    yield from (
        (book.package_path, f"{tag!r} is not a language tag") for tag in tags if not _LANGUAGE.fullmatch(tag)
    )


@RULES.add("epub-language-unknown", WARNING, "the language of the book is known", "say it with --language")
def language_unknown(book: Archive) -> Iterator[Problem]:
    """``und`` is valid, and no screen reader knows how to say it."""
    if any(text.lower() == "und" for _, text in book.texts("language")):
        yield book.package_path, "the language is und (undetermined)"


@RULES.add("epub-modified", WARNING, "dcterms:modified says once when it was made", "set dcterms:modified")
def modified(book: Archive) -> Iterator[Problem]:
    """EPUB 3.3, 5.5.4: by it a reader tells a later build of the same book."""
    if book.package is None:
        return
    said = book.metas("dcterms:modified")
    if len(said) != 1 or not _MODIFIED.fullmatch(said[0]):
        yield book.package_path, f"dcterms:modified is {', '.join(said) or 'missing'}"


@RULES.add(
    "epub-manifest-missing", ERROR, "every file of the manifest is there", "add the file or drop its line"
)
def manifest_missing(book: Archive) -> Iterator[Problem]:
    """A reader that follows the manifest fails here."""
    for item in book.items:
        if item.path and item.path not in book.names:
            yield item.path, "the manifest names it, and it is not in the ZIP"


@RULES.add(
    "epub-manifest-unlisted", WARNING, "every file is in the manifest", "list the file, or leave it out"
)
def manifest_unlisted(book: Archive) -> Iterator[Problem]:
    """What no manifest lists is dropped by converters."""
    if book.package is None:
        return
    known = {item.path for item in book.items} | {book.package_path}
    for name in book.names:
        if name not in known and not name.startswith(_FREE) and not name.endswith("/"):
            yield name, "it is in the ZIP, and the manifest does not name it"


@RULES.add("epub-manifest-twice", ERROR, "ids and files stand in the manifest once", "drop the second line")
def manifest_twice(book: Archive) -> Iterator[Problem]:
    """An id that two lines claim is one of the reported causes of Kindle's E999."""
    for what, values in (("id", [one.id for one in book.items]), ("file", [one.path for one in book.items])):
        count = Counter(value for value in values if value)
        yield from (
            (book.package_path, f"the {what} {value!r} stands there {times} times")
            for value, times in count.items()
            if times > 1
        )


@RULES.add("epub-media-type", ERROR, "each file has the media type that it is", "correct media-type")
def media_types(book: Archive) -> Iterator[Problem]:
    """``application/octet-stream`` is one of the reported causes of Kindle's E999."""
    for item in book.items:
        ending = "." + item.path.rpartition(".")[2].lower()
        wanted = _TYPES.get(ending, "")
        if not item.media_type or item.media_type == "application/octet-stream":
            yield item.path or item.href, f"its media type is {item.media_type or 'missing'}"
        elif wanted and item.media_type != wanted:
            yield item.path, f"its media type is {item.media_type}, and it ends in {ending}"


@RULES.add("epub-spine", ERROR, "the spine names documents of the manifest, each once", "correct the spine")
def spine(book: Archive) -> Iterator[Problem]:
    """The spine is the book's reading order."""
    if book.package is None:
        return
    if not book.spine:
        yield book.package_path, "the spine is empty"
    by_id = {item.id: item for item in book.items}
    for ref, times in Counter(book.spine).items():
        if ref not in by_id:
            yield book.package_path, f"the spine names {ref!r}, and the manifest does not"
        elif by_id[ref].media_type not in {"application/xhtml+xml", "image/svg+xml"}:
            yield book.package_path, f"the spine names {ref!r}, which is no document"
        if times > 1:
            yield book.package_path, f"the spine names {ref!r} {times} times"


@RULES.add(
    "epub-remote-resource", ERROR, "everything that is shown is in the book", "put the file into the book"
)
def remote_items(book: Archive) -> Iterator[Problem]:
    """Most readers are offline, and a file from elsewhere tells on who reads."""
    for item in book.items:
        if not item.path:
            yield book.package_path, f"the manifest names {item.href}, which is elsewhere"


@RULES.add(
    "epub-accessibility", WARNING, "the metadata says how accessible the book is", "add schema: metadata"
)
def accessibility(book: Archive) -> Iterator[Problem]:
    """EPUB Accessibility 1.1, 2: libraries and shops in Europe must show it."""
    if book.package is not None:
        for name in _ACCESSIBILITY:
            if not book.metas(f"schema:{name}"):
                yield book.package_path, f"schema:{name} is missing"


@RULES.add(
    "epub-size", WARNING, "the book is no larger than the device takes", "use --limit, or smaller pictures"
)
def total_size(book: Archive) -> Iterator[Problem]:
    """Send-to-Kindle takes 50 MB a mail, and so on."""
    most = book.device.book_bytes
    size = book.stream.seek(0, io.SEEK_END)
    if most is not None and size > most:
        yield "", f"{size:,} bytes, where {book.device.label} takes {most:,}"


def _cover_path(book: Archive) -> str:
    found = next((item.path for item in book.items if "cover-image" in item.properties), "")
    return found or next((item.path for item in book.items if item.id == _cover_id(book)), "")


def _cover_id(book: Archive) -> str:
    if book.package is None:
        return ""
    metas = (one for one in book.package.iter(f"{OPF}meta") if one.get("name") == "cover")
    return next((one.get("content") or "" for one in metas), "")


@RULES.add("epub-cover", WARNING, "there is a cover, named in both ways", "make the book without --no-cover")
def cover(book: Archive) -> Iterator[Problem]:
    """EPUB 3 readers look for properties=cover-image, older ones and Kindle for meta name=cover."""
    if book.package is None:
        return
    path = _cover_path(book)
    if not path:
        yield book.package_path, "there is no cover"
        return
    if not any(item.path == path and "cover-image" in item.properties for item in book.items):
        yield path, "the manifest does not say properties=cover-image"
    if not any(item.path == path and item.id == _cover_id(book) for item in book.items):
        yield path, "no meta name=cover names it"


@RULES.add("epub-cover-size", WARNING, "the cover is at least 625 × 1000 pixels", "use a larger cover")
def cover_size(book: Archive) -> Iterator[Problem]:
    """Smaller ones are refused by shops and blurred on shelves."""
    path = _cover_path(book)
    size = picture_size(book.read(path) or b"") if path else None
    if size and (size[0] < _LEAST_COVER[0] or size[1] < _LEAST_COVER[1]):
        yield path, f"it is {size[0]} × {size[1]} pixels"


@RULES.add("epub-cover-format", WARNING, "the cover is a JPEG or PNG", "use a JPEG as the cover")
def cover_format(book: Archive) -> Iterator[Problem]:
    """Kobo shows no GIF as a cover."""
    path = _cover_path(book)
    kind = picture_kind(book.head(path)) if path else ""
    if kind and kind not in {"image/jpeg", "image/png"}:
        yield path, f"it is {kind}"


@RULES.add(
    "epub-picture-format", ERROR, "pictures are of a kind that the device shows", "turn them into JPEG or PNG"
)
def picture_formats(book: Archive) -> Iterator[Problem]:
    """WebP and AVIF stay blank on Kindle and older Kobo; told by content, not by name."""
    for item in book.items:
        if item.media_type.startswith("image/") and item.path:
            kind = picture_kind(book.head(item.path)) or item.media_type
            if kind not in (*book.device.formats, "image/svg+xml"):
                yield item.path, f"{kind}, which {book.device.label} may not show"


@RULES.add("epub-picture-type", ERROR, "pictures are what the manifest says", "correct media-type")
def picture_types(book: Archive) -> Iterator[Problem]:
    """A picture under a wrong name stays blank."""
    for item in book.items:
        if (
            item.media_type.startswith("image/")
            and item.media_type != "image/svg+xml"
            and item.path in book.names
        ):
            kind = picture_kind(book.head(item.path))
            if kind != item.media_type:
                yield item.path, f"the manifest says {item.media_type}, and it is {kind or 'no picture'}"


def picture_kind(head: bytes) -> str:
    """Return the media type of a picture by its first bytes, ``""`` where they are of none."""
    if head[4:8] == b"ftyp":
        return "image/avif" if head[8:12] in {b"avif", b"avis"} else "image/heic"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    starts = {b"\xff\xd8": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif", b"BM": "image/bmp"}
    return next((kind for start, kind in starts.items() if head.startswith(start)), "")


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels, from the header alone; None where it is no picture."""
    import warnings

    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "GIF", "WEBP")) as picture:
                width, height = picture.size
    except Exception:  # noqa: BLE001 (Pillow raises almost anything on damaged input)
        return None
    return width, height
