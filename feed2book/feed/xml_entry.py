"""An entry of an XML feed, from what feedparser says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, Self

from feed2book.feed.text import address, count, language, markup_of, moment, plain
from feed2book.models import Enclosure, Entry

_ADDRESS = re.compile(r"<?[^\s<>()]+@[^\s<>()]+>?")


@dataclass(frozen=True, slots=True)
class Frame:
    """What an entry takes from its feed: addresses to count from, authors where it names none."""

    url: str
    home: str
    authors: tuple[str, ...]

    @classmethod
    def of(cls, parsed: Any, url: str) -> Self:
        """Return the frame of a feed that came from ``url``, from what feedparser says."""
        # RFC 4287, 4.2.1: an Atom entry without an author has the feed's.
        authors = authors_of(parsed.feed) if parsed.version.startswith("atom") else ()
        return cls(url, address(parsed.feed.get("link"), url), authors)

    def names(self, opening: str, texts: Iterable[str]) -> Iterator[str]:
        """Yield for each entry, given as its text, a name for all that decides it."""
        context = sha256(repr((self, opening)).encode("utf-8", "surrogatepass")).digest()
        for text in texts:
            found = sha256(context)
            found.update(text.encode("utf-8", "surrogatepass"))
            yield found.hexdigest()


def read_entry(said: dict[str, Any], frame: Frame) -> Entry:
    """Return an entry of the feed with this frame."""
    feed_url, home = frame.url, frame.home
    links = [link for link in said.get("links") or () if isinstance(link, dict)]
    url = _permalink(said, links, home or feed_url)
    content, kind, base, tongue = _body(said)
    guid = str(said.get("id") or "")
    return Entry(
        id=plain(guid),
        url=url,
        title=plain_field(said, "title"),
        authors=authors_of(said) or frame.authors,
        published=moment(dict.get(said, "published_parsed") or dict.get(said, "created_parsed")),
        updated=moment(dict.get(said, "updated_parsed")),
        tags=tuple(
            dict.fromkeys(
                filter(None, (plain(tag.get("label") or tag.get("term")) for tag in said.get("tags") or ()))
            )
        ),
        content=content,
        content_kind=kind,
        summary=plain_field(said, "summary"),
        enclosures=tuple(_enclosures(said, links, url or home or feed_url)),
        language=tongue or language(said.get("language")),
        # Addresses in RSS count, in practice, from the post; only an explicit xml:base says otherwise.
        base=base if base and base != web_address(feed_url) else url or home or web_address(feed_url),
        aliases=tuple(dict.fromkeys(filter(None, _aliases(said, guid, home or feed_url)))),
    )


def plain_field(said: dict[str, Any], field: str) -> str:
    """Return a field of a feed or an entry as plain text."""
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


def authors_of(said: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of a feed's or an entry's authors."""
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


def web_address(url: str) -> str:
    """Return an address of the web, ``""`` for any other."""
    return url if url.startswith(("http://", "https://")) else ""
