"""Formulas on their way out: MathML in EPUB, drawings in print, pictures and words in mail."""

from __future__ import annotations

import io
import re
import time
import zipfile
from dataclasses import replace
from email import message_from_bytes, policy
from html import unescape
from typing import Any

import factories
import pytest

from feed2book.article import address_book, clean
from feed2book.article.tex_delimiters import find
from feed2book.models import Book, Entry, Formula, MailOptions, RenderOptions
from feed2book.render.drawing import WIDEST, draw, picture
from feed2book.render.email import render_digest, render_message
from feed2book.render.epub import render_epub


def formula(tex: str) -> Formula:
    article = clean(Entry("1", content=f"<p>So {tex} is it.</p>"), "post-00000001", address_book([]))
    assert len(article.formulas) == 1, article.html
    return article.formulas[0]


def book(markup: str) -> Book:
    """Return a book of a post without formulas and one with this markup."""
    entry = Entry("1", content=markup, title="With formulas")
    article = clean(entry, "post-00000001", address_book([]))
    without = factories.make_article("Without", "<p>Nothing here.</p>")
    shape = factories.make_article("With formulas", article.html)
    with_formulas = replace(shape, formulas=article.formulas, excerpt=article.excerpt)
    return factories.make_book((factories.make_part("Letters", without, with_formulas),))


MARKUP = r"""<p>Inline \(\frac{a}{b} &lt; 1\) and \(\alpha\).</p><p>\[ \sum_i x_i \]</p>
<p><img class="latex" alt="x^2" src="https://s0.wp.com/latex.php?latex=x%5E2"></p>"""


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\(\alpha\)", "α"),
        (r"\(a \le b\)", "a ≤ b"),
        (r"\(\mathbf{x}\)", "x"),
        (r"\(\frac{a}{b}\)", r"\frac{a}{b}"),
        ("<math><mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac></math>", "a/(b+1)"),
        ("<math><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></math>", "x_i^2"),
        ("<math><mover><mi>x</mi><mo>˙</mo></mover></math>", "x˙"),
    ],
)
def test_a_formula_has_words(tex: str, words: str) -> None:
    assert formula(tex).alt == words


@pytest.mark.parametrize(
    "tex",
    [
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
        r"\begin{eqnarray*} a &=& b \end{eqnarray*}",
        r"\begin{alignat}{2} a &= b &\quad c &= d \end{alignat}",
        r"\begin{gathered} a \\ b \end{gathered}",
        r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{else} \end{cases}",
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        r"\operatorname*{arg\,max}_x f(x)",
        r"\mathop{\mathrm{argmin}}_\theta",
        r"\mathbb{R}, \mathcal{L}, \mathfrak{g}, \boldsymbol{\theta}",
        r"X \perp\!\!\!\perp Y",
        r"\underbrace{a+b}_{c} \tag{1}",
        r"\xrightarrow{f} \binom{n}{k} \sqrt[3]{x}",
    ],
)
def test_what_authors_write_is_read_and_drawn(tex: str) -> None:
    found = formula(f"\\[{tex.replace('&', '&amp;').replace('>', '&gt;')}\\]")
    assert "\\" not in re.sub(' alttext="[^"]*"', "", found.mathml)
    assert draw(found)


def test_a_drawing_stands_on_the_baseline_of_its_text() -> None:
    flat, hanging, fraction = (draw(formula(tex)) for tex in (r"\(x\)", r"\(y\)", r"\(\frac{a}{b}\)"))
    assert flat
    assert hanging
    assert fraction
    assert flat.depth < 0.06 < hanging.depth < fraction.depth
    assert 0.4 < flat.height < 0.7
    assert f"vertical-align:{-hanging.depth:.3f}em" in hanging.style


def test_fences_around_a_sum_are_as_high_as_it_is() -> None:
    drawing = draw(formula(r"\[\left(\sum_{j} y_j^2\right)^{1/2}\]"))
    assert drawing
    assert drawing.height < 4


def test_integrals_in_a_line_of_text_are_no_larger_than_sums() -> None:
    integral, total = draw(formula(r"\(\int_0^1 f\)")), draw(formula(r"\(\sum_{i=1}^n f\)"))
    assert integral
    assert total
    assert integral.height < 1.2 * total.height < 2


def test_brackets_grow_with_their_own_matrix_only() -> None:
    tall = r"\begin{pmatrix} 1 \\ 2 \\ 3 \\ 4 \end{pmatrix}"
    found = formula(rf"\[\begin{{vmatrix}} a & b \\ c & d \end{{vmatrix}} {tall}\]".replace("&", "&amp;"))
    assert found.mathml.count('<mrow><mo fence="true" form="prefix" stretchy="true">') == 2


def test_a_formula_wider_than_a_page_is_set_in_lines() -> None:
    terms = " + ".join(rf"\frac{{a_{{{number}}}}}{{b_{{{number}}}}}" for number in range(24))
    drawing, inline = draw(formula(rf"\[x = {terms}\]")), draw(formula(rf"\(x = {terms}\)"))
    assert drawing
    assert inline
    assert drawing.width <= WIDEST < inline.width
    assert drawing.height > 2 * inline.height


def test_what_cannot_be_broken_stays_on_its_line() -> None:
    drawing = draw(formula(r"\[\text{" + "wide " * 30 + r"}\]"))
    assert drawing
    assert drawing.width > WIDEST


def test_readers_without_mathml_get_pictures() -> None:
    options = RenderOptions(device=replace(RenderOptions().device, mathml=False))
    artifact = render_epub(book(MARKUP), options)
    with zipfile.ZipFile(io.BytesIO(artifact.data)) as archive:
        names = archive.namelist()
        texts = [archive.read(name).decode() for name in names if name.endswith((".xhtml", ".opf"))]
    assert not any("<math" in text or 'properties="mathml"' in text for text in texts)
    shown = [tag for text in texts for tag in re.findall(r'<img class="maths"[^>]*/>', text)]
    assert len(shown) == 4
    assert all(re.search(r'style="width:[\d.]+em;vertical-align:-?[\d.]+em"', tag) for tag in shown)
    assert all(
        any(name.endswith(src) for name in names) for tag in shown for src in re.findall('src="([^"]+)"', tag)
    )
    assert 'alt="\\frac{a}{b} &lt; 1"' in "".join(shown)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        (r"Sorting in \(O(n \log n)\)", "Sorting in O(n log n)"),
        (r"On $\alpha$-helices", "On α-helices"),
        (r"All of \(\frac{\alpha^2}{2}\)", "All of (α^2)/2"),
        ("From $5 to $6", "From $5 to $6"),
        (r"Why \(\nosuch\) is there", r"Why \(\nosuch\) is there"),
    ],
)
def test_a_title_says_its_formulas(title: str, said: str) -> None:
    assert clean(Entry("1", title=title, content="<p>x</p>"), "post-00000001", address_book([])).title == said


def test_macros_cost_no_more_than_they_give() -> None:
    doubling = "".join(rf"\def\{chr(97 + n)}{{\{chr(98 + n)}\{chr(98 + n)}}}" for n in range(24))
    article = clean(Entry("1", content=rf"<p>\({doubling}\a\)</p>"), "post-00000001", address_book([]))
    assert not article.formulas


def test_delimiters_without_an_end_cost_no_time() -> None:
    started = time.process_time()
    for text in (
        r"\(" * 200_000,
        r"\[" * 200_000 + r"\(",
        "$$ " * 200_000,
        r"\begin{align}" * 50_000,
        "[latex]" * 50_000 + "[/latex]",
    ):
        assert sum(1 for _ in find(text, dollars=True)) < 200_000
    assert time.process_time() - started < 5


def test_what_would_take_long_to_draw_is_not_drawn() -> None:
    deep = formula("\\(" + r"\left(" * 20 + "x" + r"\right)" * 20 + "\\)")
    assert draw(deep) is None
    assert draw(formula("\\(" + "x" * 1900 + "\\)")) is None


def test_a_picture_is_opaque_and_as_large_as_asked() -> None:
    from PIL import Image

    drawing = draw(formula(r"\(\frac{a}{b}\)"))
    assert drawing
    asset = picture(drawing, 32)
    with Image.open(io.BytesIO(asset.data)) as image:
        assert image.convert("RGBA").getchannel("A").getextrema() == (255, 255)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
        assert abs(image.height - drawing.height * 32) <= 1
    assert picture(drawing, 32) == asset


def test_an_epub_holds_mathml_and_says_so() -> None:
    artifact = render_epub(book(MARKUP), RenderOptions())
    with zipfile.ZipFile(io.BytesIO(artifact.data)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist() if "images" not in name}
    holders = {name.rpartition("/")[2] for name, text in files.items() if "<math " in text}
    package = next(text for name, text in files.items() if name.endswith(".opf"))
    declared = set(re.findall(r'href="([^"]+)"[^>]*properties="mathml"', package))
    assert holders == declared
    assert len(holders) == 1
    (chapter,) = (text for text in files.values() if "<math " in text)
    assert chapter.count("<math ") == 4
    assert 'alttext="\\frac{a}{b} &lt; 1"' in chapter
    assert '<p class="formula" tabindex="0"><math ' in chapter
    assert not any("latex.php" in text for text in files.values())


def test_a_digest_shows_pictures_and_says_formulas_in_words() -> None:
    made = book(MARKUP)
    mail = MailOptions(sender="a@b.example")
    artifact = render_message(made, render_digest(made, RenderOptions(), mail), mail, "c@d.example")
    message: Any = message_from_bytes(artifact.data, policy=policy.default)
    html = message.get_body(("html",)).get_content()
    shown = re.findall(r'<img class="maths"[^>]* src="cid:([^"]+)"', html)
    carried = {part["Content-ID"].strip("<>") for part in message.walk() if part["Content-ID"]}
    assert len(shown) == 4
    assert set(shown) == carried
    assert 'alt="\\frac{a}{b} &lt; 1"' in html
    assert "latex.php" not in unescape(html)
    words = message.get_body(("plain",)).get_content()
    assert r"Inline \frac{a}{b} < 1 and α." in words


def test_a_pdf_says_each_formula_in_words() -> None:
    pikepdf = pytest.importorskip("pikepdf")
    from feed2book.render.pdf import render_pdf

    artifact = render_pdf(book(MARKUP), RenderOptions())
    with pikepdf.open(io.BytesIO(artifact.data)) as document:
        said = [
            str(item.Alt)
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and "/Alt" in item
        ]
    assert sorted(said) == sorted([r"\frac{a}{b} < 1", "α", r"\sum_i x_i", "x^2"])
