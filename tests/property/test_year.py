"""A year of an edition, week by week, over feeds that do what feeds do: each post goes exactly once."""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

import pytest
from server.app import Exchange, serve

from feed2book.models import (
    BookOptions,
    Delivery,
    Edition,
    FetchOptions,
    RenderOptions,
    Source,
)
from feed2book.pipeline import run_edition

START = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
WEEKS = 52
WORDS = ("wind", "water", "ship", "pilot", "mast", "rope", "gull", "tide", "lamp", "stone", "wall", "rain")


@dataclass
class Post:
    """A post as the feed has it now; ``token`` is in its text and says which it is.

    ``fetched`` says that it ever was, ``told`` that it was since it last changed.
    """

    token: str
    guid: str
    link: str
    title: str
    words: list[str]
    date: datetime
    fetched: bool = False
    told: bool = False

    @property
    def item(self) -> str:
        fields = {"guid": self.guid, "link": self.link, "title": self.title}
        said = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items() if value)
        return f"<item>{said}%s<description>{self.token} {' '.join(self.words)}</description></item>"


Edit = Callable[[Post, random.Random], None]


def rewrite(post: Post, chance: random.Random) -> None:
    post.words[chance.randrange(len(post.words)) :] = chance.choices(WORDS, k=60)


def rename(post: Post, chance: random.Random) -> None:
    post.title = f"{chance.choice(WORDS)} and {chance.choice(WORDS)} {post.token}"


def redate(post: Post, chance: random.Random) -> None:
    post.date += timedelta(days=chance.randint(-2, 9))


def reguid(post: Post, chance: random.Random) -> None:
    post.guid = f"urn:{chance.random()}"


def move(post: Post, chance: random.Random) -> None:
    post.link += f"-{chance.randrange(1000)}"


def decorate(post: Post, chance: random.Random) -> None:
    post.link = f"{post.link.partition('?')[0]}?utm_campaign={chance.randrange(1000)}"


@dataclass
class Blog:
    """A feed that grows and changes. ``guid``, ``link`` and ``title`` say what its posts have in common."""

    name: str
    guid: str = "{name}-{number}"
    link: str = "https://{name}.example/{number}"
    title: str = "Log {number}"
    edits: tuple[tuple[Edit, ...], ...] = ((rewrite,), (rename,), (redate,))
    dated: bool = True
    gone: int = WEEKS
    copies: Blog | None = None
    posts: list[Post] = field(default_factory=list)
    answer: str = "all"

    def live(self, week: int, chance: random.Random) -> None:
        """Let a week pass: posts come, posts change, and the server has its moods."""
        moods = chance.choices(("all", "down", "reset", "cut"), (7, 1, 1, 1))
        self.answer = "gone" if week >= self.gone else moods[0]
        for post in self.posts[-6:]:
            if post.told and chance.random() < 0.3:
                post.told = False
                for edit in chance.choice(self.edits):
                    edit(post, chance)
        # A copy that is out of date when it is first read, under a title of its own, is another post.
        if self.copies and self.answer == "all":
            known = {post.token for post in self.posts}
            for post in self.copies.posts:
                if post.told and post.token not in known:
                    self.publish(week, chance, post)
        elif not self.copies and week < self.gone:
            for _ in range(chance.randint(0, 3)):
                self.publish(week, chance)

    def publish(self, week: int, chance: random.Random, original: Post | None = None) -> None:
        values = {"name": self.name, "number": len(self.posts)}
        guid, link, title = (form.format(**values) for form in (self.guid, self.link, self.title))
        date = START + WEEK * week - timedelta(hours=chance.randint(1, 160))
        post = Post(f"{self.name}{len(self.posts):03}x", guid, link, title, chance.choices(WORDS, k=60), date)
        if original:
            post.token, post.link, post.words = original.token, original.link, list(original.words)
        self.posts.append(post)

    def serve(self, exchange: Exchange) -> None:
        """Answer with the newest posts: all that were never fetched, and some that were."""
        if self.answer == "gone":
            return exchange.send(410)
        if self.answer == "down":
            return exchange.send(503, retry_after="0")
        if self.answer == "reset":
            return exchange.reset()
        new = sum(not post.fetched for post in self.posts)
        window = self.posts[::-1][: max(new, 5)]
        items = "".join(
            post.item % (f"<pubDate>{format_datetime(post.date)}</pubDate>" if self.dated else "")
            for post in window
        )
        home = f"https://{self.name}.example/"
        text = f"<rss><channel><title>{self.name}</title><link>{home}</link>{items}</channel></rss>".encode()
        if self.answer == "cut":
            return self.cut(exchange, text, window)
        tag = f'"{hashlib.sha256(text).hexdigest()}"'
        for post in window:
            post.fetched = post.told = True
        if exchange.headers.get("if-none-match") == tag:
            return exchange.send(304, etag=tag)
        return exchange.send(200, text, etag=tag, content_type="application/rss+xml")

    def cut(self, exchange: Exchange, text: bytes, window: list[Post]) -> None:
        """Break off somewhere in the last post."""
        for post in window[:-1]:
            post.fetched = post.told = True
        start = text.rfind(b"<item>")
        exchange.hang_up()
        exchange.send(200, text[: start + len(text) % (len(text) - start)], content_length=str(len(text)))


def blogs() -> list[Blog]:
    usual = Blog(
        "usual",
        edits=(
            (rewrite,), (rename,), (redate,), (reguid,), (move,), (decorate,), (reguid, move),
            (rename, rewrite), (reguid, rewrite), (reguid, rename), (redate, rename, rewrite, move),
        ),
    )  # fmt: skip
    return [
        usual,
        Blog("noguids", guid="", edits=((rewrite,), (rename,), (redate,), (move,), (rename, rewrite))),
        Blog("oneguid", guid="feed"),
        Blog("home", link="https://home.example/", edits=((rewrite, rename), (redate,), (reguid,))),
        Blog("links", title="Links of the week", edits=((rewrite,), (reguid,), (move, redate))),
        Blog("undated", dated=False),
        Blog("ended", gone=30),
        Blog("planet", copies=usual, edits=((rewrite,), (rename,))),
    ]


@pytest.mark.parametrize(("seed", "updates"), [(1, "ignore"), (3, "resend")])
def test_each_post_goes_exactly_once(tmp_path: Path, seed: int, updates: str) -> None:
    chance = random.Random(seed)
    found = blogs()
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    with ExitStack() as stack:
        server = stack.enter_context(serve({f"/{blog.name}": blog.serve for blog in found}))
        edition = Edition(
            name="weekly",
            sources=tuple(Source(f"{server.url}/{blog.name}") for blog in found),
            fetch=FetchOptions(cache_dir=tmp_path / "cache", retries=0, concurrency=1),
            book=BookOptions(cover=False),
            render=RenderOptions(),
            outputs=("email",),
            deliveries=(Delivery("folder", "shelf", path=shelf, outputs=("email",)),),
            updates=updates,
        )
        for week in range(1, WEEKS + 1):
            for blog in found:
                blog.live(week, chance)
            if week == WEEKS:  # what is left must be had
                for blog in found:
                    blog.answer = "gone" if blog.answer == "gone" else "all"
            run_edition(edition, tmp_path / "data", START + WEEK * week, reveal=str)
    sent = Counter(
        token for path in shelf.iterdir() for token in set(re.findall(r"\b[a-z]+\d{3}x", path.read_text()))
    )
    published = {post.token for blog in found for post in blog.posts if post.fetched}
    assert len(published) > 300
    assert published - set(sent) == set()
    if updates == "ignore":
        assert {token: count for token, count in sent.items() if count > 1} == {}
