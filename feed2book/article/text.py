"""Plain text: what characters may stay, how words are counted, how a text is shortened."""

from __future__ import annotations

import html
import math
import re
from collections import Counter

# What XML 1.0 forbids (§2.2), lone surrogates, and all noncharacters: our tokens are made of two of
# them, so that no feed can forge a token. The byte-order mark is junk inside a text.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_CARRIAGE = re.compile("\r\n?")

# C1 controls are Windows-1252 bytes read as Latin-1 (HTML Standard, §13.2.5.80, has the same table).
_C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}

#: What shows nothing: white space, no-break spaces, zero-width characters.
BLANK = " \t\n\r\f\v\u00a0\u00ad\u1680\u2028\u2029\u202f\u205f\u2060\u3000" + "".join(
    map(chr, range(0x2000, 0x200E))
)
_SOLID = re.compile(f"[^{BLANK}]")
_SPACES = re.compile(r"[ \t\n\r\f\v]{2,}|[\t\n\r\f\v]")

# Chinese and Japanese set no spaces: Han and kana are counted by the character.
_CJK = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

_DISPLAY_MARK = re.compile(r"\\[\[\]]|\$\$")
_INLINE_MARK = re.compile(r"\\[()]|\$(?:latex(?![A-Za-z]))?")
_MARKS = re.compile(r"[\W_]+")
_RUN = 50  # words that are compared at once, before any is counted
_ASCII_MARKS = bytes(code for code in range(128) if not chr(code).isalnum())
_WORD = re.compile(r"\w(?:\S*\w)?")  # without the punctuation around it


def legible(text: str) -> str:
    """Return ``text`` without characters that may not be in a book, its line ends as in Unix."""
    if not _plain_ascii(text) and _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub("", text.translate(_C1))
    return _CARRIAGE.sub("\n", text) if "\r" in text else text


def _plain_ascii(text: str) -> bool:
    """Say whether there is nothing but ASCII without controls: bytes tell it at once, as most texts are."""
    if not text.isascii():
        return False
    octets = text.encode("ascii")
    return len(octets.translate(None, _CONTROLS)) == len(octets)


def is_blank(text: str) -> bool:
    """Say whether ``text`` shows nothing."""
    return _SOLID.search(text) is None


def collapse(text: str) -> str:
    """Return ``text`` on one line, with single spaces, none at its ends."""
    return spaces(text).strip(" \u00a0")


def spaces(text: str) -> str:
    """Return ``text`` with each run of ASCII white space made one space, as HTML shows it."""
    if "  " not in text and text.isprintable():  # tabs and line ends are not; most texts have neither
        return text
    return _SPACES.sub(" ", text)


def count_words(text: str) -> int:
    """Count words: runs without white space; two Han or kana characters count as one word."""
    if text.isascii():
        return len(text.split())
    characters = len(_CJK.findall(text))
    if characters:
        text = _CJK.sub(" ", text)
    return len(text.split()) + math.ceil(characters / 2)


def lost_words(before: str, after: str) -> int:
    """Count the words of ``before`` that ``after`` does not hold, each as often as it stands there.

    New words in ``after`` make up for none; punctuation makes no difference, since a mark that
    moved to the next element is no word lost.
    """
    told, kept = before.split(), after.split()
    once: Counter[str] = Counter()
    now: Counter[str] = Counter()
    for start in range(0, max(len(told), len(kept)), _RUN):
        here, there = told[start : start + _RUN], kept[start : start + _RUN]
        if here != there:  # as a rule they are the same: few words change places, and counting is dear
            once.update(here)
            now.update(there)
    if dict.__eq__(once, now):  # a Counter's own comparison is slow
        return 0
    # Most words stand in both as they are; only the others need a closer look.
    changed = Counter({word: once[word] - now[word] for word, _ in once.items() ^ now.items()})
    lost = Counter(_bare_words(+changed)) - Counter(_bare_words(-changed))
    characters = sum(times for word, times in lost.items() if _CJK.fullmatch(word))
    return lost.total() - characters + characters // 2


def _bare_words(words: Counter[str]) -> list[str]:
    text = " ".join(words.elements())
    # delimiters of formulas are no part of a word, and those of a line part words
    if "\\" in text or "$" in text:
        text = _INLINE_MARK.sub("", _DISPLAY_MARK.sub(" ", text))
    if not text.isascii():
        text = _CJK.sub(r" \g<0> ", text.replace("\u00ad", ""))
    return _WORD.findall(text)


def shorten(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of ``text``, cut at a word where there is one, with ``…``."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at = head.rfind(" ")
    return head[: at if at > limit // 2 else None].rstrip(" ,;:.–—-(") + "…"


def plain(markup: str) -> str:
    """Return the text of ``markup`` by crude means, for what no parser should be troubled with."""
    return html.unescape(re.sub(r"<[^<>]*>", " ", markup))


def normal(text: str) -> str:
    """Return what two texts are compared by: letters and digits only, in one case."""
    if text.isascii():  # bytes are faster by far, and most texts are
        return text.lower().encode("ascii").translate(None, _ASCII_MARKS).decode("ascii")
    return _MARKS.sub("", text.casefold())
