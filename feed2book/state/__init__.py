"""What editions remember: posts that were seen, issues that were made, and where each of these went."""

from feed2book.state.lock import locked
from feed2book.state.state import State

__all__ = ["State", "locked"]
