"""Long lines of code: each a block of its own, so that what wraps can hang below its start, with a mark."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')
_NAME = re.compile("[a-z0-9]+")
_PRE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_PARTS = re.compile(r"\A(<pre\b[^<>]*>)(.*)(</pre>)\Z", re.DOTALL)
_ONE_CODE = re.compile(r"\A(<pre\b[^<>]*><code\b[^<>]*>)((?:(?!</?code\b).)*)(</code></pre>)\Z", re.DOTALL)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_DEEPEST = 16
_LETTER = 0.6  # em: the width of a letter in monospace fonts


def split_code(text: str) -> list[str]:
    """Return the pieces of an article, blocks of code at the odd places."""
    return _PRE.split(text)


def fit_code(code: str, longest: int) -> str:
    """Return a ``pre`` with each line of more than ``longest`` characters in a ``span class="line"``.

    The line end stays in the span: as the last thing in a block it adds no empty line, and the text is
    the same as before.
    """
    if all(len(line) <= longest for line in code.split("\n")):
        return code
    _, start, content, end, _ = (_ONE_CODE if _ONE_CODE.match(code) else _PARTS).split(code)
    return start + "".join(_line(line, longest) for line in _lines(content)) + end


def _line(line: str, longest: int) -> str:
    if len(line) <= longest and "\t" not in line:  # tags and references only make it shorter
        return line
    text = html.unescape(_TAG.sub("", line)).expandtabs(4)
    if len(text) <= longest:
        return line
    # What wraps hangs four letters deeper than its line starts; the mark stands before it.
    deep = min(len(text) - len(text.lstrip()), _DEEPEST) + 4
    hang = _LETTER * deep
    style = (
        f"padding-left:{hang:.1f}em;text-indent:-{hang:.1f}em;background-position:{hang - 1.4:.1f}em 1.7em"
    )
    if max(map(len, text.split())) > longest - deep:  # else it would begin below an empty line, or stick out
        style += ";word-break:break-all"
    return f'<span class="line" style="{style}">{line}</span>'


def _lines(content: str) -> Iterator[str]:
    """Yield the lines with their ends, each with the tags that are open in it opened and closed again."""
    stack: list[str] = []
    for line in _LINE.findall(content.rstrip("\n")):
        opening = "".join(stack)
        for tag in _TAG.findall(line) if "<" in line else ():
            if tag.startswith("</"):
                del stack[-1:]
            elif not tag.endswith("/>"):
                stack.append(tag)
        closing = "".join(f"</{_NAME.findall(tag)[0]}>" for tag in reversed(stack))
        yield f"{opening}{line}{closing}" if line.strip() else line
