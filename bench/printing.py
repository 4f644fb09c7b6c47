"""The posts of the bench as one HTML file, and WeasyPrint alone on them. Started by the bench.

``python -m bench.printing html N FILE`` writes what a browser can print: our HTML, sheet and fonts.
``python -m bench.printing weasyprint N FILE`` prints it with WeasyPrint as it is, and says in JSON how many
pages that gave in how many seconds of the processor.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from time import process_time

from bench import posts
from feed2book.models import Book, BookOptions, RenderOptions, Response

_FONT = re.compile(r"book:font/((SourceSerif|SourceSans)Pro-[A-Za-z]+\.ttf)")
_PACKAGES = {"SourceSerif": "font_source_serif_pro", "SourceSans": "font_source_sans_pro"}


def book(count: int) -> Book:
    """Return a book of so many posts."""
    from feed2book.article import address_book, article_keys, clean
    from feed2book.book import bind, select
    from feed2book.feed import parse_feed

    feed = parse_feed(Response(f"{posts.HOME}/feed", 200, (), posts.feed(count).encode()))
    ((feed, entries),), _ = select((feed,), BookOptions())
    keys = article_keys([(feed.home, entry) for entry in entries])
    addresses = address_book(list(zip(keys, entries, strict=True)))
    pairs = zip(keys, entries, strict=True)
    articles = tuple(clean(entry, key, addresses, language=feed.language) for key, entry in pairs)
    return bind(((feed, articles),), {}, BookOptions(), datetime(2026, 1, 1, tzinfo=UTC))[0]


def page(count: int) -> str:
    """Return the posts as one page that needs nothing but our fonts, which it names as files."""
    from feed2book.render.pdf import parts
    from feed2book.render.pdf.page import style_sheet

    parts._MOST = 10**12
    options = RenderOptions()
    sheet = _FONT.sub(
        lambda one: Path(str(files(_PACKAGES[one[2]]) / "files" / one[1])).as_uri(),
        style_sheet(options, "ltr"),
    )
    (chapters,) = parts.cut(book(count), options, sheet)
    html = chapters.leaf().html.replace("book:goto/", "#")
    return re.sub(r'<link rel="stylesheet"[^<>]*>', lambda _: f"<style>{sheet}</style>", html)


def main() -> None:
    """Write the page, or print it."""
    what, count, target = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    html = page(count)
    if what == "html":
        target.write_text(html, encoding="utf-8")
        return
    import weasyprint

    started = process_time()
    document = weasyprint.HTML(string=html).render(presentational_hints=True)
    document.write_pdf(target)
    print(json.dumps({"pages": len(document.pages), "cpu": process_time() - started}))


if __name__ == "__main__":
    main()
