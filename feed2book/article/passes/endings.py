"""What a block at the end of a post is, if it is nothing of the author's: its links tell, else its words."""

from __future__ import annotations

from urllib.parse import urlsplit

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.passes.blocks import Run
from feed2book.article.phrases import (
    COMMENTS,
    COUNTERS,
    FILED,
    FILING_HREF,
    FOOTER,
    MORE,
    RELATED,
    SOURCE,
    SUBSCRIBE,
    SUBSCRIBE_LINK,
    SUPPORT_HREF,
)
from feed2book.article.text import count_words
from feed2book.article.tree import attribute, text_of
from feed2book.article.urls import absolute, valid_link

#: Why links to other posts of the same site go, if a line over them says what they are.
RELATED_POSTS = "related posts"

_STEPS = frozenset({"prev", "previous", "next"})  # link types (HTML Standard, 4.6.7)
_MOST_OWN_WORDS = 8  # of a link to the post that it stands in, or to who takes money for the author
_MOST_FILED = 40  # words of a line that files a post
_MOST_AROUND = 4  # words beside the links of such a line, or of a link to another post
_MOST_TITLE = 25  # words of the title of another post


def ending_reason(draft: Draft, run: Run) -> str:
    """Return why a block at the end of an article may go by itself, ``""`` for one that stays."""
    links = run.links()
    if FOOTER.fullmatch(run.text):
        return "feed footer"
    if SUBSCRIBE.fullmatch(run.text):
        return "subscription"
    if COUNTERS.fullmatch(run.text):
        return "comments and counters"
    if links and all(SUPPORT_HREF.match(attribute(link, "href").strip()) for link in links):
        asks = _around(run, links) == 0 and count_words(run.text) <= _MOST_OWN_WORDS
        return "asks for support" if asks else ""
    return _linked_reason(draft, run, links) if links and not run.images else ""


def leads_to_others(draft: Draft, run: Run) -> bool:
    """Say whether a block is a link to another page of the same site and nothing else."""
    links = run.links()
    host = _host(draft.base)
    return (
        len(links) in {1, 2}
        and bool(host)
        and all(_host(absolute(attribute(link, "href"), draft.base)) == host for link in links)
        and not any(_leads_here(draft, link) for link in links)
        and _around(run, links) <= _MOST_AROUND
        and count_words(run.text) <= _MOST_TITLE
    )


def heads_others(run: Run) -> bool:
    """Say whether a block says that other posts come next."""
    return not run.links() and RELATED.fullmatch(run.text) is not None


def _linked_reason(draft: Draft, run: Run, links: list[Tag]) -> str:
    """Return why a block with links may go by what they are."""
    around = _around(run, links)
    if around == 0 and SUBSCRIBE_LINK.fullmatch(run.text):
        return "subscription"
    filed = FILED.fullmatch(run.text) or all(_files(draft, link) for link in links)
    if filed and count_words(run.text) <= _MOST_FILED and around <= _MOST_AROUND:
        return "filing"
    if all(not _STEPS.isdisjoint(attribute(link, "rel").lower().split()) for link in links):
        return "leads to another post"
    if COMMENTS.fullmatch(run.text):
        return "comments and counters"
    here = _leads_here(draft, links[-1])
    if here and SOURCE.fullmatch(run.text) and around <= _MOST_AROUND:
        return "feed footer"
    more = MORE.fullmatch(run.text)
    if more and (here or not more["what"]):
        return "read more"  # "Read more about whales" with a link elsewhere is the author's word
    only = len(links) == 1 and around == 0
    return "read more" if here and only and count_words(run.text) <= _MOST_OWN_WORDS else ""


def _around(run: Run, links: list[Tag]) -> int:
    """Return how many words of a block stand outside its links."""
    linked = sum(count_words(text_of(link)) for link in links)
    return max(0, count_words(run.text) - linked)


def _files(draft: Draft, link: Tag) -> bool:
    """Say whether a link leads to a tag or a category of the site, as its ``rel`` or its address says."""
    if "tag" in attribute(link, "rel").lower().split():
        return True
    address = absolute(attribute(link, "href"), draft.base)
    return _host(address) == _host(draft.base) and FILING_HREF.search(urlsplit(address).path) is not None


def _host(address: str) -> str:
    return urlsplit(valid_link(address)).netloc.removeprefix("www.")


def _leads_here(draft: Draft, link: Tag) -> bool:
    """Say whether a link leads to this post as a whole: not to one of its notes or sections."""
    address = valid_link(absolute(attribute(link, "href"), draft.base))
    fragment = address.partition("#")[2]
    return fragment in {"", "more"} and bool(address) and draft.addresses.find(address) == draft.key
