"""The rules for the pages of sites: the user's own, those of a folder of files, those that we ship."""

from __future__ import annotations

from itertools import chain

from feed2book.errors import Code
from feed2book.models import Notice, SiteRule, Sites, site_names

_MOST_WRONG = 3  # lines of one file that are shown


class SiteRules:
    """Finds the rule for an address. Files are read when a page of their site is.

    Attributes:
        notices: what is wrong with files that were read.
    """

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self._read: dict[str, SiteRule | None] = {}
        self.notices: list[Notice] = []

    def of(self, address: str) -> SiteRule:
        """Return the nearest rule for an address: of the user's, else of the files, else of ours."""
        from feed2book.article.sites import SITES

        names = site_names(address)
        found = chain(map(self._sites.rules.get, names), map(self._file, names), map(SITES.get, names))
        return next(filter(None, found), SiteRule())

    def _file(self, name: str) -> SiteRule | None:
        if name not in self._read:
            self._read[name] = self._from_folder(name)
        return self._read[name]

    def _from_folder(self, name: str) -> SiteRule | None:
        from feed2book.article.extract_rules import read_site_file

        if self._sites.folder is None:
            return None
        path = self._sites.folder / f"{name}.txt"
        try:
            rule, wrong = read_site_file(path.read_text(encoding="utf-8", errors="replace"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self.notices.append(Notice(Code.RULE_UNREAD, f"the rules cannot be read: {error}", str(path)))
            return None
        for line in wrong[:_MOST_WRONG]:
            self.notices.append(Notice(Code.RULE_UNREAD, f"this is no XPath: {line}", str(path)))
        return rule
