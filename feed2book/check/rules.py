"""What a rule is: one small named function that yields what is wrong, with a code that never changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from feed2book.models import Finding

ERROR = "error"
WARNING = "warning"
NOTE = "note"

Problem = tuple[str, str]
"""Where it is (a file, with a line or an id), and what is wrong there."""

_MOST = 20  # findings of one rule that are told one by one


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its code, how grave a finding is, what it wants, how to mend it, and the function."""

    code: str
    severity: str
    wants: str
    fix: str
    find: Callable[[Any], Iterable[Problem]]

    def findings(self, subject: object) -> Iterator[Finding]:
        """Yield what the rule finds in ``subject``; after the first twenty, only how many more there are."""
        more = 0
        for number, (where, message) in enumerate(self.find(subject)):
            if number < _MOST:
                yield Finding(self.code, self.severity, where, message, self.fix)
            else:
                more += 1
        if more:
            yield Finding(self.code, self.severity, "", f"the same in {more} more places", self.fix)


class Rules(list[Rule]):
    """The rules for one kind of file. ``@rules.add(…)`` puts a function among them."""

    def add(
        self, code: str, severity: str, wants: str, fix: str
    ) -> Callable[[Callable[[Any], Iterable[Problem]]], Callable[[Any], Iterable[Problem]]]:
        """Return the decorator that makes a function a rule.

        Args:
            code: stable, unique, in words with hyphens.
            severity: ``error`` (rejected, or unreadable), ``warning`` (shown badly somewhere) or ``note``.
            wants: the rule in one line, for the documentation.
            fix: what to do, one short sentence.
        """

        def register(find: Callable[[Any], Iterable[Problem]]) -> Callable[[Any], Iterable[Problem]]:
            self.append(Rule(code, severity, wants, fix, find))
            return find

        return register
