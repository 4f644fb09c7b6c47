"""Images: the real ones found, pixels and emoji told from pictures, each made ready for its token."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote_plus

from bs4.element import PageElement, Tag

from feed2book.article.draft import Draft
from feed2book.article.sources import (
    image_urls,
    is_image_file,
    is_placeholder,
    picture_key,
    pixels,
    widths,
)
from feed2book.article.text import collapse, is_blank, shorten
from feed2book.article.tree import ancestor, attribute, elements, shows, text_of, tokens
from feed2book.article.urls import absolute, valid_image
from feed2book.article.vocabulary import BLOCKS, DIVISIONS, HEADINGS
from feed2book.models import Drop, Image

_NEAR = 20  # siblings to look at for text beside an image
_LONGEST_ALT = 200  # characters of a caption that stands for an alternative text
_GOOD_WIDTH = 800  # pixels; what is to be had so wide needs no larger one
_THUMBNAIL = 320  # pixels; what claims to be no wider, and links to the whole picture, is a thumbnail
_WIKI_PAGE = re.compile(r"/(?:wiki/|index\.php\?title=)?(?:File|Image|Datei|Fichier|Archivo):", re.IGNORECASE)
_STYLED_SIZE = re.compile(r"(?<![\w-])(?:width|height)\s*:\s*(\d{1,5}px)")
_SMALL = 64  # pixels; what claims to be no larger is an icon in a line of text

_PIXEL_HOSTS = re.compile(
    r"https?://(?:pixel\.wp\.com|stats\.wordpress\.com|feeds\.wordpress\.com|feeds\.feedburner\.com/~|"
    r"feedproxy\.google\.com/~|[\w.-]*feedsportal\.com|[\w.-]*doubleclick\.net|www\.google-analytics\.com|"
    r"blogger\.googleusercontent\.com/tracker|pixel\.quantserve\.com|b\.scorecardresearch\.com|"
    r"[\w.-]*statcounter\.com|medium\.com/_/stat|pixel\.\w+\.\w+/|rss\.buysellads\.com|a\.rfihub\.com|"
    r"[\w.-]*pheedo\.com|[\w.-]*pheedcontent\.com|ads\.[\w.-]+/|vg\d\d\.met\.vgwort\.de|"
    r"[\w.-]*vgwort\.de/na/|[\w.-]*list-manage\.com/track|[\w.-]+/(?:matomo|piwik)\.php|"
    r"(?:www\.)?facebook\.com/tr\?|[\w.-]*goatcounter\.com/count|eotrx\.substackcdn\.com/open|"
    r"(?:stats|counter|tracking|analytics|matomo|piwik)\.[\w.-]+/)",
    re.IGNORECASE,
)
_EMOJI_SOURCE = re.compile(
    r"s\.w\.org/images/core/emoji|twemoji|/wp-includes/images/smilies|/emoji/|emojipedia|"
    r"s0\.wp\.com/wp-content/mu-plugins/wpcom-smileys",
    re.IGNORECASE,
)
_LONGEST_EMOJI = 12  # characters: families are joined of many
_CODE_POINTS = re.compile(
    r"/(?:emoji_?u)?([0-9a-f]{2,5}(?:[-_][0-9a-f]{2,5}){0,8})\.(?:png|svg|gif)", re.IGNORECASE
)
_FIRST_SYMBOL = 0x2190  # arrows, and all emoji after them; digits and ``#`` begin keycaps
_EMOJI_JOINTS = frozenset(
    {0x200D, 0x20E3, *range(0x30, 0x3A), 0x23, 0x2A, 0xA9, 0xAE, 0x203C, 0x2049, 0x2122, 0x2139}
)
_SMILEY = re.compile(r"[^\w\s]{1,3}[\w)(|/*]?|[xX8][-o^]?[D)(]")
_EMOJI_SIZE = "20"  # pixels, where the markup says nothing: it stands in a line
_EMOJI_CLASSES = frozenset({"emoji", "wp-smiley", "smiley", "twemoji"})
_FORMULA_SOURCE = re.compile(
    r"latex\.php|/latex/|codecogs\.com|/media/math/render|chart\.googleapis\.com/chart\?.*cht=tx|mathtex\.cgi|"
    r"mimetex\.cgi|quicklatex",
    re.IGNORECASE,
)
_FORMULA_CLASSES = frozenset(
    {
        "latex",
        "mwe-math-fallback-image-inline",
        "mwe-math-fallback-image-display",
        "ql-img-inline-formula",
        "ql-img-displayed-equation",
        "tex",
    }
)
_LATEX_PARAMETER = re.compile(r"[?&](?:latex|chl)=([^&]+)")
_BLOCKISH = BLOCKS | DIVISIONS | {"p", *HEADINGS}
_LINE_ENDS = _BLOCKISH | {"br", "hr"}


def replace_emoji(draft: Draft) -> None:
    """Turn emoji that come as images into characters: those of the ``alt``, or those that the file names.

    One that has neither (``:party_parrot:``) stays a small picture.
    """
    for img in draft.elements({"img"}):
        source = attribute(img, "src")
        if not _EMOJI_SOURCE.search(source) and _EMOJI_CLASSES.isdisjoint(tokens(img)):
            continue
        character = _emoji(attribute(img, "alt").strip(), source)
        if character:
            draft.drops.append(Drop("replace_emoji", "now a character", images=1, sample=character))
            draft.change(img, "span", character)
        elif not {"width", "height"} & img.attrs.keys():
            img.attrs.update(width=_EMOJI_SIZE, height=_EMOJI_SIZE)


def _emoji(alt: str, source: str) -> str:
    """Return the character that an image of an emoji stands for, or ``""``."""
    if 0 < len(alt) <= _LONGEST_EMOJI and not alt.isascii():
        return alt
    named = _CODE_POINTS.search(source)
    if named:
        points = [int(point, 16) for point in re.split("[-_]", named[1])]
        if (
            all(point in _EMOJI_JOINTS or point >= _FIRST_SYMBOL for point in points)
            and max(points) <= 0x1FAFF
        ):
            return "".join(map(chr, points))
    return alt if _SMILEY.fullmatch(alt) else ""


def drop_pixels(draft: Draft) -> None:
    """Take out images that only count readers: one pixel large, or from a host that does nothing else."""
    for img in draft.elements({"img"}):
        sizes = [pixels(attribute(img, name)) for name in ("width", "height")]
        sizes += [pixels(value) for value in _STYLED_SIZE.findall(attribute(img, "style"))]
        known = [size for size in sizes if size is not None]
        if known and max(known) <= 2:
            draft.drop("drop_pixels", "one pixel", img)
        elif "data-placeholder-image" in img.attrs:
            draft.drop("drop_pixels", "a placeholder", img)
        elif _PIXEL_HOSTS.match(absolute(attribute(img, "src"), draft.base)):
            draft.drop("drop_pixels", "a counter", img)


def take_images(draft: Draft) -> None:
    """Number the images and note where each can be had; without images, their words stay.

    What the writer needs stays on the element: its number ``n``, its ``kind`` and its ``alt``. An image
    that is nowhere to be had (a file of the author's own, a part of a mail) is noted for its words.
    """
    captions = _captions(draft)
    for img in draft.elements({"img"}):
        urls = image_urls(img, draft.base)
        if all(url.startswith("data:") and is_placeholder(url) for url in urls):
            urls = ()
            if is_blank(attribute(img, "alt")):
                draft.drop("take_images", "an image without an address", img)
                continue
        urls = _with_full_size(img, urls, draft.base)
        caption = captions.get(id(img), "")
        image = _image(img, urls, caption if draft.with_images else "")
        if draft.with_images:
            preview = id(img) in draft.previews
            draft.change(img, "img", "", n=str(len(draft.images)), kind=image.kind, alt=image.alt)
            draft.images.append(replace(image, kind="preview") if preview else image)
            continue
        draft.drops.append(Drop("take_images", "not wanted", images=1, sample=image.alt))
        if image.kind == "formula":
            draft.change(img, "code", image.alt)
        else:
            name = "p" if image.kind == "block" else "span"
            draft.change(img, name, f"[{image.alt}]" if image.alt else "")


def _image(img: Tag, urls: tuple[str, ...], caption: str) -> Image:
    alt = collapse(attribute(img, "alt"))
    if _is_formula(img, urls):
        source = next((match[1] for url in urls if (match := _LATEX_PARAMETER.search(url))), "")
        return Image(urls, alt or collapse(unquote_plus(source)), kind="formula")
    width, height = (pixels(attribute(img, name)) or None for name in ("width", "height"))
    small = any(size is not None and size <= _SMALL for size in (width, height))
    kind = "inline" if _in_line(img, small=small) else "block"
    return Image(
        tuple(dict.fromkeys(urls)), alt or caption, collapse(attribute(img, "title")), width, height, kind
    )


def _captions(draft: Draft) -> dict[int, str]:
    """Return the captions of pictures that have a figure to themselves, by the picture's ``id()``."""
    told: dict[int, str] = {}
    seen: set[int] = set()
    for caption in draft.elements({"figcaption"}):
        figure = caption.parent
        if figure is None or figure.name != "figure" or id(figure) in seen:
            continue
        seen.add(id(figure))
        pictures = elements(figure, {"img"})
        if len(pictures) == 1 and id(pictures[0]) not in draft.previews:
            told.setdefault(id(pictures[0]), shorten(collapse(text_of(caption)), _LONGEST_ALT))
    return told


def _is_formula(img: Tag, urls: tuple[str, ...]) -> bool:
    return not _FORMULA_CLASSES.isdisjoint(tokens(img)) or any(
        _FORMULA_SOURCE.search(url[:500]) for url in urls
    )


def _in_line(img: Tag, *, small: bool) -> bool:
    """Say whether an image stands in a line of text: text before and after it, or small and any text."""
    before = _text_beside(img, "previous_sibling")
    after = _text_beside(img, "next_sibling")
    return (before or after) if small else (before and after)


def _text_beside(img: Tag, direction: str) -> bool:
    """Say whether text follows on one side before the line ends, in the inline elements around too."""
    node: Tag = img
    while True:
        sibling = getattr(node, direction)
        for _ in range(_NEAR):
            found = _reading(sibling)
            if found is not None:
                return found
            if sibling is None:
                break
            sibling = getattr(sibling, direction)
        if node.parent is None or node.parent.name in _BLOCKISH:
            return False
        node = node.parent


def _reading(node: PageElement | None) -> bool | None:
    """Say whether ``node`` is text (True), ends the line (False), or shows nothing (None)."""
    if isinstance(node, Tag):
        if node.name in _LINE_ENDS or elements(node, _LINE_ENDS):
            return False
        return not is_blank(text_of(node)) if shows(node) else None
    return None if node is None or is_blank(str(node)) else True


def _with_full_size(img: Tag, urls: tuple[str, ...], base: str) -> tuple[str, ...]:
    """Add the picture that an image links to: another place to have it from, the first if it was a thumbnail.

    A thumbnail then loses its size, which the whole picture is not bound to.
    """
    link = ancestor(img, {"a"})
    address = valid_image(absolute(attribute(link, "href"), base)) if link is not None else ""
    if not address or not is_image_file(address) or _WIKI_PAGE.search(address):
        return urls
    width = pixels(attribute(img, "width")) or 0
    same = picture_key(address) in map(picture_key, urls)
    if not same or width >= _GOOD_WIDTH or _claims_more(img):
        return (*urls, address) if urls else urls
    if 0 < width <= _THUMBNAIL:
        img.attrs.pop("width"), img.attrs.pop("height", None)
    return (address, *urls)


def _claims_more(img: Tag) -> bool:
    """Say whether the image itself is to be had in a good size."""
    return any(width >= _GOOD_WIDTH for width in widths(img))
