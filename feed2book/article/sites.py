"""What we know of sites whose pages say less of themselves than a reader needs. The user's rules go first."""

from __future__ import annotations

from collections.abc import Mapping

from feed2book.models import SiteRule


def _named(*names: str) -> tuple[str, ...]:
    """Return expressions for elements of those classes."""
    return tuple(f'//*[contains(concat(" ", normalize-space(@class), " "), " {name} ")]' for name in names)


#: By host, as in :class:`feed2book.models.Sites`.
SITES: Mapping[str, SiteRule] = {
    ".wikipedia.org": SiteRule(
        body=('//div[@id="mw-content-text"]',), strip=_named("navbox", "mw-editsection", "ambox")
    ),
}
