"""A recurring book: its sources, what is made of them, and where that goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from feed2book.models.access import Access, Secret
from feed2book.models.options import BookOptions, FetchOptions, Reach, RenderOptions
from feed2book.models.sites import Sites


@dataclass(frozen=True, slots=True)
class Filter:
    """Which posts of a source are wanted: regular expressions, searched for in any case of letters.

    Each tuple that is not empty must have one that matches: the title, one of the tags, one of the authors,
    the text.
    """

    title: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A feed of an edition.

    ``address`` is a URL, a path or a site's address; ``name`` is shown in the place of the feed's own title,
    after ``group``. ``limit`` counts posts of one issue, the newest first. ``order`` is ``oldest``,
    ``newest`` or ``""`` for the edition's. A post must fit ``include`` and may not fit ``exclude`` (None: no
    such rule). ``reach`` None is the edition's.
    """

    address: str
    name: str = ""
    group: str = ""
    limit: int | None = None
    order: str = ""
    include: Filter | None = None
    exclude: Filter | None = None
    access: Access | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A server that takes mail.

    ``security`` is ``tls`` (from the first byte), ``starttls`` or ``none``; certificates are always verified,
    against ``ca_file`` if there is one. ``timeout`` is in seconds; ``rate`` in messages a second, 0 for no
    limit; ``connections`` may be open at once. A message may have ``max_bytes``. ``attempts`` is how often
    one message is tried in one run when the server asks to come again later.
    """

    host: str
    port: int = 465
    security: str = "tls"
    user: str = ""
    password: Secret | None = None
    ca_file: Path | None = None
    timeout: float = 30.0
    rate: float = 0.0
    connections: int = 2
    max_bytes: int = 25_000_000
    attempts: int = 3

    @property
    def in_the_open(self) -> bool:
        """Whether others could read what is sent to it: no TLS, and it is not this machine."""
        return self.security == "none" and self.host not in ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Dkim:
    """Sign messages (RFC 6376) as ``domain`` with ``key``, whose public half is at ``selector``."""

    domain: str
    selector: str
    key: Secret


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets the letter. ``token`` stands for ``{token}`` in an unsubscribe address."""

    address: str
    name: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Recipients:
    """Where the recipients come from; all that are set are put together, each address once.

    ``listed`` are in the configuration itself. ``csv`` has a head line with ``email`` and perhaps ``name``
    and ``token``; ``command`` prints such a file. ``suppressed`` is a file of addresses, one a line, that
    get nothing, whatever else says so.
    """

    listed: tuple[Recipient, ...] = ()
    csv: Path | None = None
    command: tuple[str, ...] = ()
    suppressed: Path | None = None


@dataclass(frozen=True, slots=True)
class MailOptions:
    """What a digest mail says of itself and how much it may hold. Empty strings leave a field out.

    ``sender`` is an address with or without a name. ``list_id`` is ``name.example.org`` (RFC 2919).
    ``unsubscribe_url`` (https, RFC 8058 one-click) and ``unsubscribe_mail`` (an address) may hold
    ``{address}``, ``{token}``, ``{edition}`` and ``{issue}``. ``archive`` is where older issues can be read
    (RFC 2369). ``attach`` names outputs (``epub``, ``pdf``) that go along. ``posts`` shows each post
    ``full``, as its ``excerpt`` or its ``title`` only; ``pictures`` are ``attached`` (``cid:``), ``remote``
    or ``none``. ``html_bytes`` and ``message_bytes`` are the most that the HTML and the whole message may
    have.
    """

    sender: str = "feed2book <digest@feed2book.invalid>"
    reply_to: str = ""
    list_id: str = ""
    unsubscribe_url: str = ""
    unsubscribe_mail: str = ""
    archive: str = ""
    feedback_id: str = ""
    attach: tuple[str, ...] = ()
    posts: str = "full"
    pictures: str = "attached"
    html_bytes: int = 95_000
    message_bytes: int = 10_000_000
    dkim: Dkim | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One way that a finished issue goes.

    ``kind`` is one of:

    - ``email``: the digest, by ``server`` to each of ``recipients``;
    - ``kindle``: the EPUB as an attachment, by ``server`` to each of ``recipients`` (Send-to-Kindle);
    - ``eml``, ``maildir``, ``mbox``: the digest, to ``path`` (a folder, a Maildir, a file);
    - ``folder``: ``outputs`` as files in the folder ``path`` (a mounted reader, a synchronised folder);
    - ``catalogue``: ``outputs`` of the newest ``keep`` issues with OPDS lists and an HTML page in the folder
      ``path``, which a web server shows at ``url``.

    ``name`` is unique in its edition and stays the same from run to run: the journal knows it by that.
    """

    kind: str
    name: str
    server: SmtpServer | None = None
    recipients: Recipients = Recipients()
    path: Path | None = None
    outputs: tuple[str, ...] = ()
    url: str = ""
    keep: int = 50


@dataclass(frozen=True, slots=True)
class Edition:
    """A recurring book or letter, as the configuration describes it.

    ``fetch``, ``book`` and ``render`` are as for a single book; ``book.title`` is the edition's title.
    ``outputs`` are some of ``epub``, ``pdf`` and ``email``, all made of one fetch. ``period`` is how far
    back the first issue looks; ``schedule`` says when one is due (``mon 07:00``, ``daily 07:00``,
    ``monthly 1 07:00``; local time) or is ``""``. ``updates`` is ``ignore`` or ``resend`` for posts that
    were changed after they had been delivered. No issue is made of fewer than ``min_posts``. The files of
    the last ``keep`` issues stay.
    """

    name: str
    sources: tuple[Source, ...]
    fetch: FetchOptions
    book: BookOptions
    render: RenderOptions
    outputs: tuple[str, ...] = ("epub",)
    deliveries: tuple[Delivery, ...] = ()
    period: timedelta = timedelta(days=7)
    schedule: str = ""
    updates: str = "ignore"
    min_posts: int = 1
    keep: int = 50
    mail: MailOptions = MailOptions()
    jobs: int = 1
    reach: Reach = Reach()
    sites: Sites = field(default_factory=Sites)


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration file, read. ``data`` is the folder where what was delivered is remembered.

    ``executor`` is the address of the cluster that editions are made on, ``""`` for none.
    """

    path: Path
    data: Path
    editions: tuple[Edition, ...]
    executor: str = ""
