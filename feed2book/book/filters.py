"""Which posts of a source its reader wants: regular expressions over title, tags, authors and text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from feed2book.errors import UsageError
from feed2book.models import Entry, Filter, Source

_LONGEST = 2_000  # characters of an expression

_SAID: dict[str, Callable[[Entry], tuple[str, ...]]] = {
    "title": lambda entry: (entry.title,),
    "tag": lambda entry: entry.tags,
    "author": lambda entry: entry.authors,
    "text": lambda entry: (entry.text,),
}


def wanted(entry: Entry, source: Source) -> bool:
    """Say whether a post fits what a source includes, and nothing of what it excludes.

    Raises:
        UsageError: a pattern is no regular expression, or longer than one would write.
    """
    included = source.include is None or _fits(entry, source.include)
    return included and not (source.exclude and _fits(entry, source.exclude))


def _fits(entry: Entry, rule: Filter) -> bool:
    """Whether each of the rule's fields that says something has a pattern that matches."""
    for name, said in _SAID.items():
        patterns = [_compiled(pattern) for pattern in getattr(rule, name)]
        if patterns and not any(pattern.search(text) for text in said(entry) for pattern in patterns):
            return False
    return True


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    if len(pattern) > _LONGEST:
        message = f"this expression has {len(pattern):,} characters; {_LONGEST:,} are the most"
        raise UsageError(message, where=f"{pattern[:40]}…", remedy="part it into several")
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        message = f"this is no regular expression ({error})"
        raise UsageError(
            message, where=pattern, remedy="write \\ before a sign that is meant as it is"
        ) from error
