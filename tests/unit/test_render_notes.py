"""Notes and outside links in each output, from the one spelling that articles have."""

from __future__ import annotations

import io
import re
import zipfile
from email import policy
from email.parser import BytesParser
from xml.etree import ElementTree

import pikepdf
import pytest
from factories import ident, key_of, link, make_article, make_book, make_part

from feed2book.models import Book, MailOptions, RenderOptions
from feed2book.render.email import render_digest, render_digest_html, render_message
from feed2book.render.email_text import article_text
from feed2book.render.epub import render_epub
from feed2book.render.outside_links import treat_links
from feed2book.render.pdf import render_pdf
from feed2book.render.pdf.notes import set_notes
from feed2book.render.qr import add_codes

TITLE = "A post"
KEY = key_of(TITLE)
KEEP = RenderOptions()


def ref(number: int, place: str = "") -> str:
    mark = (
        f'<a id="{ident(f"r{number}{place}")}" class="noteref" href="{link(KEY, f"n{number}")}">{number}</a>'
    )
    return f"<sup>{mark}</sup>"


def note(number: int, html: str) -> str:
    back = f'<a class="backlink" href="{link(KEY, f"r{number}")}">{number}</a>'
    return f'<aside id="{ident(f"n{number}")}" class="note"><p>{back} {html}</p>\n</aside>\n'


OUT = 'See <a href="https://a.example/x?y&amp;z">there</a>, <a href="https://www.b.example/">b.example</a>.'
HTML = (
    f"<p>First{ref(1)}, then{ref(2)}, first again{ref(1, 'b')}. {OUT}</p>\n"
    f"<table><tbody><tr><td>cell{ref(3)}</td></tr></tbody></table>\n"
    + note(1, "Short and seen.")
    + note(2, 'Long. <a href="https://a.example/x?y&amp;z">There again</a>. ' + "Words and words. " * 80)
    + note(3, "Of a cell.")
)


def book(html: str = HTML) -> Book:
    return make_book((make_part("Feed", make_article(TITLE, html)),))


def chapter(made: Book, options: RenderOptions = KEEP) -> str:
    with zipfile.ZipFile(io.BytesIO(render_epub(made, options).data)) as package:
        name = next(name for name in package.namelist() if KEY in name)
        return package.read(name).decode()


def test_epub_types_what_belongs_to_notes_and_nothing_else() -> None:
    text = chapter(book(HTML.replace("First", 'Code says class="note" and class="noteref"')))
    assert text.count('epub:type="noteref" role="doc-noteref" href="') == 4
    assert text.count('<aside id="n') == text.count('epub:type="footnote" role="doc-footnote"') == 3
    assert text.count('epub:type="backlink" role="doc-backlink"') == 3
    assert text.count('role="doc-endnotes"') == 1
    assert 'Code says class="note" and class="noteref"' in text


def test_epub_links_to_paragraphs_and_items_meet_an_empty_anchor() -> None:
    text = chapter(
        book(f'<p><a href="{link(KEY, "far")}">Down</a></p><ul><li id="{ident("far")}">Here</li></ul>')
    )
    assert '<li><span id="far"></span>Here</li>' in text


def test_short_notes_go_to_the_foot_of_the_page_and_others_stay() -> None:
    placed = set_notes(HTML)
    assert placed.count('class="footnote"') == 1
    assert re.search(r'class="noteref" href="[^"]*">1</a><span id="[^"]*" class="footnote"', placed)
    assert placed.index("Short and seen") < placed.index("first again")
    assert placed.count("<aside") == 2
    assert placed.count("Of a cell") == placed.count("Long.") == 1


@pytest.mark.parametrize(
    ("end", "kept"), [("w", ""), ("w.", ""), ("&gt;", ""), ("w!", "!"), ("…", "…"), ("風", "風")]
)
def test_a_number_stays_with_what_a_line_could_end_after(end: str, kept: str) -> None:
    placed = set_notes(f"<p>Text {end}{ref(1)} more.</p>" + note(1, "A note."))
    assert re.findall('<span class="kept">(.*?)<sup>', placed) == ([kept] if kept else [])


@pytest.mark.parametrize(
    "inner", ["<pre>x</pre>", "<ul><li>x</li></ul>", "<blockquote><p>x</p></blockquote>"]
)
def test_notes_that_no_paragraph_can_hold_stay_at_the_end(inner: str) -> None:
    html = f"<p>Text{ref(1)}.</p>" + note(1, "Words:").replace("</aside>", f"{inner}</aside>")
    assert set_notes(html) == html


def test_pdf_has_a_note_with_an_id_for_each_at_the_foot() -> None:
    with pikepdf.open(io.BytesIO(render_pdf(book(), RenderOptions()).data)) as pdf:
        found = [
            obj for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary) and obj.get("/S") == "/Note"
        ]
        assert [str(obj["/ID"]) for obj in found] == [f"{book().articles[0].key}-note-1"]
        assert all(obj["/P"]["/S"] == "/Document" for obj in found)


def test_mail_has_notes_at_the_end_and_links_both_ways() -> None:
    page = render_digest_html(book(), render_digest(book(), RenderOptions(), MailOptions())).data.decode()
    for number in (1, 2, 3):
        assert f'id="{KEY}-n{number}"' in page
        assert f'href="#{KEY}-n{number}"' in page
        assert f'href="#{KEY}-r{number}"' in page
    assert "<aside" not in page


def test_text_marks_notes_otherwise_than_links() -> None:
    text = article_text(make_article(TITLE, HTML))
    assert "First[^1], then[^2], first again[^1]. See there [1], b.example" in text.replace("\n", " ")
    assert "\n[^1] Short and seen.\n" in text
    assert text.count("-" * 20) == 1


def test_links_are_listed_once_each_and_not_when_the_text_says_them() -> None:
    html = treat_links(book(), RenderOptions(links="footnote")).articles[0].html
    assert html.count('<sup class="linkref" dir="ltr">[1]</sup>') == 2
    assert "[2]" not in html
    assert html.endswith(
        '<ol class="links">\n<li><span dir="ltr">https://a.example/x?y&amp;z</span></li>\n</ol>\n'
    )
    assert html.count(" href=") == HTML.count(" href=")


def test_addresses_are_listed_as_people_read_them() -> None:
    said = (
        '<p><a href="mailto:me@a.example?subject=x">me</a> <a href="tel:+49123">call</a> '
        '<a href="https://xn--mnchen-3ya.example/stra%C3%9Fe?q=%C3%BC&amp;r=%2F%FF">Munich</a> '
        '<a href="mailto:you@a.example">you@a.example</a></p>'
    )
    listed = treat_links(book(said), RenderOptions(links="footnote")).articles[0].html
    assert re.findall(r'<span dir="ltr">(.*?)</span>', listed) == [
        "me@a.example",
        "+49123",
        "https://münchen.example/straße?q=ü&amp;r=%2F%FF",
    ]


def test_a_card_that_spells_its_address_needs_no_number() -> None:
    card = '<aside class="embed" role="note"><p><a href="https://a.example/v"><strong>Film</strong></a></p>\n</aside>'
    numbered = treat_links(book(card), RenderOptions(links="footnote")).articles[0].html
    assert 'class="linkref"' in numbered
    assert treat_links(book(card), RenderOptions(links="footnote"), cards=False).articles[0].html == card


def test_codes_lead_where_the_cards_do() -> None:
    card = '<aside class="embed" role="note"><p><a href="https://a.example/v?x&amp;y">Film</a></p>\n</aside>'
    made = add_codes(book(card * 2 + card.replace("https:", "mailto:")))
    (code,) = made.assets
    assert made.articles[0].html.count('alt="QR: https://a.example/v?x&amp;y"') == 2
    assert code.media_type == "image/svg+xml"
    svg = ElementTree.fromstring(code.data)
    assert svg.get("viewBox") == f"0 0 {code.width} {code.height}"
    assert not svg.findall(".//{*}image")
    assert add_codes(book(card)).assets == made.assets


def test_links_inside_the_book_are_none_of_it() -> None:
    for kind in ("footnote", "strip"):
        html = f'<p><a href="{link(KEY)}">Up</a></p>\n'
        assert treat_links(book(html), RenderOptions(links=kind)).articles[0].html == html


def test_stripped_links_leave_their_text_and_their_id() -> None:
    html = f'<p><a id="{ident("x")}" href="https://a.example/">Text <em>here</em></a>, <a href="http://b.example/">b</a></p>'
    stripped = treat_links(book(html), RenderOptions(links="strip")).articles[0].html
    assert stripped == f'<p><span id="{ident("x")}">Text <em>here</em></span>, b</p>'


def test_kept_links_change_nothing() -> None:
    made = book()
    assert treat_links(made, RenderOptions(links="keep")) is made


def test_the_option_reaches_every_output() -> None:
    made = book()
    for kind in ("strip", "footnote"):
        options = RenderOptions(links=kind)
        page = render_digest_html(made, render_digest(made, options, MailOptions())).data.decode()
        text = article_texts(made, options)
        assert ("a.example/x" in chapter(made, options)) == (kind == "footnote")
        assert ('class="links"' in page) == (kind == "footnote")
        assert ("a.example/x" in text) == (kind == "footnote")
        assert text.count("a.example/x") <= 1


def article_texts(made: Book, options: RenderOptions) -> str:
    mail = render_message(
        made, render_digest(made, options, MailOptions()), MailOptions(), "b@example.org"
    ).data
    body = BytesParser(policy=policy.default).parsebytes(mail).get_body(("plain",))
    assert body is not None
    return str(body.get_content())
