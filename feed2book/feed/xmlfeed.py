"""RSS, RDF, Atom and CDF, through feedparser with its sanitizer and relative-URI resolver off.

The sanitizer loses lazy images and costs five times the parse; ``article`` has the trusted wall.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from feed2book.errors import Code, FeedError
from feed2book.feed.identity import MOST_ENTRIES, identify, too_many
from feed2book.feed.media import hide_words, read_media
from feed2book.feed.pace import stated
from feed2book.feed.pieces import Pieces, cut
from feed2book.feed.text import address, language, moment, plain
from feed2book.feed.xml_entry import Frame, authors_of, plain_field, read_entry, web_address
from feed2book.feed.xml_repair import from_root, repaired
from feed2book.models import Each, Entry, Feed, Notice, Shelf

_ENTRY = re.compile(r"<(?:[A-Za-z]+:)?(?:item|entry)(?=[\s/>])")
_PARTS = {"next", "prev-archive"}
_RUN = 500_000  # characters of entries that are read at once, or one entry more
_PACE = 0.05e-6  # seconds that it takes to read a character


def parse_xml_feed(text: str, url: str, known: Shelf[Entry] | None = None, each: Each | None = None) -> Feed:
    """Read a feed that is, or was meant to be, XML.

    Args:
        text: the feed.
        url: where it came from.
        known: entries that were read before, by what decides them; new ones are put there.
        each: spreads the others over processes.

    Raises:
        FeedError: nothing in it is known as a feed.
    """
    pieces = cut(from_root(text))
    fits = pieces is not None and len(pieces.entries) <= MOST_ENTRIES
    if pieces and fits and (feed := _read_pieces(pieces, url, known, each)):
        return feed
    # Only now: to look through all of a large feed takes as long as to find its entries in the store.
    if most := next(islice(_ENTRY.finditer(text), MOST_ENTRIES, None), None):
        feed = parse_xml_feed(text[: most.start()], url, known, each)
        return replace(feed, notices=(too_many(url), *feed.notices))
    return _read_whole(repaired(text), url)


def _read_whole(text: str, url: str) -> Feed:
    parsed = _parsed(text, url)
    if not parsed.version and not parsed.entries:
        raise FeedError(
            "this is not a feed that we know", where=url, remedy="give the address of its RSS or Atom feed"
        )
    frame = Frame.of(parsed, url)
    feed = _feed(parsed, frame, (read_entry(said, frame) for said in _entries(parsed, text)))
    if not parsed.bozo:
        return feed
    why = " ".join(str(parsed.get("bozo_exception", "")).split())
    notice = Notice(Code.FEED_MALFORMED, f"the feed is malformed; what could be read was kept ({why})", url)
    return replace(feed, notices=(notice, *feed.notices))


def _read_pieces(pieces: Pieces, url: str, known: Shelf[Entry] | None, each: Each | None) -> Feed | None:
    """Read the frame of a feed, and the entries that are not known yet; None where anything is amiss.

    What is known is not even mended again.
    """
    around = _parsed(repaired(pieces.head + pieces.tail), url)
    if around.bozo or not around.version or around.entries:
        return None
    frame = Frame.of(around, url)
    names = list(frame.names(pieces.opening, pieces.entries))
    found = {name: known.get(name) for name in names} if known is not None else {}
    missing = {
        name: text for name, text in zip(names, pieces.entries, strict=True) if found.get(name) is None
    }
    read, runs = _Reader(frame, pieces.opening, pieces.closing), _runs(missing.values())
    seconds = _PACE * sum(map(len, missing.values()))
    new = each(read, runs, seconds=seconds) if each else map(read, runs)
    entries = list(chain.from_iterable(new))
    if len(entries) != len(missing):
        return None
    for name, entry in zip(missing, entries, strict=True):
        found[name] = entry
        if known is not None:
            known.put(name, entry)
    return _feed(around, frame, filter(None, map(found.get, names)))


def _runs(texts: Iterable[str]) -> list[list[str]]:
    """Return the texts in runs that are worth a parser and a process, and small enough to share out."""
    runs: list[list[str]] = []
    room = 0
    for text in texts:
        if room <= 0:
            runs.append([])
            room = _RUN
        runs[-1].append(text)
        room -= len(text)
    return runs


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads runs of entries, in any process, with the tags that are open around them."""

    frame: Frame
    opening: str
    closing: str

    def __call__(self, run: Sequence[str]) -> tuple[Entry, ...]:
        """Return the entries of a run, or none where anything is amiss."""
        text = repaired("".join((self.opening, *run, self.closing)))
        parsed = _parsed(text, self.frame.url)
        if parsed.bozo or len(parsed.entries) != len(run):
            return ()
        return tuple(read_entry(said, self.frame) for said in _entries(parsed, text))


def _parsed(text: str, url: str) -> Any:
    import feedparser

    return feedparser.parse(
        io.BytesIO(hide_words(text).encode("utf-8")),
        sanitize_html=False,
        resolve_relative_uris=False,
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": web_address(url),
        },
    )


def _entries(parsed: Any, text: str) -> list[dict[str, Any]]:
    """Return what feedparser says of each entry, and what we read of its media ourselves."""
    media = read_media(text, len(parsed.entries))
    for entry, (parts, words) in zip(parsed.entries, media, strict=False):
        entry["media_content"], entry["media_words"] = parts, words
    return list(parsed.entries)


def _feed(parsed: Any, frame: Frame, entries: Iterable[Entry]) -> Feed:
    said: dict[str, Any] = parsed.feed
    kept, notices = identify(entries)
    return Feed(
        url=frame.url,
        title=plain_field(said, "title"),
        subtitle=plain_field(said, "subtitle"),
        home=frame.home,
        language=language(said.get("language")) or language((said.get("title_detail") or {}).get("language")),
        authors=authors_of(said),
        icon=address(said.get("icon") or (said.get("image") or {}).get("href"), frame.url),
        updated=moment(dict.get(said, "updated_parsed")),
        entries=kept,
        notices=notices,
        generator=_generator(said),
        links=tuple(_links(said, frame.url)),
        pace=stated(said.get("ttl"), said.get("sy_updateperiod"), said.get("sy_updatefrequency")),
    )


def _generator(said: dict[str, Any]) -> str:
    detail = said.get("generator_detail") or {}
    return " ".join(filter(None, (plain(said.get("generator")), plain(detail.get("href")))))


def _links(said: dict[str, Any], url: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses of the feed's other parts (RFC 5005), in RSS as in Atom."""
    for link in said.get("links") or ():
        if link.get("rel") in _PARTS and (found := address(link.get("href"), url)):
            yield str(link["rel"]), found
