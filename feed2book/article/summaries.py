"""Which entries of a feed are summaries, whose pages have more.

A post that may be whole is never called a summary. Only the markup's end is read, and the words of short
entries: a feed of full posts costs next to nothing.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from urllib.parse import urlsplit

from feed2book.article.phrases import FOOTER, MORE
from feed2book.article.players import recognise
from feed2book.article.text import collapse, count_words, is_blank, plain
from feed2book.article.urls import absolute, valid_link
from feed2book.models import Entry, Feed
from feed2book.models.addresses import canonical

_MOST_CUT = (
    400  # words of a text that was cut off; a long one with such an end is a whole post and its way out
)
_MOST_BRIEF = 120  # words of a summary that nothing but its length tells of
_FEWEST = 3  # entries of a feed that tell by their lengths what it does
_TAIL = 3_000  # characters in which a cut is looked for
_LONGEST = 12_000  # characters of markup that may be short of words

_MEDIA = re.compile(r"<(?:img|iframe|video|audio|object|embed|svg|math|picture)\b", re.IGNORECASE)
_MORE_THAN_TEXT = re.compile(r"<(?!/?(?:p|br|img|span|div)\b)/?[a-z]", re.IGNORECASE)
_EDGE = re.compile(r"</?(?:p|div|br|li|ul|ol|blockquote|section|footer|hr)\b[^<>]*>", re.IGNORECASE)
_ELLIPSIS = re.compile(r".*(?:…|\.\.\.)\s*", re.DOTALL)
# "[…]" as WordPress cuts, "(more…)" as its older themes do
_CUT = re.compile(
    r".*(?:[\[(] ?(?:…|\.\.\.) ?[\])]|\(more ?(?:…|\.\.\.)\)|\[more ?(?:…|\.\.\.)?\])\W*", re.IGNORECASE
)
_LAST_LINK = re.compile(
    r"<a\s[^<>]*?href\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')[^<>]*>((?:(?!<a\s).)*?)</a>(?:[^\w<]|<[^<>]*>)*\Z",
    re.DOTALL | re.IGNORECASE,
)
# Discourse ends each topic so, and gives its first post as a whole: "3 posts - 2 participants".
_TOPIC = re.compile(r"<small>\s*\d+ [^<>]{1,40} - \d+ [^<>]{1,40}</small>", re.IGNORECASE)


def summaries(feed: Feed) -> frozenset[str]:
    """Return the ids of the entries that are summaries (or hold nothing at all) and name a page."""
    brief = _is_brief(feed)
    sites = _sites(feed)

    def is_summary(entry: Entry) -> bool:
        markup = _markup(entry)
        if not entry.url.startswith(("http://", "https://")) or len(markup) > _LONGEST:
            return False
        if is_blank(plain(markup)):
            return not _MEDIA.search(markup) and not _plays(entry)
        if _is_cut(entry, markup):
            return count_words(entry.text) <= _MOST_CUT
        if entry.content_kind != "summary" or not entry.title or _site(entry.url) not in sites:
            return False
        return brief and _is_short(entry)

    return frozenset(entry.id for entry in feed.entries if is_summary(entry))


def _markup(entry: Entry) -> str:
    return entry.content if entry.content.strip() else entry.summary


def _is_brief(feed: Feed) -> bool:
    """Say whether the feed gives summaries: not one says more than a little, or most end in an ellipsis."""
    entries = [entry for entry in feed.entries if entry.content_kind == "summary"]
    if len(entries) < max(_FEWEST, len(feed.entries)):
        return False
    trailing = sum(bool(_ELLIPSIS.fullmatch(plain(_markup(entry)[-_TAIL:])[-1000:])) for entry in entries)
    return 2 * trailing > len(entries) or all(map(_is_short, entries))


def _is_short(entry: Entry) -> bool:
    """Say whether an entry is a few words and nothing else: no links, no lists, no emphasis."""
    markup = _markup(entry)
    return (
        len(markup) <= _LONGEST
        and not _MORE_THAN_TEXT.search(markup)
        and count_words(entry.text) <= _MOST_BRIEF
    )


def _sites(feed: Feed) -> frozenset[str]:
    """Return the sites that are the feed's own: in a blog of links, an entry's address is somebody else's."""
    counted = Counter(_site(entry.url) for entry in feed.entries)
    most = {site for site, times in counted.items() if 2 * times > len(feed.entries)}
    return frozenset({_site(feed.url), _site(feed.home), *most} - {""})


def _site(address: str) -> str:
    """Return the last two labels of the host: what a site's feeds and pages have in common, as a rule."""
    return ".".join((urlsplit(address).hostname or "").split(".")[-2:])


def _plays(entry: Entry) -> bool:
    """Say whether the entry is something to hear or to watch."""
    recorded = any(part.media_type.lower().startswith(("audio/", "video/")) for part in entry.enclosures)
    return recorded or recognise(valid_link(entry.url)).kind == "Video"


def _is_cut(entry: Entry, markup: str) -> bool:
    """Say whether the text ends with what tools write where they cut: "[…]", "Continue reading →"."""
    tail = markup[-_TAIL:]
    blocks = [block for block in _EDGE.split(tail) if not is_blank(plain(block))]
    footer = blocks[-1] if blocks and FOOTER.fullmatch(collapse(plain(blocks[-1]))) else ""
    if footer:
        tail = tail[: tail.rindex(footer)]
    if _CUT.fullmatch(collapse(plain(tail))[-20:]):
        return True
    link = _LAST_LINK.search(tail, max(0, tail.lower().rfind("<a ")))
    if link is None or _TOPIC.search(tail):
        return False
    address = absolute(html.unescape(link[1] or link[2] or ""), entry.base or entry.url)
    here = {canonical(valid_link(own)) for own in (entry.url, *entry.aliases)}
    if canonical(valid_link(address)) not in here:
        return False
    return (
        address.partition("#")[2].startswith("more") or MORE.fullmatch(collapse(plain(link[3]))) is not None
    )
