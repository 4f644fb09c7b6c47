"""Sharing bars, related posts, subscription boxes, advertisements, feed footers — never prose.

Each rule looks for what a tool writes (:mod:`..furniture`). A rule that would take out more than a little
text refuses (:meth:`Draft.drop_junk`).
"""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.furniture import by_shape, by_tool
from feed2book.article.text import collapse, count_words
from feed2book.article.tree import attached, attribute, elements, shows, text_of, tokens

_BUTTON_TEXT = re.compile(
    r"(?:share|tweet|like|pin it|subscribe(?: now)?|leave a comment|comments?|sign up|follow"
    r"|(?:click to )?tweet(?: this| it)?)[.!]?"
    r"(?: this post| on \w+)?",
    re.IGNORECASE,
)
_BUTTONS = frozenset({"wp-block-button", "button", "btn", "kg-button-card", "wp-block-button__link"})

_SHARE_HREF = re.compile(
    r"https?://(?:www\.)?(?:twitter\.com/(?:share|intent/(?:tweet|like|retweet|follow|favorite))|x\.com/intent/(?:post|tweet)|facebook\.com/sharer|reddit\.com/submit"
    r"|linkedin\.com/share|pinterest\.com/pin/create|api\.whatsapp\.com/send|t\.me/share"
    r"|news\.ycombinator\.com/submitlink|addtoany\.com/|del\.icio\.us/post|digg\.com/submit"
    r"|stumbleupon\.com/submit|feeds\.feedburner\.com/~f|bsky\.app/intent/compose|threads\.net/intent/post"
    r"|(?:mastodon\.\w{2,10}|mastodonshare\.com|toot\.kytta\.dev|mas\.to)/(?:share)?\?|wa\.me/\?text="
    r"|getpocket\.com/(?:save|edit)|tumblr\.com/(?:share|widgets/share)|vk\.com/share|instapaper\.com/hello2"
    r"|b\.hatena\.ne\.jp/(?:add|entry)|service\.weibo\.com/share|social-plugins\.line\.me/lineit"
    r"|(?:www\.)?xing\.com/(?:spi/shares|app/user\?op=share))|mailto:\?",
    re.IGNORECASE,
)


_PORTAL = re.compile(r"#/portal(?:/|$)")  # Ghost's own doors: sign up, sign in, support
_BOXES = frozenset({"kg-cta-card", "kg-button-card", "kg-header-card"})
_LABEL_WORDS = 4  # of a link that is a button: longer ones say something


def drop_junk(draft: Draft) -> None:
    """Take out what sharing, subscription, related-posts, consent and advertising tools write."""
    for tag in draft.marked():
        found = tokens(tag)
        reason = by_tool(found)
        if reason:
            if attached(tag, draft.root):
                draft.drop_junk("drop_junk", reason, tag, sure=True)
            continue
        reason = by_shape(found)
        if not reason and not _BUTTONS.isdisjoint(found) and _BUTTON_TEXT.fullmatch(collapse(text_of(tag))):
            reason = "sharing"
        if reason and attached(tag, draft.root):
            draft.drop_junk("drop_junk", reason, tag)


def drop_portals(draft: Draft) -> None:
    """Take out Ghost's links to sign up or to pay, and the card around one."""
    for link in draft.elements({"a"}):
        if _PORTAL.search(attribute(link, "href")):
            card = next(
                (node for node in list(link.parents)[:6] if not _BOXES.isdisjoint(tokens(node))), link
            )
            if attached(card, draft.root):
                draft.drop_junk("drop_portals", "subscription", card, sure=card is not link)


def drop_lightbox_words(draft: Draft) -> None:
    """Take out the name and size of the file that Discourse shows on a picture."""
    for tag in draft.elements({"a"}):
        if "lightbox" in tokens(tag):
            for part in tag.find_all("div", class_="meta", recursive=False):
                draft.drop_junk("drop_lightbox_words", "a file's name and size", part)


def drop_share_links(draft: Draft) -> None:
    """Take out links that post the article elsewhere, and the paragraph that holds nothing else.

    Words that are more than a button's label, or stand in a sentence, stay without the link.
    """
    shares = [tag for tag in draft.elements({"a"}) if _SHARE_HREF.match(attribute(tag, "href").strip())]
    parents: dict[int, tuple[Tag, list[Tag]]] = {}
    for tag in shares:
        if tag.parent is not None:
            parents.setdefault(id(tag.parent), (tag.parent, []))[1].append(tag)
    for parent, links in parents.values():
        labels = all(count_words(text_of(link)) <= _LABEL_WORDS for link in links)
        alone = sum(count_words(text_of(link)) for link in links) + 2 >= count_words(text_of(parent))
        if labels and alone and parent.name in {"p", "div", "li", "td", "span", "ul"} and len(links) > 1:
            draft.drop_junk("drop_share_links", "sharing", parent)
            continue
        spoken = count_words(text_of(parent)) > sum(count_words(text_of(link)) for link in links) + 3
        for link in links:
            label = collapse(text_of(link))
            if count_words(label) <= _LABEL_WORDS and not (spoken and not _BUTTON_TEXT.fullmatch(label)):
                draft.drop_junk("drop_share_links", "sharing", link)
            elif not elements(link, {"img"}):
                del link.attrs["href"]


def drop_object_replacements(draft: Draft) -> None:
    """Take out what Word and XML leave behind: elements in namespaces that show nothing."""
    for tag in draft.elements():
        if ":" in tag.name and not shows(tag):
            draft.vanish(tag)
