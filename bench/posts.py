"""Posts for the benchmarks: any number, always the same ones, like those of a long-winded blog.

A post has some 3,000 words in 28 kB of HTML: sections two levels deep, lists, quotes, and links to other
posts of the feed; a technical one has code and tables as well. With photographs, each post has three of
1600×1000 pixels besides. The kind of posts stands in the environment, since each measurement is a process.
"""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL.Image import Image

HOME = "https://bench.example"
KIND = "BENCH_POSTS"  # the variable that says which kind they are
KINDS = ("technical", "text")
PHOTOGRAPHS = 3  # in each post, no two of them the same
COMMON = ("a", "and", "as", "by", "for", "from", "in", "is", "it", "of", "on", "that", "the", "to", "with")
SYLLABLES = (
    *(
        "al",
        "an",
        "ble",
        "cal",
        "con",
        "cor",
        "dis",
        "el",
        "en",
        "er",
        "ex",
        "fer",
        "gra",
        "in",
        "ing",
        "ist",
    ),
    *("lar", "ment", "mo", "nal", "ness", "or", "per", "pre", "ra", "re", "se", "sion", "ta", "tem", "ter"),
    *("tion", "tor", "tra", "un", "ver"),
)


def _vocabulary() -> tuple[str, ...]:
    """Return words that nobody knows, of the lengths that English has; a third of any text is common ones."""
    random = Random(1)
    long_ones = ["".join(random.choices(SYLLABLES, k=random.choice((2, 3, 3, 4, 4)))) for _ in range(1_500)]
    return (*long_ones, *COMMON * 50)


WORDS = _vocabulary()


class Writer:
    """Writes one post. Its number decides every word of it."""

    def __init__(self, number: int, count: int) -> None:
        self.random = Random(number)
        self.number, self.count = number, count

    def words(self, least: int, most: int) -> str:
        """Return words, at least and at most so many."""
        return " ".join(self.random.choices(WORDS, k=self.random.randint(least, most)))

    def sentence(self) -> str:
        """Return a sentence."""
        return self.words(8, 22).capitalize() + "."

    def text(self, sentences: int) -> str:
        """Return so many sentences."""
        return " ".join(self.sentence() for _ in range(sentences))

    def paragraph(self) -> str:
        """Return a paragraph with a link to a part of another post."""
        other = self.random.randrange(self.count)
        link = f'<a href="{address(other)}#part-{self.random.randrange(6)}">{self.words(2, 4)}</a>'
        stressed, strong = f"<em>{self.words(2, 5)}</em>", f"<strong>{self.words(1, 3)}</strong>"
        return f"<p>{self.text(3)} {stressed}, {link}: {self.text(2)} {strong}.</p>"

    def listing(self) -> str:
        """Return a list with a list in it."""
        inner = "".join(f"<li>{self.sentence()}</li>" for _ in range(3))
        items = "".join(f"<li>{self.sentence()}</li>" for _ in range(4))
        return f"<ul>{items}<li>{self.words(3, 6)}<ol>{inner}</ol></li></ul>"

    def code(self) -> str:
        """Return a block of code, with long lines."""
        names = [self.words(1, 1) for _ in range(8)]
        lines = [f"def {names[0]}({names[1]}, {names[2]}):"]
        lines += [
            f"    {name} = {names[1]}[{i}] + {names[2]}.{name}({i} < 7)  # {self.words(3, 9)}"
            for i, name in enumerate(names)
        ]
        return f'<pre><code class="language-python">{escape(chr(10).join(lines), quote=False)}\n</code></pre>'

    def table(self) -> str:
        """Return a table of numbers."""
        head = "".join(f"<th>{self.words(1, 2)}</th>" for _ in range(4))
        rows = "".join(
            "<tr>" + "".join(f"<td>{self.random.randint(0, 9999)}</td>" for _ in range(4)) + "</tr>"
            for _ in range(6)
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def special(self) -> Sequence[Callable[[], str]]:
        """Return what only one kind of posts has."""
        technical = os.environ.get(KIND, KINDS[0]) == "technical"
        return (self.code, self.table) if technical else (self.paragraph,)

    def section(self, part: int) -> str:
        """Return a section with a smaller one in it."""
        blocks = [
            f'<h2 id="part-{part}">{self.words(2, 6).capitalize()}</h2>',
            *(self.paragraph() for _ in range(3)),
            self.random.choice([self.listing, *self.special()])(),
            f"<h3>{self.words(2, 5).capitalize()}</h3>",
            self.paragraph(),
            f"<blockquote><p>{self.text(2)}</p></blockquote>" if part % 3 == 1 else self.paragraph(),
        ]
        return "\n".join(blocks)

    def post(self, photographs: str = "") -> str:
        """Return the post as HTML; ``photographs`` is the address of their server."""
        pictures = [
            f'<p><img src="{place}" width="1600" height="1000" alt="{self.words(3, 6)}"></p>'
            for place in places(self.number, photographs)
        ]
        return "\n".join([*pictures, *(self.section(part) for part in range(6))])


def places(number: int, photographs: str) -> list[str]:
    """Return the addresses of a post's photographs, none without a server."""
    first = number * PHOTOGRAPHS
    return [f"{photographs}/{first + i}.jpg" for i in range(PHOTOGRAPHS)] if photographs else []


def address(number: int) -> str:
    """Return the permalink of a post."""
    return f"{HOME}/posts/{number}/"


def title(number: int) -> str:
    """Return the title of a post."""
    return f"Post {number + 1}: {Writer(-number - 1, 1).words(3, 6)}"


def bodies(count: int, photographs: str = "", new: int = 0) -> list[str]:
    """Return the HTML of ``count`` posts, and of ``new`` ones that link to them."""
    return [Writer(number, count).post(photographs) for number in range(count + new)]


def feed(count: int, photographs: str = "", new: int = 0) -> str:
    """Return an RSS feed of ``count`` posts, a day apart, and of ``new`` ones after them."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    items = "".join(
        f"<item><title>{title(number)}</title><link>{address(number)}</link>"
        f"<guid>{address(number)}</guid><pubDate>{format_datetime(start + timedelta(number))}</pubDate>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item>\n"
        for number, body in enumerate(bodies(count, photographs, new))
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Bench</title><link>{HOME}/</link><language>eo</language>\n{items}</channel></rss>\n"
    )


def pages(count: int) -> list[str]:
    """Return the same posts as web pages, one each, for programs that read files."""
    return [
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title(number)}</title></head>'
        f"<body><h1>{title(number)}</h1>\n{body}</body></html>\n"
        for number, body in enumerate(bodies(count))
    ]


@cache
def _scenes() -> list[Image]:
    """Return a few pictures that pack as a camera's do."""
    from PIL import Image

    size = (1600, 1000)
    random = Random(1)
    found = []
    for _ in range(8):
        coarse = Image.frombytes("RGB", (16, 10), random.randbytes(480))
        grain = Image.frombytes("RGB", (800, 500), random.randbytes(1_200_000))
        layers = [layer.resize(size, Image.Resampling.BICUBIC) for layer in (coarse, grain)]
        found.append(Image.blend(layers[0], layers[1], 0.15))
    return found


def photograph(number: int) -> bytes:
    """Return a JPEG of 1600×1000 pixels and some 500 kB, as a camera would make it; each number another."""
    from PIL import ImageChops

    scenes = _scenes()
    out = io.BytesIO()
    moved = ImageChops.offset(scenes[number % len(scenes)], 8 * (number // len(scenes)), 0)
    moved.save(out, "JPEG", quality=85)
    return out.getvalue()
