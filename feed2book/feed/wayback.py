"""The Wayback Machine: copies of a site's pages, listed by its CDX server and kept as they came.

https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server
"""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin, urlsplit

from feed2book.errors import FeedError
from feed2book.feed.addresses import with_query
from feed2book.feed.decode import decode
from feed2book.feed.identity import identify
from feed2book.feed.text import address
from feed2book.models import Entry, Feed, Response

_ARCHIVE = "https://web.archive.org"
_LISTED = 5_000  # copies in an answer
_STAMP = re.compile(r"\d{14}")
_PORT = re.compile(r"^(https?://[^/:?#]+):(?:80|443)(?=[/?#]|$)")


def archived_copy(url: str) -> str:
    """Return the address of the last copy of a page or feed, as it came."""
    return f"{_ARCHIVE}/web/2id_/{url}"


def list_of_copies(feed: Feed, response: Response) -> str:
    """Return the address of the list of all pages of a site, each once, of which there are copies."""
    home = feed.home or urljoin(response.url, "/")
    place = urlsplit(home)
    site = f"{place.netloc}{place.path.rstrip('/')}/"
    cdx = with_query(
        f"{_ARCHIVE}/cdx/search/cdx",
        url=site,
        matchType="prefix",
        output="json",
        fl="timestamp,original",
        collapse="urlkey",
        limit=_LISTED,
        showResumeKey="true",
    )
    return f"{cdx}&filter=statuscode:200&filter=mimetype:text/html"


def read_copies(response: Response) -> Feed:
    """Read a list of copies.

    Returns:
        An entry for each page, which says no more than its address and where its copy is; as link of relation
        ``next`` the rest of the list.

    Raises:
        FeedError: it is no such list.
    """
    try:
        listed = json.loads(decode(response) or "[]")
    except (ValueError, RecursionError) as error:
        raise FeedError("this is no list of copies", where=response.url) from error
    if not isinstance(listed, list):
        raise FeedError("this is JSON, but no list of copies", where=response.url)
    rows = [row for row in listed if isinstance(row, list)]
    # An empty row parts the list from the key that the rest of it is asked for with.
    key = rows[-1][0] if len(rows) > 1 and not rows[-2] and rows[-1] else ""
    entries, _ = identify(filter(None, map(_entry, rows)))
    links = (("next", with_query(response.requested, resumeKey=key)),) if key and isinstance(key, str) else ()
    return Feed(response.url, entries=entries, links=links)


def _entry(row: list[object]) -> Entry | None:
    stamp, original, *_ = (*row, "", "")
    url = _PORT.sub(r"\1", address(original))
    if not url or not isinstance(stamp, str) or not _STAMP.fullmatch(stamp):
        return None
    return Entry(url, url, content_kind="summary", base=url, page=f"{_ARCHIVE}/web/{stamp}id_/{original}")
