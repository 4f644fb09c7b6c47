"""``feed2book check``: a good file passes, and for each rule there is one file that breaks it alone."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pikepdf
import pytest
from factories import full_book, ident, make_article, make_book, make_part, picture
from PIL import Image

from feed2book.check import all_rules, check_file
from feed2book.check.epub import check_epub
from feed2book.check.mail import check_mail
from feed2book.check.pdf import check_pdf
from feed2book.devices import DEVICES
from feed2book.errors import UsageError
from feed2book.models import Formula, RenderOptions, token
from feed2book.render.epub import render_epub

GENERIC, KINDLE, KOBO = DEVICES["generic"], DEVICES["kindle"], DEVICES["kobo"]
Files = dict[str, bytes]
OPF, NAV, NCX, SHEET = "EPUB/content.opf", "EPUB/nav.xhtml", "EPUB/toc.ncx", "EPUB/css/book.css"
POST = "EPUB/post-aaaaaaaa.xhtml"


@cache
def good_epub() -> bytes:
    """A small book with a cover, a picture, a section and a formula."""
    wave = picture("PNG", 40, 30)
    formula = Formula("x", '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>', "x")
    html = (
        f'<p>It came in at six.</p><h2 id="{ident("wind")}">The wind</h2>'
        f"<p>West, {token('formula', '0')}.</p>"
        f'<p><img class="picture" src="{token("asset", wave.id)}" alt="A wave" width="40" height="30"/></p>'
        f'<p><a href="#{ident("wind")}">back</a></p>'
    )
    article = make_article("Tide", html)
    book = make_book((make_part("Harbour", article),), assets=(wave,), cover=picture("JPEG", 800, 1280))
    named = replace(article, key="post-aaaaaaaa", formulas=(formula,))
    book = replace(
        book,
        parts=(replace(book.parts[0], articles=(named,)),),
        contents=(replace(book.contents[0], key="post-aaaaaaaa"),),
    )
    return render_epub(book, RenderOptions()).data


def unpacked(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files, stored: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" and stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), data, kind)
    return out.getvalue()


def put(name: str, old: str, new: str) -> Callable[[Files], None]:
    """Replace what is there, once, in one file."""

    def change(files: Files) -> None:
        assert old.encode() in files[name], old
        files[name] = files[name].replace(old.encode(), new.encode(), 1)

    return change


def add(name: str, data: bytes = b"x", line: str = "") -> Callable[[Files], None]:
    """Add a file, with a line for the manifest."""

    def change(files: Files) -> None:
        files[name] = data
        if line:
            put(OPF, "</manifest>", f"{line}</manifest>")(files)

    return change


def sub(name: str, pattern: str, new: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[name], count = re.subn(pattern.encode(), new.encode(), files[name], count=1, flags=re.DOTALL)
        assert count == 1, pattern

    return change


def drop(name: str) -> Callable[[Files], object]:
    return lambda files: files.pop(name)


def image(kind: str, width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, kind)
    return out.getvalue()


def first_file(folder: str) -> str:
    return next(name for name in unpacked(good_epub()) if name.startswith(folder) and "cover" not in name)


PICTURE = first_file("EPUB/images/")
BODY = "</body>"

EPUBS: dict[str, tuple[Callable[[Files], object], Any]] = {
    "epub-file-name": (add("../../evil.txt"), GENERIC),
    "epub-bomb": (add("META-INF/zeros", bytes(20_000_000)), GENERIC),
    "epub-mimetype": (put("mimetype", "epub+zip", "zip"), GENERIC),
    "epub-encrypted": (add("META-INF/encryption.xml"), GENERIC),
    "epub-package": (put(OPF, "<manifest>", "<manifest"), GENERIC),
    "epub-identifier": (put(OPF, 'unique-identifier="', 'unique-identifier="x'), GENERIC),
    "epub-title": (sub(OPF, "<dc:title>.*?</dc:title>", "<dc:title> </dc:title>"), GENERIC),
    "epub-language": (sub(OPF, "<dc:language>.*?<", "<dc:language>english!<"), GENERIC),
    "epub-language-unknown": (sub(OPF, "<dc:language>.*?<", "<dc:language>und<"), GENERIC),
    "epub-modified": (put(OPF, "T06:30:00Z", ""), GENERIC),
    "epub-manifest-missing": (
        put(OPF, "</manifest>", '<item id="x" href="x.css" media-type="text/css"/></manifest>'),
        GENERIC,
    ),
    "epub-manifest-unlisted": (add("EPUB/loose.txt"), GENERIC),
    "epub-manifest-twice": (
        put(
            OPF,
            "</manifest>",
            '<item id="nav" href="title.xhtml" media-type="application/xhtml+xml"/></manifest>',
        ),
        GENERIC,
    ),
    "epub-media-type": (put(OPF, '"text/css"', '"application/octet-stream"'), GENERIC),
    "epub-spine": (put(OPF, "</spine>", '<itemref idref="nobody"/></spine>'), GENERIC),
    "epub-remote-resource": (
        put(
            OPF,
            "</manifest>",
            '<item id="x" href="https://x.example/x.css" media-type="text/css"/></manifest>',
        ),
        GENERIC,
    ),
    "epub-accessibility": (sub(OPF, "schema:accessibilityHazard", "schema:other"), GENERIC),
    "epub-size": (
        add("META-INF/more", bytes(range(256)) * 4),
        replace(GENERIC, book_bytes=3_000),
    ),
    "epub-cover": (put(OPF, 'properties="cover-image"', ""), GENERIC),
    "epub-cover-size": (add("EPUB/images/cover.jpg", image("JPEG", 400, 640)), GENERIC),
    "epub-cover-format": (add("EPUB/images/cover.jpg", image("GIF", 800, 1280)), GENERIC),
    "epub-picture-format": (add(PICTURE, image("WEBP")), KINDLE),
    "epub-picture-type": (add(PICTURE, image("JPEG")), GENERIC),
    "epub-encoding": (lambda files: put(POST, 'encoding="utf-8"', 'encoding="iso-8859-1"')(files), GENERIC),
    "epub-markup": (put(POST, BODY, "<p></body>"), GENERIC),
    "epub-comment": (put(POST, BODY, "<!-- a -- b --></body>"), GENERIC),
    "epub-css-variable": (put(POST, "<body", '<body style="color: var(--ink)"'), GENERIC),
    "epub-sheet-variable": (put(SHEET, "{", "{ --ink: black;"), GENERIC),
    "epub-sheet-remote": (
        lambda files: files.update({SHEET: b'@import "https://x.example/a.css";' + files[SHEET]}),
        GENERIC,
    ),
    "epub-empty": (sub("EPUB/colophon.xhtml", "<body>.*</body>", "<body> </body>"), GENERIC),
    "epub-page-language": (sub(POST, ' xml:lang="[a-z]+"', ""), GENERIC),
    "epub-page-title": (sub(POST, "<title>.*?</title>", "<title></title>"), GENERIC),
    "epub-id-twice": (put(POST, BODY, '<p id="twice">a</p><p id="twice">b</p></body>'), GENERIC),
    "epub-alt": (put(POST, ' alt="A wave"', ""), GENERIC),
    "epub-script": (put(POST, "<body", '<body onload="x()"'), GENERIC),
    "epub-embedded": (put(POST, BODY, "<form></form></body>"), GENERIC),
    "epub-remote-picture": (put(POST, BODY, '<img alt="" src="https://x.example/p.png"/></body>'), GENERIC),
    "epub-document-size": (put(POST, BODY, f"<p>{'water ' * 50_000}</p></body>"), GENERIC),
    "epub-headings": (put(POST, BODY, "<h5>Deep</h5></body>"), GENERIC),
    "epub-mathml-device": (lambda files: None, KINDLE),
    "epub-mathml-property": (sub(OPF, ' properties="mathml"', ""), GENERIC),
    "epub-link-dead": (put(POST, BODY, '<p><a href="nowhere.xhtml">x</a></p></body>'), GENERIC),
    "epub-fragment-dead": (put(POST, BODY, '<p><a href="colophon.xhtml#nowhere">x</a></p></body>'), GENERIC),
    "epub-pop-up": (
        put(POST, BODY, '<p><a href="#later">x</a></p><p id="later">Twenty characters.</p></body>'),
        KOBO,
    ),
    "epub-animation": (
        add("EPUB/images/a.gif", image("GIF"), '<item id="gif" href="images/a.gif" media-type="image/gif"/>'),
        GENERIC,
    ),
    "epub-nav": (sub(NAV, '<nav id="toc".*?</nav>', ""), GENERIC),
    "epub-landmarks": (put(NAV, 'epub:type="landmarks"', 'epub:type="lot"'), GENERIC),
    "epub-page-list": (
        lambda files: (
            put(
                NAV,
                BODY,
                '<nav epub:type="page-list"><ol><li><a href="title.xhtml">1</a></li></ol></nav></body>',
            )(files),
            sub(OPF, "<dc:source>.*?</dc:source>", "")(files),
        ),
        GENERIC,
    ),
    "epub-nav-dead": (put(NAV, 'href="colophon.xhtml"', 'href="css/book.css"'), GENERIC),
    "epub-nav-depth": (
        put(
            NAV,
            '<a href="colophon.xhtml">Colophon</a>',
            '<a href="colophon.xhtml">C</a><ol><li><a href="colophon.xhtml">C</a><ol><li>'
            '<a href="colophon.xhtml">C</a></li></ol></li></ol>',
        ),
        KINDLE,
    ),
    "epub-ncx": (put(OPF, "application/x-dtbncx+xml", "application/xml"), GENERIC),
    "epub-ncx-identifier": (put(NCX, "urn:uuid:", "urn:uuid:0"), GENERIC),
    "epub-ncx-order": (put(NCX, 'playOrder="2"', 'playOrder="3"'), GENERIC),
    "epub-ncx-dead": (put(NCX, 'src="colophon.xhtml"', 'src="colophon.xhtml#nowhere"'), GENERIC),
}


def of_epub(data: bytes, device: Any = GENERIC) -> list[str]:
    return [finding.code for finding in check_epub(io.BytesIO(data), device)]


def test_a_good_epub_has_no_findings() -> None:
    assert of_epub(good_epub()) == []
    assert of_epub(good_epub(), KOBO) == []
    assert of_epub(packed(unpacked(good_epub()))) == []
    assert of_epub(render_epub(full_book(), RenderOptions()).data) == []


@pytest.mark.parametrize("code", EPUBS)
def test_a_broken_epub_has_its_finding(code: str) -> None:
    change, device = EPUBS[code]
    files = unpacked(good_epub())
    change(files)
    assert code in of_epub(packed(files), device)


def test_a_damaged_or_doubled_file_in_an_epub_is_found() -> None:
    data = good_epub()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = archive.getinfo(PICTURE)
    at = member.header_offset + 100
    assert (
        "epub-damaged" in of_epub(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        or member.compress_size < 100
    )
    assert of_epub(data[: len(data) // 2]) == ["epub-damaged", "epub-mimetype"]
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(NAV, b"again")
    assert "epub-file-twice" in of_epub(out.getvalue())


def test_hostile_epubs_do_no_harm() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    files = unpacked(good_epub())
    put(POST, "<!DOCTYPE html>", f'<!DOCTYPE html [<!ENTITY a0 "ha">{laughs}]>')(files)
    put(POST, BODY, "<p>&a11;</p></body>")(files)
    assert "epub-markup" in of_epub(packed(files))
    outside = unpacked(good_epub())
    put(POST, "<!DOCTYPE html>", '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>')(outside)
    assert "epub-markup" in of_epub(packed(outside))
    deep = unpacked(good_epub())
    put(POST, BODY, f"{'<div>' * 100_000}{'</div>' * 100_000}</body>")(deep)
    assert "epub-markup" in of_epub(packed(deep))
    comments = unpacked(good_epub())
    put(POST, BODY, f"{'<!-- -- -->' * 200_000}</body>")(comments)
    assert "epub-comment" in of_epub(packed(comments))
    huge = unpacked(good_epub())
    huge[NAV] = b" " * 70_000_000
    assert "epub-damaged" in of_epub(packed(huge))


# PDF


@cache
def good_pdf() -> bytes:
    """A tagged page with an embedded font (Type 3, its glyph inside), a link and a bookmark."""
    pdf = pikepdf.new()
    glyph = pdf.make_stream(b"500 0 0 0 500 500 d1 0 0 500 500 re f")
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type3,
        FontBBox=[0, 0, 500, 500],
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
        CharProcs=pikepdf.Dictionary(a=glyph),
        Encoding=pikepdf.Dictionary(Type=pikepdf.Name.Encoding, Differences=[97, pikepdf.Name.a]),
        FirstChar=97,
        LastChar=97,
        Widths=[500],
        ToUnicode=pdf.make_stream(b""),
    )
    page = pdf.add_blank_page(page_size=(420, 595))
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=pdf.make_indirect(font)))
    page.obj.Annots = [
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[0, 0, 9, 9],
            Dest=[page.obj, pikepdf.Name.Fit],
        )
    ]
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("One", 0))
    pdf.Root.Lang = pikepdf.String("en")
    pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
    pdf.Root.StructTreeRoot = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
    pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    pdf.docinfo["/Title"] = "Tide"
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["pdfuaid:part"] = "1"
        metadata["dc:title"] = "Tide"
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _font(pdf: pikepdf.Pdf) -> Any:
    return pdf.pages[0].obj.Resources.Font.F


def _remote_font(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Resources.Font.G = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )


def _pages(pdf: pikepdf.Pdf) -> None:
    for _ in range(30):
        pdf.add_blank_page(page_size=(420, 595))
    del pdf.Root.Outlines


def _huge_page(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].mediabox = pikepdf.Array([0, 0, 420, 15_000])


def _act(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="x()")


def _astray(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Annots[0].Dest = pikepdf.String("nowhere")


def _no_unicode(pdf: pikepdf.Pdf) -> None:
    del _font(pdf).ToUnicode
    _font(pdf).Encoding = pikepdf.Name("/Identity-H")


def _set(pdf: pikepdf.Pdf, name: str) -> None:
    del pdf.Root[name]


PDFS: dict[str, Callable[[pikepdf.Pdf], object]] = {
    "pdf-title": lambda pdf: _set(pdf, "/ViewerPreferences"),
    "pdf-language": lambda pdf: _set(pdf, "/Lang"),
    "pdf-tagged": lambda pdf: _set(pdf, "/MarkInfo"),
    "pdf-claim": lambda pdf: _set(pdf, "/StructTreeRoot"),
    "pdf-font": _remote_font,
    "pdf-unicode": _no_unicode,
    "pdf-page-size": _huge_page,
    "pdf-mixed-pages": lambda pdf: pdf.add_blank_page(page_size=(420, 600)),
    "pdf-destination": _astray,
    "pdf-script": _act,
    "pdf-bookmarks": _pages,
    "pdf-empty": lambda pdf: pdf.pages.__delitem__(0),
}


def of_pdf(data: bytes, device: Any = GENERIC) -> list[str]:
    return [finding.code for finding in check_pdf(io.BytesIO(data), device)]


def changed_pdf(change: Callable[[pikepdf.Pdf], object], **save: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(good_pdf())) as pdf:
        change(pdf)
        pdf.save(out, **save)
    return out.getvalue()


def test_a_good_pdf_has_no_findings() -> None:
    assert of_pdf(good_pdf()) == []


@pytest.mark.parametrize("code", PDFS)
def test_a_broken_pdf_has_its_finding(code: str) -> None:
    assert code in of_pdf(changed_pdf(PDFS[code]))


def test_a_pdf_that_is_damaged_encrypted_or_too_large() -> None:
    assert "pdf-damaged" in of_pdf(b"%PDF-1.7\nnothing")
    assert "pdf-damaged" in of_pdf(good_pdf()[: len(good_pdf()) // 2])
    locked = changed_pdf(lambda pdf: None, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert of_pdf(locked) == ["pdf-encrypted"]
    assert of_pdf(good_pdf(), replace(GENERIC, book_bytes=100)) == ["pdf-size"]


# Mail


def good_mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    fields = {
        "From": "Harbour <harbour@example.org>",
        "To": "you@example.org",
        "Subject": "The tide",
        "Date": "Mon, 23 Nov 2026 06:30:00 +0000",
        "Message-ID": "<tide.1@example.org>",
        "List-Unsubscribe": "<https://example.org/leave>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    for name, value in {**fields, **headers}.items():
        if value:
            message[name.replace("_", "-")] = value
    return message


def with_html(html: str, plain: str | None = "The tide came in.\n", **headers: str) -> bytes:
    message = good_mail(**headers)
    page = f'<html lang="en"><body>{html}</body></html>'
    if plain is None:
        message.set_content(page, subtype="html")
    else:
        message.set_content(plain)
        message.add_alternative(page, subtype="html")
        parts = message.get_payload()
        assert isinstance(parts, list)
        html_part = parts[1]
        assert isinstance(html_part, EmailMessage)
        html_part.add_related(image("PNG"), "image", "png", cid="<wave@x>")
    return message.as_bytes()


GOOD_HTML = '<p>The tide came in.</p><img alt="A wave" src="cid:wave@x">'

MAILS: dict[str, Callable[[], bytes]] = {
    "mail-form": lambda: with_html(GOOD_HTML).replace(b"--\n", b"\n").replace(b"==--", b"=="),
    "mail-line": lambda: with_html(GOOD_HTML).replace(b"The tide came in.\n", b"tide " * 300 + b"\n", 1),
    "mail-8bit": lambda: with_html(GOOD_HTML).replace(b"Subject: The", "Subject: Thé".encode()),
    "mail-header": lambda: with_html(GOOD_HTML, Date=""),
    "mail-date": lambda: with_html(GOOD_HTML).replace(b"Mon, 23 Nov 2026", b"the other day"),
    "mail-message-id": lambda: with_html(GOOD_HTML).replace(b"<tide.1@example.org>", b"tide"),
    "mail-alternative": lambda: with_html("<p>x</p>", plain=None),
    "mail-clipped": lambda: with_html(GOOD_HTML + "<p>water</p>" * 9_000),
    "mail-size": lambda: with_html(GOOD_HTML) + b"\n" * 25_000_001,
    "mail-remote-picture": lambda: with_html('<img alt="" src="https://x.example/p.png">'),
    "mail-cid": lambda: with_html('<img alt="" src="cid:nobody@x">'),
    "mail-alt": lambda: with_html('<img src="cid:wave@x">'),
    "mail-active": lambda: with_html('<a href="javascript:x()">x</a>'),
    "mail-language": lambda: with_html(GOOD_HTML).replace(b' lang="en"', b"").replace(b' lang=3D"en"', b""),
    "mail-unsubscribe": lambda: with_html(GOOD_HTML, **{"List-Unsubscribe": ""}),
}


def of_mail(data: bytes) -> list[str]:
    return [finding.code for finding in check_mail(io.BytesIO(data))]


def test_a_good_mail_has_no_findings() -> None:
    assert of_mail(with_html(GOOD_HTML)) == []


@pytest.mark.parametrize("code", MAILS)
def test_a_broken_mail_has_its_finding(code: str) -> None:
    assert code in of_mail(MAILS[code]())


def test_hostile_mails_do_no_harm() -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3_000))
    assert of_mail(b"From: a@b.example\nMIME-Version: 1.0\n" + deep) == ["mail-form"]
    assert of_mail(b"A: b\n" * 200_000) == ["mail-form"]
    assert "mail-clipped" in of_mail(with_html("<a " * 100_000))


@pytest.mark.parametrize("kind", ["epub", "pdf", "mail"])
def test_no_damage_makes_a_check_fail(kind: str) -> None:
    """Bytes changed, cut and put in, in the file and, for an EPUB, in the files in it."""
    chance = Random(7)
    good = {"epub": good_epub(), "pdf": good_pdf(), "mail": with_html(GOOD_HTML)}[kind]
    find = {"epub": of_epub, "pdf": of_pdf, "mail": of_mail}[kind]
    for turn in range(40):
        if kind == "epub" and turn % 2:
            files = unpacked(good)
            name = chance.choice(list(files))
            files[name] = damaged(files[name], chance)
            find(packed(files))
        else:
            find(damaged(good, chance))


def damaged(data: bytes, chance: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                del changed[at : at + chance.randint(1, 200)]
            case 1:
                changed[at:at] = chance.randbytes(20)
            case 2 if at > 100:
                del changed[at:]
            case _:
                changed[at] = chance.randrange(256)
        if not changed:
            break
    return bytes(changed)


# The rules as a whole, and the command


def test_every_rule_has_a_file_that_breaks_it() -> None:
    elsewhere = {"epub-damaged", "epub-file-twice", "pdf-damaged", "pdf-encrypted", "pdf-size"}  # above
    assert {rule.code for rule in all_rules()} == {*EPUBS, *PDFS, *MAILS} | elsewhere


def test_codes_are_unique_and_every_rule_is_documented() -> None:
    codes = [rule.code for rule in all_rules()]
    assert len(set(codes)) == len(codes)
    text = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.*) \|$", text, flags=re.MULTILINE))
    wanted = {rule.code: f"{rule.severity} | {rule.wants} | {rule.fix}" for rule in all_rules()}
    assert rows == wanted


def test_what_is_no_book_is_refused(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("just words\n")
    with pytest.raises(UsageError, match="no EPUB, PDF or mail"):
        check_file(note, GENERIC)
    with pytest.raises(UsageError, match="cannot be read"):
        check_file(tmp_path / "none.epub", GENERIC)
    with pytest.raises(UsageError, match="cannot be read"):
        check_file(tmp_path, GENERIC)


def test_the_command_lists_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from feed2book.cli import app

    good, bad = tmp_path / "good.epub", tmp_path / "bad.epub"
    good.write_bytes(good_epub())
    files = unpacked(good_epub())
    put(OPF, "</spine>", '<itemref idref="nobody\x1b[31m"/></spine>'.replace("\x1b", "&#x9b;"))(files)
    bad.write_bytes(packed(files))

    def run(*words: str) -> int:
        code: int = app.main(["check", "--no-epubcheck", *words], standalone_mode=False)
        return code

    assert run(str(good)) == 0
    assert capsys.readouterr().out == f"{good}: no findings\n"
    assert run(str(good), str(bad)) == 4
    said = capsys.readouterr().out
    assert "error   epub-spine" in said
    assert "→ correct the spine" in said
    assert f"{bad}: 1 finding\n" in said
    assert said.replace("\n", "").isprintable()
    assert run(str(bad), "--json") == 4
    told = json.loads(capsys.readouterr().out)
    assert [finding["code"] for finding in told["files"][0]["findings"]] == ["epub-spine"]
    assert told["exit_code"] == 4


def test_epubcheck_is_asked_or_its_absence_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    from feed2book.check import epubcheck_absent

    book = tmp_path / "book.epub"
    files = unpacked(good_epub())
    put(POST, BODY, "<p><p>x</p></p></body>")(files)
    book.write_bytes(packed(files))
    if shutil.which("java"):
        kind, found = check_file(book, GENERIC)
        assert kind == "epub"
        assert [finding.code for finding in found] == ["epubcheck-RSC-005"]
        assert found[0].where.startswith(POST)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert epubcheck_absent().startswith("EPUBCheck did not run; install Java")
    assert check_file(book, GENERIC)[1] == ()
