"""Artifact → the world."""

from feed2book.deliver.catalogue import write_catalogue
from feed2book.deliver.files import write_file, write_stdout

__all__ = ["write_catalogue", "write_file", "write_stdout"]
