"""Finds the characters that no font at hand can show, shows a box instead, and names the fonts to install.

PDF/UA-1 (7.21.8) forbids the glyph that fonts keep for such characters. Whether one is needed is known
only when WeasyPrint draws, so the book's rare characters are drawn once, by themselves, before it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from feed2book.errors import Code
from feed2book.models import Notice

_TEXT = re.compile(r"(?<=>)[^<>]+")
# Source Serif and Source Sans have all of these.
_HAVE = frozenset("‘’‚“”„‹›–—…•†‡€™−×ŒœŠšŽžŸŁł")
# Scripts of so many characters that a font has the common ones or none: one speaks for all.
_VAST = (("\u3400", "\u9fff"), ("\uac00", "\ud7a3"), ("\u3040", "\u30ff"))
_BOXES = "□◊"
# What may follow a character and belongs to it: a variation, a colour of skin.
_FOLLOW = "\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"

# The first word of a character's name in Unicode says its script. What is not here is in the core package.
_CORE, _CJK, _EMOJI = "fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji"
_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "FULLWIDTH", "HALFWIDTH"})
_FAMILIES = {_CORE: "Noto Sans", _CJK: "Noto Sans CJK", _EMOJI: "Noto Color Emoji"}
_SHOWN = 5
_EMOJI_FIRST, _EMOJI_LAST = "\U0001f000", "\U0001faff"


def box_missing(body: str, draw: Callable[[str], None]) -> tuple[str, frozenset[str]]:
    """Return the HTML with a box in the place of each character of its text that has no glyph, and these.

    Args:
        body: the HTML; its attributes stay as they are.
        draw: draws a text in the book's fonts.
    """
    rare = _rare(body)
    if not rare:
        return body, frozenset()
    with _missing() as missing:
        draw(" ".join((*sorted(rare), *_BOXES)))
    missing |= rare & {"\ufffd"}
    if not missing:
        return body, frozenset()
    for first, last in _VAST:
        if any(first <= character <= last for character in missing):
            missing |= {character for character in set(body) if first <= character <= last}
    box = next((box for box in _BOXES if box not in missing), "?")
    some = "[" + "".join(re.escape(character) for character in sorted(missing)) + "]"
    unseen = re.compile(f"{some}[{_FOLLOW}]*(?:\u200d{some}[{_FOLLOW}]*)*")
    return _TEXT.sub(lambda match: unseen.sub(box, match[0]), body), frozenset(missing)


def _rare(body: str) -> set[str]:
    """Return the characters of a text that a font might lack, one for each vast script."""
    rare = {character for character in set(body) if character > "\xff"} - _HAVE
    for first, last in _VAST:
        script = {character for character in rare if first <= character <= last}
        rare -= script
        rare |= set(sorted(script)[:1])
    return rare


@contextlib.contextmanager
def _missing() -> Iterator[set[str]]:
    """Collect the characters for which WeasyPrint warns that it draws the glyph ``.notdef``."""
    found: set[str] = set()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if str(record.msg).startswith(".notdef") and isinstance(record.args, tuple):
                found.add(str(record.args[0]))

    logger = logging.getLogger("weasyprint")
    listener, level = Listener(), logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.WARNING)
    try:
        yield found
    finally:
        logger.setLevel(level)
        logger.removeHandler(listener)


def fonts_at_hand() -> str:
    """Return a name for the fonts of the system and the version of Pango: what text looks like without us."""
    from weasyprint.text.ffi import ffi, fontconfig, pango

    config = fontconfig.FcInitLoadConfigAndFonts()
    try:
        found = fontconfig.FcConfigGetFonts(config, 0)  # those of the system
        files = set()
        place = ffi.new("FcChar8 **")
        for number in range(found.nfont if found else 0):
            if fontconfig.FcPatternGetString(found.fonts[number], b"file", 0, place) == 0:
                files.add(ffi.string(place[0]))
    finally:
        fontconfig.FcConfigDestroy(config)
    return hashlib.sha256(b"\n".join((str(pango.pango_version()).encode(), *sorted(files)))).hexdigest()


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
