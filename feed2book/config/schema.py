"""What ``feed2book.toml`` may say, table by table. Keys are the field names with hyphens for underscores.

Each field's type is its first check; :mod:`feed2book.config.configuration` judges what takes two keys.
docs/editions.md says what the keys mean, and a test compares the two.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from feed2book.config.words import Archive, FullText, Layout, Links, Order, Pictures, Posts, Strategy

Text = Annotated[str, Meta(min_length=1)]
Words = list[Text]
Patterns = Text | Words
Count = Annotated[int, Meta(ge=1)]
Output = Literal["epub", "pdf", "email"]
Kind = Literal["email", "kindle", "eml", "maildir", "mbox", "folder", "catalogue"]


class Table(Struct, rename="kebab", forbid_unknown_fields=True):
    """Base of all tables."""


class SecretTable(Table):
    """Where a secret is to be had: one of the four."""

    env: Text = ""
    file: Text = ""
    command: Words = []
    keyring: Annotated[Words, Meta(min_length=2, max_length=2)] = []


class FilterTable(Table):
    """Regular expressions that posts are told apart by."""

    title: Patterns = []
    tag: Patterns = []
    author: Patterns = []
    text: Patterns = []


class SourceTable(Table):
    """``[[edition.NAME.source]]``."""

    address: Text
    name: str = ""
    group: str = ""
    limit: Count | None = None
    order: Order | None = None
    archive: Strategy | None = None
    full_text: FullText | None = None
    include: FilterTable | None = None
    exclude: FilterTable | None = None
    user: str = ""
    password: SecretTable | None = None
    token: SecretTable | None = None
    cookies: str = ""
    headers: dict[str, str | SecretTable] = {}
    proxy: str | SecretTable = ""


class RecipientsTable(Table):
    """Recipients that are not in the configuration itself, and perhaps some that are."""

    listed: Words = []
    csv: Text = ""
    command: Words = []


class DeliverTable(Table):
    """``[[edition.NAME.deliver]]``."""

    kind: Kind
    name: str = ""
    server: str = ""
    recipients: Words | RecipientsTable = []
    suppressed: str = ""
    path: str = ""
    outputs: Annotated[list[Output], Meta(min_length=1)] | None = None
    url: str = ""
    keep: Count = 50


class DkimTable(Table):
    """The signature of messages."""

    domain: Text
    selector: Text
    key: SecretTable


class MailTable(Table):
    """``[mail]``, and ``[edition.NAME.mail]`` in its place."""

    sender: str = ""
    reply_to: str = ""
    list_id: str = ""
    unsubscribe_url: str = ""
    unsubscribe_mail: str = ""
    archive: str = ""
    feedback_id: str = ""
    attach: list[Literal["epub", "pdf"]] = []
    posts: Posts = "full"
    pictures: Pictures = "attached"
    html_bytes: Annotated[int, Meta(ge=10_000)] = 95_000
    message_bytes: Annotated[int, Meta(ge=100_000)] = 10_000_000
    dkim: DkimTable | None = None


class ServerTable(Table):
    """``[server.NAME]``."""

    host: Text
    port: Annotated[int, Meta(ge=1, le=65_535)] | None = None
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password: SecretTable | None = None
    ca_file: str = ""
    timeout: Annotated[float, Meta(gt=0, le=600)] = 30.0
    rate: Annotated[float, Meta(ge=0)] = 0.0
    connections: Annotated[int, Meta(ge=1, le=20)] = 2
    max_bytes: Annotated[int, Meta(ge=100_000)] = 25_000_000
    attempts: Annotated[int, Meta(ge=1, le=10)] = 3


class EditionTable(Table):
    """``[edition.NAME]``."""

    source: Annotated[list[SourceTable], Meta(min_length=1)]
    deliver: list[DeliverTable] = []
    mail: MailTable | None = None
    title: str = ""
    author: str = ""
    language: str = ""
    outputs: Annotated[list[Output], Meta(min_length=1)] | None = None
    schedule: str = ""
    period: str = "7d"
    updates: Literal["ignore", "resend"] = "ignore"
    min_posts: Count = 1
    keep: Count = 50
    limit: Count | None = None
    order: Order | None = None
    archive: Strategy = "none"
    full_text: FullText = "auto"
    series: str = ""
    cover: bool = True
    images: bool = True
    device: str = "generic"
    max_size: Count | None = None
    page: str = ""
    layout: Layout = "book"
    two_sided: bool = False
    grayscale: bool = False
    pdf_a: Archive | None = None
    qr: bool = False
    toc_depth: Annotated[int, Meta(ge=0, le=5)] = 3
    links: Links | None = None
    embed_fonts: bool = False
    css: str = ""
    templates: str = ""
    allow_private: bool = False
    ignore_robots: bool = False
    jobs: Count | None = None


class SiteTable(Table):
    """``[site."HOST"]``: CSS selectors."""

    body: Patterns = []
    strip: Patterns = []
    title: Patterns = []
    author: Patterns = []
    date: Patterns = []
    next_page: Patterns = []
    single_page: Patterns = []


class Document(Table):
    """The whole file."""

    edition: Annotated[dict[str, EditionTable], Meta(min_length=1)]
    server: dict[str, ServerTable] = {}
    mail: MailTable | None = None
    site: dict[str, SiteTable] = {}
    site_rules: str = ""
    data: str = ""
    executor: str = ""
