"""SVG → PNG, in a process of its own.

resvg is quick and draws well, but it opens local files that an SVG names, overflows its stack on deep
nesting and never ends on nested ``<use>``. So what an SVG may refer to is stripped first, and the
drawing happens in a child process with limits on time and memory.

Run as ``python -m feed2book.book.svg`` it reads an SVG from stdin and writes a PNG to stdout.
"""

from __future__ import annotations

import subprocess
import sys

from feed2book.errors import Feed2BookError

MAX_BYTES = 5_000_000
SECONDS = 10.0
_MEMORY = 1_500_000_000  # bytes of address space
_WIDTH = 1600  # pixels at most
_SCALE = 2.0
_INSIDE = ("#", "data:image/png", "data:image/jpeg", "data:image/jpg", "data:image/gif", "data:image/webp")


def rasterise(data: bytes) -> bytes:
    """Draw an SVG as PNG at twice its nominal size, at most 1600 pixels wide.

    Raises:
        Feed2BookError: it is no SVG, or too large, too slow or too odd to draw.
    """
    if len(data) > MAX_BYTES:
        raise Feed2BookError("an SVG of more than 5 MB is not drawn")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "feed2book.book.svg"],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise Feed2BookError("an SVG that takes too long to draw") from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise Feed2BookError("an SVG that cannot be drawn") from error
    return done.stdout


def _harmless(data: bytes) -> tuple[str, float]:
    """Return the SVG without anything that points out of it, and its nominal width in pixels."""
    from lxml import etree

    # libxml2's own limits stay on: 256 levels, no entity expansion.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_pis=True
    )
    root = etree.fromstring(data, parser)
    for element in root.iter(etree.Element):
        for name in map(str, element.attrib.keys()):
            if name.rpartition("}")[2] == "href" and not element.get(name, "").strip().startswith(_INSIDE):
                del element.attrib[name]
    return etree.tostring(root, encoding="unicode"), _nominal_width(
        root.get("width", ""), root.get("viewBox", "")
    )


def _nominal_width(width: str, box: str) -> float:
    for text in (width.removesuffix("px"), *box.replace(",", " ").split()[2:3]):
        try:
            return max(1.0, float(text))
        except ValueError:
            continue
    return 300.0  # CSS's default width of a replaced element


def _main() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import resvg_py

    svg, width = _harmless(sys.stdin.buffer.read())
    pixels = round(min(_WIDTH, width * _SCALE))
    sys.stdout.buffer.write(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=pixels)))


if __name__ == "__main__":
    _main()
