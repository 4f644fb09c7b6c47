"""What the user said (flags, environment, ``feed2book.toml``) → frozen options.

Every error names the option or the key, and the fix. Every command loads this, also for ``--help``: what only
a configuration needs is imported where it is used.
"""

from __future__ import annotations

from feed2book.config.access import access, netrc_file
from feed2book.config.file import NAME, edition, editions, example, find, load, text_of
from feed2book.config.flags import (
    book_options,
    cache_directory,
    clock,
    device,
    executor,
    language,
    moment,
    processors,
    render_options,
    style_sheet,
)
from feed2book.config.places import exists, is_folder
from feed2book.config.schedules import DAYS, Schedule, local_zone, schedule
from feed2book.config.secrets import all_secrets, described, exposed, reveal
from feed2book.config.words import Archive, FullText, Layout, Links, Order, Pictures, Posts, Strategy

__all__ = [
    "DAYS",
    "NAME",
    "Archive",
    "FullText",
    "Layout",
    "Links",
    "Order",
    "Pictures",
    "Posts",
    "Schedule",
    "Strategy",
    "access",
    "all_secrets",
    "book_options",
    "cache_directory",
    "clock",
    "described",
    "device",
    "edition",
    "editions",
    "example",
    "executor",
    "exists",
    "exposed",
    "find",
    "is_folder",
    "language",
    "load",
    "local_zone",
    "moment",
    "netrc_file",
    "processors",
    "render_options",
    "reveal",
    "schedule",
    "style_sheet",
    "text_of",
]
