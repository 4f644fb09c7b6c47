"""The full text of posts of which the feed has a summary: their pages are fetched, the articles extracted."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import starmap
from typing import TYPE_CHECKING

from feed2book.errors import Code, FetchError
from feed2book.models import Entry, Feed, Notice, Response
from feed2book.models.addresses import canonical, is_root
from feed2book.pipeline.reading import trusted_hosts
from feed2book.pipeline.run import Run
from feed2book.pipeline.site_rules import SiteRules
from feed2book.store import Shelf

if TYPE_CHECKING:
    from feed2book.article import Extract, Page
    from feed2book.book import Plan
    from feed2book.fetch import Fetcher

_MOST_PAGES = 20  # of one post
_BATCH = 50  # pages that are held unpacked
_PACE = 1e-6  # seconds that it takes to read a byte of a page
_TOLD = 1_000  # characters of a summary that its page is known by
_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain"})


@dataclass(frozen=True, slots=True)
class Completed:
    """The posts of a plan, completed where that could be done.

    ``selected`` is as in the plan. ``digests`` are of what the feeds say of each post, in the same order:
    what its page adds makes no other post of it; ``""`` where the page is still to be had.
    """

    selected: tuple[tuple[Feed, tuple[Entry, ...]], ...]
    digests: tuple[str, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(slots=True)
class _Post:
    """A post whose page is wanted: where it stands in the plan, and what was had so far."""

    place: int
    feed: Feed
    entry: Entry
    name: str
    pages: list[Extract] = field(default_factory=list)
    visited: dict[str, None] = field(default_factory=dict)
    found: Extract | None = None
    trouble: str = ""

    @property
    def saved(self) -> bool:
        """Whether the entry is its page, which is then all that there is."""
        return self.entry.content_kind == "page"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page that came, packed: hundreds of them wait together. ``size`` is that of its body, in bytes."""

    url: str
    charset: str
    packed: bytes
    size: int


def complete(plan: Plan, run: Run, fetcher: Fetcher) -> Completed:
    """Fetch the pages of the plan's posts of which more is wanted than their feeds say, and extract them.

    What was extracted in an earlier run is not asked for again as long as the feed says the same.
    """
    entries = [entry for _, selected in plan.selected for entry in selected]
    digests = [entry.digest for entry in entries]
    rules = SiteRules(run.job.sites)
    posts = list(_wanted(plan, run, rules, fetcher))
    if not posts:
        return Completed(plan.selected, tuple(digests))
    _read(posts, rules, run, fetcher)
    said = _Said()
    images = Counter((post.feed.url, post.found.image) for post in posts if post.found)
    for post in posts:
        if post.trouble:
            digests[post.place] = ""
            said.tell(post, post.trouble)
        if post.found:
            alone = images[post.feed.url, post.found.image] == 1
            entries[post.place] = _merged(post, post.found, said, alone=alone)
    remaining = iter(entries)
    selected = tuple((feed, tuple(next(remaining) for _ in found)) for feed, found in plan.selected)
    return Completed(selected, tuple(digests), (*rules.notices, *said.notices()))


def dated(feeds: Sequence[Feed], run: Run, fetcher: Fetcher) -> tuple[tuple[Feed, ...], tuple[Notice, ...]]:
    """Ask pages when their posts were published, where a range of dates is wanted and the feeds do not say.

    What is extracted on the way is in the store when the posts that are chosen are completed.
    """
    from feed2book.book import is_open, plan_anew

    wanted = run.job.book
    asked = [(feed, tuple(entry for entry in feed.entries if is_open(entry, wanted))) for feed in feeds]
    found = complete(plan_anew(asked), run, fetcher)
    return tuple(starmap(_with_dates, zip(feeds, found.selected, strict=True))), found.notices


def _with_dates(feed: Feed, found: tuple[Feed, tuple[Entry, ...]]) -> Feed:
    days = {entry.id: entry.published for entry in found[1]}
    if not any(days.values()):
        return feed
    entries = (replace(one, published=days.get(one.id, one.published)) for one in feed.entries)
    return replace(feed, entries=tuple(entries))


def _wanted(plan: Plan, run: Run, rules: SiteRules, fetcher: Fetcher) -> Iterator[_Post]:
    """Yield the posts whose page is wanted, with what an earlier run made of it.

    Who logs in gets another page: what was extracted for strangers is not his.
    """
    from feed2book.article import Extract
    from feed2book.article.summaries import summaries

    shelf = Shelf(run.store, Extract)
    place = -1
    for feed, entries in plan.selected:
        way = run.job.reach_of(feed.source).full_text
        short = summaries(feed) if way == "auto" and entries else frozenset()
        for entry in entries:
            place += 1
            on_the_web = entry.url.startswith(("http://", "https://"))
            wanted = entry.id in short or (way == "always" and on_the_web) or entry.content_kind == "page"
            if wanted and plan.keys[place] not in plan.kept:
                reader, rule = fetcher.identity(entry.url, feed.source), rules.of(entry.url)
                name = shelf.name(entry.url, reader, entry.digest, entry.content_kind, rule)
                yield _Post(place, feed, entry, name, found=shelf.get(name))


def _read(posts: Sequence[_Post], rules: SiteRules, run: Run, fetcher: Fetcher) -> None:
    """Find the article of each post that has none yet, on as many pages as it stands on."""
    from feed2book.article import Extract, joined

    missing = [post for post in posts if post.found is None]
    wanted = [(post, post.entry.page or post.entry.url) for post in missing]
    while wanted:
        wanted = list(_round(wanted, rules, run, fetcher))
    shelf = Shelf(run.store, Extract)
    for post in missing:
        if post.pages:
            post.found = joined(post.pages)
            if not post.trouble:
                shelf.put(post.name, post.found)


def _round(
    wanted: Sequence[tuple[_Post, str]], rules: SiteRules, run: Run, fetcher: Fetcher
) -> Iterator[tuple[_Post, str]]:
    """Fetch and read one page of each post; yields the addresses of their next pages."""
    from feed2book.article import extract

    came = fetcher.pages(
        [(url, post.feed.source) for post, url in wanted if not post.saved],
        _taken,
        trusted=trusted_hosts(run.job),
        progress=lambda done, total: run.progress("pages", done, total),
    )
    ready: list[tuple[_Post, str, _Sheet]] = []
    for post, url in wanted:
        sheet = _of_entry(post.entry) if post.saved else came[url, post.feed.source]
        if isinstance(sheet, FetchError):
            post.trouble = sheet.message
        else:
            ready.append((post, url, sheet))
    run.workers.begin(_PACE * sum(sheet.size for _, _, sheet in ready))  # each batch alone may be too little
    for start in range(0, len(ready), _BATCH):
        batch = ready[start : start + _BATCH]
        pages = [_page(post, sheet, rules) for post, _, sheet in batch]
        made = run.workers.map(extract, pages, seconds=_PACE * sum(len(page.body) for page in pages))
        for (post, url, _), page, found in zip(batch, pages, made, strict=True):
            if onward := _onward(post, (url, page.url), found):
                yield post, onward


def _taken(response: Response) -> _Sheet:
    """Pack a page; what is no page, or that of another address, is refused."""
    kind, _, rest = response.header("content-type").partition(";")
    if kind.strip().lower() not in _TYPES:
        raise FetchError(f"its address leads to no web page ({kind.strip()})", where=response.url)
    if is_root(canonical(response.url)) and not is_root(canonical(response.requested or response.url)):
        raise FetchError("its address leads to the front page now", where=response.url)
    charset = rest.rpartition("charset=")[2].strip(" '\"") if "charset=" in rest else ""
    return _packed(response.url, charset, response.body)


def _of_entry(entry: Entry) -> _Sheet:
    """Return the page that an entry is."""
    body = entry.content.encode("utf-8", "surrogatepass")
    return _packed(entry.base or entry.url, "utf-8", body)


def _packed(url: str, charset: str, body: bytes) -> _Sheet:
    return _Sheet(url, charset, zlib.compress(body, 1), len(body))


def _page(post: _Post, sheet: _Sheet, rules: SiteRules) -> Page:
    from feed2book.article import Page

    entry = post.entry
    told = () if post.saved or post.pages else (entry.title, entry.text[:_TOLD])
    first = next(iter(post.visited), "") if post.pages else ""
    rule = rules.of(sheet.url)
    if post.saved:
        rule = replace(rule, single_page=())
    number = len(post.pages) + 1
    url = entry.url if entry.page else sheet.url  # the addresses in a copy count from where it was
    return Page(url, zlib.decompress(sheet.packed), sheet.charset, told, rule, number, first)


def _onward(post: _Post, addresses: tuple[str, str], found: Extract) -> str:
    """Take what a page gives, and return the address that is wanted next, ``""`` if there is none."""
    from feed2book.article import goes_on

    post.visited |= dict.fromkeys(addresses)
    if found.trouble:
        post.trouble = found.trouble
        return ""
    if not found.single:
        if post.pages and not goes_on(post.pages, found):
            return ""
        post.pages.append(found)
    onward = "" if post.saved else found.single or found.following
    if canonical(onward) not in set(map(canonical, post.visited)) and len(post.visited) < _MOST_PAGES:
        return onward
    if not post.pages:
        post.trouble = "its pages lead to one another in place of the post"
    return ""


def _merged(post: _Post, found: Extract, said: _Said, *, alone: bool) -> Entry:
    """Return the post completed, or as it is where its feed says as much.

    ``alone`` says that no other post's page names the same picture, which else is the site's own.
    """
    from feed2book.article import completed, says_more

    if not says_more(post.entry, found):
        said.tell(post, "its page has no more of it")
        return post.entry
    if found.walled:
        said.tell(post, "its page says that the text is not free, what it shows was taken")
    return completed(post.entry, found if alone else replace(found, image=""), language=post.feed.language)


class _Said:
    """What fell short, by feed and reason: a feed whose host is down is one notice, not hundreds."""

    def __init__(self) -> None:
        self._posts: dict[tuple[str, str], list[_Post]] = {}

    def tell(self, post: _Post, reason: str) -> None:
        """Note why a post is not whole."""
        self._posts.setdefault((post.feed.url, reason), []).append(post)

    def notices(self) -> Iterator[Notice]:
        """Yield a notice for each reason of each feed."""
        for (_, reason), posts in self._posts.items():
            first = posts[0]
            if len(posts) == 1:
                where = first.entry.title or first.entry.url
                yield Notice(Code.TEXT_INCOMPLETE, f"it is not whole: {reason}", where)
            else:
                message = f"{len(posts)} posts are not whole: {reason}"
                yield Notice(Code.TEXT_INCOMPLETE, message, first.feed.title or first.feed.url)
