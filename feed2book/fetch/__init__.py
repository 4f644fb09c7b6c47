"""The network edge: nothing else opens a socket."""

from feed2book.fetch.fetcher import Fetcher

__all__ = ["Fetcher"]
