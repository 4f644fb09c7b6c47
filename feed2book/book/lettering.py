"""Letters for Pillow: which font has one, how wide a line of them is, how it is drawn.

Our own faces are Source Serif and Source Sans. What they lack (the world's other scripts) is looked
for among the system's fonts by ``fc-match``, where fontconfig is installed. What no font has, or what
Pillow cannot shape, is left out: better a shorter cover than one with empty boxes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

UNIT = 200
"""The size in pixels at which text is measured; other sizes are scaled from it."""

_LONGEST = 400
_MOST_FALLBACKS = 4
_FAMILIES = {
    "serif": "Noto Naskh Arabic,Noto Serif Hebrew,Noto Serif Devanagari,Noto Serif Thai,serif",
    "sans": "Noto Sans Arabic,Noto Sans Hebrew,Noto Sans Devanagari,Noto Sans Thai,sans-serif",
}
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff\U000e0000-\U000e0fff]")
JOINERS = "\u200c\u200d"
_STACKED_MARKS = re.compile(r"(?<=[\u0300-\u036f\u0483-\u0489]{2})[\u0300-\u036f\u0483-\u0489]+")
Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True)
class Face:
    """One of our faces: its family (``serif`` or ``sans``), file, and fontconfig weight for its kin."""

    family: str
    file: str
    weight: int


SERIF = Face("serif", "SourceSerifPro-Regular.ttf", 80)
SERIF_SEMIBOLD = Face("serif", "SourceSerifPro-Semibold.ttf", 180)
SANS_SEMIBOLD = Face("sans", "SourceSansPro-Semibold.ttf", 180)


@dataclass(frozen=True, slots=True)
class _Font:
    path: str
    index: int
    ranges: tuple[range, ...]

    def has(self, char: str) -> bool:
        return any(ord(char) in span for span in self.ranges)


def tidy(text: str) -> str:
    """Return ``text`` composed (NFC), on one line, without control characters, emoji and piled-up marks."""
    text = unicodedata.normalize("NFC", text[: 4 * _LONGEST])
    text = _EMOJI.sub(" ", _STACKED_MARKS.sub("", text))
    kept = (" " if char.isspace() else char for char in text if char.isspace() or _printable(char))
    return " ".join("".join(kept).split())[:_LONGEST].strip(" -–—:|·")


def _printable(char: str) -> bool:
    return char in JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def direction(text: str) -> Direction:
    """Return the direction of the first letter that has one (the rule P2 of Unicode's UAX 9)."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


class Typeface:
    """A face of ours, backed by the system's fonts for the characters of ``text`` that it lacks."""

    def __init__(self, face: Face, text: str, language: str = "") -> None:
        self._fonts = [_own_font(face)]
        self._loaded: dict[tuple[int, int], ImageFont.FreeTypeFont] = {}
        self._widths: dict[str, float] = {}
        wanted = {char for char in text if not char.isspace() and char not in JOINERS and _shapable(char)}
        missing = {char for char in wanted if not self._fonts[0].has(char)}
        while missing and len(self._fonts) <= _MOST_FALLBACKS:
            font = _system_font(face, missing, language)
            if font is None or not any(font.has(char) for char in missing):
                break
            self._fonts.append(font)
            missing = {char for char in missing if not font.has(char)}
        self._settable = wanted - missing

    def settable(self, text: str) -> str:
        """Return ``text`` without what cannot be set; ``""`` when too little of it would be left."""
        kept: list[str] = []
        for char in text:
            if char.isspace() or char in self._settable or (kept and char in JOINERS and _raqm()):
                kept.append(char)
        letters = sum(char.isalnum() for char in text)
        left = sum(char.isalnum() for char in kept)
        return "" if not left or left < 0.7 * letters else " ".join("".join(kept).split())

    def width(self, text: str) -> float:
        """Return how wide ``text`` is at size :data:`UNIT`, in pixels."""
        if text not in self._widths:
            self._widths[text] = sum(
                self._load(index, UNIT).getlength(run, direction=_shaping(text))
                for index, run in self._runs(text)
            )
        return self._widths[text]

    def draw(
        self, canvas: ImageDraw.ImageDraw, place: tuple[float, float], text: str, size: int, fill: str
    ) -> None:
        """Draw one line, its left end and its baseline at ``place``."""
        left, base = place
        runs = list(self._runs(text))
        way = _shaping(text)
        for index, run in reversed(runs) if direction(text) == "rtl" else runs:
            font = self._load(index, size)
            canvas.text((left, base), run, fill=fill, font=font, anchor="ls", direction=way)
            left += font.getlength(run, direction=way)

    def _load(self, index: int, size: int) -> ImageFont.FreeTypeFont:
        if (index, size) not in self._loaded:
            from PIL import ImageFont

            font = self._fonts[index]
            self._loaded[index, size] = ImageFont.truetype(font.path, size, index=font.index)
        return self._loaded[index, size]

    def _runs(self, text: str) -> Iterator[tuple[int, str]]:
        """Split ``text`` where the font changes; what is no letter stays in the font before it."""
        start = 0
        current = -1
        for at, char in enumerate(text):
            index = self._font_of(char, current)
            if index != current:
                if at > start:
                    yield current, text[start:at]
                start, current = at, index
        if text[start:]:
            yield max(current, 0), text[start:]

    def _font_of(self, char: str, current: int) -> int:
        stays = char.isspace() or char in JOINERS
        if current >= 0 and (stays or (not char.isalnum() and self._fonts[current].has(char))):
            return current
        return next((index for index, font in enumerate(self._fonts) if font.has(char)), 0)


def _shaping(text: str) -> Direction | None:
    return direction(text) if _raqm() else None


def _shapable(char: str) -> bool:
    """Say whether Pillow can set ``char``: without Raqm it neither joins nor turns nor stacks letters."""
    if _raqm():
        return True
    turned = unicodedata.bidirectional(char) in ("R", "AL", "AN")
    return not (turned or unicodedata.category(char)[0] == "M" or "\u0900" <= char <= "\u109f")


@cache
def _raqm() -> bool:
    from PIL import features

    return bool(features.check("raqm"))


@cache
def _own_font(face: Face) -> _Font:
    from fontTools.ttLib import TTFont

    package = "font_source_serif_pro" if face.family == "serif" else "font_source_sans_pro"
    path = str(files(package) / "files" / face.file)
    with TTFont(path, lazy=True) as font:
        return _Font(path, 0, tuple(range(code, code + 1) for code in sorted(font.getBestCmap())))


def _system_font(face: Face, chars: set[str], language: str) -> _Font | None:
    """Ask fontconfig for the font that has most of ``chars``; None when there is none to use."""
    program = shutil.which("fc-match")
    if program is None:
        return None
    charset = " ".join(f"{ord(char):x}" for char in sorted(chars))
    lang = f":lang={language.lower()}" if re.fullmatch("[A-Za-z]{2,3}(-[A-Za-z]{2})?", language) else ""
    pattern = (
        f"{_FAMILIES[face.family]}:charset={charset}{lang}:weight={face.weight}:scalable=true:color=false"
    )
    try:
        found = subprocess.run(  # noqa: S603 (our own arguments: numbers and a checked language)
            [program, "-f", "%{file}\t%{index}\t%{charset}", pattern],
            capture_output=True,
            check=True,
            timeout=10,
            encoding="utf-8",
        )
        path, index, covered = found.stdout.split("\t")
        spans = (span.partition("-") for span in covered.split())
        ranges = tuple(range(int(low, 16), int(high or low, 16) + 1) for low, _, high in spans)
        font = _Font(path, int(index), ranges)
        _check(font)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return font


def _check(font: _Font) -> None:
    """Raise OSError when Pillow cannot open the font (a bitmap font, a damaged file)."""
    from PIL import ImageFont

    ImageFont.truetype(font.path, UNIT, index=font.index)
