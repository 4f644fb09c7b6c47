"""Figures with their captions, and galleries as sequences of figures."""

from __future__ import annotations

from bs4.element import NavigableString, Tag

from feed2book.article.draft import Draft
from feed2book.article.text import count_words, is_blank
from feed2book.article.tree import elements, inside, text_of, tokens
from feed2book.article.vocabulary import names

_TABLE_PARTS = frozenset({"thead", "tbody", "tr", "td", "th"})
_CAPTIONS = names(
    "caption figcaption figure-caption image-caption img-caption photo-caption picture-caption pic-caption "
    "media-caption wp-caption-text wp-caption-dd gallery-caption tiled-gallery-caption "
    "article-figure-caption image-caption-wrapper"
)
_MOST_WORDS = 80  # in a caption that only its class tells
_GALLERIES = names(
    "gallery wp-block-gallery blocks-gallery-grid tiled-gallery kg-gallery-card image-gallery "
    "wp-block-jetpack-tiled-gallery wp-block-jetpack-slideshow_swiper-wrapper photo-gallery"
)
_PICTURE = frozenset({"img", "picture", "a", "span", "p", "div", "figure", "br"})


def name_captions(draft: Draft) -> None:
    """Make figures of what WordPress, Blogger and others build of divisions and tables around a picture."""
    for tag in draft.marked():
        found = tokens(tag)
        if "wp-caption" in found and tag.name in {"div", "dl"}:
            draft.rename(tag, "figure")
        elif "tr-caption-container" in found and tag.name == "table":
            for part in elements(tag, _TABLE_PARTS):
                draft.rename(part, "figcaption" if "tr-caption" in tokens(part) else "div")
            draft.rename(tag, "figure")
        elif not _CAPTIONS.isdisjoint(found) and tag.name in {"p", "div", "span", "dd", "small", "em"}:
            _name_caption(draft, tag)


def _name_caption(draft: Draft, tag: Tag) -> None:
    """Make a caption of what its class calls one: in a figure, or right after a picture."""
    if inside(tag, {"figcaption"}) or count_words(text_of(tag)) > _MOST_WORDS or elements(tag, {"img"}):
        return
    if inside(tag, {"figure"}) or "tiled-gallery-caption" in tokens(tag):
        draft.rename(tag, "figcaption")
        return
    before = _before(tag)
    if before is None or before.name not in {"p", "div"} or not _is_picture(before):
        return
    caption = draft.new("figcaption")
    caption.extend(list(tag.contents))
    draft.rename(before, "figure")
    before.append(caption)
    draft.change(tag, "span", "")


def _before(tag: Tag) -> Tag | None:
    """Return the element right before ``tag``, if only white space is between them."""
    node = tag.previous_sibling
    while isinstance(node, NavigableString) and is_blank(node):
        node = node.previous_sibling
    return node if isinstance(node, Tag) else None


def _is_picture(tag: Tag) -> bool:
    inner = elements(tag)
    return (
        is_blank(text_of(tag))
        and sum(child.name == "img" for child in inner) == 1
        and all(child.name in _PICTURE for child in inner)
    )


def line_up_galleries(draft: Draft) -> None:
    """Make a figure of each picture in a gallery, one after the other; the gallery itself goes.

    Its own caption comes after them as a paragraph.
    """
    for tag in draft.elements():
        if not tag.attrs and tag.name != "figure":
            continue
        found = tokens(tag)
        if "tiled-gallery-item" in found and tag.name == "div":
            draft.rename(tag, "figure")
        nested = tag.name == "figure" and len(elements(tag, {"figure"})) > 1
        if (not nested and _GALLERIES.isdisjoint(found)) or not elements(tag, {"img"}):
            continue
        draft.rename(tag, "div")
        for img in elements(tag, {"img"}):  # their sizes only lay out the gallery
            img.attrs.pop("width", None), img.attrs.pop("height", None)
        for part in elements(tag, {"ul", "ol", "li", "dl", "dt", "dd"}):
            _name_part(draft, part)
        for child in tag.contents:
            if isinstance(child, Tag) and child.name == "figcaption":
                draft.rename(child, "p")


def _name_part(draft: Draft, part: Tag) -> None:
    """The lists that galleries are made of (``ul``, or ``dl`` with the picture in ``dt``) only lay out."""
    if part.name == "dl" and elements(part, {"img"}):
        draft.rename(part, "figure")
    elif part.name == "dd" and part.parent is not None and part.parent.name == "figure":
        draft.rename(part, "figcaption")
    else:
        draft.rename(part, "div")
