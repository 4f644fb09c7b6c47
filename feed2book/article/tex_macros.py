r"""Macros for formulas: ``\newcommand``, ``\def``, ``\DeclareMathOperator``, ``\let``.

MathJax and KaTeX keep a definition for all formulas that follow, so the macros belong to the article. Each
expansion is bounded: a definition can double what it stands for, and twenty such ones fill a disk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MOST = 8000  # characters of an expansion
_ROUNDS = 12  # macros in macros
_MOST_MACROS = 300
_BODY = 600  # characters of a definition

_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand|DeclareMathOperator|[gex]?def|let)(?![A-Za-z])(\*?)\s*"
    r"(?:\{\s*\\([A-Za-z]+)\s*\}|\\([A-Za-z]+))[ \t]*"
    r"(?:\[([1-9])\])?[ \t]*(?:\[([^\[\]]{0,99})\])?((?:#[1-9]){0,9})[ \t]*(=?)\s*"
)
#: What begins a definition.
DEFINES = re.compile(r"\\(?:(?:re|provide)?newcommand|[gex]?def|let|DeclareMathOperator)(?![A-Za-z])")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_OPTIONAL = re.compile(r"\s*\[([^\[\]]*)\]")
_ARGUMENT = re.compile(r"\s*(\\[A-Za-z]+|\\.|[^\s{}\\])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Macro:
    """A body with ``#1`` …, how many arguments it takes, the default of a first one that may be left out."""

    body: str
    arguments: int = 0
    default: str | None = None


Macros = Mapping[str, Macro]

#: What sites define for all their pages, so that a feed does not show it; KaTeX knows many of these itself.
COMMON: Macros = {
    **{name: Macro(rf"\mathbb{{{name}}}") for name in "RNZQ"},
    "reals": Macro(r"\mathbb{R}"),
    "Complex": Macro(r"\mathbb{C}"),
    "natnums": Macro(r"\mathbb{N}"),
    **{
        name: Macro(rf"\operatorname{{{name}}}")
        for name in (
            "Var",
            "Cov",
            "Corr",
            "tr",
            "Tr",
            "rank",
            "diag",
            "sgn",
            "sign",
            "softmax",
            "supp",
            "vol",
        )
    },
    "abs": Macro(r"\left|#1\right|", 1),
    "norm": Macro(r"\left\|#1\right\|", 1),
    "set": Macro(r"\left\{#1\right\}", 1),
    "ceil": Macro(r"\left\lceil #1\right\rceil", 1),
    "floor": Macro(r"\left\lfloor #1\right\rfloor", 1),
    "dv": Macro(r"\frac{d #1}{d #2}", 2),
    "pdv": Macro(r"\frac{\partial #1}{\partial #2}", 2),
    "degree": Macro(r"^\circ"),
    "hdots": Macro(r"\ldots "),
    "nicefrac": Macro(r"{#1}/{#2}", 2),
    "sfrac": Macro(r"{#1}/{#2}", 2),
    "prescript": Macro(r"{}^{#1}_{#2}#3", 3),
    "class": Macro("#2", 2),
    "cssId": Macro("#2", 2),
    "style": Macro("#2", 2),
    "htmlClass": Macro("#2", 2),
    "htmlId": Macro("#2", 2),
    "smash": Macro("#1", 1),
    "ensuremath": Macro("#1", 1),
    "require": Macro("", 1),
    "vspace": Macro("", 1),
    "raisebox": Macro("#2", 2),
    "eqref": Macro(r"\text{(#1)}", 1),
    "ref": Macro(r"\text{#1}", 1),
}


def group_end(tex: str, start: int) -> int:
    r"""Return the place after the group whose ``{`` stands at ``start``, or -1 when it is not closed."""
    depth, at = 0, start
    while at < len(tex):
        if tex[at] == "\\":
            at += 1
        elif tex[at] == "{":
            depth += 1
        elif tex[at] == "}":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return -1


def read_definitions(tex: str) -> tuple[dict[str, Macro], str]:
    """Return the macros that ``tex`` defines, and what it says besides."""
    macros: dict[str, Macro] = {}
    rest: list[str] = []
    at = 0
    while match := _DEFINITION.search(tex, at):
        end = _body_end(tex, match)
        rest.append(tex[at : match.start()])
        at = max(end, match.end())
        body = tex[match.end() : end]
        if end < 0 or len(body) > _BODY or len(macros) >= _MOST_MACROS:
            continue
        macros[match[2] or match[3]] = _macro(match, body[1:-1] if body[:1] == "{" else body)
    return macros, "".join(rest) + tex[at:]


def _body_end(tex: str, match: re.Match[str]) -> int:
    start = match.end()
    if tex[start : start + 1] == "{":
        return group_end(tex[: start + _BODY + 2], start)
    single = _ARGUMENT.match(tex, start)
    return single.end() if single else -1


def _macro(match: re.Match[str], body: str) -> Macro:
    if "Operator" in match[0]:
        return Macro(rf"\operatorname{match[1]}{{{body}}}")
    count = int(match[4]) if match[4] else len(match[6]) // 2
    return Macro(body, count, match[5])


def expand(tex: str, macros: Macros) -> str | None:
    """Return ``tex`` without macros, or None when they make too much of it.

    Names that neither the article nor :data:`COMMON` defines stay.
    """
    known = {**COMMON, **macros}
    for _ in range(_ROUNDS):
        if not any(name in known for name in _COMMAND.findall(tex)):
            return tex
        new = _once(tex, known)
        if len(new) > _MOST:
            return None
        tex = new
    return None


def _once(tex: str, macros: Macros) -> str:
    """Expand each macro that stands in ``tex``, not those in what they stand for."""
    parts: list[str] = []
    at = size = 0
    while match := _COMMAND.search(tex, at):
        parts.append(tex[at : match.start()])
        at = match.end()
        macro = macros.get(match[1])
        if macro is None or (macro.arguments and tex[at:].isspace()):
            parts.append(match[0])
        else:
            text, at = _expanded(tex, at, macro)
            parts.append(text)
            size += len(text)
        if size > _MOST:
            break
    return "".join(parts) + tex[at:]


def _expanded(tex: str, at: int, macro: Macro) -> tuple[str, int]:
    given: list[str] = []
    optional = _OPTIONAL.match(tex, at) if macro.default is not None else None
    if macro.default is not None:
        given.append(optional[1] if optional else macro.default)
        at = optional.end() if optional else at
    while len(given) < macro.arguments:
        argument, at = _argument(tex, at)
        given.append(argument)
    body = re.sub("#([1-9])", lambda match: _given(given, int(match[1])), macro.body)
    return (f"{body} " if body[-1:].isalpha() else body), at


def _given(given: list[str], number: int) -> str:
    return given[number - 1] if number <= len(given) else ""


def _argument(tex: str, at: int) -> tuple[str, int]:
    start = at
    while tex[start : start + 1].isspace():
        start += 1
    if tex[start : start + 1] == "{":
        end = group_end(tex, start)
        if end > 0:
            return tex[start + 1 : end - 1], end
    single = _ARGUMENT.match(tex, at)
    return (single[1], single.end()) if single else ("", at)
