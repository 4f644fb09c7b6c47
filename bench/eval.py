"""Measure what articles keep of what they are made of: ``python -m bench.eval`` (``make eval``).

Two yardsticks, both in the folder that FEED2BOOK_CORPUS names. Real feeds: the share of the words of each
full post that comes out, junk apart, as the ledger has it. Pages with an expected text (``pages/``): their
article goes through the passes, and what comes out is held against what is expected: text by its words,
headings, images by their file names, code by its lines; precision, recall and F1 of each. That is measured
twice: of the article as a feed would have given it, and (``full text``) of what is extracted from the page.

The floor (``bench/floor.json``) holds the figures that were reached once. ``--check`` fails below it, and
``--raise-floor`` only raises it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time

from bench.yardstick import Parts, Score, article_parts, expected_parts, expected_title, main_part
from feed2book.article import Page, address_book, article_keys, clean, ends, extract, repeated_blocks
from feed2book.errors import FeedError
from feed2book.feed import parse_feed
from feed2book.models import Article, Entry, Response

FLOOR = Path(__file__).with_name("floor.json")
FULL_POST = 200  # words; shorter entries are summaries as a rule, and one word of them is half a percent
_URL = "https://corpus.example/post/"
_SLACK = 0.00005  # figures are kept to four places

Figures = dict[str, float]


def feed_articles(corpus: Path) -> Iterator[tuple[str, Article, float]]:
    """Yield file, article and processor seconds of every entry of every feed that can be read."""
    for path in sorted((corpus / "feeds").iterdir()):
        try:
            feed = parse_feed(Response(f"https://corpus.example/{path.name}", 200, (), path.read_bytes()))
        except FeedError:
            continue
        keys = article_keys([(feed.home, entry) for entry in feed.entries])
        addresses = address_book(zip(keys, feed.entries, strict=True))
        repeated = repeated_blocks(map(ends, feed.entries))
        for key, entry in zip(keys, feed.entries, strict=True):
            started = process_time()
            article = clean(entry, key, addresses, language=feed.language, repeated=repeated)
            yield path.name, article, process_time() - started


def measure_feeds(corpus: Path, worst: int) -> tuple[Figures, float]:
    """Return the figures of the feeds and the median of seconds a post; print the ``worst`` posts."""
    taken = list(feed_articles(corpus))
    full = [(file, article) for file, article, _ in taken if article.ledger.before.words >= FULL_POST]
    kept = [article.ledger.kept for _, article in full]
    for file, article in sorted(full, key=lambda pair: pair[1].ledger.kept)[:worst]:
        ledger = article.ledger
        print(
            f"  {ledger.kept:7.2%} of {ledger.before.words:6,} words  "
            f"{ledger.unexplained_images} images lost  {file}: {article.title[:50]}"
        )
    images = sum(article.ledger.before.images for _, article in full)
    lost = sum(article.ledger.unexplained_images for _, article in full)
    figures = {
        "feeds words, median": median(kept),
        "feeds words, worst": min(kept),
        "feeds images": 1 - lost / images,
    }
    return figures, median(seconds for *_, seconds in taken)


def page_cases(corpus: Path) -> Iterator[tuple[str, Path, Entry, Parts]]:
    """Yield the set, the file, the entry that a feed would have and what is expected of it, for each page."""
    for folder in sorted((corpus / "pages" / "readability").iterdir()):
        expected = (folder / "expected.html").read_text(encoding="utf-8")
        # A title that no heading repeats: the expected texts are without their own as a rule.
        entry = _entry(folder.name, "Evaluation", expected)
        yield "readability", folder / "source.html", entry, expected_parts(expected)
    for page in sorted((corpus / "pages" / "defuddle").glob("*.html")):
        expected = page.with_suffix(".expected.md").read_text(encoding="utf-8")
        parts = expected_parts(expected, markdown=True)
        markup = main_part(page.read_text(encoding="utf-8"), parts)
        yield "defuddle", page, _entry(page.stem, expected_title(expected), markup), parts


def _entry(name: str, title: str, markup: str) -> Entry:
    return Entry(name, url=f"{_URL}{name}/", title=title, content=markup)


def page_article(entry: Entry) -> Article:
    """Return the article of a page."""
    return clean(entry, "post-00000001", address_book([]), language="en")


def measure_pages(corpus: Path) -> tuple[dict[str, Score], float]:
    """Return the scores of each set of pages, by set and kind, and the median of seconds to extract one."""
    scores: dict[str, Score] = {}
    seconds = []
    for name, path, entry, expected in page_cases(corpus):
        started = process_time()
        found = extract(Page(entry.url, path.read_bytes(), "utf-8"))
        seconds.append(process_time() - started)
        ways = {name: entry, f"full text {name}": replace(entry, content=found.html)}
        for way, article in ways.items():
            parts = article_parts(page_article(article), expected)
            for kind, wanted in expected.items():
                scores.setdefault(f"{way} {kind}", Score()).add(parts[kind], wanted)
    return dict(sorted(scores.items(), key=lambda pair: pair[0].startswith("full"))), median(seconds)


def below(figures: Mapping[str, float], floor: Mapping[str, float]) -> list[str]:
    """Return a line for each figure that is below its floor, or that is gone."""
    return [
        f"{name}: {figures.get(name, 0.0):.4f} is below {least:.4f}"
        for name, least in floor.items()
        if figures.get(name, 0.0) < least - _SLACK
    ]


def raised(figures: Mapping[str, float], floor: Mapping[str, float]) -> Figures:
    """Return the floor, raised where a figure is higher."""
    return {name: max(floor.get(name, 0.0), round(figure, 4)) for name, figure in figures.items()}


def _print(figures: Figures, scores: Mapping[str, Score], floor: Mapping[str, float]) -> None:
    print(f"{'':<32}{'precision':>10}{'recall':>10}{'F1':>10}{'floor':>10}")
    for name, score in scores.items():
        least = floor.get(name, 0.0)
        print(f"{name:<32}{score.precision:>10.4f}{score.recall:>10.4f}{score.f1:>10.4f}{least:>10.4f}")
    for name in (name for name in figures if name not in scores):
        print(f"{name:<32}{'':>20}{figures[name]:>10.4f}{floor.get(name, 0.0):>10.4f}")


def main() -> int:
    """Measure, print, and compare with the floor if wanted."""
    parser = argparse.ArgumentParser(prog="python -m bench.eval", description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail if a figure is below the floor")
    parser.add_argument("--raise-floor", action="store_true", help="raise the floor to what was reached")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="show the N posts that lost most")
    options = parser.parse_args()
    corpus = Path(os.environ.get("FEED2BOOK_CORPUS", ""))
    if not (corpus / "pages").is_dir():
        print("set FEED2BOOK_CORPUS to the folder with feeds/ and pages/", file=sys.stderr)
        return 2
    floor: Figures = json.loads(FLOOR.read_text(encoding="utf-8")) if FLOOR.exists() else {}
    figures, seconds = measure_feeds(corpus, options.worst)
    scores, extracting = measure_pages(corpus)
    figures.update({name: score.f1 for name, score in scores.items()})
    _print(figures, scores, floor)
    print(f"{seconds * 1000:.1f} ms a post, {extracting * 1000:.1f} ms a page (medians, one process)")
    if options.raise_floor:
        FLOOR.write_text(json.dumps(raised(figures, floor), indent=2) + "\n", encoding="utf-8")
    wrong = below(figures, floor) if options.check else []
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
