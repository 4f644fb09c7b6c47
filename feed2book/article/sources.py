"""Where an image can be had: the addresses that markup gives for one picture, best first."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from bs4.element import Tag

from feed2book.article.renditions import filled, larger, original
from feed2book.article.tree import ancestor, attribute
from feed2book.article.urls import absolute, valid_image

IDEAL_WIDTH = 1600  # pixels: as much as an e-reader or a printed page can show
ENOUGH_WIDTH = 1000  # pixels; a column of print at 200 dpi

_LAZY_SETS = (
    "data-srcset",
    "data-lazy-srcset",
    "data-original-set",
    "data-srcset-lazy",
    "data-litespeed-srcset",
    "data-breeze-srcset",
    "data-wpfc-original-srcset",
    "data-cfsrcset",
    "data-ezsrcset",
    "nitro-lazy-srcset",
    "srcset",
)
# Where themes, plugins and services put the address until a script runs; the rest are fallbacks.
_LAZY_SOURCES = (
    "data-src",
    "data-lazy-src",
    "data-lazy",
    "data-lazyload",
    "data-lazyload-src",
    "data-original",
    "data-orig-src",
    "data-litespeed-src",
    "data-breeze",
    "data-wpfc-original-src",
    "data-cfsrc",
    "data-ezsrc",
    "data-pagespeed-lazy-src",
    "data-delayed-url",
    "data-flickity-lazyload",
    "data-image",
    "data-img-src",
    "data-actualsrc",
    "data-echo",
    "data-url",
    "nitro-lazy-src",
    "data-hi-res-src",
    "data-full-url",
    "data-fullsrc",
    "data-large-file",
    "data-orig-file",
)
_LAST_RESORTS = ("data-medium-file", "data-canonical-src", "data-pin-media")
_PLACEHOLDER = re.compile(
    r"(?:^|[/_.-])(?:placeholder|blank|spacer|transparent|trans|grey|gray|pixel|lazy|loading|1x1|empty|clear)"
    r"(?![a-z])[\w.-]{0,40}\.(?:gif|png|svg|jpe?g)(?:[?#]|$)",
    re.IGNORECASE,
)
_MOST_SOURCES = 24  # nodes of a picture
_TINY_DATA = 1500  # characters; what holds a place is shorter
_SHAPE = re.compile(r"<(?:path|rect|circle|ellipse|line|poly|text|use|image)", re.IGNORECASE)
_ONE = tuple(size.to_bytes(4, "big") for size in (0, 1, 2))
_TO_CONVERT = frozenset({"image/webp", "image/avif", "image/jxl", "image/heic"})
_CUT = re.compile(r"max-(?:device-)?width|orientation", re.IGNORECASE)
_DARK = re.compile(r"prefers-color-scheme\s*:\s*dark", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One address of a ``srcset``: its width in pixels, or its density, 0 where it says none."""

    url: str
    width: int = 0
    density: float = 0.0


def image_urls(img: Tag, base: str) -> tuple[str, ...]:
    """Return the addresses of an ``img``, best first, each absolute, valid and only once."""
    best = best_candidate(_own_candidates(img))
    lazy = [attribute(img, name) for name in _LAZY_SOURCES]
    plain = attribute(img, "src")
    offers: list[str] = []
    picture = ancestor(img, {"picture"})
    others = _picture_candidates(picture) if picture is not None else []
    finest = best_candidate([candidate for candidate in others if candidate.width])
    if finest and finest.width > (best.width if best else _claimed_width(img)):
        offers.append(finest.url)
    if best and (best.width >= _claimed_width(img) or not best.width):
        offers.append(best.url)
    offers += [*lazy, plain]
    offers += [best.url] if best else []
    offers += [candidate.url for candidate in others]
    offers += [attribute(img, name) for name in _LAST_RESORTS]
    found = _usable(offers, base)
    return _usable(_anywhere(img), base) or found if all(map(is_placeholder, found)) else found


def _anywhere(img: Tag) -> Iterable[str]:
    """Return what looks like the file of a picture in any attribute: scripts we do not know look there."""
    for name, value in img.attrs.items():
        if name.startswith("data-") and isinstance(value, str):
            best = best_candidate(_real(value)) if " " in value.strip() else None
            yield from (url for url in (best.url if best else value,) if is_image_file(url))


def widths(img: Tag) -> list[int]:
    """Return the widths in pixels in which an ``img`` offers itself by ``srcset``."""
    return [candidate.width for candidate in _own_candidates(img)]


def _own_candidates(img: Tag) -> list[Candidate]:
    return [candidate for name in _LAZY_SETS for candidate in _real(attribute(img, name))]


def _real(srcset: str) -> list[Candidate]:
    """Return the candidates of a ``srcset`` that are no placeholders."""
    return [candidate for candidate in parse_srcset(srcset) if not is_placeholder(candidate.url)]


def _picture_candidates(picture: Tag) -> list[Candidate]:
    """Return the best of each ``source``: those for every screen first, JPEG and PNG before the others.

    What is cut for a small screen, or drawn for a dark page, is no better than the ``img``.
    """
    found = []
    inside = islice(picture.descendants, _MOST_SOURCES)
    for source in (node for node in inside if isinstance(node, Tag) and node.name == "source"):
        media, kind = attribute(source, "media"), attribute(source, "type").lower()
        if not _DARK.search(media):
            sets = (attribute(source, "srcset"), attribute(source, "data-srcset"))
            best = best_candidate([candidate for text in sets for candidate in _real(text)])
            if best:
                found.append((bool(_CUT.search(media)), kind in _TO_CONVERT, best))
    found.sort(key=lambda offer: offer[:2])
    # the width of a cut picture, or of one that must be converted, makes it no better than the img
    return [Candidate(best.url) if cut or converted else best for cut, converted, best in found]


def _usable(offers: Iterable[str], base: str) -> tuple[str, ...]:
    found = dict.fromkeys(filter(None, (_image_address(offer, base) for offer in offers)))
    real = [url for url in found if not is_placeholder(url)]
    # A picture that is in the text already, and elsewhere too, is a blurred promise of the other.
    remote = [url for url in real if not url.startswith("data:")]
    if not remote:
        return tuple(real or found)
    first = valid_image(larger(remote[0]))
    last = valid_image(original(remote[0], base))
    return tuple(dict.fromkeys(filter(None, (first, *remote, last))))


def _image_address(offer: str, base: str) -> str:
    offer = offer.strip()
    if offer[:5].lower() == "data:":
        head, comma, data = offer.partition(",")
        space = "" if head.endswith(";base64") else "%20"
        return valid_image(head + comma + re.sub(r"\s+", space, data))
    return valid_image(absolute(filled(offer), base))


def is_placeholder(url: str) -> bool:
    """Say whether an address looks like what is shown until a script puts the real picture there."""
    if url[:5].lower() == "data:":
        return _shows_nothing(url)
    return bool(_PLACEHOLDER.search(url))


def _shows_nothing(url: str) -> bool:
    """Say whether a picture in an address is there to hold a place: one pixel, or a drawing of nothing."""
    head, _, data = url[:_TINY_DATA].partition(",")
    kind = head[11:15].lower()  # after data:image/
    try:
        start = base64.b64decode(data[: len(data) // 4 * 4]) if head.endswith(";base64") else b""
    except ValueError:
        return False
    if kind.startswith("svg"):
        return len(url) < _TINY_DATA and not _SHAPE.search(start.decode("latin-1") or unquote(data))
    if start.startswith(b"GIF8"):
        return max(start[6:10:2]) <= 2 and not any(start[7:10:2])
    return start.startswith(b"\x89PNG") and start[16:20] in _ONE and start[20:24] in _ONE


def is_image_file(url: str) -> bool:
    """Say whether an address ends like the file of a picture."""
    return bool(_FILE.search(re.split("[?#]", url, maxsplit=1)[0]))


def picture_key(url: str) -> str:
    """Return the form in which two addresses of one picture, in whatever size, are equal.

    Hosts make no difference (sites serve the same path from several), nor do the sizes that WordPress,
    Jetpack, Medium, Substack, Ghost and Blogger write into addresses.
    """
    url = unquote(_FETCHED.sub("", url)) if _FETCHED.match(url) else url
    match = _ADDRESS_PARTS.fullmatch(_PHOTON.sub("https://", url))
    if not match:
        return url
    path = unquote(match[1])
    for pattern in _SIZES:
        path = pattern.sub("", path)
    return path.lower() if is_image_file(url) or not match[2] else f"{path}?{match[2]}".lower()


_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|heic|bmp)$", re.IGNORECASE)
_ADDRESS_PARTS = re.compile(r"https?://[^/?#]*([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL)
_PHOTON = re.compile(r"https?://i[0-9]\.wp\.com/")
_FETCHED = re.compile(
    r"https?://[\w.-]*substackcdn\.com/image/fetch/[^/]*/(?=https?(?::|%3a))", re.IGNORECASE
)
_SIZES = (
    re.compile(r"(?:-\d{2,4}x\d{2,4}|-scaled|@[23]x)+(?=\.\w{3,4}$)"),
    re.compile(r"(?<=/)(?:freeze/)?(?:max|fit/c|fit|resize:[^/]*)/[\d/]*(?:format:\w+/)?(?:/|(?=[^/]))"),
    re.compile(r"(?<=/)v2/(?=[\d*][^/]*$)"),
    re.compile(r"(?<=/)size/w\d+(?:h\d+)?/(?:format/\w+/)?"),
    re.compile(r"(?<=/)(?:s\d{2,4}(?:-[a-z\d-]+)?|w\d{2,4}-h\d{2,4}(?:-[a-z\d-]+)*)/(?=[^/]*$)"),
)


def best_candidate(candidates: list[Candidate]) -> Candidate | None:
    """Return the widest candidate up to :data:`IDEAL_WIDTH`, or the next wider one if that is too small.

    Without widths it is the densest up to 2x.
    """
    if not candidates:
        return None
    sized = [candidate for candidate in candidates if candidate.width]
    if not sized:
        return max(candidates, key=lambda candidate: (candidate.density <= 2, candidate.density))
    fitting = [candidate for candidate in sized if candidate.width <= IDEAL_WIDTH]
    wider = [candidate for candidate in sized if candidate.width > IDEAL_WIDTH]
    widest = max(fitting, key=lambda candidate: candidate.width, default=None)
    if widest and (widest.width >= ENOUGH_WIDTH or not wider):
        return widest
    return min(wider, key=lambda candidate: candidate.width)


_GAP = re.compile(r"[\s,]*")
_ADDRESS = re.compile(r"\S+")
_DESCRIPTOR = re.compile(r"(\d{1,7}(?:\.\d{1,7})?)([wx])")


def parse_srcset(text: str) -> list[Candidate]:
    """Return the candidates of a ``srcset`` (HTML Standard, §4.8.4.2.1). Addresses may contain commas."""
    found = []
    at = 0
    while match := _ADDRESS.match(text, _GAP.match(text, at).end()):  # type: ignore[union-attr] # it matches ""
        url, at = match[0], match.end()
        descriptor = ""
        if not url.endswith(","):
            end = text.find(",", at)
            descriptor, at = (text[at:end], end + 1) if end >= 0 else (text[at:], len(text))
        found.append(_candidate(url.rstrip(","), descriptor.strip()))
    return found


def _candidate(url: str, descriptor: str) -> Candidate:
    match = _DESCRIPTOR.match(descriptor)
    if match and match[2] == "w":
        return Candidate(url, width=int(float(match[1])))
    return Candidate(url, density=float(match[1]) if match else 1.0)


def _claimed_width(img: Tag) -> int:
    return pixels(attribute(img, "width")) or 0


def pixels(value: str) -> int | None:
    """Return a length in CSS pixels from an attribute (``640``, ``640px``), None for anything else."""
    match = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", value)
    return int(match[1]) if match else None
