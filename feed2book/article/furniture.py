"""What classes and ids call a page's furniture: the names that known tools give, and the shape of such names.

A name of a tool says for sure whose the element is. A name like ``post__share-links`` says what it is for, in
a theme's own words; an author may have used the like for prose, so that less may go for it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from feed2book.article.vocabulary import names

_TOOLS: dict[str, str] = {
    "sharing": """sharedaddy sd-sharing sd-sharing-enabled sd-like sd-block sd-social
        jetpack-likes-widget-wrapper wp-block-jetpack-like wp-block-jetpack-sharing-buttons
        wp-block-outermost-social-sharing addtoany_share_save_container addtoany_content addtoany_shortcode
        a2a_kit addthis_toolbox addthis_button addthis_tool addthis_inline_share_toolbox at-below-post
        at-above-post sharethis sharethis-inline-share-buttons st_sharethis ssba ssba-wrap ssbp-wrap
        swp_social_panel swp_social_panelsidebar heateor_sss_sharing_container heateorsssclear essb_links
        simplesocialbuttons ssb-share shareaholic-canvas mashsb-container dpsp-share-buttons-top
        dpsp-networks-btns-wrapper novashare-buttons tweetmeme_button fb-like fb-share-button g-plusone
        flattr-button printfriendly pf-content-button zemanta-pixie fb-follow fb-save scriptlesssocialsharing
        et_social_inline sfsi_widget supsystic-social-sharing sumome-share juiz_sps_links nc_socialpanel
        apss-social-share td-post-sharing cresta-share-icon wpulike wp_ulike share_mastodon
        twitter-share-button twitter-follow-button sqs-share-buttons sassy-social-share jssocials
        social-rocket-inline-buttons tm-ctt-btn tm-ctt-tip bctt-ctt-btn
        jetpack-sharing-buttons__services-list""",
    "related posts": """jp-relatedposts yarpp yarpp-related yarpp-related-rss rp4wp-related-posts crp_related
        wp_rp_wrap nr_related_placeholder zemanta-related zem_rp_wrap linkwithin_div linkwithin_hook outbrain
        taboola wp-block-jetpack-related-posts wp-block-post-navigation-link wp-block-query-pagination
        rpbt_shortcode contextual_related_posts ez-related-posts tptn_posts aicp
        internal-linking-related-contents irp-item inline-related-posts""",
    "subscription": """subscription-widget subscription-widget-wrap subscription-widget-wrap-editor
        captioned-button-wrap button-wrapper paywall-jump substack-post-embed-subscribe
        wp-block-jetpack-subscriptions wp-block-jetpack-subscriptions__container jetpack_subscription_widget
        mc4wp-form mc4wp-form-basic mc_embed_signup mc_embed_shell mc-embedded-subscribe-form
        tnp-subscription convertkit-form formkit-form seva-form kg-signup-card mailpoet_form mailpoet-form
        wp-block-mailchimp buttondown-form embeddable-buttondown-form sib-form ml-embedded ck_form
        newsletter-form-wrapper sqs-block-newsletter beehiiv-embed revue-embed klaviyo-form optinmonster
        om-element hustle-ui hs-cta-wrapper hs-cta-node hs-form follow-it-subscribe""",
    "feed footer": """feedflare feedburnerfeedblock blogger-post-footer wp-rss-footer rss-footer rss_footer
        copyright-notice-feed""",
    "author box": """saboxplugin-wrap pp-multiple-authors-boxes-wrapper molongui-author-box abh_box m-a-box
        ts-fab-wrapper wp-block-post-author-biography wp-block-molongui-author-box""",
    "advertisement": """wpcnt wpa wordads adsbygoogle google-auto-placed code-block-ad""",
    "asks for support": """bmc-button bmc-btn-container kofi-button kofi-button-container btn-container-kofi
        github-sponsor-button liberapay-button""",
    "cookie notice": """cookie-law-info-bar cookieconsent-optout-marketing cookieconsent-optout-statistics
        cookieconsent-optout-preferences cmplz-cookiebanner cmplz-blocked-content-notice eu-cookie-law
        onetrust-banner-sdk cc-window gdpr-cookie-notice wp-block-cookie-notice""",
    "a player's controls": """kg-video-player-container kg-video-overlay kg-audio-player kg-audio-thumbnail
        powerpress_links mejs-controls jp-controls wp-playlist-script""",
    "comments and counters": """disqus_thread dsq-brlink wp-block-comments utterances giscus remark42
        isso-thread webmentions webmention-list cusdis_thread fb-comments tptn_counter wp-postratings
        kk-star-ratings
        span-reading-time rt-reading-time yoast-reading-time__wrapper bsf-rt-reading-time
        wp-block-post-time-to-read""",
}
_BY_TOOL = {name: reason for reason, found in _TOOLS.items() for name in found.split()}

_THEMES: dict[str, str] = {
    "sharing": """social-share social-sharing bookmarks print-link post-actions kudos upvote sharebuttons
        sharebar""",
    "related posts": """relatedposts post-navigation nav-links read-next readnext more-posts
        next-previous-posts post-nav pagination-nav relatedarticles""",
    "subscription": "subscribe-widget paywall newsletterform subscribeform",
    "author box": "about-author",
    "advertisement": "ad-container ad-wrapper advertisement sponsor-ad",
    "comments and counters": """comments-area post-comments nocomments post-views post-ratings edit-link
        post-edit-link readingtime time-to-read""",
}
_BY_THEME = {name: reason for reason, found in _THEMES.items() for name in found.split()}

_BOX = names(
    "area bar block box button buttons btn btns callout card container cta embed footer form group icons"
    " inline items link links list menu panel row section services tool tools toolbox widget wrap wrapper"
)
# Two neighbouring words of a name: what it is about, and what kind of thing it is.
_SHAPES: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("sharing", names("share sharing"), _BOX | names("post article this page us")),
    ("sharing", names("entry post article social"), names("share sharing")),
    (
        "related posts",
        names("related recommended similar"),
        names("posts articles stories entries links reading") | names("post article"),
    ),
    (
        "subscription",
        names("subscribe subscription newsletter signup optin"),
        _BOX | names("signup subscribe"),
    ),
    ("author box", names("author"), names("bio box biography card")),
    ("cookie notice", names("cookie cookies"), names("notice banner consent bar popup")),
    ("comments and counters", names("comment comments"), names("count link form section area respond")),
    ("comments and counters", names("reading read"), names("time")),
)
_WORDS = re.compile(r"[-_]+")


def by_tool(found: list[str]) -> str:
    """Return what a known tool made an element for, by its classes and id (lower case), or ``""``."""
    return next((_BY_TOOL[name] for name in found if name in _BY_TOOL), "")


def by_shape(found: list[str]) -> str:
    """Return what an element seems to be there for, by its classes and id (lower case), or ``""``."""
    return next((reason for name in found if (reason := _by_shape(name))), "")


@lru_cache(maxsize=4096)  # a site has few names, and they come in each of its posts
def _by_shape(name: str) -> str:
    if name in _BY_THEME:
        return _BY_THEME[name]
    words = _WORDS.split(name[:100])
    for first, second in pairwise(words):
        for reason, about, kind in _SHAPES:
            if first in about and second in kind:
                return reason
    return ""
