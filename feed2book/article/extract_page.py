"""The recipe: a page is decoded, mended by its site's rule, parsed once, and read."""

from __future__ import annotations

import re

from bs4.dammit import UnicodeDammit
from lxml import etree, html

from feed2book.article.extract import Extract, Page
from feed2book.article.extract_facts import facts
from feed2book.article.extract_links import following
from feed2book.article.extract_locate import UNREAD, locate, runs
from feed2book.article.extract_rules import elements_of, first_address, first_text, strip
from feed2book.article.text import count_words, is_blank, legible
from feed2book.article.urls import absolute
from feed2book.models.addresses import canonical

MAX_ELEMENTS = 30_000  # at worst, trafilatura takes a fifth of a millisecond for each

_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|article|div|p|title|meta)\b", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml[^<>]*\?>")
_ERROR = re.compile(r"\b(?:404|(?:page )?not found|access denied|just a moment)\b", re.IGNORECASE)
_WALL = re.compile(r"\"isAccessibleForFree\"\s*:\s*\"?false", re.IGNORECASE)  # schema.org, on paywalls


def extract_page(page: Page) -> Extract:
    """Return what a page gives; see :func:`feed2book.article.extract.extract`."""
    text = _decoded(page)
    if not _HTML.search(text[:5000]):
        return Extract(trouble="its address leads to no web page")
    if text.count("<") > 2 * MAX_ELEMENTS:  # of start tags and end tags
        return Extract(trouble="its page is too large to be read")
    root = html.document_fromstring(text)
    base = absolute(next((tag.get("href") or "" for tag in root.iter("base")), ""), page.url) or page.url
    single = first_address(root, page.rule.single_page, base)
    if single and canonical(single) != canonical(page.url):
        return Extract(single=single)
    if not _speaks_of(root, page.told):
        return Extract(trouble="its address leads to a page that says nothing of it (a wall, or an error)")
    told = facts(root, page.url, base, page.rule)
    onward = first_address(root, page.rule.next_page, base)
    onward = onward or following(root, page.first or page.url, page.number, base)
    articles = _articles(root, page)
    markup = "\n".join(_written(article, base) for article in articles)
    words = count_words(" ".join(part for article in articles for part in article.itertext()))
    if not markup:
        return Extract(trouble="no article was found in its page")
    return Extract(markup, words, base, following=onward, walled=bool(_WALL.search(text)), **told)


def _decoded(page: Page) -> str:
    """Return the page as text: as its bytes begin, as the server says, as the page says, as it looks."""
    read = UnicodeDammit(page.body, [page.charset] if page.charset else [], is_html=True)
    text = _DECLARATION.sub("", read.unicode_markup or "", count=1)
    for find, put in page.rule.replace:
        text = text.replace(find, put)
    return legible(text)


def _speaks_of(root: html.HtmlElement, told: tuple[str, ...]) -> bool:
    """Say whether a page has anything of what the feed says of the post: a few words of it in a row."""
    title = first_text(root, ("//title",))
    told = tuple(part for part in told if not is_blank(part))
    if not told:
        return not _ERROR.search(title)
    texts = (
        text for tag in root.iter(etree.Element) if tag.tag not in UNREAD for text in (tag.text, tag.tail)
    )
    described = (tag.get("content") for tag in root.iter("meta"))
    said = " ".join(filter(None, (title, *texts, *described)))
    wanted = [runs(part) or runs(part, 2) or runs(part, 1) for part in told]  # a title may be a single word
    return any(not few.isdisjoint(runs(said, len(next(iter(few))))) for few in wanted if few)


def _articles(root: html.HtmlElement, page: Page) -> list[html.HtmlElement]:
    """Return the elements that are the article: those of the site's rule, else the one that is found."""
    rule = page.rule
    articles = elements_of(root, rule.body)
    if not articles:
        if rule.body and not rule.fallback:
            return []
        strip((), root, rule.strip)
        found = locate(root, page.url)
        return [] if found is None else [found]
    strip(articles, root, rule.strip)
    for article in articles:
        etree.strip_elements(article, *UNREAD, with_tail=False)
    return articles


def _written(article: html.HtmlElement, base: str) -> str:
    """Return the markup of an article, its links absolute but for those within the page."""
    article.rewrite_links(
        lambda link: link if link.startswith("#") else absolute(link, base) or link, resolve_base_href=False
    )
    return str(html.tostring(article, encoding="unicode", with_tail=False))
