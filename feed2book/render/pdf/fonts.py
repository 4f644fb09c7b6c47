"""Fonts that stand in many parts of a PDF and once in the joined file.

WeasyPrint embeds of each font what a part shows of it, under the numbers that glyphs have in the whole font.
So TrueType subsets of one font are put together by uniting their glyphs. Other fonts (CFF, bitmaps, coloured
emoji) stay as they are, one in each part.
"""

from __future__ import annotations

import io
import struct
import sys
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

from feed2book.render.pdf.file import string

_NEEDED = ("head", "hhea", "maxp", "loca", "glyf", "hmtx")
_SAME = ("cvt ", "fpgm", "prep")  # what hinting shares; glyphs of fonts that differ in it do not mix
_LEVEL = 6
_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange"""


def mergeable(fonts: Mapping[Any, Any]) -> dict[str, tuple[dict[str, Any], bytes]]:
    """Return what is needed of each font that can be merged: facts as JSON has them, and its file, deflated.

    Args:
        fonts: WeasyPrint's fonts of one document, after they were embedded.
    """
    groups: dict[str, list[Any]] = {}
    for font in fonts.values():
        groups.setdefault(font.hash, []).append(font)
    return {name: _facts(group) for name, group in groups.items() if all(map(_is_plain, group))}


def _is_plain(font: Any) -> bool:
    odd = font.bitmap or font.png or font.svg or font.colr or font.missing or font.used_in_forms
    return not odd and font.type == "ttf" and {"glyf", "loca"} <= set(font.tables) and bool(font.to_unicode)


def _facts(group: list[Any]) -> tuple[dict[str, Any], bytes]:
    first = group[0]  # the one whose file was made for all of them
    widths: dict[int, int] = {}
    unicode: dict[int, str] = {}
    for font in reversed(group):
        widths.update(font.widths)
        unicode.update(font.to_unicode)
    facts = {
        "name": first.name.decode(),
        "family": first.family,
        "flags": first.flags,
        "ascent": first.ascent,
        "descent": first.descent,
        "widths": sorted(widths.items()),
        "unicode": sorted(unicode.items()),
    }
    return facts, zlib.compress(first.file_content, 1)


@dataclass
class _Font:
    """One font of the joined file: its glyphs so far, and the facts of the first part that had it."""

    number: int
    facts: Mapping[str, Any]
    tables: dict[str, bytes]
    glyphs: dict[int, bytes] = field(default_factory=dict)
    metrics: dict[int, tuple[int, int]] = field(default_factory=dict)
    widths: dict[int, int] = field(default_factory=dict)
    unicode: dict[int, str] = field(default_factory=dict)
    limits: list[int] = field(default_factory=list)


class FontShelf:
    """The fonts of a file that is being joined."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[Any, ...], list[_Font]] = {}
        self._known: dict[tuple[int, bytes], None] = {}

    def add(self, facts: Mapping[str, Any], data: bytes, reserve: Callable[[], int]) -> int:
        """Add a part's font, as :func:`mergeable` gave it.

        Args:
            facts: what is known of it.
            data: its file, deflated.
            reserve: returns a free object number.

        Returns:
            The number of the font's dictionary, which earlier parts may have as well.
        """
        tables = _tables(zlib.decompress(data))
        glyphs, metrics = _glyphs(tables)
        upem = tables["head"][18:20]
        kin = (facts["name"], facts["family"], upem, *(tables.get(name, b"") for name in _SAME))
        fonts = self._fonts.setdefault(kin, [])
        # The same font at another weight or size of a variable font has other outlines under the same name.
        font = next((font for font in fonts if _agree(font.glyphs, glyphs)), None)
        if font is None:
            font = _Font(reserve(), facts, tables)
            fonts.append(font)
        font.glyphs.update(glyphs)
        font.metrics.update(metrics)
        font.widths = {**dict(facts["widths"]), **font.widths}
        font.unicode = {**dict(facts["unicode"]), **font.unicode}
        limits = list(struct.unpack(">13H", tables["maxp"][6:32]))
        font.limits = [max(pair) for pair in zip(limits, font.limits or limits, strict=True)]
        return font.number

    def __iter__(self) -> Iterator[_Font]:
        for fonts in self._fonts.values():
            yield from fonts


def _agree(some: Mapping[int, bytes], others: Mapping[int, bytes]) -> bool:
    return all(some.get(glyph, data) == data for glyph, data in others.items())


def _tables(data: bytes) -> dict[str, bytes]:
    from fontTools.ttLib.sfnt import SFNTReader

    reader = SFNTReader(io.BytesIO(data))
    return {name: reader[name] for name in (*_NEEDED, *_SAME) if name in reader}


def _glyphs(tables: Mapping[str, bytes]) -> tuple[dict[int, bytes], dict[int, tuple[int, int]]]:
    """Return the outlines that are not empty, and the advance and bearing of every glyph (OpenType, 5.2)."""
    long = struct.unpack(">h", tables["head"][50:52])[0]
    offsets = array("I" if long else "H", tables["loca"])
    metrics = array("H", tables["hmtx"])
    _to_native(offsets)
    _to_native(metrics)
    scale = 1 if long else 2
    glyf = tables["glyf"]
    outlines = {
        number: glyf[start * scale : end * scale]
        for number, (start, end) in enumerate(pairwise(offsets))
        if end > start
    }
    full = struct.unpack(">H", tables["hhea"][34:36])[0]
    count = len(offsets) - 1
    pairs = {number: (metrics[2 * number], metrics[2 * number + 1]) for number in range(full)}
    pairs |= {number: (metrics[2 * full - 2], metrics[full + number]) for number in range(full, count)}
    return outlines, {number: pair for number, pair in pairs.items() if pair != (0, 0)}


def _to_native(numbers: array[int]) -> None:
    if sys.byteorder == "little":
        numbers.byteswap()


def font_file(font: _Font) -> bytes:
    """Return the united TrueType file: what a PDF needs of it (ISO 32000-1, 9.9) and no more."""
    from fontTools.ttLib.sfnt import SFNTWriter

    count = max((*font.glyphs, *font.metrics, *font.widths, 0)) + 1
    outlines = [font.glyphs.get(number, b"") for number in range(count)]
    outlines = [data + b"\0" * (-len(data) % 4) for data in outlines]
    offsets = array("I", accumulate(map(len, outlines), initial=0))
    metrics = array("H", [value for number in range(count) for value in font.metrics.get(number, (0, 0))])
    _to_native(offsets)
    _to_native(metrics)
    tables = {name: font.tables[name] for name in ("head", "hhea", *_SAME) if name in font.tables}
    tables["head"] = tables["head"][:50] + struct.pack(">h", 1) + tables["head"][52:]
    tables["hhea"] = tables["hhea"][:34] + struct.pack(">H", count)
    tables["maxp"] = font.tables["maxp"][:4] + struct.pack(">14H", count, *font.limits)
    tables |= {"loca": offsets.tobytes(), "glyf": b"".join(outlines), "hmtx": metrics.tobytes()}
    out = io.BytesIO()
    writer = SFNTWriter(out, len(tables))
    for name in sorted(tables):
        writer[name] = tables[name]
    writer.close()
    return out.getvalue()


def to_unicode(font: _Font) -> bytes:
    """Return the CMap from glyphs to the characters that they show."""
    lines = [_CMAP]
    items = sorted(font.unicode.items())
    for start in range(0, len(items), 100):
        some = items[start : start + 100]
        lines.append(f"{len(some)} beginbfchar")
        lines += [f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>" for glyph, text in some]
        lines.append("endbfchar")
    lines.append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
    return "\n".join(lines).encode()


def font_objects(font: _Font, first: int) -> tuple[list[tuple[int, bytes]], list[tuple[int, bytes, bytes]]]:
    """Return the objects of a font.

    Args:
        font: the font, complete.
        first: the first of four free object numbers.

    Returns:
        Dictionaries as (number, text), and streams as (number, dictionary, deflated data).
    """
    descendant, descriptor, file, cmap = range(first, first + 4)
    facts, name = font.facts, font.facts["name"].encode()
    widths = font.widths.values()
    flags = facts["flags"] | (len(widths) > 1 and len(set(widths)) == 1)  # bit 1: all glyphs are as wide
    up, down, most = facts["ascent"], facts["descent"], max(widths, default=0)
    data, mapping = font_file(font), to_unicode(font)
    whole = b"<</Type /Font/Subtype /Type0/BaseFont %b/Encoding /Identity-H" % name
    whole += b"/DescendantFonts [%d 0 R]/ToUnicode %d 0 R>>" % (descendant, cmap)
    below = b"<</Type /Font/Subtype /CIDFontType2/BaseFont %b/CIDToGIDMap /Identity" % name
    below += b"/CIDSystemInfo <</Registry (Adobe)/Ordering (Identity)/Supplement 0>>"
    below += b"/W %b/FontDescriptor %d 0 R>>" % (_widths(font.widths), descriptor)
    looks = b"<</Type /FontDescriptor/FontName %b/FontFamily %b" % (name, string(facts["family"]))
    looks += b"/Flags %d/FontBBox [0 %d %d %d]/ItalicAngle 0" % (flags, down, most, up)
    looks += b"/Ascent %d/Descent %d/CapHeight %d/StemV 80/StemH 80/FontFile2 %d 0 R>>" % (up, down, up, file)
    streams = [
        (file, b"<</Length1 %d/Filter /FlateDecode>>" % len(data), zlib.compress(data, _LEVEL)),
        (cmap, b"<</Filter /FlateDecode>>", zlib.compress(mapping, _LEVEL)),
    ]
    return [(font.number, whole), (descendant, below), (descriptor, looks)], streams


def _widths(widths: Mapping[int, int]) -> bytes:
    """Return the widths as runs: the first glyph of each, and theirs (ISO 32000-1, 9.7.4.3)."""
    runs: list[str] = []
    last = -2
    for glyph, width in sorted(widths.items()):
        runs.append(f" {width}" if glyph == last + 1 else f"{']' if runs else ''}{glyph}[{width}")
        last = glyph
    return f"[{''.join(runs)}{']' if runs else ''}]".encode()
