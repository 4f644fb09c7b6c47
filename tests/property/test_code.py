"""The text of a block of code is what the author wrote, whichever tool set it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markup import cleaned

Lines = list[str]

_PIECES = st.sampled_from(
    [
        "if",
        "x",
        " ",
        "  ",
        "\t",
        "=",
        "<b>",
        "&amp;",
        "&",
        '"',
        "'",
        "#",
        "é",
        "字",
        "{",
        "}",
        "//",
        "1",
        "$x$",
        "\\(y\\)",
    ]
)
_LINE = st.lists(_PIECES, max_size=8).map("".join)
# What stands at the ends of a block is not seen: blank lines there, and white space after the last letter.
_BLOCKS = st.tuples(st.lists(_LINE, max_size=6), _LINE).map(
    lambda parts: ["  first", *parts[0], (parts[1] + "last")]
)


def _spans(line: str) -> str:
    """Return a line as highlighters write it: spans around its words, white space between them."""
    return re.sub(r"(\w+|&\w+;)", r'<span class="token number">\1</span>', escape(line, quote=False))


def _solid(line: str) -> str:
    return _spans(line).replace(" ", "&nbsp;")


def _pre(lines: Lines) -> str:
    return f"<pre><code>{escape(chr(10).join(lines))}\n</code></pre>"


def _highlighted(lines: Lines) -> str:
    return '<pre><code class="hljs language-none">' + "\n".join(map(_spans, lines)) + "\n</code></pre>"


def _breaks(lines: Lines) -> str:
    return "<pre>" + "<br>".join(map(_solid, lines)) + "</pre>"


def _shiki(lines: Lines) -> str:
    return (
        "<pre><code>"
        + "\n".join(f'<span class="line">{_spans(line)}</span>' for line in lines)
        + "</code></pre>"
    )


def _docusaurus(lines: Lines) -> str:
    inner = "".join(f'<span class="token-line">{_spans(line)}<br></span>' for line in lines)
    return f'<pre class="prism-code"><code>{inner}</code></pre>'


def _numbers(lines: Lines) -> str:
    return "\n".join(str(number) for number, _ in enumerate(lines, 1))


def _rouge(lines: Lines) -> str:
    code = "\n".join(map(_spans, lines))
    return (
        '<div class="highlight"><pre class="highlight"><code><table class="rouge-table"><tbody><tr>'
        f'<td class="gutter gl"><pre class="lineno">{_numbers(lines)}\n</pre></td>'
        f'<td class="code"><pre>{code}\n</pre></td></tr></tbody></table></code></pre></div>'
    )


def _pygments(lines: Lines) -> str:
    code = "\n".join(map(_spans, lines))
    return (
        '<table class="highlighttable"><tr><td class="linenos"><div class="linenodiv">'
        f"<pre>{_numbers(lines)}</pre></div></td>"
        f'<td class="code"><div class="highlight"><pre><span></span>{code}\n</pre></div></td></tr></table>'
    )


def _chroma(lines: Lines) -> str:
    numbers = "".join(f'<span class="lnt">{number}\n</span>' for number, _ in enumerate(lines, 1))
    code = "".join(f'<span class="line"><span class="cl">{_spans(line)}\n</span></span>' for line in lines)
    return (
        '<div class="highlight"><table class="lntable"><tr>'
        f'<td class="lntd"><pre class="chroma"><code>{numbers}</code></pre></td>'
        f'<td class="lntd"><pre class="chroma"><code>{code}</code></pre></td></tr></table></div>'
    )


def _syntaxhighlighter(lines: Lines) -> str:
    numbers = "".join(f'<div class="line number{at}">{at}</div>' for at, _ in enumerate(lines, 1))
    code = "".join(
        f'<div class="line number{at}">'
        + (f'<code class="js plain">{_solid(line)}</code>' if line else "")
        + "</div>"
        for at, line in enumerate(lines, 1)
    )
    return (
        f'<div class="syntaxhighlighter js"><table><tbody><tr><td class="gutter">{numbers}</td>'
        f'<td class="code"><div class="container">{code}</div></td></tr></tbody></table></div>'
    )


def _gist(lines: Lines) -> str:
    rows = "".join(
        f'<tr><td class="blob-num js-line-number" data-line-number="{at}"></td>'
        f'<td class="blob-code blob-code-inner js-file-line">{_spans(line)}</td></tr>'
        for at, line in enumerate(lines, 1)
    )
    return f'<div class="gist"><table class="js-file-line-container"><tbody>{rows}</tbody></table></div>'


def _editor(lines: Lines) -> str:
    rows = "".join(f"<div>{_spans(line)}</div>" if line.strip() else "<br>" for line in lines)
    return f'<div style="font-family: Menlo, monospace; white-space: pre;">{rows}</div>'


TOOLS = (
    _pre,
    _highlighted,
    _breaks,
    _shiki,
    _docusaurus,
    _rouge,
    _pygments,
    _chroma,
    _syntaxhighlighter,
    _gist,
    _editor,
)


@pytest.mark.parametrize("tool", TOOLS)
@settings(deadline=None, derandomize=True, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(_BLOCKS)
def test_code_is_what_the_author_wrote(tool: Callable[[Lines], str], lines: Lines) -> None:
    html = cleaned(f"<p>Before</p>{tool(lines)}<p>After</p>").html
    (block,) = re.findall("(?s)<pre.*?</pre>", html)
    text = unescape(re.sub("<[^<>]*>", "", block))
    if tool is _editor:  # which writes nothing into an empty line
        lines = [line if line.strip() else "" for line in lines]
    assert text.split("\n") == lines
