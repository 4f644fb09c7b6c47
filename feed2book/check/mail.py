"""A mail (``.eml``) → what is wrong with it: what servers refuse, Gmail clips and clients show badly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from functools import cached_property
from html.parser import HTMLParser
from typing import BinaryIO

from feed2book.check.rules import ERROR, NOTE, WARNING, Problem, Rules
from feed2book.models import Finding

RULES = Rules()

_LARGEST = 100_000_000  # bytes that are read
_LARGEST_HEAD = 500_000  # bytes; servers take a tenth of it
_LINE = 998  # octets without the line's end (RFC 5322, 2.1.1)
_CLIPPED = 95_000  # bytes of HTML; Gmail clips at about 102,000, and its own changes need some
_ATTACHED = 25_000_000  # bytes; Gmail's limit, and most others'
_NEEDED = ("From", "Date", "Message-ID", "Subject", "MIME-Version")
_MESSAGE_ID = re.compile(r"<[^<>@\s]{1,400}@[^<>@\s]{1,400}>")
_HEADER = re.compile(rb"[!-9;-~]{1,200}:", re.DOTALL)
_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_ACTIVE = re.compile(r"[\x00-\x20]*(?:java|vb)script\s*:", re.IGNORECASE)
_DROPPED = frozenset(
    ["script", "form", "input", "button", "iframe", "object", "embed", "video", "audio", "link", "base"]
)


@dataclass
class Reader(HTMLParser):
    """What the HTML part holds that matters: pictures, what clients drop, its language."""

    pictures: list[tuple[int, str, bool]] = field(default_factory=list)
    """Line, address, and whether there is an ``alt``."""
    dropped: list[tuple[int, str]] = field(default_factory=list)
    language: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        said = {name: value or "" for name, value in reversed(attrs)}
        line = self.getpos()[0]
        if tag == "html":
            self.language = said.get("lang", "")
        if tag == "img":
            self.pictures.append((line, said.get("src", ""), "alt" in said))
        if tag in _DROPPED:
            self.dropped.append((line, f"<{tag}>"))
        self.dropped += [(line, f"{name} on <{tag}>") for name in said if name.startswith("on")]
        if _ACTIVE.match(said.get("href", "")):
            self.dropped.append((line, f"a script in a link of <{tag}>"))


@dataclass
class Mail:
    """A parsed mail, for the rules to look into."""

    raw: bytes
    message: EmailMessage

    @cached_property
    def parts(self) -> tuple[EmailMessage, ...]:
        """All parts, the containers too."""
        return tuple(part for part in self.message.walk() if isinstance(part, EmailMessage))

    def body(self, kind: str) -> str | None:
        """Return the text of the first ``text/…`` part of that kind that is no attachment."""
        for part in self.parts:
            if part.get_content_type() == f"text/{kind}" and part.get_content_disposition() != "attachment":
                data = part.get_payload(decode=True)
                text = data if isinstance(data, bytes) else b""
                try:
                    return text.decode(part.get_content_charset() or "utf-8", "replace")
                except LookupError:
                    return text.decode("utf-8", "replace")
        return None

    @cached_property
    def html(self) -> Reader:
        """What the HTML part holds."""
        reader = Reader()
        reader.feed(self.body("html") or "")
        reader.close()
        return reader


def check_mail(stream: BinaryIO) -> tuple[Finding, ...]:
    """Return what is wrong with a mail, in the order of the rules."""
    raw = stream.read(_LARGEST)
    if len(_head(raw)) > _LARGEST_HEAD:
        return (Finding("mail-form", ERROR, "", "its header has no end", "make it anew"),)
    try:
        mail = Mail(raw, BytesParser(policy=policy.default).parsebytes(raw))
        return tuple(finding for rule in RULES for finding in rule.findings(mail))
    except RecursionError:
        return (Finding("mail-form", ERROR, "", "parts stand in parts without end", "make it anew"),)


def _head(raw: bytes) -> bytes:
    return raw[: _LARGEST_HEAD * 2].replace(b"\r\n", b"\n").partition(b"\n\n")[0]


def looks_like_mail(head: bytes) -> bool:
    """Say whether a file begins with a header field."""
    return bool(_HEADER.match(head.removeprefix(b"\xef\xbb\xbf")))


@RULES.add("mail-form", ERROR, "the message is well-formed", "make it anew")
def form(mail: Mail) -> Iterator[Problem]:
    """RFC 5322 and 2045: what the strict reading of the standard library stumbles over."""
    for part in mail.parts:
        yield from ((part.get_content_type(), type(defect).__name__) for defect in part.defects)
        for name, value in part.items():
            yield from ((name, str(defect)) for defect in getattr(value, "defects", ()))


@RULES.add("mail-line", ERROR, "no line is longer than 998 octets", "encode the part as quoted-printable")
def line_length(mail: Mail) -> Iterator[Problem]:
    """RFC 5322, 2.1.1: servers break longer lines, and with them the text."""
    for number, line in enumerate(mail.raw.split(b"\n"), 1):
        if len(line.rstrip(b"\r")) > _LINE:
            yield f"line {number}", f"{len(line):,} octets"


@RULES.add("mail-8bit", ERROR, "header fields are ASCII", "encode the field (RFC 2047)")
def raw_headers(mail: Mail) -> Iterator[Problem]:
    """Not every server takes SMTPUTF8."""
    for number, line in enumerate(_head(mail.raw).split(b"\n"), 1):
        if not line.isascii():
            yield f"line {number}", "it holds octets beyond ASCII"


@RULES.add("mail-header", ERROR, "the message says who, when, what and which", "add the field")
def headers(mail: Mail) -> Iterator[Problem]:
    """Mail without Date and Message-ID is taken for spam; a client joins copies by Message-ID."""
    for name in _NEEDED:
        found = mail.message.get_all(name, [])
        if len(found) != 1:
            yield name, "it is missing" if not found else f"it stands there {len(found)} times"


@RULES.add("mail-date", ERROR, "Date is a date", "write it as RFC 5322 has it")
def date(mail: Mail) -> Iterator[Problem]:
    """RFC 5322, 3.3."""
    said = str(mail.message.get("Date", ""))
    try:
        _ = parsedate_to_datetime(said) if said else None
    except ValueError:
        yield "Date", f"{said[:60]!r} is none"


@RULES.add("mail-message-id", ERROR, "Message-ID is one", "write it as <something@host>")
def message_id(mail: Mail) -> Iterator[Problem]:
    """RFC 5322, 3.6.4."""
    said = str(mail.message.get("Message-ID", "")).strip()
    if said and not _MESSAGE_ID.fullmatch(said):
        yield "Message-ID", f"{said[:60]!r} is none"


@RULES.add(
    "mail-alternative", WARNING, "there is text beside the HTML, and before it", "add a text/plain part"
)
def alternative(mail: Mail) -> Iterator[Problem]:
    """RFC 2046, 5.1.4: the plainest first. Filters mind HTML alone, and so do readers of text."""
    if mail.body("html") is None:
        return
    if mail.body("plain") is None:
        yield "", "there is no text/plain part"
        return
    for part in mail.parts:
        if part.get_content_type() == "multipart/alternative":
            kinds = [str(one.get_content_type()) for one in part.iter_parts()]
            if "text/plain" in kinds and kinds.index("text/plain") != 0:
                yield "", "the text/plain part does not come first"
            return
    yield "", "text and HTML are not in a multipart/alternative"


@RULES.add("mail-clipped", WARNING, "the HTML is no larger than Gmail shows", "use --max-html or --limit")
def clipped(mail: Mail) -> Iterator[Problem]:
    """Gmail clips at about 102 kB and hides what follows."""
    size = len((mail.body("html") or "").encode())
    if size > _CLIPPED:
        yield "", f"{size:,} bytes of HTML, where {_CLIPPED:,} are safe"


@RULES.add("mail-size", ERROR, "the message is no larger than servers take", "use --max-message or --limit")
def size(mail: Mail) -> Iterator[Problem]:
    """Gmail and most others end at 25 MB."""
    if len(mail.raw) > _ATTACHED:
        yield "", f"{len(mail.raw):,} bytes"


@RULES.add("mail-remote-picture", WARNING, "pictures come with the message", "attach them (cid:)")
def remote_pictures(mail: Mail) -> Iterator[Problem]:
    """Most clients ask before they fetch one, and fetching tells on who reads."""
    yield from (
        (f"HTML line {line}", f"{source[:80]} is elsewhere")
        for line, source, _ in mail.html.pictures
        if _REMOTE.match(source)
    )


@RULES.add("mail-cid", ERROR, "every picture that is named is attached", "attach the picture")
def content_ids(mail: Mail) -> Iterator[Problem]:
    """A ``cid:`` without its part is a hole."""
    there = {str(part.get("Content-ID", "")).strip().strip("<>") for part in mail.parts}
    for line, source, _ in mail.html.pictures:
        if source.lower().startswith("cid:") and source[4:] not in there:
            yield f"HTML line {line}", f"there is no part {source[4:84]}"


@RULES.add("mail-alt", WARNING, "every picture has an alternative text", "give it an alt attribute")
def alternative_texts(mail: Mail) -> Iterator[Problem]:
    """Half of all clients show it first."""
    for line, source, described in mail.html.pictures:
        if not described:
            yield f"HTML line {line}", f"{source[:60] or 'a picture'} has no alt"


@RULES.add("mail-active", ERROR, "nothing runs, submits or embeds", "take it out")
def active(mail: Mail) -> Iterator[Problem]:
    """Clients drop it, and filters drop the message."""
    yield from ((f"HTML line {line}", what) for line, what in mail.html.dropped)


@RULES.add("mail-language", WARNING, "the HTML says its language", "set lang on html")
def language(mail: Mail) -> Iterator[Problem]:
    """Screen readers choose their voice by it."""
    if mail.body("html") is not None and not mail.html.language:
        yield "", "html has no lang"


@RULES.add(
    "mail-unsubscribe", NOTE, "readers of a list can leave it", "add List-Unsubscribe with an https address"
)
def unsubscribe(mail: Mail) -> Iterator[Problem]:
    """Bulk senders need List-Unsubscribe with an https address, and one click (RFC 8058)."""
    said = str(mail.message.get("List-Unsubscribe", ""))
    if not said:
        yield "List-Unsubscribe", "it is missing: needed as soon as this goes to many"
    elif "<https:" not in said.lower():
        yield "List-Unsubscribe", "it has no https address"
    elif str(mail.message.get("List-Unsubscribe-Post", "")).strip() != "List-Unsubscribe=One-Click":
        yield "List-Unsubscribe-Post", "it does not say List-Unsubscribe=One-Click"
