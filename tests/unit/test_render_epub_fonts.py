"""Faces in the book: on request only, cut to its letters, the same bytes each time."""

from __future__ import annotations

import io
import re
import zipfile

from factories import full_book, make_article, make_book, make_part
from fontTools.ttLib import TTFont

from feed2book.models import Book, RenderOptions
from feed2book.render.epub import render_epub


def opened(book: Book, *, embed: bool) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(render_epub(book, RenderOptions(embed_fonts=embed)).data))


def test_no_face_goes_in_unless_asked_for() -> None:
    archive = opened(full_book(), embed=False)
    assert not [name for name in archive.namelist() if "font" in name]
    assert b'font-family: "Book' not in archive.read("EPUB/css/book.css")


def test_faces_have_the_letters_of_the_book_and_no_others() -> None:
    book = make_book((make_part("Feed", make_article("Héllo", "<p>Ž &amp; ﬁne… 潮</p>")),))
    archive = opened(book, embed=True)
    fonts = {name for name in archive.namelist() if name.startswith("EPUB/fonts/")}
    assert len(fonts) == 6
    sheet = archive.read("EPUB/css/fonts.css").decode()
    assert {f"EPUB/{name}" for name in re.findall(r'url\("\.\./([^"]+)"\)', sheet)} == fonts
    for name in fonts:
        letters = TTFont(io.BytesIO(archive.read(name))).getBestCmap()
        assert {ord(char) for char in "éŽ…aZ9"} <= set(letters)
        assert ord("ß") not in letters
        assert len(archive.read(name)) < 60_000
    assert b'media-type="font/ttf"' in archive.read("EPUB/content.opf")
    assert b"css/fonts.css" in archive.read("EPUB/title.xhtml")


def test_the_same_letters_give_the_same_bytes() -> None:
    book = make_book((make_part("Feed", make_article("A", "<p>b</p>")),))
    first, second = (render_epub(book, RenderOptions(embed_fonts=True)).data for _ in range(2))
    assert first == second
