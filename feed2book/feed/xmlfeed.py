"""RSS, RDF, Atom and CDF, through feedparser with its sanitizer and relative-URI resolver off.

The sanitizer loses lazy images and costs five times the parse; ``article`` has the trusted wall.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from html.entities import name2codepoint
from itertools import chain, islice
from typing import Any, Literal, Self

from feed2book.errors import Code, FeedError
from feed2book.feed.identity import MOST_ENTRIES, identify, too_many
from feed2book.feed.media import hide_words, read_media
from feed2book.feed.pace import stated
from feed2book.feed.pieces import Pieces, cut
from feed2book.feed.text import address, count, language, markup_of, moment, plain
from feed2book.models import Each, Enclosure, Entry, Feed, Notice, Shelf

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # XML 1.0, 2.2 Characters
_DECLARED = "<?xml version='1.0' encoding='utf-8'?>\n"
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF in UTF-8
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>\s*")
_TAG = re.compile(r"<(/?)([A-Za-z][\w.:-]*)[^<>]*?(/?)>")
# An end that never comes is the end of the text: looking for it from each start would be quadratic.
_OPAQUE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_ENTRY = re.compile(r"<(?:[A-Za-z]+:)?(?:item|entry)(?=[\s/>])")
_BARE_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z]\w{0,30};)")
_PARTS = {"next", "prev-archive"}
_RUN = 500_000  # characters of entries that are read at once, or one entry more
_PACE = 0.05e-6  # seconds that it takes to read a character
_DEEPEST = 100  # levels that are closed at the end of a feed that broke off
_ADDRESS = re.compile(r"<?[^\s<>()]+@[^\s<>()]+>?")
_HEAD = 2_000  # characters in which the declaration and the root must begin
_ROOT_END = re.compile(r"</(?:[A-Za-z]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_ROOT_START = re.compile(r"<(?:\?xml|!doctype|!--|[a-z]+:?(?:rss|feed|rdf|channel|entry)?\b)", re.IGNORECASE)


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
    most = next(islice(_ENTRY.finditer(text), MOST_ENTRIES, None), None)
    if most:
        feed = parse_xml_feed(text[: most.start()], url, known, each)
        return replace(feed, notices=(too_many(url), *feed.notices))
    pieces = cut(_from_root(text))
    return (_read_pieces(pieces, url, known, each) if pieces else None) or _read_whole(_repair(text), url)


def _read_whole(text: str, url: str) -> Feed:
    parsed = _parsed(text, url)
    if not parsed.version and not parsed.entries:
        raise FeedError(
            "this is not a feed that we know", where=url, remedy="give the address of its RSS or Atom feed"
        )
    frame = _Frame.of(parsed, url)
    feed = _feed(parsed, frame, (_entry(said, frame) for said in _entries(parsed, text)))
    if not parsed.bozo:
        return feed
    why = " ".join(str(parsed.get("bozo_exception", "")).split())
    notice = Notice(Code.FEED_MALFORMED, f"the feed is malformed; what could be read was kept ({why})", url)
    return replace(feed, notices=(notice, *feed.notices))


def _read_pieces(pieces: Pieces, url: str, known: Shelf[Entry] | None, each: Each | None) -> Feed | None:
    """Read the frame of a feed, and the entries that are not known yet; None where anything is amiss.

    What is known is not even mended again.
    """
    around = _parsed(_repair(pieces.head + pieces.tail), url)
    if around.bozo or not around.version or around.entries:
        return None
    frame = _Frame.of(around, url)
    names = [frame.name(pieces.opening, text) for text in pieces.entries]
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
class _Frame:
    """What an entry takes from its feed: addresses to count from, authors where it names none."""

    url: str
    home: str
    authors: tuple[str, ...]

    @classmethod
    def of(cls, parsed: Any, url: str) -> Self:
        # RFC 4287, 4.2.1: an Atom entry without an author has the feed's.
        authors = _authors(parsed.feed) if parsed.version.startswith("atom") else ()
        return cls(url, address(parsed.feed.get("link"), url), authors)

    def name(self, opening: str, text: str) -> str:
        """Return a name for all that decides an entry."""
        context = repr((self, opening)).encode("utf-8", "surrogatepass")
        return blake2b(text.encode("utf-8", "surrogatepass"), key=blake2b(context).digest()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads runs of entries, in any process, with the tags that are open around them."""

    frame: _Frame
    opening: str
    closing: str

    def __call__(self, run: Sequence[str]) -> tuple[Entry, ...]:
        """Return the entries of a run, or none where anything is amiss."""
        text = _repair("".join((self.opening, *run, self.closing)))
        parsed = _parsed(text, self.frame.url)
        if parsed.bozo or len(parsed.entries) != len(run):
            return ()
        return tuple(_entry(said, self.frame) for said in _entries(parsed, text))


def _parsed(text: str, url: str) -> Any:
    import feedparser

    return feedparser.parse(
        io.BytesIO(hide_words(text).encode("utf-8")),
        sanitize_html=False,
        resolve_relative_uris=False,
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": _http(url)},
    )


def _entries(parsed: Any, text: str) -> list[dict[str, Any]]:
    """Return what feedparser says of each entry, and what we read of its media ourselves."""
    media = read_media(text, len(parsed.entries))
    for entry, (parts, words) in zip(parsed.entries, media, strict=False):
        entry["media_content"], entry["media_words"] = parts, words
    return list(parsed.entries)


def _feed(parsed: Any, frame: _Frame, entries: Iterable[Entry]) -> Feed:
    said: dict[str, Any] = parsed.feed
    kept, notices = identify(entries)
    return Feed(
        url=frame.url,
        title=_plain(said, "title"),
        subtitle=_plain(said, "subtitle"),
        home=frame.home,
        language=language(said.get("language")) or language((said.get("title_detail") or {}).get("language")),
        authors=_authors(said),
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


def _repair(text: str) -> str:
    """Mend what needs no judgement, so that the strict parser reads feeds that are nearly XML.

    Characters that XML forbids, HTML's named entities without a DTD, white space or stray text before
    the declaration, and junk after the root. The strict parser is faster and loses less.
    """
    text = _from_root(_without_forbidden(text))
    if "<!ENTITY" not in text:
        text = "".join(map(_legal, _cdata_apart(text)))
    text = _without_tail(text)
    return _DECLARED + _closed(text)


def _from_root(text: str) -> str:
    """Cut off what stands before the root, the declaration too."""
    text = text.lstrip("\ufeff \t\r\n")
    start = _ROOT_START.search(text[:_HEAD])
    text = text[start.start() :] if start else text
    return _DECLARATION.sub("", text[:_HEAD], count=1) + text[_HEAD:]


def _without_forbidden(text: str) -> str:
    """Take out what XML forbids. To look for it in bytes takes a tenth of the time; most feeds have none."""
    try:
        octets = text.encode("utf-8")
    except UnicodeEncodeError:  # a surrogate
        return _FORBIDDEN.sub("", text)
    dirty = len(octets.translate(None, _CONTROLS)) < len(octets) or any(map(octets.count, _NONCHARACTERS))
    return _FORBIDDEN.sub("", text) if dirty else text


def _cdata_apart(text: str) -> Iterator[str]:
    """Yield the pieces outside and inside CDATA in turn; one that never ends goes to the end of the text."""
    place = 0
    while (start := text.find("<![CDATA[", place)) >= 0:
        yield text[place:start]
        end = text.find("]]>", start)
        place = end + 3 if end >= 0 else len(text)
        yield text[start:place]
    yield text[place:]


def _without_tail(text: str) -> str:
    """Cut off text after the last end tag of the root (PHP warnings, counters), if it is not markup."""
    ends = [match.end() for match in _ROOT_END.finditer(text, max(0, len(text) - 20_000))]
    return text[: ends[-1]] if ends and "<" not in text[ends[-1] :] else text


def _closed(text: str) -> str:
    """Close what is open at the end of a feed that broke off, so that what came of the last post counts."""
    if _ROOT_END.search(text, max(0, len(text) - 20_000)):
        return text
    if text.rfind("<![CDATA[") > text.rfind("]]>"):
        text += "]]>"
    elif text.rfind("<") > text.rfind(">"):
        text = text[: text.rfind("<")]
    last = max(text.rfind("</item>"), text.rfind("</entry>"), 0)
    open_tags: list[str] = []
    for closing, name, empty in _TAG.findall(_OPAQUE.sub("", text[last:])):
        if not closing and not empty:
            open_tags.append(name)
        elif closing and name in open_tags:
            del open_tags[len(open_tags) - 1 - open_tags[::-1].index(name) :]
    return text + "".join(f"</{name}>" for name in reversed(open_tags[:_DEEPEST]))


def _legal(piece: str) -> str:
    """Spell out HTML's entities and escape bare ampersands, except in CDATA, where they are text."""
    if piece.startswith("<![CDATA["):
        return piece
    return _BARE_AMPERSAND.sub("&amp;", _ENTITY.sub(_number, piece))


def _number(match: re.Match[str]) -> str:
    name = match[1]
    known = name2codepoint.get(name) if name not in _XML_ENTITIES else None
    return f"&#{known};" if known else match[0]


def _http(url: str) -> str:
    return url if url.startswith(("http://", "https://")) else ""


def _entry(said: dict[str, Any], frame: _Frame) -> Entry:
    feed_url, home = frame.url, frame.home
    links = [link for link in said.get("links") or () if isinstance(link, dict)]
    url = _permalink(said, links, home or feed_url)
    content, kind, base, tongue = _body(said)
    guid = str(said.get("id") or "")
    return Entry(
        id=plain(guid),
        url=url,
        title=_plain(said, "title"),
        authors=_authors(said) or frame.authors,
        published=moment(dict.get(said, "published_parsed") or dict.get(said, "created_parsed")),
        updated=moment(dict.get(said, "updated_parsed")),
        tags=tuple(
            dict.fromkeys(
                filter(None, (plain(tag.get("label") or tag.get("term")) for tag in said.get("tags") or ()))
            )
        ),
        content=content,
        content_kind=kind,
        summary=_plain(said, "summary"),
        enclosures=tuple(_enclosures(said, links, url or home or feed_url)),
        language=tongue or language(said.get("language")),
        # Addresses in RSS count, in practice, from the post; only an explicit xml:base says otherwise.
        base=base if base and base != _http(feed_url) else url or home or _http(feed_url),
        aliases=tuple(dict.fromkeys(filter(None, _aliases(said, guid, home or feed_url)))),
    )


def _plain(said: dict[str, Any], field: str) -> str:
    detail = said.get(f"{field}_detail") or {}
    return plain(said.get(field), markup="html" in str(detail.get("type", "html")))


def _permalink(said: dict[str, Any], links: list[dict[str, Any]], base: str) -> str:
    alternates = [
        link.get("href")
        for link in links
        if link.get("rel") == "alternate" and "html" in link.get("type", "html")
    ]
    candidates = [dict.get(said, "feedburner_origlink"), *alternates, said.get("link")]
    if dict.get(said, "guidislink"):
        candidates.append(said.get("id"))
    return next(filter(None, (address(candidate, base) for candidate in candidates)), "")


def _aliases(said: dict[str, Any], guid: str, base: str) -> Iterator[str]:
    if guid.startswith(("http://", "https://")):
        yield address(guid)
    yield address(said.get("link"), base)
    comments = address(dict.get(said, "comments"), base)
    if "#" in comments:
        yield comments.partition("#")[0]


def _body(said: dict[str, Any]) -> tuple[str, Literal["content", "summary"], str, str]:
    """Return the best body as HTML, what it is, its base and its language.

    Content wins over summary, unless the summary is longer by half (some feeds put an excerpt into
    ``content:encoded`` and the whole post into ``description``).
    """
    bodies = [body for body in said.get("content") or () if isinstance(body, dict) and _textual(body)]
    best = max(bodies, key=lambda body: (_rank(body), len(body["value"])), default=None)
    summary = said.get("summary_detail")
    if isinstance(summary, dict) and _textual(summary) and summary["value"].strip():
        short = best is None or len(summary["value"]) > 1.5 * len(best["value"])
        best = summary if short else best
    kind: Literal["content", "summary"] = "content" if bodies else "summary"
    if best is None and said.get("media_words"):  # a channel of videos says nothing else
        return markup_of(str(said["media_words"])), "content", "", ""
    if best is None:
        return "", kind, "", language((said.get("title_detail") or {}).get("language"))
    value = best["value"]
    html = markup_of(value) if best.get("type") == "text/plain" and not _tagged(value) else value
    return html, kind, address(best.get("base")), language(best.get("language"))


def _textual(body: dict[str, Any]) -> bool:
    kind = str(body.get("type") or "text/html")
    return isinstance(body.get("value"), str) and (kind.startswith("text/") or "html" in kind)


def _rank(body: dict[str, Any]) -> int:
    return 1 if "html" in str(body.get("type")) else 0


def _tagged(value: str) -> bool:
    """Whether text that the feed calls plain is HTML all the same."""
    return bool(
        re.search(r"</(?:p|a|div|li|h[1-6]|em|strong|pre|table)>|<(?:br|img)\b[^<>]*>", value, re.IGNORECASE)
    )


def _authors(said: dict[str, Any]) -> tuple[str, ...]:
    people = [person for person in said.get("authors") or () if isinstance(person, dict)]
    raw = str(said.get("author") or "")
    if len(people) <= 1 and "@" in raw:
        # feedparser cuts "mail@shop.example (Name)" in the wrong place; an address alone is no byline.
        names = [_ADDRESS.sub("", raw).strip(" ()<>,")]
    else:
        names = [str(person.get("name") or "") for person in people] or [raw]
    return tuple(dict.fromkeys(filter(None, (plain(name, markup=True) for name in names))))


def _enclosures(said: dict[str, Any], links: list[dict[str, Any]], base: str) -> Iterator[Enclosure]:
    media = [part for part in said.get("media_content") or () if isinstance(part, dict)]
    duration = _seconds(said.get("itunes_duration"))
    seen = set()
    for part in [link for link in links if link.get("rel") == "enclosure"] + media:
        url = address(part.get("href") or part.get("url"), base)
        if url and url not in seen:
            seen.add(url)
            kind = part.get("type") or (f"{part['medium']}/*" if part.get("medium") else "")
            spoken = str(kind).startswith(("audio/", "video/"))
            yield Enclosure(
                url,
                plain(kind),
                count(part.get("length") or part.get("filesize")),
                plain(part.get("title"), markup=True),
                description=plain(part.get("description"), markup=True),
                width=count(part.get("width")),
                seconds=_seconds(part.get("duration")) or (duration if spoken else None),
                preview=bool(part.get("preview")),
            )


def _seconds(value: object) -> int | None:
    """Read a duration: seconds, ``MM:SS`` or ``HH:MM:SS``."""
    match = re.fullmatch(r"\s*(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,7})(?:\.\d+)?\s*", str(value or ""))
    if not match:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (hours * 60 + minutes) * 60 + seconds or None
