"""Code in colours, or rather in weights: spans of a few classes around what Pygments recognises.

It works on the written article, on blocks that hold nothing but text, and adds no text and takes none.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from feed2book.article.vocabulary import names

if TYPE_CHECKING:
    from pygments.lexer import Lexer

# Larger blocks are data rather than code to be read. No code has the lines of _STRANGE. Both matter since
# lexers are not linear: those of _TRIED take at most a second for the worst block that we could think of;
# others may take minutes, and have short blocks only.
_MOST_IN_BLOCK = 2_500  # characters
_MOST_IF_TRIED = 8_000
_MOST_IN_ARTICLE = 32_000
_TRIED = names(
    "python pycon javascript typescript jsx c cpp objective-c php ruby perl bash console powershell html xml "
    "css scss sass less sql mysql go rust haskell scala swift kotlin lua splus julia json yaml toml ini "
    "diff make docker nginx apacheconf clojure scheme common-lisp emacs-lisp erlang elixir fsharp ocaml elm "
    "dart matlab vb.net nixos graphql protobuf markdown handlebars django erb tex vim http"
)
_STRANGE = re.compile(r"[^\n]{500}|\s{100}")

_BLOCK = re.compile(
    r'(<pre\b[^<>]*>(?:<span id="[^"<>]*"></span>)*<code class="language-([^"<>]+)"[^<>]*>)'
    r"([^<>]+)(</code></pre>)"
)

#: What each class stands for, as Pygments' token types; the first that fits counts.
_CLASSES = (
    ("c", ("Comment",)),
    ("", ("Keyword.Constant",)),
    ("k", ("Keyword", "Operator.Word", "Name.Tag", "Generic.Heading", "Generic.Subheading")),
    ("s", ("Literal.String",)),
    ("n", ("Literal.Number",)),
    ("d", ("Name.Function", "Name.Class", "Name.Decorator")),
)


def highlight(xhtml: str) -> str:
    """Return an article with its code highlighted, wherever the language is known and the code is short."""
    if '<code class="language-' not in xhtml:
        return xhtml
    left = _MOST_IN_ARTICLE

    def block(match: re.Match[str]) -> str:
        nonlocal left
        size = len(match[3])
        most = _MOST_IF_TRIED if match[2] in _TRIED else _MOST_IN_BLOCK
        if size > min(most, left) or _STRANGE.search(match[3]):
            return match[0]
        lexer = _lexer(match[2])
        if lexer is None:
            return match[0]
        left -= size
        return match[1] + _marked(lexer, match[3]) + match[4]

    return _BLOCK.sub(block, xhtml)


@cache
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    options = {"startinline": True} if language == "php" else {}
    try:
        return get_lexer_by_name(language, **options)
    except ClassNotFound:
        return None


def _marked(lexer: Lexer, escaped: str) -> str:
    code = html.unescape(escaped)
    marked = "".join(_spans(lexer, code + "\n")).removesuffix("\n")  # many lexers end comments at line ends
    # a lexer that drops or adds characters is not to be trusted with an author's code
    return marked if re.sub(r"</?span[^<>]*>", "", marked) == escaped else escaped


def _spans(lexer: Lexer, code: str) -> Iterator[str]:
    """Yield the code, neighbours of one class (and the spaces between them) in one span."""
    name, held = "", ""
    for _, kind, value in lexer.get_tokens_unprocessed(code):
        new = _class(kind) if value.strip() else name
        if new != name:
            yield _span(name, held)
            name, held = new, ""
        held += value
    yield _span(name, held)


def _span(name: str, text: str) -> str:
    """Return ``text`` escaped, in a span of class ``name`` that no white space ends."""
    solid = text.rstrip()
    written, rest = (_escape(part) for part in (solid, text[len(solid) :]))
    return f'<span class="{name}">{written}</span>{rest}' if name and solid else written + rest


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@cache
def _class(kind: object) -> str:
    said = str(kind).removeprefix("Token.")
    for name, kinds in _CLASSES:
        if said.startswith(kinds):
            return name
    return ""
