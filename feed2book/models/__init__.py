"""The frozen types that pass between the rooms. Nothing of ours is imported here.

What a feed said (:class:`Feed`, :class:`Entry`) is kept apart from what we made of it
(:class:`Article`, :class:`Book`) and from what we know about it (the store).

HTML carries tokens for what each output spells otherwise: see :mod:`feed2book.models.tokens`.
"""

from __future__ import annotations

from feed2book.models.access import Access, Grant, Secret
from feed2book.models.addresses import without_login
from feed2book.models.article import Article, Formula, Image, Section
from feed2book.models.blobs import MEMORY, Blob, Each, Memory, Shelf, Spool
from feed2book.models.book import Artifact, Asset, Book, Chapter, Failure, Finding, Node, Part, Record, Report
from feed2book.models.edition import (
    Config,
    Delivery,
    Dkim,
    Edition,
    Filter,
    MailOptions,
    Recipient,
    Recipients,
    SmtpServer,
    Source,
)
from feed2book.models.feed import SAVED, Enclosure, Entry, Feed, Folder, Notice, Response
from feed2book.models.issue import (
    COMMON,
    FACETS,
    Dispatch,
    Issue,
    IssueFile,
    IssuePost,
    Mark,
    News,
    Outcome,
    Sighting,
    Status,
)
from feed2book.models.ledger import ALLOWED_REASONS, MOST_LOST, Counts, Drop, Ledger
from feed2book.models.mail_addresses import (
    PLACEHOLDERS,
    ascii_address,
    is_list_id,
    is_mail_address,
    same_mailbox,
)
from feed2book.models.options import BookOptions, Device, FetchOptions, Job, Reach, RenderOptions
from feed2book.models.polling import DAY, HOUR, Ask, Condition, Pace, Poll
from feed2book.models.sites import SiteRule, Sites, site_names
from feed2book.models.tokens import TOKEN_CLOSE, TOKEN_OPEN, substitute, token, token_values

__all__ = [
    "ALLOWED_REASONS",
    "COMMON",
    "DAY",
    "FACETS",
    "HOUR",
    "MEMORY",
    "MOST_LOST",
    "PLACEHOLDERS",
    "SAVED",
    "TOKEN_CLOSE",
    "TOKEN_OPEN",
    "Access",
    "Article",
    "Artifact",
    "Ask",
    "Asset",
    "Blob",
    "Book",
    "BookOptions",
    "Chapter",
    "Condition",
    "Config",
    "Counts",
    "Delivery",
    "Device",
    "Dispatch",
    "Dkim",
    "Drop",
    "Each",
    "Edition",
    "Enclosure",
    "Entry",
    "Failure",
    "Feed",
    "FetchOptions",
    "Filter",
    "Finding",
    "Folder",
    "Formula",
    "Grant",
    "Image",
    "Issue",
    "IssueFile",
    "IssuePost",
    "Job",
    "Ledger",
    "MailOptions",
    "Mark",
    "Memory",
    "News",
    "Node",
    "Notice",
    "Outcome",
    "Pace",
    "Part",
    "Poll",
    "Reach",
    "Recipient",
    "Recipients",
    "Record",
    "RenderOptions",
    "Report",
    "Response",
    "Secret",
    "Section",
    "Shelf",
    "Sighting",
    "SiteRule",
    "Sites",
    "SmtpServer",
    "Source",
    "Spool",
    "Status",
    "ascii_address",
    "is_list_id",
    "is_mail_address",
    "same_mailbox",
    "site_names",
    "substitute",
    "token",
    "token_values",
    "without_login",
]
