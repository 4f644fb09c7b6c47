"""Artifact → the world."""

from feed2book.deliver.catalogue import write_catalogue
from feed2book.deliver.dkim import sign
from feed2book.deliver.files import make_folder, write_file, write_stdout
from feed2book.deliver.mailboxes import place
from feed2book.deliver.recipient_list import recipients, suppressed
from feed2book.deliver.smtp import Letter, send

__all__ = [
    "Letter",
    "make_folder",
    "place",
    "recipients",
    "send",
    "sign",
    "suppressed",
    "write_catalogue",
    "write_file",
    "write_stdout",
]
