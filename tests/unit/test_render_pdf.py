"""The PDF as a whole: what is in it, what it may load, the same bytes twice."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from factories import LONG, TIDES, full_book, key_of, make_article, make_book, make_part, small_book

from feed2book.errors import RenderError, UsageError
from feed2book.models import Artifact, Book, Node, RenderOptions
from feed2book.render.pdf import render_pdf
from feed2book.render.pdf.pango import install_command

ROOT = Path(__file__).resolve().parents[2]


@cache
def full() -> Artifact:
    return render_pdf(full_book(), RenderOptions())


@cache
def opened() -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(full().data))


def words(data: bytes, *options: str) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    told = subprocess.run(["pdftotext", *options, "-", "-"], input=data, capture_output=True, check=True)
    return told.stdout.decode()


def one_post(html: str, **more: Any) -> Book:
    return make_book((make_part("Notes", make_article("A post", html, **more)),))


def test_the_artifact_says_what_it_is() -> None:
    made = full()
    assert made.filename.endswith(".pdf")
    assert made.media_type == "application/pdf"
    assert made.pages == len(opened().pages) > 10


def test_metadata() -> None:
    pdf = opened()
    assert str(pdf.Root.Lang) == "en"
    assert str(pdf.docinfo["/Title"]) == "The Harbour Letter"
    assert str(pdf.docinfo["/CreationDate"]) == str(pdf.docinfo["/ModDate"]) == "D:20261123063000Z"
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"


@pytest.mark.parametrize(
    ("page", "size"), [("a5", (420, 595)), ("a4", (595, 842)), ("letter", (612, 792))], ids=str
)
def test_paper(page: str, size: tuple[int, int]) -> None:
    made = render_pdf(small_book(), RenderOptions(page=page))
    for sheet in pikepdf.open(BytesIO(made.data)).pages:
        assert tuple(round(float(value)) for value in list(sheet.mediabox)[2:]) == size


def test_unknown_paper() -> None:
    with pytest.raises(UsageError, match="a3"):
        render_pdf(small_book(), RenderOptions(page="a3"))


def outline_of(items: Any) -> list[Any]:
    return [(item.title, outline_of(item.children)) for item in items]


def nodes_of(nodes: tuple[Node, ...]) -> list[Any]:
    return [(node.title, nodes_of(node.children)) for node in nodes]


def test_bookmarks_are_the_contents() -> None:
    with opened().open_outline() as outline:
        assert outline_of(outline.root) == [("Contents", []), *nodes_of(full_book().contents)]


def destinations(pdf: pikepdf.Pdf) -> dict[str, str]:
    """Return the label of the page of each named destination."""
    labels = {page.objgen: page.label for page in pdf.pages}
    tree = pikepdf.NameTree(pdf.Root.Names.Dests)
    return {str(name): labels[place[0].objgen] for name, place in tree.items()}  # type: ignore[index]


def links(page: Any) -> list[Any]:
    return [annotation for annotation in page.get("/Annots", []) if "/Dest" in annotation]


def test_every_internal_link_lands() -> None:
    places = destinations(opened())
    targets = [str(link.Dest) for page in opened().pages for link in links(page)]
    assert set(targets) <= set(places)
    assert {f"{key_of(TIDES)}-sums", key_of(TIDES)} <= set(targets)
    assert len(set(places.values())) > 5


def test_contents_print_the_page_where_the_post_is() -> None:
    text = words(full().data, "-layout", "-f", "3", "-l", "4")
    places = destinations(opened())
    for node in (node for top in full_book().contents for node in top.walk()):
        if node.title.isascii() and node.title != LONG:
            line = next(line for line in text.splitlines() if node.title in line)
            anchor = f"{node.key}-{node.fragment}" if node.fragment else node.key
            assert line.split()[-1] == places[anchor], node.title


def test_contents_begin_below_their_heading_also_where_no_post_has_sections() -> None:
    posts = [make_article(f"Post {number}", "<p>Text.</p>") for number in range(1, 15)]
    made = render_pdf(make_book((make_part("Notes", *posts),)), RenderOptions())
    (first,) = (page for page in words(made.data, "-f", "1", "-l", "5").split("\f") if "Contents" in page)
    assert "Post 1\n" in first


@pytest.mark.parametrize(("depth", "entries"), [(0, 9), (1, 16), (9, 18)])
def test_depth_of_the_contents(depth: int, entries: int) -> None:
    made = render_pdf(full_book(), RenderOptions(toc_depth=depth))
    pdf = pikepdf.open(BytesIO(made.data))
    boxes = [str(link.Dest) for page in pdf.pages if not page.label.isdigit() for link in links(page)]
    assert len(set(boxes)) == entries


def test_text_is_in_reading_order_and_whole() -> None:
    text = " ".join(words(full().data).split())
    places = [
        text.index(one)
        for one in ("Water, wind and the things", "Contents", "Harbour Notes", "A tide table is a forecast")
    ]
    assert places == sorted(places)
    assert "interval=PT10M" in text.replace(" ", "")
    assert "degrees an hour, phase in degrees; amplitude" in text, "a long line of code was cut"


def test_nothing_sticks_out_of_the_page() -> None:
    cells = "".join(f"<td>{'Donaudampfschiff' * 3}{column}</td>" for column in range(9))
    html = (
        f"<table><tbody><tr>{cells}</tr></tbody></table><pre><code>{'x' * 400}</code></pre>"
        f"<p>{'y' * 300} https://harbour.example/{'z' * 200}</p><h2>{'Heading' * 40}</h2>"
    )
    made = render_pdf(one_post(html, words=400), RenderOptions())
    for word in words(made.data, "-bbox").split("<word ")[1:]:
        left, right = (float(word.split(f'{side}="')[1].split('"')[0]) for side in ("xMin", "xMax"))
        assert 40 < left < right < 420 - 40, word


def test_short_posts_share_a_page_and_long_ones_do_not() -> None:
    short = [make_article(f"Short {n}", "<p>A few words.</p>", words=3) for n in range(4)]
    long = [make_article(f"Long {n}", "<p>Said to be long.</p>", words=900) for n in range(4)]
    pages = [
        render_pdf(make_book((make_part("Notes", *posts),)), RenderOptions()).pages for posts in (short, long)
    ]
    assert pages == [4, 7]


def test_a_picture_without_alt_is_decoration_and_the_cover_is_described() -> None:
    found = [element for element in elements(opened()) if element.get("/S") == "/Figure"]
    alts = [str(figure.Alt) for figure in found]
    assert alts[0] == "Cover of the book: The Harbour Letter"
    assert "The harbour wall at low water" in alts
    assert len(alts) == 3  # of four pictures: one has no alt


def elements(pdf: pikepdf.Pdf) -> Iterator[Any]:
    waiting = [pdf.Root.StructTreeRoot]
    while waiting:
        element = waiting.pop(0)
        yield element
        kids: Any = element.get("/K", [])
        kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
        waiting = [kid for kid in kids if isinstance(kid, pikepdf.Dictionary)] + waiting


def test_a_character_that_no_font_has_becomes_a_box() -> None:
    made = render_pdf(one_post("<p>Here \U0010fff0 there</p>"), RenderOptions())
    assert "Here □ there" in words(made.data) or "Here ◊ there" in words(made.data)


class _Counting(BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 (one server, one test)

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("article p { display: none }")
    server = HTTPServer(("127.0.0.1", 0), _Counting)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        css = (
            f"@import url('{secret.as_uri()}'); @import url('{base}/import.css');"
            f"body {{ background: url('{base}/ground.png') }}"
            f"@font-face {{ font-family: x; src: url('{base}/font.ttf') }}"
            "@import url('data:text/css,article p { display: none }');"
        )
        html = f'<p>Still here.</p><img src="{base}/a.png" alt="gone"/><img src="file:///etc/passwd" alt=""/>'
        made = render_pdf(one_post(html), RenderOptions(css=css))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert _Counting.asked == []
    assert "Still here." in words(made.data)


def test_a_users_sheet_comes_last() -> None:
    css = "@page { size: 300pt 300pt } article p { display: none }"
    made = render_pdf(small_book(), RenderOptions(css=css))
    assert "fog" not in words(made.data).split("Contents")[1].split("High water", 2)[2]
    pdf = pikepdf.open(BytesIO(made.data))
    assert [round(float(side)) for side in list(pdf.pages[2].mediabox)[2:]] == [300, 300]


def test_a_users_template_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "print").mkdir()
    (tmp_path / "print" / "posts.html").write_text(
        '<html lang="en"><title>x</title><link rel="stylesheet" href="{{ sheet }}">'
        "<body><h1>{{ book.title }} by hand</h1>"
    )
    made = render_pdf(small_book(), RenderOptions(templates=tmp_path))
    assert "TheHarbourLetterbyhand1/2" in "".join(words(made.data).split())


def test_hostile_titles_stay_text() -> None:
    title = "</title><script>x</script>\u0000 & \ufffd"
    book = replace(small_book(), title=title, authors=('"><b>',), subtitle="</p><h1>")
    pdf = pikepdf.open(BytesIO(render_pdf(book, RenderOptions()).data))
    assert str(pdf.docinfo["/Title"]) == title.replace("\u0000", "")
    assert str(pdf.docinfo["/Author"]) == '"><b>'


SCRIPT = """
import sys
from factories import full_book
from feed2book.models import RenderOptions
from feed2book.render.pdf.pango import install_command
from feed2book.render.pdf import render_pdf
sys.stdout.buffer.write(render_pdf(full_book(), RenderOptions()).data)
"""


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        check=False,
    )


def test_same_bytes_in_another_process_and_folder(tmp_path: Path) -> None:
    other = run(SCRIPT, tmp_path, PYTHONHASHSEED="4711", TZ="Asia/Tokyo", LC_ALL="C", TMPDIR=str(tmp_path))
    assert other.stderr == b""
    assert other.stdout == full().data


WITHOUT_PANGO = """
import sys
from factories import small_book
from feed2book.errors import RenderError
from feed2book.models import MailOptions, RenderOptions
from feed2book.render.email import render_digest
from feed2book.render.epub import render_epub
from feed2book.render.pdf.pango import install_command
from feed2book.render.pdf import render_pdf
try:
    render_pdf(small_book(), RenderOptions())
except RenderError as error:
    print(error)
assert render_epub(small_book(), RenderOptions()).data
assert render_digest(small_book(), RenderOptions(), MailOptions()).html
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="libraries are found in another way")
def test_without_pango(tmp_path: Path) -> None:
    # The loader meets these first, and they are no libraries.
    for name in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0"):
        (tmp_path / name).write_bytes(b"")
    made = run(WITHOUT_PANGO, tmp_path, LD_LIBRARY_PATH=str(tmp_path))
    assert made.returncode == 0, made.stderr
    lines = made.stdout.decode().splitlines()
    assert len(lines) == 1
    assert install_command() in lines[0]


SYSTEMS = {
    'ID=debian\nVERSION_ID="13"\n': "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    'ID=mint\nID_LIKE="ubuntu"\n': "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    'ID="rocky"\nID_LIKE="rhel centos fedora"\n': "dnf install pango",
    'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n': "zypper install libpango-1_0-0",
    "ID=plan9\n": "the package pango of your system",
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no os-release")
@pytest.mark.parametrize("release", SYSTEMS)
def test_the_command_is_that_of_the_system(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = dict(line.split("=") for line in release.replace('"', "").splitlines())
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: told)
    assert install_command() == SYSTEMS[release]


def test_a_template_with_a_fault_is_named(tmp_path: Path) -> None:
    (tmp_path / "print").mkdir()
    (tmp_path / "print" / "posts.html").write_text("{{ nobody }}")
    with pytest.raises(RenderError, match="nobody"):
        render_pdf(small_book(), RenderOptions(templates=tmp_path))


BOOKS = {
    "full": (full_book(), RenderOptions()),
    "a4, no cover, no language": (
        replace(full_book(), cover=None, language="", authors=()),
        RenderOptions(page="a4", toc_depth=0),
    ),
    "right to left": (replace(full_book(), direction="rtl", language="ar"), RenderOptions(page="letter")),
    "small": (small_book(), RenderOptions()),
}


@pytest.mark.validators
@pytest.mark.parametrize("name", BOOKS)
def test_validators(validators: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "book.pdf"
    path.write_bytes(render_pdf(*BOOKS[name]).data)
    for tool, *words_of in (["verapdf", "ua1", str(path)], ["pdf_check", str(path), "--a11y"]):
        command = [str(validators / "bin" / tool), *words_of]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout + told.stderr
