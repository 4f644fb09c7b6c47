"""SVG → PNG, in a process of its own.

resvg is quick and draws well, but it opens local files that an SVG names, overflows its stack on deep
nesting and never ends on nested ``<use>``. So what an SVG may refer to is stripped first, and the
drawing happens in a child process with limits on time and memory.

Run as ``python -m feed2book.book.svg`` it reads an SVG from stdin and writes to stdout how many pixels it
made of one, a line feed, and a PNG.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import subprocess
import sys
import zlib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from feed2book.errors import Feed2BookError

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES = 5_000_000
SECONDS = 10.0
_MEMORY = 1_500_000_000  # bytes of address space
_MOST_SLOW = 8
_SLOW: list[str] = []  # what took too long in this process: a feed full of bombs must end as well
_BOX = (1600, 2560)  # pixels at most
_SCALE = 3.0  # fine enough for print
_INSIDE = ("#", "data:image/png", "data:image/jpeg", "data:image/jpg", "data:image/gif", "data:image/webp")


_GAP = re.compile(rb"(?:\xef\xbb\xbf)?\s*")
_ROOT = re.compile(rb"<(?:[a-z]{1,20}:)?svg[\s/>]", re.IGNORECASE)
_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
_MOST_PROLOG = 20  # comments and instructions before the first element
_PROLOG = {
    b"<?": re.compile(rb"\?>"),
    b"<!--": re.compile(rb"-->"),
    b"<!DOCTYPE": re.compile(rb"<![^<>\[]*(?:\[[^\]]*\]\s*)?>"),
}
# resvg leaves out text whose font it does not find; a generic family is always found.
_GENERIC = (
    ("monospace", re.compile(r"mono|courier|consolas|menlo|\bcode\b", re.IGNORECASE)),
    ("sans-serif", re.compile(r"sans", re.IGNORECASE)),
    ("serif", re.compile(r"serif|times|georgia|garamond|palatino|cambria|roman|song|ming", re.IGNORECASE)),
)
_FAMILIES = re.compile(r"(font(?:-family)?\s*:\s*)([^;{}<>]{1,500})")
_LENGTH = re.compile(r"\s*(\d{1,6}(?:\.\d+)?)\s*(px|pt|pc|in|cm|mm|em)?\s*")
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.795, "mm": 3.7795, "em": 16.0}


@dataclass(frozen=True, slots=True)
class Raster:
    """A drawing in pixels: a PNG, and how many of its pixels make one of the drawing's own."""

    png: bytes
    scale: float

    @property
    def width(self) -> int:
        """Its width in pixels (PNG, §11.2.1)."""
        return int.from_bytes(self.png[16:20], "big")


def svg_in(data: bytes) -> bytes:
    """Return the SVG that a file is, unpacked and in a form that XML parsers read, or ``b""``."""
    if data.startswith(b"\x1f\x8b"):
        data = _unpacked(data)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = _DECLARATION.sub("", data.decode("utf-16", "replace"), count=1).encode()
    return data if _ROOT.match(data, _end_of_prolog(data)) else b""


def _unpacked(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        return b""


def _end_of_prolog(data: bytes) -> int:
    """Return where the first element begins, after declarations, comments and the document type."""
    at = _GAP.match(data).end()  # type: ignore[union-attr]  # it matches nothing too
    for _ in range(_MOST_PROLOG):
        start = next((start for start in _PROLOG if data[at : at + 9].upper().startswith(start)), None)
        if start is None:
            break
        end = _PROLOG[start].search(data, at)
        if end is None:
            break
        at = _GAP.match(data, end.end()).end()  # type: ignore[union-attr]
    return at


def rasterise(data: bytes) -> Raster:
    """Draw an SVG as PNG at three times its nominal size, in a box of 1600×2560 pixels.

    Raises:
        Feed2BookError: it is no SVG, or too large, too slow or too odd to draw.
    """
    if len(data) > MAX_BYTES:
        raise Feed2BookError("an SVG of more than 5 MB is not drawn")
    if len(_SLOW) >= _MOST_SLOW:
        raise Feed2BookError("an SVG that is not drawn, since several before it took too long")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "feed2book.book.svg"],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        _SLOW.append(hashlib.sha256(data).hexdigest())
        raise Feed2BookError("an SVG that takes too long to draw") from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise Feed2BookError("an SVG that cannot be drawn") from error
    scale, _, png = done.stdout.partition(b"\n")
    return Raster(png, float(scale))


def _harmless(data: bytes) -> tuple[str, float]:
    """Return the SVG without anything that points out of it, and the scale at which to draw it."""
    from lxml import etree

    # libxml2's own limits stay on: 256 levels, no entity expansion.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_pis=True
    )
    root = etree.fromstring(data, parser)
    etree.strip_elements(root, etree.Entity, with_tail=False)  # what they stand for stays unread
    for element in root.iter(etree.Element):
        for name in map(str, element.attrib.keys()):
            value = str(element.get(name, ""))
            if name.rpartition("}")[2] == "href" and not value.strip().startswith(_INSIDE):
                del element.attrib[name]
            elif name == "font-family":
                element.set(name, _with_generic(value))
            elif name == "style":
                element.set(name, _FAMILIES.sub(_mended, value))
        if element.text and str(element.tag).rpartition("}")[2] == "style":
            element.text = _FAMILIES.sub(_mended, element.text)
    return etree.tostring(root, encoding="unicode"), _scale(root)


def _mended(match: re.Match[str]) -> str:
    return match[1] + _with_generic(match[2])


def _with_generic(families: str) -> str:
    """Return a list of fonts with one at its end that is there: ours."""
    kind = next((name for name, sign in _GENERIC if sign.search(families)), "sans-serif")
    return f"{families.rstrip(' ,')}, {kind}"


def _scale(root: _Element) -> float:
    """Return how many pixels to make of one, so that it is fine and still fits the box."""
    box = str(root.get("viewBox", "")).replace(",", " ").split()
    own = [_pixels(side) for side in box[2:4]] if len(box) == 4 else [0.0, 0.0]
    width, height = _pixels(str(root.get("width", ""))), _pixels(str(root.get("height", "")))
    if all(own):  # one side follows from the other
        width = width or (height * own[0] / own[1] if height else own[0])
        height = height or width * own[1] / own[0]
    limits = [most / side for most, side in zip(_BOX, (width, height), strict=True) if side]
    return max(0.001, min([_SCALE, *limits]))


def _pixels(length: str) -> float:
    match = _LENGTH.fullmatch(length)
    return float(match[1]) * _UNITS[match[2] or ""] if match else 0.0


def _main() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import resvg_py

    svg, scale = _harmless(sys.stdin.buffer.read())
    lettered = "text" in svg  # reading all fonts takes longer than most drawings
    fonts = [str(files(name) / "files") for name in ("font_source_sans_pro", "font_source_serif_pro")]
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=scale,
        dpi=96.0,
        background="#ffffff",  # black lines on nothing are gone on a dark page
        skip_system_fonts=not lettered,
        font_dirs=fonts if lettered else None,
        font_family="Source Sans Pro",
        sans_serif_family="Source Sans Pro",
        serif_family="Source Serif Pro",
        monospace_family="DejaVu Sans Mono",
    )
    sys.stdout.buffer.write(f"{scale:.6f}\n".encode() + bytes(png))


if __name__ == "__main__":
    _main()
