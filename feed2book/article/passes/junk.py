"""Sharing bars, related posts, subscription boxes, advertisements, feed footers — never prose.

Each rule looks for what a known tool writes. A rule that would take out more than a little text refuses
(:meth:`Draft.drop_junk`).
"""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.text import collapse, count_words
from feed2book.article.tree import attached, attribute, shows, text_of, tokens

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
        pf-content-button post-actions zemanta-pixie twitter-follow-button fb-follow fb-save
        scriptlesssocialsharing et_social_inline sfsi_widget supsystic-social-sharing sumome-share
        juiz_sps_links nc_socialpanel apss-social-share td-post-sharing cresta-share-icon wpulike wp_ulike
        sd-block sd-social post-share-buttons share_mastodon kudos upvote""",
    "related posts": """jp-relatedposts yarpp yarpp-related yarpp-related-rss rp4wp-related-posts
        related-posts relatedposts related_posts crp_related wp_rp_wrap nr_related_placeholder zemanta-related
        zem_rp_wrap linkwithin_div linkwithin_hook related-articles post-navigation nav-links outbrain
        taboola wp-block-jetpack-related-posts wp-block-post-navigation-link wp-block-query-pagination
        rpbt_shortcode contextual_related_posts read-next readnext more-posts next-previous-posts""",
    "subscription": """subscription-widget subscription-widget-wrap subscription-widget-wrap-editor
        subscribe-widget wp-block-jetpack-subscriptions wp-block-jetpack-subscriptions__container
        jetpack_subscription_widget mc4wp-form mc4wp-form-basic mc_embed_signup mc_embed_shell
        newsletter-signup newsletter-form newsletter-subscribe subscribe-form subscribe-box
        tnp-subscription convertkit-form formkit-form kg-signup-card button-wrapper
        captioned-button-wrap mailpoet_form paywall-jump mailpoet-form mc-embedded-subscribe-form
        substack-post-embed-subscribe subscription-form jetpack-subscribe wp-block-mailchimp
        buttondown-form embeddable-buttondown-form sib-form ml-embedded ck_form""",
    "feed footer": """feedflare feedburnerfeedblock blogger-post-footer wp-rss-footer rss-footer rss_footer
        copyright-notice-feed""",
    "author box": """author-box author-bio about-author post-author-bio saboxplugin-wrap
        pp-multiple-authors-boxes-wrapper molongui-author-box abh_box m-a-box ts-fab-wrapper
        wp-block-post-author-biography wp-block-molongui-author-box""",
    "advertisement": """wpcnt wpa wordads adsbygoogle google-auto-placed ad-container ad-wrapper
        advertisement code-block-ad sponsor-ad""",
    "comments and counters": """disqus_thread comments-area wp-block-comments utterances giscus
        comments-link comment-count comment-link post-comments
        nocomments tptn_counter post-views post-ratings wp-postratings kk-star-ratings edit-link
        post-edit-link reading-time post-reading-time span-reading-time rt-reading-time
        yoast-reading-time__wrapper bsf-rt-reading-time read-time""",
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


def drop_object_replacements(draft: Draft) -> None:
    """Take out what Word and XML leave behind: elements in namespaces that show nothing."""
    for tag in draft.elements():
        if ":" in tag.name and not shows(tag):
            draft.vanish(tag)
