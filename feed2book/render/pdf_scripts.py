"""Names the fonts to install for characters that no font at hand has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from feed2book.errors import Code
from feed2book.models import Notice

# The first word of a character's name in Unicode says its script. What is not here is in the core package.
_CORE, _CJK, _EMOJI = "fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji"
_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "FULLWIDTH", "HALFWIDTH"})
_FAMILIES = {_CORE: "Noto Sans", _CJK: "Noto Sans CJK", _EMOJI: "Noto Color Emoji"}
_SHOWN = 5
_EMOJI_FIRST, _EMOJI_LAST = "\U0001f000", "\U0001faff"


def missing_fonts(missing: Iterable[str], where: str) -> tuple[Notice, ...]:
    """Return a notice for each font that is missed.

    Args:
        missing: the characters without a glyph.
        where: the book's title.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for character in sorted(set(missing)):
        groups.setdefault(_script(character), []).append(character)
    return tuple(Notice(Code.FONT_MISSING, message, where) for message in _messages(groups))


def _messages(groups: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    for (package, script), characters in groups.items():
        shown = " ".join(f"U+{ord(character):04X}" for character in characters[:_SHOWN])
        more = " …" if len(characters) > _SHOWN else ""
        what = f"no font here has {script} ({shown}{more}), shown as boxes"
        yield f"{what}; install {_FAMILIES[package]} (Debian: {package})" if package else what


def _script(character: str) -> tuple[str, str]:
    """Return the package that has a character (``""``: none can), and what its script is called."""
    category = unicodedata.category(character)
    if category in {"Co", "Cn", "Cs"} or character == "\ufffd":
        return "", "private or unassigned characters"
    if _EMOJI_FIRST <= character <= _EMOJI_LAST:
        return _EMOJI, "emoji"
    first = unicodedata.name(character, "").replace("-", " ").split(" ")[0]
    if first in _ASIAN:
        return _CJK, "Chinese, Japanese or Korean"
    if category[0] in "SPN":
        return _CORE, "symbols"
    return _CORE, first.capitalize() or "letters"
