"""Saved web pages → Feed: each is an entry; its article is found later, when it is known to be wanted."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from html import escape, unescape
from urllib.parse import quote, unquote, urlsplit

from feed2book.errors import FeedError
from feed2book.feed.decode import decode
from feed2book.feed.identity import identify
from feed2book.feed.text import address, iso_moment, plain
from feed2book.models import SAVED, Entry, Feed, Folder, Response
from feed2book.models.addresses import canonical, is_root

_TAG = re.compile(r"<(meta|link|time|title)\b([^<>]*)>([^<]*)", re.IGNORECASE)
_VALUE = re.compile(r"(?<![\w:.-])([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+))")
# Chrome, Firefox and Internet Explorer; SingleFile.
_SAVED_FROM = re.compile(r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url: )(\S{1,2000})")
_PUBLISHED = re.compile(r"\"datePublished\"\s*:\s*\"([^\"<>]{8,40})\"")
_DATES = (
    "article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.date",
    "dcterms.created", "pubdate", "parsely-pub-date", "sailthru.date", "json-ld", "time",
)  # fmt: skip
_PICTURE = re.compile(r"<(?:img|source|amp-img|image|video)\b[^<>]*>", re.IGNORECASE)
_SOURCE = re.compile(
    r"(\s)(src|data-src|poster|href|srcset|data-srcset)(?:\s*=\s*)(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(rf"\s(?:data-)?srcset\s*=\s*(?:\"(?!{SAVED})[^\"]*\"|'[^']*')", re.IGNORECASE)


def parse_saved(folder: Folder) -> Feed:
    """Read a folder of saved pages.

    An entry's date is what its page says; entries without one keep the order of their files. A page that is
    the start of a site is no post.

    Raises:
        FeedError: none of the pages is a post.
    """
    sites: Counter[str] = Counter()
    entries: list[Entry] = []
    for response in folder.pages:
        text = decode(response)
        said = _said(text)
        sites[said.get("og:site_name", "")] += 1
        entry = _entry(text, said, response, folder)
        if not entry.url or not is_root(canonical(entry.url)):
            entries.append(entry)
    if not entries:
        raise FeedError("no page in this folder is a post", where=folder.url)
    kept, notices = identify(reversed(entries))  # feeds list the newest first
    homes = {address("/", entry.url) for entry in entries}
    return Feed(
        folder.url,
        title=sites.most_common(1)[0][0] or folder.name,
        home=homes.pop() if len(homes) == 1 else "",
        entries=kept,
        notices=notices,
    )


def _said(text: str) -> dict[str, str]:
    """Return what a page says of itself: its metadata by their names, the first of each kind."""
    said: dict[str, str] = {}
    for tag, attributes, words in _TAG.findall(text):
        values = {name.lower(): unescape(a or b or c) for name, a, b, c in _VALUE.findall(attributes)}
        match tag.lower():
            case "meta":
                name = values.get("property") or values.get("name") or values.get("itemprop", "")
                said.setdefault(name.lower(), plain(values.get("content")))
            case "link" if "canonical" in values.get("rel", "").lower().split():
                said.setdefault("canonical", values.get("href", ""))
            case "title":
                said.setdefault("title", plain(unescape(words)))
            case "time" if "datetime" in values:
                said.setdefault("time", values["datetime"])
    for name, pattern in (("saved from", _SAVED_FROM), ("json-ld", _PUBLISHED)):
        if match := pattern.search(text):
            said[name] = unescape(match[1])
    return said


def _entry(text: str, said: dict[str, str], response: Response, folder: Folder) -> Entry:
    named = (said.get("canonical"), said.get("og:url"), said.get("saved from"), response.url)
    url = next(filter(None, map(address, named)), "")
    site, title = said.get("og:site_name", ""), said.get("og:title") or said.get("title", "")
    if site and title.endswith(site):  # "A title – The site"
        title = re.sub(r"\s+\W\s*$", "", title.removesuffix(site)) or title
    return Entry(
        id=url or response.requested,
        url=url,
        title=title,
        published=next(filter(None, (iso_moment(said.get(name)) for name in _DATES)), None),
        content=_with_pictures(text, response.requested, folder),
        content_kind="page",
        base=url,
    )


def _with_pictures(text: str, page: str, folder: Folder) -> str:
    """Return a page with the addresses of the pictures that lie in the folder.

    Where a picture does, the sizes of it that may still be on the web are left out.
    """

    def source(match: re.Match[str]) -> str:
        space, name, *values = match.groups()
        value = unescape(next(filter(None, values), ""))
        found = _local(
            value.split()[0] if "srcset" in name.lower() and value.strip() else value, page, folder
        )
        return f'{space}{name}="{escape(found)}"' if found else match[0]

    def picture(match: re.Match[str]) -> str:
        found = _SOURCE.sub(source, match[0])
        return _ELSEWHERE.sub("", found) if folder.prefix in found else found

    return _PICTURE.sub(picture, text)


def _local(value: str, page: str, folder: Folder) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or not parts.path:
        return ""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
    return folder.prefix + quote(path) if path in folder.pictures else ""
