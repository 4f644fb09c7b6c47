from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import factories
import pytest

from feed2book.errors import RenderError, UsageError
from feed2book.models import Artifact, Book, MailOptions, RenderOptions, token
from feed2book.render.email import render_digest, render_digest_html, render_message
from feed2book.render.email_body import UNSUBSCRIBE
from feed2book.render.email_html import body
from feed2book.render.email_images import WIDEST
from feed2book.render.email_page import inert

SENDER, RECIPIENT = "feed2book <digest@feed2book.invalid>", "reader@example.org"
MAIL = MailOptions(sender=SENDER)
# What some clients lack and we use nevertheless: see docs/decisions.md, "The letter".
LACKING = [
    word
    for feature in (
        *("@media", "<style> element", "display:none", "<ruby> element", "<rp> element", "<rt> element"),
        *("table-layout", "white-space", "overflow", "word-break", "Local anchors"),
    )
    for word in ("--allow", feature)
]
ALL = MailOptions(html_bytes=10**9)


def digest(book: Book, options: RenderOptions | None = None) -> Artifact:
    return render_message(book, render_digest(book, options or RenderOptions(), MAIL), MAIL, RECIPIENT)


def page(book: Book, mail: MailOptions = ALL) -> Artifact:
    return render_digest_html(book, render_digest(book, RenderOptions(), mail))


def message(book: Book, options: RenderOptions | None = None) -> EmailMessage:
    parsed = message_from_bytes(digest(book, options).data, policy=policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def html_of(book: Book, options: RenderOptions | None = None) -> str:
    return part(message(book, options), "html")


def with_html(html: str, title: str = "A post") -> Book:
    return factories.make_book((factories.make_part("Notes", factories.make_article(title, html)),))


class Outline(HTMLParser):
    """The ids, fragment links, headings and image addresses of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.fragments: list[str] = []
        self.headings: list[str] = []
        self.images: list[dict[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        if values.get("href", "").startswith("#"):
            self.fragments.append(values["href"][1:])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag == "img":
            self.images.append(values)


# The message


def test_text_comes_first_then_html_with_its_images() -> None:
    mail = message(factories.full_book())
    kinds = [found.get_content_type() for found in mail.walk()]
    assert kinds[:4] == ["multipart/alternative", "text/plain", "multipart/related", "text/html"]
    assert sorted(kinds[4:]) == ["image/jpeg", "image/png", "image/png"]
    assert not [defect for found in mail.walk() for defect in found.defects]


def test_without_images_there_is_nothing_to_relate() -> None:
    kinds = [found.get_content_type() for found in message(factories.small_book()).walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_every_image_shown_is_a_part_and_every_part_is_shown() -> None:
    book = factories.full_book()
    mail = message(book)
    shown = {image["src"].removeprefix("cid:") for image in Outline(part(mail, "html")).images}
    parts = {
        str(found["content-id"]).strip("<>"): found.get_content()
        for found in mail.walk()
        if found.get_content_maintype() == "image"
    }
    assert set(parts) == shown
    assert set(parts.values()) == {asset.data for asset in book.assets}


def test_an_image_that_no_post_shows_is_not_sent() -> None:
    book = replace(factories.small_book(), assets=(factories.picture(),))
    assert b"image/png" not in digest(book).data


def test_the_message_is_seven_bit_with_crlf_and_short_lines() -> None:
    book = with_html(f"<p>{'日本語 é ' * 3000}</p><pre><code>{'x' * 5000}\n.\nFrom here </code></pre>")
    data = digest(book).data
    assert data.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert "日本語 é" in part(message(book), "html")
    assert "\n    From here" in part(message(book), "plain")


def test_headers_say_what_it_is() -> None:
    mail = message(factories.small_book())
    assert mail["subject"] == "The Harbour Letter"
    assert mail["date"].datetime == factories.ISSUED
    assert (mail["from"], mail["to"]) == (SENDER, RECIPIENT)
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["message-id"].endswith("@feed2book.invalid>")


def test_the_message_id_derives_from_book_issue_and_recipient() -> None:
    book = factories.small_book()
    first = message(book)["message-id"]
    assert message(book)["message-id"] == first
    assert message(replace(book, issued=book.issued.replace(day=24)))["message-id"] != first
    assert message(replace(book, identifier="urn:uuid:other"))["message-id"] != first
    other = render_message(book, render_digest(book, RenderOptions(), MAIL), MAIL, "else@example.org").data
    assert message_from_bytes(other)["message-id"] != first


def test_the_same_book_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys; from tests import factories; from feed2book.models import MailOptions, RenderOptions;"
        "from feed2book.render.email import render_digest, render_digest_html, render_message;"
        f"b, mail = factories.full_book(), MailOptions(sender={SENDER!r});"
        "d = render_digest(b, RenderOptions(), mail);"
        f"m = render_message(b, d, mail, {RECIPIENT!r}).data;"
        "sys.stdout.buffer.write(m + render_digest_html(b, d).data)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "PYTHONPATH": os.pathsep.join(sys.path)}
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    book = factories.full_book()
    assert made.stdout == digest(book).data + page(book).data


@pytest.mark.parametrize("wrong", ["", "nobody", "a@b\r\nBcc: c@d", "a@", "@b", "a b@c", "ü@example.org"])
def test_a_wrong_address_is_the_users_fault(wrong: str) -> None:
    book = factories.small_book()
    with pytest.raises(UsageError, match="not a mail address"):
        render_message(book, render_digest(book, RenderOptions(), MAIL), MAIL, wrong)


# The page


def test_every_link_inside_finds_its_place_and_ids_are_unique() -> None:
    outline = Outline(html_of(factories.full_book()))
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.fragments
    assert set(outline.fragments) <= set(outline.ids)


def test_the_contents_lead_to_each_post_and_say_its_minutes() -> None:
    book = factories.full_book()
    contents = html_of(book).partition(' id="contents"')[2].partition("</td>")[0]
    assert re.findall(r'<a href="#([^"]*)"', contents) == [article.key for article in book.articles]
    assert len(re.findall(r'<span class="minutes"', contents)) == len(book.articles)


def test_one_can_unsubscribe_in_both_parts_if_one_can() -> None:
    book = factories.small_book()
    mail = replace(MAIL, unsubscribe_mail="leave+{token}@example.org")
    made = render_digest(book, RenderOptions(), mail)
    for text in (made.html, made.text):
        assert text.count(UNSUBSCRIBE) == 1
        assert "Unsubscribe" in text
    assert "nsubscribe" not in html_of(book)


def test_headings_step_down_from_the_digest_to_its_posts_to_their_sections() -> None:
    headings = Outline(html_of(factories.full_book())).headings
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    assert headings.count("h2") == 6
    assert all(int(after[1]) <= int(before[1]) + 1 for before, after in pairwise(headings))


def test_the_deepest_heading_stays() -> None:
    html = body(factories.make_article("A", "<h2>a</h2><h5>b</h5><h6>c</h6><hr/>"), {})
    assert html == "<h3>a</h3><h6>b</h6><h6>c</h6><hr/>"


def test_pictures_fit_the_column_and_keep_their_proportions() -> None:
    wide, small = factories.picture("JPEG", 900, 300), factories.picture("PNG", 100, 50)
    html = f"<p>{factories.img(wide, 'a &gt; b')}</p><p>{factories.img(small, '')}</p>"
    images = Outline(body(factories.make_article("A", html), {})).images
    assert [image["width"] for image in images] == [str(WIDEST), "100"]
    assert all("height" not in image for image in images)


def test_posts_feeds_and_minutes_are_announced() -> None:
    html = html_of(factories.full_book())
    assert "6 posts · from 3 feeds · 13 minutes · 2–11 Nov 2026" in html
    assert "1 post · 1 minute · 2 November 2026" in html_of(with_html("<p>A</p>"))


def test_a_post_has_its_own_language_and_direction() -> None:
    html = html_of(factories.full_book())
    (cell,) = re.findall(f'<td[^>]* id="{factories.key_of(factories.ARABIC)}"[^>]*>', html)
    assert 'lang="ar"' in cell
    assert 'dir="rtl"' in cell


def test_missing_things_leave_no_trace() -> None:
    article = factories.make_article("Alone", "", authors=(), day=-1, url="javascript:alert(1)")
    book = factories.make_book((factories.make_part("Notes", article, host=""),))
    html = html_of(book)
    assert "javascript" not in html
    assert "Read on the web" not in html
    assert "None" not in html
    assert part(message(book), "plain").strip()


def test_styles_are_in_the_elements_and_only_media_rules_in_a_sheet() -> None:
    html = html_of(factories.full_book())
    (sheet,) = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    assert re.findall(r"^\S.*\{$", sheet, re.MULTILINE) == re.findall(r"^@media.*$", sheet, re.MULTILINE)
    assert 'style="padding: 5px 0;color: #1F4B7A;"' in html


def test_inlining_adds_little() -> None:
    book = factories.many_posts(10)
    written = sum(len(article.html) for article in book.articles)
    assert len(page(book).data) < 1.3 * written


def test_a_users_sheet_comes_last() -> None:
    css = "h1 { color: #123456 } @media (max-width: 300px) { h1 { color: #654321 } }"
    html = html_of(factories.small_book(), RenderOptions(css=css))
    assert re.search(r"<h1 style=\"[^\"]*color: #123456", html)
    assert "#654321" in html


def test_a_users_template_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "digest.html").write_text("<p>Mine: {{ book.title }}</p>")
    assert "Mine: The Harbour Letter" in html_of(factories.small_book(), RenderOptions(templates=tmp_path))


def test_a_users_templates_fault_is_told(tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "digest.txt").write_text("{{ nothing }}")
    with pytest.raises(RenderError, match=r"digest\.txt"):
        digest(factories.small_book(), RenderOptions(templates=tmp_path))


def test_a_token_that_nothing_answers_to_is_an_error() -> None:
    with pytest.raises(RenderError, match="nothing in the book"):
        digest(with_html(f'<p><img src="{token("asset", "0000")}" alt=""/></p>'))
    with pytest.raises(RenderError, match="cannot show image"):
        digest(with_html(f"<p>{token('image', '3')}</p>"))


def test_text_that_looks_like_markup_stays_text_and_looks_less_like_it() -> None:
    said = (
        '<p>Write <code>&lt;img src="a.png" onload = "x()"&gt;</code>, background=red, acid:rain, \ufffd. '
        '<a href="https://example.org/?src=feed&amp;q=cid:1">There</a> '
        '<abbr title="&lt;base&gt;">b</abbr></p>'
    )
    html = html_of(with_html(said, 'A <script> onclick="x" title'))
    shown = re.sub('<td class="post".*?</td>', "", html, flags=re.DOTALL)
    for text in (html, shown):
        assert not re.search(r"\son[a-z]+\s*=", text)
        assert not re.search("<script|<base", text)
        assert not re.search(r"""(?:src|background)\s*=\s*["']?(?!cid:)""", text)
    assert "cid:" not in html
    assert "\ufffd" not in html

    class Text(HTMLParser):
        found = ""

        def handle_data(self, data: str) -> None:
            self.found += data

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found += "".join(f"[{value}]" for name, value in attrs if name in ("href", "title"))

    reader = Text()
    reader.feed(html)
    assert '<img src="a.png" onload = "x()">, background=red, acid:rain, ?.' in reader.found
    assert "[https://example.org/?src=feed&q=cid:1]There" in reader.found
    assert "[<base>]b" in reader.found
    assert 'A <script> onclick="x" title' in reader.found


def test_real_addresses_of_images_are_left_alone() -> None:
    source = token("asset", "1")
    html = f'<img class="picture" src="{source}" alt="src=2"><p style="background: red">'
    assert inert(html) == html.replace("src=2", "src&#61;2")


# The page by itself


def test_the_html_page_carries_its_images() -> None:
    artifact = page(factories.full_book())
    assert (artifact.media_type, artifact.filename[-5:]) == ("text/html", ".html")
    images = Outline(artifact.data.decode()).images
    assert len(images) == 3
    assert all(image["src"].startswith("data:image/") for image in images)


@pytest.mark.validators
def test_independent_validators_find_nothing(validators: Path, tmp_path: Path) -> None:
    hostile = "<p>" + "=?utf-8?q?x?= \u2028 src=x cid:y onload=z \ufffd" * 9 + "</p>"
    books = {
        "full": factories.full_book(),
        "small": factories.small_book(),
        "hostile": replace(with_html(hostile), title="=?utf-8?b?DQo=?= \r\nBcc: x@example.org \u202e🎉" * 20),
    }
    files = []
    for name, book in books.items():
        (tmp_path / f"{name}.eml").write_bytes(digest(book).data)
        (tmp_path / f"{name}.html").write_bytes(page(book).data)
        files += [tmp_path / f"{name}.eml", tmp_path / f"{name}.html"]
    mails = [file for file in files if file.suffix == ".eml"]
    checks: list[list[str | Path]] = [
        ["eml_lint", *mails],
        ["nu_html", *files],
        ["email_render.mjs", mails[0]],
        ["email_support.mjs", mails[0], "--min-score", "80", *LACKING],
    ]
    for program, *arguments in checks:
        command = [str(validators / "bin" / str(program)), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
