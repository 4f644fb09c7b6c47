"""Words that a flag and a key of the configuration choose from, and what to say to any other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Archive = Literal["2a", "3a"]
FullText = Literal["auto", "always", "never"]
Layout = Literal["book", "newspaper", "compact"]
Links = Literal["keep", "footnote", "strip"]
Order = Literal["oldest", "newest"]
Pictures = Literal["attached", "remote", "none"]
Posts = Literal["full", "excerpt", "title"]
Strategy = Literal[
    "auto", "none", "rfc5005", "next", "wordpress", "wordpress-rest", "blogger", "ghost-rss", "ghost",
    "substack", "tumblr", "squarespace", "discourse", "sitemap", "wayback",
]  # fmt: skip


def nearest(wrong: str, right: Iterable[str]) -> str:
    """Return the advice to take the nearest of the right words, or one of them all."""
    from difflib import get_close_matches

    known = sorted(right)
    close = get_close_matches(wrong.lower().replace("_", "-"), known, n=1)
    return f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"
