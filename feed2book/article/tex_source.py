r"""TeX in the words that the converter knows: what authors write is wider than what it reads."""

from __future__ import annotations

import re
import unicodedata

from feed2book.article.tex_macros import group_end
from feed2book.article.vocabulary import names

_TEXT = re.compile(
    r"\\(?:text(?:rm|bf|it|sf|tt|sc|normal|up|md)?|mbox|hbox|textnormal|intertext|emph)\s*(?=\{)(?!\\)"
)
_IN_TEXT = re.compile(r"(?<!\\)\$([^$]*)\$|\\\((.*?)\\\)", re.DOTALL)
_ACCENT = re.compile(r"""\\(['"`^~=.]|[cvuHrk](?![A-Za-z]))\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z]))""")
_ACCENTS = dict(
    zip(
        "'\"`^~=.cvuHrk",
        "\u0301\u0308\u0300\u0302\u0303\u0304\u0307\u0327\u030c\u0306\u030b\u030a\u0328",
        strict=True,
    )
)
_LETTERS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "l": "ł",
}
_TEXT_COMMAND = re.compile(r"\\([A-Za-z]+)\s*|\\([%$#&_{} ,;:!])")

_TAG = re.compile(r"\\tag\s*(\*?)\s*\{([^{}]*)\}")
_ROWS = re.compile(
    r"\\(begin|end)\s*\{(?:align|aligned|alignat|alignedat|eqnarray|flalign|multline|multlined|gather|gathered)\*?\}"
    r"(?:\[[tbc]\])?"
)
_ARRAY = re.compile(r"\\begin\s*\{(?:array|subarray)\}\s*(?:\[[tbc]\])?\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_MATHOP = re.compile(
    r"\\mathop\s*\{\s*(?:\\rm|\\mathrm|\\text(?:rm)?|\\operatorname)\s*\{?\s*([A-Za-z][A-Za-z\s,\\]*?)\s*\}?\s*\}"
)
_OPERATOR = re.compile(r"\\operatorname(?:withlimits)?\s*\*?\s*\{((?:[^{}]|\{[^{}]*\})*)\}")

#: Environments that the converter knows; it reads others as letters and signs.
_KNOWN = names(
    "matrix matrix* pmatrix pmatrix* bmatrix bmatrix* Bmatrix Bmatrix* vmatrix vmatrix* Vmatrix Vmatrix*"
    " smallmatrix array cases split align align*"
)
_BEGIN = re.compile(r"\\begin\s*\{\s*([^{}]*?)\s*\}")

_UNITS = "pt|em|ex|mm|cm|in|px|pc|mu"
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag|displaybreak|allowbreak|nobreak)(?![A-Za-z])", ""),
        (r"\\(?:begin|end)\s*\{(?:equation|displaymath|math|subequations)\*?\}", ""),
        (r"(\\begin\s*\{aligne?d?at\*?\})\s*\{\d+\}", r"\1"),
        (rf"(\\\\|\\cr)\s*\*?\s*\[\s*-?[\d.]+\s*(?:{_UNITS}|\\[a-z]+)\s*\]", r"\\\\ "),
        (r"\\(begin|end)\s*\{dcases\*?\}|\\(begin|end)\s*\{cases\*\}", r"\\\1\2{cases}"),
        (r"\\begin\s*\{d?rcases\*?\}", r"\\left.\\begin{matrix}"),
        (r"\\end\s*\{d?rcases\*?\}", r"\\end{matrix}\\right\\}"),
        (r"\\end\s*\{subarray\}", r"\\end{array}"),
        (r"\\(?:text|math)rm\s*\{", r"\\mathrm {"),  # closer together, it is read as italics
        (r"\\not\s*=", r"\\neq "),
        (r"\\not\s*<", r"\\nless "),
        (r"\\not\s*>", r"\\ngtr "),
        (r"\\(?:mathds|mathbbm|Bbb)(?![A-Za-z])", r"\\mathbb"),
        (r"\\bold(?![A-Za-z])", r"\\mathbf"),
        (r"\\hfill?(?![A-Za-z])", r"\\quad "),
        (r"\\colon(?![A-Za-z])", r"{:}\\,"),
        (r"(?<=\d)\{,\}(?=\d)", r"\\text{,}"),
        (r"\\math(?:op|rel|bin|ord|punct|inner|open|close)\s*(?=\{)", ""),
        (r"(?<=[\w)}\]])[\u2019\u2032]", "'"),
        (r"(?<=[\w)}\]])[\u201d\u2033]", "''"),
        ("[\u2013\u2014]", "-"),
        ("\u2026", r"\\ldots "),
        ("\u00a0", " "),
    )
)


class UnreadableError(ValueError):
    """TeX that the converter would take for something else than it is."""


def prepare(tex: str) -> str:
    """Return TeX as the converter can read it.

    Raises:
        UnreadableError: its braces do not match, or an environment is in it that the converter does not know.
    """
    if group_end(f"{{{tex}}}", 0) != len(tex) + 2:
        raise UnreadableError
    parts = _apart(_OPERATOR.sub(_operator, _MATHOP.sub(r"\\operatorname{\1}", tex)))
    parts[::2] = map(_spell, parts[::2])
    tex = _place_tags("".join(parts))
    tex = _ROWS.sub(r"\\\1{align*}", tex)
    if not _KNOWN.issuperset(_BEGIN.findall(tex)):
        raise UnreadableError
    return tex


def _apart(tex: str) -> list[str]:
    r"""Return the pieces of TeX, text (as ``\text{…}``) at the odd places, formulas inside it taken out."""
    pieces = [""]
    at = 0
    while match := _TEXT.search(tex, at):
        end = group_end(tex, match.end())
        if end < 0:
            break
        pieces[-1] += tex[at : match.start()]
        command = (
            "textbf" if "bf" in match[0] else "textit" if "it{" in match[0] or "emph" in match[0] else "text"
        )
        inner = _IN_TEXT.split(tex[match.end() + 1 : end - 1])
        for number in range(0, len(inner), 3):
            text = _plain(inner[number])
            pieces += [f"\\{command}{{{text}}}" if text else "", ""]
            if number + 2 < len(inner):
                pieces[-1] += f"{{{inner[number + 1] or inner[number + 2] or ''}}}"
        at = end
    pieces[-1] += tex[at:]
    return pieces


def _plain(text: str) -> str:
    """Return the text of a text command: accents as letters, no commands, no braces."""
    text = _ACCENT.sub(_accented, text)
    text = _TEXT_COMMAND.sub(_character, text.replace("~", " "))
    return text.replace("{", "").replace("}", "").replace("``", "“").replace("''", "”")


def _accented(match: re.Match[str]) -> str:
    letter = match[2] or match[3]
    return unicodedata.normalize("NFC", letter + _ACCENTS[match[1]])


def _character(match: re.Match[str]) -> str:
    if match[2]:
        return "" if match[2] in "{}!" else " " if match[2] in " ,;:" else match[2]
    if match[1] in _LETTERS:
        return _LETTERS[match[1]]
    return " " if match[1] in {"quad", "qquad", "enspace", "newline"} else ""


def _spell(tex: str) -> str:
    for pattern, new in _SPELLINGS:
        tex = pattern.sub(new, tex)
    tex = re.sub(r"\\mkern\s*(-?[\d.]+)\s*mu", lambda match: f"\\hspace{{{_em(match[1])}em}}", tex)
    return _ARRAY.sub(_columns, tex)


def _em(mu: str) -> str:
    return f"{float(mu) / 18:.3f}" if re.fullmatch(r"-?\d{1,4}(\.\d{0,9})?", mu) else "0"


def _operator(match: re.Match[str]) -> str:
    name = re.sub(r"\\[,;: ]|~", "\u2009", match[1].strip())
    name = re.sub(r"\\!|\\(?:rm|sf|bf|mathrm)(?![A-Za-z])", "", name).strip()
    if re.fullmatch("[A-Za-z\u2009 ]+", name):
        return f"\\operatorname{{{name.replace(' ', chr(0x2009))}}}"
    return f"\\mathrm{{{match[1]}}}"


def _columns(match: re.Match[str]) -> str:
    """Keep of an array's columns what says how they stand."""
    columns = re.sub(r"[@!><]\s*\{[^{}]*\}", "", match[1][:200])
    columns = re.sub(r"\*\s*\{(\d{1,2})\}\s*\{([lcr|\s]*)\}", lambda many: many[2] * int(many[1]), columns)
    columns = re.sub(r"[pmb]\s*\{[^{}]*\}", "l", columns)
    return f"\\begin{{array}}{{{re.sub('[^lcr|]', '', columns) or 'c'}}}"


def _place_tags(tex: str) -> str:
    """Let the number of an equation follow it, and those of several rows their rows."""
    tags = _TAG.findall(tex)
    if len(tags) == 1:
        return _TAG.sub("", tex) + _tag(*tags[0])
    return _TAG.sub(lambda match: _tag(match[1], match[2]), tex)


def _tag(star: str, name: str) -> str:
    return rf"\qquad\text{{{name if star else f'({name})'}}}"
