"""An EPUB opened with suspicion: nothing is unpacked to disk, sizes are limited, XML knows no entities."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote

from feed2book.models import Device

if TYPE_CHECKING:
    from lxml import etree

LARGEST = 64_000_000
"""Bytes of one file that are read; no reader takes a larger one."""

TOTAL = 1_000_000_000
"""Bytes of all files together that are read."""

MOST_MEMBERS = 60_000

OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
XHTML = "{http://www.w3.org/1999/xhtml}"
NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
MATHML = "{http://www.w3.org/1998/Math/MathML}"

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_DECLARATION = re.compile(rb"<!ENTITY|<!ATTLIST|<!ELEMENT")
_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}rootfile"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the manifest; ``path`` is where its file is in the ZIP, ``""`` if it is elsewhere."""

    id: str
    href: str
    path: str
    media_type: str
    properties: tuple[str, ...]


@dataclass(slots=True)
class Document:
    """An XHTML file of the book: its bytes, and its tree where it is well-formed."""

    path: str
    data: bytes
    root: etree._Element | None
    fault: str = ""
    line: int = 0


@dataclass
class Archive:
    """The opened file, for the rules to look into.

    Args:
        stream: the EPUB, seekable.
        device: what it is to be read on.
    """

    stream: BinaryIO
    device: Device
    faults: list[tuple[str, str]] = field(default_factory=list)
    """Files that could not be read, and why."""

    def __post_init__(self) -> None:
        try:
            self.zip: zipfile.ZipFile | None = zipfile.ZipFile(self.stream)
            self.members = self.zip.infolist()
        except _BROKEN as error:
            self.zip, self.members = None, []
            self.faults.append(("", f"it is no ZIP file that can be opened ({error})"))
        if len(self.members) > MOST_MEMBERS:
            self.faults.append(("", f"it holds {len(self.members)} files"))
            self.members = self.members[:MOST_MEMBERS]
        self.names = {member.filename: member for member in self.members}
        self._room = TOTAL

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None: it is not there, or cannot be read (``faults`` says why)."""
        member = self.names.get(path)
        if member is None or self.zip is None:
            return None
        limit = min(LARGEST, self._room)
        try:
            with self.zip.open(member) as stream:
                data = stream.read(limit + 1)
        except _BROKEN as error:
            self._fault(path, f"it cannot be unpacked ({error})")
            return None
        if len(data) > limit:
            self._fault(path, "it is larger than any reader takes, and was not read on")
            return None
        self._room -= len(data)
        return data

    def head(self, path: str, size: int = 4_000) -> bytes:
        """Return the first bytes of a file, as far as they can be read."""
        member = self.names.get(path)
        if member is None or self.zip is None:
            return b""
        try:
            with self.zip.open(member) as stream:
                return stream.read(size)
        except _BROKEN:
            return b""

    def verify(self, path: str) -> None:
        """Unpack a file to the end, up to its checksum; ``faults`` says if it cannot be."""
        member = self.names.get(path)
        if member is None or self.zip is None:
            return
        try:
            with self.zip.open(member) as stream:
                while self._room > 0 and (piece := stream.read(1_000_000)):
                    self._room -= len(piece)
        except _BROKEN as error:
            self._fault(path, f"it cannot be unpacked ({error})")

    def _fault(self, path: str, message: str) -> None:
        if (path, message) not in self.faults[-50:]:
            self.faults.append((path, message))

    def tree(self, path: str) -> etree._Element | None:
        """Return the root of an XML file, or None where there is none; see :func:`parse`."""
        data = self.read(path)
        return None if data is None else parse(path, data).root

    @cached_property
    def package_path(self) -> str:
        """Where the package document is, ``""`` when the container does not say."""
        root = self.tree("META-INF/container.xml")
        found = next(root.iter(_CONTAINER), None) if root is not None else None
        return (found.get("full-path") or "") if found is not None else ""

    @cached_property
    def package(self) -> etree._Element | None:
        """The package document."""
        return self.tree(self.package_path) if self.package_path else None

    def resolve(self, base: str, href: str) -> tuple[str, str]:
        """Return the file (``""``: not of this book) and the fragment that ``href`` in ``base`` names."""
        address, _, fragment = href.strip().partition("#")
        if _SCHEME.match(address) or address.startswith("//"):
            return "", ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(address)))
        return (path if address else base), unquote(fragment)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The manifest."""
        if self.package is None:
            return ()
        return tuple(
            Item(
                id=one.get("id") or "",
                href=one.get("href") or "",
                path=self.resolve(self.package_path, one.get("href") or "")[0],
                media_type=one.get("media-type") or "",
                properties=tuple((one.get("properties") or "").split()),
            )
            for one in self.package.iter(f"{OPF}item")
        )

    @cached_property
    def by_path(self) -> dict[str, Item]:
        """The manifest by file; the first line of those that name one file."""
        return {item.path: item for item in reversed(self.items)}

    @cached_property
    def spine(self) -> tuple[str, ...]:
        """The manifest ids of the spine, as they stand there."""
        if self.package is None:
            return ()
        return tuple(one.get("idref") or "" for one in self.package.iter(f"{OPF}itemref"))

    @cached_property
    def places(self) -> dict[str, int]:
        """The place in reading order of each file of the spine."""
        by_id = {item.id: item.path for item in self.items}
        return {by_id[ref]: place for place, ref in enumerate(self.spine) if ref in by_id}

    def texts(self, name: str) -> list[tuple[str, str]]:
        """Return id and text of each Dublin Core element of that name."""
        if self.package is None:
            return []
        return [(one.get("id") or "", (one.text or "").strip()) for one in self.package.iter(DC + name)]

    def metas(self, name: str) -> list[str]:
        """Return the values of the EPUB 3 ``meta`` properties of that name."""
        if self.package is None:
            return []
        found = (one for one in self.package.iter(f"{OPF}meta") if one.get("property") == name)
        return [(one.text or "").strip() for one in found]

    @property
    def nav_path(self) -> str:
        """Where the navigation document is, ``""`` when there is none."""
        return next((item.path for item in self.items if "nav" in item.properties), "")

    @property
    def ncx_path(self) -> str:
        """Where the EPUB 2 contents are, ``""`` when there are none."""
        return next((item.path for item in self.items if item.media_type == "application/x-dtbncx+xml"), "")

    def documents(self) -> Iterator[Document]:
        """Yield each XHTML document, read and parsed; only one is held at a time."""
        for item in self.items:
            if item.media_type == "application/xhtml+xml":
                data = self.read(item.path)
                if data is not None:
                    yield parse(item.path, data)


def parse(path: str, data: bytes) -> Document:
    """Parse XML that anybody may have written: no entity is expanded, nothing is fetched."""
    from lxml import etree

    if _DECLARATION.search(data):
        return Document(path, data, None, "it declares entities or elements of its own")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return Document(path, data, etree.fromstring(data, parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, etree.XMLSyntaxError) else 0
        return Document(path, data, None, f"it is not well-formed: {error}", line or 0)
