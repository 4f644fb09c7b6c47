"""Markup for property tests: well meant, badly nested, hostile; and an independent reading of the result."""

from __future__ import annotations

import re
from html import escape

from hypothesis import strategies as st
from lxml import etree

from feed2book.article import address_book, clean
from feed2book.models import Article, Entry, substitute

URL = "https://blog.example/2026/a-post/"
KEY = "post-00000001"

_TAGS = """
    p div span b i em strong a ul ol li dl dt dd table thead tbody tfoot tr td th caption blockquote pre code
    h1 h2 h3 h4 h5 h6 figure figcaption section article aside header footer center font tt big strike details
    summary sub sup small q cite abbr ins del kbd ruby rt rp nav main address label time bdo o:p x-widget
"""
TAGS = _TAGS.split()
VOID = ("br", "hr", "img", "wbr")
ATTRIBUTES = (
    "",
    ' class="x"',
    ' id="a"',
    ' id="b c"',
    ' id="1ü"',
    ' name="n"',
    ' lang="de"',
    ' dir="rtl"',
    ' lang="no such"',
    ' style="color:red"',
    ' align="center"',
    ' href="#a"',
    ' href="#gone"',
    ' href="/x y"',
    ' href="https://other.example/[1]"',
    ' href="https://blog.example/2026/a-post#b%20c"',
    ' title="t &quot; &lt;"',
    ' colspan="2" rowspan="9"',
    ' start="3" value="7" type="a" reversed',
    ' datetime="2026-02-30"',
    ' datetime="2026-02-03"',
    ' src="/i.png" width="300" alt="a &amp; b"',
    ' src="e.png" height="16"',
)
HOSTILE = (
    ' onclick="alert(1)"',
    ' href="javascript:alert(1)"',
    ' href="JaVa\tScript:alert(1)"',
    ' href="data:text/html,&lt;script&gt;"',
    ' src="javascript:alert(1)"',
    ' style="background:url(javascript:alert(1))"',
    ' srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"',
    ' formaction="javascript:alert(1)"',
    ' xlink:href="https://evil.example/x"',
    ' background="https://evil.example/x.png"',
    ' href="vbscript:x"',
    ' id="\ufdd0image:0\ufdd1"',
)
FRAGMENTS = (
    "<script>alert(1)</script>",
    "<style>p{}</style>",
    "<svg><script>alert(1)</script><image href=x /></svg>",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "<iframe src='https://evil.example/'></iframe>",
    "<object data='x.swf'><embed src='x.swf'></object>",
    "<form action='x'><input name=a><button>Go</button></form>",
    "<link rel=stylesheet href=x><meta http-equiv=refresh content='0;url=x'><base href='https://evil.example/'>",
    "<video src='v.mp4' poster='p.png' autoplay></video>",
    "<template><img src=x onerror=alert(1)></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "</p></div></body></html>",
    "<p",
    "&#xfdd0;image:0&#xfdd1;",
    "\ufdd0post:x\ufdd1",
    "\x00\x0b\ufffe\ud800",
    "&lt;b&gt; &amp; &nbsp; &#8203;",
    "<xmp><b>raw</b></xmp>",
    "<plaintext>",
    "<select><option>a</select>",
    "<textarea></textarea><script>",
)


def documents(*, hostile: bool = False) -> st.SearchStrategy[str]:
    """Markup of all shapes: elements in elements that may not hold them, closed or not."""
    attributes = st.sampled_from(ATTRIBUTES + HOSTILE if hostile else ATTRIBUTES)
    text = st.sampled_from(("one ", " two", "three", " ", "\n", "a &amp; b ", "字", "\u00a0", "x  y"))
    void = st.builds("<{}{}>".format, st.sampled_from(VOID), attributes)
    leaves = (
        st.one_of(text, text, void, st.sampled_from(FRAGMENTS)) if hostile else st.one_of(text, text, void)
    )

    def nested(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.builds(
            lambda tag, given, inside, closed: f"<{tag}{given}>{''.join(inside)}" + f"</{tag}>" * closed,
            st.sampled_from(TAGS),
            attributes,
            st.lists(children, max_size=4),
            st.sampled_from((True, True, True, False)),
        )

    return st.lists(st.recursive(leaves, nested, max_leaves=25), max_size=6).map("".join)


def cleaned(markup: str, *, title: str = "A post", images: bool = True) -> Article:
    """Return the article of an entry with that markup, alone in its book."""
    entry = Entry("1", url=URL, title=title, content=markup, base=URL)
    return clean(entry, KEY, address_book([(KEY, entry)]), images=images, language="en")


def spelled(article: Article, *, maths: bool = True) -> str:
    """Return an article's markup as a web page would have it: tokens as plain ids, links and images.

    Formulas are MathML or, without ``maths``, their words.
    """

    def spell(kind: str, value: str) -> str:
        if kind == "id":
            return value
        if kind == "post":
            return f"#{value.partition('#')[2]}" if "#" in value else URL
        if kind == "formula":
            formula = article.formulas[int(value)]
            return formula.mathml if maths else f"<var>{escape(formula.alt)}</var>"
        image = article.images[int(value)]
        if not image.urls:  # nowhere to be had: its words will stand there
            return escape(image.alt)
        size = f' width="{image.width}"' if image.width else ""
        size += f' height="{image.height}"' if image.height else ""
        alt = image.alt.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
        return f'<img src="{image.urls[0].replace("&", "&amp;")}" alt="{alt}"{size}/>'

    return substitute(article.html, spell)


def tree(article: Article) -> etree._Element:
    """Return the article as an XML tree below a ``section``; fails when it is not well-formed."""
    return etree.fromstring(f"<section>{spelled(article, maths=False)}</section>")


def text(element: etree._Element) -> str:
    """Return all text of an element on one line, a space for each line break."""
    for line_break in element.iter("br"):
        line_break.text = " "
    return re.sub(r"\s+", " ", "".join(map(str, element.itertext()))).strip()
