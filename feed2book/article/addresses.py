"""The articles of a book by name: stable keys, and which address leads to which of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from feed2book.article.urls import valid_link
from feed2book.models import Entry
from feed2book.models.addresses import canonical, is_root

_DIGITS = 8  # of the hash; more where two entries would share a key


def article_keys(entries: Sequence[tuple[str, Entry]], known: Sequence[str] = ()) -> tuple[str, ...]:
    """Return one key for each entry, unique among them and the same in every build.

    Args:
        entries: the address of the feed, and the entry.
        known: the key that each entry has from an older build, ``""`` for a new one; none: all are new.

    Returns:
        ``post-`` and hexadecimal digits of a hash of the feed's address and the entry's id.
    """
    known = known or [""] * len(entries)
    taken = set(known)
    keys = []
    for (feed, entry), given in zip(entries, known, strict=True):
        key = given or _free_key(f"{feed}\n{entry.id}", taken)
        taken.add(key)
        keys.append(key)
    return tuple(keys)


def _free_key(name: str, taken: set[str]) -> str:
    while True:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        for length in range(_DIGITS, len(digest) + 1):
            if f"post-{digest[:length]}" not in taken:
                return f"post-{digest[:length]}"
        name += "\n"  # the same entry twice


class Listening(Mapping[str, str]):
    """The forms and keys of an address book, which notes what it was ``asked`` and what it said."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = keys
        self.asked: dict[str, str] = {}

    def __getitem__(self, form: str) -> str:
        self.asked[form] = self._keys.get(form) or ""
        return self._keys[form]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Which address leads to which article. Picklable; made before any article is cleaned."""

    keys: Mapping[str, str] = field(default_factory=dict)

    def find(self, url: str) -> str | None:
        """Return the key of the article that the absolute ``url`` leads to, or None."""
        address = valid_link(url)
        form = _page_form(address)
        if not form:
            return None
        return self.keys.get(_with_fragment(form, address)) or self.keys.get(form) or None

    def is_permalink(self, url: str) -> bool:
        """Say whether the fragment of ``url`` belongs to a permalink, and so names a whole article."""
        address = valid_link(url)
        return "#" in address and bool(self.keys.get(_with_fragment(_page_form(address), address)))


def _page_form(address: str) -> str:
    """Return the form of the page that a valid address leads to: one for all links into it."""
    return canonical(address.partition("#")[0])


def _with_fragment(form: str, address: str) -> str:
    """Return the form of a permalink with a fragment: some blogs have all posts of a day on one page."""
    return f"{form}#{address.partition('#')[2]}"


def address_book(keyed: Iterable[tuple[str, Entry]]) -> AddressBook:
    """Return the address book of a book's entries.

    Permalinks come first, then guids and aliases. An address that several entries claim, or that
    names a whole site, leads to none of them.

    Args:
        keyed: key and entry of each article.
    """
    listed = tuple(keyed)
    keys: dict[str, str] = {}
    _enter(keys, ((key, (entry.url,)) for key, entry in listed))
    _enter(keys, ((key, (entry.id, *entry.aliases)) for key, entry in listed))
    return AddressBook(keys)


def _enter(keys: dict[str, str], claims: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    fresh: dict[str, str] = {}
    for key, urls in claims:
        for form in {form for url in urls for form in _forms(valid_link(url))}:
            if form not in keys:
                fresh[form] = key if fresh.get(form, key) == key else ""
    keys.update(fresh)


def _forms(address: str) -> tuple[str, ...]:
    form = canonical(address)
    if not form or is_root(form):
        return ()
    return (form, _with_fragment(form, address)) if "#" in address else (form,)
