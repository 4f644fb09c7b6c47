"""One picture that stands in the markup twice: lazy and in ``noscript``, blurred and sharp, for AMP too."""

from __future__ import annotations

import re

from bs4.element import Tag

from feed2book.article.draft import Draft
from feed2book.article.sources import image_urls, is_placeholder, picture_key
from feed2book.article.text import is_blank
from feed2book.article.tree import ancestor, attached, attribute, elements, inside, text_of, tokens
from feed2book.article.urls import absolute
from feed2book.models import Drop

_NEAR = 30  # images to look at for the double of one in a noscript
_AMP = frozenset({"amp-img", "amp-anim"})
_BLURRED = re.compile(r"(?:^|[-_])(?:blur|blurred|lqip|thumbnail|thumb|preview|placeholder|lowres)(?:$|[-_])")
_PLACES = frozenset({"figure", "picture", "div", "a", "span", "p"})
_FROM_AMP = "data-from-amp"
_DARK_ONLY = "#gh-dark-mode-only"


def name_pictures(draft: Draft) -> None:
    """Make images of what other tools call so: AMP's, and a ``picture`` whose ``img`` is missing."""
    for tag in draft.elements({*_AMP, "picture"}):
        if elements(tag, {"img"}):
            continue
        if tag.name in _AMP:
            draft.change(
                tag, "img", "", **{name: attribute(tag, name) for name in tag.attrs}, **{_FROM_AMP: ""}
            )
        elif elements(tag, {"source"}):
            tag.append(draft.new("img"))


def merge_noscript_doubles(draft: Draft) -> None:
    """Give a lazy image the attributes of its double in a ``noscript`` near it, which goes."""
    before: list[Tag] = []
    keys: dict[int, list[str]] = {}
    for tag in draft.elements({"img", "noscript"}):
        if tag.name == "img":
            if not inside(tag, {"noscript"}):
                before.append(tag)
                keys[id(tag)] = _keys(tag, draft.base)
            continue
        doubles = elements(tag, {"img"})
        if not doubles or not is_blank(text_of(tag)) or not attached(tag, draft.root):
            continue  # with words in it, it is more than a double
        partners = _named(draft, tag, doubles, before[-_NEAR:], keys) or _beside(tag, doubles, before[-1:])
        for double, lazy in zip(doubles, partners, strict=False):
            lazy.attrs = {**lazy.attrs, **double.attrs}
        if partners:
            draft.drops.append(
                Drop("merge_noscript_doubles", "the double of a lazy image", images=len(doubles))
            )
            draft.vanish(tag)


def _named(
    draft: Draft, noscript: Tag, doubles: list[Tag], before: list[Tag], keys: dict[int, list[str]]
) -> list[Tag]:
    """Return the image whose address each of ``doubles`` repeats, or nothing unless all of them do."""
    known = {key: img for img in before for key in keys[id(img)]}
    known |= {key: img for img in _following(noscript) for key in _keys(img, draft.base)}
    partners = [known.get(_key(double, draft.base)) for double in doubles]
    return [img for img in partners if img is not None] if all(partners) else []


def _beside(noscript: Tag, doubles: list[Tag], before: list[Tag]) -> list[Tag]:
    """Return the image that waits beside a ``noscript`` with one in it, or before it in its figure."""
    if len(doubles) > 1:
        return []
    near = [*_nearest(noscript.find_previous_sibling(), -1), *_following(noscript)]
    lazy = next((img for img in near if _is_lazy(img)), None)
    figure = ancestor(noscript, {"figure"})
    if (
        lazy is None
        and figure is not None
        and before
        and any(figure is parent for parent in before[0].parents)
    ):
        lazy = before[0] if _is_lazy(before[0]) or _is_blurred(before[0]) else None
    return [lazy] if lazy is not None else []


def _following(noscript: Tag) -> list[Tag]:
    sibling = noscript.find_next_sibling()
    return _nearest(sibling, 0)


def _nearest(sibling: object, place: int) -> list[Tag]:
    """Return the first (0) or last (-1) image of the element beside a ``noscript``."""
    if not isinstance(sibling, Tag):
        return []
    if sibling.name == "img":
        return [sibling]
    found = elements(sibling, {"img"})
    return [found[place]] if found else []


def _keys(img: Tag, base: str) -> list[str]:
    return [picture_key(url) for url in image_urls(img, base) if not is_placeholder(url)]


def _key(img: Tag, base: str) -> str:
    return picture_key(absolute(attribute(img, "src"), base))


def _is_lazy(img: Tag) -> bool:
    source = attribute(img, "src")
    return (
        not source
        or is_placeholder(source)
        or any(name.startswith(("data-src", "data-lazy", "data-orig")) for name in img.attrs)
        or any("lazy" in name for name in tokens(img))
    )


def _is_blurred(img: Tag) -> bool:
    return any(map(_BLURRED.search, tokens(img))) or attribute(img, "aria-hidden") == "true"


def drop_doubles(draft: Draft) -> None:
    """Take out the second of two images in one place that show the same picture, or its dark form.

    They are the blurred promise and the picture (Medium), the ``img`` and the ``amp-img``, the picture for
    a light and a dark page (GitHub). The same address twice may be meant (two stars of five).
    """
    last: Tag | None = None
    pairs: dict[int, bool] = {}
    for img in draft.elements({"img"}):
        if attribute(img, "src").endswith(_DARK_ONLY):
            draft.drop("drop_doubles", "for a dark page", img)
            continue
        if last is None or not _same(last, img, draft.base) or not _together(last, img, pairs):
            last = img
            continue
        worse = img if _is_blurred(img) or not _is_blurred(last) else last
        last = last if worse is img else img
        if not attribute(last, "alt"):
            last.attrs["alt"] = attribute(worse, "alt")
        draft.drop("drop_doubles", "the double of a lazy image", worse)


def _same(first: Tag, second: Tag, base: str) -> bool:
    repeated = attribute(first, "src") == attribute(second, "src") and _FROM_AMP not in second.attrs
    return not repeated and not set(_keys(first, base)).isdisjoint(_keys(second, base))


def _together(first: Tag, second: Tag, pairs: dict[int, bool]) -> bool:
    """Say whether two images stand in one place, without others and with nothing between them."""
    if _FROM_AMP in second.attrs and second.find_previous_sibling() is first:
        return True
    place = ancestor(second, {"figure"}) or second.parent
    if place is None or place.name not in _PLACES or not any(place is parent for parent in first.parents):
        return False
    if id(place) not in pairs:
        said = sum(len(text_of(caption)) for caption in elements(place, {"figcaption"}))
        pairs[id(place)] = len(elements(place, {"img"})) == 2 and len(text_of(place).strip()) <= said
    return pairs[id(place)]
