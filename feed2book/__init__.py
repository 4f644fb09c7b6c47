"""feed2book turns web feeds into books: an EPUB, a PDF, a digest for the inbox."""

__version__ = "0.1.0"
