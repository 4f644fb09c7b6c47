"""Addresses: absolute, and valid as the URL Standard has them (EPUBCheck's RSC-020 is that strict)."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin

from feed2book.article.redirectors import unwrapped
from feed2book.article.vocabulary import LINK_SCHEMES
from feed2book.models import SAVED
from feed2book.models.addresses import PATH_SAFE, without_tracking

MAX_LENGTH = 4000  # characters; what is longer is no address that a reader could use

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_BREAKS = re.compile(r"[\t\n\r]")
# What joining would leave as it is, whatever the base.
_WHOLE = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?(?:/[^?#;]*)?(?:\?[^#]+)?(?:#.+)?", re.DOTALL)
_PARTS = re.compile(r"[/\\]*([^/\\?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_LOOSE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_TEL = re.compile(r"[+*0-9][0-9().;=*a-z-]*", re.IGNORECASE)


@lru_cache(maxsize=8192)  # several passes ask of the same links
def absolute(address: str, base: str) -> str:
    """Return ``address`` counted from ``base``, or ``""`` when it cannot be made absolute."""
    address = _BREAKS.sub("", address).strip("\0\x01\x1f ")
    if not address or len(address) > MAX_LENGTH:
        return ""
    if address.startswith("//") and not base:
        return f"https:{address}"
    try:
        joined = urljoin(base, address) if base and not _WHOLE.fullmatch(address) else address
    except ValueError:
        return ""
    return joined if _SCHEME.match(joined) else ""


@lru_cache(maxsize=8192)  # several passes ask of the same links
def valid_link(address: str) -> str:
    """Return an absolute ``address`` spelled validly for ``href``, or ``""``.

    Tracking parameters go, and a redirector that names its target stands for that.
    """
    target = unwrapped(address)
    return _link(target) or (_link(address) if target != address else "")


def _link(address: str) -> str:
    scheme = _scheme(address)
    if scheme not in LINK_SCHEMES:
        return ""
    rest = address[len(scheme) + 1 :]
    if scheme == "mailto":
        return f"mailto:{_quoted(rest, '@%?&=+,;:/!$*-._~')}" if "@" in unquote(rest) else ""
    if scheme == "tel":
        number = re.sub(r"\s+", "", unquote(rest))
        return f"tel:{number}" if _TEL.fullmatch(number) else ""
    return without_tracking(_hierarchical(scheme, rest))


def valid_image(address: str) -> str:
    """Return an absolute ``address`` of an image spelled validly, or ``""``.

    It is on the web, or stands for itself (``data:image``), or for a file beside a saved page.
    """
    scheme = _scheme(address)
    if address.startswith(SAVED):
        return address
    if scheme == "data":
        return address if re.match(r"data:image/[a-z0-9.+-]+[;,]", address, re.IGNORECASE) else ""
    return _hierarchical(scheme, address[len(scheme) + 1 :]) if scheme in {"http", "https"} else ""


def _scheme(address: str) -> str:
    match = _SCHEME.match(address)
    return match[1].lower() if match else ""


def _hierarchical(scheme: str, rest: str) -> str:
    match = _PARTS.fullmatch(rest)
    authority = _authority(match[1], scheme) if match else ""
    if not match or not authority:
        return ""
    path, query, fragment = match[2] or "", match[3] or "", match[4] or ""
    path = _quoted(path.replace("\\", "/"), PATH_SAFE)
    query = query and "?" + _quoted(query[1:], PATH_SAFE + "?")
    fragment = fragment and "#" + _quoted(fragment[1:], PATH_SAFE + "?")
    return f"{scheme}://{authority}{path}{query}{fragment}"


def _quoted(part: str, safe: str) -> str:
    return quote(_LOOSE_PERCENT.sub("%25", part), safe=safe)


def _authority(text: str, scheme: str) -> str:
    """Return host and port; names and passwords go, they are no one else's business."""
    text = text.rpartition("@")[2]
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::(\d*))?", text)
    if not match:
        return ""
    host = _host(match[1])
    if not host or (match[2] and int(match[2][:6]) > 65535):
        return ""
    port = (match[2] or "").lstrip("0")
    return f"{host}:{port}" if port and port != {"http": "80", "https": "443", "ftp": "21"}[scheme] else host


def _host(text: str) -> str:
    try:
        if text.startswith("["):
            return f"[{ipaddress.IPv6Address(text[1:-1])}]"
        name = unquote(text)
        name = (name if name.isascii() else name.encode("idna").decode("ascii")).lower().removesuffix(".")
        labels = name.split(".")
        if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
            return str(ipaddress.IPv4Address(name))
    except ValueError:  # UnicodeError and AddressValueError are both
        return ""
    return name if all(_LABEL.fullmatch(label) for label in labels) else ""
