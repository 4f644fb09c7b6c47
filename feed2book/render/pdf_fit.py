"""Prepares the HTML of an article for the narrow lines of a page: tables, code, text before a link."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feed2book.render.pdf_columns import fit_tables

_TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')
_NAME = re.compile("[a-z0-9]+")
_PRE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_PARTS = re.compile(r"\A(<pre\b[^<>]*>)(.*)(</pre>)\Z", re.DOTALL)

# WeasyPrint 70 measures a text that ends just before the margin with the space after it, finds it too
# wide, and sets its first word alone on the line. So such a space goes into the element that follows.
_SPACE = re.compile(
    r"(?<=[^\s>])\s(<(?:a|abbr|b|cite|code|del|dfn|em|i|ins|kbd|s|samp|small|strong|sub|sup|time|u|var)"
    r'(?:\s(?:[^<>"]|"[^"]*")*)?>)'
)
_SPACE_IMAGE = re.compile(r"(?<=[^\s>])\s(?=<img\b)")

# A line of code with more characters than this may not fit, at least not in a list.
_CODE_LINE = 45
_DEEPEST = 16


def fit(html: str) -> str:
    """Return the HTML of an article with breaks where its tables and its code need them."""
    if "<table" in html:
        html = fit_tables(html)
    pieces = _PRE.split(html)
    for number, piece in enumerate(pieces):
        pieces[number] = _fit_code(piece) if number % 2 else _move_spaces(piece)
    return "".join(pieces)


def _move_spaces(html: str) -> str:
    return _SPACE_IMAGE.sub("<span> </span>", _SPACE.sub(r"\1 ", html))


def _fit_code(code: str) -> str:
    """Make each long line of code a block of its own, so that what wraps can hang below its start."""
    if all(len(line) <= _CODE_LINE for line in code.split("\n")):
        return code
    _, start, content, end, _ = _PARTS.split(code)
    pieces: list[str] = []
    run: list[str] = []
    for line in _lines(content):
        text = _TAG.sub("", line).expandtabs(4)
        if len(text) <= _CODE_LINE:
            run.append(line)
            continue
        # Letters of a monospace font are 0.6 em wide; what wraps hangs four deeper than its line starts.
        hang = 0.6 * (min(len(text) - len(text.lstrip()), _DEEPEST) + 4)
        style = f"padding-left:{hang:.1f}em;text-indent:-{hang:.1f}em"
        pieces += [_run(run), f'<span class="line" style="{style}">{line}</span>']
        run = []
    return start + "".join((*pieces, _run(run))) + end


def _run(lines: list[str]) -> str:
    """Return short lines as they were; a space keeps an empty last one from vanishing before a block."""
    return "\n".join(lines) + (" " if lines and not lines[-1] else "")


def _lines(content: str) -> Iterator[str]:
    """Yield the lines, each with the tags that are open in it opened and closed again."""
    stack: list[str] = []
    for line in content.rstrip("\n").split("\n"):
        opening = "".join(stack)
        for tag in _TAG.findall(line):
            if tag.startswith("</"):
                del stack[-1:]
            elif not tag.endswith("/>"):
                stack.append(tag)
        closing = "".join(f"</{_NAME.findall(tag)[0]}>" for tag in reversed(stack))
        yield f"{opening}{line}{closing}" if line else line
