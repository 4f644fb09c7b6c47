"""What is known of players and frames by their addresses: the page to read instead, its kind, a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

from feed2book.article.urls import valid_image, valid_link

PAGE = "Embedded page"
_YOUTUBE = r"https?://(?:www\.|m\.)?(?:youtube(?:-nocookie)?\.com/(?:embed/|v/|shorts/|live/|watch\?(?:.*&)?v=)|youtu\.be/)"


@dataclass(frozen=True, slots=True)
class Player:
    """A thing that was embedded: its ``kind``, the ``address`` that people go to, perhaps a picture."""

    kind: str
    address: str
    thumbnail: str = ""

    @property
    def host(self) -> str:
        """The host as people say it."""
        return (urlsplit(self.address).hostname or "").removeprefix("www.")


# Pattern of the whole address, kind, page, picture. The first that fits is taken; \1 is its first group.
_RULES: tuple[tuple[re.Pattern[str], str, str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind, page, picture)
    for pattern, kind, page, picture in (
        (
            r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed/videoseries|playlist)\?(?:.*&)?list=([\w-]+).*",
            "Videos",
            r"https://www.youtube.com/playlist?list=\1",
            "",
        ),
        (
            _YOUTUBE + r"([\w-]{6,20})(?:[?&#/].*)?",
            "Video",
            r"https://www.youtube.com/watch?v=\1",
            r"https://i.ytimg.com/vi/\1/hqdefault.jpg",
        ),
        (
            r"https?://player\.vimeo\.com/video/(\d+)\?(?:.*&)?h=(\w+).*",
            "Video",
            r"https://vimeo.com/\1/\2",
            "",
        ),
        (r"https?://player\.vimeo\.com/video/(\d+).*", "Video", r"https://vimeo.com/\1", ""),
        (
            r"https?://(?:www\.|geo\.)?dailymotion\.com/(?:embed/video/|player\.html\?video=)(\w+).*",
            "Video",
            r"https://www.dailymotion.com/video/\1",
            r"https://www.dailymotion.com/thumbnail/video/\1",
        ),
        (r"https?://embed(?:-ssl)?\.ted\.com/(talks/[^?#]+).*", "Video", r"https://www.ted.com/\1", ""),
        (r"https?://(?:www\.)?loom\.com/embed/(\w+).*", "Video", r"https://www.loom.com/share/\1", ""),
        (
            r"https?://player\.twitch\.tv/\?(?:.*&)?video=v?(\d+).*",
            "Video",
            r"https://www.twitch.tv/videos/\1",
            "",
        ),
        (r"https?://player\.twitch\.tv/\?(?:.*&)?channel=(\w+).*", "Video", r"https://www.twitch.tv/\1", ""),
        (
            r"https?://clips\.twitch\.tv/embed\?(?:.*&)?clip=([\w-]+).*",
            "Video",
            r"https://clips.twitch.tv/\1",
            "",
        ),
        (r"https?://archive\.org/embed/([^?#]+).*", "Recording", r"https://archive.org/details/\1", ""),
        (
            r"https?://open\.spotify\.com/embed(?:-podcast)?/(\w+/\w+).*",
            "Audio",
            r"https://open.spotify.com/\1",
            "",
        ),
        (
            r"https?://embed\.(podcasts|music)\.apple\.com/([^?#]+(?:\?i=\d+)?).*",
            "Audio",
            r"https://\1.apple.com/\2",
            "",
        ),
        (
            r"https?://(?:video\.wordpress\.com/(?:embed|v)|videopress\.com/(?:embed|v))/(\w+).*",
            "Video",
            r"https://videopress.com/v/\1",
            "",
        ),
        (
            r"https?://fast\.wistia\.(?:net|com)/embed/(?:iframe|medias)/(\w+).*",
            "Video",
            r"https://fast.wistia.net/embed/iframe/\1",
            "",
        ),
        # PeerTube, on any host
        (r"(https?://[\w.-]+)/videos/embed/([\w-]{20,40})(?:[?#].*)?", "Video", r"\1/w/\2", ""),
        (
            r"https?://asciinema\.org/a/(\w+)(?:\.js|/iframe|/embed)(?:[?#].*)?",
            "Recording",
            r"https://asciinema.org/a/\1",
            r"https://asciinema.org/a/\1.svg",
        ),
        (
            r"https?://giphy\.com/embed/(\w+).*",
            "Picture",
            r"https://giphy.com/gifs/\1",
            r"https://media.giphy.com/media/\1/giphy.gif",
        ),
        (
            r"https?://public\.flourish\.studio/(visualisation|story)/(\d+).*",
            "Chart",
            r"https://public.flourish.studio/\1/\2/",
            r"https://public.flourish.studio/\1/\2/thumbnail",
        ),
        (
            r"https?://datawrapper\.dwcdn\.net/(\w+)/?(?:\d+/?)?(?:embed\.js)?(?:[?#].*)?",
            "Chart",
            r"https://datawrapper.dwcdn.net/\1/",
            r"https://datawrapper.dwcdn.net/\1/full.png",
        ),
        (
            r"https?://(?:www\.)?geogebra\.org/material/iframe/id/(\w+).*",
            "Interactive figure",
            r"https://www.geogebra.org/m/\1",
            "",
        ),
        (
            r"https?://(?:www\.)?desmos\.com/(calculator|geometry|3d)/(\w+).*",
            "Interactive figure",
            r"https://www.desmos.com/\1/\2",
            "",
        ),
        (
            r"https?://observablehq\.com/embed/([^?#]+).*",
            "Interactive figure",
            r"https://observablehq.com/\1",
            "",
        ),
        (r"https?://glitch\.com/embed/#!/embed/([\w-]+).*", "Code", r"https://glitch.com/~\1", ""),
        (r"https?://trinket\.io/embed/([^?#]+).*", "Code", r"https://trinket.io/\1", ""),
        (r"https?://t\.me/([\w]+/\d+)(?:\?.*)?", "Post", r"https://t.me/\1", ""),
        (
            r"https?://codepen\.io/([\w-]+)/embed/(?:preview/)?(\w+).*",
            "Code",
            r"https://codepen.io/\1/pen/\2",
            "",
        ),
        (r"https?://codesandbox\.io/embed/([^?#]+).*", "Code", r"https://codesandbox.io/s/\1", ""),
        (r"https?://jsfiddle\.net/([\w/]+?)/embed(?:ded)?/.*", "Code", r"https://jsfiddle.net/\1/", ""),
        (
            r"https?://gist\.github\.com/([\w/-]+?)\.(?:js|pibb)(?:[?#].*)?",
            "Code",
            r"https://gist.github.com/\1",
            "",
        ),
        (
            r"https?://(?:www\.)?instagram\.com/(p|reel|tv)/([\w-]+)(?:[/?#].*)?",
            "Post",
            r"https://www.instagram.com/\1/\2/",
            "",
        ),
        (
            r"https?://platform\.twitter\.com/embed/Tweet\.html\?(?:.*&)?id=(\d+).*",
            "Post",
            r"https://twitter.com/i/status/\1",
            "",
        ),
        (
            r"https?://embed\.bsky\.app/embed/(did:[\w:.%-]+)/app\.bsky\.feed\.post/(\w+).*",
            "Post",
            r"https://bsky.app/profile/\1/post/\2",
            "",
        ),
        (r"(https?://[\w.-]+/@[\w.@-]+/\d+)/embed(?:[/?#].*)?", "Post", r"\1", ""),
        (r"(https?://(?:www\.)?tiktok\.com/)embed/(?:v2/)?(\d+).*", "Video", r"\1@/video/\2", ""),
        (
            r"(https?://(?:drive|docs)\.google\.com/(?:file|document|presentation|spreadsheets)/d/[\w-]+)/(?:preview|embed).*",
            "Document",
            r"\1/view",
            "",
        ),
        (r"(https?://[\w.-]+/.*\.pdf(?:[?#].*)?)", "Document", r"\1", ""),
    )
)

#: Frames that carry the address of what they show in a parameter.
_CARRIERS = re.compile(
    r"https?://(?:w\.soundcloud\.com/player|(?:www\.)?facebook\.com/plugins/|cdn\.embedly\.com/|"
    r"iframely\.net/|cdn\.iframe\.ly/|docs\.google\.com/(?:viewer|gview))",
    re.IGNORECASE,
)
_HOSTS = {
    "Video": """youtube.com youtu.be vimeo.com ted.com dailymotion.com wistia.com wistia.net tiktok.com
        twitch.tv videopress.com streamable.com""",
    "Audio": """spotify.com soundcloud.com bandcamp.com podcasts.apple.com mixcloud.com libsyn.com acast.com
        buzzsprout.com transistor.fm simplecast.com anchor.fm podbean.com megaphone.fm""",
    "Post": "twitter.com x.com bsky.app instagram.com facebook.com threads.net",
    "Code": """gist.github.com codepen.io jsfiddle.net codesandbox.io stackblitz.com replit.com
        editor.p5js.org glitch.com trinket.io""",
    "Map": "openstreetmap.org maps.google.com",
    "Document": "docs.google.com drive.google.com scribd.com slideshare.net speakerdeck.com",
}
_KINDS = {host: kind for kind, hosts in _HOSTS.items() for host in hosts.split()}
_MAPS = re.compile(r"https?://(?:www\.)?google\.[\w.]+/maps", re.IGNORECASE)


def recognise(address: str) -> Player:
    """Return what the valid ``address`` of a frame or player leads to."""
    carried = _carried(address)
    player = _at_time(_known(carried or address), carried or address)
    if carried and not player.thumbnail:
        picture = _parameter(address, "image")
        return Player(player.kind, player.address, valid_image(picture) if picture else "")
    return player


def _at_time(player: Player, address: str) -> Player:
    """Keep the second at which the author lets a video begin."""
    second = _parameter(address, "start") or _parameter(address, "t").removesuffix("s")
    if not player.address.startswith("https://www.youtube.com/watch") or not second.isdecimal():
        return player
    return replace(player, address=f"{player.address}&t={int(second[:6])}s")


def _known(address: str) -> Player:
    for pattern, kind, page, picture in _RULES:
        if match := pattern.fullmatch(address):
            return Player(kind, valid_link(match.expand(page)) or address, match.expand(picture))
    return Player(_kind(address), address)


def _kind(address: str) -> str:
    host = urlsplit(address).hostname or ""
    if _MAPS.match(address):
        return "Map"
    labels = host.split(".")
    names = (".".join(labels[start:]) for start in range(max(0, len(labels) - 3), len(labels)))
    return next((_KINDS[name] for name in names if name in _KINDS), PAGE)


def _carried(address: str) -> str:
    """Return the address inside the address of a frame that only shows another one, or ``""``."""
    if not _CARRIERS.match(address):
        return ""
    found = next(filter(None, (_parameter(address, name) for name in ("url", "href", "src"))), "")
    found = f"https:{found}" if found.startswith("//") else found
    valid = valid_link(found)
    # An API's address is no page to go to.
    return valid if valid.startswith("http") and "//api." not in valid else ""


def _parameter(address: str, name: str) -> str:
    return parse_qs(urlsplit(address).query).get(name, [""])[0]
