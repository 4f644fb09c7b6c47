"""Code: what is highlighted, what is not, and that highlighting changes no character."""

from __future__ import annotations

import html
import re

import pytest
from bs4.element import Tag
from hypothesis import given, settings
from hypothesis import strategies as st

from feed2book.article.highlight import highlight
from feed2book.article.passes.code import code_text
from feed2book.article.tree import parse


def block(code: str, language: str = "python") -> str:
    return f'<pre><code class="language-{language}">{html.escape(code, quote=False)}</code></pre>'


def text(markup: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", markup))


@settings(deadline=None)  # the first use of a language loads its lexer
@given(
    st.lists(st.sampled_from(["def f():", "\n", "    ", "\t", '"a', "# c", "<b>", "&amp;", "/*", "é", "{"])),
    st.sampled_from(["python", "html", "javascript", "bash", "php", "nobody-knows", "css", "console"]),
)
def test_highlighting_changes_no_character(pieces: list[str], language: str) -> None:
    markup = block("x" + "".join(pieces), language)
    assert text(highlight(markup)) == text(markup)


def test_only_five_classes_are_written() -> None:
    code = "@decorator\nclass A(B):\n    def f(self):\n        return 'a' + 1  # why"
    assert set(re.findall(r'<span class="(\w)">', highlight(block(code)))) == set("kcsnd")


@pytest.mark.parametrize(
    "markup",
    [
        block("a = 1", "nobody-knows"),
        block("a = 1\n" * 3_000),
        block("a = " + "1" * 600),
        block("a = 1" + "\n" * 200 + "b = 2"),
        "<pre><code>a = 1</code></pre>",
        '<pre><code class="language-python">a = <mark>1</mark></code></pre>',
        '<p><code class="language-python">a = 1</code></p>',
    ],
    ids=["unknown", "large", "long line", "gap", "no language", "marked", "inline"],
)
def test_what_is_left_alone(markup: str) -> None:
    assert highlight(markup) == markup


def test_an_article_full_of_code_is_highlighted_up_to_a_bound() -> None:
    done = highlight(block("a = 1\n" * 1_000) * 20)
    assert 0 < done.count('<code class="language-python">a = <span') < 20


@pytest.mark.parametrize(
    ("markup", "code"),
    [
        ("a<br>b", "a\nb"),
        ("<div>a</div><div></div><div>b</div>", "a\n\nb"),
        ("<div>a\n</div><div>b\n</div>", "a\nb"),
        ('<span class="line">a</span>\n<span class="line"></span>\n<span class="line">b</span>', "a\n\nb"),
        ("a<div>b</div>c", "a\nb\nc"),
        ("<ol><li>a</li> <li>b</li></ol>", "a\nb"),
        ("\u00a0a\u00a0b", " a b"),
        ("\n\n\ta\n", "\ta"),
    ],
)
def test_each_line_of_code_is_a_line(markup: str, code: str) -> None:
    pre = parse(f"<pre>{markup}</pre>").find("pre")
    assert isinstance(pre, Tag)
    assert code_text(pre) == code
