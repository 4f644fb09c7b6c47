"""What a text is made of, read from HTML or from Markdown, and how much of it another text has."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from html import escape
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from feed2book.models import Article, substitute

Parts = dict[str, Counter[str]]
"""For each of ``text``, ``headings``, ``images`` and ``code``: its words, titles, file names or lines."""

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_DRAWN = {"formula", "preview"}  # kinds of images that no author put there
_WORD = re.compile(r"\w+")
_FENCE = re.compile(r"^(`{3,}|~{3,})[^\n]*\n(.*?)^\1[ \t]*$", re.DOTALL | re.MULTILINE)
_FRONT = re.compile(r"\A```json\n(.*?)\n```\n", re.DOTALL)
_IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)[^)]*\)")
_TARGET = re.compile(r"\]\([^)]*\)|<https?://[^>]*>")
_QUOTED = re.compile(r"^> ?", re.MULTILINE)
_NOTE = re.compile(r"^\[\^[^\]]+\]:", re.MULTILINE)
_CALLOUT = re.compile(r"^\[!\w+\][-+]?", re.MULTILINE)
_TITLE = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
_SUBHEAD = re.compile(r'<p\b[^<>]* class="subhead"[^<>]*><strong>(.*?)</strong></p>', re.DOTALL)
_WAY_BACK = re.compile(r'<a [^<>]*class="backlink"[^<>]*>[^<>]*</a>')  # the number of a note is no word
_WHOLE = 0.98  # of the expected words: a byline may stand outside
_NOT_TEXT = ("script", "style", "noscript", "template", "iframe", "head")


@dataclass
class Score:
    """How well what was found matches what was expected, summed over many texts."""

    hits: int = 0
    found: int = 0
    expected: int = 0

    def add(self, found: Counter[str], expected: Counter[str]) -> None:
        """Count one more text."""
        self.hits += (found & expected).total()
        self.found += found.total()
        self.expected += expected.total()

    @property
    def precision(self) -> float:
        """The share of what was found that was expected."""
        return self.hits / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of what was expected that was found."""
        return self.hits / self.expected if self.expected else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def expected_parts(text: str, *, markdown: bool = False) -> Parts:
    """Return the parts of an expected text."""
    return _markdown_parts(text) if markdown else _html_parts(text)


def expected_title(markdown: str) -> str:
    """Return the title that an expected text in Markdown names in its front matter, as a feed would."""
    front = _FRONT.match(markdown)
    return str(json.loads(front[1])["title"]) if front else ""


def article_parts(article: Article, expected: Parts) -> Parts:
    """Return the parts of an article.

    Of an image's addresses the one counts that is expected; a bold line that was a heading, where no section
    begins (in a quote, over a contents list), counts as one if one is expected.
    """

    def spell(kind: str, value: str) -> str:
        formula = article.formulas[int(value)] if kind == "formula" else None
        return f" {escape(formula.tex) or formula.mathml} " if formula else " "

    parts = _html_parts(substitute(_WAY_BACK.sub("", article.html), spell))
    images = [
        [_file(url) for url in image.urls]
        for image in article.images
        if image.urls and image.kind not in _DRAWN
    ]
    wanted = expected["images"]
    demoted = Counter(_normal(text) for text in _SUBHEAD.findall(article.html))
    parts["headings"] += demoted & (expected["headings"] - parts["headings"])
    parts["images"] = Counter(next((name for name in names if name in wanted), names[0]) for names in images)
    return parts


def main_part(page: str, expected: Parts) -> str:
    """Return the markup that a feed would have given for a page: the smallest element with the whole text.

    Passes are measured on what feeds hold; to find the article in a page is not theirs.
    """
    element = next(html.document_fromstring(page).iterchildren("body"))
    etree.strip_elements(element, "script", "style", with_tail=False)
    wanted = expected["text"]
    whole = (wanted & _words(_spaced(element))).total()
    while True:
        inner = [child for child in element if isinstance(child.tag, str)]
        holds = [child for child in inner if (wanted & _words(_spaced(child))).total() >= _WHOLE * whole]
        if not holds:
            return str(html.tostring(element, encoding="unicode", with_tail=False))
        element = holds[0]


def _spaced(element: html.HtmlElement) -> str:
    return " ".join(str(text) for text in element.itertext())


def _html_parts(markup: str) -> Parts:
    root = html.fragment_fromstring(markup, create_parent="div")
    for element in list(root.iter(*_NOT_TEXT)):
        element.drop_tree()
    for element in root.iter("br"):
        element.tail = f"\n{element.tail or ''}"
    for element in [line for code in root.iter("pre") for line in code.iter("p", "div")]:
        element.text = f"\n{element.text or ''}"
    images = [element.get("src") or "" for element in root.iter("img")]
    code = "\n".join(element.text_content() for element in root.iter("pre"))
    return {
        "text": _words(" ".join(str(text) for text in root.itertext())),
        "headings": Counter(_normal(element.text_content()) for element in root.iter(*_HEADINGS)),
        "images": Counter(_file(source) for source in images if source and not source.startswith("data:")),
        "code": _lines(code),
    }


def _markdown_parts(text: str) -> Parts:
    text = _FRONT.sub("", text)
    code = "\n".join(match[2] for match in _FENCE.finditer(text))
    prose = _CALLOUT.sub("", _QUOTED.sub("", _FENCE.sub("\n", text)))
    code += "\n" + "\n".join(match[2] for match in _FENCE.finditer(prose))  # what is fenced in quotes
    prose = _FENCE.sub("\n", prose)
    images = Counter(_file(match[2]) for match in _IMAGE.finditer(prose))
    prose = _TARGET.sub("]", _IMAGE.sub(" ", _NOTE.sub("", prose)))
    return {
        "text": _words(f"{prose}\n{code}"),
        "headings": Counter(_normal(match[1]) for match in _TITLE.finditer(prose)),
        "images": images,
        "code": _lines(code),
    }


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(normalize("NFKC", text).casefold()))  # mathematical letters are letters


def _lines(code: str) -> Counter[str]:
    return Counter(line.strip() for line in code.splitlines() if line.strip())


def _normal(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _file(address: str) -> str:
    try:
        return unquote(urlsplit(address).path).rpartition("/")[2].casefold()
    except ValueError:
        return address
