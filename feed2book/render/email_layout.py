"""The HTML of a digest, laid out once for every level at which a post may be shown, then put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from feed2book.models import Article, Asset, Book, MailOptions, RenderOptions
from feed2book.render import email_html
from feed2book.render.email_body import cid
from feed2book.render.email_excerpt import excerpt
from feed2book.render.email_fit import LEVELS, affordable, fit
from feed2book.render.email_page import Piece, joined, spelled
from feed2book.render.outside_links import treat_links
from feed2book.render.templating import web_url, words_of
from feed2book.render.words import Words

_UNSUBSCRIBE_ROOM = 1_000  # bytes; an address may have 900, and is known only when the message is addressed
_CONTENTS = "#contents"


@dataclass(frozen=True, slots=True)
class Layout:
    """A page in pieces, and what its tokens stand for.

    ``urls`` are the posts' addresses on the web (``""``: none), by key, in reading order. ``pictures`` is as
    in :class:`~feed2book.models.MailOptions`; ``said`` are the words of the book's language.
    """

    pieces: Sequence[Piece]
    assets: Mapping[str, Asset]
    urls: Mapping[str, str]
    pictures: str
    said: Words

    def html(
        self, levels: Mapping[str, str], left_out: frozenset[str] = frozenset()
    ) -> tuple[str, tuple[Asset, ...]]:
        """Return the page, and the images that it shows by ``cid:``.

        Args:
            levels: at which level each post is shown, by key.
            left_out: ids of images whose words are to stand for them.
        """
        shown: dict[str, Asset] = {}

        def image(asset: Asset) -> str | None:
            address = None if asset.id in left_out else self._address(asset)
            if address == f"cid:{cid(asset)}":
                shown[asset.id] = asset
            return address

        def link(place: str) -> str:
            ways = self._ways(place)
            return ways.get(levels[place.partition("#")[0]], ways["title"])

        absent = list(levels.values()).count("none")
        whole = joined(self.pieces, {**levels, "": "rest" if absent else ""})
        return self._spelled(whole, image, link, absent), tuple(shown.values())

    def sizes(self) -> tuple[dict[str, dict[str, int]], int]:
        """Return key → level → bytes that a post takes at that level, and the bytes of all else.

        None is too low: a link is counted in its longest spelling.
        """
        sizes: dict[str, dict[str, int]] = {key: dict.fromkeys(LEVELS, 0) for key in self.urls}
        fixed = 0
        for piece in self.pieces:
            html = self._spelled(
                piece.html,
                self._address,
                lambda place: max(self._ways(place).values(), key=len),
                len(self.urls),
            )
            size = len(html.encode("utf-8", "replace")) + html.count("\n")  # lines of a mail end in CRLF
            if piece.key not in sizes:
                fixed += size
                continue
            for level in piece.levels:
                sizes[piece.key][level] += size
        return sizes, fixed

    def _spelled(
        self, html: str, image: Callable[[Asset], str | None], link: Callable[[str], str], absent: int
    ) -> str:
        return spelled(html, self.assets, image, link, f"… + {self.said.count('posts', absent)}")

    def _ways(self, place: str) -> dict[str, str]:
        """Return level → where a link to a post (``KEY#FRAGMENT``) leads: a title is read on the web."""
        key, _, fragment = place.partition("#")
        return {
            "full": f"#{email_html.anchor(key, fragment)}",
            "excerpt": f"#{key}",
            "title": self.urls[key] or _CONTENTS,
        }

    def _address(self, asset: Asset) -> str | None:
        """Return the address of a picture, None if its words are to stand for it."""
        if self.pictures == "none":
            return None
        if self.pictures == "remote" and asset.source:  # a formula that we drew has none, and goes along
            return web_url(asset.source) if asset.source.startswith("https://") else None
        return f"cid:{cid(asset)}"


def lay_out(book: Book, options: RenderOptions, mail: MailOptions) -> tuple[Layout, dict[str, str]]:
    """Return the page of a digest, and key → level at which each post is shown so that it fits.

    Raises:
        RenderError: a template is wrong, or a token stands for something that is not in the book.
    """
    assets = {asset.id: asset for asset in book.assets}
    treated = treat_links(book, options)
    articles = treated.articles
    excerpts = [replace(one, html=excerpt(one.html)) for one in articles]
    bodies = {
        "full": _bodies(articles, mail.html_bytes, assets) if mail.posts == "full" else {},
        "excerpt": _bodies(excerpts, mail.html_bytes, assets) if mail.posts != "title" else {},
    }
    cut_short = {one.key for one, short in zip(articles, excerpts, strict=True) if short.html != one.html}
    layout = Layout(
        pieces=email_html.page(treated, options, mail, bodies, cut_short),
        assets=assets,
        urls={article.key: web_url(article.entry.url) for article in articles},
        pictures=mail.pictures,
        said=words_of(book.language, options.templates),
    )
    if not any(piece.levels for piece in layout.pieces):  # a user's template, which shows what it likes
        return layout, dict.fromkeys(layout.urls, mail.posts)
    sizes, fixed = layout.sizes()
    if email_html.unsubscribe(mail):
        fixed += _UNSUBSCRIBE_ROOM
    possible = [
        {level: size for level, size in own.items() if key in bodies.get(level, layout.urls)}
        for key, own in sizes.items()
    ]
    levels = fit(possible, [len(article.html) for article in articles], fixed, mail.html_bytes)
    return layout, dict(zip(layout.urls, levels, strict=True))


def _bodies(articles: Sequence[Article], limit: int, drawn: dict[str, Asset]) -> dict[str, str]:
    """Return key → HTML of those articles that may all stand together in so many bytes: the shortest.

    Pictures of formulas are put into ``drawn``.
    """
    possible = affordable([len(article.html) for article in articles], limit)
    return {articles[at].key: email_html.body(articles[at], drawn) for at in sorted(possible)}
