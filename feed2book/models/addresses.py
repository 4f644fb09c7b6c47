"""When two addresses are the same page: what only counts visitors, or is spelled in several ways, goes."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote

PATH_SAFE = "/%:@!$&'()*+,;=-._~"

_PAGE = re.compile(r"https?://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL | re.IGNORECASE)

_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|mkt_tok|_hsenc|_hsmi|vero_id|oly_\w+_id"
    r"|__s|wt_mc|ns_\w+|action_object_map|spm|gbraid|wbraid|twclid|ttclid|li_fat_id|igsh|_openstat|ck_subscriber_id"
    r"|ref_src|ref_url|cmpid|sc_cid|mibextid|__hs(?:tc|sc|fp)|hsctatracking|guce_referr\w+|at_(?:medium|campaign)|rss_?utm_\w+"
    r"|piwik_(?:campaign|kwd)|pk_(?:campaign|kwd|source|medium)|mtm_\w+|matomo_\w+|mwrsm|s_cid|icid|ncid",
    re.IGNORECASE,
)


def without_login(address: str) -> str:
    """Return ``address`` without the user and password in it."""
    return re.sub(r"^(\s*(?:feed:)?[\w+.-]*:?[/\\]{2})[^/?#]*@", r"\1", address, flags=re.IGNORECASE)


def without_tracking(address: str) -> str:
    """Return ``address`` without the query parameters that only count who came from where."""
    head, mark, fragment = address.partition("#")
    path, question, query = head.partition("?")
    if not query:
        return address
    kept = [pair for pair in query.split("&") if not _TRACKING.fullmatch(pair.partition("=")[0])]
    return path + (question + "&".join(kept) if kept else "") + mark + fragment


@lru_cache(maxsize=8192)
def canonical(address: str) -> str:
    """Return the form by which two valid addresses of one page are equal, ``""`` if it is not on the web.

    Scheme, case of the host, ``www.``, default port, fragment, tracking parameters, the order of parameters,
    a trailing slash or index file, AMP and feed suffixes, the spelling of percent codes make no difference.
    """
    match = _PAGE.fullmatch(without_tracking(address))
    if not match:
        return ""
    host = match[1].lower().removeprefix("www.").removeprefix("amp.")
    path = quote(unquote(match[2], errors="replace"), safe=PATH_SAFE)
    path = re.sub(r"/(?:index|default)\.(?:x?html?|php|aspx?)$", "", path.rstrip("/"), flags=re.IGNORECASE)
    path = re.sub(r"(?:/amp|/feed(?:/(?:atom|rss2?))?)$", "", path.rstrip("/")).rstrip("/")
    pairs = sorted(pair for pair in parse_qsl(match[3] or "", keep_blank_values=True) if pair[0] != "amp")
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
    return f"{host}{path}" + (f"?{query}" if query else "")


def is_root(form: str) -> bool:
    """Say whether a canonical form names a whole site, not a page of it."""
    return "/" not in form and "?" not in form
