"""Hostile markup, all the way into the three outputs: nothing in them runs, and nothing loads from afar."""

from __future__ import annotations

import email
import email.policy
import re
import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from lxml import etree, html
from runner import feed2book

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "article"
RUNS = {
    "script",
    "iframe",
    "object",
    "embed",
    "applet",
    "form",
    "input",
    "button",
    "textarea",
    "select",
    "base",
}
FAR = re.compile(r"(?:https?:)?//", re.IGNORECASE)
IN_CSS = re.compile(
    r"expression\s*\(|javascript:|-moz-binding|behavior\s*:|@import|url\(\s*['\"]?(?!data:image/)",
    re.IGNORECASE,
)
LINK = re.compile(r"(?:https?|ftp)://|mailto:|tel:", re.IGNORECASE)
PDF_RUNS = {
    "/JS",
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToR",
    "/RichMedia",
    "/EmbeddedFile",
}
POLYGLOT = """jaVasCript:/*-/*`/*'/*"/**/(/* */oNcliCk=alert() )//</stYle/</titLe/</teXtarEa/</scRipt/--!>
<svg onload=alert(1)><style>@import 'https://evil.example/x.css';</style><img src=x onerror=alert(1)>
<img src="https://evil.example/a" srcset="https://evil.example/b.png 2x"><a href="javascript:alert(1)">x</a>
<p style="background:url(https://evil.example/c.png)"><link rel="stylesheet" href="https://evil.example/f.css">
<video poster="https://evil.example/d.png" src="https://evil.example/e.mp4" autoplay></video>
<math href="javascript:alert(1)"><mi xlink:href="data:x,<script>">y</mi></math>"""


def feed_of(vectors: list[str]) -> str:
    """Return a feed that has each vector as the text, the title and the author of a post."""
    items = "".join(
        f"<item><title>{escape(vector[:200])}</title><author>{escape(vector[:100])}</author><guid>{number}</guid>"
        f"<link>https://blog.example/{number}</link><description>{escape(vector)}</description></item>"
        for number, vector in enumerate(vectors)
    )
    head = f"<title>{escape(POLYGLOT)}</title><link>https://blog.example/</link>"
    text = f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def own_vectors() -> list[str]:
    return [POLYGLOT, (GOLDEN / "hostile" / "entry.html").read_text(encoding="utf-8")]


def corpus_vectors(corpus: Path) -> list[str]:
    found = []
    for path in sorted((corpus / "xss").iterdir()):
        whole = path.read_text("utf-8", "replace")
        found += [whole, *(part for part in re.split(r"\n--\n|</div>", whole) if part.strip())]
    return found


def assert_harmless(folder: Path, vectors: list[str]) -> None:
    feed = folder / "feed.xml"
    feed.write_text(feed_of(vectors), encoding="utf-8")
    for command, ending in (("epub", "epub"), ("digest", "eml"), ("pdf", "pdf")):
        done = feed2book(command, feed, "--offline", "-o", folder / f"book.{ending}")
        assert done.code == 0, done.said
    assert list(_epub_faults(folder / "book.epub")) == []
    assert list(_mail_faults(folder / "book.eml")) == []
    assert list(_pdf_faults(folder / "book.pdf")) == []


def test_own_vectors(tmp_path: Path) -> None:
    assert_harmless(tmp_path, own_vectors())


@pytest.mark.corpus
def test_attack_collections(corpus: Path, tmp_path: Path) -> None:
    assert_harmless(tmp_path, corpus_vectors(corpus))


@pytest.mark.parametrize(
    "markup",
    [
        "<script>x</script>",
        "<p onclick='x'>",
        "<img src='https://evil.example/'>",
        "<p style='background:url(https://evil.example/)'>",
        "<a href='javascript:x'>",
        "<link href='//evil.example/x.css'>",
    ],
)
def test_the_reading_finds_what_it_looks_for(markup: str) -> None:
    assert list(_faults(html.fragment_fromstring(markup, create_parent="div"), "", set()))


def _epub_faults(book: Path) -> Iterator[str]:
    with zipfile.ZipFile(book) as archive:
        for name in archive.namelist():
            if name.endswith((".xhtml", ".opf", ".ncx", ".svg", ".xml")):
                yield from _faults(etree.fromstring(archive.read(name)), name, {"a"})
            elif name.endswith(".css") and (found := IN_CSS.search(archive.read(name).decode())):
                yield f"{name}: {found[0]}"


def _mail_faults(message: Path) -> Iterator[str]:
    parsed = email.message_from_bytes(message.read_bytes(), policy=email.policy.default)
    pages = [part for part in parsed.walk() if part.get_content_type() == "text/html"]
    assert pages
    for part in pages:
        yield from _faults(html.document_fromstring(part.get_content()), "mail", {"a"})


def _faults(root: etree._Element, where: str, linking: set[str]) -> Iterator[str]:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element).localname.lower()
        if name in RUNS:
            yield f"{where}: <{name}>"
        if name == "style" and (found := IN_CSS.search(element.text or "")):
            yield f"{where}: {found[0]} in a style sheet"
        for key, value in element.attrib.items():
            if wrong := _fault(name, str(key).rpartition("}")[2].lower(), str(value).strip(), linking):
                yield f"{where}: <{name} {wrong}>"


def _fault(name: str, key: str, value: str, linking: set[str]) -> str:
    """Return what is wrong with an attribute, ``""`` if nothing is."""
    if key.startswith("on") or key in {
        "srcset",
        "srcdoc",
        "formaction",
        "action",
        "background",
        "poster",
        "ping",
    }:
        return key
    if key == "style" and (found := IN_CSS.search(value)):
        return found[0]
    if key not in {"href", "src", "data", "cite", "longdesc"}:
        return ""
    scheme = re.match(r"[a-z][a-z0-9+.-]*:", re.sub(r"[\0-\x20]", "", value), re.IGNORECASE)
    if name in linking and key == "href":
        return "" if not scheme or LINK.match(value) else f"{key}={value[:60]}"
    local = not FAR.match(value) and (not scheme or value.startswith(("cid:", "data:image/")))
    return "" if local else f"{key}={value[:60]}"


def _pdf_faults(book: Path) -> Iterator[str]:
    import pikepdf

    with pikepdf.open(book) as pdf:
        for thing in pdf.objects:
            found = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
            if isinstance(found, pikepdf.Dictionary):
                yield from (key for key in found.keys() & PDF_RUNS)
                kind = str(found.get("/S", ""))
                if kind in PDF_RUNS:
                    yield kind
                if kind == "/URI" and not LINK.match(str(found.URI)):
                    yield str(found.URI)
