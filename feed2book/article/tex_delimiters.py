r"""Where TeX stands in a run of text.

``\(…\)``, ``\[…\]``, ``$$…$$``, ``$latex …$``, ``[latex]…[/latex]``, environments, and careful ``$…$``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: Stands for a line break in a run of text; no text has it (see article/text.py).
BREAK = "\ufdd2"

_LONGEST = 20_000  # characters between delimiters: of definitions; formulas are shorter
_LONGEST_INLINE = 400  # characters between single dollars

_ENVIRONMENTS = (
    "align|alignat|aligned|cases|displaymath|eqnarray|equation|flalign|gather|gathered|math|multline|split"
    "|[pbvBV]?matrix"
)
_SHORTCODES = "latex|tex|math|equation"
_OPENER = re.compile(
    rf"(?<!\\)(?:\\\(|\\\[|\\begin\{{((?:{_ENVIRONMENTS})\*?)\}}|\[({_SHORTCODES})\]"
    rf"|\$\$|\$latex(?=[\s\\{{{BREAK}])|\$)"
)
# One of these is in any text that holds a delimiter.
_MARKS = ("$", "\\", "[/")
_CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$latex": "$"}
# Options of WordPress for the picture that it would draw
_OPTIONS = re.compile(r"(?:\s*&(?:amp;)?(?:bg|fg|s|zoom|c)=[\w#-]{1,8})+\s*$")

# TeX that nothing else is: a command, a braced script, or a script on a single letter.
_COMMAND = re.compile(r"\\[A-Za-z]{2,}|[_^]\{")
_SCRIPT = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][_^][A-Za-z0-9{\\(]|[)}\]][_^]")
_GROUPED = re.compile(
    r"\\(?:text|mathrm|mathit|mathbf|operatorname|mbox|textit|textbf|rm|label|begin|end)\s*\*?\s*\{+[^{}]*\}+"
)
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")
_SIGN = re.compile(r"[=<>+\-*/^_(){}\\|]|[^\x00-\x7f]")
# $HOME/bin:$PATH, $('…'), ${…}
_SHELL = re.compile(
    r"""[A-Z]{2}[A-Z0-9_]*[/:;]|\(\s*['"#.]|\{[A-Z_]{2,}\w*\}|\{[a-z]{3,}\w*\}|\{\w+\}[/:.-]?$"""
)
_PATTERN = re.compile(r"\\[dwsDWSb](?![A-Za-z])")  # of a regular expression


@dataclass(frozen=True, slots=True)
class Found:
    """TeX in a run of text: where it starts and ends with its delimiters, what it is, how it opened."""

    start: int
    end: int
    tex: str
    opener: str

    @property
    def display(self) -> bool:
        """Whether it stands on a line of its own."""
        return self.opener not in {"\\(", "$", "$latex", "[]"}

    @property
    def certain(self) -> bool:
        """Whether it is TeX, even if it cannot be read."""
        return self.opener != "$" and is_tex(self.tex)


def is_tex(tex: str) -> bool:
    """Say whether there is a command in it, or a braced script: nothing but TeX has those."""
    return bool(_COMMAND.search(tex))


def has_script(tex: str) -> bool:
    """Say whether a letter carries an index or an exponent."""
    return bool(_SCRIPT.search(tex))


def may_be_maths(tex: str) -> bool:
    """Say whether ``tex`` reads as a formula: a sign or a single letter, and no plain words."""
    bare = _GROUPED.sub("", tex)
    words = len(_PROSE.findall(bare))
    if is_tex(tex) or has_script(tex):
        return words <= 4
    return words == 0 and (
        bool(_SIGN.search(bare.strip())) or len(bare.strip()) == 1 or bare.strip().isdecimal()
    )


def may_hold_tex(text: str) -> bool:
    """Say, at little cost, whether there may be a delimiter in ``text``: most texts have none."""
    return any(mark in text for mark in _MARKS)


def find(text: str, *, dollars: bool) -> Iterator[Found]:
    """Yield what stands between delimiters, in order; ``dollars`` says whether single ones count."""
    at = 0
    ends = _Ends(text)
    while match := _OPENER.search(text, at):
        found = _match(text, match, ends, dollars=dollars)
        at = found.end if found else match.end()
        if found:
            yield found


def uses_dollars(texts: Iterable[str], *, formulas: bool) -> bool:
    """Say whether an article sets its formulas between single dollars.

    Args:
        texts: its runs of text.
        formulas: whether it has formulas of another make.
    """
    found = [found for text in texts for found in find(text, dollars=True)]
    inner = [one.tex for one in found if one.opener == "$"]
    if any(map(is_tex, inner)) or sum(map(has_script, inner)) > 1:
        return True
    return bool(inner) and (formulas or len(inner) < len(found))


class _Ends:
    """Finds closers; where one was not found, or stands far off, is not looked for again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def after(self, closer: str, start: int) -> int:
        """Return where ``closer`` stands at or after ``start``, or -1 if that is nowhere near."""
        known = self._next.get(closer, 0)
        if (known >= 0 and known < start) or closer not in self._next:
            known = self._next[closer] = self._text.find(closer, start)
        return known if known - start <= _LONGEST else -1


def _match(text: str, match: re.Match[str], ends: _Ends, *, dollars: bool) -> Found | None:
    opener, start = match[0], match.end()
    if match[1]:
        closer = f"\\end{{{match[1]}}}"
        end = ends.after(closer, start)
        whole = text[match.start() : end + len(closer)]
        return Found(match.start(), end + len(closer), whole, "env") if end >= 0 else None
    if opener == "$":
        return _single(text, match.start()) if dollars else None
    closer = f"[/{match[2]}]" if match[2] else _CLOSERS[opener]
    end = ends.after(closer, start)
    tex = text[start:end]
    if end < 0 or opener in tex or ((opener in {"$$", "$latex"} or match[2]) and not may_be_maths(tex)):
        return None
    if opener == "$latex":
        tex = _OPTIONS.sub("", tex)
    return Found(match.start(), end + len(closer), tex, "[]" if match[2] else opener)


def _single(text: str, at: int) -> Found | None:
    """Return what stands between single dollars, by the rule that nobody writes a formula's ends blank."""
    end = text.find("$", at + 1, at + _LONGEST_INLINE)
    tex = text[at + 1 : end]
    if end < 0 or not tex or tex[0].isspace() or tex[-1].isspace() or tex[-1] == "\\" or BREAK in tex:
        return None
    if text[end + 1 : end + 2].isalnum() or text[at - 1 : at].isalnum() or not may_be_maths(tex):
        return None
    return None if _SHELL.match(tex) or _PATTERN.search(tex) else Found(at, end + 1, tex, "$")
