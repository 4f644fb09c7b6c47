"""Finds the characters that no font at hand can show, and shows a box instead.

PDF/UA-1 (7.21.8) forbids the glyph that fonts keep for such characters. Whether one is needed is known
only when WeasyPrint draws, so the book's rare characters are drawn once, by themselves, before it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import re
from collections.abc import Callable, Iterator

_TEXT = re.compile(r"(?<=>)[^<>]+")
# Source Serif and Source Sans have all of these.
_HAVE = frozenset("‘’‚“”„‹›–—…•†‡€™−×ŒœŠšŽžŸŁł")
# Scripts of so many characters that a font has the common ones or none: one speaks for all.
_VAST = (("\u3400", "\u9fff"), ("\uac00", "\ud7a3"), ("\u3040", "\u30ff"))
_BOXES = "□◊"
# What may follow a character and belongs to it: a variation, a colour of skin.
_FOLLOW = "\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"


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
