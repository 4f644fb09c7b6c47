"""The language of a text and the direction in which it runs."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from feed2book.article.vocabulary import names

_LEAST_LETTERS = 60
_IDEOGRAPHS, _WEIGHT = "\u2e80", 3  # from there on a character says as much as three letters
_ENOUGH = 3000  # characters; more text makes the answer no better
_SURE = 0.8  # of 1
_CERTAIN = 0.99
_LEAST_WORDS = 60
_LETTERS = re.compile(r"[^\W\d_]+")
# Words that make up a fifth and more of English prose, and that few other languages share.
_ENGLISH = names("the of and to is that it for with this you are not be have was from they which")
_ENGLISH_SHARE = 0.06

_RTL = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LTR = re.compile("[A-Za-z\u00c0-\u058f\u0900-\u1fff\u2c00-\ud7ff\uf900-\ufb17]")
_NOT_PROSE = re.compile(r"https?://\S+|[\w.+-]{1,64}@[\w.-]+|[@#]\w+|[!-~]{0,80}[\d_{}<>=\\|][!-~]{0,80}")
_RTL_LANGUAGES = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"})


def detect_language(text: str, certainty: float = _SURE) -> str:
    """Return the language of ``text`` as an ISO 639-1 code, or ``""`` when it is too short to tell."""
    prose = " ".join(_NOT_PROSE.sub(" ", text[: 2 * _ENOUGH]).split())[:_ENOUGH]
    letters = sum(_WEIGHT if character >= _IDEOGRAPHS else 1 for character in prose if character.isalpha())
    if letters < _LEAST_LETTERS:
        return ""
    language, confidence = _identifier().classify(prose)
    return str(language) if confidence >= certainty else ""


def is_doubtful(said: str) -> bool:
    """Say whether a language needs proof: English is what tools write into a feed when nobody says."""
    return said.partition("-")[0] == "en"


def contradiction(text: str) -> str:
    """Return the language of ``text`` that is said to be English where it clearly is not, else ``""``.

    Another script is proof; within the Latin script both halves of sixty words and more must agree, and
    none of it may read like English.
    """
    text = text[: 4 * _ENOUGH]
    if not is_latin(text):
        found = detect_language(text)
        return found if found != "en" else ""
    words = _LETTERS.findall(text.lower())
    if len(words) < _LEAST_WORDS or sum(word in _ENGLISH for word in words) > _ENGLISH_SHARE * len(words):
        return ""
    half = len(text) // 2
    first, second = (detect_language(part, _CERTAIN) for part in (text[:half], text[half:]))
    return first if first == second != "en" else ""


def is_latin(text: str) -> bool:
    """Say whether most letters at the beginning of ``text`` are Latin (or there are none)."""
    letters = [character for character in text[:_ENOUGH] if character.isalpha()]
    return 2 * sum(character < "\u0250" for character in letters) >= len(letters)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def direction(text: str, language: str) -> str:
    """Return ``rtl`` or ``ltr``: what most letters at its beginning are, else what the language says."""
    text = text[:_ENOUGH]
    right = len(_RTL.findall(text))
    if right:
        return "rtl" if right > len(_LTR.findall(text)) else "ltr"
    if _LTR.search(text):
        return "ltr"
    return "rtl" if language.partition("-")[0].lower() in _RTL_LANGUAGES else "ltr"
