"""Addresses inside a printed book: the only ones that are ever loaded, and the places that links lead to."""

from __future__ import annotations

from urllib.parse import quote

from feed2book.models import Node

ASSET = "book:asset/"
FONT = "book:font/"
SHEET = "book:sheet"
WRAP = "book:wrap"
GOTO = "book:goto/"
"""What a link to a place in the book begins with; WeasyPrint drops links to what is in another part."""


def anchor(key: str, fragment: str = "") -> str:
    """Return the name of a place in the document: a post, or an id in it."""
    return f"{key}-{fragment}" if fragment else key


def address(name: str) -> str:
    """Return the address of a place in the document, which may be in another part."""
    return GOTO + quote(name, safe="")


def href(node: Node) -> str:
    """Return the address of what a line of the contents names."""
    return address(anchor(node.key, node.fragment))
