"""Services that write the size of a picture into its address: how the same picture is called in a good size.

Only what the services document, or serve for any number, is guessed. The address that the post gave stays as
the next one to try.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

_GOOD = 800  # pixels; a rendition as wide as that is good enough as it is

# A pattern with the width in its group ``w``, and the address of a larger one.
_SERVICES = (
    # Blogger and Google: .../s320/boat.jpg, .../w400-h300/boat.jpg, ...=s320, ...=w400-h300-no
    (
        (
            r"(https://(?:(?:blogger|lh\d)\.googleusercontent|\d\.bp\.blogspot)\.com/[^?#]+/)[sw](?P<w>\d{2,4})"
            r"(?:-[\w-]+)?(/[^/?#]+)"
        ),
        r"\g<1>s1600\g<3>",
    ),
    (
        r"(https://(?:lh\d|blogger)\.googleusercontent\.com/[^?#=]+=)[sw](?P<w>\d{2,4})(?:-[\w-]+)?()",
        r"\g<1>s1600\g<3>",
    ),
    # Wix: the whole picture stands before /v1/
    (
        r"(https://static\.wixstatic\.com/media/[^/?#]+)/v1/(?:fill|fit|crop)/[^/?#]*?\bw_(?P<w>\d{1,4})\b.*",
        r"\1",
    ),
    # Medium: miro.medium.com/v2/resize:fit:60/…, …/max/60/…, …/freeze/max/60/…
    (
        (
            r"https://(?:miro|cdn-images-\d)\.medium\.com/(?:v2/)?(?:freeze/)?(?:resize:fit:|max/)"
            r"(?P<w>\d{2,4})(?:/format:\w+)?/(?P<file>[\w*.@-]+)(?:\?.*)?"
        ),
        r"https://miro.medium.com/v2/resize:fit:1400/\g<file>",
    ),
    # Twitter: pbs.twimg.com/media/AbC?format=jpg&name=small
    (
        r"(https://pbs\.twimg\.com/media/[\w-]+\?format=\w+&name=)(?:thumb|small|(?P<w>\d{2,3})x\d+)()",
        r"\1large",
    ),
    # WordPress: what is cut from boat.jpg for a gallery is boat-150x150.jpg
    (
        r"(https?://[^?#]+/(?:wp-content/uploads|files)/[^?#]+)-(?P<w>[1-3]\d\d|\d\d)x\d{2,3}(\.(?:jpe?g|png|gif|webp))",
        r"\g<1>\g<3>",
    ),
    # Wikimedia: …/thumb/a/ab/A.jpg/250px-A.jpg; the file itself may be huge
    (
        r"(https://upload\.wikimedia\.org/wikipedia/\w+)/thumb/(\w/\w\w/[^/]+\.(?:jpe?g|png|gif))/(?P<w>\d{2,3})px-.*",
        r"\1/\2",
    ),
)
_RULES = tuple((re.compile(pattern, re.IGNORECASE), larger) for pattern, larger in _SERVICES)
_OPTIMISER = re.compile(r"https?://[^?#]*/_(?:next/image|vercel/image|image)/?\?|https?://[^?#]*/_ipx/")
_TEMPLATE = re.compile(r"\{(?:width|size)\}|%7B(?:width|size)%7D", re.IGNORECASE)


def larger(url: str) -> str:
    """Return the address of a larger rendition of the same picture, or ``""``."""
    for pattern, address in _RULES:
        if match := pattern.fullmatch(url):
            return match.expand(address) if int(match["w"] or 0) < _GOOD else ""
    return ""


def original(url: str, base: str) -> str:
    """Return the picture that an optimiser (Next.js, Astro) was asked to make smaller, or ``""``."""
    if not _OPTIMISER.match(url):
        return ""
    named = next((parse_qs(urlsplit(url).query).get(name, [""])[0] for name in ("url", "href")), "")
    try:
        return urljoin(base or url, unquote(named)) if named else ""
    except ValueError:
        return ""


def filled(url: str) -> str:
    """Return an address whose width a script would fill in (``a_{width}x.jpg``) with one in it."""
    return _TEMPLATE.sub("1200", url)
