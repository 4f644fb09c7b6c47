"""Artifact → the world."""

from feed2book.deliver.catalogue import write_catalogue
from feed2book.deliver.files import write_file, write_stdout
from feed2book.deliver.smtp import Letter, send

__all__ = ["Letter", "send", "write_catalogue", "write_file", "write_stdout"]
