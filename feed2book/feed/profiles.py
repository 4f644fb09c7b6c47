"""Addresses of people and projects at large sites, whose feeds stand elsewhere: one rule a row.

The rules are the sites' own or widely known, and each is a guess: what is not there any more costs a request,
and then the page itself is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from feed2book.feed.discover import Candidate
from feed2book.models import Response

_NO_OWNERS = (
    "about|apps|collections|contact|explore|features|login|marketplace|orgs|pricing|search|settings|topics"
)
_NO_SERVERS = r"(?:m\.)?youtube|medium|threads|tiktok"  # have names with @, and no feed there


@dataclass(frozen=True, slots=True)
class Profile:
    """Addresses of one form (without scheme and query), and the feeds of what they name, main one first."""

    site: str
    form: re.Pattern[str]
    feeds: tuple[str, ...]


def _profile(site: str, form: str, *feeds: str) -> Profile:
    return Profile(site, re.compile(rf"(?:www\.)?(?!www\.){form}", re.IGNORECASE), feeds)


_TUBE = r"(?:m\.)?youtube\.com"
_VIDEOS = "www.youtube.com/feeds/videos.xml"
_PROJECT = r"github\.com/([\w.-]+)/([\w.-]+)"

PROFILES = (
    _profile("YouTube", rf"{_TUBE}/channel/(UC[\w-]{{22}})(?:/\w+)?", f"{_VIDEOS}?channel_id={{0}}"),
    _profile("YouTube", rf"{_TUBE}/user/([\w.-]+)(?:/\w+)?", f"{_VIDEOS}?user={{0}}"),
    _profile("YouTube", rf"{_TUBE}/playlist\?list=([\w-]+)(?:&.*)?", f"{_VIDEOS}?playlist_id={{0}}"),
    _profile("GitHub", rf"{_PROJECT}/releases", "github.com/{0}/{1}/releases.atom"),
    _profile("GitHub", rf"{_PROJECT}/tags", "github.com/{0}/{1}/tags.atom"),
    _profile("GitHub", rf"{_PROJECT}/commits", "github.com/{0}/{1}/commits.atom"),
    _profile("GitHub", rf"{_PROJECT}/commits/([\w./-]+)", "github.com/{0}/{1}/commits/{2}.atom"),
    _profile(
        "GitHub",
        rf"(?!github\.com/(?:{_NO_OWNERS})/){_PROJECT}",
        "github.com/{0}/{1}/releases.atom",
        "github.com/{0}/{1}/tags.atom",
        "github.com/{0}/{1}/commits.atom",
    ),
    _profile("GitHub", rf"github\.com/(?!(?:{_NO_OWNERS})/?$)([\w-]+)", "github.com/{0}.atom"),
    _profile("GitLab", r"gitlab\.com/([\w.-]+(?:/[\w.-]+)+)/-/tags", "gitlab.com/{0}/-/tags?format=atom"),
    _profile("GitLab", r"gitlab\.com/([\w.-]+(?:/[\w.-]+)*)", "gitlab.com/{0}.atom"),
    _profile("Bluesky", r"bsky\.app/profile/([\w.:-]+)", "bsky.app/profile/{0}/rss"),
    _profile("Reddit", r"(?:old\.)?reddit\.com/r/(\w+)", "www.reddit.com/r/{0}/.rss"),
    _profile("Reddit", r"(?:old\.)?reddit\.com/u(?:ser)?/([\w-]+)", "www.reddit.com/user/{0}/.rss"),
    _profile("Medium", r"medium\.com/(@?[\w.-]+)", "medium.com/feed/{0}"),
    _profile("Medium", r"([\w-]+)\.medium\.com", "{0}.medium.com/feed"),
    _profile("Substack", r"([\w-]+)\.substack\.com(?:/archive)?", "{0}.substack.com/feed"),
    _profile("Tumblr", r"tumblr\.com/(?:blog/)?([\w-]+)", "{0}.tumblr.com/rss"),
    _profile("Tumblr", r"([\w-]+)\.tumblr\.com", "{0}.tumblr.com/rss"),
    _profile("WordPress.com", r"([\w-]+)\.wordpress\.com", "{0}.wordpress.com/feed/"),
    _profile("Blogger", r"([\w-]+)\.blogspot\.com", "{0}.blogspot.com/feeds/posts/default"),
    _profile("Mastodon", rf"(?!(?:{_NO_SERVERS})\.)([\w.-]+\.\w+(?::\d+)?)/@(\w+)", "{0}/@{1}.rss"),
)

_CHANNEL = re.compile(rb'"(?:externalId|channelId)":"(UC[\w-]{22})"')
_YOUTUBE = re.compile(r"https?://(?:www\.|m\.)?youtube\.com/", re.IGNORECASE)


def profile_feeds(address: str) -> tuple[Candidate, ...]:
    """Return the feeds of what an address names, if it has the form of one that we know; ``()`` else."""
    scheme, _, place = address.partition("://")
    if scheme.lower() not in ("http", "https"):
        return ()
    place = place.partition("#")[0]
    bare = place.partition("?")[0].rstrip("/")
    for profile in PROFILES:
        if found := profile.form.fullmatch(bare) or profile.form.fullmatch(place):
            names = [name or "" for name in found.groups()]
            return tuple(
                Candidate(f"{scheme.lower()}://{feed.format(*names)}", f"{profile.site}: {'/'.join(names)}")
                for feed in profile.feeds
            )
    return ()


def channel_feeds(page: Response) -> tuple[Candidate, ...]:
    """Return the feed of the channel that a page of YouTube shows (``/@handle``), whose address has no id."""
    found = _CHANNEL.search(page.body) if _YOUTUBE.match(page.url) else None
    if not found:
        return ()
    channel = found[1].decode()
    return (Candidate(f"https://www.youtube.com/feeds/videos.xml?channel_id={channel}"),)
