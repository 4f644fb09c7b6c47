"""Sharing bars, related posts, subscription boxes, advertisements, feed footers — never prose.

Each rule looks for what a known tool writes. A rule that would take out more than a little text refuses
(:meth:`Draft.drop_junk`).
"""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.text import collapse, count_words
from feed2book.article.tree import attached, attribute, elements, shows, text_of, tokens
from feed2book.article.urls import absolute, valid_link
from feed2book.article.vocabulary import HEADINGS

_REASONS: dict[str, str] = {
    "sharing": """sharedaddy sd-sharing
        sd-sharing-enabled sd-like jetpack-likes-widget-wrapper sharing-buttons
        addtoany_share_save_container addtoany_content addtoany_shortcode a2a_kit
        addthis_toolbox addthis_button
        sharethis sharethis-inline-share-buttons st_sharethis social-share social-sharing share-buttons
        share-button share-bar share-post entry-share post-share post-sharing ssba ssba-wrap ssbp-wrap
        swp_social_panel heateor_sss_sharing_container heateorsssclear essb_links simplesocialbuttons
        ssb-share shareaholic-canvas mashsb-container dpsp-share-buttons-top novashare-buttons
        twitter-share-button tweetmeme_button fb-like fb-share-button g-plusone flattr-button
        wp-block-jetpack-sharing-buttons wp-block-outermost-social-sharing bookmarks print-link printfriendly
        pf-content-button post-actions zemanta-pixie""",
    "related posts": """jp-relatedposts yarpp yarpp-related yarpp-related-rss rp4wp-related-posts
        related-posts relatedposts related_posts crp_related wp_rp_wrap nr_related_placeholder zemanta-related
        zem_rp_wrap linkwithin_div linkwithin_hook related-articles post-navigation nav-links outbrain
        taboola""",
    "subscription": """subscription-widget subscription-widget-wrap subscription-widget-wrap-editor
        subscribe-widget wp-block-jetpack-subscriptions wp-block-jetpack-subscriptions__container
        jetpack_subscription_widget mc4wp-form mc4wp-form-basic mc_embed_signup mc_embed_shell
        newsletter-signup newsletter-form newsletter-subscribe subscribe-form subscribe-box
        tnp-subscription convertkit-form formkit-form kg-signup-card button-wrapper
        captioned-button-wrap mailpoet_form paywall-jump""",
    "feed footer": """feedflare feedburnerfeedblock blogger-post-footer wp-rss-footer rss-footer rss_footer
        copyright-notice-feed""",
    "advertisement": """wpcnt wpa wordads adsbygoogle google-auto-placed ad-container ad-wrapper
        advertisement code-block-ad sponsor-ad""",
    "comments and counters": """disqus_thread comments-link comment-count comment-link post-comments
        nocomments tptn_counter post-views post-ratings wp-postratings kk-star-ratings edit-link
        post-edit-link reading-time post-reading-time span-reading-time rt-reading-time""",
}
_TOKENS = {name: reason for reason, names in _REASONS.items() for name in names.split()}

_BUTTON_TEXT = re.compile(
    r"(?:share|tweet|like|pin it|subscribe(?: now)?|leave a comment|comments?|sign up|follow)[.!]?"
    r"(?: this post| on \w+)?",
    re.IGNORECASE,
)
_BUTTONS = frozenset({"wp-block-button", "button", "btn", "kg-button-card", "wp-block-button__link"})

_SHARE_HREF = re.compile(
    r"https?://(?:www\.)?(?:twitter\.com/(?:share|intent/(?:tweet|like|retweet|follow|favorite))|x\.com/intent/(?:post|tweet)|facebook\.com/sharer|reddit\.com/submit"
    r"|linkedin\.com/share|pinterest\.com/pin/create|api\.whatsapp\.com/send|t\.me/share"
    r"|news\.ycombinator\.com/submitlink|addtoany\.com/|del\.icio\.us/post|digg\.com/submit"
    r"|stumbleupon\.com/submit|feeds\.feedburner\.com/~f)",
    re.IGNORECASE,
)

# The Yoast line and its translations, written by plugins under every post of a feed.
_APPEARED = re.compile(
    r"(?:the post .{1,300} (?:appeared first|first appeared) on .{1,200}"
    r"|(?:der beitrag|dieser beitrag) .{1,300} erschien zuerst auf .{1,200}"
    r"|(?:l.article|cet article) .{1,300} est apparu en premier sur .{1,200}"
    r"|la entrada .{1,300} (?:aparece primero|se publicó primero) en .{1,200}"
    r"|o post .{1,300} apareceu primeiro em .{1,200}"
    r"|l.articolo .{1,300} (?:proviene da|sembra essere il primo su) .{1,200}"
    r"|het bericht .{1,300} verscheen eerst op .{1,200}"
    r"|(?:artykuł|wpis) .{1,300} pochodzi z serwisu .{1,200}"
    r"|сообщение .{1,300} появились? сначала на .{1,200}"
    r"|投稿 .{1,300} は .{1,200} に最初に表示されました。?)",
    re.IGNORECASE | re.DOTALL,
)
_MORE = re.compile(
    r"[\[(…. ]*(?:continue reading|read (?:more|on|the (?:rest|full)|full)|keep reading|more|view original"
    r"|weiterlesen|mehr lesen|lire la suite|en savoir plus|leer más|seguir leyendo|leia mais"
    r"|continua a leggere|leggi tutto|lees verder|читать (?:далее|дальше|полностью)|続きを読む|阅读全文)"
    r"(?P<what> .{1,150}?)??[\]).… →»>›]*",
    re.IGNORECASE,
)
_MORE_CLASSES = frozenset({"more-link", "read-more", "readmore", "continue-reading"})
_TAIL_BLOCKS = frozenset({"p", "div", "footer", "section", "center", *HEADINGS})
_TAIL_WRAPPERS = _TAIL_BLOCKS | {"html", "body", "article", "main"}
_MOST_TAILS = 4


def drop_junk(draft: Draft) -> None:
    """Take out what known sharing, subscription, related-posts and advertising tools write."""
    for tag in draft.elements():
        names = tokens(tag)
        reason = next((_TOKENS[name] for name in names if name in _TOKENS), "")
        if not reason and not _BUTTONS.isdisjoint(names) and _BUTTON_TEXT.fullmatch(collapse(text_of(tag))):
            reason = "sharing"
        if reason and attached(tag, draft.root):
            draft.drop_junk("drop_junk", reason, tag)


def drop_share_links(draft: Draft) -> None:
    """Take out links that post the article elsewhere, and the paragraph that holds nothing else."""
    shares = [tag for tag in draft.elements({"a"}) if _SHARE_HREF.match(attribute(tag, "href").strip())]
    parents: dict[int, tuple[Tag, list[Tag]]] = {}
    for tag in shares:
        if tag.parent is not None:
            parents.setdefault(id(tag.parent), (tag.parent, []))[1].append(tag)
    for parent, links in parents.values():
        alone = sum(count_words(text_of(link)) for link in links) + 2 >= count_words(text_of(parent))
        if alone and parent.name in {"p", "div", "li", "td", "span", "ul"} and len(links) > 1:
            draft.drop_junk("drop_share_links", "sharing", parent)
        else:
            for link in links:
                if count_words(text_of(link)) <= 4:
                    draft.drop_junk("drop_share_links", "sharing", link)


def drop_tails(draft: Draft) -> None:
    """Take out "The post … appeared first on …" and "Continue reading →" at the end of an article."""
    for tag in draft.elements({"a"}):
        if not _MORE_CLASSES.isdisjoint(tokens(tag)) and _MORE.fullmatch(collapse(text_of(tag))):
            draft.drop_junk("drop_tails", "read more", tag)
    for _ in range(_MOST_TAILS):
        tail = _last(draft.root)
        reason = _tail_reason(draft, tail) if tail is not None else ""
        if tail is None or not reason or not draft.drop_junk("drop_tails", reason, tail):
            break


def _tail_reason(draft: Draft, tail: Tag) -> str:
    text = collapse(text_of(tail)) if len(tail.contents) < 100 else ""
    if _APPEARED.fullmatch(text):
        return "feed footer"
    more = _MORE.fullmatch(text)
    links = elements(tail, {"a"}) if more else []
    if more and links and (not more["what"] or _leads_here(draft, links[-1])):
        return "read more"  # "Read more about whales" with a link elsewhere is the author's word
    return ""


def _leads_here(draft: Draft, link: Tag) -> bool:
    address = valid_link(absolute(attribute(link, "href"), draft.base))
    return bool(address) and draft.addresses.find(address) == draft.key


def _last(root: Tag) -> Tag | None:
    """Return the last block that shows something, the innermost one that is nothing but that."""
    node: Tag = root
    while True:
        last = next((child for child in reversed(node.contents) if shows(child)), None)
        if isinstance(last, Tag) and last.name in _TAIL_WRAPPERS:
            node = last
        else:
            return node if node.name in _TAIL_BLOCKS else None


def drop_object_replacements(draft: Draft) -> None:
    """Take out what Word and XML leave behind: elements in namespaces that show nothing."""
    for tag in draft.elements():
        if ":" in tag.name and not shows(tag):
            draft.vanish(tag)
