"""Entry → Article: one parse, small named passes over the tree, valid XHTML out.

Beautiful Soup, lxml and nh3 are loaded when the first entry is cleaned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from feed2book.article.addresses import AddressBook, Listening, address_book, article_keys
from feed2book.article.extract import Extract, Page, completed, extract, goes_on, joined, says_more
from feed2book.article.language import detect_language
from feed2book.article.repetition import Ends, ends, repeated_blocks
from feed2book.models import Article, Entry

__all__ = [
    "AddressBook",
    "Cleaned",
    "Cleaner",
    "Ends",
    "Extract",
    "Page",
    "Task",
    "address_book",
    "article_keys",
    "clean",
    "completed",
    "detect_language",
    "ends",
    "extract",
    "goes_on",
    "joined",
    "repeated_blocks",
    "says_more",
]

_NO_ENTRY = Entry("")


@dataclass(frozen=True, slots=True)
class Task:
    """One entry to clean: its key in the book, the address of its feed, and the language that feed claims."""

    key: str
    entry: Entry
    feed: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What came of a task: the article, and what the address book said while it was made.

    The article comes without its entry, so that none travels back to where it came from; the caller puts it
    in again. It holds as long as the task is the same and the address book gives the same answers.
    """

    article: Article
    asked: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Cleans entries, in any process: it holds what the entries of a book share.

    ``repeated`` has the repeated blocks of each feed, by its address.
    """

    addresses: AddressBook
    repeated: Mapping[str, frozenset[str]]
    images: bool = True

    def __call__(self, task: Task) -> Cleaned:
        """Return the article of the task's entry."""
        listening = Listening(self.addresses.keys)
        article = clean(
            task.entry,
            task.key,
            AddressBook(listening),
            images=self.images,
            language=task.language,
            repeated=self.repeated[task.feed],
        )
        return Cleaned(replace(article, entry=_NO_ENTRY), listening.asked)

    def holds(self, cleaned: Cleaned) -> bool:
        """Say whether an article of an earlier build comes out the same: its links lead where they led."""
        keys = self.addresses.keys
        return all((keys.get(form) or "") == key for form, key in cleaned.asked.items())


def clean(
    entry: Entry,
    key: str,
    addresses: AddressBook,
    *,
    images: bool = True,
    language: str = "",
    repeated: frozenset[str] = frozenset(),
) -> Article:
    """Return the article that ``entry`` holds. Never raises; the same input gives the same article.

    Args:
        entry: what the feed says; its markup may be anything at all.
        key: the article's name in the book, from :func:`article_keys`.
        addresses: where the book's other articles are, from :func:`address_book`.
        images: whether images are wanted; without, their ``alt`` texts stand in their places.
        language: what the feed says (BCP 47), used when markup and entry say nothing; when none does,
            the language is detected from the text, or left ``""``. A text that clearly is in another
            language than what is said to be English wins, with a notice.
        repeated: what most posts of the feed begin or end with, from :func:`repeated_blocks`.
    """
    from feed2book.article.cleaner import clean_entry, plain_entry

    try:
        return clean_entry(entry, key, addresses, images=images, language=language, repeated=repeated)
    except Exception as error:  # noqa: BLE001 (no entry may stop a book; the notice says what happened)
        return plain_entry(entry, key, language=language, reason=type(error).__name__)
