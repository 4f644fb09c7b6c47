"""The HTML of a digest: one column of tables, styles in the elements, nothing fetched from anywhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from html import escape

from markupsafe import Markup

from feed2book.errors import RenderError
from feed2book.models import Article, Asset, Book, Formula, MailOptions, RenderOptions, substitute, token
from feed2book.render import templating
from feed2book.render.drawing import draw, in_words, picture
from feed2book.render.email_body import UNSUBSCRIBE
from feed2book.render.email_images import WIDEST
from feed2book.render.email_page import Piece, cut, split

_TEXT = 16  # CSS pixels; the size of our text
_FORMULA_SCALE = 16 / 13.3  # from the size in which formulas are set (see formulas.py) to our text


def page(
    book: Book,
    options: RenderOptions,
    mail: MailOptions,
    bodies: Mapping[str, Mapping[str, str]],
    cut_short: Collection[str],
) -> tuple[Piece, ...]:
    """Return the whole document in pieces, for posts at each level; see :mod:`feed2book.render.email_fit`.

    Addresses of images (``asset:ID``) and of posts (``post:KEY``) are still tokens.

    Args:
        book: what to write.
        options: ``css`` and ``templates`` count here.
        mail: what is attached, and whether one can unsubscribe.
        bodies: level (``full``, ``excerpt``) → key → the post's HTML; some may be missing.
        cut_short: keys of the posts whose excerpt is not the whole post.

    Raises:
        RenderError: a template or a style sheet is wrong.
    """
    values = {
        "book": book,
        "summary": summary(book, options),
        "numbers": {article.key: number for number, article in enumerate(book.articles, 1)},
        "bodies": {
            level: {key: Markup(html) for key, html in found.items()}  # noqa: S704 (cleaned)
            for level, found in bodies.items()
        },
        "cut": cut,
        "cut_short": cut_short,
        "rest": token("rest", ""),
        "attached": attached(mail),
        "unsubscribe": unsubscribe(mail),
        "media": Markup(_media(options)),  # noqa: S704 (a sheet of ours or of the user)
    }
    html = templating.render("email/digest.html", values, options.templates)
    return tuple(split(_inline(html.strip(), options)))


def attached(mail: MailOptions) -> str:
    """Return what is attached, for people to read: ``EPUB, PDF``."""
    return ", ".join(name.upper() for name in mail.attach)


def unsubscribe(mail: MailOptions) -> str:
    """Return what stands for the address where a recipient unsubscribes, ``""`` if one cannot."""
    return UNSUBSCRIBE if mail.unsubscribe_url or mail.unsubscribe_mail else ""


def summary(book: Book, options: RenderOptions) -> str:
    """Return the line that says what is in it: ``6 posts · from 3 feeds · 24 minutes · 2–11 Nov 2026``."""
    said = templating.words_of(book.language, options.templates)
    feeds = len(book.parts)
    facts = (
        said.count("posts", len(book.articles)),
        said.count("feeds", feeds) if feeds > 1 else "",
        said.count("minutes", sum(article.minutes for article in book.articles)),
        said.period(book),
    )
    return " · ".join(filter(None, facts))


def body(article: Article, drawn: dict[str, Asset]) -> str:
    """Return the article's HTML as it stands in a digest; images and links between posts are tokens.

    Its ids carry its key, its headings begin at ``<h3>``, its tables may be scrolled, its pictures fit the
    column. Pictures of formulas that it shows are put into ``drawn``.
    """

    def spell(kind: str, value: str) -> str:
        match kind:
            case "id":
                return anchor(article.key, value)
            case "asset" | "post":
                return token(kind, value)
            case "formula":
                return _formula(article.formulas[int(value)], drawn)
        raise RenderError(f"a digest cannot show {kind} {value!r}", where=article.title)

    html = _HEADING.sub(lambda tag: f"{tag[1]}{int(tag[2]) + 1}", article.html)
    html = _CODE.sub(_plain_code, html)
    html = html.replace("\t", "    ")  # in code; next to no client knows tab-size
    html = html.replace("<table", '<div class="wide"><table').replace("</table>", "</table></div>")
    html = html.replace("<aside", "<div").replace("</aside>", "</div>")  # which some clients do not know
    return substitute(_IMAGE.sub(_fit, html), spell)


def _formula(formula: Formula, drawn: dict[str, Asset]) -> str:
    """Return the picture of a formula on a white ground, at twice its size for sharp screens."""
    drawing = draw(formula)
    if drawing is None:
        return in_words(formula)
    if drawing.name not in drawn:
        drawn[drawing.name] = picture(drawing, 2 * _TEXT)
    width = min(round(drawing.width * _TEXT), WIDEST)
    return (
        f'<img class="maths" src="{token("asset", drawing.name)}" alt="{escape(formula.alt)}"'
        f' width="{width}" style="vertical-align:{-drawing.depth * _TEXT:.0f}px"/>'
    )


# Names of elements are shorter than styles in each of them, and hold on every ground.
_CODE = re.compile(r'<span class="([kcsnd])">([^<>]*)</span>')
_WEIGHTS = {"k": "b", "d": "b", "c": "i"}


def _plain_code(span: re.Match[str]) -> str:
    name = _WEIGHTS.get(span[1])
    return f"<{name}>{span[2]}</{name}>" if name else span[2]


_HEADING = re.compile(r"(</?h)([2-5])\b")
_IMAGE = re.compile(r'<img class="(\w+)"([^<>]*?) width="(\d+)" height="\d+"')


def _fit(image: re.Match[str]) -> str:
    # Without a height the picture keeps its proportions wherever it is scaled, also where
    # ``height: auto`` is not understood, and an absent one leaves no hole.
    kind, width = image[1], int(image[3])
    if kind == "formula":
        width = round(width * _FORMULA_SCALE)
    return f'<img class="{kind}"{image[2]} width="{min(width, WIDEST)}"'


def anchor(key: str, fragment: str = "") -> str:
    """Return the id, in the whole document, of a post or of a place in it (no white space: HTML)."""
    return f"{key}-{_BLANK.sub('_', fragment)}" if fragment else key


_BLANK = re.compile(r"\s")


def _media(options: RenderOptions) -> str:
    sheet = templating.render("css/email-media.css", {}, options.templates)
    if "@" in options.css:  # a user's media rules would be lost by inlining alone
        sheet += options.css
    return sheet.replace("</", "<\\/").strip()


def _inline(html: str, options: RenderOptions) -> str:
    import css_inline

    sheet = templating.render("css/email.css", {}, options.templates) + options.css
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=sheet)
    try:
        inlined = inliner.inline(html)
    except css_inline.InlineError as error:
        raise RenderError(f"style sheet error: {error}", where="css/email.css") from error
    return inlined.replace(' data-css-inline="keep"', "", 1)
