"""The page of a digest in pieces, of which those are put together that are to be shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from feed2book.errors import RenderError
from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Asset, substitute, token

_CUT = re.compile(f"<!--{TOKEN_OPEN}cut:([^{TOKEN_CLOSE}]*){TOKEN_CLOSE}-->\n?")
_ATTRIBUTES = r'(?:[^<>"]|"[^"]*")*?'
_SOURCE = f' src="{TOKEN_OPEN}asset:([^{TOKEN_CLOSE}]*){TOKEN_CLOSE}"'
_PICTURE = re.compile(rf"(<a\b{_ATTRIBUTES}>)?<img\b{_ATTRIBUTES}{_SOURCE}{_ATTRIBUTES}>")
_ALT = re.compile(r' alt="([^"]*)"')
_TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
_VALUE = re.compile(r'"[^"]*"')
_SUSPECT = re.compile(r"(?i)(?:(?<=\s)on[a-z]+|src|background)\s*(=)|cid(:)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of HTML, shown if the post ``key`` has one of ``levels``; always, if there are none."""

    levels: tuple[str, ...]
    key: str
    html: str


def cut(levels: str = "", key: str = "") -> Markup:
    """Return the mark, for a template, at which a piece for these levels (words) of a post begins."""
    return Markup(f"<!--{token('cut', f'{key} {levels}')}-->")  # noqa: S704 (ours)


def split(html: str) -> Iterator[Piece]:
    """Yield the pieces of a page."""
    first, *rest = _CUT.split(html)
    yield Piece((), "", inert(first))
    for mark, text in zip(rest[::2], rest[1::2], strict=True):
        key, *levels = mark.split(" ")
        yield Piece(tuple(filter(None, levels)), key, inert(text))


def joined(pieces: Iterable[Piece], levels: Mapping[str, str]) -> str:
    """Return the page with each post, by its key, at its level."""
    return "".join(one.html for one in pieces if not one.levels or levels.get(one.key) in one.levels)


def spelled(
    html: str,
    assets: Mapping[str, Asset],
    image: Callable[[Asset], str | None],
    link: Callable[[str], str],
    rest: str,
) -> str:
    """Return the HTML without tokens, but for those that are known only when the message is addressed.

    Args:
        html: a page, or pieces of it.
        assets: what images stand for, by id.
        image: gives the address of one, None if its words are to stand for it.
        link: gives the address of a post in the book (``KEY#FRAGMENT``).
        rest: says how many posts are not listed.

    Raises:
        RenderError: a token stands for something that is not in the book.
    """

    def picture(match: re.Match[str]) -> str:
        opening, name = match.groups()
        if name not in assets:
            raise RenderError(f"nothing in the book answers to asset {name!r}")
        address = image(assets[name])
        if address is not None:
            return match[0].replace(token("asset", name), escape(address), 1)
        words = _ALT.search(match[0], len(opening or ""))
        said = f"<i>{words[1]}</i>" if words and words[1] else ""
        return (opening or "") + (said or ("<i>…</i>" if opening else ""))

    def other(kind: str, value: str) -> str:
        if kind == "post":
            return _spell_out(escape(link(value)))
        if kind == "rest":
            return escape(rest)
        if kind == "unsubscribe":
            return token(kind, value)
        raise RenderError(f"nothing in the book answers to {kind} {value!r}")

    return substitute(_PICTURE.sub(picture, html), other)


def inert(html: str) -> str:
    """Spell text so that a mail gateway, which looks for patterns and does not parse, finds nothing.

    A post about programming says ``onclick=…`` or ``src=…`` in its text and its alternative texts.
    There, and only there, the mark that makes it look like an attribute or an address becomes a
    character reference. U+FFFD (a letter that the feed had already lost) becomes a question mark.
    """
    pieces = _TAG.split(html.replace("\ufffd", "?"))
    pieces[::2] = map(_spell_out, pieces[::2])
    pieces[1::2] = (_VALUE.sub(_quiet, tag) if '"' in tag else tag for tag in pieces[1::2])
    return "".join(pieces)


def _quiet(value: re.Match[str]) -> str:
    return _spell_out(value[0].replace("<", "&lt;"))


def _spell_out(text: str) -> str:
    return _SUSPECT.sub(lambda found: f"{found[0][:-1]}&#{ord(found[0][-1])};", text)
