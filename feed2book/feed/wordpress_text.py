"""What WordPress makes of a post's text when it shows it: shortcodes, and paragraphs.

Shortcodes (https://codex.wordpress.org/Shortcode_API) that stand for something to read become that: pictures
with captions, galleries, players, code. TeX stays as it is; articles know it. Of those that a plugin would
fill in, what they enclose stays. Other brackets are text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape

from feed2book.feed.paragraphs import with_paragraphs

_SHORTCODE = re.compile(r"\[\[([A-Za-z][^\[\]]*)\]\]|\[(/?)([A-Za-z][\w-]{0,40})((?:[\s=][^\[\]]*)?)/?\]")
_VALUE = re.compile(r"\s([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'/]+))")
_ADDRESS = re.compile(r"https?://[^\s<>\"'\[\]|]+")
_LONE_ADDRESS = re.compile(
    r"<pre\b.*?(?:</pre\s*>|\Z)|^[ \t]*(https?://[^\s<>\"\[\]]+)[ \t]*$",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
_BY_BLOCKS = "<!-- wp:"  # the block editor writes the paragraphs itself
# Whose pages WordPress shows as a player where their address has a line to itself.
_PLAYED = re.compile(
    r"https?://(?:[\w-]+\.)?(?:youtube\.com|youtu\.be|vimeo\.com|dailymotion\.com|dai\.ly|soundcloud\.com|"
    r"spotify\.com|ted\.com|twitch\.tv|wordpress\.tv|videopress\.com)/",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?)(.*)", re.IGNORECASE | re.DOTALL)
_PICTURE_FILE = re.compile(r"\.(?:avif|gif|jpe?g|png|svg|webp)$", re.IGNORECASE)
_LONGEST_ADDRESS = 2_000  # characters
_MOST_SHOWN = 20_000_000  # characters of all galleries; the nine of ``[gallery]`` can stand for thousands
_PAGES = {
    "youtube": "https://www.youtube.com/watch?v=",
    "vimeo": "https://vimeo.com/",
    "wpvideo": "https://videopress.com/v/",
    "videopress": "https://videopress.com/v/",
}
_TEX = frozenset({"latex", "tex", "math", "equation"})
_LAYOUT = frozenset({
    "accordion", "button", "column", "columns", "dropcap", "highlight", "pullquote", "quote", "row",
    "tab", "tabs", "toggle",
})  # fmt: skip
_LANGUAGES = (
    "bash", "c", "cpp", "csharp", "css", "diff", "erlang", "go", "groovy", "haskell", "html", "java",
    "javascript", "js", "matlab", "objc", "perl", "php", "powershell", "python", "r", "ruby", "scala",
    "shell", "sql", "swift", "vb", "xml", "yaml",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a blog: where it is, the number of the post it was put into, its words and caption (HTML)."""

    url: str
    post: str = ""
    words: str = ""
    caption: str = ""


@dataclass(slots=True)
class Attachments:
    """The files of a blog by their numbers, the pictures by the post that they were put into, too.

    ``left`` is how much more, in characters, galleries may show of them.
    """

    numbered: dict[str, Attachment] = field(default_factory=dict)
    pictures: dict[str, list[Attachment]] = field(default_factory=lambda: defaultdict(list))
    left: int = _MOST_SHOWN

    def add(self, number: str, one: Attachment) -> None:
        """Add a file."""
        self.numbered[number] = one
        if _PICTURE_FILE.search(one.url):
            self.pictures[one.post].append(one)


@dataclass(frozen=True, slots=True)
class _Shortcode:
    """A shortcode of ``text``: ``said`` are its attributes as written, ``span`` is what it encloses."""

    name: str
    said: str
    text: str
    span: tuple[int, int] | None

    @property
    def inner(self) -> str:
        return self.text[slice(*self.span)] if self.span else ""

    @property
    def values(self) -> dict[str, str]:
        return {key.lower(): a or b or c for key, a, b, c in _VALUE.findall(self.said)}


def post_markup(text: str, number: str, attachments: Attachments) -> str:
    """Return the HTML that WordPress would show for the text of a post.

    Args:
        text: as the database has it.
        number: the post's number.
        attachments: the files of the blog, for galleries.
    """
    shown = "".join(_expanded(text, number, attachments)) if "[" in text else text
    shown = _LONE_ADDRESS.sub(_lone, shown)
    return shown if _BY_BLOCKS in text else with_paragraphs(shown)


def _lone(match: re.Match[str]) -> str:
    if not match[1]:
        return match[0]
    url = escape(unescape(match[1]))
    return f'<iframe src="{url}"></iframe>' if _PLAYED.match(url) else f'<a href="{url}">{url}</a>'


def _expanded(text: str, number: str, attachments: Attachments) -> Iterator[str]:
    """Yield the pieces of a text, what its shortcodes stand for in their place."""
    found = list(_SHORTCODE.finditer(text))
    ends: dict[str, list[int]] = defaultdict(list)  # by name, as places in ``found``
    for place, match in enumerate(found):
        if match[2]:
            ends[match[3].lower()].append(place)
    opened: set[str] = set()  # of which the start was left out
    done = place = 0
    while place < len(found):
        match = found[place]
        yield text[done : match.start()]
        done, place = match.end(), place + 1
        name = (match[3] or "").lower()
        nth = bisect_left(ends[name], place)
        end = found[ends[name][nth]] if nth < len(ends[name]) else None
        code = _Shortcode(name, match[4] or "", text, (done, end.start()) if end else None)
        if match[1]:  # a shortcode that is talked about
            yield match[0][1:-1] if match[1].split()[0].lower() in _KNOWN else match[0]
        elif match[2]:
            yield "" if name in opened else match[0]
        elif name == "gallery":
            yield "".join(_gallery(code, number, attachments))
        elif (shown := _SHOWN[name](code) if name in _SHOWN else None) is not None:
            yield shown
            if end:
                done, place = end.end(), ends[name][nth] + 1
        elif _is_filled_in(code):
            opened.add(name)
        else:
            yield match[0]
    yield text[done:]


def _is_filled_in(code: _Shortcode) -> bool:
    """Whether a plugin would put something around what it encloses, or in its place."""
    if code.name in _TEX:
        return False
    enclosing = code.span and (code.name in _LAYOUT or "_" in code.name or "-" in code.name)
    return bool(enclosing or code.values)


def _gallery(code: _Shortcode, number: str, attachments: Attachments) -> Iterator[str]:
    numbered = attachments.numbered
    if ids := code.values.get("ids") or code.values.get("include"):
        chosen = [numbered[one] for one in re.split(r"[\s,]+", ids) if one in numbered]
    else:
        chosen = attachments.pictures.get(code.values.get("id", number), [])
    for one in chosen:
        if attachments.left <= 0:
            return
        caption = f"<figcaption>{one.caption}</figcaption>" if one.caption else ""
        figure = f'<figure><img src="{escape(one.url)}" alt="{escape(one.words)}">{caption}</figure>\n'
        attachments.left -= len(figure)
        yield figure


def _caption(code: _Shortcode) -> str | None:
    if not code.span:
        return None
    match = _PICTURE.fullmatch(code.inner)
    picture, words = (match[1], match[2].strip()) if match else (code.inner, "")
    words = words or code.values.get("caption", "")
    return (
        f"<figure>{picture}<figcaption>{words}</figcaption></figure>"
        if words
        else f"<figure>{picture}</figure>"
    )


def _code(code: _Shortcode) -> str | None:
    if not code.span:
        return None
    # The visual editor escapes what stands in it, the other one does not.
    inner = code.inner
    text = inner if "<" in inner else unescape(inner)
    language = code.values.get("language") or code.values.get("lang") or code.name
    kind = f' class="language-{escape(language)}"' if language not in _CODE else ""
    return f"<pre><code{kind}>{escape(text.strip(chr(10)), quote=False)}</code></pre>"


def _player(code: _Shortcode) -> str | None:
    start, end = code.span or (0, 0)
    enclosed = code.text[start : min(end, start + _LONGEST_ADDRESS)]
    addresses = _ADDRESS.findall(unescape(f"{code.said} {enclosed}"))
    url = next((one for one in addresses if not _PICTURE_FILE.search(one)), "")
    if not url and code.name in _PAGES:
        named = re.fullmatch(r"[\s=]*([\w-]{5,40})", code.said)
        ident = code.values.get("id") or (named[1] if named else "")
        url = _PAGES[code.name] + ident if ident else ""
    if not url:
        return None
    tag = code.name if code.name in ("audio", "video") else "iframe"
    return f'<{tag} src="{escape(url)}"></{tag}>'


_CODE = ("code", "plain", "source", "sourcecode", "text")
_SHOWN: dict[str, Callable[[_Shortcode], str | None]] = {
    "caption": _caption,
    "wp_caption": _caption,
    **dict.fromkeys((*_CODE, *_LANGUAGES), _code),
    **dict.fromkeys(("audio", "embed", "soundcloud", "spotify", "ted", "video", *_PAGES), _player),
}
_KNOWN = {"gallery", *_SHOWN}
