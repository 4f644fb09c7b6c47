"""Addresses that only count a click and pass it on, where they say in plain sight whom to."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

_NAMED = re.compile(
    r"https?://(?:(?:www\.)?google\.[a-z.]{2,6}/url|lm?\.(?:facebook|instagram)\.com/(?:l\.php)?"
    r"|(?:www\.)?facebook\.com/l\.php|(?:www\.)?youtube\.com/redirect|out\.reddit\.com/[\w/]*"
    r"|steamcommunity\.com/linkfilter/?|vk\.com/away\.php|slack-redir\.net/link|go\.redirectingat\.com/"
    r"|click\.linksynergy\.com/deeplink|redirect\.viglink\.com/?|getpocket\.com/redirect"
    r"|(?:www\.)?linkedin\.com/(?:redir/redirect|safety/go)|[\w.-]{1,80}\.safelinks\.protection\.outlook\.com/"
    r"|medium\.com/r/?|link\.medium\.com/redirect|substack\.com/redirect/?[\w/-]{0,80}|duckduckgo\.com/l/"
    r"|api\.follow\.it/track-rss-story-click/v3/[\w-]{0,80})",
    re.IGNORECASE,
)
_PARAMETERS = ("q", "url", "u", "to", "murl", "uddg", "target")
_BARE = re.compile(
    r"https?://(?:href\.li|(?:www\.)?(?:anonym\.to|dereferer\.me|nullrefer\.com))/", re.IGNORECASE
)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_MOST_HOPS = 3


def unwrapped(address: str) -> str:
    """Return where ``address`` leads if it is a redirector that names its target, else ``address``."""
    for _ in range(_MOST_HOPS):
        target = _target(address)
        if not target:
            break
        address = target
    return address


def _target(address: str) -> str:
    path, _, query = address.partition("?")
    query = query.partition("#")[0]
    if not query:
        return ""
    if _BARE.fullmatch(path):
        named = query if _WEB.match(query) else unquote(query)
    elif _NAMED.fullmatch(path):
        given = dict(parse_qsl(query))
        named = next((given[name] for name in _PARAMETERS if name in given), "")
    else:
        return ""
    return named if _WEB.match(named) else ""
