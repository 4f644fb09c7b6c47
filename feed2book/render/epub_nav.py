"""The contents that a device shows by itself: ``nav.xhtml``, and ``toc.ncx`` for older ones, line by line.

A thousand posts have ten thousand lines, for which a template takes five times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup, escape

from feed2book.models import Article, Book, Device, Node
from feed2book.render.characters import xml_text
from feed2book.render.templating import language_tag
from feed2book.render.words import Words


class Navigation:
    """The lines of both documents: the same ones, no deeper than the device shows.

    Args:
        book: the bound book.
        device: how many levels it shows, and whether as one flat list.
        depth: the most levels of sections.
        href: gives the address of a line.
        words_of: gives the words of a language.

    Attributes:
        levels: how many levels there are.
        count: how many lines.
    """

    def __init__(
        self,
        book: Book,
        device: Device,
        depth: int,
        href: Callable[[Node], str],
        words_of: Callable[[str], Words],
    ) -> None:
        above = 2 if book.contents[0].kind == "part" else 1  # levels of parts and articles
        self._deepest = above + min(depth, device.levels - above)
        self._book = book
        self._flat = device.flat
        self._href = href
        self._words_of = words_of
        self._articles: Mapping[str, Article] = {article.key: article for article in book.articles}
        self.levels = self.count = 0
        self._nav: list[str] = []
        self._ncx: list[str] = []
        self._add(book.contents, 1)
        self.lines, self.points = _joined(self._nav), _joined(self._ncx)

    def _add(self, nodes: Sequence[Node], level: int) -> None:
        """Write the nodes, and those below them: each a line of ``nav.xhtml`` and a point of ``toc.ncx``.

        Points are numbered in reading order without a gap.
        """
        self.levels = max(self.levels, level)
        for node in nodes:
            self.count += 1
            href, label, news = self._href(node), self._label(node), self._news(node)
            mark = f' <span class="news">{news}</span>' if news else ""
            self._nav.append(f'<li{self._tongue(node)}><a href="{href}">{label}{mark}</a>\n')
            self._ncx.append(
                f'<navPoint id="nav-{self.count}" playOrder="{self.count}">\n'
                f"<navLabel><text>{label}{news and f' {news}'}</text></navLabel>\n"
                f'<content src="{href}"/>\n'
            )
            if node.children and level < self._deepest:
                self._nav.append("<ol>\n")
                self._add(node.children, level + 1)
                self._nav.append("</ol>\n")
            self._nav.append("</li>\n")
            self._ncx.append("</navPoint>\n")

    def _label(self, node: Node) -> Markup:
        """Return the title. In a flat list only words tell a post from a section."""
        before = ""
        if self._flat and node.kind != "part":
            before = f"{node.number}. " if node.kind == "article" else "– "
        return escape(before + xml_text(node.title))

    def _news(self, node: Node) -> str:
        if node.kind != "article" or node.key not in self._book.news:
            return ""
        said = self._words_of(language_tag(self._articles[node.key].language, self._book.language))
        return f"({escape(said.say(self._book.news[node.key]))})"

    def _tongue(self, node: Node) -> str:
        """Return language and direction of a post's title, as attributes."""
        article = self._articles[node.key] if node.kind == "article" else None
        if article is None or not article.language:
            return ""
        return f' lang="{language_tag(article.language)}" dir="{article.direction}"'


def _joined(lines: Sequence[str]) -> Markup:
    return Markup("".join(lines))  # noqa: S704 (all text in it is escaped above)
