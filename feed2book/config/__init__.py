"""What the user said (flags, environment, ``feed2book.toml``) → frozen options.

Every error names the option or the key, and the fix.
"""

from __future__ import annotations

from feed2book.config.choices import Archive, Layout, Links, Order
from feed2book.config.file import find, load
from feed2book.config.flags import (
    book_options,
    cache_directory,
    clock,
    data_directory,
    device,
    language,
    moment,
    processors,
    render_options,
    style_sheet,
)
from feed2book.config.schedules import Schedule, schedule
from feed2book.config.secrets import exposed, reveal

__all__ = [
    "Archive",
    "Layout",
    "Links",
    "Order",
    "Schedule",
    "book_options",
    "cache_directory",
    "clock",
    "data_directory",
    "device",
    "exposed",
    "find",
    "language",
    "load",
    "moment",
    "processors",
    "render_options",
    "reveal",
    "schedule",
    "style_sheet",
]
