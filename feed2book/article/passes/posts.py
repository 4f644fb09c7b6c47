"""Posts of social networks that an article quotes: their text, author, date and link stay, buttons go."""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.cards import Card, put_card
from feed2book.article.draft import Draft
from feed2book.article.passes.embeds import data_of
from feed2book.article.players import Player, recognise
from feed2book.article.text import collapse, count_words
from feed2book.article.tree import attached, attribute, elements, text_of, tokens
from feed2book.article.urls import absolute, valid_link
from feed2book.models import Drop

_QUOTES = frozenset(
    {
        "twitter-tweet",
        "twitter-video",
        "instagram-media",
        "tiktok-embed",
        "mastodon-embed",
        "bluesky-embed",
        "text-post-media",
        "reddit-embed-bq",
        "fb-post",
    }
)
_PLACES = ("data-instgrm-permalink", "data-embed-url", "data-text-post-permalink", "data-href", "cite")
_BLUESKY = re.compile(r"at://(did:[\w:.%-]+)/app\.bsky\.feed\.post/(\w+)")
_POST = re.compile(
    r"https?://(?:(?:www\.|mobile\.)?(?:twitter|x)\.com/\w+/status(?:es)?/\d+|bsky\.app/profile/[^/]+/post/\w+"
    r"|(?:www\.)?instagram\.com/(?:p|reel|tv)/|(?:www\.)?tiktok\.com/@[\w.-]*/video/\d+|[\w.-]+/@[\w.@-]+/\d+"
    r"|(?:www\.)?reddit\.com/r/|(?:www\.)?threads\.net/@[\w.]+/post/|(?:www\.)?facebook\.com/)",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"view (?:this )?(?:post |thread )?(?:more )?on \w+|view post|loading(?:…|\.\.\.)?",
    re.IGNORECASE,
)
_FEW = 3  # words; a post of less is only a way to the post


def quote_posts(draft: Draft) -> None:
    """Keep embedded posts as quotes that lead to the post; one without a text becomes a card."""
    quoted: set[int] = set()
    for tag in draft.elements({"blockquote", "div"}):
        if _QUOTES.isdisjoint(tokens(tag)):
            _quote_substack(draft, tag)
        elif attached(tag, draft.root) and quoted.isdisjoint(map(id, tag.parents)):
            quoted.add(id(tag))
            _quote(draft, tag)


def _quote(draft: Draft, tag: Tag) -> None:
    address = _address(tag, draft.base)
    for part in elements(tag, {"a", "span", "div", "p"}):
        innermost = part.name in {"a", "p"} or not part.find(True, recursive=False)
        if innermost and attached(part, tag) and _BUTTON.fullmatch(collapse(text_of(part))):
            draft.drop("quote_posts", "a button", part)
    if not address:
        return
    if count_words(text_of(tag)) < _FEW and not elements(tag, {"img"}):
        player = recognise(address)
        put_card(draft, tag, Card(Player("Post", player.address, player.thumbnail)))
        return
    if tag.name == "div":
        for inner in tag.find_all("blockquote", recursive=False):  # Facebook quotes inside its box
            draft.rename(inner, "div")
        draft.rename(tag, "blockquote")
    if not _links_there(tag, address, draft.base):
        tag.append(_link(draft, address))


def _address(tag: Tag, base: str) -> str:
    if match := _BLUESKY.fullmatch(attribute(tag, "data-bluesky-uri")):
        return valid_link(f"https://bsky.app/profile/{match[1]}/post/{match[2]}")
    said = [attribute(tag, name) for name in _PLACES]
    links = [attribute(link, "href") for link in reversed(elements(tag, {"a"}))]
    for value in (*said, *links):
        address = valid_link(absolute(value, base)) if value else ""
        if address and (_POST.match(address) or value in said):
            return recognise(address).address if address.startswith("http") else ""
    return ""


def _links_there(tag: Tag, address: str, base: str) -> bool:
    """Say whether a link with words leads to the post."""
    return any(
        valid_link(absolute(attribute(link, "href"), base)).partition("?")[0].rstrip("/")
        == address.partition("?")[0].rstrip("/")
        and collapse(text_of(link))
        for link in elements(tag, {"a"})
    )


def _link(draft: Draft, address: str, words: str = "") -> Tag:
    line = draft.new("p")
    link = draft.new("a", href=address)
    link.append(words or f"Post on {recognise(address).host}")
    line.append(link)
    return line


def _quote_substack(draft: Draft, tag: Tag) -> None:
    """Write the tweet that Substack keeps as JSON in an empty division."""
    if tag.name != "div" or not {"tweet", "twitter-embed"} & set(tokens(tag)):
        return
    said = {name: value for name, value in data_of(tag).items() if isinstance(value, str)}
    address = valid_link(said.get("url", ""))
    text = collapse(said.get("full_text", ""))
    if not address.startswith("http") or not text or _POST.match(address) is None:
        return
    if elements(tag, {"img"}):
        draft.drops.append(Drop("quote_posts", "pictures of a tweet", images=len(elements(tag, {"img"}))))
    draft.change(tag, "blockquote", "")
    line = draft.new("p")
    line.append(text)
    tag.append(line)
    handle = said.get("username", "").lstrip("@")
    author = " ".join(filter(None, (collapse(said.get("name", "")), f"(@{handle})" if handle else "")))
    date = said.get("date", "")[:10]
    foot = _link(draft, address, date if re.fullmatch(r"\d{4}-\d\d-\d\d", date) else "")
    if author:
        foot.insert(0, f"— {author} ")
    tag.append(foot)
