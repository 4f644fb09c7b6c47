"""Makes what is too wide for a page fit: long words in tables, long lines of code, text before a link.

CSS alone would either break every word of a table anywhere, or let the table run off the paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')
_NAME = re.compile(r"</?([a-zA-Z0-9]+)")
_SPAN = re.compile(r' colspan="(\d+)"')
_WORD = re.compile(r"[^\s\u200b]+")
_UNIT = re.compile(r"&[^;\s]*;|.", re.DOTALL)
_PRE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_PARTS = re.compile(r"\A(<pre\b[^<>]*>)(.*)(</pre>)\Z", re.DOTALL)

# WeasyPrint 70 measures a text that ends just before the margin with the space after it, finds it too
# wide, and sets its first word alone on the line. So such a space goes into the element that follows.
_SPACE = re.compile(
    r"(?<=[^\s>])\s(<(?:a|abbr|b|cite|code|del|dfn|em|i|ins|kbd|s|samp|small|strong|sub|sup|time|u|var)"
    r'(?:\s(?:[^<>"]|"[^"]*")*)?>)'
)
_SPACE_IMAGE = re.compile(r"(?<=[^\s>])\s(?=<img\b)")

# Characters in a line of a table over the whole measure, and those lost to a column's padding.
_TABLE_LINE = 76
_PADDING = 2
# A line of code with more characters than this may not fit, at least not in a list.
_CODE_LINE = 45
_DEEPEST = 16


def fit(html: str) -> str:
    """Return the HTML of an article with breaks where its tables and its code need them."""
    if "<table" in html:
        html = _fit_tables(html)
    pieces = _PRE.split(html)
    for number, piece in enumerate(pieces):
        pieces[number] = _fit_code(piece) if number % 2 else _move_spaces(piece)
    return "".join(pieces)


def _move_spaces(html: str) -> str:
    return _SPACE_IMAGE.sub("<span> </span>", _SPACE.sub(r"\1 ", html))


def _fit_tables(html: str) -> str:
    """Let each word be broken that is longer than its column can be.

    The more columns, the shorter; so the narrowest that a table can get is narrower than the page.
    """
    pieces = _TAG.split(html)
    columns = iter(_columns(pieces))
    limits: list[int] = []
    code = False
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            if limits and not code:
                pieces[number] = _break_words(piece, limits[-1])
            continue
        name = _name(piece)
        if name == "pre":
            code = not piece.startswith("</")
        elif name == "table" and piece.startswith("</"):
            limits = limits[:-1]
        elif name == "table":
            room = limits[-1] if limits else _TABLE_LINE
            limits.append(max(1, room // next(columns) - _PADDING))
    return "".join(pieces)


def _name(tag: str) -> str:
    match = _NAME.match(tag)
    return match[1].lower() if match else ""


def _columns(pieces: list[str]) -> list[int]:
    """Return the number of columns of each table, in the order of their start tags."""
    found: list[int] = []
    open_tables: list[list[int]] = []  # place in found, cells in this row
    for tag in pieces[1::2]:
        name, closing = _name(tag), tag.startswith("</")
        if name == "table" and not closing:
            open_tables.append([len(found), 0])
            found.append(1)
        elif name == "table" and open_tables:
            open_tables.pop()
        elif name == "tr" and open_tables:
            open_tables[-1][1] = 0
        elif name in {"td", "th"} and not closing and open_tables:
            span = _SPAN.search(tag)
            place, cells = open_tables[-1]
            cells += int(span[1]) if span else 1
            open_tables[-1][1] = cells
            found[place] = max(found[place], cells)
    return found


def _break_words(text: str, limit: int) -> str:
    return _WORD.sub(lambda match: _break_word(match[0], limit), text)


def _break_word(word: str, limit: int) -> str:
    if len(word) <= limit:
        return word
    units = _UNIT.findall(word)
    return "\u200b".join("".join(units[at : at + limit]) for at in range(0, len(units), limit))


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
        closing = "".join(f"</{_name(tag)}>" for tag in reversed(stack))
        yield f"{opening}{line}{closing}" if line else line
