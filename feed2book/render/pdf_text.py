"""Small pieces of PDF syntax: strings, and trees of names and numbers (ISO 32000-1, 7.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

_LEAF = 64  # entries in a leaf


def string(text: str) -> bytes:
    """Return the text as a string object on one line."""
    if text.isascii() and text.isprintable():
        return b"(%b)" % text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode()
    return b"<%b>" % _raw(text).hex().encode()


def _raw(text: str) -> bytes:
    """Return the bytes that the string stands for: names are in their order."""
    return text.encode() if text.isascii() and text.isprintable() else b"\xfe\xff" + text.encode("utf-16-be")


def name_tree(entries: Sequence[tuple[str, bytes]], reserve: Callable[[], int]) -> list[tuple[int, bytes]]:
    """Return the objects of a name tree, its root first.

    Args:
        entries: names, each once, and what they stand for.
        reserve: returns a free object number.
    """
    ordered = sorted(entries, key=lambda entry: _raw(entry[0]))
    root = reserve()
    leaves: list[tuple[int, bytes]] = []
    for start in range(0, len(ordered), _LEAF):
        some = ordered[start : start + _LEAF]
        names = b" ".join(b"%b %b" % (string(name), value) for name, value in some)
        limits = b"%b %b" % (string(some[0][0]), string(some[-1][0]))
        leaves.append((reserve(), b"<</Limits [%b]/Names [%b]>>" % (limits, names)))
    return [(root, b"<</Kids [%b]>>" % references(number for number, _ in leaves)), *leaves]


def references(numbers: Iterable[int]) -> bytes:
    """Return references to these objects, as they stand in an array."""
    return b" ".join(b"%d 0 R" % number for number in numbers)
