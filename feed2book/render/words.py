"""What a book says of itself, in its own language: words, numbers of things, dates.

The words of a language are a file, ``templates/words/TAG.toml``; dates and plural forms come from the
Unicode CLDR, through Babel. A language without a file speaks English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_interval
from markupsafe import Markup

from feed2book.errors import RenderError
from feed2book.models import Book
from feed2book.render.characters import xml_text
from feed2book.render.dates import period

FALLBACK = "en"
_RTL = frozenset({"ar", "he"})
# CLDR has no English of no country: this one writes dates in the order that most of the world does.
_ENGLISH = "en_GB"
_SPAN = "yMMMd"  # the pattern of CLDR: year, month in short, day


class Words:
    """The words of one language.

    Args:
        tag: the name of its file, and of its locale.
        said: what the file says: key → text, or key → plural form (CLDR) → text.
        locale: how it writes dates and which plural forms it has.
    """

    def __init__(self, tag: str, said: Mapping[str, Any], locale: Locale) -> None:
        self.tag = tag
        self.direction = "rtl" if tag in _RTL else "ltr"
        self._said = said
        self._locale = locale

    def say(self, key: str, **values: object) -> str:
        """Return the text of ``key``, its ``{places}`` filled; markup stays markup, text is escaped in it.

        Raises:
            RenderError: the file has no such text, or a place in it that nobody fills.
        """
        return self._fill(key, self._text(key), values)

    def count(self, key: str, number: int) -> str:
        """Return so many of something (``posts``, ``minutes`` …), in the plural form that the number takes.

        Raises:
            RenderError: the file has no such text.
        """
        forms = self._text(key)
        text = forms.get(self._locale.plural_form(number)) or forms.get("other", "")
        return self._fill(key, text, {"number": f"{number:,}" if self.tag == FALLBACK else str(number)})

    def date(self, moment: datetime | None) -> str:
        """Return the day as people write it (``23 November 2026``), or ``""``."""
        return format_date(moment.date(), "long", locale=self._locale) if moment else ""

    def period(self, book: Book) -> str:
        """Return the time that the posts span, nothing said twice (``2–11 Nov 2026``), or ``""``."""
        first, last = period(book) or (None, None)
        if first is None or last is None or first.date() == last.date():
            return self.date(last)
        said: str = format_interval(first.date(), last.date(), _SPAN, locale=self._locale)
        return said.replace("\u2009", " ")  # not every font has the thin space

    def _text(self, key: str) -> Any:
        try:
            return self._said[key]
        except KeyError as error:
            raise RenderError(f"no words for {key!r}", where=f"words/{self.tag}.toml") from error

    def _fill(self, key: str, text: str, values: Mapping[str, object]) -> str:
        marked = any(isinstance(value, Markup) for value in values.values())
        try:
            said = (Markup(text) if marked else text).format(**values)  # noqa: S704 (our own words)
            return type(said)(xml_text(said))
        except (LookupError, ValueError, AttributeError) as error:
            raise RenderError(f"the words for {key!r} are wrong: {error}", where=self.tag) from error


@cache
def words(language: str, places: tuple[Path, ...]) -> Words:
    """Return the words of a language.

    Args:
        language: BCP 47; of ``pt-BR`` the file ``pt`` will do, of ``zh-TW`` it is ``zh-Hant``.
        places: directories with ``words/``, the first that has a file wins.

    Raises:
        RenderError: the file cannot be read.
    """
    for tag in _tags(language):
        for place in places:
            path = place / "words" / f"{tag}.toml"
            if path.is_file():
                return Words(tag, _read(path), _locale(language, tag))
    raise RenderError("there are no words at all", where=f"words/{FALLBACK}.toml")


def _tags(language: str) -> Iterator[str]:
    """Yield the names of files that will do, the closest first."""
    subtags = language.replace("_", "-").split("-")
    base = {"no": "nb", "nn": "nb", "iw": "he", "in": "id"}.get(subtags[0].lower(), subtags[0].lower())
    region = {subtag.upper() for subtag in subtags[1:]}
    if base == "zh" and region & {"HANT", "TW", "HK", "MO"}:
        yield "zh-Hant"
    if base.isalpha():  # it becomes part of a path
        yield base
    yield FALLBACK


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RenderError(f"the words cannot be read: {error}", where=str(path)) from error


def _locale(language: str, tag: str) -> Locale:
    """Return the locale of the language with its country if CLDR has it, else that of the file."""
    if tag == FALLBACK and "-" not in language:
        return Locale.parse(_ENGLISH)
    for name in (language, tag):
        try:
            locale = Locale.parse(name.replace("-", "_"))
        except (ValueError, LookupError, TypeError):
            continue
        if locale.language == tag.partition("-")[0]:
            return locale
    return Locale.parse(_ENGLISH)
