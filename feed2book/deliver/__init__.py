"""Artifact → the world."""

from feed2book.deliver.files import write_file, write_stdout

__all__ = ["write_file", "write_stdout"]
