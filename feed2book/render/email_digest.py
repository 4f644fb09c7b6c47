"""A digest before it is a message: what it says, as text and as HTML, and the images that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feed2book.models import Asset, Notice


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest mail says, whoever gets it.

    ``html`` is a whole document with Unix line ends, its images named by their ``cid:``; ``images`` are
    those that it shows that way. ``date`` is UTC. ``notices`` tell what had to be left out to make it fit.
    """

    subject: str
    date: datetime
    text: str
    html: str
    images: tuple[Asset, ...] = ()
    notices: tuple[Notice, ...] = ()
