"""The catalogue of issues: what OPDS asks for, what readers do, what the folder holds."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from shutil import copytree
from urllib.parse import urljoin
from urllib.request import urlopen

import factories
import feedparser
import jsonschema
import pytest
from lxml import etree
from PIL import Image

from feed2book.deliver import write_catalogue
from feed2book.errors import DeliveryError
from feed2book.models import (
    BookOptions,
    Delivery,
    Edition,
    FetchOptions,
    Issue,
    IssueFile,
    IssuePost,
    RenderOptions,
)
from feed2book.render.catalogue import render_catalogue
from feed2book.render.catalogue_lists import PER_PAGE
from feed2book.render.epub import render_epub

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"
ATOM = "{http://www.w3.org/2005/Atom}"
EDITION = Edition(
    "harbour", (), FetchOptions(), BookOptions(title="The Harbour Letter & Co."), RenderOptions()
)
DELIVERY = Delivery("catalogue", "shelf", url="https://books.example/harbour")
ODD = "Größe ½, 100%?#.epub"
TITLES = ("Low water", 'Marks < 5 & "quotes"')


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an EPUB with a cover."""
    path = tmp_path_factory.mktemp("book") / "book.epub"
    path.write_bytes(render_epub(factories.full_book(), RenderOptions()).data)
    return path


def issue(number: int, book: Path, name: str = "") -> Issue:
    pdf = book.with_name("book.pdf")
    pdf.write_bytes(b"%PDF-1.7\n")
    return Issue(
        "harbour",
        number,
        f"The Harbour Letter & Co., no. {number}",
        f"urn:uuid:00000000-0000-5000-8000-{number:012}",
        "en",
        factories.ISSUED + timedelta(days=7 * number),
        tuple(IssuePost(title, title, "", ("Ada Marsh",)) for title in TITLES),
        (
            IssueFile("epub", name or f"Harbour-no-{number}.epub", "application/epub+zip", book),
            IssueFile("pdf", f"Harbour-no-{number}.pdf", "application/pdf", pdf),
            IssueFile("email", "Harbour.eml", "message/rfc822", pdf),
        ),
    )


def made(folder: Path, issues: Sequence[Issue], delivery: Delivery = DELIVERY) -> Path:
    write_catalogue(folder, render_catalogue(EDITION, delivery, issues))
    return folder


def there(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, book: Path) -> Path:
    """Return a catalogue of two issues, one of which has a name that addresses cannot hold as it is."""
    return made(tmp_path_factory.mktemp("web") / "shelf", [issue(1, book), issue(2, book, ODD)])


@pytest.fixture(scope="module")
def long_shelf(tmp_path_factory: pytest.TempPathFactory, book: Path) -> Path:
    """Return a catalogue of three pages."""
    issues = [issue(number, book) for number in range(1, 2 * PER_PAGE + 2)]
    return made(tmp_path_factory.mktemp("long"), issues, replace(DELIVERY, keep=500))


@pytest.fixture(scope="module")
def address(shelf: Path) -> Iterator[str]:
    """Serve the catalogue in a folder of a web server, and return where."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(shelf.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{shelf.name}/"
        server.shutdown()


def linked(feed: etree._ElementTree, relation: str) -> list[str]:
    """Return the addresses that a feed links to in that relation."""
    return [str(link.get("href")) for link in feed.findall(f'{ATOM}link[@rel="{relation}"]')]


# What the specifications say


@pytest.mark.parametrize("which", ["shelf", "long_shelf"])
def test_opds_1_is_valid(which: str, request: pytest.FixtureRequest) -> None:
    schema = etree.RelaxNG(etree.parse(SCHEMAS / "opds-1.2.rng"))
    folder: Path = request.getfixturevalue(which)
    found = sorted(folder.glob("*.xml"))
    assert len(found) == (2 if which == "shelf" else 4)
    for path in found:
        feed = etree.parse(path)
        assert schema.validate(feed), f"{path.name}: {schema.error_log}"
        assert linked(feed, "self") == [path.name]
        assert linked(feed, "start") == ["opds.xml"]
        ids = [one.text for one in feed.iter(f"{ATOM}id")]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("<updated>20", "<updated>the year 20"),
        ("<id>urn:uuid:", "<id>"),
        ("<summary", "<title>second</title><summary"),
        (' type="application/epub+zip"', ""),
        ("acquisition/open-access", "acquisition/secret"),
        ("<dc:language>en", "<dc:language>English, mostly"),
    ],
)
def test_the_schema_finds_what_is_wrong(right: str, wrong: str, shelf: Path) -> None:
    schema = etree.RelaxNG(etree.parse(SCHEMAS / "opds-1.2.rng"))
    text = (shelf / "issues.xml").read_text("utf-8")
    assert right in text
    assert not schema.validate(etree.fromstring(text.replace(right, wrong, 1).encode()))


@pytest.mark.parametrize("which", ["shelf", "long_shelf"])
def test_opds_2_is_valid(which: str, request: pytest.FixtureRequest) -> None:
    checker = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "opds-2.0.json").read_text("utf-8")))
    folder: Path = request.getfixturevalue(which)
    for path in sorted(folder.glob("opds*.json")):
        assert [error.message for error in checker.iter_errors(json.loads(path.read_text("utf-8")))] == []


def test_ids_are_of_the_address_and_without_one_of_the_edition(tmp_path: Path, book: Path) -> None:
    def root(delivery: Delivery, name: str) -> str:
        feed = etree.parse(made(tmp_path / name, [issue(1, book)], delivery) / "opds.xml")
        return str(feed.findtext(f"{ATOM}id"))

    assert root(DELIVERY, "a") == "https://books.example/harbour/opds.xml"
    assert root(replace(DELIVERY, url=""), "b").startswith("urn:uuid:")


# What readers do


def test_every_link_resolves(address: str) -> None:
    seen: dict[str, bytes] = {}
    wanted = [f"{address}{name}" for name in ("index.html", "opds.xml", "opds.json")]
    while wanted:
        url = wanted.pop()
        if url in seen:
            continue
        with urlopen(url, timeout=10) as answer:
            seen[url] = answer.read()
        wanted += [urljoin(url, href) for href in _links(url, seen[url])]
    books = [url for url in seen if url.endswith((".epub", ".pdf"))]
    assert len(books) == 4
    assert len([url for url in seen if url.endswith(".jpg")]) == 4
    assert all(seen.values())


def _links(url: str, data: bytes) -> list[str]:
    if url.endswith(".xml"):
        return [str(link.get("href")) for link in etree.fromstring(data).iter(f"{ATOM}link")]
    if url.endswith(".html"):
        page = etree.HTML(data)
        return [tag.get("href") or tag.get("src") or "" for tag in page.iter("a", "link", "img")]
    if url.endswith(".json"):
        feed = json.loads(data)
        held = [
            *feed["links"],
            *(link for one in feed["publications"] for link in one["links"] + one["images"]),
        ]
        return [link["href"] for link in held if link["rel" if "rel" in link else "href"] != "self"]
    return []


def test_a_client_follows_the_root_to_the_books(address: str) -> None:
    root = feedparser.parse(f"{address}opds.xml")
    (entry,) = root.entries
    issues = feedparser.parse(urljoin(root.href, entry.links[0].href))
    assert not issues.bozo
    assert [one.title for one in issues.entries] == [f"The Harbour Letter & Co., no. {n}" for n in (2, 1)]
    assert issues.entries[0].summary == " · ".join(TITLES)
    (epub,) = [link for link in issues.entries[1].links if link.type == "application/epub+zip"]
    with urlopen(urljoin(issues.href, epub.href), timeout=10) as answer:
        data = answer.read()
    assert data[:2] == b"PK"
    assert len(data) == int(epub.length)


def test_koreader_can_read_it(long_shelf: Path) -> None:
    """It asks each link for its type, leads on by few relations only, and reads ``next``."""
    for path in long_shelf.glob("*.xml"):
        assert all(link.get("type") for link in etree.parse(path).iter(f"{ATOM}link"))
    root = etree.parse(long_shelf / "opds.xml")
    assert [link.get("rel") for link in root.findall(f"{ATOM}entry/{ATOM}link")] == ["subsection"]
    pages, following = [], ["issues.xml"]
    while following:
        feed = etree.parse(long_shelf / following[0])
        pages.append(len(feed.findall(f"{ATOM}entry")))
        following = linked(feed, "next")
    assert pages == [PER_PAGE, PER_PAGE, 1]


def test_thumbnails_are_small_pictures_of_the_covers(shelf: Path) -> None:
    with Image.open(BytesIO((shelf / "1" / "thumbnail.jpg").read_bytes())) as small:
        assert small.size == (300, 480)
    with Image.open(BytesIO((shelf / "1" / "cover.jpg").read_bytes())) as whole:
        assert whole.size == (800, 1280)


# What the folder holds


def test_the_same_issues_give_the_same_bytes(tmp_path: Path, book: Path) -> None:
    issues = [issue(1, book), issue(2, book)]
    first, second = made(tmp_path / "a", issues), made(tmp_path / "b", issues[::-1])
    assert there(first) == there(second)
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in there(first))


def test_a_repeat_writes_nothing(shelf: Path, book: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in shelf.rglob("*")}
    made(shelf, [issue(1, book), issue(2, book, ODD)])
    assert {path: path.stat().st_mtime_ns for path in shelf.rglob("*")} == before


def test_what_is_no_longer_kept_disappears_and_nothing_else(
    tmp_path: Path, long_shelf: Path, book: Path
) -> None:
    long_shelf = Path(copytree(long_shelf, tmp_path / "shelf"))
    for name in ("mine.txt", "12/notes/a.txt", "2024-photos/a.jpg", "opds-notes.json"):
        (long_shelf / name).parent.mkdir(exist_ok=True, parents=True)
        (long_shelf / name).write_text("mine")
    made(long_shelf, [issue(number, book) for number in range(90, 103)], replace(DELIVERY, keep=2))
    assert there(long_shelf) == {
        *("index.html", "opds.xml", "opds.json", "issues.xml", "mine.txt", "opds-notes.json"),
        *("2024-photos/a.jpg", "12/notes/a.txt"),
        *(
            f"{number}/{name}"
            for number in (101, 102)
            for name in (
                f"Harbour-no-{number}.epub",
                f"Harbour-no-{number}.pdf",
                "cover.jpg",
                "thumbnail.jpg",
            )
        ),
    }


def test_only_the_outputs_asked_for_are_offered(tmp_path: Path, book: Path) -> None:
    folder = made(tmp_path / "shelf", [issue(3, book)], replace(DELIVERY, outputs=("pdf",)))
    assert there(folder) >= {"3/Harbour-no-3.pdf"}
    assert not list(folder.glob("3/*.epub"))
    assert not list(folder.glob("3/cover.jpg"))


def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, book: Path) -> None:
    made(tmp_path / "shelf", [issue(1, book, "../../out.epub")])
    assert (tmp_path / "shelf" / "1" / "out.epub").is_file()
    assert not (tmp_path / "out.epub").exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, book: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DeliveryError, match="there is no such directory"):
        made(tmp_path / "file", [issue(1, book)])


@pytest.mark.validators
def test_the_page_is_valid_html(validators: Path, shelf: Path) -> None:
    from runner import verdict

    code, said = verdict(validators / "bin" / "nu_html", shelf / "index.html")
    assert code == 0, said
