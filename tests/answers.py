"""What tests make of answers."""

from __future__ import annotations

from feed2book.models import Response


def whole(response: Response) -> Response:
    """Keep all of it."""
    return response
