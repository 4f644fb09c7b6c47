"""Books made by hand, for the tests of the renderers. They are what the binder would hand over.

``small_book()`` is one feed with two short posts; ``full_book()`` has three feeds and one of everything
that an article can hold. All text and pictures are our own, and the same at each call.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser

from feed2book.models import (
    Article,
    Asset,
    Blob,
    Book,
    Counts,
    Entry,
    Ledger,
    Node,
    Part,
    Section,
    token,
)

ISSUED = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
FIRST_POST = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def ident(fragment: str) -> str:
    """Spell an id of an article: ``<p id="{ident('note')}">``."""
    return token("id", fragment)


def link(key: str, fragment: str = "") -> str:
    """Spell a link to a post of the book: ``<a href="{link('post-…')}">``."""
    return token("post", f"{key}#{fragment}" if fragment else key)


def key_of(title: str) -> str:
    """Return the key that the factory gives to the post of that title."""
    return "post-" + hashlib.sha256(title.encode()).hexdigest()[:8]


@cache
def picture(kind: str = "PNG", width: int = 320, height: int = 200, shade: int = 90) -> Asset:
    """Return a generated picture: waves of one shade (0 to 255), as ``PNG`` or ``JPEG``."""
    from PIL import Image

    rows = (bytes((shade + (x * y) // 97) % 256 for x in range(width)) for y in range(height))
    image = Image.frombytes("L", (width, height), b"".join(rows)).convert("RGB")
    stream = io.BytesIO()
    image.save(stream, kind)
    data = stream.getvalue()
    media_type = {"PNG": "image/png", "JPEG": "image/jpeg"}[kind]
    return Asset("img-" + hashlib.sha256(data).hexdigest()[:16], media_type, Blob(data), width, height)


def img(asset: Asset, alt: str, kind: str = "picture", width: int = 0, height: int = 0) -> str:
    """Return the ``<img>`` that the binder writes for an asset."""
    return (
        f'<img class="{kind}" src="{token("asset", asset.id)}" alt="{alt}" '
        f'width="{width or asset.width}" height="{height or asset.height}"/>'
    )


class _Reader(HTMLParser):
    """What the article room would know of a body: its ids and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        opening, closing = token("id", "|").split("|")
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value.removeprefix(opening).removesuffix(closing))

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def make_article(
    title: str,
    html: str,
    *,
    sections: tuple[Section, ...] = (),
    authors: tuple[str, ...] = ("Ada Marsh",),
    day: int = 0,
    url: str | None = None,
    language: str = "",
    direction: str = "ltr",
    words: int | None = None,
) -> Article:
    """Return an article. ``day`` counts from the first post's day; a negative one leaves it undated."""
    reader = _Reader()
    reader.feed(html)
    key = key_of(title)
    address = f"https://harbour.example/{key}/" if url is None else url
    return Article(
        key=key,
        entry=Entry(
            id=address or key,
            url=address,
            title=title,
            authors=authors,
            published=FIRST_POST + timedelta(days=day) if day >= 0 else None,
        ),
        title=title,
        html=html,
        sections=sections,
        ids=tuple(reader.ids),
        excerpt=" ".join(reader.words[:14]),
        language=language,
        direction=direction,
        ledger=Ledger(after=Counts(words=len(reader.words) if words is None else words)),
    )


def contents_of(parts: Sequence[Part]) -> tuple[Node, ...]:
    """Return the contents as the binder makes them: a book of one feed does not show its part."""
    numbers = iter(range(1, 10_000))

    def sections(key: str, found: Iterable[Section]) -> tuple[Node, ...]:
        return tuple(
            Node("section", one.title, key, one.id, children=sections(key, one.children)) for one in found
        )

    def articles(part: Part) -> tuple[Node, ...]:
        return tuple(
            Node(
                "article", one.title, one.key, number=next(numbers), children=sections(one.key, one.sections)
            )
            for one in part.articles
        )

    if len(parts) == 1:
        return articles(parts[0])
    return tuple(Node("part", part.title, part.key, children=articles(part)) for part in parts)


def make_book(
    parts: tuple[Part, ...],
    *,
    title: str = "The Harbour Letter",
    subtitle: str = "",
    authors: tuple[str, ...] = ("Ada Marsh",),
    language: str = "en",
    direction: str = "ltr",
    assets: tuple[Asset, ...] = (),
    cover: Asset | None = None,
    description: str = "",
    remarks: tuple[tuple[str, int], ...] = (),
) -> Book:
    """Return a book of these parts."""
    return Book(
        identifier=f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, title)}",
        title=title,
        subtitle=subtitle,
        authors=authors,
        language=language,
        direction=direction,
        issued=ISSUED,
        parts=parts,
        contents=contents_of(parts),
        assets=assets,
        cover=cover,
        description=description,
        remarks=remarks,
    )


def make_part(title: str, *articles: Article, subtitle: str = "", host: str = "harbour.example") -> Part:
    """Return a part: one feed and its articles."""
    key = "part-" + hashlib.sha256(title.encode()).hexdigest()[:8]
    return Part(key, title, subtitle, f"https://{host}/feed/", f"https://{host}/", articles)


def small_book() -> Book:
    """Return one feed, two short posts without sections, no pictures, no cover."""
    first = make_article("Low water", "<p>The tide went out at six and took the fog with it.</p>")
    second = make_article(
        "High water & after",
        f'<p>It came back at noon, as <a href="{link(first.key)}">it does</a>.</p>',
        day=1,
    )
    return make_book((make_part("Harbour Notes", first, second),))


def many_posts(count: int, words: int = 4_500) -> Book:
    """Return one feed with ``count`` text posts of about ``words`` words (4,500 are 28 kB) each."""
    sentence = "The keeper wrote down the wind, the height of water and every ship that passed. "
    section = (words // 8) // 15
    ids = [f"section-{number}" for number in range(8)]
    html = "\n".join(
        f'<h2 id="{ident(name)}">Watch {name[-1]}</h2>\n'
        + f"<p>{sentence * 5}</p>\n" * (section // 5)
        + f'<p>See <a href="#">the log</a> and <a href="{link(key_of("Day 0"))}">day 0</a>.</p>'.replace(
            'href="#"', f'href="#{ident(ids[0])}"'
        )
        for name in ids
    )
    sections = tuple(Section(name, 1, f"Watch {name[-1]}") for name in ids)
    posts = tuple(
        make_article(f"Day {day}", html, sections=sections, day=day % 20, words=words) for day in range(count)
    )
    return make_book((make_part("Harbour Log", *posts),), title="The Harbour Log")


TIDES = "How the tide table is made"
TOOLS = "Tools for a small harbour"
ARABIC = "دفتر الميناء"
JAPANESE = "港の朝"
LONG = (
    "A title that goes on for rather longer than a title should, as some feeds like theirs to be, & then on"
)


def _tides(photo: Asset, formula: Asset) -> Article:
    long_line = "amplitude in metres, speed in degrees an hour, phase in degrees; " * 2
    html = f"""
<p>A tide table is a forecast that comes true. This post shows how ours is made, and why it can be
trusted to the <em>minute</em> but not to the centimetre. It needs no more than patience and a pencil,
and <code>tide.py</code>.</p>
<ol>
<li><a href="#{ident("pull")}">The pull of the moon</a>
<ol>
<li><a href="#{ident("springs")}">Springs and neaps</a></li>
</ol></li>
<li><a href="#{ident("sums")}">The sums</a></li>
<li><a href="#{ident("table")}">The table</a></li>
</ol>
<h2 id="{ident("pull")}">The pull of the moon</h2>
<p>The moon pulls at the near side of the earth more than at the far side.<sup id="{ident("ref-1")}"><a
href="#{ident("note-1")}">1</a></sup> The water follows, twice a day, as
<a href="{link(key_of(TOOLS), "gauge")}">our gauge</a> shows.</p>
<figure>{img(photo, "The harbour wall at low water")}<figcaption>The wall at low water, with the
gauge at its foot.</figcaption></figure>
<h3 id="{ident("springs")}">Springs and neaps</h3>
<p>When the sun pulls along with the moon, the tides are <strong>springs</strong>; when it pulls across,
they are <strong>neaps</strong>.</p>
<blockquote><p>Time and tide wait for no man, but they do keep to the table.</p>
<p>The harbour master, most mornings</p></blockquote>
<h4 id="{ident("detail")}">A detail about the third-order term, which nobody needs</h4>
<p>It is small.</p>
<h2 id="{ident("sums")}">The sums</h2>
<p>The height is a sum of cosines, {img(formula, "h(t) = a cos(wt)", "formula", 96, 18)}, one for each
cause, and each has a speed that has been known for a century. A list of what goes in:</p>
<ul>
<li>the moon
<ul><li>twice a day (M2)</li><li>once a day (O1)
<ul><li>and its odd cousin</li></ul></li></ul></li>
<li>the sun</li>
</ul>
<p>The same in a few lines, one of them too long for any page:</p>
<pre><code class="language-python">from math import cos, radians

def height(hours: float, constituents: list[tuple[float, float, float]]) -> float:
    # {long_line}
    return sum(a * cos(radians(s * hours - p)) for a, s, p in constituents)  # &lt;- &amp; that is all
</code></pre>
<h2 id="{ident("table")}">The table</h2>
<table>
<caption>High water, first week of November</caption>
<thead><tr><th scope="col">Day</th><th scope="col">Morning</th><th scope="col">Height (m)</th>
<th scope="col">Remark</th></tr></thead>
<tbody>
<tr><th scope="row">Monday</th><td>05:12</td><td>4.81</td><td>Spring, and a westerly
that adds a hand</td></tr>
<tr><th scope="row">Tuesday</th><td>05:58</td><td>4.77</td><td></td></tr>
<tr><th scope="row">Wednesday</th><td>06:41</td><td>4.52</td><td>Fog</td></tr>
</tbody>
</table>
<dl><dt>Datum</dt><dd>The level that heights count from.</dd></dl>
<aside class="embed"><p>A film of the lock: <a href="https://films.example/lock">films.example</a></p></aside>
<p>One picture did not arrive: <span class="missing">A chart of the approaches</span>.</p>
<hr/>
<ol>
<li id="{ident("note-1")}"><p>Which is why there are two bulges, and two tides a day.
<a href="#{ident("ref-1")}">↩</a></p></li>
</ol>
"""
    sections = (
        Section(
            "pull",
            1,
            "The pull of the moon",
            (
                Section(
                    "springs",
                    2,
                    "Springs and neaps",
                    (Section("detail", 3, "A detail about the third-order term, which nobody needs"),),
                ),
            ),
        ),
        Section("sums", 1, "The sums"),
        Section("table", 1, "The table"),
    )
    return make_article(TIDES, html, sections=sections, authors=("Ada Marsh", "Tom Reeve"), words=1400)


def _tools(drawing: Asset) -> Article:
    html = f"""
<p>What we use, in the order in which it breaks. For the theory see
<a href="{link(key_of(TIDES))}">the last post</a>, and above all
<a href="{link(key_of(TIDES), "sums")}">its sums</a>.</p>
<p>{img(drawing, "")}</p>
<h2 id="{ident("gauge")}">The gauge</h2>
<p>A staff, a float and a clock. An address that does not break is harder to print than one might think:
<a href="https://harbour.example/gauge/readings?from=2026-11-01&amp;to=2026-11-30&amp;interval=PT10M">https://harbour.example/gauge/readings?from=2026-11-01&amp;to=2026-11-30&amp;interval=PT10M</a>.</p>
<h2 id="{ident("clock")}">The clock</h2>
<p>Press <kbd>Set</kbd> twice, then H<sub>2</sub>O off the glass, and read 10<sup>3</sup>.</p>
"""
    return make_article(
        TOOLS,
        html,
        sections=(Section("gauge", 1, "The gauge"), Section("clock", 1, "The clock")),
        day=3,
        words=620,
    )


def _arabic() -> Article:
    html = f"""
<p>نكتب كل صباح ارتفاع الماء واتجاه الريح وأسماء السفن التي تمر أمام الميناء.</p>
<h2 id="{ident("wind")}">الريح</h2>
<p>كانت الريح اليوم غربية خفيفة، وسرعتها <code dir="ltr">12 km/h</code> عند الظهر.</p>
<blockquote><p>البحر لا ينتظر أحدا.</p></blockquote>
<pre dir="ltr"><code>print("tide")  # left to right</code></pre>
"""
    return make_article(
        ARABIC,
        html,
        sections=(Section("wind", 1, "الريح"),),
        authors=("ليلى منصور",),
        day=5,
        language="ar",
        direction="rtl",
    )


def _japanese() -> Article:
    html = f"""
<p>朝の港は静かだ。潮が引くと、石の壁に<ruby>藻<rp>(</rp><rt>も</rt><rp>)</rp></ruby>が見える。</p>
<h2 id="{ident("ships")}">船</h2>
<p>小さな船が三隻、沖へ出て行った。</p>
"""
    return make_article(
        JAPANESE, html, sections=(Section("ships", 1, "船"),), authors=("水野はる",), day=8, language="ja"
    )


def full_book() -> Book:
    """Return three feeds, six posts, and one of everything that an article can hold; with a cover."""
    photo, drawing = picture("JPEG", 640, 400), picture("PNG", 300, 180, 20)
    formula = picture("PNG", 192, 36, 200)
    plain = make_article(LONG, "<p>And the post itself is short.</p>", authors=(), day=-1, url="", words=6)
    last = make_article(
        'Marks < 5 & "quotes"', "<p>A post with marks in its title.</p>", authors=("Tom Reeve",), day=9
    )
    return make_book(
        (
            make_part(
                "Harbour Notes", _tides(photo, formula), _tools(drawing), subtitle="Water, wind and wood"
            ),
            make_part("Far Shores", _arabic(), _japanese(), host="shores.example"),
            make_part("Odds & Ends", plain, last, host="ends.example"),
        ),
        subtitle="Water, wind and the things between",
        authors=("Ada Marsh", "Tom Reeve", "ليلى منصور", "水野はる"),
        assets=(photo, drawing, formula),
        cover=picture("JPEG", 800, 1280, 60),
        description="Three feeds about harbours, bound on 23 November 2026.",
        remarks=(("missing-pictures", 1),),
    )
